"""Frames on their way to the horn: the short store between the feeder and the device.

Laws of this file
1. One thread lays, one takes; neither waits for the other. There is no lock: each side moves only its own
   number, and a number is moved after the samples it speaks of.
2. Frames are numbered from the start of the stream, and a number is a moment: frame n sounds when the
   device comes to n, whatever went before. What comes too late is left out, never pushed back, so a gap
   costs the words in the gap and not the step with the other horns.
3. `take` runs in the device's callback: it copies, and makes nothing that grows.
"""

import numpy as np

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.sound.codec import Samples

__all__ = ["Ring"]


class Ring:
    """A ring of `size` frames."""

    def __init__(self, size: int = 2 * FRAME_RATE) -> None:
        self._samples: Samples = np.zeros(size, np.float32)
        self._size = size
        self.taken = 0
        """Frames the device has taken since the stream began."""
        self.laid = 0
        """Number after the last frame laid."""
        self.underruns = 0
        """How often the device asked for a frame that was not there."""

    @property
    def head(self) -> int:
        """The number of the next frame to lay: after all that is laid and all that was taken."""
        return max(self.laid, self.taken)

    def lay(self, first: int, block: Samples) -> None:
        """Lay `block` as the frames from number `first` (a `head` asked for before) on.

        The block and what is still in the ring must fit it together.
        """
        if first + len(block) - self.taken > self._size:
            raise ValueError(f"{len(block)} frames do not fit the ring of {self._size}")
        start = first % self._size
        until_wrap = self._size - start
        self._samples[start : start + len(block)] = block[:until_wrap]
        if len(block) > until_wrap:
            self._samples[: len(block) - until_wrap] = block[until_wrap:]
        self.laid = first + len(block)

    def take(self, into: Samples) -> None:
        """Fill `into` with the next frames, silence where there are none, and count them as taken."""
        first, wanted = self.taken, len(into)
        there = min(max(self.laid - first, 0), wanted)
        self.read(first, into[:there])
        if there < wanted:
            into[there:] = 0.0
            self._silence(first + there, wanted - there)
            if self.laid:  # before the first block there is nobody to be late
                self.underruns += 1
        self.taken = first + wanted

    def read(self, first: int, into: Samples) -> None:
        """Copy the frames from number `first` on; right for those taken within the last ring's length."""
        start = first % self._size
        until_wrap = self._size - start
        if len(into) <= until_wrap:
            into[:] = self._samples[start : start + len(into)]
        else:
            into[:until_wrap] = self._samples[start:]
            into[until_wrap:] = self._samples[: len(into) - until_wrap]

    def _silence(self, first: int, count: int) -> None:
        """Leave silence where silence was taken, so that a copy of the ring is what the device got."""
        start = first % self._size
        count = min(count, self._size)
        until_wrap = self._size - start
        self._samples[start : start + count] = 0.0
        if count > until_wrap:
            self._samples[: count - until_wrap] = 0.0
