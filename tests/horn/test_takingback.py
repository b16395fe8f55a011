"""What was laid and has not sounded: taken back when something else is to sound, and told as it was."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.plan import FRAME_RATE, Clip
from broadcaster.horn.fading import FADE, RAMP
from broadcaster.horn.passage import Passage
from broadcaster.horn.player import Heard
from broadcaster.horn.ring import Ring
from broadcaster.horn.takingback import QUICK, Back, Newcomer, Run, back
from broadcaster.sound.codec import Samples
from tests.sound.hearing import clicks
from tests.unit.box import Box, same, speech, tone

MOMENT = 0.06
"""Seconds within which a horn that holds 20 ms of frames sounds what was decided: 46 ms and a step."""


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.mark.parametrize(
    ("runs", "newcomers", "taken"),
    [
        pytest.param([], [], None, id="silence that stays"),
        pytest.param([], [Newcomer(0, 2000)], Back(0, None, 2000), id="silence for a newcomer"),
        pytest.param([], [Newcomer(0, 500)], Back(0, None, 1000), id="a newcomer that is late"),
        pytest.param([], [Newcomer(0, 5000)], None, id="a newcomer after all that is laid"),
        pytest.param([Run(0, 5000, 0)], [Newcomer(1, 1500)], None, id="it has to wait"),
        pytest.param([Run(0, 5000, None)], [], Back(0, (1000, 1000 + FADE), 1000 + FADE), id="a stop"),
        pytest.param(
            [Run(0, 5000, None)], [Newcomer(0, 1900)], Back(0, (1000, 1900), 1900), id="time for a short fade"
        ),
        pytest.param(
            [Run(0, 5000, None)],
            [Newcomer(0, 900)],
            Back(0, (1000, 1000 + QUICK), 1000 + QUICK),
            id="no time at all",
        ),
        pytest.param([Run(0, 5000, 0, 4000)], [], Back(0, (4000 - FADE, 4000), 4000), id="cut by then"),
        pytest.param([Run(0, 5000, 0, 7000)], [], None, id="cut after all that is laid"),
        pytest.param([Run(0, 1300, None)], [], None, id="over before it could fade"),
        pytest.param([Run(0, 2000, 0), Run(2000, 5000, None)], [], Back(1, None, 2000), id="never begun"),
        pytest.param(
            [Run(0, 2000, 0), Run(3000, 5000, 2)], [Newcomer(1, 2500)], Back(1, None, 2000), id="before it"
        ),
        pytest.param([Run(0, 2000, 0), Run(2000, 5000, 1)], [Newcomer(2, 3000)], None, id="behind it"),
    ],
)
def test_what_is_taken_back(runs: list[Run], newcomers: list[Newcomer], taken: Back | None) -> None:
    assert back(runs, newcomers, since=1000, head=5000) == taken


def test_what_is_decided_in_silence_is_heard_in_a_moment_from_its_first_sample(box: Box) -> None:
    clip = box.shelf.add(speech(1))
    box.run(1.0)
    at = box.player.front() - box.time.noon
    box.player.follow([box.passage(clip, at=at)])
    box.run(1.5)
    assert at - 1.0 < MOMENT
    assert same(box.at(at, 1.0), speech(1))
    assert not box.at(0.0, at).any()


def test_an_alert_takes_the_air_from_music_in_a_moment_and_the_music_is_told_to_its_last_sample(
    box: Box,
) -> None:
    music, alert = box.shelf.add(tone(5)), box.shelf.add(speech(2))
    box.player.follow([box.passage(music, at=0.5, cue="nhac")])
    box.run(1.503)
    at = box.player.front() - box.time.noon
    box.player.follow(
        [box.passage(music, at=0.5, until=at, cue="nhac"), box.passage(alert, at=at, cue="bao")]
    )
    box.run(2.3)
    assert at - 1.503 < MOMENT
    assert same(box.at(at, 2.0), speech(2))
    assert clicks(box.at(0.6, at - 0.61), steepest=0.01) == []
    before, after = box.player.heard()
    assert (before.cue.programme, after.cue.programme) == ("nhac", "bao")
    assert before.done
    assert before.length == pytest.approx(timedelta(seconds=at - 0.5), abs=timedelta(microseconds=30))
    assert after.length == timedelta(seconds=2)


def test_what_is_stopped_is_silent_in_a_moment(box: Box) -> None:
    box.player.follow([box.passage(box.shelf.add(tone(5)), at=0.5)])
    box.run(1.5)
    box.player.follow([])
    box.run(0.5)
    silent = np.flatnonzero(box.sound)[-1] + 1
    assert (silent - box.frame(1.5)) / FRAME_RATE < MOMENT + 0.05
    assert clicks(box.sound[box.frame(0.6) :], steepest=0.01) == []
    (told,) = box.player.heard()
    assert told.done
    assert told.first + told.laid == pytest.approx(silent, abs=1)


def test_what_was_laid_and_had_not_sounded_when_it_was_put_off_sounds_whole_later(box: Box) -> None:
    clip = box.shelf.add(speech(1))
    news = box.passage(clip, at=1.05)
    box.player.follow([news])
    box.run(1.0)
    assert box.speaker.ring.head > box.frame(1.05)
    later = box.passage(clip, at=1.5)
    box.player.follow([later])
    box.run(2.0)
    assert not box.at(0.0, 1.499).any()
    assert same(box.at(1.5, 1.0), speech(1))
    assert [(run.length, run.passage) for run in box.player.heard()] == [
        (timedelta(0), news),
        (timedelta(seconds=1), later),
    ]


def test_what_was_about_to_begin_gives_way_to_what_is_more_urgent_and_begins_behind_it(box: Box) -> None:
    news, alert = box.shelf.add(speech(1, seed=1)), box.shelf.add(speech(0.5, seed=2))
    box.player.follow([box.passage(news, at=1.1, cue="tin")])
    box.run(1.0)
    box.player.follow([box.passage(alert, at=1.05, cue="bao"), box.passage(news, at=1.1, cue="tin")])
    box.run(2.0)
    assert same(box.at(1.05, 0.5), speech(0.5, seed=2))
    assert same(box.at(2.02, 0.05), speech(1, seed=1)[round(0.92 * FRAME_RATE) :][:2400])


def test_how_loud_it_was_is_told_of_what_sounded_and_not_of_what_was_taken_back(box: Box) -> None:
    sound = np.concatenate([tone(1, amplitude=0.01), tone(2, amplitude=0.5)])
    box.player.follow([box.passage(box.shelf.add(sound), at=0.5)])
    box.run(1.46)  # 40 ms before it gets loud; the ring holds more
    assert np.max(np.abs(laid(box.speaker.ring))) > 0.4
    box.player.follow([])
    box.run(0.5)
    (told,) = box.player.heard()
    assert told.loudest == pytest.approx(20 * np.log10(0.01 / np.sqrt(2)), abs=0.5)
    since = box.player.level_since()
    assert since == pytest.approx(told.loudest, abs=0.5)


def laid(ring: Ring) -> Samples:
    """What lies in the ring."""
    frames = np.zeros(max(ring.head - ring.taken, 0), np.float32)
    ring.ahead(ring.taken, frames)
    return frames


def test_decided_again_a_hundred_times_it_sounds_as_if_decided_once(box: Box) -> None:
    clips = [box.shelf.add(speech(1, seed=n)) for n in range(3)]
    passages = [box.passage(clip, at=0.5 + n, cue=f"tin-{n}") for n, clip in enumerate(clips)]
    box.run(3.6, meanwhile=lambda: box.player.follow(passages))
    whole = np.concatenate([speech(1, seed=n) for n in range(3)])
    assert same(box.at(0.5, 3.0), whole)
    assert len(box.shelf.opened) == 3


class Whims(Box):
    """Somebody who keeps changing their mind about what is to sound: hums of half a scale, told apart by
    their cues alone."""

    def __init__(self) -> None:
        super().__init__()
        edge = np.hanning(2 * RAMP + 1)[:RAMP]
        hum = np.concatenate([edge, np.ones(2 * FRAME_RATE - 2 * RAMP), edge[::-1]])
        self.hum: Clip = self.shelf.add((0.5 * hum).astype(np.float32))
        self.told: dict[int, Heard] = {}

    def passages(self, wishes: list[tuple[int, float, float | None]]) -> list[Passage]:
        """A passage for each (number, begin, length), in their order, never two at once."""
        made, free = [], -1.0
        for number, begin, length in sorted(wishes, key=lambda wish: wish[1]):
            if begin < free:
                continue
            until = None if length is None else begin + length
            made.append(self.passage(self.hum, at=begin, until=until, cue=f"hum-{number}"))
            free = begin + 2.0 if until is None else min(until, begin + 2.0)
        return made

    def hear(self) -> None:
        self.told |= {run.first: run for run in self.player.heard() if run.length or run.done}


wishes = st.lists(
    st.tuples(st.integers(0, 3), st.floats(0.2, 1.5), st.none() | st.floats(0.03, 0.5)), max_size=3
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 0.3), wishes), min_size=1, max_size=6))
def test_whatever_is_decided_and_when_no_click_is_heard_and_what_sounded_is_what_is_told(
    decisions: list[tuple[float, list[tuple[int, float, float | None]]]],
) -> None:
    box = Whims()
    box.run(0.1)
    for pause, wished in decisions:
        box.player.follow(box.passages(wished))
        box.player.prepare()
        box.run(round(pause, 2), meanwhile=box.hear)
    box.player.follow([])
    box.run(0.4, meanwhile=box.hear)
    sounded = np.zeros(len(box.sound), bool)
    runs = sorted((run.first, run.first + run.laid) for run in box.told.values() if run.laid)
    assert all(run.done for run in box.told.values())
    for begin, end in runs:
        sounded[begin:end] = True
    assert all(end <= begin for (_, end), (begin, _) in pairwise(runs))
    assert not box.sound[~sounded].any()
    assert np.count_nonzero(np.abs(box.sound[sounded]) < 1e-5) <= 8 * len(runs)  # where it comes and goes
    assert np.max(np.abs(np.diff(box.sound))) <= 0.5 * (np.pi / 2 / RAMP + 1 / RAMP) + 1e-4
