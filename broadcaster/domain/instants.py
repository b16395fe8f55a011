"""Instants, spells of time, and the one rule for local times that do not exist or exist twice.

An instant is an aware `datetime` in UTC. Subtracting two local times of one zone goes wrong across a
daylight-saving change in Python, so nothing but UTC is ever subtracted.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

__all__ = ["WEEKDAYS", "Spell", "Weekday", "in_words", "instant", "merged", "to_utc", "until_of"]

Weekday = str
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def instant(moment: datetime) -> datetime:
    """Give `moment` back if it is aware UTC. Raises ValueError: a naive or local time is our own fault."""
    if moment.tzinfo is not UTC:
        raise ValueError(f"{moment!r} is not an instant: aware UTC is expected")
    return moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """The time from `begin` (included) to `end` (not included), both UTC."""

    begin: datetime
    end: datetime

    def __post_init__(self) -> None:
        if instant(self.begin) >= instant(self.end):
            raise ValueError(f"a spell must end after it begins, not {self.begin} to {self.end}")

    def __contains__(self, moment: datetime) -> bool:
        return self.begin <= moment < self.end

    def overlaps(self, other: "Spell") -> bool:
        return self.begin < other.end and other.begin < self.end


def merged(spells: Iterable[Spell]) -> tuple[Spell, ...]:
    """Put spells in order and join those that touch or overlap."""
    joined: list[Spell] = []
    for spell in sorted(spells, key=lambda s: (s.begin, s.end)):
        if joined and spell.begin <= joined[-1].end:
            joined[-1] = Spell(begin=joined[-1].begin, end=max(joined[-1].end, spell.end))
        else:
            joined.append(spell)
    return tuple(joined)


def until_of(spells: Iterable[Spell], moment: datetime) -> datetime | None:
    """The end of the spell that holds `moment`; None when none does."""
    return next((spell.end for spell in spells if moment in spell), None)


def in_words(length: timedelta) -> str:
    """A length as people read it: `45 min`, `1 h 30 min`, `2 s`; parts of a second are rounded up."""
    seconds = -(-length // timedelta(seconds=1))
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def to_utc(local: datetime, timezone: ZoneInfo) -> datetime:
    """The instant of a naive local time.

    A time that does not exist (DST gap) is the first instant after the gap; a time that exists twice is
    the first of the two.
    """
    early = local.replace(tzinfo=timezone, fold=0).astimezone(UTC)
    late = local.replace(tzinfo=timezone, fold=1).astimezone(UTC)
    if early <= late:  # it exists once, or twice: the first
        return early
    return _end_of_gap(late, early, timezone)


def _end_of_gap(before: datetime, after: datetime, timezone: ZoneInfo) -> datetime:
    """The instant between the two at which the zone's clock jumps forward."""
    offset = before.astimezone(timezone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(timezone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
