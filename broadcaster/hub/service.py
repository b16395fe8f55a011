"""The hub as a process: the wire, the HTTP server, the threads, and the loop that feeds the watchdog.

The store and everything slow live in threads; the event loop only passes messages on, so that a thousand
units that return at once are answered from memory.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from msgspec.structs import replace as _with

from broadcaster import clock
from broadcaster.domain.names import UnitId
from broadcaster.hub.alarm import Alarm
from broadcaster.hub.alerts.service import AlertService
from broadcaster.hub.clips import ClipServer, Door
from broadcaster.hub.hub import Hub
from broadcaster.hub.joining import Meetings
from broadcaster.link.broker import Broker
from broadcaster.link.messages import Ask, BadMessage, Tell, Told, read, write
from broadcaster.link.timing import AskTime, asks_time
from broadcaster.link.wire import AskRefused, HubEnd, NotConnected
from broadcaster.sdnotify import notify
from broadcaster.store import Store, StoreFault

__all__ = ["Ports", "Service"]

T = TypeVar("T")

_LOOK_EVERY = 0.25
"""Seconds between two looks at the folder and the store: a change is planned within a second."""

_NOW_AND_THEN = timedelta(minutes=1)

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the clip server listens."""

    host: str
    clips: int


class Service:
    """The running hub."""

    def __init__(
        self,
        *,
        hub: Hub,
        store: Store,
        broker: Broker,
        wire: HubEnd,
        meetings: Meetings,
        ports: Ports,
        alerts: AlertService,
    ) -> None:
        self._hub = hub
        self._alerts = alerts
        self._store = store
        self._broker = broker
        self._wire = wire
        self._ports = ports
        self._clips = ClipServer(
            hub.find_file,
            {
                "request": self._door(meetings.request),
                "reveal": self._door(lambda raw, now, _: meetings.reveal(raw, now)),
            },
        )
        self._work = ThreadPoolExecutor(1, thread_name_prefix="planning")
        self._tells = ThreadPoolExecutor(2, thread_name_prefix="collecting")
        self._voices = ThreadPoolExecutor(1, thread_name_prefix="preparation")
        self._urgent = ThreadPoolExecutor(1, thread_name_prefix="urgent")
        self._look = asyncio.Event()
        self._made = 0
        self._admitted = _admissible(store)
        self._admitted_as_of: int | None = None
        self._due: datetime | None = None
        self._complained: datetime | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set. Raises BrokerTrouble or CannotListen when a port cannot be had."""
        loop = asyncio.get_running_loop()

        def ring() -> None:
            loop.call_soon_threadsafe(self._look.set)

        self._alarm = Alarm(ring, _NOW_AND_THEN)
        self._wire.on_ask(self._ask)
        self._wire.on_tell(self._tell)
        self._wire.on_beat(self._beat)
        self._wire.on_wake(self._wake)
        self._wire.on_handed_over(self._alerts.take)
        await self._broker.start()
        watched: list[asyncio.Task[None]] = [
            asyncio.create_task(self._broker.watch()),
            asyncio.create_task(self._wire.run()),
            asyncio.create_task(self._alerts.run(self._contained)),
        ]
        try:
            await self._clips.start(self._ports.host, self._ports.clips)
            await self._wire.ready()
            preparation = self._hub.preparation
            watched.append(asyncio.create_task(self._prepare(self._voices, preparation.make_next)))
            watched.append(asyncio.create_task(self._prepare(self._urgent, preparation.make_urgent)))
            self._alarm.start()
            await self._loop(stop, watched)
        finally:
            notify("STOPPING=1")
            self._alarm.stop()
            for running in watched:
                running.cancel()
            await asyncio.gather(*watched, return_exceptions=True)
            await self._clips.stop()
            await self._broker.stop()
            for pool in (self._work, self._tells, self._voices, self._urgent):
                pool.shutdown(wait=False, cancel_futures=True)

    async def _loop(self, stop: asyncio.Event, beside: Iterable[asyncio.Task[None]]) -> None:
        """Pass after pass; the watchdog is fed by a pass that was completed, and by a store that is busy.

        What works beside it ends only by a fault nobody foresaw. It is raised here, and the process ends: to
        be started again is better than to go on without a wire or without voices.
        """
        then = clock.now()
        state = "READY=1\nWATCHDOG=1"
        while not stop.is_set():
            for work in beside:
                if work.done():
                    work.result()
            now = clock.now()
            if await self._contained(self._pass(now)):
                notify(state)
                state = "WATCHDOG=1"
            if now - then >= _NOW_AND_THEN:
                then = now
                await self._contained(self._in(self._work, self._hub.minute, now))
            self._look.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY):
                    await self._look.wait()

    async def _prepare(self, pool: ThreadPoolExecutor, make: Callable[[datetime], bool]) -> None:
        """Make what is wanted, one item after the other."""
        while True:
            made = asyncio.create_task(self._in(pool, make, clock.now()))
            if await self._contained(made) and made.result():
                self._made += 1
                self._look.set()
            else:
                await asyncio.sleep(_LOOK_EVERY)

    async def _contained(self, step: Awaitable[object]) -> bool:
        """Carry out a step of the hub; whether it was completed. The one place where anything is caught."""
        try:
            await step
        except StoreFault as fault:
            self._complain(fault)
            return True  # a store that is busy or full is not mended by a restart
        except Exception:
            _logger.exception("a step of the hub failed; it goes on with the next")
            return False
        return True

    def _complain(self, fault: StoreFault) -> None:
        """Say it once a minute: it may come with every step, and fill the disk that is full."""
        now = clock.now()
        if self._complained is None or now - self._complained >= _NOW_AND_THEN:
            self._complained = now
            _logger.error("%s; units go on with what they hold", fault)

    async def _pass(self, now: datetime) -> None:
        step = self._hub.step
        out = await self._in(self._work, lambda: step(now, clock.monotonic(), made=self._made))
        await self._admit()
        for outgoing in out:
            try:
                await self._wire.order(outgoing.envelope)
            except NotConnected:
                return  # plans are asked for on return, and the desk's orders stay in the outbox
            await self._in(self._work, self._hub.sent, outgoing, clock.now())
        due = self._hub.due_next(now)
        if due is not None and due != self._due:
            self._alarm.set(due)
        self._due = due

    async def _admit(self) -> None:
        """Let the broker know who may connect, when that may have changed: a thousand rows are not read for
        nothing four times a second."""
        meant = await self._in(self._work, self._store.counters.meant)
        if meant == self._admitted_as_of:
            return
        wanted = await self._in(self._work, _admissible, self._store)
        for unit in self._admitted.keys() - wanted.keys():
            await self._in(self._work, self._broker.forbid, unit)
        for unit, nkey in wanted.items() - self._admitted.items():
            await self._in(self._work, self._broker.permit, unit, nkey)
        self._admitted, self._admitted_as_of = wanted, meant

    async def _ask(self, unit: UnitId, raw: bytes) -> bytes:
        received = clock.now()
        airing = self._hub.airing
        try:
            if asks_time(raw):
                answer = airing.time(unit, read(AskTime, raw), received, clock.now)
            else:
                ask = read(Ask, raw)
                answer = airing.answer(ask, received, clock.now) if ask.unit == unit else None
        except BadMessage as fault:
            raise AskRefused(str(fault)) from fault
        if answer is None:
            raise AskRefused("this unit is not one of the station's")
        self._hub.collecting.heard(unit, received)
        return answer

    async def _tell(self, unit: UnitId, raw: bytes) -> bytes:
        try:
            tell = read(Tell, raw)
        except BadMessage as fault:
            raise AskRefused(str(fault)) from fault
        if tell.unit != unit:
            raise AskRefused("a unit tells of itself only")
        self._hub.collecting.heard(unit, clock.now(), tell.vitals)
        taken = asyncio.ensure_future(self._receipts(tell))
        try:
            told = await self._entries(tell)
        except StoreFault as fault:  # the unit keeps its entries and tells again
            self._complain(fault)
            raise AskRefused(str(fault)) from fault
        return write(_with(told, receipts=await taken))

    async def _entries(self, tell: Tell) -> Told:
        if not tell.entries:
            return Told(cues=())  # how a unit is waits for no store
        return await self._in(self._tells, self._hub.collecting.tell, tell, clock.now())

    async def _receipts(self, tell: Tell) -> tuple[str, ...]:
        return await self._alerts.receive(tell.unit, tell.receipts) if tell.receipts else ()

    async def _beat(self, unit: UnitId, _: bytes) -> None:
        self._hub.collecting.heard(unit, clock.now())

    async def _wake(self) -> None:
        self._alerts.wake()
        self._look.set()

    def _door(self, step: Callable[[bytes, datetime, str], tuple[int, bytes]]) -> Door:
        """A step of joining, run where the store may be waited for."""

        async def door(raw: bytes, source: str) -> tuple[int, bytes]:
            try:
                return await self._in(self._work, step, raw, clock.now(), source)
            except StoreFault as fault:
                return 503, write({"error": str(fault)})

        return door

    async def _in(self, pool: ThreadPoolExecutor, act: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, act, *arguments)


def _admissible(store: Store) -> dict[UnitId, str]:
    return {joined.unit.id: joined.nkey for joined in store.units.all() if not joined.forbidden}
