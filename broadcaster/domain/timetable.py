"""On which instants a programme falls.

Laws
1. A local time that does not exist (the clock jumps forward over it) is the first instant after the gap,
   once; a local time that exists twice is the first of the two, once. Libraries differ and skip or
   double here; a village hears its programme every day it was promised.
2. A cue is named by its nominal local time, so a time moved by the gap keeps its name.
3. There is no day list: occurrences are one continuous line, and midnight is nothing special.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from broadcaster.domain.instants import WEEKDAYS, Spell, instant, to_utc
from broadcaster.domain.names import CueId, ProgrammeId
from broadcaster.domain.programme import Programme

__all__ = ["Occurrence", "falls_on", "local_days", "named_at", "occurrences", "wall_time"]

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One dated start of a programme: its name and its instant (UTC)."""

    cue: CueId
    start: datetime

    def __post_init__(self) -> None:
        instant(self.start)


def occurrences(programme: Programme, timezone: ZoneInfo, span: Spell) -> tuple[Occurrence, ...]:
    """Every start of `programme` within `span`, in order of instant, then of name."""
    found = [
        Occurrence(cue=CueId.of(programme.id, day, at), start=start)
        for day in _days(timezone, span)
        if falls_on(programme, day)
        for at in set(programme.at)
        if (start := _start(day, at, timezone)) in span
    ]
    return tuple(sorted(found, key=lambda occurrence: (occurrence.start, occurrence.cue)))


def falls_on(programme: Programme, day: date) -> bool:
    """Whether `programme` is meant for the local date `day`: `except` before `also` before all else."""
    if day in programme.excepted:
        return False
    if day in programme.also:
        return True
    if programme.first is not None and day < programme.first:
        return False
    if programme.last is not None and day > programme.last:
        return False
    return WEEKDAYS[day.weekday()] in programme.days


def named_at(name: ProgrammeId, start: datetime, timezone: ZoneInfo) -> CueId:
    """The cue of something that starts once, at the instant `start`: named by the wall clock then."""
    local = instant(start).astimezone(timezone)
    return CueId.of(name, local.date(), local.time())


def local_days(first: date, days: int, timezone: ZoneInfo) -> Spell:
    """`days` days there, from the midnight that begins `first`."""
    begin, end = (
        to_utc(datetime.combine(day, time()), timezone) for day in (first, first + timedelta(days=days))
    )
    return Spell(begin=begin, end=end)


def wall_time(moment: datetime, timezone: ZoneInfo) -> str:
    """The instant as people read it there: `2026-11-21 05:00`, with seconds only when there are any."""
    local = instant(moment).astimezone(timezone)
    return local.strftime("%Y-%m-%d %H:%M:%S" if local.second else "%Y-%m-%d %H:%M")


def _days(timezone: ZoneInfo, span: Spell) -> Iterator[date]:
    """Local dates whose times may fall in `span`: a gap can move a time a whole day on (Samoa, 2011),
    and a fold across midnight shows tomorrow's date before today's comes back."""
    day = span.begin.astimezone(timezone).date() - _DAY
    last = span.end.astimezone(timezone).date() + _DAY
    while day <= last:
        yield day
        day += _DAY


@lru_cache(maxsize=65_536)
def _start(day: date, at: time, timezone: ZoneInfo) -> datetime:
    """Remembered, because many programmes share their times and a year of them is asked for at once."""
    return to_utc(datetime.combine(day, at), timezone)
