"""The amplitude of a passage: how it comes, goes, and moves in between.

Laws of this file
1. Nothing jumps. From nothing to full takes at least 5 ms, back to nothing 50 ms, unless something else is
   to sound before (`takingback`).
2. What people were not just hearing comes slowly: who missed a second of a clip, or more, is given it over a
   second, so that nobody under the horn is frightened when the power is back in the middle of a song. A clip
   from its beginning is there at once: its first words are not faded away.
3. Louder takes a second; softer is there at once, as a cut is.
"""

import numpy as np

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.sound.codec import Samples

__all__ = ["FADE", "RAMP", "RISE", "Fader", "rise_after"]

RAMP = FRAME_RATE * 5 // 1000
"""Frames of the shortest rise: a click has no time to become one, a consonant is still there."""
RISE = FRAME_RATE
"""Frames of the longest rise."""
FADE = FRAME_RATE // 20
"""Frames of a fade from full level to silence."""
_EXACT = 1e-4


def rise_after(missed: float) -> int:
    """Frames of the rise of what begins when so many frames of it were not heard."""
    return round(min(max(missed, RAMP), RISE))


class Fader:
    """Begins silent, rises to `aim` (linear, 0 to 1) within `rise` frames.

    `prompt`: gets louder as fast as it begins (an emergency).
    """

    def __init__(self, aim: float, *, rise: int, prompt: bool = False) -> None:
        self._amplitude = 0.0
        self._aim = aim
        self._up = aim / rise
        self._rise = RAMP if prompt else RISE
        self._leaving = False

    @property
    def silent(self) -> bool:
        """Whether it was faded out."""
        return self._leaving and self._amplitude == 0.0

    @property
    def leaving(self) -> bool:
        return self._leaving

    def aim_at(self, aim: float) -> None:
        """Be that loud from now on."""
        if aim != self._aim and not self._leaving:
            self._aim = aim
            self._up = max(aim - self._amplitude, 0.0) / self._rise

    def leave(self) -> int:
        """Fade out from now on, for good; how many frames that takes."""
        self._leaving = True
        self._aim = 0.0
        return max(round(self._amplitude * FADE), 1)

    def before_leaving(self, left: int) -> int:
        """How many frames may still go on if it is to be silent after `left`; a rise goes on meanwhile."""
        longest = left - self._aim * FADE
        if self._amplitude >= self._aim:
            return int(longest) if left > self._amplitude * FADE else 0
        rising = (left - self._amplitude * FADE) / (1 + self._up * FADE)
        return max(int(max(longest, rising)), 0)

    def shaped(self, block: Samples) -> Samples:
        """The block at the amplitude it has come to, within [-1, 1]."""
        if self._amplitude == self._aim:
            shaped = block if self._aim == 1.0 else block * np.float32(self._aim)
        else:
            shaped = block * self._path(len(block))
        return np.clip(shaped, -1.0, 1.0)

    def _path(self, frames: int) -> Samples:
        """The amplitude of each of the next frames, on its way to the aim."""
        steps = np.arange(1, frames + 1, dtype=np.float32)
        if self._aim > self._amplitude:
            path: Samples = np.minimum(self._amplitude + steps * np.float32(self._up), self._aim)
        else:
            path = np.maximum(self._amplitude - steps / FADE, self._aim)
        if frames:
            reached = float(path[-1])
            self._amplitude = self._aim if abs(reached - self._aim) < _EXACT else reached
        return path.astype(np.float32, copy=False)
