"""What the hub says to this unit: the whole present state when asked, orders in between, and the time.

Laws
1. Nothing is acted on that was not judged (`obeying`). Alerts are acted on first and remembered after.
2. After every new connection the whole present state is asked for, so nothing that was said meanwhile is
   lost. After that the time is asked for, as often as station time needs it (`StationTime.pause`), and the
   hub says with it whether anything has changed; only then the whole state is asked for again.
3. An order that could not be judged, for the time is not known or was not what the hub took it for, is asked
   for at once: in the answer orders are judged by the hub's own time.
"""

import asyncio
import logging
import random
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from broadcaster.domain.names import UnitId
from broadcaster.domain.playout import StopOrdered
from broadcaster.link.envelope import Refusal, Refused
from broadcaster.link.judging import is_about_alert
from broadcaster.link.messages import (
    WIRE_VERSION,
    Ask,
    BadMessage,
    Order,
    PlanChanged,
    Present,
    SetVolume,
    Stop,
    TestChime,
    TestReadiness,
    write,
)
from broadcaster.link.timesync import Exchange, StationTime
from broadcaster.link.timing import AskTime
from broadcaster.link.wire import AskRefused, NoAnswer, UnitEnd
from broadcaster.unit.alerts import Alerts
from broadcaster.unit.box import Box
from broadcaster.unit.clock import UnitClock
from broadcaster.unit.holding import Holding
from broadcaster.unit.home import Settings
from broadcaster.unit.obeying import Obeying
from broadcaster.unit.readiness import Readiness

__all__ = ["Asking", "again_after"]

_AGAIN, _LONGEST = 1.0, 30.0
"""Seconds until a question that was not answered is asked again: at first, and at most."""
_LEAST = 0.5
"""Seconds between two questions, whoever hurries us."""
_OF_TIME = (Refusal.CLOCK_NOT_TRUSTED, Refusal.FUTURE, Refusal.EXPIRED)

_logger = logging.getLogger(__name__)


def again_after(failed: int) -> float:
    """Seconds, on average, until it is asked again when so many questions (at least one) had no answer."""
    return min(_AGAIN * 2.0 ** min(failed - 1, 10), _LONGEST)


class Asking:
    """Asks over `link` and does what is ordered. `go_by` takes station time as it was heard; `connected` is
    called on every new connection."""

    def __init__(
        self,
        unit: UnitId,
        link: UnitEnd,
        *,
        obeying: Obeying,
        box: Box,
        holding: Holding,
        alerts: Alerts,
        readiness: Readiness,
        clock: UnitClock,
        front: Callable[[], datetime],
        go_by: Callable[[StationTime], None],
        connected: Callable[[], None],
    ) -> None:
        self._unit = unit
        self._link = link
        self._obeying = obeying
        self._box = box
        self._holding = holding
        self._alerts = alerts
        self._readiness = readiness
        self._tests: set[asyncio.Task[None]] = set()
        self._clock = clock
        self._front = front
        self._go_by = go_by
        self._connected = connected
        self._ask_now = asyncio.Event()
        self._whole = True
        self._state = ""
        self._kept = True

    def hurry(self) -> None:
        """Ask for everything as soon as may be."""
        self._whole = True
        self._ask_now.set()

    def listen(self) -> None:
        """Hear orders and connections from now on."""
        self._link.on_order(self._on_order)
        self._link.on_connected(self._on_connected)

    async def _on_connected(self) -> None:
        failed = 0
        self._connected()
        self._whole = True
        while True:
            self._ask_now.clear()
            try:
                await (self._ask() if self._whole else self._ask_time())
                failed = 0
            except (NoAnswer, AskRefused, Refused, BadMessage, ValueError, OSError) as fault:
                failed += 1
                _logger.warning("asking failed: %s", fault)
            pause = again_after(failed) if failed else self._clock.known.pause
            await self._rest(pause * random.uniform(2 / 3, 4 / 3))  # noqa: S311 - not a secret

    async def _rest(self, pause: float) -> None:
        await asyncio.sleep(min(pause, _LEAST))
        with suppress(TimeoutError):
            async with asyncio.timeout(pause - _LEAST):
                await self._ask_now.wait()

    async def _ask(self) -> None:
        nonce = secrets.token_urlsafe(8)
        question = write(Ask(v=WIRE_VERSION, unit=self._unit, nonce=nonce))
        self._whole = False  # unless somebody hurries us meanwhile
        try:
            sent = self._clock.monotonic()
            raw = await self._link.ask(question)
            arrived = self._clock.monotonic()
            present = self._obeying.present(raw, nonce)
        except BaseException:
            self._whole = True
            raise
        self._heard(sent, present.received, present.answered, arrived)
        self._state = present.state
        self._settle(present)

    async def _ask_time(self) -> None:
        nonce = secrets.token_urlsafe(8)
        question = write(AskTime(v=WIRE_VERSION, nonce=nonce, state=self._state))
        sent = self._clock.monotonic()
        raw = await self._link.ask(question)
        arrived = self._clock.monotonic()
        told = self._obeying.time(raw, nonce)
        self._heard(sent, told.received, told.answered, arrived)
        if not told.same:
            self.hurry()

    def _heard(self, sent: float, received: datetime, answered: datetime, arrived: float) -> None:
        self._go_by(
            self._clock.after(Exchange(sent=sent, received=received, answered=answered, arrived=arrived))
        )
        try:
            self._clock.keep()
            self._kept = True
        except OSError as fault:
            if self._kept:
                _logger.error("station time is not kept for the time after a crash: %s", fault)
            self._kept = False

    def _settle(self, present: Present) -> None:
        """Take over what the hub says of this unit, and the orders it missed."""
        if present.zone != self._obeying.settings.zone:
            self._holding.want_another_zone()
        self._obeying.set_to(
            Settings(zone=present.zone, name=present.name, clips_url=present.clips_url, volume=present.volume)
        )
        self._box.volume = present.volume
        for envelope in present.orders:
            self._obey(envelope, present.answered, trusted=True)
        self._holding.want(present.plan)

    async def _on_order(self, raw: bytes) -> None:
        before = self._unjudged
        self._obey(raw, self._clock.now(), trusted=self._clock.trusted)
        if self._unjudged != before:
            self.hurry()

    @property
    def _unjudged(self) -> int:
        """How many orders were refused for what time it is."""
        return sum(self._obeying.refusals.get(refusal, 0) for refusal in _OF_TIME)

    def _obey(self, raw: bytes, now: datetime, *, trusted: bool) -> None:
        """Judge what is in this envelope, and do it."""
        judged = self._obeying.judged(raw, now, trusted=trusted)
        if judged is None:
            return
        if is_about_alert(judged.order.body):
            self._alerts.take(judged, raw, now)
        elif judged.refusal is None:
            self._obeying.remember(judged.order, now)
            self._obeying.keep()
            self._do(judged.order)

    def _do(self, order: Order) -> None:
        match order.body:
            case PlanChanged(plans=plans):
                self._holding.want(plans.get(self._obeying.settings.zone))
            case Stop(cue=cue, by=by):
                self._box.happen(StopOrdered(cue=cue, by=by, issued=order.issued), self._front())
            case SetVolume(decibels=decibels):
                self._obeying.turn_to(decibels)
                self._box.volume = self._obeying.settings.volume
            case TestChime(clip=clip, frames=frames):
                self._holding.chime(clip, frames, order.expires)
            case TestReadiness() as test:
                answering = asyncio.create_task(self._readiness.answer(order, test))
                self._tests.add(answering)
                answering.add_done_callback(self._tests.discard)
