"""The control law by itself: what it makes of errors and cards."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.horn.pace import MOST, Pace

BLOCK = 0.02


class Unit:
    """A clip `behind` seconds, on a card that takes `slow` seconds longer for each."""

    def __init__(self, *, behind: float = 0.0, slow: float = 0.0, known: float = 0.0) -> None:
        self.pace = Pace()
        self.behind = behind
        self.slow = slow
        self.known = known
        self.pace.begin(known)

    def run(self, seconds: float) -> list[float]:
        """How far behind it is after each block."""
        found = []
        for _ in range(round(seconds / BLOCK)):
            ratio = self.pace.follow(self.behind, self.known, BLOCK)
            self.behind += (1 + self.slow - ratio) * BLOCK
            found.append(self.behind)
        return found


def test_a_card_that_keeps_time_is_left_alone() -> None:
    unit = Unit()
    unit.run(60)
    assert unit.pace.ratio == 1.0
    assert unit.behind == 0.0


@pytest.mark.parametrize("slow", [-150e-6, -100e-6, 100e-6, 150e-6])
def test_a_card_that_is_known_to_be_off_is_followed_from_its_first_frame(slow: float) -> None:
    found = Unit(slow=slow, known=slow).run(300)
    assert max(map(abs, found)) < 1e-9


@pytest.mark.parametrize("slow", [-100e-6, 100e-6])
def test_a_card_that_turns_out_to_be_off_costs_half_a_millisecond_and_that_only_once(slow: float) -> None:
    unit = Unit(slow=slow)
    found = unit.run(60)
    assert 0.0003 < max(map(abs, found)) < 0.0005
    assert max(map(abs, found[-500:])) < 0.00003
    unit.pace.begin(unit.known)
    unit.behind = 0.0
    assert max(map(abs, unit.run(60))) < 0.00003


@pytest.mark.parametrize("behind", [0.0005, -0.002, 0.005, -0.025])
def test_an_error_is_mended_and_does_not_swing(behind: float) -> None:
    unit = Unit(behind=behind)
    found = np.array(unit.run(abs(behind) / MOST + 60)) * np.sign(behind)
    assert abs(found[-1]) < 0.00003
    assert found.min() > -0.25 * abs(behind) - 0.00001
    assert found.min() > -0.0004


def test_what_cannot_be_mended_for_long_is_not_learned() -> None:
    unit = Unit(behind=0.024)
    unit.run(60)
    unit.pace.begin(0.0)
    assert abs(unit.pace.ratio - 1) < 50e-6


@given(st.lists(st.tuples(st.floats(-10, 10), st.floats(-0.01, 0.01), st.floats(0.0001, 0.02)), max_size=60))
def test_it_is_never_more_than_200_ppm_off_and_never_leaps(said: list[tuple[float, float, float]]) -> None:
    pace = Pace()
    for behind, slow, seconds in said:
        before = pace.ratio
        after = pace.follow(behind, slow, seconds)
        assert abs(after - 1) <= MOST + 1e-12
        assert abs(after - before) <= 2.1 * MOST * seconds
    pace.begin(1.0)
    assert pace.ratio == 1 + MOST
