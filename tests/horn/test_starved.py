"""A box that had no time for its sound for a moment: the programme is picked up where it should be."""

from datetime import timedelta

import numpy as np
import pytest

from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.player import Player
from broadcaster.horn.source import Reader
from tests.unit.box import Box, speech

OPENING = 0.06
"""Seconds that a small box takes to open a clip: longer than what it is laying lasts."""


class Slow(Box):
    """A box on which the horn goes on taking while a clip is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = 0
        self.player = Player(self.speaker, self.time, self._open)

    def _open(self, clip: ClipId) -> Reader:
        self.opened += 1
        self.stall(OPENING)
        return self.shelf(clip)

    def stall(self, seconds: float) -> None:
        """Nothing of ours is done for so long."""
        self.time.seconds = round(self.time.seconds + seconds, 6)
        self.speaker.keep_pace()


@pytest.mark.parametrize("stalled", [0.17, 0.3, 1.0])
def test_a_programme_that_ran_dry_goes_on_at_the_right_word_though_opening_it_is_slow(stalled: float) -> None:
    box = Slow()
    sound = speech(6)
    box.player.follow([box.passage(box.shelf.add(sound), at=1.0)])
    box.player.prepare()
    box.run(3)
    opened = box.opened
    box.stall(stalled)
    box.run(3)
    assert box.opened == opened
    before, after = (run for run in box.player.heard())
    gap = after.begin - before.begin - before.length
    assert timedelta(0) < gap < timedelta(seconds=stalled + 0.05)
    late = box.at(5.0, 0.5)
    assert np.max(np.abs(late - sound[4 * FRAME_RATE :][: len(late)])) < 0.01
