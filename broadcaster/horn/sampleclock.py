"""Which frame sounds when: the device's own clock, told from what its callbacks say, and from when they come.

A sound device says at each callback when the first frame of that block will sound. What was measured of it:
- the first 300 ms of sayings lie;
- it says them by a clock of its own, which may be any, and when the callback had to wait for its turn, that
  clock seems to be behind;
- sayings wander: by 0.05 ms on a good card, through a sound server by 0.3 ms within seconds, which looks like
  60 ppm to one who has listened for a few seconds; on a busy machine by a millisecond for six seconds on end,
  and for the first 15 to 30 s by ten;
- callbacks come when the device has room for a block: late as often as not, early never. The earliest of a
  second stand in line to 0.05 ms even while the sayings wander, only by how much sooner than the sound is not
  known;
- cards differ from the right time by up to 100 ppm, and a null sink runs up to 350 ppm fast;
- when the device has run dry or stalled, by hundredths of a second or more, all that was said before is void.

So there are two lines: through the medians of each quarter of a second of sayings, a minute of them, and
through the earliest callback of each second, half a minute of them, raised by as much as the sayings were
above it in the median. Of a device that has not run for so long only the later half counts. The line goes by
which the points scatter less. Either goes where most points lie, not by their mean, and its slope is held
back (a ridge) until there is more reason to believe it than what was thought before. Sayings that are off the
line are doubted; all is drawn afresh from there when they agree with each other, two of them if they are off
by far or the device has said that it ran dry, and otherwise for as long as a sound server may wander.

Held against recorded sayings of 20 streams into one sink, one or two minutes each, at loads of 4 to 9 on two
cores: two streams that had run for 30 s were apart by 0.05 to 0.12 ms in the median and 0.13 to 0.37 ms at
p95; by the mean of the last 20 s of sayings, as it was done before, by 0.16 to 0.63 and 0.6 to 2.5 ms.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from broadcaster.domain.plan import FRAME_RATE

__all__ = ["SampleClock"]

_SAYINGS = 256
_LIES = FRAME_RATE * 3 // 10
_BIN = FRAME_RATE // 4
_BINS = 240
_EARLIEST = 30
_ENOUGH = 4
_LATER = 0.5
_STRAY = 0.002
"""Seconds off the line at which a median is doubted."""
_FAR = 0.01
"""Seconds. What is off by more has stalled or skipped: no server wanders as far once it has settled."""
_WANDERS = 24
"""Bins: six seconds."""
_STRAY_DRY = 0.001
"""As `_STRAY`, for as long after the device ran dry."""
_STEEPEST = 0.001
_HELD_BACK = 4.0
"""Of the ridge, in points times seconds squared."""
_NEAR = 0.0005
"""Seconds off the line from which on a point counts the less the farther it is off."""
_LEAST_OFF = 0.1
_ROUNDS = 4


class _Bin(NamedTuple):
    """A quarter of a second: the median of what was said, and the callback that came earliest.

    `second`, `came_second`: seconds of frames. `said`, `came`: the monotonic second of frame 0, as it looks.
    """

    second: float
    said: float
    came_second: float
    came: float


class _Line(NamedTuple):
    middle: float
    level: float
    slope: float
    scatter: float

    def at(self, second: float) -> float:
        return self.level + self.slope * (second - self.middle)


class SampleClock:
    """One thread calls `note` and `ran_dry`, one calls `refit`; the rest may be asked by any, for a line is
    drawn whole and then put in place of the one before."""

    def __init__(self) -> None:
        self._said: NDArray[np.float64] = np.zeros((_SAYINGS, 4))
        self._noted = 0
        self._read = 0
        self._taken = 0
        self._dry = 0
        self._credulous = 0
        self._bins = self._earliest = np.zeros((0, 4))  # a row is a _Bin
        self._above = np.zeros(0)
        self._doubted: list[_Bin] = []
        self._steepness = 0.0  # as it was thought before these bins
        self._line: _Line | None = None

    def note(self, frame: int, sounds: float, its_now: float, our_now: float) -> None:
        """The device says at `its_now` that `frame` sounds at `sounds`, both by its own clock."""
        self._said[self._noted % _SAYINGS] = frame, sounds, our_now - its_now, our_now
        self._noted += 1

    def ran_dry(self) -> None:
        """The device says that frames were missing: what it says next may be off, and is right. As `note`."""
        self._dry = self._noted + 1

    def refit(self) -> None:
        """Draw the line anew from what was noted; to be called a few times a second."""
        noted = self._noted
        numbers = np.arange(max(self._read, noted - _SAYINGS // 2), noted) % _SAYINGS
        said = self._said[numbers]
        said = said[said[:, 0] >= _LIES]
        if not len(said) or said[-1, 0] - said[0, 0] < _BIN * 0.8:
            return
        if self._dry > self._read:
            self._credulous = _WANDERS
        self._read = noted
        seconds = said[:, 0] / FRAME_RATE
        behind = float(said[:, 2].min())  # of the callback that had to wait least
        came = said[:, 3] - seconds
        first = int(np.argmin(came))
        residue = _median(said[:, 1] - seconds) + behind
        self._take(_Bin(float(seconds.mean()), residue, float(seconds[first]), float(came[first])))

    def _take(self, one: _Bin) -> None:
        self._taken += 1
        off = 0.0 if self._line is None else abs(one.said - self._line.at(one.second))
        if off <= (_STRAY_DRY if self._credulous else _STRAY):
            self._doubted = []
            self._add(one)
        else:
            if self._doubted and abs(one.said - self._doubted[-1].said) > _STRAY:
                self._doubted = []
            self._doubted.append(one)
            if len(self._doubted) < self._doubts(off):
                return
            self._start_afresh()
        self._credulous = max(self._credulous - 1, 0)
        self._line = self._drawn()

    def _doubts(self, off: float) -> int:
        """How many medians must agree before they are believed against the line."""
        if off > _FAR or self._credulous:
            return 2
        return min(max(len(self._bins) // 2, 2), _WANDERS)

    def _start_afresh(self) -> None:
        """From what was doubted; a card that has stalled runs no faster than before."""
        assert self._line is not None
        self._steepness = self._line.slope
        self._bins = self._earliest = np.zeros((0, 4))
        self._above = np.zeros(0)
        for one in self._doubted:
            self._add(one)
        # What it says in its next seconds is to be forgotten as its first ones were.
        self._taken = len(self._doubted)
        self._doubted = []

    def _add(self, one: _Bin) -> None:
        row = np.array([one])
        self._bins = np.concatenate([self._bins, row])
        kept = self._earliest
        if len(kept) and int(kept[-1, 2]) == int(one.came_second):
            kept, row = kept[:-1], row if one.came < kept[-1, 3] else kept[-1:]
        self._earliest = np.concatenate([kept[1 - _EARLIEST :], row])

    def _drawn(self) -> _Line:
        most = min(_BINS, max(_ENOUGH, round(_LATER * self._taken)))
        self._bins = self._bins[-most:]
        said = _line(self._bins[:, 0], self._bins[:, 1], self._steepness)
        came = _line(self._earliest[:, 2], self._earliest[:, 3], self._steepness)
        above = self._bins[-1, 1] - came.at(self._bins[-1, 0])
        self._above = np.append(self._above[1 - most :], above)
        if len(self._earliest) < _ENOUGH or said.scatter <= came.scatter:
            return said
        return came._replace(level=came.level + _median(self._above))

    @property
    def settled(self) -> bool:
        return self._line is not None

    def sounds_at(self, frame: int) -> float | None:
        """The monotonic second at which `frame` sounds, None until the sayings can be believed."""
        if self._line is None:
            return None
        return frame / FRAME_RATE + self._line.at(frame / FRAME_RATE)

    def frame_at(self, moment: float) -> float | None:
        """The frame, with its fraction, that sounds at monotonic second `moment`."""
        if self._line is None:
            return None
        middle, level, slope, _ = self._line
        return (moment - level + slope * middle) / (1 + slope) * FRAME_RATE


def _line(seconds: NDArray[np.float64], residues: NDArray[np.float64], steepness: float) -> _Line:
    """Through most of the points; as steep as was thought before while there is little reason to change."""
    middle, slope = float(seconds.mean()), steepness
    level = _median(residues - slope * (seconds - middle))
    for _ in range(_ROUNDS):  # least absolute deviations, by weights
        off = np.abs(residues - level - slope * (seconds - middle))
        weights = 1 / np.maximum(off / _NEAR, _LEAST_OFF)
        weights /= weights.sum()
        middle, level = float((weights * seconds).sum()), float((weights * residues).sum())
        away = weights * len(seconds) * (seconds - middle)
        turn = (away * (residues - steepness * seconds)).sum() / (
            (away * (seconds - middle)).sum() + _HELD_BACK
        )
        slope = min(max(steepness + float(turn), -_STEEPEST), _STEEPEST)
    scatter = _median(np.abs(residues - level - slope * (seconds - middle)))
    return _Line(middle, level, slope, scatter)


def _median(values: NDArray[np.float64]) -> float:
    """As `np.median`, which would load 1.3 MB of NumPy that nothing else needs."""
    ordered = np.sort(values)
    return float(ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
