"""How fast the clip is to be played against the card's own frames, so that it stays with station time.

The control law of the unit, all of it. At each block the player says by how much the clip is behind where
station time wants it; the answer is a ratio: frames of the clip for one frame of the card.

Laws of this file
1. The ratio is never more than 200 ppm from 1: a third of a hundredth of a semitone, which nobody hears.
2. It moves so slowly that no move is heard: what is said to be behind may leap, the ratio does not.
3. What is known of the card is followed from the first frame on. What it needs besides is learned and kept,
   from one passage to the next: it is the card's and the two clocks', not the clip's.

What this means: an error of 5 ms is gone in half a minute, one of 25 ms in two; beyond that the player
leaps. A stream that was opened seconds ago has not shown yet that its card is 100 ppm off: then a passage is
off by 0.4 ms more after ten seconds, and by nothing a minute later.
"""

__all__ = ["MOST", "Pace"]

MOST = 200e-6
"""The most by which the ratio differs from 1."""
_MEND = 5.0
"""Seconds in which an error is mended to a third. Sayings of when a frame sounds wander by 0.3 ms within
seconds: followed so slowly they make 60 ppm, not 300, and yet a step of station time is over in a minute."""
_LEARN = 4 * _MEND * _MEND
"""Four times the square of the above: the quickest learning that does not swing."""
_SMOOTH = 1.0
"""Seconds. The line through the sayings is drawn anew four times a second, a little elsewhere each time; a
ratio that followed each time would add a tone's sidebands at 4 Hz. It is far enough below `_MEND` that
holding step does not begin to swing."""


class Pace:
    """Of one speaker against station time, for as long as its stream goes on."""

    def __init__(self) -> None:
        self._learned = 0.0
        self._now = 0.0

    @property
    def ratio(self) -> float:
        """Frames of the clip for one frame of the card."""
        return 1.0 + self._now

    def begin(self, slow: float) -> None:
        """A passage begins: at the pace that is known, whatever the one before had to mend."""
        self._now = _within(slow + self._learned)

    def follow(self, behind: float, slow: float, seconds: float) -> float:
        """The ratio for the next `seconds`, when the clip is `behind` seconds (less than 0: ahead).

        `slow`: seconds that the card takes longer for a second of frames, as far as its clock has shown.
        """
        wish = slow + self._learned + behind / _MEND
        if abs(wish) < MOST:  # beyond it, it is the bound that leaves the error, not the learning
            self._learned += behind / _LEARN * seconds
        self._now += (_within(wish) - self._now) * min(seconds / _SMOOTH, 1.0)
        return self.ratio


def _within(ratio: float) -> float:
    return min(max(ratio, -MOST), MOST)
