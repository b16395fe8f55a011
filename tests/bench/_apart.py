"""How far apart several horns began, from what was captured of them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from broadcaster.domain.plan import FRAME_RATE
from tests.sound.hearing import Samples

__all__ = ["apart", "begins", "spread"]

_BESIDE = FRAME_RATE // 4
"""Frames by which two horns may be apart and still be heard as beginning together."""
_EDGE = 24
_LOOKED_AT = FRAME_RATE // 25


def begins(sound: Samples, *, threshold: float = 0.02, still: float = 0.3) -> list[int]:
    """The frames on which it becomes loud after so many seconds of stillness."""
    loud = np.flatnonzero(np.abs(sound) > threshold)
    if not len(loud):
        return []
    after = np.diff(loud, prepend=loud[0] - FRAME_RATE)
    return [int(frame) for frame in loud[after > still * FRAME_RATE]]


def apart(sound: Samples) -> NDArray[np.float64]:
    """For each start of the first horn: by how many ms each horn was later, to a part of a frame.

    (starts, horns); the first column is 0. A start that one of them missed is left out.
    """
    found = [begins(sound[:, horn]) for horn in range(sound.shape[1])]
    rows = []
    for first in found[0]:
        near = [_nearest(of_horn, first) for of_horn in found]
        if all(abs(at - first) <= _BESIDE for at in near):
            wanted = _cut(sound[:, 0], first)
            rows.append([_later(wanted, first, sound[:, horn], at) for horn, at in enumerate(near)])
    return np.array(rows).reshape(-1, sound.shape[1]) * 1000 / FRAME_RATE


def spread(later: NDArray[np.float64]) -> NDArray[np.float64]:
    """Between the first and the last horn of each start, in ms."""
    return np.asarray(np.ptp(later, axis=1), dtype=np.float64)


def _nearest(frames: Sequence[int], to: int) -> int:
    return min(frames, key=lambda frame: abs(frame - to), default=-FRAME_RATE)


def _cut(sound: Samples, at: int) -> Samples:
    begin = max(at - _EDGE, 0)
    return sound[begin : begin + _LOOKED_AT + 2 * _EDGE]


def _later(wanted: Samples, first: int, sound: Samples, at: int) -> float:
    """Frames by which `sound`, which begins about `at`, is behind `wanted`, which begins at `first`."""
    there = _cut(sound, at)
    there = np.pad(there, (0, max(len(wanted) - len(there), 0)))
    size = 2 * len(wanted)
    fit = np.fft.irfft(np.fft.rfft(there, size) * np.conj(np.fft.rfft(wanted, size)), size)
    best = int(np.argmax(fit))
    before, middle, after = fit[best - 1], fit[best], fit[(best + 1) % size]
    bend = before - 2 * middle + after
    part = 0.5 * (before - after) / bend if bend else 0.0
    return at - first + (best if best < size // 2 else best - size) + float(part)
