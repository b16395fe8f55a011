"""How loud it may be: caps by part of day, zone and rank, written in local time, laid on units as UTC.

Laws
1. A cap only ever makes it softer; of several that hold, the softest counts.
2. An emergency has no cap, and none can be written for it.
3. What sounds follows from the instant at which it sounds, so that nothing has ever to be put back.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from broadcaster.domain.instants import WEEKDAYS, Spell, Weekday, to_utc
from broadcaster.domain.names import ZoneId
from broadcaster.domain.programme import Rank

__all__ = ["CAPPED", "SOFTEST", "Cap", "SofterHours", "cap_at", "caps_within"]

SOFTEST = -60.0
"""dB below full; softer than that nobody hears it."""

CAPPED: tuple[Rank, ...] = (Rank.FILL, Rank.ORDINARY, Rank.PRIORITY)
"""All that a cap may name."""

_DAY = timedelta(days=1)


def _checked(ranks: tuple[Rank, ...], at_most: float) -> None:
    if not ranks or not set(ranks) <= set(CAPPED):
        raise ValueError(f"a cap names some of {', '.join(rank.word for rank in CAPPED)}")
    if not SOFTEST <= at_most <= 0:
        raise ValueError(f"a cap is {SOFTEST:g} to 0 dB, not {at_most:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SofterHours:
    """From `begin` to `end` local time these ranks are at most `at_most` dB (0 is full) in these zones and
    all below them.

    `days` are those on which it begins; an `end` that is not after `begin` is the next day's.
    """

    days: frozenset[Weekday]
    begin: time
    end: time
    zones: tuple[ZoneId, ...]
    at_most: float
    ranks: tuple[Rank, ...] = CAPPED

    def __post_init__(self) -> None:
        _checked(self.ranks, self.at_most)
        if not self.days or not self.days <= set(WEEKDAYS):
            raise ValueError(f"days must be some of {', '.join(WEEKDAYS)}, not {sorted(self.days)}")
        if self.begin == self.end and self.end != time(0):
            raise ValueError(f"from {self.begin} to {self.end} is no time at all")
        if not self.zones:
            raise ValueError("softer hours name at least one zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """Within `spell` these ranks sound at most `at_most` dB below their clips' own level."""

    spell: Spell
    ranks: tuple[Rank, ...]
    at_most: float

    def __post_init__(self) -> None:
        _checked(self.ranks, self.at_most)


def caps_within(softer: Iterable[SofterHours], timezone: ZoneInfo, span: Spell) -> tuple[Cap, ...]:
    """Every cap that holds somewhere in `span`, as UTC, in order of time."""
    caps = (cap for hours in softer for cap in _caps_of(hours, timezone, span))
    return tuple(sorted(caps, key=lambda cap: (cap.spell.begin, cap.spell.end, cap.at_most, cap.ranks)))


def cap_at(caps: Iterable[Cap], rank: Rank, moment: datetime) -> float:
    """The dB that `rank` may have at `moment`; 0 when nothing holds it down, for an emergency always."""
    return min((cap.at_most for cap in caps if rank in cap.ranks and moment in cap.spell), default=0.0)


def _caps_of(hours: SofterHours, timezone: ZoneInfo, span: Spell) -> Iterator[Cap]:
    day = span.begin.astimezone(timezone).date() - _DAY
    last = span.end.astimezone(timezone).date()
    while day <= last:
        end_day = day if hours.begin < hours.end else day + _DAY
        begin = max(to_utc(datetime.combine(day, hours.begin), timezone), span.begin)
        end = min(to_utc(datetime.combine(end_day, hours.end), timezone), span.end)
        if WEEKDAYS[day.weekday()] in hours.days and begin < end:
            yield Cap(spell=Spell(begin=begin, end=end), ranks=hours.ranks, at_most=hours.at_most)
        day += _DAY
