"""What a unit says of itself: as-run entries until the hub has them, and that it lives."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Never

from broadcaster.domain.health import BEAT
from broadcaster.domain.names import UnitId
from broadcaster.link.messages import WIRE_VERSION, BadMessage, Beat, Tell, Told, read, write
from broadcaster.link.wire import AskRefused, NoAnswer, UnitEnd
from broadcaster.unit.clock import UnitClock
from broadcaster.unit.fetching import rest_after
from broadcaster.unit.records import Records

__all__ = ["Reporting"]

_LEAST = 0.1
"""Seconds between two heartbeats, whatever happens."""

_logger = logging.getLogger(__name__)


class Reporting:
    """Two works without end, `tell` and `beat`, and what wakes them before their time."""

    def __init__(self, unit: UnitId, link: UnitEnd, records: Records, clock: UnitClock) -> None:
        self._unit = unit
        self._link = link
        self._records = records
        self._clock = clock
        self.tell_now = asyncio.Event()
        self.beat_now = asyncio.Event()

    async def tell(self) -> Never:
        """Hand over as-run entries until the hub has all of them, and whenever there are new ones."""
        tries = 0
        while True:
            if not self._records.waiting:
                self._records.clear(self._clock.now())
                self.tell_now.clear()
                await self.tell_now.wait()
            elif await self._told():
                tries = 0
            else:
                tries += 1
                await asyncio.sleep(rest_after(tries, 0.5))

    async def _told(self) -> bool:
        entries = self._records.unsent()
        try:
            report = Tell(v=WIRE_VERSION, unit=self._unit, entries=entries)
            told = read(Told, await self._link.tell(write(report)))
        except (NoAnswer, AskRefused, BadMessage) as fault:
            _logger.warning("telling failed waiting=%d: %s", self._records.waiting, fault)
            return False
        for cue, why in told.refused.items():
            _logger.error("cue=%s the hub does not take its record: %s", cue, why)
        before = self._records.waiting
        self._records.told([*told.cues, *(entry.cue for entry in entries if entry.cue in told.refused)])
        return self._records.waiting < before

    async def beat(self, heartbeat: Callable[[], Beat]) -> Never:
        """Say that we live: every `BEAT`, and at once when `beat_now` is set."""
        while True:
            await self._link.ready()
            self.beat_now.clear()
            await self._link.beat(write(heartbeat()))
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT.total_seconds()):
                    await self.beat_now.wait()
            await asyncio.sleep(_LEAST)
