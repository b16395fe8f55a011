"""A device's sayings of when its frames sound, and how much of them is believed."""

import numpy as np
import pytest

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.sampleclock import SampleClock

BLOCK = 960
ITS_ZERO = 1.7e9


class Card:
    """A sound card that says when its blocks will sound, `ppm` fast, with jitter and a first lie.

    `wander`: seconds by which all it says is off; `early`: by which its callbacks come before their time.
    """

    def __init__(self, *, ppm: float = 0.0, jitter: float = 0.0002) -> None:
        self.clock = SampleClock()
        self.frame = 0
        self.began = 500.0
        self.wander = 0.0
        self.early = 0.0
        self._ppm = ppm
        self._jitter = jitter
        self._dice = np.random.default_rng(1)

    def truth(self, frame: int) -> float:
        return self.began + frame / (FRAME_RATE * (1 + self._ppm * 1e-6))

    def play(self, seconds: float) -> None:
        for _ in range(round(seconds * FRAME_RATE / BLOCK)):
            lie = -0.035 if self.frame < 0.25 * FRAME_RATE else 0.0
            waited = 0.004 * self._dice.random() if self._dice.random() < 0.7 else 0.0  # for its turn
            said = self.truth(self.frame) + self._dice.normal(0, self._jitter) + lie + self.wander
            now = self.truth(self.frame) - 0.1 - self.early
            self.clock.note(self.frame, said + ITS_ZERO, now + ITS_ZERO, now + waited)
            self.frame += BLOCK
            if self.frame % (12 * BLOCK) == 0:
                self.clock.refit()

    def error(self) -> float:
        """Seconds by which the clock is wrong a little ahead, where starts are placed."""
        ahead = self.frame + FRAME_RATE // 10
        said = self.clock.sounds_at(ahead)
        assert said is not None
        return abs(said - self.truth(ahead))


def test_the_first_callbacks_are_not_believed() -> None:
    card = Card()
    card.play(0.3)
    assert not card.clock.settled
    assert card.clock.sounds_at(0) is None
    assert card.clock.frame_at(500.0) is None
    card.play(0.5)
    assert card.clock.settled
    assert card.error() < 0.0002


def test_jitter_and_strays_are_seen_through() -> None:
    card = Card(jitter=0.0005)
    card.play(10)
    assert card.error() < 0.0001


def test_a_card_that_runs_fast_is_followed_at_once_and_exactly_later() -> None:
    card = Card(ppm=100)
    card.play(3)
    assert card.error() < 0.0004
    card.play(10)
    assert card.error() < 0.0003
    card.play(60)
    assert card.error() < 0.00015


def test_a_sound_server_that_wanders_is_not_taken_for_a_card_that_runs_fast() -> None:
    card = Card(jitter=0.0001)
    for second in range(60):
        card.wander = 0.0003 * np.sin(second)
        card.play(1)
        assert second < 2 or card.error() < 0.0006
    card.wander = 0.0
    assert card.error() < 0.0002


def test_a_stall_makes_it_start_afresh() -> None:
    card = Card()
    card.play(5)
    for stall in (1.46, 0.02):
        card.began += stall
        card.play(0.8)
        assert card.error() < 0.0003


def test_a_small_stall_is_believed_when_it_lasts_longer_than_a_sound_server_wanders() -> None:
    card = Card(ppm=200)
    card.play(60)
    card.began += 0.004
    card.play(7)
    assert card.error() < 0.0003


def test_a_small_stall_is_believed_at_once_when_the_device_says_that_it_ran_dry() -> None:
    card = Card(ppm=200)
    card.play(60)
    card.began += 0.004
    card.clock.ran_dry()
    card.play(1)
    assert card.error() < 0.0003


@pytest.mark.parametrize("wrong", [0.0012, -0.0012, 0.006])
def test_a_sound_server_that_is_wrong_for_seconds_is_not_followed(wrong: float) -> None:
    card = Card(ppm=230, jitter=0.0001)
    card.play(60)
    card.wander = wrong
    for _ in range(5):
        card.play(1)
        assert card.error() < 0.0003
    card.wander = 0.0
    card.play(3)
    assert card.error() < 0.0003


def test_callbacks_hold_the_line_while_the_sayings_wander() -> None:
    card = Card(ppm=230, jitter=0.0001)
    for second in range(90):
        card.wander = 0.0008 * np.sin(second / 2)
        card.play(1)
        assert second < 40 or card.error() < 0.00025


def test_callbacks_that_come_at_all_times_are_not_gone_by() -> None:
    card = Card(ppm=80, jitter=0.0001)
    for second in range(60):
        card.early = 0.003 * float(np.cos(1.7 * second))
        card.play(1)
        assert second < 10 or card.error() < 0.0001


def test_what_a_sound_server_says_in_its_first_seconds_is_forgotten_soon() -> None:
    card = Card(ppm=230, jitter=0.0001)
    for _ in range(2):
        for second in range(30):
            card.wander = 0.008 * np.exp(-second / 6)
            card.play(1)
        assert card.error() < 0.0003
        card.began += 1.5  # it was held up, and settles anew


def test_a_null_sink_that_runs_fast_is_followed_to_two_frames() -> None:
    card = Card(ppm=300, jitter=0.0001)
    card.play(30)
    for _ in range(30):
        card.play(1)
        assert card.error() < 0.00004


def test_a_quarter_of_a_second_that_is_all_wrong_is_doubted_and_forgotten() -> None:
    card = Card()
    card.play(5)
    card.wander = 0.01
    card.play(0.2)
    card.wander = 0.0
    assert card.error() < 0.0002
    card.play(1)
    assert card.error() < 0.0002


def test_frame_and_moment_are_each_others_reverse() -> None:
    card = Card(ppm=-80)
    card.play(40)
    moment = card.clock.sounds_at(2_000_000)
    assert moment is not None
    frame = card.clock.frame_at(moment)
    assert frame is not None
    assert abs(frame - 2_000_000) < 0.01


def test_after_a_minute_it_is_as_good_as_the_card() -> None:
    card = Card(ppm=50, jitter=0.0)
    card.play(60)
    assert card.error() < 60e-6
