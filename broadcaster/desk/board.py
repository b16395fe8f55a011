"""The board on the wall: what sounds now, what comes, what became of it, how the units are. Looks only.

Laws
1. What plays now comes from heartbeats, which come from samples written; never from the plan.
2. The hub stores at once what a unit says that is news, and once a minute that it lives; so what is a minute
   old may be the newest there is.
3. Nothing is kept: everything is read from the store when it is asked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from broadcaster.desk.counter import Folder, reached
from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.domain.cues import frozen_at
from broadcaster.domain.health import Health, Pulse, judge
from broadcaster.domain.instants import Spell, to_utc
from broadcaster.domain.names import BulletinId, CueId, ZoneId
from broadcaster.domain.timetable import local_days, named_at, occurrences
from broadcaster.link.messages import BadMessage, NowPlaying, Vitals, read
from broadcaster.store import Store
from broadcaster.store.announcements import AnnouncementSheet
from broadcaster.store.orders import DeskOrder
from broadcaster.store.rundown import CueLine
from broadcaster.store.units import JoinedUnit

__all__ = ["Board", "DayLine", "Fate", "OnAir", "Place", "Slot", "UnitReport"]

_STORED_EVERY = timedelta(minutes=1)
"""How old the newest heartbeat in the store may be though all is well."""

_STALE = timedelta(seconds=90)
"""A heartbeat older than this says nothing of what sounds now."""

_COMING = timedelta(days=2)

_TELLING = timedelta(minutes=15)
"""How long after its end a cue is awaited: a soft start waits for the air, a unit for its line."""

_STUCK_AFTER = timedelta(seconds=5)
"""A hub that runs sends an order within a second."""

_LATELY = timedelta(hours=1)


class Fate(StrEnum):
    """What is known of one cue, all its units together."""

    PLANNED = "planned"
    PLAYING = "playing"
    AWAITED = "awaited"  # its time has come, and not every unit has told of it yet
    AIRED = "aired"  # whole, on every unit
    SHORT = "short"  # not whole somewhere, or some unit stays silent about it
    CANCELLED = "cancelled"  # by a person, before it sounded anywhere
    NO_UNITS = "no-units"  # there is no unit in its zones


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitReport:
    """One unit as it is. `heard`: its last sign of life; `vitals`: what it said last of itself, which still
    holds then. None when it never spoke. `used`: bytes of its SIM card in this month of the station."""

    joined: JoinedUnit
    health: Health
    heard: datetime | None
    vitals: Vitals | None
    playing: NowPlaying | None
    used: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAir:
    """A cue that sounds now: in which zones, on how many units of how many that were to play it. `ends`:
    when it will be over if nothing disturbs it, None when nobody knows."""

    cue: CueId
    title: str
    since: datetime
    ends: datetime | None
    zones: frozenset[ZoneId]
    units: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLine:
    """One cue: what was meant, and what the units of its zones have told so far.

    `units` are those that should tell of it and those that did; `silent` those that have not yet.
    `announcement` is set when it is one.
    """

    line: CueLine
    fate: Fate
    entries: tuple[AsRunEntry, ...]
    units: int
    playing: int
    silent: tuple[JoinedUnit, ...]
    announcement: AnnouncementSheet | None = None

    @property
    def aired(self) -> int:
        return sum(entry.outcome is Outcome.AIRED for entry in self.entries)

    @property
    def missed(self) -> tuple[AsRunEntry, ...]:
        """What was not heard whole."""
        return tuple(entry for entry in self.entries if entry.outcome is not Outcome.AIRED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A dated programme that takes bulletins until `closes`; `booked` stand in it already."""

    cue: CueId
    title: str
    start: datetime
    closes: datetime
    zones: frozenset[ZoneId]
    booked: tuple[BulletinId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a bulletin stands: in the slot of a programme, or (`announcement`) at a time of its own.

    `day_line` tells what became of it; None as long as no hub has planned it. `open`: it can still be taken
    out.
    """

    cue: CueId
    title: str
    start: datetime
    zones: frozenset[ZoneId]
    open: bool
    announcement: AnnouncementSheet | None
    day_line: DayLine | None


class Board:
    """What people look at. Raises StoreFault, and BadFolder while there is no good station.toml."""

    def __init__(self, store: Store, folder: Folder) -> None:
        self._store = store
        self._folder = folder

    def units(self, now: datetime) -> tuple[UnitReport, ...]:
        """Every unit that is not forbidden, by id."""
        stored = self._store.units.beats()
        month = now.astimezone(self._folder.station.timezone).date().replace(day=1)
        used = self._store.units.used(month)
        reports = []
        for joined in self._store.units.all():
            if joined.forbidden:
                continue
            last = stored.get(joined.unit.id)
            vitals, heard = (None, None) if last is None else (_vitals(last.beat), last.at)
            fresh = heard is not None and now - heard < _STALE
            exact = last is not None and last.silent
            reports.append(
                UnitReport(
                    joined=joined,
                    health=judge(_pulse(vitals, heard), now if exact else now - _STORED_EVERY),
                    heard=heard,
                    vitals=vitals,
                    playing=vitals.playing if vitals is not None and fresh else None,
                    used=used.get(joined.unit.id, None if vitals is None else 0),
                )
            )
        return self._without_ended(reports)

    def _without_ended(self, reports: Iterable[UnitReport]) -> tuple[UnitReport, ...]:
        """A unit that has told how a cue ended does not play it any more, whatever its last beat says."""
        reports = tuple(reports)
        cues = {report.playing.cue for report in reports if report.playing is not None}
        told = {(entry.cue, entry.unit) for cue in cues for entry in self._store.asrun.of_cue(cue)}
        return tuple(
            replace(report, playing=None)
            if report.playing is not None and (report.playing.cue, report.joined.unit.id) in told
            else report
            for report in reports
        )

    def on_air(self, reports: Iterable[UnitReport]) -> tuple[OnAir, ...]:
        """What sounds now, by when it began."""
        reports = tuple(reports)
        playing: dict[CueId, list[tuple[UnitReport, NowPlaying]]] = {}
        for report in reports:
            if report.playing is not None:
                playing.setdefault(report.playing.cue, []).append((report, report.playing))
        found = []
        for cue, heard in playing.items():
            line = self._store.rundown.find(cue)
            since = min(playing_now.since for _, playing_now in heard)
            there = frozenset(report.joined.unit.zone for report, _ in heard)
            zones = there if line is None else line.zones | there
            found.append(
                OnAir(
                    cue=cue,
                    title=heard[0][1].title if line is None else line.title,
                    since=since,
                    ends=since + line.asked if line is not None and line.asked else None,
                    zones=zones,
                    units=len(heard),
                    of=sum(report.joined.unit.zone in zones for report in reports),
                )
            )
        return tuple(sorted(found, key=lambda air: (air.since, air.cue)))

    def coming(self, now: datetime, limit: int = 4) -> tuple[CueLine, ...]:
        """What comes next, of the coming two days."""
        lines = self._store.rundown.planned(Spell(begin=now, end=now + _COMING))
        return tuple(line for line in lines if line.withdrawn is None)[:limit]

    def day(self, day: date, reports: Iterable[UnitReport], now: datetime) -> tuple[DayLine, ...]:
        """A local day of the station, line by line."""
        span = local_days(day, 1, self._folder.station.timezone)
        announced = {sheet.id: sheet for sheet in self._store.announcements.within(span)}
        reports = tuple(reports)
        return tuple(
            self._day_line(line, reports, announced.get(line.cue.programme), now)
            for line in self._store.rundown.planned(span)
            if line.withdrawn is None or line.cue.programme in announced
        )

    def slots(self, now: datetime, days: int) -> tuple[Slot, ...]:
        """What takes bulletins in the coming days, by start."""
        station = self._folder.station
        span = Spell(begin=now, end=now + timedelta(days=days))
        found = []
        for programme in self._folder.programmes.values():
            if programme.bulletins is None:
                continue
            for occurrence in occurrences(programme, station.timezone, span):
                closes = frozen_at(occurrence.start, programme.bulletins.closes)
                if now < closes:
                    found.append(
                        Slot(
                            cue=occurrence.cue,
                            title=programme.title,
                            start=occurrence.start,
                            closes=closes,
                            zones=reached(station, programme.zones),
                            booked=self._store.bookings.of(occurrence.cue),
                        )
                    )
        return tuple(sorted(found, key=lambda slot: (slot.start, slot.cue)))

    def places(self, bulletin: BulletinId, now: datetime) -> tuple[Place, ...]:
        """Where the bulletin stands or stood, the latest first; what was taken back is left out."""
        reports = self.units(now)
        span = Spell(begin=now - timedelta(days=366), end=now + timedelta(days=367))
        own = (sheet for sheet in self._store.announcements.within(span) if sheet.bulletin == bulletin)
        places = [
            *(self._slot_place(cue, reports, now) for cue in self._store.bookings.cues_of(bulletin)),
            *(self._own_place(sheet, reports, now) for sheet in own if sheet.cancelled_by is None),
        ]
        return tuple(sorted(places, key=lambda place: (place.start, place.cue), reverse=True))

    def stuck(self, now: datetime) -> tuple[DeskOrder, ...]:
        """Orders of the last hour that no hub has sent: it is not running, or has no broker."""
        waiting = (order for order in self._store.orders.take(now) if order.asked < now - _STUCK_AFTER)
        return (*self._store.orders.unsent(now - _LATELY, now), *waiting)

    def _slot_place(self, cue: CueId, reports: tuple[UnitReport, ...], now: datetime) -> Place:
        station = self._folder.station
        programme = self._folder.programmes.get(cue.programme)
        place = None if programme is None else programme.bulletins
        start = to_utc(cue.nominal, station.timezone)
        closes = start if place is None else frozen_at(start, place.closes)
        line = self._store.rundown.find(cue)
        return Place(
            cue=cue,
            title=cue.programme if programme is None else programme.title,
            start=start,
            zones=frozenset() if programme is None else reached(station, programme.zones),
            open=now < closes or programme is None,
            announcement=None,
            day_line=None if line is None else self._day_line(line, reports, None, now),
        )

    def _own_place(self, sheet: AnnouncementSheet, reports: tuple[UnitReport, ...], now: datetime) -> Place:
        station = self._folder.station
        cue = named_at(sheet.id, sheet.start, station.timezone)
        line = self._store.rundown.find(cue)
        return Place(
            cue=cue,
            title=sheet.title,
            start=sheet.start,
            zones=reached(station, sheet.zones),
            open=now < sheet.start,
            announcement=sheet,
            day_line=None if line is None else self._day_line(line, reports, sheet, now),
        )

    def _day_line(
        self,
        line: CueLine,
        reports: tuple[UnitReport, ...],
        announcement: AnnouncementSheet | None,
        now: datetime,
    ) -> DayLine:
        entries = self._store.asrun.of_cue(line.cue)
        told = {entry.unit for entry in entries}
        silent = tuple(
            report.joined
            for report in reports
            if _is_meant(report, line)
            and report.joined.joined <= line.start
            and report.joined.unit.id not in told
        )
        playing = sum(report.playing is not None and report.playing.cue == line.cue for report in reports)
        return DayLine(
            line=line,
            fate=_fate(line, announcement, entries, bool(silent), bool(playing), now),
            entries=entries,
            units=len(told) + len(silent),
            playing=playing,
            silent=silent,
            announcement=announcement,
        )


def _is_meant(report: UnitReport, line: CueLine) -> bool:
    unit = report.joined.unit
    return unit.zone in line.zones and (not line.units or unit.id in line.units)


def _fate(
    line: CueLine,
    announcement: AnnouncementSheet | None,
    entries: tuple[AsRunEntry, ...],
    silent: bool,
    playing: bool,
    now: datetime,
) -> Fate:
    if playing:
        return Fate.PLAYING
    taken_back = announcement is not None and announcement.cancelled_by is not None
    outcomes = {entry.outcome for entry in entries}
    if (outcomes == {Outcome.CANCELLED}) or (taken_back and not outcomes):
        return Fate.CANCELLED
    if line.start > now:
        return Fate.PLANNED
    if not entries and not silent:
        return Fate.NO_UNITS
    if silent and now < line.start + line.asked + _TELLING:
        return Fate.AWAITED
    return Fate.AIRED if not silent and outcomes == {Outcome.AIRED} else Fate.SHORT


def _vitals(raw: bytes) -> Vitals | None:
    """What a unit had said of itself; None for nothing, or what another version said."""
    try:
        return read(Vitals, raw)
    except BadMessage:
        return None


def _pulse(vitals: Vitals | None, heard: datetime | None) -> Pulse | None:
    if heard is None:
        return None
    return Pulse(heard=heard) if vitals is None else vitals.pulse(heard)
