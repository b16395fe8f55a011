"""How loud it was: RMS per second of what was laid, in dBFS; digital silence shows as -120.

Of a part of a second shorter than a quarter no level is taken, unless there is no other.
"""

import numpy as np

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.sound.codec import Samples

__all__ = ["Meter"]

_LEAST_COUNTED = FRAME_RATE // 4
_SILENCE = 1e-12
"""Power that is shown for none at all."""


class Meter:
    """Takes what is laid, in order; the silence between passages is not laid and does not count.

    `loudest`: RMS of the loudest second that is over, in dBFS; None when there was none.
    """

    def __init__(self) -> None:
        self.loudest: float | None = None
        self._power = 0.0
        self._counted = 0

    def add(self, block: Samples) -> None:
        while len(block):
            lacking = FRAME_RATE - self._counted
            part, block = block[:lacking], block[lacking:]
            self._counted += len(part)
            self._power += float(np.dot(part, part))
            if self._counted == FRAME_RATE:
                self._second_over()

    def close(self) -> None:
        """The second under way is over, if there is enough of it or nothing else to go by."""
        if self._counted >= _LEAST_COUNTED or (self._counted and self.loudest is None):
            self._second_over()

    def since(self) -> float | None:
        """RMS of the loudest second since this was asked last, in dBFS; None when nothing was laid."""
        self.close()
        loudest = self.loudest
        self.loudest, self._power, self._counted = None, 0.0, 0
        return loudest

    def _second_over(self) -> None:
        level = 10 * float(np.log10(max(self._power / self._counted, _SILENCE)))
        self.loudest = level if self.loudest is None else max(self.loudest, level)
        self._power, self._counted = 0.0, 0
