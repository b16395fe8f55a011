"""Station time: what the hub's clock shows, worked out by a unit from letters that take their time.

A unit notes its monotonic clock when it asks and when the answer is there; the hub notes its own UTC when
it hears the question and when it answers. Neither knows how long a letter was on its way, but no letter
arrives before it was sent, and that is a certainty in both directions:

    when the unit sent,            station time was at most  what the hub noted on hearing   (a ceiling)
    when the answer arrived,       station time was at least what the hub noted on answering (a floor)

So station time lies between the lowest ceiling and the highest floor ever noted, and each direction is as
good as its quickest letter: a slow way up does not spoil a quick way down. The two clocks do not run equally
fast, so a ceiling rises and a floor sinks by `DRIFT` with age, until a fresh one is better. The middle is
taken for the time, and the way from there to the farther bound for its error: a certainty, not a guess. A way
up that is always longer than the way down remains unseen, but never by more than that.

A ceiling below a floor cannot be: then one of the clocks was set, and what was noted before is worthless.

Pure: all times are arguments. Monotonic times are seconds of `clock.monotonic`.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from broadcaster.domain.instants import instant

__all__ = ["DRIFT", "TRUSTED", "ClockUnset", "Exchange", "StationTime"]

DRIFT = 100e-6
"""Seconds a second by which the hub's and a unit's clock may part: two crystals at 50 ppm."""

TRUSTED = 120.0
"""Seconds of error up to which scheduled cues play: a unit cut off for ten days still keeps its plan."""

_ROUNDING = timedelta(microseconds=5)


class ClockUnset(Exception):
    """The unit has no idea of station time: it has heard neither the hub nor a clock it may believe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One question and its answer: `sent` and `arrived` by the unit's monotonic clock, the rest the hub's."""

    sent: float
    received: datetime
    answered: datetime
    arrived: float

    def __post_init__(self) -> None:
        if instant(self.answered) < instant(self.received) or self.arrived < self.sent:
            raise ValueError("an answer cannot come before its question")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """At `monotonic`, station time was no later (a ceiling) or no earlier (a floor) than `instant`."""

    monotonic: float
    instant: datetime

    def at(self, monotonic: float, parting: float) -> datetime:
        """The same bound at another moment; the clocks may have parted by `parting` seconds a second."""
        passed = monotonic - self.monotonic
        return self.instant + timedelta(seconds=passed + abs(passed) * parting)


@dataclass(frozen=True, slots=True, kw_only=True)
class StationTime:
    """What a unit knows of station time. `StationTime()` knows nothing yet."""

    _ceiling: _Bound | None = None
    _floor: _Bound | None = None
    _from_hub: bool = False

    def heard(self, exchange: Exchange) -> Self:
        """What is known after one more exchange with the hub."""
        ceiling = _Bound(monotonic=exchange.sent, instant=exchange.received)
        floor = _Bound(monotonic=exchange.arrived, instant=exchange.answered)
        now = exchange.arrived
        if _contradict(ceiling, floor, now):  # the hub's clock was set in the middle of it
            return self
        fresh = replace(self, _ceiling=ceiling, _floor=floor, _from_hub=True)
        if self._ceiling is None or self._floor is None or not self._from_hub:
            return fresh
        lowest = min(self._ceiling, ceiling, key=lambda bound: bound.at(now, DRIFT))
        highest = max(self._floor, floor, key=lambda bound: bound.at(now, -DRIFT))
        if _contradict(lowest, highest, now):
            return fresh
        return replace(self, _ceiling=lowest, _floor=highest)

    def told(self, *, monotonic: float, instant: datetime, error: float) -> Self:
        """What is known when the unit's own clock says `instant` and is believed (NTP) to within `error` s.

        It stands in until the hub is heard and counts for nothing afterwards: units keep step with the hub.
        """
        if self._from_hub:
            return self
        width = timedelta(seconds=error)
        return replace(
            self,
            _ceiling=_Bound(monotonic=monotonic, instant=instant + width),
            _floor=_Bound(monotonic=monotonic, instant=instant - width),
        )

    def at(self, monotonic: float) -> datetime:
        """Station time at that moment of the unit's monotonic clock. Raises ClockUnset."""
        known, middle = self._middle()
        return middle + timedelta(seconds=monotonic - known)

    def monotonic_of(self, instant: datetime) -> float:
        """When it is `instant` at the station, by the unit's monotonic clock. Raises ClockUnset."""
        known, middle = self._middle()
        return known + (instant - middle).total_seconds()

    def error(self, monotonic: float) -> float:
        """The most, in seconds, by which `at` can be wrong; infinite when nothing is known."""
        if self._ceiling is None or self._floor is None:
            return math.inf
        time = self.at(monotonic)
        above = self._ceiling.at(monotonic, DRIFT) - time
        below = time - self._floor.at(monotonic, -DRIFT)
        return max(above, below, timedelta(0)).total_seconds()

    def trusted(self, monotonic: float) -> bool:
        """Whether scheduled cues may play by it and orders be judged by it."""
        return self.error(monotonic) <= TRUSTED

    def _middle(self) -> tuple[float, datetime]:
        """A moment of the monotonic clock and the likeliest station time of it.

        The likeliest drift is none: the middle is that of the bounds as they were noted, unless they are so
        old that it has come to lie outside of what is certain.
        """
        if self._ceiling is None or self._floor is None:
            raise ClockUnset("station time is not known yet")
        known = max(self._ceiling.monotonic, self._floor.monotonic)
        lowest, highest = self._floor.at(known, 0.0), self._ceiling.at(known, 0.0)
        middle = lowest + (highest - lowest) / 2
        return known, min(max(middle, self._floor.at(known, -DRIFT)), self._ceiling.at(known, DRIFT))


def _contradict(ceiling: _Bound, floor: _Bound, now: float) -> bool:
    """Whether no time can be under the one and over the other; instants are rounded to microseconds."""
    return ceiling.at(now, DRIFT) < floor.at(now, -DRIFT) - _ROUNDING
