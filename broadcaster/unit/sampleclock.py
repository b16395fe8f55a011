"""Which frame sounds when: the device's own clock, told from what its callbacks say.

A sound device says at each callback when the first frame of that block will sound. What was measured of it:
- the first 300 ms of sayings lie;
- it says them by a clock of its own, which may be any, and when the callback had to wait for its turn, that
  clock seems to be behind;
- sayings wander: by 0.05 ms on a good card, by 0.3 ms within seconds through a sound server, which looks
  like 60 ppm to one who has listened for a few seconds; on a busy machine a sound server needs 15 s after
  its start to be right within milliseconds;
- cards differ from the right time by up to 100 ppm, and a null sink runs up to 200 ppm fast;
- when the device has run dry or stalled, by a millisecond or a second, all that was said before is void.

So: take the median of each quarter of a second and draw a line through twenty seconds of them. The slope of
the line is held back (a ridge) until there is more reason to believe it than that the card is right. A median
that is off the line is doubted; if the next one agrees with it, the line is drawn afresh from there.
"""

import numpy as np
from numpy.typing import NDArray

from broadcaster.domain.plan import FRAME_RATE

__all__ = ["SampleClock"]

_SAYINGS = 256
_LIES = FRAME_RATE * 3 // 10
_BIN = FRAME_RATE // 4
_BINS = 80
_STRAY = 0.001
"""Seconds. A device that is off by more, twice, has stalled or skipped."""
_STEEPEST = 0.001
_HELD_BACK = 150.0
"""Of the ridge, in bins times seconds squared: a wander of 0.3 ms over 5 s against cards of 100 ppm."""


class SampleClock:
    """One thread calls `note`, one other calls the rest."""

    def __init__(self) -> None:
        self._said: NDArray[np.float64] = np.zeros((_SAYINGS, 3))
        self._noted = 0
        self._read = 0
        self._bins: list[tuple[float, float]] = []
        self._doubted: tuple[float, float] | None = None
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
        doubted, self._doubted = self._doubted, None
        if self._line is not None and abs(residue - self._residue_at(middle)) > _STRAY:
            if doubted is None or abs(residue - doubted[1]) > _STRAY:
                self._doubted = middle, residue
                return
            self._bins = [doubted]
        self._bins.append((middle, residue))
        del self._bins[:-_BINS]
        self._line = _line(np.array(self._bins))

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


def _line(bins: NDArray[np.float64]) -> tuple[float, float, float]:
    """Through (seconds of frames, residue): the middle, the residue there, and its slope."""
    middle, residue = bins.mean(axis=0)
    away = bins[:, 0] - middle
    slope = float(np.dot(away, bins[:, 1]) / (np.dot(away, away) + _HELD_BACK))
    return float(middle), float(residue), min(max(slope, -_STEEPEST), _STEEPEST)
