"""A wire without a broker: the same promises as nats-server and `connection`, in one process and memory."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Never

from broadcaster.domain.names import UnitId
from broadcaster.link.rights import MAX_PAYLOAD
from broadcaster.link.wire import (
    AskRefused,
    Fault,
    NoAnswer,
    NotConnected,
    OnBeat,
    OnConnected,
    OnOrder,
    OnWake,
    Serve,
    Take,
    TooLarge,
)

__all__ = ["FakeHubEnd", "FakeUnitEnd", "FakeWire"]

_PACKETS = 2 * 52
"""Bytes of headers of a packet and of its acknowledgement."""

_SUBJECTS = ("order", "ask", "tell", "beat", "wake", "desk")

_Hear = Callable[[], Awaitable[None]]


class FakeWire:
    """One hub's end and any number of units' ends. `cut` and `mend` are the network going and coming back.

    `patience` is how long, in seconds, a question waits for its answer.
    """

    def __init__(self, patience: float = 5.0) -> None:
        self.patience = patience
        self.hub = FakeHubEnd(self)
        self.units: dict[UnitId, FakeUnitEnd] = {}
        self.whole = asyncio.Event()
        self.mend()

    def unit(self, unit: UnitId) -> "FakeUnitEnd":
        """The end of that unit; the same one each time."""
        return self.units.setdefault(unit, FakeUnitEnd(self, unit))

    def cut(self) -> None:
        self.whole.clear()
        for end in (self.hub, *self.units.values()):
            end.lose()

    def mend(self) -> None:
        self.whole.set()

    def wake(self) -> None:
        """What the panel does."""
        self.hub.woken()

    async def hand_over(self, raw: bytes) -> None:
        """What the panel does when the store takes nothing. Raises AskRefused, NoAnswer."""
        take = self.hub.takes

        async def taken() -> bytes:
            assert take is not None
            await take(raw)
            return b""

        await self.hub.answered("desk", None if take is None else taken)


class _FakeEnd:
    def __init__(self, wire: FakeWire) -> None:
        self._wire = wire
        self._up = asyncio.Event()
        self._lost = asyncio.Event()
        self._faults: Counter[Fault] = Counter()
        self._last_fault = ""
        self._greet: OnConnected | None = None
        self._heard: dict[str, asyncio.Queue[_Hear]] = {}

    @property
    def connected(self) -> bool:
        return self._up.is_set()

    @property
    def faults(self) -> Mapping[Fault, int]:
        return self._faults

    @property
    def last_fault(self) -> str:
        return self._last_fault

    def on_connected(self, listener: OnConnected) -> None:
        self._greet = listener

    async def ready(self) -> None:
        await self._up.wait()

    async def run(self) -> Never:
        while True:
            await self._wire.whole.wait()
            self._heard = {subject: asyncio.Queue() for subject in _SUBJECTS}
            living = [asyncio.ensure_future(self._work(queue)) for queue in self._heard.values()]
            if self._greet is not None:
                living.append(asyncio.ensure_future(self._guarded(self._greet)))
            self._lost.clear()
            self._up.set()
            try:
                await self._lost.wait()
            finally:
                self._up.clear()
                for task in living:
                    task.cancel()
                await asyncio.gather(*living, return_exceptions=True)

    def lose(self) -> None:
        if self._up.is_set():
            self._up.clear()
            self._lost.set()
            self._note(Fault.LOST, "the wire was cut")

    def hear(self, subject: str, call: _Hear) -> None:
        """What arrives while nobody is connected is gone."""
        if self.connected:
            self._heard[subject].put_nowait(call)

    async def _work(self, queue: asyncio.Queue[_Hear]) -> None:
        while True:
            await self._guarded(await queue.get())

    async def _guarded(self, call: _Hear) -> None:
        listening = asyncio.ensure_future(call())
        try:
            await asyncio.wait([listening])
        finally:
            listening.cancel()
        fault = listening.exception()
        if fault is not None:
            self._note(Fault.LISTENER, repr(fault))

    def _note(self, fault: Fault, words: str) -> None:
        self._faults[fault] += 1
        self._last_fault = f"{fault}: {words}"

    def _check(self, payload: bytes) -> None:
        if not self.connected:
            raise NotConnected("the wire is cut")
        if len(payload) > MAX_PAYLOAD:
            raise TooLarge(f"{len(payload)} bytes")


class FakeUnitEnd(_FakeEnd):
    """See `wire.UnitEnd`."""

    def __init__(self, wire: FakeWire, unit: UnitId) -> None:
        super().__init__(wire)
        self._unit = unit
        self._order: OnOrder | None = None
        self.used = 0

    def on_order(self, listener: OnOrder) -> None:
        self._order = listener

    def ordered(self, envelope: bytes) -> None:
        listener = self._order
        if listener is not None:
            self.used += _PACKETS + len(envelope) if self.connected else 0
            self.hear("order", lambda: listener(envelope))

    async def ask(self, question: bytes) -> bytes:
        return await self._request("ask", self._wire.hub.serves_ask, question)

    async def tell(self, report: bytes) -> bytes:
        return await self._request("tell", self._wire.hub.serves_tell, report)

    async def beat(self, beat: bytes) -> None:
        listener = self._wire.hub.hears_beat
        if self.connected and listener is not None:
            self.used += _PACKETS + len(beat)
            self._wire.hub.hear("beat", lambda: listener(self._unit, beat))

    async def _request(self, subject: str, serve: Serve | None, payload: bytes) -> bytes:
        self._check(payload)
        self.used += _PACKETS + len(payload)
        serving = None if serve is None else partial(serve, self._unit, payload)
        answer = await self._wire.hub.answered(subject, serving)
        self.used += _PACKETS + len(answer)
        return answer


class FakeHubEnd(_FakeEnd):
    """See `wire.HubEnd`."""

    def __init__(self, wire: FakeWire) -> None:
        super().__init__(wire)
        self.serves_ask: Serve | None = None
        self.serves_tell: Serve | None = None
        self.hears_beat: OnBeat | None = None
        self._wake: OnWake | None = None
        self.takes: Take | None = None

    def on_ask(self, serve: Serve) -> None:
        self.serves_ask = serve

    def on_tell(self, serve: Serve) -> None:
        self.serves_tell = serve

    def on_beat(self, listener: OnBeat) -> None:
        self.hears_beat = listener

    def on_wake(self, listener: OnWake) -> None:
        self._wake = listener

    def on_handed_over(self, take: Take) -> None:
        self.takes = take

    async def answered(self, subject: str, serving: Callable[[], Awaitable[bytes]] | None) -> bytes:
        """What it answers to a request. Raises AskRefused, NoAnswer."""
        if serving is None or not self.connected:
            raise NoAnswer("nobody is there to answer")
        given: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

        async def served() -> None:
            try:
                answer = await serving()
            except AskRefused as refusal:
                if not given.done():
                    given.set_exception(refusal)
            else:
                if not given.done():
                    given.set_result(answer)

        self.hear(subject, served)
        try:
            async with asyncio.timeout(self._wire.patience):
                return await given
        except TimeoutError as fault:
            raise NoAnswer("the hub does not answer") from fault

    def woken(self) -> None:
        if self._wake is not None:
            self.hear("wake", self._wake)

    async def order(self, envelope: bytes) -> None:
        self._check(envelope)
        for unit in self._wire.units.values():
            unit.ordered(envelope)
