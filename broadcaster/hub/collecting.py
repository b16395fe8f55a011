"""What units tell: as-run entries into the store, heartbeats into memory.

Heartbeats go into the store once a minute, and at once when they say something new: then the panel shows it
within a second, and a thousand units that say the same write nothing.

A cue that a unit said nothing of for 8 days gets its line here, so that every plan ends in a record.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from broadcaster.domain.asrun import NOT_REPORTED_AFTER, AsRunEntry, Outcome
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import UnitId
from broadcaster.link.messages import Beat, Tell, Told, write
from broadcaster.store import Store
from broadcaster.store.rundown import CueLine
from broadcaster.store.units import JoinedUnit, StoredBeat

__all__ = ["Collecting", "line_of"]

_LOOK_BACK = timedelta(days=366)
"""How far beyond that the first sweep after a start goes: nobody knows how long the hub was off."""

_logger = logging.getLogger(__name__)


def _news(beat: Beat) -> tuple[object, ...]:
    """What somebody at the panel waits to see."""
    playing = None if beat.playing is None else beat.playing.cue
    return playing, beat.plan, beat.missing, beat.clock_trusted, beat.speaker


def line_of(line: CueLine, unit: UnitId, outcome: Outcome, reason: str, at: datetime) -> AsRunEntry:
    """The hub's own entry for a cue of which the unit will not tell anything."""
    return AsRunEntry(
        unit=unit,
        cue=line.cue,
        title=line.title,
        revision=0,
        outcome=outcome,
        planned=line.start,
        ended=at,
        asked=line.asked,
        reason=reason,
    )


def expected(line: CueLine, units: Iterable[JoinedUnit]) -> tuple[UnitId, ...]:
    """The units that were to play the cue."""
    return tuple(
        joined.unit.id
        for joined in units
        if joined.unit.zone in line.zones and joined.joined <= line.start and not joined.forbidden
    )


def _concerns(joined: JoinedUnit, entry: AsRunEntry) -> bool:
    """A plan reaches back: what was over before a unit joined is no loss of its own."""
    return bool(entry.stretches) or joined.joined <= entry.planned


class Collecting:
    """The hub's ears."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.beats: dict[UnitId, tuple[datetime, Beat]] = {}
        """The last heartbeat of each unit and when it was heard."""
        self._stored: dict[UnitId, datetime] = {}
        self._news: dict[UnitId, tuple[object, ...]] = {}
        self._swept: datetime | None = None
        """Everything that was due before this has its line."""

    def tell(self, tell: Tell, now: datetime) -> Told:
        """Commit the entries; only then are they acknowledged. Raises StoreFault: the unit tells again."""
        foreign = {str(e.cue): "the entry names another unit" for e in tell.entries if e.unit != tell.unit}
        ours = tuple(entry for entry in tell.entries if entry.unit == tell.unit)
        joined = self._store.units.find(tell.unit)
        kept = self._store.asrun.record(
            tuple(entry for entry in ours if joined is None or _concerns(joined, entry)), now
        )
        for entry in kept.conflicts:
            _logger.warning("unit=%s cue=%s told twice, differently", entry.unit, entry.cue)
        return Told(cues=tuple(entry.cue for entry in ours), refused=foreign)

    def heard(self, beat: Beat, now: datetime) -> None:
        self.beats[beat.unit] = (now, beat)

    def keep_news(self) -> None:
        """Store the heartbeats that say something new."""
        told = {unit: _news(beat) for unit, (_, beat) in list(self.beats.items())}
        changed = {unit for unit, news in told.items() if self._news.get(unit) != news}
        self._keep(changed)
        self._news.update((unit, told[unit]) for unit in changed)

    def keep_beats(self) -> None:
        """Store every heartbeat heard since it was last stored."""
        self._keep({unit for unit, (at, _) in list(self.beats.items()) if self._stored.get(unit) != at})

    def _keep(self, units: Iterable[UnitId]) -> None:
        fresh = {unit: self.beats[unit][0] for unit in units}
        if fresh:
            kept = (StoredBeat(unit=u, at=at, beat=write(self.beats[u][1])) for u, at in fresh.items())
            self._store.units.keep_beats(tuple(kept))
            self._stored.update(fresh)

    def close_silent(self, now: datetime) -> int:
        """Give NOT_REPORTED to what was due 8 days ago and was never told of; how many."""
        end = now - NOT_REPORTED_AFTER
        begin = self._swept or end - _LOOK_BACK
        count = self._close_silent_within(Spell(begin=begin, end=end), now) if begin < end else 0
        self._swept = end
        return count

    def _close_silent_within(self, span: Spell, now: datetime) -> int:
        lines = tuple(line for line in self._store.rundown.planned(span) if line.withdrawn is None)
        if not lines:
            return 0
        days = [line.cue.day for line in lines]
        told = self._store.asrun.told(min(days), max(days))
        units = self._store.units.all()
        why = f"the unit told nothing of it for {NOT_REPORTED_AFTER.days} days"
        silent = tuple(
            line_of(line, unit, Outcome.NOT_REPORTED, why, now)
            for line in lines
            for unit in expected(line, units)
            if (line.cue, unit) not in told
        )
        self._store.asrun.record(silent, now)
        return len(silent)
