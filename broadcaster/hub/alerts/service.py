"""Alerts to the millisecond: the threads, the wire and the clock around `raising`.

Laws
1. An alert waits for nothing but its countdown: not for planning, a writer that holds the store, a disk
   that is full or hangs, a voice, another alert. What may be slow has a thread of its own; the store is asked
   in the last 50 ms of the countdown, in which nobody can take it back any more, and not waited for after.
2. Sound before paper: what was sent is written down afterwards, again and again until something takes it.
3. What the panel hands over is answered when it lies in the journal, or could not be laid there in time.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from broadcaster import clock
from broadcaster.domain.alert import Alert
from broadcaster.domain.names import UnitId
from broadcaster.hub.alerts.arbiter import NotTaken
from broadcaster.hub.alerts.books import AlertBooks, Owed
from broadcaster.hub.alerts.raising import Raising
from broadcaster.link.envelope import VerifyKeys
from broadcaster.link.messages import BadMessage, HandedOver, Receipt, read
from broadcaster.link.wire import AskRefused, HubEnd, NotConnected, TooLarge
from broadcaster.store import Store, StoreFault

__all__ = ["AlertService"]

T = TypeVar("T")

_STORE = timedelta(milliseconds=50)
"""So long before an alert is due the store is told that it is, and it may take no longer to say so."""

_LOOK_EVERY = 0.25
"""Seconds between two looks at the store, when nobody wakes us."""

_TURN = 1.0
"""Seconds between two turns in which nothing is due: the clock may be set."""

_NOW_AND_THEN = timedelta(hours=1)

_AGAIN = 0.5
"""Seconds before what the store did not take is offered again."""

_GATHER = 0.05
"""Seconds in which what a thousand units answer becomes one write."""

_UNTIL_KEPT = 4.0
"""Seconds a unit waits until its receipt is in the store; then it tells again."""

_ANSWER = 0.3
"""Seconds what was handed over may take to the journal, and the look at the store before that."""

_BROKER = 0.05
"""Seconds between two tries to publish: a broker that was killed is back soon."""

_logger = logging.getLogger(__name__)

Contained = Callable[[Awaitable[object]], Awaitable[bool]]
"""Carries out a step of the hub and catches what it raises; whether it was completed."""


class AlertService:
    """Started and stopped by the hub's service."""

    def __init__(
        self, *, raising: Raising, books: AlertBooks, store: Store, wire: HubEnd, keys: VerifyKeys
    ) -> None:
        self._raising = raising
        self._books = books
        self._store = store
        self._wire = wire
        self._keys = keys
        self._firing = ThreadPoolExecutor(2, thread_name_prefix="alerts firing")
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="alerts reading")
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="alerts writing")
        self._noting = ThreadPoolExecutor(1, thread_name_prefix="alerts journal")
        self._laying = ThreadPoolExecutor(1, thread_name_prefix="alerts signed")
        self._stir, self._look_now, self._write_now = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._acting: dict[tuple[str, object], asyncio.Task[None]] = {}
        self._receipts: dict[tuple[UnitId, str], Receipt] = {}
        self._kept: asyncio.Future[None] | None = None
        self._noted = False
        self._tidied = datetime.min.replace(tzinfo=UTC)

    async def run(self, contained: Contained) -> None:
        """Until cancelled. Ends before that only by a fault nobody foresaw."""
        self._contained = contained
        self._raising.own.made = self._from_any_thread(self._stir)
        await self._begin()
        living = [asyncio.create_task(self._for_ever(step)) for step in (self._turn, self._look, self._write)]
        try:
            await asyncio.gather(*living)
        finally:
            for running in (*living, *self._acting.values()):
                running.cancel()
            await asyncio.gather(*living, *self._acting.values(), return_exceptions=True)
            self._raising.own.want(())
            for pool in (self._firing, self._reading, self._writing, self._noting, self._laying):
                pool.shutdown(wait=False, cancel_futures=True)

    def wake(self) -> None:
        """The desk wrote something."""
        self._look_now.set()

    async def take(self, raw: bytes) -> None:
        """What the panel hands over. Raises AskRefused."""
        try:
            handed = read(HandedOver, raw)
        except BadMessage as fault:
            raise AskRefused(f"malformed: {fault}") from fault
        with suppress(TimeoutError, StoreFault):  # it may know better already; if it does not say, we go on
            async with asyncio.timeout(_ANSWER):
                await self._learn_from_store()
        now = clock.now()
        if handed.stop is not None:
            envelope = self._raising.take_stop(handed.stop, now)
            if envelope is not None:
                self._act("stop", handed.stop.id, self._publish(envelope, handed.stop.expires))
        if handed.alert is not None:
            try:
                self._raising.take(handed.alert)
            except NotTaken as fault:
                raise AskRefused(str(fault)) from fault
        self._stir.set()
        self._write_now.set()
        noting = self._note()
        await asyncio.wait({noting}, timeout=_ANSWER)

    async def receive(self, unit: UnitId, receipts: Iterable[Receipt]) -> tuple[str, ...]:
        """Keep what a unit answered to orders; the ids of those that are in the store now."""
        ids = tuple(receipt.order for receipt in receipts)
        self._receipts |= {(unit, receipt.order): receipt for receipt in receipts}
        if self._kept is None:
            self._kept = asyncio.get_running_loop().create_future()
        self._write_now.set()
        done, _ = await asyncio.wait({self._kept}, timeout=_UNTIL_KEPT)
        return ids if done else ()

    # -- turns --------------------------------------------------------------------------------------

    async def _for_ever(self, step: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            if not await self._contained(step()):
                await asyncio.sleep(_AGAIN)

    async def _begin(self) -> None:
        now = clock.now()
        stored: tuple[Alert, ...] = ()
        missed: tuple[Alert, ...] = ()
        try:
            stored = await self._in(self._reading, self._books.look, now)
            missed = await self._in(self._reading, self._books.missed, now)
        except StoreFault as fault:
            _logger.error("%s; alerts are looked for as soon as it answers", fault)
        kept = await self._in(self._noting, self._books.open_journal)
        laid = await self._in(self._laying, self._books.laid, self._keys, now)
        self._raising.begin(now, stored, kept, laid)
        for alert in missed:
            self._raising.take(alert)
        self._noted = bool(kept)
        self._write_now.set()

    async def _turn(self) -> None:
        """What is due now; then wait until something is."""
        now = clock.now()
        self._stir.clear()
        if not self._tidied <= now < self._tidied + _NOW_AND_THEN:
            self._tidied = now
            self._raising.forget(now)
        self._raising.tend(now)
        for alert in self._raising.regretted():
            self._act("silence", alert, self._silence(alert))
        for alert in self._raising.due(now + _STORE):
            self._act("raise", alert, self._raise(alert))
        for alert in self._raising.untold(now):
            self._act("raise", alert, self._say(alert))
        for alert in self._raising.unsent(now):
            self._act("raise", alert, self._send(alert))
        if self._raising.owed() is not None:
            self._write_now.set()
        due = self._raising.next_instant(now + _STORE)
        until = _TURN if due is None else min((due - _STORE - clock.now()).total_seconds(), _TURN)
        with suppress(TimeoutError):
            async with asyncio.timeout(max(until, 0.0)):
                await self._stir.wait()

    async def _look(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_EVERY):
                await self._look_now.wait()
        self._look_now.clear()
        await self._learn_from_store()

    async def _learn_from_store(self) -> None:
        found = await self._in(self._reading, self._books.look, clock.now())
        if found:
            self._raising.learn(found)
            self._stir.set()

    # -- acts ---------------------------------------------------------------------------------------

    def _act(self, kind: str, about: object, act: Coroutine[Any, Any, None]) -> None:
        """Do it beside everything else, once at a time."""
        key = kind, (about.id, about.version) if isinstance(about, Alert) else about
        if key in self._acting:
            act.close()
            return

        async def acting() -> None:
            if not await self._contained(act) and isinstance(about, Alert):
                self._raising.failed(about)

        def over(_: "asyncio.Task[None]") -> None:
            self._acting.pop(key, None)
            self._stir.set()

        self._acting[key] = asyncio.create_task(acting())
        self._acting[key].add_done_callback(over)

    async def _raise(self, alert: Alert) -> None:
        at = max(clock.now(), alert.fires_at or alert.asked)
        stored = await self._fired(alert, at)
        await asyncio.sleep(max((at - clock.now()).total_seconds(), 0))
        if self._raising.fire(alert, at, stored):
            if stored is None:
                self._note()
            await self._say(alert)

    async def _fired(self, alert: Alert, at: datetime) -> Alert | None:
        """What the store says of it, once it has marked it as fired; None when it says nothing in time."""
        firing = asyncio.ensure_future(self._in(self._firing, self._books.fire, alert, at, _STORE))
        await asyncio.wait({firing}, timeout=_STORE.total_seconds())
        if firing.done() and firing.exception() is None:
            return firing.result()
        firing.add_done_callback(self._heard_late)
        return None

    def _heard_late(self, firing: "asyncio.Future[Alert]") -> None:
        """What the store says when the alert is on air already: somebody may have taken it back."""
        fault = None if firing.cancelled() else firing.exception()
        if isinstance(fault, StoreFault):
            _logger.error("%s; the alert is on air all the same", fault)
        elif fault is not None:
            raise fault
        elif not firing.cancelled():
            self._raising.learn((firing.result(),))
            self._stir.set()

    async def _say(self, alert: Alert) -> None:
        self._raising.sign(alert, clock.now())
        await self._send(alert)

    async def _send(self, alert: Alert) -> None:
        envelopes = self._raising.envelopes(alert)
        if envelopes:
            await asyncio.gather(*(self._publish(each, alert.expires) for each in envelopes.values()))
            self._raising.sent(alert, clock.now())
            self._write_now.set()
            await self._in(self._laying, self._books.lay, dict(envelopes))

    async def _silence(self, alert: Alert) -> None:
        await self._publish(self._raising.silence(alert, clock.now()), alert.expires)
        self._write_now.set()

    async def _publish(self, envelope: bytes, expires: datetime) -> None:
        """Until the broker has it; units that come back are told anyway."""
        while clock.now() < expires:
            try:
                await self._wire.order(envelope)
                return
            except TooLarge as fault:
                _logger.error(
                    "an order about an alert does not fit: %s; units hear of it when they ask", fault
                )
                return
            except NotConnected:
                await asyncio.sleep(_BROKER)

    # -- paper --------------------------------------------------------------------------------------

    async def _write(self) -> None:
        """Tell the store what it is owed; what it does not take goes to the journal meanwhile."""
        await self._write_now.wait()
        self._write_now.clear()
        await asyncio.sleep(_GATHER)
        owed, receipts, kept = self._raising.owed(), self._receipts, self._kept
        self._receipts, self._kept = {}, None
        try:
            known = await self._in(self._writing, self._written, owed, receipts, clock.now())
        except StoreFault:
            self._receipts = receipts | self._receipts
            self._kept = _both(kept, self._kept)
            self._note()
            await asyncio.sleep(_AGAIN)
            self._write_now.set()
            raise
        if kept is not None and not kept.done():
            kept.set_result(None)
        if owed is not None:
            self._raising.settled(owed, known)
            self._stir.set()
        if self._noted and self._raising.owed() is None:
            self._noted = False
            await self._in(self._noting, self._books.clear_journal)

    def _written(
        self, owed: Owed | None, receipts: dict[tuple[UnitId, str], Receipt], now: datetime
    ) -> tuple[Alert, ...]:
        known = () if owed is None else self._books.settle(owed, now)
        if receipts:
            self._store.alerts.receive([(unit, told) for (unit, _), told in receipts.items()], now)
        return known

    def _note(self) -> "asyncio.Future[bool]":
        """Have the journal keep what the store has not taken."""
        owed = self._raising.owed() or Owed()
        self._noted = True
        return asyncio.ensure_future(self._in(self._noting, self._books.note, owed))

    async def _in(self, pool: ThreadPoolExecutor, act: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(pool, act, *arguments)

    def _from_any_thread(self, stirred: asyncio.Event) -> Callable[[], None]:
        loop = asyncio.get_running_loop()

        def stir() -> None:
            with suppress(RuntimeError):  # the hub has ended meanwhile
                loop.call_soon_threadsafe(stirred.set)

        return stir


def _both(
    one: "asyncio.Future[None] | None", other: "asyncio.Future[None] | None"
) -> "asyncio.Future[None] | None":
    """One future for those who wait for either: the newer ones wait for what the older ones do."""
    if one is None or other is None:
        return one or other
    other.add_done_callback(lambda _: None if one.done() else one.set_result(None))
    return other
