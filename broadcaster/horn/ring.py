"""Frames on their way to the horn: the short store between the feeder and the device.

Laws of this file
1. One thread lays, one takes; neither waits for the other to do so. There is no lock: each side moves only
   its own numbers, and a number is moved after the samples it speaks of.
2. Frames are numbered from the start of the stream, and a number is a moment: frame n sounds when the
   device comes to n, whatever went before. What comes too late is left out, never pushed back, so a gap
   costs the words in the gap and not the step with the other horns.
3. `take` runs in the device's callback: it copies, and makes nothing that grows.
4. What is laid and not taken may be laid otherwise (`instead`): wholly, or not at all when the device came
   first. The device never takes a part of the one and a part of the other.

How the last one comes without a lock: frames lie on a tape. To lay otherwise is to make another tape, the
same as the one before up to a frame (`since`), and to offer it. The device looks at what is offered when it
begins to take, and goes over to it if it has come no further than `since`; if it has, it stays where it is.
It says how far it is about to take before it looks, so whoever offers knows at once whether it will go over;
only if the device is just taking, the hundred microseconds of that are waited for. This rests on what
CPython promises: one thread sees what another one stored in the order in which it was stored.
"""

import time

import numpy as np

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.sound.codec import Samples

__all__ = ["Ring"]

_MOMENT = 0.0001
"""Seconds between two looks at a device that is just taking."""


class _Tape:
    """Frames by number, the last `len(samples)` of them; `laid` is the number after the last one.

    `since`: up to there it is the same as `before`, the tape that it is to replace; None when that one cannot
    be gone back to any more.
    """

    __slots__ = ("before", "laid", "samples", "since")

    def __init__(self, samples: Samples, *, laid: int, since: int, before: "_Tape | None") -> None:
        self.samples = samples
        self.laid = laid
        self.since = since
        self.before = before

    def write(self, first: int, block: Samples) -> None:
        size = len(self.samples)
        start = first % size
        until_wrap = size - start
        self.samples[start : start + len(block)] = block[:until_wrap]
        if len(block) > until_wrap:
            self.samples[: len(block) - until_wrap] = block[until_wrap:]

    def read(self, first: int, into: Samples) -> None:
        size = len(self.samples)
        start = first % size
        until_wrap = size - start
        if len(into) <= until_wrap:
            into[:] = self.samples[start : start + len(into)]
        else:
            into[:until_wrap] = self.samples[start:]
            into[until_wrap:] = self.samples[: len(into) - until_wrap]

    def silence(self, first: int, count: int) -> None:
        size = len(self.samples)
        start = first % size
        count = min(count, size)
        until_wrap = size - start
        self.samples[start : start + count] = 0.0
        if count > until_wrap:
            self.samples[: count - until_wrap] = 0.0


class Ring:
    """A ring of `size` frames."""

    def __init__(self, size: int = 2 * FRAME_RATE) -> None:
        self._size = size
        self._offered = _Tape(np.zeros(size, np.float32), laid=0, since=0, before=None)
        self._playing = self._offered
        self.taken = 0
        """Frames the device has taken since the stream began."""
        self._taking = 0
        """What `taken` will be when the device is done with what it takes now."""
        self.underruns = 0
        """How often the device asked for a frame that was not there."""

    @property
    def laid(self) -> int:
        """Number after the last frame laid."""
        return self._offered.laid

    @property
    def head(self) -> int:
        """The number of the next frame to lay: after all that is laid and all that was taken."""
        return max(self.laid, self.taken)

    def lay(self, first: int, block: Samples) -> None:
        """Lay `block` as the frames from number `first` (a `head` asked for before) on.

        The block and what is still in the ring must fit it together.
        """
        self._fits(first, block)
        self._offered.write(first, block)
        self._offered.laid = first + len(block)

    def instead(self, since: int, samples: Samples) -> bool:
        """Take back all that was laid from frame `since` on, and lay `samples` there instead.

        False when the device came first: then all is as it was. Called by whoever lays.
        """
        self._fits(since, samples)
        before = self._offered
        if since < self.taken or since > before.laid:
            return False
        if self._playing is before:
            before.before = None
        tape = _Tape(before.samples.copy(), laid=since + len(samples), since=since, before=before)
        tape.write(since, samples)
        self._offered = tape
        while self._taking > since:  # it is about to come, or has come, beyond: did it see what is offered?
            done = self.taken > since
            if self._playing is tape:
                break
            if done:
                self._offered = before
                return False
            time.sleep(_MOMENT)
        return True

    def _fits(self, first: int, block: Samples) -> None:
        if first + len(block) - self.taken > self._size:
            raise ValueError(f"{len(block)} frames do not fit the ring of {self._size}")

    def take(self, into: Samples) -> None:
        """Fill `into` with the next frames, silence where there are none, and count them as taken."""
        first, wanted = self.taken, len(into)
        self._taking = first + wanted
        tape = self._offered
        while tape is not self._playing and tape.since < first and tape.before is not None:
            tape = tape.before
        self._playing = tape
        there = min(max(tape.laid - first, 0), wanted)
        tape.read(first, into[:there])
        if there < wanted:
            into[there:] = 0.0
            tape.silence(first + there, wanted - there)
            if tape.laid:  # before the first block there is nobody to be late
                self.underruns += 1
        self.taken = first + wanted

    def read(self, first: int, into: Samples) -> None:
        """Copy the frames from number `first` on; right for those taken within the last ring's length."""
        self._playing.read(first, into)

    def ahead(self, first: int, into: Samples) -> None:
        """Copy frames that are laid and not taken yet, from number `first` on. Called by whoever lays."""
        self._offered.read(first, into)
