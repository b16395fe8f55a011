"""One frame more or less, unheard: how a unit stays in step though its sound card runs fast or slow.

A card that is 100 ppm off leaves the others by a frame every 0.2 s. A slip plays 2,401 (or 2,399) frames in
the time of 2,400, a change of pitch of less than a cent, by a windowed sinc of 16 taps; before and after it
the frames of the clip go out untouched. A card that keeps time is never resampled.
"""

from functools import cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from broadcaster.sound.codec import Samples

__all__ = ["SPAN", "Slipping"]

SPAN = 2400
_SIDE = 8
"""Frames of the clip looked at on either side."""
_BETA = 6.0
"""Of the Kaiser window: what it adds to a tone of 1 kHz is 70 dB below it."""


class _Pulled(Protocol):
    @property
    def position(self) -> int: ...

    def pull(self, frames: int) -> Samples: ...


class Slipping:
    """What `source` gives, with a frame dropped or repeated when wished."""

    def __init__(self, source: _Pulled) -> None:
        self._source = source
        self._made: Samples = np.zeros(0, np.float32)
        self._ahead: Samples = np.zeros(0, np.float32)
        self._before: Samples = np.zeros(0, np.float32)
        self._wish = 0

    @property
    def position(self) -> int | None:
        """The source's frame that comes next; None in the middle of a slip."""
        return None if len(self._made) else self._source.position - len(self._ahead)

    def wish(self, by: int) -> None:
        """Slip once, soon: 1 drops a frame, -1 repeats one."""
        self._wish = by

    def pull(self, frames: int) -> Samples:
        """The next `frames` frames, fewer only at the end of the source."""
        if self._wish and not len(self._made):
            self._slip(self._wish)
            self._wish = 0
        made, self._made = self._made[:frames], self._made[frames:]
        if len(made) == frames:
            return made
        plain = self._plain(frames - len(made))
        return np.concatenate([made, plain]) if len(made) else plain

    def _plain(self, frames: int) -> Samples:
        part, self._ahead = self._ahead[:frames], self._ahead[frames:]
        if len(part) < frames:
            rest = self._source.pull(frames - len(part))
            part = np.concatenate([part, rest]) if len(part) else rest
        self._before = part[-_SIDE:] if len(part) >= _SIDE else np.concatenate([self._before, part])[-_SIDE:]
        return part

    def _slip(self, by: int) -> None:
        used = SPAN + by
        there = self._source.pull(used + _SIDE - len(self._ahead))
        there = np.concatenate([self._ahead, there])
        if len(there) < used + _SIDE or len(self._before) < _SIDE:  # at an edge there is no need
            self._ahead = there
            return
        firsts, weights = _taps(by)
        around = np.concatenate([self._before, there])
        spread = around[firsts[:, None] + np.arange(2 * _SIDE)]
        self._made = np.einsum("ij,ij->i", spread, weights).astype(np.float32)
        self._before, self._ahead = there[used - _SIDE : used], there[used:]


@cache
def _taps(by: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each frame of a slip: where its taps begin (in the frames with 8 before), and their weights."""
    places = np.arange(SPAN) * ((SPAN + by) / SPAN)
    whole = np.floor(places).astype(np.int64)
    away = (places - whole)[:, None] - np.arange(1 - _SIDE, _SIDE + 1)
    weights = np.sinc(away) * np.i0(_BETA * np.sqrt(1 - np.square(away / (_SIDE + 0.01))))
    weights /= weights.sum(axis=1, keepdims=True)
    return whole + 1, weights.astype(np.float32)
