"""The board on the wall: what sounds now, what comes, what became of it, how the units are. Looks only.

What plays now comes from heartbeats, which come from samples written; never from the plan.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.domain.health import Pulse, Wellness, judge
from broadcaster.domain.instants import Spell, to_utc
from broadcaster.domain.names import CueId, UnitId, ZoneId
from broadcaster.domain.places import Station
from broadcaster.link.messages import BadMessage, Beat, NowPlaying, read
from broadcaster.store import Store
from broadcaster.store.rundown import CueLine
from broadcaster.store.units import JoinedUnit

__all__ = ["Board", "DayLine", "OnAir", "UnitReport"]

_COMING = timedelta(days=2)
_STALE = timedelta(seconds=90)
"""A heartbeat older than this says nothing of what sounds now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitReport:
    """One unit as it is. `beat` is its last heartbeat, heard at `heard`; both None when it never spoke."""

    joined: JoinedUnit
    wellness: Wellness
    faults: tuple[str, ...]
    heard: datetime | None
    beat: Beat | None
    playing: NowPlaying | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAir:
    """A cue that sounds now: in which zones, on how many units of how many that were to play it."""

    cue: CueId
    title: str
    since: datetime
    ends: datetime | None
    zones: frozenset[ZoneId]
    units: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """One cue of a day: what was meant, and what the units of its zones have told so far."""

    line: CueLine
    outcomes: Counter[Outcome]
    units: int
    playing: int
    missed: tuple[AsRunEntry, ...]
    """The entries that are not AIRED."""

    @property
    def silent(self) -> int:
        """Units that have told nothing of it yet."""
        return self.units - sum(self.outcomes.values())


class Board:
    """Everything is read from the store when it is asked for. Raises StoreFault."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def units(self, now: datetime) -> tuple[UnitReport, ...]:
        """Every unit that is not forbidden, by id."""
        beats = self._store.units.beats()
        reports = []
        for joined in self._store.units.all():
            if not joined.forbidden:
                stored = beats.get(joined.unit.id)
                beat = None if stored is None else _beat(stored.beat)
                reports.append(_report(joined, beat, None if stored is None else stored.at, now))
        return tuple(reports)

    def on_air(self, now: datetime, reports: Iterable[UnitReport]) -> tuple[OnAir, ...]:
        """What sounds now, by when it began."""
        reports = tuple(reports)
        playing: dict[CueId, list[tuple[UnitReport, NowPlaying]]] = {}
        for report in reports:
            if report.playing is not None:
                playing.setdefault(report.playing.cue, []).append((report, report.playing))
        found = []
        for cue, heard in playing.items():
            line = self._store.rundown.find(cue)
            since = min(now_playing.since for _, now_playing in heard)
            zones = frozenset(report.joined.unit.zone for report, _ in heard) if line is None else line.zones
            found.append(
                OnAir(
                    cue=cue,
                    title=heard[0][1].title,
                    since=since,
                    ends=None if line is None else since + line.asked,
                    zones=zones,
                    units=len(heard),
                    of=sum(report.joined.unit.zone in zones for report in reports),
                )
            )
        return tuple(sorted(found, key=lambda air: air.since))

    def coming(self, now: datetime, limit: int = 5) -> tuple[CueLine, ...]:
        """What comes next."""
        lines = self._store.rundown.planned(Spell(begin=now, end=now + _COMING))
        return tuple(line for line in lines if line.withdrawn is None)[:limit]

    def day(self, station: Station, day: date, reports: Iterable[UnitReport]) -> tuple[DayLine, ...]:
        """A local day of the station, line by line."""
        reports = tuple(reports)
        begin, end = (
            to_utc(datetime.combine(d, datetime.min.time()), station.timezone)
            for d in (day, day + timedelta(days=1))
        )
        lines = self._store.rundown.planned(Spell(begin=begin, end=end))
        return tuple(self._day_line(line, reports) for line in lines if line.withdrawn is None)

    def _day_line(self, line: CueLine, reports: tuple[UnitReport, ...]) -> DayLine:
        entries = self._store.asrun.of_cue(line.cue)
        told: set[UnitId] = {entry.unit for entry in entries}
        meant = {
            r.joined.unit.id
            for r in reports
            if r.joined.unit.zone in line.zones and r.joined.joined <= line.start
        }
        return DayLine(
            line=line,
            outcomes=Counter(entry.outcome for entry in entries),
            units=len(told | meant),
            playing=sum(r.playing is not None and r.playing.cue == line.cue for r in reports),
            missed=tuple(entry for entry in entries if entry.outcome is not Outcome.AIRED),
        )


def _beat(raw: bytes) -> Beat | None:
    try:
        return read(Beat, raw)
    except BadMessage:
        return None


def _report(joined: JoinedUnit, beat: Beat | None, heard: datetime | None, now: datetime) -> UnitReport:
    pulse = None
    if beat is not None and heard is not None:
        pulse = Pulse(
            heard=heard,
            clock_trusted=beat.clock_trusted,
            missing=beat.missing,
            disk_free=beat.disk_free,
        )
    wellness, faults = judge(pulse, now)
    fresh = heard is not None and now - heard < _STALE
    return UnitReport(
        joined=joined,
        wellness=wellness,
        faults=faults,
        heard=heard,
        beat=beat,
        playing=beat.playing if beat is not None and fresh else None,
    )
