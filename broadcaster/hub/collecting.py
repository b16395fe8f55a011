"""What units tell: as-run entries into the store, how they are into memory.

A sign of life says that what a unit told last of itself still holds. When it was heard goes into the store
once a minute; what it says goes there at once when it is news, and so does that it fell silent. So the panel
shows it within a second, and a thousand units that say nothing new write next to nothing.

What units use of their SIM cards is counted by the station's months here, for a unit knows no time zone: it
tells one sum that grows, and what it grows by belongs to the month in which it is heard.

A cue that a unit said nothing of for 8 days gets its line here, so that every plan ends in a record.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from broadcaster.domain.asrun import NOT_REPORTED_AFTER, AsRunEntry, Outcome
from broadcaster.domain.health import LATE_AFTER
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import UnitId
from broadcaster.link.messages import BadMessage, Tell, Told, Vitals, read, write
from broadcaster.store import Store
from broadcaster.store.rundown import CueLine
from broadcaster.store.units import JoinedUnit, StoredBeat

__all__ = ["Collecting", "line_of"]

_LOOK_BACK = timedelta(days=366)
"""How far beyond that the first sweep after a start goes: nobody knows how long the hub was off."""

_BACK_AFTER = timedelta(seconds=90)
"""A sign of life so long after the last one that is stored is of a unit that was thought lost."""

_WARNED_EVERY = timedelta(minutes=1)

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Known:
    """What is known of a unit: when it was heard, and what it said last of itself. `kept` and `told` are
    those of them that the store has; `silent`: it also has that nothing came since."""

    heard: datetime
    vitals: Vitals | None = None
    kept: datetime | None = None
    told: Vitals | None = None
    silent: bool = False

    @property
    def is_news(self) -> bool:
        """Whether somebody waits to see it: a unit that is there, is back, or says something else."""
        if (
            self.kept is None
            or self.heard - self.kept >= _BACK_AFTER
            or (self.silent and self.heard > self.kept)
        ):
            return True
        if self.vitals is None or self.vitals is self.told:
            return False
        return self.told is None or self.told.news != self.vitals.news


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
        if not line.units or joined.unit.id in line.units
    )


def _concerns(joined: JoinedUnit, entry: AsRunEntry) -> bool:
    """A plan reaches back: what was over before a unit joined is no loss of its own."""
    return bool(entry.stretches) or joined.joined <= entry.planned


class Collecting:
    """The hub's ears."""

    def __init__(self, store: Store, timezone: ZoneInfo) -> None:
        """`timezone` is the station's: by its months data use is counted."""
        self._store = store
        self._timezone = timezone
        self._known: dict[UnitId, _Known] = {}
        self._warned: dict[UnitId, tuple[datetime, int]] = {}
        self._listens: datetime | None = None
        """Since when units can be heard at all: a hub that was off has missed what they said."""
        self._swept: datetime | None = None
        """Everything that was due before this has its line."""
        for unit, stored in store.units.beats().items():
            vitals = _stored(stored)
            self._known[unit] = _Known(stored.at, vitals, stored.at, vitals, stored.silent)

    def tell(self, tell: Tell, now: datetime) -> Told:
        """Commit the entries; only then are they acknowledged. Raises StoreFault: the unit tells again."""
        foreign = {str(e.cue): "the entry names another unit" for e in tell.entries if e.unit != tell.unit}
        ours = tuple(entry for entry in tell.entries if entry.unit == tell.unit)
        joined = self._store.units.find(tell.unit)
        kept = self._store.asrun.record(
            tuple(entry for entry in ours if joined is None or _concerns(joined, entry)), now
        )
        for entry in kept.conflicts:
            words = "told twice, differently: is there a second box with a copy of its memory card?"
            self.warn(tell.unit, f"cue={entry.cue} {words}", now)
        return Told(cues=tuple(entry.cue for entry in ours), refused=foreign)

    def heard(self, unit: UnitId, now: datetime, vitals: Vitals | None = None) -> None:
        """A sign of life of that unit, or how it is."""
        known = self._known.setdefault(unit, _Known(now))
        known.heard = now
        known.vitals = vitals or known.vitals

    def vitals(self, now: datetime) -> dict[UnitId, Vitals]:
        """How the units are that were heard of lately."""
        return {
            unit: known.vitals
            for unit, known in list(self._known.items())
            if known.vitals is not None and now - known.heard < LATE_AFTER
        }

    def warn(self, unit: UnitId, words: str, now: datetime) -> None:
        """Say in the journal what a unit does wrong, once a minute: a stolen key can do it without end."""
        at, more = self._warned.get(unit, (now - _WARNED_EVERY, 0))
        if timedelta(0) <= now - at < _WARNED_EVERY:
            self._warned[unit] = at, more + 1
            return
        self._warned[unit] = now, 0
        _logger.warning("unit=%s %s%s", unit, words, f" (and {more} more before that)" if more else "")

    def keep_news(self, now: datetime) -> None:
        """Store what is new, and who has just fallen silent."""
        self._listens = self._listens or now
        known = list(self._known.items())
        self._keep({unit: one for unit, one in known if one.is_news})
        quiet = {unit: one for unit, one in known if not one.silent and self._is_late(one, now)}
        self._keep(quiet, silent=True)

    def keep_beats(self) -> None:
        """Store everything heard since it was last stored."""
        self._keep({u: known for u, known in list(self._known.items()) if known.kept != known.heard})

    def _is_late(self, known: _Known, now: datetime) -> bool:
        return now - max(known.heard, self._listens or now) >= LATE_AFTER

    def _keep(self, units: Mapping[UnitId, _Known], *, silent: bool = False) -> None:
        fresh = {unit: (known.heard, known.vitals) for unit, known in units.items()}
        if not fresh:
            return
        beats = tuple(
            StoredBeat(unit=unit, at=at, beat=_written(vitals), silent=silent)
            for unit, (at, vitals) in fresh.items()
        )
        with self._store.writing():
            self._store.units.keep_beats(beats)
            for unit, (at, vitals) in fresh.items():
                if vitals is not None and vitals is not units[unit].told:
                    month = at.astimezone(self._timezone).date().replace(day=1)
                    self._store.units.count_used(unit, month, vitals.used)
        for unit, (at, vitals) in fresh.items():
            units[unit].kept, units[unit].told, units[unit].silent = at, vitals, silent

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


def _written(vitals: Vitals | None) -> bytes:
    return b"" if vitals is None else write(vitals)


def _stored(beat: StoredBeat) -> Vitals | None:
    try:
        return read(Vitals, beat.beat)
    except BadMessage:
        return None
