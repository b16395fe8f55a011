"""What the hub says to this unit: the whole present state when asked, and orders in between.

Laws
1. Nothing is acted on that was not judged (`obeying`).
2. After every new connection the whole present state is asked for, so nothing that was said meanwhile is
   lost; soon again while station time settles, then now and then.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from broadcaster.domain.names import UnitId
from broadcaster.domain.playout import StopOrdered
from broadcaster.link.envelope import Refused
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
    write,
)
from broadcaster.link.timesync import Exchange, StationTime
from broadcaster.link.wire import AskRefused, NoAnswer, UnitEnd
from broadcaster.unit.box import Box
from broadcaster.unit.clock import UnitClock
from broadcaster.unit.holding import Holding
from broadcaster.unit.home import Settings
from broadcaster.unit.obeying import Obeying

__all__ = ["Asking"]

_ASK_EVERY = 60.0
_SETTLING = (0.5, 0.5, 0.5, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds between the first questions after a connection: station time gets better with each."""

_logger = logging.getLogger(__name__)


class Asking:
    """Asks over `link` and does what is ordered. `go_by` takes station time as it was heard; `connected` is
    called on every new connection."""

    def __init__(
        self,
        unit: UnitId,
        software: str,
        link: UnitEnd,
        *,
        obeying: Obeying,
        box: Box,
        holding: Holding,
        clock: UnitClock,
        front: Callable[[], datetime],
        go_by: Callable[[StationTime], None],
        connected: Callable[[], None],
    ) -> None:
        self._unit = unit
        self._software = software
        self._link = link
        self._obeying = obeying
        self._box = box
        self._holding = holding
        self._clock = clock
        self._front = front
        self._go_by = go_by
        self._connected = connected
        self._ask_now = asyncio.Event()

    def listen(self) -> None:
        """Hear orders and connections from now on."""
        self._link.on_order(self._on_order)
        self._link.on_connected(self._on_connected)

    async def _on_connected(self) -> None:
        asked = 0
        self._connected()
        while True:
            self._ask_now.clear()
            try:
                await self._ask()
            except (NoAnswer, AskRefused, Refused, BadMessage, ValueError, OSError) as fault:
                _logger.warning("asking failed: %s", fault)
            with suppress(TimeoutError):
                async with asyncio.timeout(_SETTLING[asked] if asked < len(_SETTLING) else _ASK_EVERY):
                    await self._ask_now.wait()
            asked += 1

    async def _ask(self) -> None:
        nonce = secrets.token_hex(8)
        sent = self._clock.monotonic()
        ask = Ask(v=WIRE_VERSION, unit=self._unit, nonce=nonce, sent=sent, software=self._software)
        raw = await self._link.ask(write(ask))
        arrived = self._clock.monotonic()
        present = self._obeying.present(raw, nonce)
        exchange = Exchange(sent=sent, received=present.received, answered=present.answered, arrived=arrived)
        self._go_by(self._clock.after(exchange))
        self._settle(present)
        self._clock.keep()

    def _settle(self, present: Present) -> None:
        """Take over what the hub says of this unit, and the orders it missed."""
        if present.zone != self._obeying.settings.zone:
            self._holding.want_another_zone()
        self._obeying.set_to(
            Settings(zone=present.zone, name=present.name, clips_url=present.clips_url, volume=present.volume)
        )
        self._box.volume = present.volume
        for envelope in present.orders:
            self._do(self._obeying.order(envelope, present.answered, trusted=True))
        self._holding.want(present.plan)

    async def _on_order(self, raw: bytes) -> None:
        trusted = self._clock.trusted
        self._do(self._obeying.order(raw, self._clock.now(), trusted=trusted))
        if not trusted:
            self._ask_now.set()

    def _do(self, order: Order | None) -> None:
        match order and order.body:
            case PlanChanged(plans=plans):
                self._holding.want(plans.get(self._obeying.settings.zone))
            case Stop(cue=cue, by=by) if order is not None:
                self._box.happen(StopOrdered(cue=cue, by=by, issued=order.issued), self._front())
            case SetVolume(decibels=decibels):
                self._obeying.turn_to(decibels)
                self._box.volume = self._obeying.settings.volume
            case TestChime(clip=clip, frames=frames) if order is not None:
                self._holding.chime(clip, frames, order.expires)
