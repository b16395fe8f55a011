"""A clip a little faster or slower than it was made, unheard: the one place that knows soxr.

A sound card that is 100 ppm off leaves the others by a millisecond in ten seconds. So whatever plays goes
through here, at a ratio that may differ with each pull, and that law decides (`pace`).

Laws of this file
1. It is known at all times which frame of the clip each frame given is, to a thousandth of one.
2. The first frame given is the source's first, the last one its last; nothing is lost at either end.

Measured of soxr 1.1 with a variable ratio, and held by tests:
- up to a ratio of exactly 1 it works otherwise than above, and fades from one way to the other in between,
  which would be heard; told of a greatest ratio above 1 it keeps to the one way for all ratios down to 1/2;
- that way is late by 1.615 frames at 1 kHz (1.613 at 100 Hz, 1.66 at 5 kHz, 1.80 at 10 kHz);
- 240 frames more than were asked for have to be fed before the first one comes out;
- a new ratio holds from the next frame that comes out; the pace of the clip is the sum of the ratios;
- a 1 kHz tone stays 104 dB above all it adds, from 20 Hz to 22 kHz it is flat within 0.02 dB; a second of
  sound takes 4 ms of a PC's core.
"""

from typing import Protocol

import numpy as np
import soxr

from broadcaster.sound.codec import Samples

__all__ = ["Resampler"]

_LATE = 1.615
"""Frames by which soxr is late where voices are."""
_SPARE = 2
"""Frames fed beyond what is asked for, so that one feeding is enough."""
_RUN_UP = 364
_RUN_UP_RATIO = 1.005
"""Silence that goes in first, so fast that the frames which come out, 123 × 1.005 = 123.615, bring what
follows onto whole frames of the clip."""


class _Pulled(Protocol):
    @property
    def position(self) -> int: ...

    def pull(self, frames: int) -> Samples: ...


class Resampler:
    """What `source` gives, from its position on."""

    def __init__(self, source: _Pulled) -> None:
        self._source = source
        self._stream = soxr.ResampleStream(2.0, 1.0, 1, dtype="float32", quality="HQ", vr=True)
        self._stream.set_io_ratio(_RUN_UP_RATIO, 1.0)
        came = len(self._stream.resample_chunk(np.zeros(_RUN_UP, np.float32)))
        early = round(_RUN_UP + _LATE - came * _RUN_UP_RATIO)
        self._ratio = _RUN_UP_RATIO
        self._made: Samples = np.zeros(0, np.float32)
        self._next = float(source.position - early)
        self._end: int | None = None
        self._leave_out = early

    @property
    def position(self) -> float:
        """The source's frame that comes next, with its fraction."""
        return self._next + self._leave_out

    def pull(self, frames: int, ratio: float) -> Samples:
        """The next `frames` frames, each `ratio` frames of the clip after the one before.

        Fewer only at the end of the source, with its last frame.
        """
        if self._leave_out:
            self._leave_out, early = 0, self._leave_out
            self._pulled(early, 1.0)
        part = self._pulled(frames, ratio)
        return part if self._end is None else part[: self._until_end(part, ratio)]

    def _pulled(self, frames: int, ratio: float) -> Samples:
        if ratio != self._ratio:
            self._ratio = ratio
            self._stream.set_io_ratio(ratio, 1.0)
        while (lacking := frames - len(self._made)) > 0:
            came = self._stream.resample_chunk(self._fed(round(lacking * ratio) + _SPARE))
            self._made = np.concatenate([self._made, came])
        part, self._made = self._made[:frames], self._made[frames:]
        self._next += frames * ratio
        return part

    def _fed(self, frames: int) -> Samples:
        """What goes in next: the source, and silence for what is still on its way when it is over."""
        there = self._source.pull(frames) if self._end is None else np.zeros(0, np.float32)
        if len(there) < frames:
            self._end = self._source.position if self._end is None else self._end
            there = np.concatenate([there, np.zeros(frames - len(there), np.float32)])
        return np.ascontiguousarray(there, np.float32)

    def _until_end(self, part: Samples, ratio: float) -> int:
        """How many of `part`, which was given last, come before the end of the source."""
        assert self._end is not None
        begin = self._next - len(part) * ratio
        left = (self._end - 0.5 - begin) / ratio
        return min(max(int(np.ceil(left)), 0), len(part))
