"""The likeliest line through letters, where it can be worked out by hand, and its laws."""

import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from broadcaster.link.likeliest import Letter, Rate, likeliest

MOST = 120e-6
UNKNOWN = Rate(mean=0.0, doubt=60e-6)


def letter(at: float, *, up: float, down: float, ahead: float = 0.0, fast: float = 0.0) -> Letter:
    """Station time is `ahead` at 0, and gains `fast` seconds a second."""
    arrived = at + up + down
    return Letter(
        sent=at,
        ceiling=ahead + fast * (at + up) + up,
        arrived=arrived,
        floor=ahead + fast * (at + up) - down,
    )


def letters(count: int, *, seed: int, every: float = 1.0, fast: float = 0.0) -> list[Letter]:
    chance = random.Random(seed)
    ways = [(chance.uniform(0.01, 0.07), chance.uniform(0.01, 0.07)) for _ in range(count)]
    return [letter(n * every, up=up, down=down, fast=fast) for n, (up, down) in enumerate(ways)]


def test_of_one_letter_the_middle_is_likeliest_and_its_rate_is_what_was_thought_before() -> None:
    line = likeliest([letter(0, up=0.05, down=0.05, ahead=7)], 0.1, Rate(mean=20e-6, doubt=1e-6), MOST)
    assert line is not None
    assert line.offset == pytest.approx(7, abs=1e-4)
    assert line.rate.mean == pytest.approx(20e-6, abs=1e-6)


@pytest.mark.parametrize("fast", [-100e-6, -20e-6, 0.0, 55e-6, 100e-6])
def test_how_differently_the_crystals_run_is_learned_in_half_an_hour(fast: float) -> None:
    line = likeliest(letters(60, seed=3, every=30, fast=fast), 1800.0, UNKNOWN, MOST)
    assert line is not None
    assert line.rate.mean == pytest.approx(fast, abs=8e-6)
    assert abs(line.offset_at(1800.0) - fast * 1800.0) < 0.008


@given(st.integers(1, 40), st.integers(0, 10**6), st.floats(-MOST * 0.9, MOST * 0.9))
def test_what_is_true_is_never_contradicted(count: int, seed: int, fast: float) -> None:
    line = likeliest(letters(count, seed=seed, fast=fast), count + 1.0, UNKNOWN, MOST)
    assert line is not None
    assert abs(line.rate.mean) <= MOST
    assert line.doubt > 0
    assert line.rate.doubt > 0


@given(st.integers(2, 30), st.integers(0, 10**6), st.floats(-1e5, 1e5), st.floats(0, 1e5))
def test_neither_the_hour_nor_the_age_of_the_machine_matters(
    count: int, seed: int, ahead: float, on: float
) -> None:
    plain = letters(count, seed=seed)
    moved = [
        Letter(sent=x.sent + on, ceiling=x.ceiling + ahead, arrived=x.arrived + on, floor=x.floor + ahead)
        for x in plain
    ]
    one = likeliest(plain, count + 1.0, UNKNOWN, MOST)
    other = likeliest(moved, count + 1.0 + on, UNKNOWN, MOST)
    assert one is not None
    assert other is not None
    assert other.offset - ahead == pytest.approx(one.offset, abs=1e-6)
    assert other.rate.mean == pytest.approx(one.rate.mean, abs=1e-8)


@given(st.integers(3, 30), st.integers(0, 10**6))
def test_up_and_down_are_treated_alike(count: int, seed: int) -> None:
    """Letters seen in a mirror give the line seen in a mirror."""
    seen = letters(count, seed=seed)
    now = seen[-1].arrived
    assume(now > 0)
    mirrored = [Letter(sent=x.arrived, ceiling=-x.floor, arrived=x.sent, floor=-x.ceiling) for x in seen]
    one, other = likeliest(seen, now, UNKNOWN, MOST), likeliest(mirrored, now, UNKNOWN, MOST)
    assert one is not None
    assert other is not None
    assert other.offset == pytest.approx(-one.offset, abs=2e-6)


def test_a_clock_that_was_set_leaves_no_line() -> None:
    seen = letters(20, seed=1)
    after = [letter(n, up=0.02, down=0.02, ahead=-0.2) for n in range(21, 30)]
    assert likeliest([*seen, *after], 31.0, UNKNOWN, MOST) is None


def test_letters_that_stalled_for_a_second_change_nothing() -> None:
    seen = letters(40, seed=2)
    stalled = [letter(n + 0.5, up=1.03, down=0.03) for n in range(0, 40, 8)]
    plain, both = likeliest(seen, 41.0, UNKNOWN, MOST), likeliest([*seen, *stalled], 41.0, UNKNOWN, MOST)
    assert plain is not None
    assert both is not None
    assert both.offset == pytest.approx(plain.offset, abs=0.001)


def test_the_more_letters_the_smaller_the_doubt() -> None:
    doubts = []
    for count in (10, 40, 160):
        line = likeliest(letters(count, seed=4), count + 1.0, UNKNOWN, MOST)
        assert line is not None
        doubts.append(line.doubt)
    assert doubts == sorted(doubts, reverse=True)
    assert doubts[-1] < 0.002
