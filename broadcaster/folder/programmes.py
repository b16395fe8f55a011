"""The content of one schedules file: what is heard, where, when and how."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from broadcaster.domain.instants import WEEKDAYS, Weekday
from broadcaster.domain.names import ProgrammeId
from broadcaster.domain.places import EVERYWHERE
from broadcaster.domain.programme import GRACE, Bulletins, Item, LatePolicy, Programme, Rank, StartMode
from broadcaster.folder.faults import did_you_mean, quoted
from broadcaster.folder.items import Surroundings, read_item
from broadcaster.folder.sections import Section

__all__ = ["read_content", "read_zones"]

_RANKS = {rank.word: rank for rank in Rank if rank is not Rank.EMERGENCY}


def read_content(top: Section, programme_id: ProgrammeId, around: Surroundings) -> Programme | None:
    """The programme of a whole file; None when something is wrong, which is noted then."""
    title = top.line("title", required='a title, like title = "Bản tin sáng"')
    rank = _rank(top)
    zones = read_zones(top, around)
    when = _when(top)
    start = top.choice("start", tuple(StartMode))
    grace = top.length("grace")
    late = top.choice("late", tuple(LatePolicy))
    longest = top.length("max")
    if longest == timedelta(0):
        top.wrong("max", "allows no time at all", 'expected a length, like "45m"')
    items = _items(top, around)
    top.leftovers()
    if top.faulty or title is None or rank is None or not zones or when is None:
        return None
    try:
        return Programme(
            id=programme_id,
            title=title,
            rank=rank,
            zones=zones,
            days=when.days,
            at=when.at,
            items=items,
            first=when.first,
            last=when.last,
            excepted=when.excepted,
            also=when.also,
            start=StartMode(start or StartMode.SOFT),
            grace=GRACE if grace is None else grace,
            late=LatePolicy(late or LatePolicy.WHOLE),
            max=longest,
        )
    except ValueError as error:  # a rule of the domain that no line above tells better
        top.wrong("", str(error), "")
        return None


def _rank(top: Section) -> Rank | None:
    if "rank" not in top:
        return Rank.ORDINARY
    word = top.line("rank")
    if word == Rank.EMERGENCY.word:
        top.wrong("rank", "a programme cannot be an emergency", "raise an alert instead")
    elif word is not None and word not in _RANKS:
        top.wrong("rank", f"there is no rank {quoted(word)}", did_you_mean(word, _RANKS))
    return _RANKS.get(word or "")


def read_zones(top: Section, around: Surroundings) -> tuple[str, ...] | None:
    """The zones it is for; empty, or None, when something is wrong with them, which is noted."""
    zones = top.names("zones", required='zone ids of station.toml, or zones = ["all"]')
    if zones == ():
        top.wrong("zones", "names no zone", 'expected zone ids of station.toml, or ["all"]')
    for position, zone in enumerate(zones or ()):
        if around.zones is not None and zone != EVERYWHERE and zone not in around.zones:
            expected = did_you_mean(zone, (*around.zones, EVERYWHERE))
            top.wrong("zones", f"there is no zone {quoted(zone)}", expected, position)
    return zones


@dataclass(frozen=True, slots=True, kw_only=True)
class _When:
    days: frozenset[Weekday]
    at: tuple[time, ...]
    first: date | None
    last: date | None
    excepted: frozenset[date]
    also: frozenset[date]


def _when(top: Section) -> _When | None:
    days = top.choices("days", WEEKDAYS)
    at = top.clock_times("at", required='times of day, like at = ["05:00"]')
    first, last = top.day("from"), top.day("until")
    excepted, also = top.days("except") or (), top.days("also") or ()
    if at == ():
        top.wrong("at", "names no time", 'expected times of day, like ["05:00"]')
    if days == () and not also:
        top.wrong("days", "names no day", "name days, or dates in also")
    if first and last and first > last:
        top.wrong("until", f"{last} lies before from, which is {first}", "expected that day or a later one")
    for position, each in enumerate(also):
        if each in excepted:
            top.wrong("also", f"{each} stands in except too", "leave it in one of them", position)
    if not at:
        return None
    return _When(
        days=frozenset(WEEKDAYS if days is None else days),
        at=at,
        first=first,
        last=last,
        excepted=frozenset(excepted),
        also=frozenset(also),
    )


def _items(top: Section, around: Surroundings) -> tuple[Item, ...]:
    items: list[Item] = []
    for section in top.tables("item", required="at least one [[item]] with something to play"):
        item = read_item(section, around)
        if isinstance(item, Bulletins) and any(isinstance(other, Bulletins) for other in items):
            section.wrong("bulletins", "stands in two items", "once: the same ones would be heard twice")
        if item is not None:
            items.append(item)
    return tuple(items)
