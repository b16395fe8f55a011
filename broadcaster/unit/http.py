"""What a unit gets from the hub over HTTP: clips and plans, and the door through which it joins.

Mobile networks break off in the middle: what came so far is on the disk, and the next try asks for the rest
(RFC 9110, 14.2: `Range`, `Content-Range`).

Connections wait in threads of their own (`lines`), for a library that speaks asyncio holds 12 MB, a sixth of
what a unit may have. The loop is never held up, and to cancel a request is to hang up.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPResponse
from pathlib import Path
from typing import BinaryIO, Protocol, Self, TypeVar

from broadcaster.unit.lines import Call, Lines, NotFetched

__all__ = ["FORCED_EVERY", "Http", "HubHttp", "NotFetched"]

_SILENCE = 20.0
"""Seconds without a byte after which a connection is given up."""
FORCED_EVERY = 1 << 18
"""Bytes of a part that are forced to the disk together: what a power cut may cost."""
_LONGEST_ANSWER = 1 << 16
_AT_ONCE = 4

_T = TypeVar("_T")


class Http(Protocol):
    """A way to the files of the hub."""

    @property
    def used(self) -> int:
        """Bytes that all of it has cost so far, packet headers and all: what a SIM card pays for."""
        ...

    async def fetch(self, url: str, part: Path, *, most: int) -> None:
        """Bring the file `part` to its end: from where it stopped if the hub will, from the start otherwise.

        A part of which the hub has no more is at its end; its hash will tell whether it is right. Not more
        than `most` bytes. Raises NotFetched (what came is kept), OSError from the disk.
        """
        ...


class HubHttp:
    """Connections to the hub's HTTP server: `async with HubHttp() as http`."""

    def __init__(self, *, silence: float = _SILENCE) -> None:
        self._lines = Lines(silence)
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="http")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._lines.close()
        self._threads.shutdown(wait=False)

    @property
    def used(self) -> int:
        """See `Http`."""
        return self._lines.used

    async def fetch(self, url: str, part: Path, *, most: int) -> None:
        """See `Http`. Once it has raised, CancelledError too, `part` is written to no more."""
        call = Call(self._lines, url)
        await self._beside(call, lambda: _fetch(call, part, most))

    async def post(self, url: str, body: bytes) -> tuple[int, bytes]:
        """HTTP status and the answer's bytes. Raises NotFetched."""
        call = Call(self._lines, url)
        return await self._beside(call, lambda: _post(call, body))

    async def _beside(self, call: Call, work: Callable[[], _T]) -> _T:
        coming = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(coming)
        except asyncio.CancelledError:
            if call.hang_up():
                await asyncio.wait({coming})
            if not coming.cancel() and not coming.cancelled():
                coming.exception()  # nobody asks for it any more
            raise


class _TooMuch(Exception):
    pass


def _post(call: Call, body: bytes) -> tuple[int, bytes]:
    with call.asked("POST", {"Content-Type": "application/json"}, body) as answer:
        came = bytearray()
        for piece in call.pieces(answer):
            came += piece
            if len(came) > _LONGEST_ANSWER:
                raise NotFetched(f"{call.url}: an answer of more than {_LONGEST_ANSWER} bytes")
        return answer.status, bytes(came)


def _fetch(call: Call, part: Path, most: int) -> None:
    have = part.stat().st_size if part.exists() else 0
    with call.asked("GET", {"Range": f"bytes={have}-"} if have else {}) as answer:
        if answer.status == 416:
            return
        begin = _begin_of(call, answer, have)
        try:
            _write(call, answer, part, begin, most)
        except _TooMuch:
            part.unlink(missing_ok=True)
            raise NotFetched(f"{call.url}: more than the {most} bytes it may have") from None


def _begin_of(call: Call, answer: HTTPResponse, have: int) -> int:
    """Which byte the answer begins with. Raises NotFetched."""
    if answer.status == 200:
        return 0
    if answer.status != 206:
        raise NotFetched(f"{call.url}: the hub says {answer.status} {answer.reason}")
    sent = answer.headers.get("Content-Range", "")
    if not sent.startswith(f"bytes {have}-"):
        raise NotFetched(f"{call.url}: asked for the bytes from {have} on, the hub sent {sent or 'others'}")
    return have


def _write(call: Call, answer: HTTPResponse, part: Path, begin: int, most: int) -> None:
    """Write what comes, and force it to the disk: also what came before the connection broke."""
    if begin + (answer.length or 0) > most:
        raise _TooMuch
    with part.open("r+b" if begin else "wb") as file:
        file.seek(begin)
        try:
            for piece in call.pieces(answer):
                begin += len(piece)
                if begin > most:
                    raise _TooMuch
                _write_forced(file, piece)
        finally:
            _force(file)


def _write_forced(file: BinaryIO, piece: bytes) -> None:
    """Write it, and no byte behind a multiple of `FORCED_EVERY` before all that comes before it is forced."""
    while piece:
        left = FORCED_EVERY - file.tell() % FORCED_EVERY
        file.write(piece[:left])
        if len(piece) >= left:
            _force(file)
        piece = piece[left:]


def _force(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
