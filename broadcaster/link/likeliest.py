"""The likeliest line of station time through letters that were under way for unknown times.

No letter arrives before it was sent, so each exchange sets station time an upper bound (a ceiling) and a
lower one (a floor), and clocks that run evenly draw a straight line between all of them. Many lines fit.
Which is likeliest follows from two assumptions:
- the quickest way up is as quick as the quickest way down. A difference stays unseen: it puts station time
  off by half of it, for every unit behind the same network alike;
- what a letter takes beyond the quickest is not likely to be the same for all: the line that leaves the
  widest gap between ceilings and floors is the likeliest, and exponentially more so the more letters there
  are (exactly so for exponential delays; for others near enough, since the quickest letters alone count).
Averaged over all slopes, with these weights, that is a mean, and a deviation that says when to ask again.

Crystals turn with the heat: a letter counts the less, the older it is (`TURNING`).

Pure. Times are seconds of the unit's monotonic clock; offsets are seconds of station time beyond these, from
any common origin.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, hypot, inf, sqrt
from statistics import median

__all__ = ["TURNING", "Letter", "Line", "Rate", "likeliest"]

TURNING = 1.5e-10
"""A second a second, each second: how quickly two crystals come to run differently. This is what a daily
swing of 2 ppm either way turns at most, half a ppm an hour. When they turn quicker, old letters come to
contradict young ones, and whoever asks here lets go of them."""

_ROUNDS, _SLOPES = 4, 15
"""Each round looks closer at the slopes that the one before found likely."""
_SURE = 20e-6
"""Seconds. What is said is rounded, and clocks are read by a busy machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An exchange: at `sent` the offset was at most `ceiling`, at `arrived` at least `floor`."""

    sent: float
    ceiling: float
    arrived: float
    floor: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """By how many seconds a second station time gains on the monotonic clock, and the deviation of that."""

    mean: float
    doubt: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Station time is ahead of the monotonic clock by `offset` at `at`; `doubt` is its deviation there."""

    at: float
    offset: float
    doubt: float
    rate: Rate

    def offset_at(self, monotonic: float) -> float:
        return self.offset + (monotonic - self.at) * self.rate.mean

    def doubt_at(self, monotonic: float) -> float:
        """The deviation of `offset_at`; crystals turn meanwhile."""
        away = monotonic - self.at
        return hypot(self.doubt, away * self.rate.doubt) + away * away * TURNING / 2


def likeliest(letters: Sequence[Letter], now: float, before: Rate, most: float) -> Line | None:
    """The likeliest line at `now`, no steeper than `most`, when the rate was thought to be `before`.

    None when no line can pass: then a clock was set, or turned faster than crystals do.
    """
    ceilings = _below((letter.sent - now, letter.ceiling + _turned(now - letter.sent)) for letter in letters)
    floors = _below(
        (letter.arrived - now, _turned(now - letter.arrived) - letter.floor) for letter in letters
    )
    low, high = -most, most
    weighed: list[tuple[float, float, float]] = []
    gap = -inf
    slow = 0.0
    for again in range(_ROUNDS):
        step = (high - low) / (_SLOPES - 1)
        tried = [_between(ceilings, floors, low + step * n) for n in range(_SLOPES)]
        gap = max(gap, max(width for _, width, _ in tried))
        if not again:
            slow = _slowness(letters, gap)
        weighed = _weighed(tried, _count(letters, now, slow) / slow, before)
        mean, doubt = _moments([(slope, weight) for slope, _, weight in weighed])
        reach = 4 * max(doubt, step / 2)
        low, high = max(-most, mean - reach), min(most, mean + reach)
    if gap < -_SURE:
        return None
    offset, tilt = _moments([(middle, weight) for _, middle, weight in weighed])
    of_letters = slow / _count(letters, now, slow) / sqrt(2)
    rate = Rate(mean=mean, doubt=max(doubt, step / 2))
    return Line(at=now, offset=offset, doubt=hypot(of_letters, tilt), rate=rate)


def _turned(age: float) -> float:
    return age * age * TURNING / 2


def _slowness(letters: Sequence[Letter], gap: float) -> float:
    """What a letter takes beyond the quickest, typically, in seconds."""
    both = median(letter.ceiling - letter.floor for letter in letters) - gap
    return max(both, max(gap, 0.0) / (4 * len(letters)), 5e-6)


def _count(letters: Sequence[Letter], now: float, slow: float) -> float:
    """How many letters there are, an old one counting for less than one."""
    return max(sum(exp(-_turned(now - letter.arrived) / slow) for letter in letters), 1.0)


def _weighed(
    tried: Sequence[tuple[float, float, float]], sharpness: float, before: Rate
) -> list[tuple[float, float, float]]:
    """Slope, middle and weight of each line tried."""
    merit = [sharpness * width - ((slope - before.mean) / before.doubt) ** 2 / 2 for slope, width, _ in tried]
    best = max(merit)
    pairs = zip(tried, merit, strict=True)
    return [(slope, middle, exp(worth - best)) for (slope, _, middle), worth in pairs]


def _between(
    ceilings: Sequence[tuple[float, float]], floors: Sequence[tuple[float, float]], slope: float
) -> tuple[float, float, float]:
    """Of a slope: itself, the gap between ceilings and floors along it, and the middle of it, now."""
    above = min(offset - slope * age for age, offset in ceilings)
    below = -min(offset + slope * age for age, offset in floors)
    return slope, above - below, (above + below) / 2


def _moments(weighed: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Mean and deviation."""
    whole = sum(weight for _, weight in weighed)
    mean = sum(value * weight for value, weight in weighed) / whole
    return mean, sqrt(sum((value - mean) ** 2 * weight for value, weight in weighed) / whole)


def _below(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The lower convex hull: the only points that any line from below can touch (Andrew's chain)."""
    hull: list[tuple[float, float]] = []
    for point in sorted(points):
        while len(hull) > 1 and _turns_down(hull[-2], hull[-1], point):
            hull.pop()
        hull.append(point)
    return hull


def _turns_down(first: tuple[float, float], middle: tuple[float, float], last: tuple[float, float]) -> bool:
    return (middle[0] - first[0]) * (last[1] - first[1]) <= (middle[1] - first[1]) * (last[0] - first[0])
