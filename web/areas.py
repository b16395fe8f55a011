"""Which places a person can choose, and which hours."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from broadcaster.desk import Scope, Verb, scope_of
from broadcaster.domain.instants import WEEKDAYS, Spell
from broadcaster.domain.names import ZoneId
from broadcaster.domain.people import Person
from broadcaster.domain.places import EVERYWHERE, Station, Zone
from web.words import day_name

__all__ = ["alert_choices", "choices", "days_ahead", "hours", "only_own", "proposed"]

_DAYS = dict(zip(WEEKDAYS, ("T2", "T3", "T4", "T5", "T6", "T7", "CN"), strict=True))

_AHEAD = timedelta(minutes=10)
_STEP = 300
"""Seconds: proposed times end in 0 or 5 minutes."""


def choices(station: Station, person: Person, verb: Verb) -> list[tuple[str, str, int]]:
    """What may stand in a list of places: value, name, depth. A village has its own zone and those below."""
    if scope_of(person, verb) is not Scope.ALL:
        if person.zone is None:
            return []
        return list(_branch(station, station.zone(person.zone), 0))
    roots = [zone for zone in station.zones if zone.parent is None]
    if len(roots) > 1:
        below = [line for root in roots for line in _branch(station, root, 1)]
    else:  # the only root is the whole, under another name
        below = list(_branch(station, roots[0], 0))[1:]
    return [(EVERYWHERE, "Toàn xã", 0), *below]


def alert_choices(station: Station, mine: frozenset[ZoneId]) -> list[tuple[str, str, int]]:
    """The same for somebody who may alert in `mine`."""
    if mine == station.reach([EVERYWHERE]):
        below = [line for zone in station.zones if zone.parent is None for line in _branch(station, zone, 0)]
        return [(EVERYWHERE, "Toàn xã", 0), *below]
    return [(zone.id, zone.name, 0) for zone in station.zones if zone.id in mine]


def only_own(station: Station, person: Person, verb: Verb, zones: Iterable[ZoneId]) -> frozenset[ZoneId]:
    """Those of `zones` to which the person's right to `verb` reaches."""
    if scope_of(person, verb) is Scope.ALL:
        return frozenset(zones)
    mine = station.reach([person.zone]) if person.zone is not None else frozenset()
    return mine.intersection(zones)


def hours(station: Station) -> str:
    """The allowed hours: `05:00–06:30 và 17:00–19:00 hằng ngày`; empty when any hour is allowed."""
    windows: defaultdict[frozenset[str], list[str]] = defaultdict(list)
    for allowed in station.allowed:
        windows[allowed.days].append(f"{allowed.begin:%H:%M}–{allowed.end:%H:%M}")
    return "; ".join(
        f"{' và '.join(sorted(spans))} {_days(days)}"
        for days, spans in sorted(windows.items(), key=lambda window: sorted(window[1]))
    )


def proposed(station: Station, now: datetime) -> datetime | None:
    """A time to begin with: soon, within the allowed hours; None when there is none within a week."""
    soon = now + _AHEAD
    begin = datetime.fromtimestamp(-(-soon.timestamp() // _STEP) * _STEP, soon.tzinfo)
    span = Spell(begin=begin, end=begin + timedelta(days=7))
    spells = [spell for zone in station.zones for spell in station.open_for(zone.id, span)]
    return min((spell.begin for spell in spells), default=None)


def days_ahead(station: Station, now: datetime, number: int) -> list[tuple[str, str]]:
    """Today and the days after: `2026-11-21` and as people read it. A date field of a browser would show
    11/12 for the twelfth of November to whoever runs it in English."""
    today = now.astimezone(station.timezone).date()
    days = (today + timedelta(days=ahead) for ahead in range(number))
    near = {today: "Hôm nay, ", today + timedelta(days=1): "Ngày mai, "}
    return [(day.isoformat(), f"{near.get(day, '')}{day_name(day)}") for day in days]


def _branch(station: Station, zone: Zone, depth: int) -> Iterator[tuple[str, str, int]]:
    yield zone.id, zone.name, depth
    for below in station.zones:
        if below.parent == zone.id:
            yield from _branch(station, below, depth + 1)


def _days(days: frozenset[str]) -> str:
    if days == frozenset(WEEKDAYS):
        return "hằng ngày"
    return f"({', '.join(_DAYS[day] for day in WEEKDAYS if day in days)})"
