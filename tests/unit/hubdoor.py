"""A hub's HTTP server on the loopback, good or bad as wanted, and the same without a network."""

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Self

from aiohttp import web

from broadcaster.domain.names import ClipId
from broadcaster.unit.http import NotFetched

__all__ = ["DoorOnLoopback", "PaperDoor", "named"]


def named(content: bytes) -> ClipId:
    """The name of a clip of these bytes."""
    return ClipId(hashlib.sha256(content).hexdigest())


class DoorOnLoopback:
    """Serves `clips`. `breaks_after`: bytes after which the connection breaks, once. `ranges`: whether it
    can go on in the middle. `says`: a status for everything."""

    def __init__(self) -> None:
        self.clips: dict[str, bytes] = {}
        self.breaks_after: int | None = None
        self.ranges = True
        self.says: int | None = None
        self.asked: list[tuple[str, str]] = []
        self.doors: dict[str, Callable[[bytes], tuple[int, bytes]]] = {}

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/clips/{name}", self._clip)
        app.router.add_post("/join/{step}", self._join)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def base(self) -> str:
        return f"{self.url}/clips/"

    def put(self, content: bytes) -> ClipId:
        self.clips[named(content)] = content
        return named(content)

    async def _clip(self, request: web.Request) -> web.StreamResponse:
        name, asked = request.match_info["name"], request.headers.get("Range", "")
        self.asked.append((name, asked))
        if self.says is not None:
            return web.Response(status=self.says)
        if name not in self.clips:
            return web.Response(status=404)
        whole, begin, status, headers = self.clips[name], 0, 200, {}
        if asked and self.ranges:
            begin = int(asked.removeprefix("bytes=").removesuffix("-"))
            if begin >= len(whole):
                return web.Response(status=416)
            status = 206
            headers = {"Content-Range": f"bytes {begin}-{len(whole) - 1}/{len(whole)}"}
        body = whole[begin:]
        answer = web.StreamResponse(status=status, headers=headers)
        answer.content_length = len(body)
        await answer.prepare(request)
        if self.breaks_after is not None:
            await answer.write(body[: self.breaks_after])
            self.breaks_after = None
            assert request.transport is not None
            request.transport.close()
            return answer
        await answer.write(body)
        return answer

    async def _join(self, request: web.Request) -> web.Response:
        status, body = self.doors[request.match_info["step"]](await request.read())
        return web.Response(status=status, body=body)


class PaperDoor:
    """`http.Http` without a network: the same promises, from a dictionary."""

    def __init__(self) -> None:
        self.clips: dict[str, bytes] = {}
        self.breaks_after: int | None = None
        self.ranges = True
        self.says: int | None = None
        self.asked: list[tuple[str, str]] = []
        self.takes = 0.0
        """Seconds until anything comes, but for what comes `in_time`."""
        self.in_time: set[str] = set()
        self.base = "paper://clips/"
        self.used = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    def put(self, content: bytes) -> ClipId:
        self.clips[named(content)] = content
        return named(content)

    async def fetch(self, url: str, part: Path, *, most: int) -> None:
        name = url.removeprefix(self.base)
        have = part.stat().st_size if part.exists() else 0
        self.asked.append((name, f"bytes={have}-" if have else ""))
        if self.takes and name not in self.in_time:
            await asyncio.sleep(self.takes)
        if self.says is not None or name not in self.clips:
            raise NotFetched(f"{url}: the hub says {self.says or 404}")
        if not self.ranges:
            have = 0
        if have and have >= len(self.clips[name]):
            return
        came = self.clips[name][have:][: self.breaks_after]
        whole = part.read_bytes()[:have] + came if have else came
        if len(whole) > most:
            part.unlink(missing_ok=True)
            raise NotFetched(f"{url}: more than {most} bytes")
        part.write_bytes(whole)
        self.used += len(came)
        if self.breaks_after is not None:
            self.breaks_after = None
            raise NotFetched(f"{url}: broken off")
