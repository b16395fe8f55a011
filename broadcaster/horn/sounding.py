"""A passage on the air: what is laid for it, and the account of it.

Law: the account counts frames that were laid and not taken back, not frames that were planned; how loud it
was is told of what the device took.
"""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.fading import Fader, rise_after
from broadcaster.horn.level import Meter
from broadcaster.horn.passage import Passage
from broadcaster.horn.resampler import Resampler
from broadcaster.horn.ring import Ring
from broadcaster.horn.source import Source
from broadcaster.sound.codec import Samples

__all__ = ["Account", "Sounding"]

_PIECE = FRAME_RATE // 10


@dataclass(slots=True)
class Account:
    """What was laid for one run of a passage without a break.

    `first`: number of its first frame; `begin`: the instant at which that one sounds; `done`: nothing more
    will be laid.
    """

    passage: Passage
    first: int
    begin: datetime
    frames: int = 0
    done: bool = False
    fault: Exception | None = None
    _heard: int = field(default=0, repr=False)
    _meter: Meter = field(default_factory=Meter, repr=False)

    @property
    def end(self) -> int:
        """The number after its last frame."""
        return self.first + self.frames

    @property
    def loudest(self) -> float | None:
        """RMS of its loudest second, dBFS, of what the device took and was listened to."""
        return self._meter.loudest

    def listen(self, ring: Ring, meter: Meter) -> None:
        """Take the level of what the device has taken since the last time, `meter` too."""
        until = min(ring.taken, self.end)
        at = max(self.first + self._heard, until - FRAME_RATE)
        while at < until:
            block = np.empty(min(until - at, _PIECE), np.float32)
            ring.read(at, block)
            self._meter.add(block)
            meter.add(block)
            at += len(block)
        self._heard = max(until - self.first, self._heard)
        if self.done and self._heard >= self.frames:
            self._meter.close()


class Sounding:
    """Gives the frames of `passage`, from the first of `source` on.

    `missed`: how many frames of what begins nobody was given (a clip's own, or since it broke off); it
    comes the more slowly for it, but for an emergency.
    """

    def __init__(self, passage: Passage, source: Source, account: Account, *, missed: float) -> None:
        self.passage = passage
        self.account = account
        self._source = source
        self._resampler = Resampler(source)
        rise = rise_after(0.0 if passage.prompt else missed)
        self._fader = Fader(_linear(passage.gain), rise=rise, prompt=passage.prompt)
        self._cut: int | None = None
        self.ratio = 1.0
        """Frames of the clips for one frame of the card, from here on."""
        self.ended = False
        self.unwanted = False
        """To be faded out now, for good."""
        self.again = False
        """To be faded out now and to begin again where it should be."""

    @property
    def position(self) -> float:
        """The frame of the passage's clips that comes next, with its fraction."""
        return self._resampler.position

    def become(self, passage: Passage) -> None:
        """The same run of sound, to end otherwise or at another loudness."""
        self.passage = passage
        self._fader.aim_at(_linear(passage.gain))

    @property
    def source(self) -> Source:
        """Where it comes from; still open when it is to begin `again`."""
        return self._source

    def prepare(self, ahead: int) -> None:
        self._source.prepare(ahead)

    def cut(self, frame: int | None) -> None:
        """Be silent at `frame`, or as soon after as a fade allows; None: at the end of the clips.

        Once the fade is under way it stays.
        """
        self._cut = frame

    def fill(self, first: int, into: Samples) -> int:
        """Fill `into` with the frames from number `first` on; not all of it when the passage ends within."""
        filled = 0
        while filled < len(into) and not self.ended:
            filled += self._fill_until_turn(first + filled, into[filled:])
        self.account.frames += filled
        if self.ended:
            self.close()
        return filled

    def take_back(self, end: int) -> None:
        """It ends before frame `end`: what was laid after that does not sound.

        What was wholly taken back and is still wanted may be begun again with the same source.
        """
        self.account.frames = end - self.account.first
        self.again = self.account.frames == 0 and not self.unwanted
        self.close()

    def close(self) -> None:
        self.ended = True
        self.account.fault = self._source.fault
        self.account.done = True
        if not self.again or self._source.fault is not None:
            self._source.close()

    def _fill_until_turn(self, first: int, into: Samples) -> int:
        """Fill as far as one aim holds: before the fade out, or within it."""
        count = len(into)
        if self._fader.leaving:
            count = min(count, self._fader.leave())
        elif self._cut is not None:
            before = self._fader.before_leaving(self._cut - first)
            count = min(count, before if before > 0 else self._fader.leave())
        block = self._resampler.pull(count, self.ratio)
        into[: len(block)] = self._fader.shaped(block)
        self.ended = len(block) < count or self._fader.silent
        return len(block)


def _linear(decibels: float) -> float:
    return float(10.0 ** (min(decibels, 0.0) / 20.0))
