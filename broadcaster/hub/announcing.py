"""Announcements on their way to the horns, and the lines of those that a person took back.

Laws
1. What is to be said now is held back until its sound is there, and then starts far enough ahead for its
   clips to reach the units: neighbours start together or not at all.
2. Once a plan in force has it, its start is not moved any more, also not by a hub that restarts; as long as
   none has it (the store was locked, the hub was off) its start moves on.
3. After its grace it is not waited for: units get it as it is, and their lines say that it came too late.
4. What a person took back before it sounded has a line for each unit; what sounds already, units tell.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.domain.cues import ANNOUNCEMENT_GRACE
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import CueId, ZoneId
from broadcaster.domain.plan import PlannedCue
from broadcaster.domain.rundown import Cue
from broadcaster.hub.airing import PlanShelf
from broadcaster.hub.collecting import expected, line_of
from broadcaster.hub.planning import LAYING, Lookup, is_pending
from broadcaster.store import Store
from broadcaster.store.announcements import AnnouncementSheet
from broadcaster.store.rundown import CueLine

__all__ = ["Announcing", "Timing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Which announcements are not planned yet, and when those start that could not start when meant."""

    held_back: frozenset[CueId]
    starts: Mapping[CueId, datetime]


class Announcing:
    """Knows from the plans in force what lies on the units already."""

    def __init__(self, store: Store, shelf: PlanShelf) -> None:
        self._store = store
        self._shelf = shelf
        self._begun: set[CueId] = set()
        """Taken back when units had begun it."""

    def timing(
        self, announced: Iterable[Cue], lookup: Lookup, zones: Collection[ZoneId], now: datetime
    ) -> Timing:
        """When the announcements of a rundown start; `zones` are those that have units."""
        held: set[CueId] = set()
        starts: dict[CueId, datetime] = {}
        for cue in announced:
            laid = self._laid(cue.id)
            if laid is not None and (laid.clips or laid.start <= now):
                starts[cue.id] = laid.start
            elif now > cue.start + cue.grace:
                continue
            elif is_pending(cue, lookup):
                held.add(cue.id)
            elif now + LAYING > cue.start and not cue.zones.isdisjoint(zones):
                starts[cue.id] = now + LAYING
        return Timing(held_back=frozenset(held), starts=starts)

    def taken_back(self, timezone: ZoneInfo, span: Spell, now: datetime) -> tuple[AsRunEntry, ...]:
        """The lines still owed for announcements of `span` that a person took back. To be asked when the
        rundown is published and the plans in force still are those from before. Raises StoreFault."""
        return tuple(
            entry
            for sheet in self._store.announcements.within(span)
            if sheet.cancelled_by is not None
            for entry in self._owed(sheet, timezone, now)
        )

    def _owed(self, sheet: AnnouncementSheet, timezone: ZoneInfo, now: datetime) -> Iterator[AsRunEntry]:
        local = sheet.start.astimezone(timezone)
        line = self._store.rundown.find(CueId.of(sheet.id, local.date(), local.time()))
        if line is None or self._is_for_units_to_tell(line, now):
            return
        told = {entry.unit for entry in self._store.asrun.of_cue(line.cue)}
        why = f"taken back by {sheet.cancelled_by}"
        for unit in expected(line, self._store.units.all()):
            if unit not in told:
                yield line_of(line, unit, Outcome.CANCELLED, why, now)

    def _is_for_units_to_tell(self, line: CueLine, now: datetime) -> bool:
        """Whether it had begun when it was taken back, and may still be on air or waiting somewhere."""
        if line.start <= now and self._laid(line.cue) is not None:
            self._begun.add(line.cue)
        over = line.start + line.asked + ANNOUNCEMENT_GRACE
        return line.cue in self._begun and now <= over

    def _laid(self, cue: CueId) -> PlannedCue | None:
        """The cue as a plan in force has it."""
        plans = (self._shelf.plan(zone) for zone in self._shelf.refs)
        cues = (planned for plan in plans if plan is not None for planned in plan.cues)
        return next((planned for planned in cues if planned.id == cue), None)
