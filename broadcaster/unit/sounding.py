"""A passage on the air: what is laid for it, at which amplitude, and the account of it.

Laws of this file
1. The amplitude moves by at most the whole scale in 50 ms, whatever is asked of it: a fade in, a fade out and
   a change of volume are one thing, and none of them clicks. A passage that begins at the beginning of a clip
   does so at full amplitude: its first words are not faded away.
2. The account counts frames that were laid, not frames that were planned.
"""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.sound.codec import Samples
from broadcaster.unit.passage import Passage
from broadcaster.unit.slip import Slipping
from broadcaster.unit.source import Source

__all__ = ["FADE", "Account", "Sounding"]

FADE = FRAME_RATE // 20
"""Frames of a fade: 50 ms."""

_IN_STEP = 16
"""Frames (a third of a ms) that a passage may be off before it is slipped back to the very frame."""
_LEAP = FRAME_RATE // 40
"""Frames (25 ms) beyond which slipping would take minutes."""
_EXACT = 1e-4
_LEAST_COUNTED = FRAME_RATE // 4
"""Of a part of a second shorter than this no level is taken, unless there is no other."""


@dataclass(slots=True)
class Account:
    """What was laid for one run of a passage without a break.

    `first`: number of its first frame; `begin`: the instant at which that one sounds; `loudest`: RMS
    of its loudest second, dBFS; `done`: nothing more will be laid.
    """

    passage: Passage
    first: int
    begin: datetime
    frames: int = 0
    loudest: float | None = None
    done: bool = False
    fault: Exception | None = None
    _power: float = field(default=0.0, repr=False)
    _counted: int = field(default=0, repr=False)

    def add(self, block: Samples) -> None:
        while len(block):
            part, block = (
                block[: FRAME_RATE - self._counted],
                block[FRAME_RATE - self._counted :],
            )
            self.frames += len(part)
            self._counted += len(part)
            self._power += float(np.dot(part, part))
            if self._counted == FRAME_RATE:
                self._second_over()

    def close(self) -> None:
        """Nothing more will be laid."""
        if self._counted >= _LEAST_COUNTED or (self._counted and self.loudest is None):
            self._second_over()
        self.done = True

    def _second_over(self) -> None:
        level = 10 * float(np.log10(max(self._power / self._counted, 1e-12)))
        self.loudest = level if self.loudest is None else max(self.loudest, level)
        self._power, self._counted = 0.0, 0


class Sounding:
    """Gives the frames of `passage` from the device's frame `first` on, at full amplitude or faded in."""

    def __init__(self, passage: Passage, source: Source, account: Account, *, faded_in: bool) -> None:
        self.passage = passage
        self.account = account
        self._source = source
        self._slipping = Slipping(source)
        self._aim = _linear(passage.gain)
        self._amplitude = 0.0 if faded_in else self._aim
        self._cut: int | None = None
        self._fading = False
        self._out_of_step = False
        self.ended = False
        self.unwanted = False
        """To be faded out now, for good."""
        self.again = False
        """To be faded out now and to begin again where it should be."""

    @property
    def position(self) -> int | None:
        """The frame of the passage's clips that comes next; None in the middle of a slip."""
        return self._slipping.position

    def keep_step(self, behind: float) -> bool:
        """Slip towards where it should be, `behind` frames on; True when that is too far to slip."""
        if abs(behind) > _IN_STEP:
            self._out_of_step = True
        elif abs(behind) < 1:
            self._out_of_step = False
        if self._out_of_step:
            self._slipping.wish(1 if behind > 0 else -1)
        return abs(behind) > _LEAP

    def become(self, passage: Passage) -> None:
        """The same run of sound, to end otherwise or at another loudness."""
        self.passage = passage
        self._aim = _linear(passage.gain)

    def prepare(self, ahead: int) -> None:
        self._source.prepare(ahead)

    def cut(self, frame: int | None) -> None:
        """Be silent at `frame`, or as soon after as a fade allows; None: at the end of the clips.

        Once the fade is under way it stays.
        """
        if not self._fading:
            self._cut = frame

    def fill(self, first: int, into: Samples) -> int:
        """Fill `into` with the frames from number `first` on; not all of it when the passage ends within."""
        filled = 0
        while filled < len(into) and not self.ended:
            filled += self._fill_until_turn(first + filled, into[filled:])
        self.account.add(into[:filled])
        if self.ended:
            self.close()
        return filled

    def close(self) -> None:
        self.ended = True
        self.account.fault = self._source.fault
        self.account.close()
        self._source.close()

    def _fill_until_turn(self, first: int, into: Samples) -> int:
        """Fill as far as one aim holds: before the fade out, or within it."""
        count, aim = len(into), self._aim
        if self._cut is not None:
            turn = self._cut - round(self._amplitude * FADE)
            if first < turn:
                count = min(count, turn - first)
            else:
                aim = 0.0
                self._fading = True
                count = min(count, max(round(self._amplitude * FADE), 1))
        block = self._slipping.pull(count)
        into[: len(block)] = self._shaped(block, aim)
        self.ended = len(block) < count or (aim == 0.0 and self._amplitude == 0.0)
        return len(block)

    def _shaped(self, block: Samples, aim: float) -> Samples:
        """The block with its amplitude moving towards `aim`, within [-1, 1]."""
        if self._amplitude != aim:
            steps = np.arange(1, len(block) + 1, dtype=np.float32) / FADE
            if aim > self._amplitude:
                path = np.minimum(self._amplitude + steps, aim)
            else:
                path = np.maximum(self._amplitude - steps, aim)
            if len(block):
                reached = float(path[-1])
                self._amplitude = aim if abs(reached - aim) < _EXACT else reached
            shaped = block * path
        else:
            shaped = block if aim == 1.0 else block * np.float32(aim)
        return np.clip(shaped, -1.0, 1.0)


def _linear(decibels: float) -> float:
    return float(10.0 ** (min(decibels, 0.0) / 20.0))
