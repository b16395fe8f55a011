"""Station time: what the hub's clock shows, worked out by a unit from letters that take their time.

A unit notes its monotonic clock when it asks and when the answer is there; the hub notes its own UTC when
it hears the question and when it answers. Neither knows how long a letter was on its way, but no letter
arrives before it was sent, and that is a certainty in both directions:

    when the unit sent,            station time was at most  what the hub noted on hearing   (a ceiling)
    when the answer arrived,       station time was at least what the hub noted on answering (a floor)

So station time lies between the lowest ceiling and the highest floor ever noted, and each direction is as
good as its quickest letter: a slow way up does not spoil a quick way down. The two clocks do not run equally
fast, so a ceiling rises and a floor sinks by `DRIFT` with age, until a fresh one is better. The way from what
is shown to the farther bound is the `error`: a certainty, not a guess.

Within these bounds the likeliest line through the letters of the last hours is shown (`likeliest`): it learns
how differently the two crystals run, and is mostly a tenth as far off as the error admits. A way up that is
always longer than the way down remains unseen, by half of the difference, but never by more than the error.

Laws
1. A ceiling below a floor cannot be: then the hub's clock was set, and what was noted before is worthless.
   By less than a second it is followed at once. By more, it must stand for `STANDS`: a hub that comes up with
   a wrong clock, which is then set right, does not take its villages through the wrong hour and back.
2. What the unit's own system clock says counts only until the hub is heard: units keep step with the hub.

Pure: all times are arguments. Monotonic times are seconds of `clock.monotonic`.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from broadcaster.domain.instants import instant
from broadcaster.link.likeliest import Letter, Line, Rate, likeliest

__all__ = ["DRIFT", "STANDS", "TRUSTED", "ClockUnset", "Exchange", "StationTime"]

DRIFT = 120e-6
"""Seconds a second by which the hub's and a unit's clock may part: two crystals at 50 ppm, heat and age."""

TRUSTED = 120.0
"""Seconds of error up to which scheduled cues play: a unit cut off for ten days still keeps its plan."""

STANDS = 30.0
"""Seconds for which the hub must show another time, off by more than a second, before it is believed."""

_SET = 1.0
_ROUNDING = 5e-6
_WINDOW = 3 * 3600.0
"""Seconds for which a letter counts; beyond, crystals have turned too far."""
_LETTERS = 400

_UNKNOWN = Rate(mean=0.0, doubt=DRIFT / 2)
_KNOWN = 3e-6
"""How far a rate that was known well can be trusted later, after a night or a crash."""

_SOON = 0.5
_FIRST = 8
_DENSE = 45.0
_THINNING = 20
_LONGEST = 120.0
"""By chance a third more: still less than a quiet line is left alone for (`connection.Pace.quiet`)."""
_IN_DOUBT = 90.0
_CUT_OFF = 400.0
_GOOD = 1.2e-3
"""Seconds of deviation up to which it is enough to ask every `_LONGEST`, and not every `_IN_DOUBT`. Half
as many questions again, over 4G, make it a third better."""
_FINE = 0.1e-3
_LEARNING = 6.0
"""As long as it would be asked so often anyway, it is, unless the deviation is this small: on a LAN."""


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
class _Origin:
    """An offset is station time beyond `instant`, less monotonic time beyond `monotonic`."""

    monotonic: float
    instant: datetime

    def offset(self, monotonic: float, instant: datetime) -> float:
        return (instant - self.instant).total_seconds() - (monotonic - self.monotonic)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bound:
    """At `at`, station time was no later (a ceiling) or no earlier (a floor) than `offset` says."""

    at: float
    offset: float

    def offset_at(self, monotonic: float, parting: float) -> float:
        """The same bound at another moment; the clocks may have parted by `parting` seconds a second."""
        return self.offset + abs(monotonic - self.at) * parting


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """All that is known. `since`: when the hub was first heard, as far as the pace of asking goes."""

    origin: _Origin
    ceiling: _Bound
    floor: _Bound
    line: Line
    letters: tuple[Letter, ...] = ()
    since: float = 0.0

    def contradiction(self, now: float) -> float:
        """By how much no time can be under the one and over the other."""
        return self.floor.offset_at(now, -DRIFT) - self.ceiling.offset_at(now, DRIFT) - _ROUNDING


@dataclass(frozen=True, slots=True, kw_only=True)
class StationTime:
    """What a unit knows of station time. `StationTime()` knows nothing yet."""

    _known: _Known | None = None
    _doubted: tuple[Letter, ...] = ()
    """Letters by which the hub's clock was set, until they have stood for long enough."""

    def heard(self, exchange: Exchange) -> Self:
        """What is known after one more exchange with the hub."""
        known = self._known
        origin = (
            _Origin(monotonic=exchange.sent, instant=exchange.received) if known is None else known.origin
        )
        letter = Letter(
            sent=exchange.sent,
            ceiling=origin.offset(exchange.sent, exchange.received),
            arrived=exchange.arrived,
            floor=origin.offset(exchange.arrived, exchange.answered),
        )
        rate = _UNKNOWN if known is None else _later(known.line.rate)
        alone = _anew(origin, (letter,), rate)
        if alone is None:  # the hub's clock was set in the middle of it
            return self
        if known is None or not known.letters:
            return replace(self, _known=alone, _doubted=())
        return self._compared(known, alone, letter)

    def _compared(self, known: _Known, alone: _Known, letter: Letter) -> Self:
        """What is known when `letter` has come, of which `alone` is known."""
        now = letter.arrived
        both = replace(
            known,
            ceiling=min(known.ceiling, alone.ceiling, key=lambda bound: bound.offset_at(now, DRIFT)),
            floor=max(known.floor, alone.floor, key=lambda bound: bound.offset_at(now, -DRIFT)),
        )
        off = both.contradiction(now)
        if off <= 0:
            return replace(self, _known=_taken(both, letter), _doubted=())
        if off <= _SET:
            rate = Rate(mean=known.line.rate.mean, doubt=_UNKNOWN.doubt)
            fresh = _anew(known.origin, (letter,), rate)
            since = max(known.since, now - _THINNING * _IN_DOUBT / 3)
            return replace(self, _known=fresh and replace(fresh, since=since), _doubted=())
        return self._doubting(known, letter)

    def _doubting(self, known: _Known, letter: Letter) -> Self:
        doubted = (*self._doubted, letter)[-_LETTERS:]
        rate = _later(known.line.rate)
        believed = _anew(known.origin, doubted, rate)
        if believed is None:
            return replace(self, _doubted=(letter,))
        if len(doubted) < 3 or letter.arrived - doubted[0].arrived < STANDS:
            return replace(self, _doubted=doubted)
        return replace(self, _known=believed, _doubted=())

    def told(self, *, monotonic: float, instant: datetime, error: float, rate: float = 0.0) -> Self:
        """What is known when the unit's own clock says `instant` and is believed (NTP) to within `error` s.

        `rate`: by how many seconds a second station time was last seen to gain on the monotonic clock. It
        stands in until the hub is heard and counts for nothing afterwards: units keep step with the hub.
        """
        if self._known is not None and self._known.letters:
            return self
        believed = Rate(mean=rate, doubt=_KNOWN if rate else _UNKNOWN.doubt)
        known = _Known(
            origin=_Origin(monotonic=monotonic, instant=instant),
            ceiling=_Bound(at=monotonic, offset=error),
            floor=_Bound(at=monotonic, offset=-error),
            line=Line(at=monotonic, offset=0.0, doubt=error, rate=believed),
        )
        return replace(self, _known=known)

    def at(self, monotonic: float) -> datetime:
        """Station time at that moment of the unit's monotonic clock. Raises ClockUnset."""
        known = self._sure()
        passed = monotonic - known.origin.monotonic
        return known.origin.instant + timedelta(seconds=passed + known.line.offset_at(monotonic))

    def monotonic_of(self, instant: datetime) -> float:
        """When it is `instant` at the station, by the unit's monotonic clock. Raises ClockUnset."""
        known = self._sure()
        ahead = known.origin.offset(known.line.at, instant) - known.line.offset
        return known.line.at + ahead / (1 + known.line.rate.mean)

    def error(self, monotonic: float) -> float:
        """The most, in seconds, by which `at` can be wrong; infinite when nothing is known."""
        if self._known is None:
            return math.inf
        shown = self._known.line.offset_at(monotonic)
        above = self._known.ceiling.offset_at(monotonic, DRIFT) - shown
        below = shown - self._known.floor.offset_at(monotonic, -DRIFT)
        return max(above, below, 0.0)

    def doubt(self, monotonic: float) -> float:
        """The deviation, in seconds, by which `at` is likely to be wrong; infinite when nothing is known."""
        return math.inf if self._known is None else self._known.line.doubt_at(monotonic)

    @property
    def rate(self) -> float:
        """By how many seconds a second station time gains on the monotonic clock; 0 when nothing is known."""
        return 0.0 if self._known is None else self._known.line.rate.mean

    def trusted(self, monotonic: float) -> bool:
        """Whether scheduled cues may play by it and orders be judged by it."""
        return self.error(monotonic) <= TRUSTED

    @property
    def pause(self) -> float:
        """How many seconds to let pass, on average, before the hub is asked again.

        Often at first (at most a hundred times in the first minute), rarer and rarer, and no oftener than
        what is known makes worth its bytes. Whoever asks makes it a third more or less, by chance, so that no
        rhythm of the network is met.
        """
        known = self._known
        if known is None or self._doubted or len(known.letters) < _FIRST:
            return _SOON
        now = known.letters[-1].arrived
        seen = now - known.since
        dense = min(max(_SOON, (seen - _DENSE) / _THINNING), _IN_DOUBT)
        aim = _FINE if dense < _LEARNING else _GOOD
        if known.line.doubt >= aim:
            return dense
        good = math.sqrt(aim**2 - known.line.doubt**2) / known.line.rate.doubt
        return min(max(good, dense), max(seen, _SOON), _LONGEST)

    def _sure(self) -> _Known:
        if self._known is None:
            raise ClockUnset("station time is not known yet")
        return self._known


def _later(rate: Rate) -> Rate:
    """What a rate that was worked out is worth when the next letter is looked at."""
    return Rate(mean=rate.mean, doubt=min(max(3 * rate.doubt, _KNOWN), _UNKNOWN.doubt))


def _anew(origin: _Origin, letters: tuple[Letter, ...], rate: Rate) -> _Known | None:
    """What is known by these letters alone; None when they contradict each other."""
    now = letters[-1].arrived
    ceilings = (_Bound(at=letter.sent, offset=letter.ceiling) for letter in letters)
    floors = (_Bound(at=letter.arrived, offset=letter.floor) for letter in letters)
    known = _Known(
        origin=origin,
        ceiling=min(ceilings, key=lambda bound: bound.offset_at(now, DRIFT)),
        floor=max(floors, key=lambda bound: bound.offset_at(now, -DRIFT)),
        line=Line(at=now, offset=0.0, doubt=0.0, rate=rate),
        since=letters[0].sent,
    )
    return None if known.contradiction(now) > 0 else _drawn(known, letters, rate)


def _taken(known: _Known, letter: Letter) -> _Known:
    now = letter.arrived
    letters = (*(old for old in known.letters if now - old.arrived < _WINDOW), letter)[-_LETTERS:]
    if now - known.letters[-1].arrived > _CUT_OFF and known.line.doubt_at(now) > 2 * _GOOD:
        known = replace(known, since=now)
    return _drawn(known, letters, _later(known.line.rate))


def _drawn(known: _Known, letters: tuple[Letter, ...], rate: Rate) -> _Known:
    """With the likeliest line, within what is certain; letters that crystals have outrun are let go."""
    now = letters[-1].arrived
    line = likeliest(letters, now, rate, DRIFT)
    while line is None:
        letters = letters[(len(letters) + 1) // 2 :]
        line = likeliest(letters, now, rate, DRIFT)
    lowest, highest = known.floor.offset_at(now, -DRIFT), known.ceiling.offset_at(now, DRIFT)
    offset = min(max(line.offset, lowest), max(highest, lowest))
    return replace(known, line=replace(line, offset=offset), letters=letters)
