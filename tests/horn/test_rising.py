"""How what plays comes, goes, and gets louder: never with a click, never with a jump to full."""

from dataclasses import replace

import numpy as np
import pytest

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.fading import RAMP
from tests.sound.hearing import clicks, level, onset
from tests.unit.box import Box, same, speech, tone


@pytest.fixture
def box() -> Box:
    return Box()


def test_joined_in_the_middle_it_rises_over_a_second_and_never_jumps_to_full(box: Box) -> None:
    clips = [box.shelf.add(speech(1, seed=1)), box.shelf.add(speech(4, seed=2))]
    box.player.follow([box.passage(*clips, at=0.5, skip=3 * FRAME_RATE)])
    box.run(2.6)
    rise = np.minimum(np.arange(1, 2 * FRAME_RATE + 1, dtype=np.float32) / FRAME_RATE, 1)
    assert same(box.at(0.5, 2.0), speech(4, seed=2)[2 * FRAME_RATE :] * rise)


def test_an_item_that_begins_is_there_at_once_also_when_others_of_its_cue_were_heard_before(box: Box) -> None:
    clips = [box.shelf.add(speech(1, seed=1)), box.shelf.add(speech(1, seed=2))]
    box.player.follow([box.passage(*clips, at=0.5, skip=FRAME_RATE)])
    box.run(2)
    assert same(box.at(0.5, 1.0), speech(1, seed=2))


def test_the_first_50_ms_of_a_clip_are_there_but_for_a_ramp_of_5(box: Box) -> None:
    clip = box.shelf.add(tone(1))
    box.player.follow([box.passage(clip, at=0.5)])
    box.run(2)
    ramp = np.minimum(np.arange(1, 2401, dtype=np.float32) / RAMP, 1)
    assert RAMP == 240
    assert np.max(np.abs(box.at(0.5, 2400) - tone(1)[:2400] * ramp)) < 0.005
    assert not box.at(0.4, 4799).any()
    assert same(box.at(1.45, 0.05), tone(1)[-2400:])
    assert not box.at(1.501, 0.4).any()


def test_a_tone_that_is_cut_out_of_the_middle_of_a_swing_begins_without_a_click(box: Box) -> None:
    clip = box.shelf.add(tone(1)[27:])
    box.player.follow([box.passage(clip, at=0.5)])
    box.run(1)
    assert clicks(box.at(0.4, 0.5), steepest=0.01) == []


def test_an_alert_that_is_joined_in_the_middle_is_at_full_level_after_5_ms(box: Box) -> None:
    clip = box.shelf.add(tone(5))
    box.run(1)
    box.player.follow([replace(box.passage(clip, at=0.0), prompt=True)])
    box.run(1)
    begun = onset(box.sound, 0.0)
    assert same(box.sound[begun:][:9600], tone(5)[begun - box.frame(0.0) :][:9600])


def test_a_hair_too_late_its_first_words_are_not_faded_away(box: Box) -> None:
    clip = box.shelf.add(speech(3))
    box.run(1.0)
    box.player.follow([box.passage(clip, at=1.0)])
    box.run(1.5)
    missed = onset(box.sound, 0.0) - box.frame(1.0)
    assert 0.02 * FRAME_RATE < missed < 0.05 * FRAME_RATE
    rest = round(2 * missed)
    assert same(box.at(1.0, FRAME_RATE)[rest:], speech(3)[rest:FRAME_RATE])


def test_nothing_is_ever_louder_than_its_clip_and_volume_rises_slowly_and_falls_at_once(box: Box) -> None:
    clip = box.shelf.add(tone(7))
    loud = box.passage(clip, at=0.5)
    soft = replace(loud, gain=-20.0)
    box.player.follow([soft])
    box.run(1.5)
    box.player.follow([loud])
    box.run(2.5)
    box.player.follow([soft])
    box.run(1.0)
    quiet, full = level(box.at(0.6, 0.8)), level(box.at(2.8, 0.8))
    assert full - quiet == pytest.approx(20, abs=0.1)
    assert full == pytest.approx(level(tone(1)), abs=0.1)
    assert quiet + 2 < level(box.at(1.7, 0.2)) < full - 6
    assert level(box.at(4.3, 0.5)) == pytest.approx(quiet, abs=0.1)
    assert clicks(box.at(0.6, 4.0), steepest=0.01) == []
    with pytest.raises(ValueError, match="louder"):
        replace(loud, gain=0.1)


def test_after_a_short_hole_it_is_soon_as_loud_as_before_and_after_a_long_one_slowly(box: Box) -> None:
    clip = box.shelf.add(tone(10))
    box.player.follow([box.passage(clip, at=0.5)])
    box.run(1)
    for missing, until_loud in ((0.25, 0.2), (1.5, 1.1)):
        box.time.seconds += missing
        box.speaker.keep_pace()
        again = box.time.seconds - box.time.noon
        box.run(1.5)
        loud = level(box.at(again + until_loud, 0.1))
        assert loud == pytest.approx(level(tone(1)), abs=0.2)
        assert level(box.at(again + until_loud / 4, 0.02)) < loud - 6
    assert len(box.player.heard()) == 3
