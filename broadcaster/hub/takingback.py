"""What a person takes back: announcements that are cancelled, cues that are stopped.

Laws
1. A cue that was stopped is in no plan of its zones as long as the stop is in force: a unit that comes back
   hears of the cue and of its stop in no certain order.
2. What was taken back before it sounded has a line for each unit. What sounds, or may sound, units tell.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.domain.cues import ANNOUNCEMENT_GRACE
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import CueId, ZoneId
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.domain.timetable import named_at
from broadcaster.hub.airing import PlanShelf
from broadcaster.hub.collecting import expected, line_of
from broadcaster.store import Store
from broadcaster.store.orders import StopAir
from broadcaster.store.rundown import CueLine
from broadcaster.store.units import JoinedUnit

__all__ = ["Stopped", "TakingBack"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """A cue that a person stopped in some zones, named as orders name them."""

    cue: CueId
    to: tuple[str, ...]
    by: str

    def reaches(self, zone: ZoneId) -> bool:
        return EVERYWHERE in self.to or f"zone:{zone}" in self.to


class TakingBack:
    """Knows from the store what was taken back, and from the plans in force what lies on the units."""

    def __init__(self, store: Store, shelf: PlanShelf) -> None:
        self._store = store
        self._shelf = shelf
        self._begun: set[CueId] = set()
        """Taken back when units had it and its time had come."""

    def stopped(self, now: datetime) -> frozenset[Stopped]:
        """The stops of one cue that are in force. Raises StoreFault."""
        return frozenset(
            Stopped(cue=order.wish.cue, to=order.to, by=order.by)
            for order in self._store.orders.in_force(now)
            if isinstance(order.wish, StopAir) and order.wish.cue is not None
        )

    def lines(
        self, station: Station, stopped: Iterable[Stopped], span: Spell, now: datetime
    ) -> tuple[AsRunEntry, ...]:
        """The lines that are owed. To be asked when the rundown is published and the plans in force are those
        from before. Raises StoreFault."""
        joined = self._store.units.all()
        owed = [
            (named_at(sheet.id, sheet.start, station.timezone), joined, f"taken back by {sheet.cancelled_by}")
            for sheet in self._store.announcements.within(span)
            if sheet.cancelled_by is not None
        ]
        owed += [
            (stop.cue, tuple(u for u in joined if stop.reaches(u.unit.zone)), f"stopped by {stop.by}")
            for stop in stopped
        ]
        return tuple(line for cue, units, why in owed for line in self._owed(cue, units, why, now))

    def _owed(self, cue: CueId, units: Iterable[JoinedUnit], why: str, now: datetime) -> Iterator[AsRunEntry]:
        line = self._store.rundown.find(cue)
        if line is None or self._is_for_units_to_tell(line, now):
            return
        told = {entry.unit for entry in self._store.asrun.of_cue(cue)}
        for unit in expected(line, units):
            if unit not in told:
                yield line_of(line, unit, Outcome.CANCELLED, why, now)

    def _is_for_units_to_tell(self, line: CueLine, now: datetime) -> bool:
        """Whether its time had come when it was taken back, and it may still sound or wait somewhere."""
        if line.start <= now and self._shelf.laid(line.cue) is not None:
            self._begun.add(line.cue)
        over = line.start + line.asked + ANNOUNCEMENT_GRACE
        return line.cue in self._begun and now <= over
