"""Two villages to run the same tests in: one with a real broker and real connections, one in memory."""

import asyncio
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Never

from broadcaster.domain.names import StationId, UnitId
from broadcaster.link.broker import Broker
from broadcaster.link.connection import HubLink, Pace, UnitLink
from broadcaster.link.fromdesk import hand_over, wake
from broadcaster.link.identity import Identity
from broadcaster.link.wire import HubEnd, UnitEnd
from tests.fakes.wire import FakeWire

__all__ = [
    "BEN",
    "CHO",
    "QUICK",
    "STATION",
    "FakeVillage",
    "RealVillage",
    "Village",
    "alive",
    "free_port",
    "until",
]

STATION = StationId("dong-tien")
BEN, CHO = UnitId("loa-ben"), UnitId("loa-cho")
QUICK = Pace(quiet=1, answer=0.4, receipt=1, first_wait=0.05, longest_wait=0.2)


class Village(ABC):
    """A hub's end, the ends of the units BEN and CHO, and a network that can go and come back."""

    hub: HubEnd
    ben: UnitEnd
    cho: UnitEnd

    @abstractmethod
    async def open(self) -> None:
        """Set it up; nobody is connected yet."""

    @abstractmethod
    async def close(self) -> None:
        """Take it down."""

    @abstractmethod
    async def cut(self) -> None: ...

    @abstractmethod
    async def mend(self) -> None: ...

    @abstractmethod
    async def wake(self) -> None:
        """What the panel does when it has written something."""

    @abstractmethod
    async def hand_over(self, raw: bytes) -> None:
        """What the panel does when it could not write. Raises AskRefused, NoAnswer."""


class FakeVillage(Village):
    def __init__(self, _: Path) -> None:
        self._wire = FakeWire(patience=0.1)
        self.hub, self.ben, self.cho = self._wire.hub, self._wire.unit(BEN), self._wire.unit(CHO)

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def cut(self) -> None:
        self._wire.cut()

    async def mend(self) -> None:
        self._wire.mend()

    async def wake(self) -> None:
        self._wire.wake()

    async def hand_over(self, raw: bytes) -> None:
        await self._wire.hand_over(raw)


class RealVillage(Village):
    def __init__(self, folder: Path) -> None:
        hub, self.panel, self.ben_key, self.cho_key = (Identity.create() for _ in range(4))
        units = {BEN: self.ben_key.public, CHO: self.cho_key.public}
        self.broker = Broker(
            folder, STATION, hub=hub.public, panel=self.panel.public, units=units, port=free_port()
        )
        self.hub = HubLink(self.broker.url, hub, STATION, pace=QUICK)
        self.ben = UnitLink(self.broker.url, self.ben_key, STATION, BEN, pace=QUICK)
        self.cho = UnitLink(self.broker.url, self.cho_key, STATION, CHO, pace=QUICK)

    async def open(self) -> None:
        await self.broker.start()

    async def close(self) -> None:
        await self.broker.stop()

    async def cut(self) -> None:
        await self.broker.stop()

    async def mend(self) -> None:
        await self.broker.start()

    async def wake(self) -> None:
        await asyncio.to_thread(wake, self.broker.url, STATION, self.panel)

    async def hand_over(self, raw: bytes) -> None:
        await asyncio.to_thread(hand_over, self.broker.url, STATION, self.panel, raw, within=0.5)


@asynccontextmanager
async def alive(*running: Callable[[], Awaitable[Never]]) -> AsyncIterator[None]:
    """While inside, these run; afterwards they are cancelled. A crash of one is raised at the end."""
    tasks = [asyncio.ensure_future(run()) for run in running]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


async def until(holds: Callable[[], bool], *, within: float = 10.0) -> None:
    """Wait until it holds. Raises TimeoutError."""
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.005)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
