"""A box that plays nothing but zeros says so and claims nothing: real box, real player, a silent clip."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from broadcaster.domain.asrun import SILENCE, Outcome
from broadcaster.domain.health import Fault, faults_of
from broadcaster.domain.plan import FRAME_RATE, Clip
from broadcaster.domain.programme import LatePolicy, Rank
from broadcaster.link.messages import Stop
from broadcaster.sound.codec import Samples
from tests.unit.box import NOON, speech
from tests.unit.pole import Pole, cue
from tests.unit.village import Story, Village


def zeros(seconds: float) -> Samples:
    return np.zeros(round(seconds * FRAME_RATE), np.float32)


def pause(pole: Pole, seconds: float) -> Clip:
    clip = pole.shelf.add(zeros(seconds))
    return Clip(id=clip.id, frames=clip.frames, joins=False, silent=True)


@pytest.fixture
def pole(tmp_path: Path) -> Pole:
    return Pole(tmp_path)


def outcome(pole: Pole, name: str = "tin") -> tuple[Outcome, str]:
    line = pole.lines[name]
    return line.outcome, line.reason


@pytest.mark.parametrize("length", [0.2, 0.7, 5])
def test_a_cue_of_nothing_but_zeros_is_never_aired(pole: Pole, length: float) -> None:
    pole.lay(cue("tin", 5, [pole.shelf.add(zeros(length))]))
    pole.run(15)
    assert outcome(pole) == (Outcome.FAILED, SILENCE)
    assert pole.lines["tin"].stretches


def test_one_word_among_silent_clips_was_heard(pole: Pole) -> None:
    clips = [pole.shelf.add(zeros(3)), pole.shelf.add(speech(1)), pole.shelf.add(zeros(2))]
    pole.lay(cue("tin", 5, clips))
    pole.run(15)
    assert outcome(pole) == (Outcome.AIRED, "")


def test_a_programme_that_is_meant_to_be_a_pause_has_aired(pole: Pole) -> None:
    pole.lay(cue("tin", 5, [pause(pole, 4)]))
    pole.run(15)
    assert outcome(pole) == (Outcome.AIRED, "")


def test_a_pause_does_not_hide_that_the_words_were_silent(pole: Pole) -> None:
    pole.lay(cue("tin", 5, [pause(pole, 4), pole.shelf.add(zeros(3))]))
    pole.run(20)
    assert outcome(pole) == (Outcome.FAILED, SILENCE)


def test_what_was_stopped_in_its_opening_pause_was_not_silent(pole: Pole) -> None:
    pole.lay(cue("tin", 5, [pause(pole, 4), pole.shelf.add(speech(10))], longest=3))
    pole.run(15)
    assert outcome(pole)[0] is Outcome.PARTLY_AIRED


@pytest.mark.parametrize("rank", [Rank.FILL, Rank.ORDINARY])
def test_a_box_turned_all_the_way_down_is_not_taken_for_a_broken_one(pole: Pole, rank: Rank) -> None:
    pole.box.volume = -60.0
    pole.lay(cue("tin", 5, [pole.shelf.add(speech(12) * np.float32(0.25))], rank=rank))
    pole.run(16)
    due = pole.box.sound_due(pole.now)
    assert due is not None
    assert due <= -60.0
    pole.run(10)
    assert outcome(pole) == (Outcome.AIRED, "")


def test_sound_before_a_power_cut_was_heard_though_all_after_it_was_zeros(pole: Pole) -> None:
    clips = [pole.shelf.add(speech(12), joins=True), pole.shelf.add(zeros(10), joins=True)]
    pole.lay(cue("tin", 5, clips, late=LatePolicy.JOIN))
    pole.run(14)
    pole.kill(off_for=6)
    pole.lay(cue("tin", 5, clips, late=LatePolicy.JOIN))
    pole.run(20)
    assert outcome(pole)[0] is Outcome.PARTLY_AIRED


def test_zeros_before_and_after_a_power_cut_are_still_silence(pole: Pole) -> None:
    clips = [pole.shelf.add(zeros(22), joins=True)]
    pole.lay(cue("tin", 5, clips, late=LatePolicy.JOIN))
    pole.run(14)
    pole.kill(off_for=6)
    pole.lay(cue("tin", 5, clips, late=LatePolicy.JOIN))
    pole.run(20)
    assert outcome(pole) == (Outcome.FAILED, SILENCE)


@pytest.mark.parametrize(("seconds", "due"), [(4, False), (12, False), (15.5, True), (24, True), (29, False)])
def test_sound_is_due_when_a_cue_has_sounded_for_ten_seconds(pole: Pole, seconds: float, due: bool) -> None:
    pole.lay(cue("tin", 5, [pole.shelf.add(speech(20))]))
    pole.run(seconds)
    assert (pole.box.sound_due(pole.now) is not None) is due


@pytest.mark.parametrize(
    ("seconds", "due"), [(15.5, True), (18, False), (29, False), (34, False), (40, True)]
)
def test_nothing_is_due_in_a_pause_and_for_ten_seconds_after_it(
    pole: Pole, seconds: float, due: bool
) -> None:
    pole.lay(cue("tin", 5, [pole.shelf.add(speech(12)), pause(pole, 12), pole.shelf.add(speech(15))]))
    pole.run(seconds)
    assert (pole.box.sound_due(pole.now) is not None) is due


def silence_told(village: Village) -> list[float]:
    """Seconds after noon at which the unit said that it plays zeros."""
    ill = (one for one in village.beats if Fault.DIGITAL_SILENCE in faults_of(one.pulse(one.at)))
    return [(one.at - NOON) / timedelta(seconds=1) for one in ill]


def test_a_box_that_plays_zeros_says_so_within_half_a_minute_and_takes_it_back(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        village.lay(cue("tin", 10, [village.clip(zeros(45)), village.clip(speech(40))]))
        await village.hub_up()
        village.boot()
        await village.until(90)
        assert silence_told(village)
        assert 20 <= silence_told(village)[0] <= 40
        last = village.beats[-1]
        assert last.playing is not None
        assert faults_of(last.pulse(last.at)) == ()
        assert last.level is not None
        assert last.level > -20

    told(story)


def test_a_box_that_plays_as_it_should_never_says_that_it_is_silent(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        silent = village.clip(zeros(25))
        clips = [village.clip(speech(15)), Clip(id=silent.id, frames=silent.frames, joins=False, silent=True)]
        village.lay(cue("tin", 10, [*clips, village.clip(speech(20, seed=2))]))
        await village.hub_up()
        village.boot()
        await village.until(55)
        await village.order(Stop(cue=None, by="Lan"))
        await village.until(80)
        assert silence_told(village) == []

    told(story)


def test_a_box_that_is_turned_all_the_way_down_does_not_say_that_it_is_silent(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        village.settings = replace(village.settings, volume=-60.0)
        village.lay(cue("tin", 10, [village.clip(speech(35) * np.float32(0.2))], rank=Rank.FILL))
        await village.hub_up()
        village.boot()
        await village.until(40)
        await village.replan(cue("tin", 10, [village.clip(speech(35) * np.float32(0.2))], rank=Rank.FILL))
        await village.until(43)
        assert village.beats[-1].plan == 2
        assert village.beats[-1].level is not None
        assert silence_told(village) == []

    told(story)
