"""Which frame sounds when: the device's own clock, told from what its callbacks say.

A sound device says at each callback when the first frame of that block will sound. What was measured of it:
- the first 300 ms of sayings lie;
- it says them by a clock of its own, which may be any, and when the callback had to wait for its turn, that
  clock seems to be behind;
- sayings wander: by 0.05 ms on a good card, through a sound server by 0.3 ms within seconds, which looks like
  60 ppm to one who has listened for a few seconds; on a busy machine by a millisecond for six seconds on end,
  and for the first 15 to 30 s by ten;
- cards differ from the right time by up to 100 ppm, and a null sink runs up to 300 ppm fast;
- when the device has run dry or stalled, by hundredths of a second or more, all that was said before is void.

So: take the median of each quarter of a second, and draw a line through a minute of them; of a device that
has not run for so long, through the later part of all there are. The line goes where most of them lie, not by
their mean. Its slope is held back (a ridge) until there is more reason to believe it than what was thought
before. Medians that are off the line are doubted; the line is drawn afresh from there when they agree with
each other, two of them if they are off by far, and otherwise for as long as a sound server may wander.

Held against recorded sayings of 16 streams into one sink, a minute each, at loads of 4 to 9 on two cores: two
streams that had run for 30 s differed by 0.07 to 0.14 ms in the median and 0.25 to 0.6 ms at p95; by the mean
of the last 20 s, as it was done before, by 0.16 to 0.28 and 0.6 to 1.4 ms.
"""

import numpy as np
from numpy.typing import NDArray

from broadcaster.domain.plan import FRAME_RATE

__all__ = ["SampleClock"]

_SAYINGS = 256
_LIES = FRAME_RATE * 3 // 10
_BIN = FRAME_RATE // 4
_BINS = 240
_LATER = 0.6
_STRAY = 0.002
"""Seconds off the line at which a median is doubted."""
_FAR = 0.01
"""Seconds. What is off by more has stalled or skipped: no server wanders as far once it has settled."""
_WANDERS = 24
"""Bins: six seconds."""
_STEEPEST = 0.001
_HELD_BACK = 40.0
"""Of the ridge, in bins times seconds squared."""
_NEAR = 0.0005
"""Seconds off the line from which on a median counts the less the farther it is off."""
_LEAST_OFF = 0.1
_ROUNDS = 4

_Bins = list[tuple[float, float]]


class SampleClock:
    """One thread calls `note`, one other calls the rest."""

    def __init__(self) -> None:
        self._said: NDArray[np.float64] = np.zeros((_SAYINGS, 3))
        self._noted = 0
        self._read = 0
        self._bins: _Bins = []
        self._taken = 0
        self._doubted: _Bins = []
        self._steepness = 0.0  # as it was thought before these bins
        self._line: tuple[float, float, float] | None = None

    def note(self, frame: int, sounds: float, its_now: float, our_now: float) -> None:
        """The device says at `its_now` that `frame` sounds at `sounds`, both by its own clock."""
        self._said[self._noted % _SAYINGS] = frame, sounds, our_now - its_now
        self._noted += 1

    def refit(self) -> None:
        """Draw the line anew from what was noted; to be called a few times a second."""
        noted = self._noted
        numbers = np.arange(max(self._read, noted - _SAYINGS // 2), noted) % _SAYINGS
        said = self._said[numbers]
        said = said[said[:, 0] >= _LIES]
        if not len(said) or said[-1, 0] - said[0, 0] < _BIN * 0.8:
            return
        self._read = noted
        seconds = said[:, 0] / FRAME_RATE
        behind = float(said[:, 2].min())  # of the callback that had to wait least
        self._take(float(seconds.mean()), float(np.median(said[:, 1] - seconds)) + behind)

    def _take(self, middle: float, residue: float) -> None:
        self._taken += 1
        if self._line is not None and abs(residue - self._residue_at(middle)) > _STRAY:
            if self._doubted and abs(residue - self._doubted[-1][1]) > _STRAY:
                self._doubted = []
            self._doubted.append((middle, residue))
            if len(self._doubted) < self._doubts(abs(residue - self._residue_at(middle))):
                return
            self._bins, self._steepness = self._doubted, self._line[2]
        else:
            self._bins.append((middle, residue))
            del self._bins[: -min(_BINS, max(4, round(_LATER * self._taken)))]
        self._doubted = []
        self._line = _line(np.array(self._bins), self._steepness)

    def _doubts(self, off: float) -> int:
        """How many medians must agree before they are believed against the line."""
        return 2 if off > _FAR else min(max(len(self._bins) // 2, 2), _WANDERS)

    @property
    def settled(self) -> bool:
        return self._line is not None

    def sounds_at(self, frame: int) -> float | None:
        """The monotonic second at which `frame` sounds, None until the sayings can be believed."""
        if self._line is None:
            return None
        return frame / FRAME_RATE + self._residue_at(frame / FRAME_RATE)

    def frame_at(self, moment: float) -> float | None:
        """The frame, with its fraction, that sounds at monotonic second `moment`."""
        if self._line is None:
            return None
        middle, residue, slope = self._line
        return (moment - residue + slope * middle) / (1 + slope) * FRAME_RATE

    def _residue_at(self, seconds: float) -> float:
        """The monotonic second of frame 0, as it looks after so many seconds of frames."""
        assert self._line is not None
        middle, residue, slope = self._line
        return residue + slope * (seconds - middle)


def _line(bins: NDArray[np.float64], steepness: float) -> tuple[float, float, float]:
    """Through most of (seconds of frames, residue): the middle, the residue there, and its slope."""
    seconds, residues = bins.T
    middle, slope = float(seconds.mean()), steepness
    level = float(np.median(residues - slope * (seconds - middle)))
    for _ in range(_ROUNDS):  # least absolute deviations, by weights
        off = np.abs(residues - level - slope * (seconds - middle))
        weights = 1 / np.maximum(off / _NEAR, _LEAST_OFF)
        middle, level = (float(np.average(values, weights=weights)) for values in (seconds, residues))
        away = weights * (seconds - middle)
        turn = np.dot(away, residues - steepness * seconds) / (np.dot(away, seconds - middle) + _HELD_BACK)
        slope = min(max(steepness + float(turn), -_STEEPEST), _STEEPEST)
    return middle, level, slope
