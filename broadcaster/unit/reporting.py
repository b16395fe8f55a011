"""What a unit says of itself: as-run entries, receipts and vitals until the hub has them, and that it lives.

They travel together when they are there together: the end of a programme is one message. A receipt waits for
nothing: people look at their phone, whether the village hears them.
"""

import asyncio
import logging
from contextlib import suppress
from typing import Never

from broadcaster.domain.health import BEAT
from broadcaster.domain.names import UnitId
from broadcaster.link.messages import WIRE_VERSION, BadMessage, Receipt, Tell, Told, Vitals, read, write
from broadcaster.link.vitals import SIGN
from broadcaster.link.wire import AskRefused, NoAnswer, UnitEnd
from broadcaster.unit.clock import UnitClock
from broadcaster.unit.fetching import rest_after
from broadcaster.unit.records import Records
from broadcaster.unit.vitals import Instruments, Saying

__all__ = ["Reporting"]

_LEAST = 1.0
"""Seconds between two reports, whatever happens."""

_MOST = 100
"""Receipts in one report."""

_logger = logging.getLogger(__name__)


class Reporting:
    """Two works without end, `tell` and `beat`. `tell_now` wakes the first when there may be news."""

    def __init__(self, unit: UnitId, link: UnitEnd, records: Records, clock: UnitClock) -> None:
        self._unit = unit
        self._link = link
        self._records = records
        self._clock = clock
        self._saying = Saying()
        self._said = clock.monotonic() - BEAT.total_seconds()
        self._back = asyncio.Event()
        self._receipts: dict[str, Receipt] = {}
        """By the order they answer."""
        self._urgent = asyncio.Event()
        self.tell_now = asyncio.Event()

    def receipt(self, receipt: Receipt) -> None:
        """Tell the hub, at once, and until it has it. Of one order the latest counts."""
        self._receipts[receipt.order] = receipt
        self._urgent.set()
        self.tell_now.set()

    def connected(self) -> None:
        """There is a new connection: whoever is at its other end is told everything."""
        self._saying.forget()
        self.tell_now.set()
        self._back.set()

    async def tell(self, instruments: Instruments) -> Never:
        """Hand over entries and vitals until the hub has them, and whenever there are new ones."""
        tries = 0
        while True:
            await self._link.ready()
            self.tell_now.clear()
            self._back.clear()
            self._urgent.clear()
            vitals = self._due(instruments)
            if not self._records.waiting and vitals is None and not self._receipts:
                self._records.clear(self._clock.now())
                await self.tell_now.wait()
            elif await self._told(vitals, instruments):
                tries = 0
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LEAST):
                        await self._urgent.wait()
            else:
                tries += 1
                with suppress(TimeoutError):
                    async with asyncio.timeout(rest_after(tries, 0.5)):
                        await self._back.wait()
                        tries = 0

    def _due(self, instruments: Instruments) -> Vitals | None:
        """The vitals, if they have to be said."""
        try:
            vitals = instruments.vitals()
        except OSError as fault:  # a disk that is dead; entries are told all the same
            _logger.error("the state of this unit cannot be read: %s", fault)
            return None
        return vitals if self._saying.is_due(vitals, self._clock.monotonic()) else None

    async def _told(self, vitals: Vitals | None, instruments: Instruments) -> bool:
        entries, receipts = self._records.unsent(), tuple(self._receipts.values())[:_MOST]
        asked = self._clock.monotonic()
        try:
            report = Tell(v=WIRE_VERSION, unit=self._unit, entries=entries, vitals=vitals, receipts=receipts)
            told = read(Told, await self._link.tell(write(report)))
        except (NoAnswer, AskRefused, BadMessage) as fault:
            _logger.warning("telling failed waiting=%d: %s", self._records.waiting, fault)
            return False
        now = self._said = self._clock.monotonic()
        if vitals is not None:
            self._saying.heard(vitals, now)
        if not entries and not receipts:  # a hub that commits takes its time
            instruments.round_trip = now - asked
        for cue, why in told.refused.items():
            _logger.error("cue=%s the hub does not take its record: %s", cue, why)
        before = self._records.waiting
        self._records.told([*told.cues, *(entry.cue for entry in entries if entry.cue in told.refused)])
        taken = self._taken(receipts, told)
        return not (entries or receipts) or taken or self._records.waiting < before

    def _taken(self, receipts: tuple[Receipt, ...], told: Told) -> bool:
        """Whether the hub has some of these now. One that says more by now is told again."""
        taken = [receipt for receipt in receipts if receipt.order in told.receipts]
        for receipt in taken:
            if self._receipts.get(receipt.order) == receipt:
                del self._receipts[receipt.order]
        return bool(taken)

    def said(self) -> None:
        """The hub has just heard this unit: no heartbeat is due for a while, and it may be told again."""
        self._said = self._clock.monotonic()
        self._back.set()

    async def beat(self, instruments: Instruments) -> Never:
        """Every `BEAT` look at the instruments, and say that we live if the hub has heard nothing since."""
        every = BEAT.total_seconds()
        looked = self._clock.monotonic() - every
        while True:
            now = self._clock.monotonic()
            if now - looked >= every:
                looked = now
                instruments.look()
                self.tell_now.set()
            if now - self._said >= every:
                self._said = now
                await self._link.beat(SIGN)
            await asyncio.sleep(max(min(looked, self._said) + every - self._clock.monotonic(), _LEAST / 4))
