"""Allowed hours and quiet days: what may sound when, and until when.

Both are written in the station's local time and turned into UTC spells here, once; units and planning
only compare instants. An emergency is the one thing that sounds outside them.
No allowed hours at all means any hour.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from broadcaster.domain.instants import WEEKDAYS, Spell, Weekday, merged, to_utc
from broadcaster.domain.names import ZoneId

__all__ = ["AllowedHours", "QuietSpell", "open_spells"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedHours:
    """On these weekdays, from `begin` to `end` local time, ordinary sound is allowed.

    `end` of 00:00 means the end of the day. A window does not run past midnight: write two.
    """

    days: frozenset[Weekday]
    begin: time
    end: time

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(WEEKDAYS):
            raise ValueError(f"days must be some of {', '.join(WEEKDAYS)}, not {sorted(self.days)}")
        if self.end != time(0) and self.begin >= self.end:
            raise ValueError(f"allowed hours must end after they begin, not {self.begin} to {self.end}")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietSpell:
    """These zones (with all below them) hear emergencies only, from `begin` to `end` local time."""

    zones: tuple[ZoneId, ...]
    begin: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.begin.tzinfo is not None or self.end.tzinfo is not None:
            raise ValueError("a quiet spell is written in local time, without a zone")
        if not self.zones:
            raise ValueError("a quiet spell names at least one zone")
        if self.begin >= self.end:
            raise ValueError(f"a quiet spell must end after it begins, not {self.begin} to {self.end}")


def open_spells(
    allowed: Iterable[AllowedHours], quiet: Iterable[Spell], timezone: ZoneInfo, span: Spell
) -> tuple[Spell, ...]:
    """When within `span` ordinary sound may be heard: allowed hours less the quiet spells, as UTC.

    Adjoining windows are one spell, so that a programme may run across their seam.
    """
    allowed = tuple(allowed)
    spells = _allowed_spells(allowed, timezone, span) if allowed else (span,)
    for silent in quiet:
        spells = tuple(part for spell in spells for part in _without(spell, silent))
    return spells


def _allowed_spells(allowed: tuple[AllowedHours, ...], timezone: ZoneInfo, span: Spell) -> tuple[Spell, ...]:
    found: list[Spell] = []
    day = span.begin.astimezone(timezone).date() - timedelta(days=1)
    last = span.end.astimezone(timezone).date()
    while day <= last:
        for hours in allowed:
            if WEEKDAYS[day.weekday()] in hours.days:
                found.extend(_clipped(_on_day(hours, day, timezone), span))
        day += timedelta(days=1)
    return merged(found)


def _on_day(hours: AllowedHours, day: date, timezone: ZoneInfo) -> Spell | None:
    end_day = day + timedelta(days=1) if hours.end == time(0) else day
    begin = to_utc(datetime.combine(day, hours.begin), timezone)
    end = to_utc(datetime.combine(end_day, hours.end), timezone)
    return Spell(begin=begin, end=end) if begin < end else None  # a DST gap can swallow a short window


def _clipped(spell: Spell | None, span: Spell) -> Iterable[Spell]:
    if spell is not None and spell.overlaps(span):
        yield Spell(begin=max(spell.begin, span.begin), end=min(spell.end, span.end))


def _without(spell: Spell, hole: Spell) -> Iterable[Spell]:
    if not spell.overlaps(hole):
        yield spell
        return
    if spell.begin < hole.begin:
        yield Spell(begin=spell.begin, end=hole.begin)
    if hole.end < spell.end:
        yield Spell(begin=hole.end, end=spell.end)
