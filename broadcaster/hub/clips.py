"""The HTTP server units fetch from: clips and plans by content, and the door through which they join.

Its port and its pool are not the panel's, so slow readers hold up nothing. What is in here is public:
clips are finished broadcasts, plans are signed; drafts are made into clips only by the panel's preview,
whose clips are not told to anybody. Names are the content's SHA-256, so answers may be kept for ever.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from broadcaster.domain.names import BadName, ClipId

__all__ = ["CannotListen", "ClipServer", "Door"]

Door = Callable[[bytes, str], Awaitable[tuple[int, bytes]]]
"""Takes what a stranger sent to the door, and from which address ("" when a proxy on this machine stands
between), and gives HTTP status and JSON."""


class CannotListen(Exception):
    """The port cannot be had. The text says which and what to do."""


_FOR_EVER = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Type": "application/octet-stream",
}
_LONGEST_REQUEST = 4096
_PATIENCE = 10.0
"""Seconds a stranger has to say what it wants, and the door to answer."""


class ClipServer:
    """Serves `/clips/<sha256>` with ranges (FileResponse does them), and the doors `/join/<step>`."""

    def __init__(self, find: Callable[[ClipId], Path | None], doors: dict[str, Door]) -> None:
        self._find = find
        self._doors = doors
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> None:
        """Listen. Raises CannotListen when the port is taken."""
        app = web.Application(client_max_size=_LONGEST_REQUEST)
        app.router.add_get("/clips/{sha256}", self._clip)
        app.router.add_post("/join/{step}", self._join)
        self._runner = web.AppRunner(app, access_log=None, keepalive_timeout=30)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port, backlog=1024).start()
        except OSError as fault:
            raise CannotListen(
                f"the hub cannot serve clips on {host} port {port}: {os.strerror(fault.errno or 0)}. End the "
                "program that uses it, or give the hub another port in station.toml: [hub] port = …"
            ) from fault

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _clip(self, request: web.Request) -> web.StreamResponse:
        try:
            path = self._find(ClipId(request.match_info["sha256"]))
        except BadName:
            path = None
        if path is None:
            return web.Response(status=404, text="there is no such clip\n")
        return web.FileResponse(path, headers=_FOR_EVER)

    async def _join(self, request: web.Request) -> web.Response:
        door = self._doors.get(request.match_info["step"])
        if door is None:
            return web.Response(status=404, text="there is no such door\n")
        try:
            async with asyncio.timeout(_PATIENCE):
                status, answer = await door(await request.read(), _address(request))
        except TimeoutError:
            return web.Response(status=408, text="this took too long\n")
        return web.Response(status=status, body=answer, content_type="application/json")


def _address(request: web.Request) -> str:
    peer = request.remote or ""
    return "" if peer in ("127.0.0.1", "::1") else peer
