"""Reaching a TCP port over a mobile network that comes and goes.

Laws
1. A knock nobody answers is repeated every `_AGAIN`, beside those before it: the kernel's own repeats get
   rare (after 1, 3, 7, 15 s: RFC 6298) and would sleep through the link's return, while a slow link may
   still answer the first one.
2. A name is looked up in a thread of its own, one at a time: with the network gone a resolver hangs for half
   a minute, and threads others work in would soon all hang with it. Until it answers, the addresses it
   gave last are tried.
3. The kernel ends a connection whose bytes nobody acknowledges (RFC 5482), at no cost: who says something
   every ten seconds needs no ping against a cut link. A connection that says nothing is probed.
"""

import asyncio
import itertools
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from broadcaster.link.usage import Meter

__all__ = ["Address"]

_AGAIN = 2.5
"""Seconds between two knocks: more than the 2 s a very slow link needs to answer one."""

_IDLE, _BETWEEN, _PROBES = 30, 5, 3
"""Seconds without a word until the kernel probes, seconds between probes, and how many go unanswered."""

_LOOKING = 3.0
"""Seconds a name may take when an older answer is at hand."""


@dataclass(frozen=True, slots=True)
class _Place:
    family: int
    address: Any


class Address:
    """Where a URL points to, `port` if it names none."""

    def __init__(self, url: str, *, port: int) -> None:
        self.url = url
        place = urlsplit(url)
        self._host, self._port = place.hostname or "", place.port or port
        self._known: list[_Place] = []
        self._looking: asyncio.Future[list[_Place]] | None = None

    async def reach(self, meter: Meter, *, within: float, unheard: float) -> socket.socket:
        """A connection in non-blocking mode, which ends when what was sent goes unacknowledged for `unheard`
        seconds; `meter` is told what all knocks cost. Raises OSError, which is a TimeoutError when nobody
        says yes or no for `within` seconds."""
        async with asyncio.timeout(within):
            return await _first_of(await self._places(), meter, unheard)

    async def _places(self) -> list[_Place]:
        try:
            return _looked_up(self._host, self._port, socket.AI_NUMERICHOST)
        except socket.gaierror:
            pass  # a name
        if self._looking is None or self._looking.done():
            self._looking = self._look()
        await asyncio.wait({self._looking}, timeout=_LOOKING if self._known else None)
        if self._looking.done() and (self._looking.exception() is None or not self._known):
            self._known = self._looking.result()
        return self._known

    def _look(self) -> "asyncio.Future[list[_Place]]":
        loop = asyncio.get_running_loop()
        found: asyncio.Future[list[_Place]] = loop.create_future()

        def tell(places: list[_Place] | OSError) -> None:
            if isinstance(places, OSError):
                found.set_exception(places)
                found.exception()  # whoever waited for it may have gone
            else:
                found.set_result(places)

        def look() -> None:
            try:
                places: list[_Place] | OSError = _looked_up(self._host, self._port)
            except OSError as fault:
                places = fault
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(tell, places)

        threading.Thread(target=look, name="looking up a name", daemon=True).start()
        return found


def _looked_up(host: str, port: int, flags: int = 0) -> list[_Place]:
    """Raises OSError (gaierror)."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [_Place(family, address) for family, _, _, _, address in found]


async def _first_of(places: list[_Place], meter: Meter, unheard: float) -> socket.socket:
    """The first connection to be had. Raises OSError when all have said no."""
    knocking: set[asyncio.Task[socket.socket]] = set()
    refused = 0
    try:
        for place in itertools.cycle(places):
            knocking.add(asyncio.create_task(_knock(place, meter, unheard)))
            done, knocking = await asyncio.wait(knocking, timeout=_AGAIN, return_when=asyncio.FIRST_COMPLETED)
            reached = [task.result() for task in done if task.exception() is None]
            for spare in reached[1:]:
                spare.close()
            if reached:
                return reached[0]
            refused += len(done)
            if refused >= len(places):
                raise next(fault for task in done if (fault := task.exception()) is not None)
    finally:
        for task in knocking:
            task.cancel()
        for late in await asyncio.gather(*knocking, return_exceptions=True):
            if isinstance(late, socket.socket):
                late.close()
    raise OSError("the name has no address")


async def _knock(place: _Place, meter: Meter, unheard: float) -> socket.socket:
    sock = socket.socket(place.family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        _tune(sock, unheard)
        await asyncio.get_running_loop().sock_connect(sock, place.address)
    except BaseException:
        meter.read(sock)
        sock.close()
        raise
    meter.read(sock)
    return sock


def _tune(sock: socket.socket, unheard: float) -> None:
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(1000 * unheard))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        (socket.TCP_KEEPIDLE, _IDLE),
        (socket.TCP_KEEPINTVL, _BETWEEN),
        (socket.TCP_KEEPCNT, _PROBES),
    ):
        sock.setsockopt(socket.IPPROTO_TCP, option, value)
