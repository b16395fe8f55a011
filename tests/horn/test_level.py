"""How loud it was, and when that can be said."""

import numpy as np
import pytest

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.level import Meter
from tests.sound.hearing import level
from tests.unit.box import Box, tone


def test_the_loudest_second_is_told_once_and_then_the_loudest_since() -> None:
    meter = Meter()
    assert meter.since() is None
    for block in np.split(np.concatenate([tone(1, amplitude=0.1), tone(2, amplitude=0.5)]), 150):
        meter.add(block)
    assert meter.since() == pytest.approx(level(tone(1)), abs=0.1)
    assert meter.since() is None
    meter.add(tone(1, amplitude=0.1))
    assert meter.since() == pytest.approx(level(tone(1, amplitude=0.1)), abs=0.1)


def test_digital_silence_is_told_as_such_and_is_not_nothing() -> None:
    meter = Meter()
    meter.add(np.zeros(3 * FRAME_RATE, np.float32))
    assert meter.since() == -120


def test_a_moment_counts_only_when_there_is_nothing_else() -> None:
    meter = Meter()
    meter.add(tone(0.1))
    assert meter.since() == pytest.approx(level(tone(0.1)), abs=0.1)
    meter.add(tone(1, amplitude=0.1))
    meter.add(tone(0.1))
    assert meter.since() == pytest.approx(level(tone(1, amplitude=0.1)), abs=0.1)


def test_a_player_says_how_loud_it_was_since_it_was_asked_last() -> None:
    box = Box()
    silent, loud = box.shelf.add(np.zeros(2 * FRAME_RATE, np.float32)), box.shelf.add(tone(2))
    box.player.follow([box.passage(silent, at=1.0, cue="im"), box.passage(loud, at=5.0, cue="ro")])
    box.run(0.5)
    assert box.player.level_since() is None
    box.run(3.0)
    assert box.player.level_since() == -120
    box.run(1.0)
    assert box.player.level_since() is None
    box.run(3.0)
    assert box.player.level_since() == pytest.approx(level(tone(1)), abs=0.1)
    assert min(run.loudest for run in box.player.heard() if run.loudest is not None) == -120
