"""When a unit may sound, and how loud, at the sample that sounds: whatever hangs, slips or restarts."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.playout import ClipsHeld, Raised
from broadcaster.domain.programme import LatePolicy, Rank
from broadcaster.sound.codec import Samples
from tests.sound.hearing import clicks, level
from tests.unit.box import NOON, tone
from tests.unit.pole import Pole, cap, cue

HALF = 0.5
"""The amplitude of `tone`."""


@pytest.fixture
def pole(tmp_path: Path) -> Pole:
    return Pole(tmp_path)


def below_full(sound: Samples) -> float:
    """How many dB below the clip's own level it sounds."""
    return level(sound) - level(tone(1))


def loudest(sound: Samples) -> float:
    """The loudest sample, in dB against the clip's own loudest."""
    return 20 * float(np.log10(np.max(np.abs(sound)) / HALF))


def test_when_the_softer_hours_begin_and_end_in_the_middle_it_gets_softer_and_louder_without_a_click(
    pole: Pole,
) -> None:
    pole.lay(cue("nhac", 1, [pole.shelf.add(tone(9), joins=True)]), caps=[cap(-12, 4, 7)])
    pole.run(11)
    assert below_full(pole.sounded(2, 1.5)) == pytest.approx(0, abs=0.1)
    assert below_full(pole.sounded(4.7, 1.5)) == pytest.approx(-12, abs=0.1)
    assert below_full(pole.sounded(8, 1.5)) == pytest.approx(0, abs=0.1)
    assert clicks(pole.sounded(1.1, 8), steepest=0.01) == []


def test_what_begins_in_the_softer_hours_is_soft_from_its_first_sample(pole: Pole) -> None:
    pole.lay(cue("tin", 2, [pole.shelf.add(tone(2))]), caps=[cap(-12, 2, 7)])
    pole.run(5)
    assert below_full(pole.sounded(2.5, 1)) == pytest.approx(-12, abs=0.1)
    assert loudest(pole.sounded(2, 2)) < -11.9


def test_a_cap_makes_nothing_louder_than_the_unit_is_set_to(pole: Pole) -> None:
    pole.box.volume = -20.0
    pole.lay(cue("tin", 1, [pole.shelf.add(tone(3))]), caps=[cap(-12, 0, 9)])
    pole.run(5)
    assert below_full(pole.sounded(2, 1)) == pytest.approx(-20, abs=0.1)


def test_an_emergency_is_as_loud_as_ever_in_the_softer_hours(pole: Pole) -> None:
    alarm = pole.shelf.add(tone(3))
    pole.lay(caps=[cap(-40, 0, 60)])
    raised = pole.front
    at = (raised - NOON).total_seconds()
    pole.box.happen(ClipsHeld(held=pole.held), raised)
    pole.box.happen(Raised(cue=cue("bao", at, [alarm], rank=Rank.EMERGENCY)), raised)
    pole.run(5)
    assert below_full(pole.sounded(at + 1, 1)) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("late", [LatePolicy.JOIN, LatePolicy.WHOLE])
def test_after_a_power_cut_not_one_sample_is_above_the_cap(pole: Pole, late: LatePolicy) -> None:
    programme = cue("nhac", 1, [pole.shelf.add(tone(20), joins=True)], late=late)
    pole.lay(programme, caps=[cap(-12, 0, 60)])
    pole.run(5)
    pole.kill(off_for=1)
    pole.run(1)
    pole.lay(programme, caps=[cap(-12, 0, 60)])
    pole.run(6)
    assert below_full(pole.sounded(9, 2)) == pytest.approx(-12, abs=0.1)
    assert loudest(pole.sound) < -11.9


def test_a_unit_turned_up_in_the_softer_hours_stays_under_the_cap_and_gets_loud_when_they_end(
    pole: Pole,
) -> None:
    pole.box.volume = -30.0
    pole.lay(cue("nhac", 1, [pole.shelf.add(tone(12), joins=True)]), caps=[cap(-12, 0, 8)])
    pole.run(3)
    pole.box.volume = 0.0
    pole.run(10)
    assert below_full(pole.sounded(2, 1)) == pytest.approx(-30, abs=0.1)
    assert below_full(pole.sounded(5, 2)) == pytest.approx(-12, abs=0.1)
    assert below_full(pole.sounded(9, 2)) == pytest.approx(0, abs=0.1)


def test_the_test_chime_keeps_to_the_softer_hours(pole: Pole) -> None:
    pole.lay(caps=[cap(-12, 0, 60)])
    assert pole.box.try_chime(pole.shelf.add(tone(2)), pole.front)
    pole.run(4)
    assert loudest(pole.sound) == pytest.approx(-12, abs=0.1)


# Hours, at the sample that starts. ------------------------------------------------------------------


def test_a_unit_that_hangs_is_silent_when_the_allowed_hours_end_all_the_same(pole: Pole) -> None:
    pole.lay(cue("nhac", 2, [pole.shelf.add(tone(20), joins=True)]), open_for=6)
    pole.run(0.5)
    pole.hang(12)
    assert pole.sounded(5, 0.9).any()
    assert not pole.sounded(6, 6).any()


def test_what_the_device_took_too_late_for_the_allowed_hours_is_not_begun(pole: Pole) -> None:
    pole.lay(cue("nhac", 2, [pole.shelf.add(tone(20), joins=True)]), open_for=3)
    pole.run(0.5)
    pole.stall(3)
    pole.run(5)
    assert not pole.sound.any()


def test_words_that_expired_while_the_machine_stood_still_are_not_begun(pole: Pole) -> None:
    words = cue("moi-hop", 2, [pole.shelf.add(tone(20))], expires=3)
    pole.lay(words, cue("sau", 30, [pole.shelf.add(tone(1))]))
    pole.run(0.5)
    pole.stall(3)
    pole.run(20)
    assert not pole.sound.any()


def test_words_that_expire_while_they_are_said_are_said_to_their_end(pole: Pole) -> None:
    pole.lay(cue("moi-hop", 2, [pole.shelf.add(tone(4))], expires=3))
    pole.run(8)
    assert pole.sounded(5.5, 0.4).any()


def test_an_alert_whose_expiry_a_wrong_clock_says_is_over_sounds_all_the_same(pole: Pole) -> None:
    alarm = pole.shelf.add(tone(3))
    pole.box.trust(False, pole.front)
    pole.lay()
    storm = cue("bao", -100, [alarm], rank=Rank.EMERGENCY, expires=-50)
    pole.box.happen(Raised(cue=storm), pole.front)
    pole.run(6)
    assert pole.sound.any()


def test_a_programme_that_a_wrong_clock_began_at_night_falls_silent_when_the_clock_is_set(pole: Pole) -> None:
    """By its own clock it was evening."""
    pole.lay(cue("nhac", 2, [pole.shelf.add(tone(30), joins=True)]), open_for=3600)
    pole.run(5)
    shift = timedelta(hours=8)

    def set_clock() -> None:
        pole.time.noon -= shift.total_seconds()

    pole.player.shifted(shift, set_clock)
    pole.box.trust(True, pole.front, shift)
    pole.run(4)
    assert pole.sound[: round(4.9 * 48_000)].any()
    assert not pole.sound[round(5.6 * 48_000) :].any()
    assert pole.lines["nhac"].outcome is Outcome.CUT_SHORT


def test_a_clock_set_over_the_start_of_a_programme_handed_over_ahead_does_not_carry_it_along(
    pole: Pole,
) -> None:
    pole.lay(cue("nhac", 7, [pole.shelf.add(tone(5))], late=LatePolicy.SKIP), open_for=3600)
    pole.run(5)
    shift = timedelta(hours=8)

    def set_clock() -> None:
        pole.time.noon -= shift.total_seconds()

    pole.player.shifted(shift, set_clock)
    pole.box.trust(True, pole.front, shift)
    pole.run(9)
    assert not pole.sound.any()
    assert pole.lines["nhac"].outcome is Outcome.SKIPPED


# The test chime, asked for at any hour. -------------------------------------------------------------


def test_a_unit_without_a_plan_knows_no_hours_and_sounds_no_test_chime(pole: Pole) -> None:
    assert not pole.box.try_chime(pole.shelf.add(tone(1)), pole.front)
    pole.run(4)
    assert not pole.sound.any()


def test_a_unit_that_does_not_know_the_time_sounds_no_test_chime(pole: Pole) -> None:
    pole.lay()
    pole.box.trust(False, pole.front)
    assert not pole.box.try_chime(pole.shelf.add(tone(1)), pole.front)


def test_a_unit_whose_plan_has_run_out_knows_no_hours_and_sounds_no_test_chime(pole: Pole) -> None:
    pole.lay(open_for=7 * 86_400)
    assert pole.box.revision == 1
    pole.box.tick(NOON + timedelta(days=9))
    assert not pole.box.try_chime(pole.shelf.add(tone(1)), NOON + timedelta(days=9))
    assert pole.box.revision == 0, "its heartbeat says that it has no plan"


def test_a_test_chime_asked_for_in_the_last_moment_ends_with_the_allowed_hours(pole: Pole) -> None:
    pole.lay(open_for=2)
    assert pole.box.try_chime(pole.shelf.add(tone(5)), pole.front)
    pole.hang(6)
    assert pole.sounded(1, 0.9).any()
    assert not pole.sounded(2, 3).any()
