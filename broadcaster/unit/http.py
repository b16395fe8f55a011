"""What a unit gets from the hub over HTTP: clips and plans, and the door through which it joins.

The one place of a unit that knows aiohttp. Mobile networks break off in the middle: what came so far is on
the disk, and the next try asks for the rest (RFC 9110, 14.2: `Range`, `Content-Range`).
"""

import asyncio
import os
from pathlib import Path
from typing import BinaryIO, Protocol, Self

import aiohttp

__all__ = ["Http", "HubHttp", "NotFetched"]

_CONNECTING = 10.0
_SILENCE = 20.0
"""Seconds without a byte after which a connection is given up."""
_PIECE = 1 << 16
_LONGEST_ANSWER = 1 << 16


class NotFetched(Exception):
    """It did not come, or not all of it: try again later. The text says why."""


class Http(Protocol):
    """A way to the files of the hub."""

    async def fetch(self, url: str, part: Path, *, most: int) -> None:
        """Bring the file `part` to its end: from where it stopped if the hub will, from the start otherwise.

        A part of which the hub has no more is at its end; its hash will tell whether it is right. Not more
        than `most` bytes. Raises NotFetched (what came is kept), OSError from the disk.
        """
        ...


class HubHttp:
    """Connections to the hub's HTTP server: `async with HubHttp() as http`."""

    def __init__(self, *, silence: float = _SILENCE) -> None:
        limits = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECTING, sock_read=silence)
        self._session = aiohttp.ClientSession(timeout=limits, auto_decompress=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def fetch(self, url: str, part: Path, *, most: int) -> None:
        """See `Http`."""
        have = part.stat().st_size if part.exists() else 0
        asked = {"Range": f"bytes={have}-"} if have else {}
        try:
            async with self._session.get(url, headers=asked) as answer:
                if answer.status == 416:
                    return
                begin = _begin_of(answer, have)
                with part.open("r+b" if begin else "wb") as file:
                    file.seek(begin)
                    await _poured(answer, file, most - begin)
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise NotFetched(f"{url}: {str(fault) or 'the hub does not answer'}") from fault
        except _TooMuch as fault:
            part.unlink(missing_ok=True)
            raise NotFetched(f"{url}: more than the {most} bytes it may have") from fault

    async def post(self, url: str, body: bytes) -> tuple[int, bytes]:
        """HTTP status and the answer's bytes. Raises NotFetched."""
        kind = {"Content-Type": "application/json"}
        try:
            async with self._session.post(url, data=body, headers=kind) as answer:
                return answer.status, await answer.content.read(_LONGEST_ANSWER)
        except (aiohttp.ClientError, TimeoutError, ValueError) as fault:
            raise NotFetched(f"{url}: {str(fault) or 'no answer'}") from fault


class _TooMuch(Exception):
    pass


def _begin_of(answer: aiohttp.ClientResponse, have: int) -> int:
    """Which byte the answer begins with. Raises NotFetched."""
    if answer.status == 200:
        return 0
    if answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-"):
        return have
    raise NotFetched(f"{answer.url}: the hub says {answer.status} {answer.reason}")


async def _poured(answer: aiohttp.ClientResponse, file: BinaryIO, most: int) -> None:
    """Write what comes, and force it to the disk: also what came before the connection broke."""
    try:
        async for piece in answer.content.iter_chunked(_PIECE):
            most -= len(piece)
            if most < 0:
                raise _TooMuch
            file.write(piece)
    finally:
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())
