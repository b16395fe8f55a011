"""How soon something can sound: what the device has taken already cannot be changed any more.

A device takes frames in blocks, some of them several at once, and sounds them later. How many frames it holds
is looked at again and again; what counts is the most it held within the last seconds, for so much it may hold
a moment after something was decided.
"""

__all__ = ["Reach"]

_SPELL = 5.0
"""Seconds; the most of this spell and of the one before counts."""


class Reach:
    """Of one device."""

    def __init__(self) -> None:
        self._since = 0.0
        self._before = 0
        self._now = 0

    @property
    def most(self) -> int:
        """Frames it held at most within the last seconds."""
        return max(self._before, self._now)

    def note(self, held: float, monotonic: float) -> None:
        """It holds so many frames at that second."""
        if monotonic - self._since > _SPELL:
            self._since, self._before, self._now = monotonic, self._now, 0
        self._now = max(self._now, round(held))
