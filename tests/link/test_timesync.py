"""Station time over letters that take their time, with delays and clocks made up."""

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.link.timesync import DRIFT, TRUSTED, ClockUnset, Exchange, StationTime

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROUNDING = 10e-6


@dataclass
class World:
    """The hub's clock shows NOON when the unit's monotonic clock shows `start`, and then the unit's runs
    `fast` seconds a second faster."""

    start: float = 1000.0
    fast: float = 0.0
    set_by: float = 0.0

    def hub(self, true: float) -> datetime:
        return NOON + timedelta(seconds=true + self.set_by)

    def unit(self, true: float) -> float:
        return self.start + true * (1 + self.fast)

    def exchange(self, true: float, *, up: float, down: float, thinking: float = 0.001) -> Exchange:
        return Exchange(
            sent=self.unit(true),
            received=self.hub(true + up),
            answered=self.hub(true + up + thinking),
            arrived=self.unit(true + up + thinking + down),
        )

    def off(self, time: StationTime, true: float) -> float:
        """Seconds by which the unit is ahead of the hub."""
        return (time.at(self.unit(true)) - self.hub(true)).total_seconds()


def test_equal_ways_up_and_down_give_station_time_exactly() -> None:
    world = World()
    time = StationTime().heard(world.exchange(0, up=0.2, down=0.2))
    assert abs(world.off(time, 1)) < ROUNDING
    assert time.error(world.unit(0.4)) == pytest.approx(0.2, abs=1e-4)


def test_the_quickest_letter_of_each_direction_counts() -> None:
    world = World()
    time = StationTime()
    time = time.heard(world.exchange(0, up=0.010, down=0.900))
    time = time.heard(world.exchange(1, up=0.900, down=0.010))
    assert abs(world.off(time, 2)) < 1e-3
    assert time.error(world.unit(2)) < 0.012
    spoilt = time.heard(world.exchange(3, up=5, down=5))
    assert spoilt.error(world.unit(14)) < 0.014


DELAYS = st.floats(0.0001, 3.0)


@given(
    st.lists(st.tuples(DELAYS, DELAYS, st.floats(0, 120)), min_size=1, max_size=20),
    st.floats(-DRIFT * 0.9, DRIFT * 0.9),
    st.floats(0, 10 * 86400),
    st.floats(0, 1e6),
)
def test_station_time_is_never_off_by_more_than_the_error_it_admits(
    letters: list[tuple[float, float, float]], fast: float, later: float, start: float
) -> None:
    world, time, true = World(start=start, fast=fast), StationTime(), 0.0
    for up, down, pause in letters:
        time = time.heard(world.exchange(true, up=up, down=down))
        true += up + down + pause + 0.001
    for moment in (true, true + later):
        assert abs(world.off(time, moment)) <= time.error(world.unit(moment)) + ROUNDING


@given(st.lists(st.tuples(DELAYS, DELAYS), min_size=1, max_size=20))
def test_however_bad_the_letters_before_the_last_exchange_bounds_the_error(
    letters: list[tuple[float, float]],
) -> None:
    world, time, true = World(), StationTime(), 0.0
    for up, down in letters:
        exchange = world.exchange(true, up=up, down=down)
        time, true = time.heard(exchange), true + 20
        assert time.error(exchange.arrived) <= (up + down) * (1 + 2 * DRIFT) + ROUNDING


@given(st.floats(0, 1e7), st.floats(0, 7 * 86400))
def test_an_instant_to_come_goes_to_the_monotonic_clock_and_back(start: float, ahead: float) -> None:
    world = World(start=start)
    time = StationTime().heard(world.exchange(0, up=0.3, down=0.1))
    instant = NOON + timedelta(seconds=ahead + 1)
    back = time.at(time.monotonic_of(instant))
    assert abs((back - instant).total_seconds()) < ROUNDING


def test_a_mobile_village_in_a_bad_evening_stays_in_step() -> None:
    """Delays of 30 ms to 2 s, mostly on the way up; the clocks part by 40 ppm; one exchange in 10 s."""
    chance, world, time, worst = random.Random(7), World(fast=40e-6), StationTime(), 0.0
    for second in range(0, 3600, 10):
        up = 0.03 + chance.expovariate(1 / 0.15)
        down = 0.03 + chance.expovariate(1 / 0.03)
        time = time.heard(world.exchange(second, up=up, down=down))
        if second > 300:
            worst = max(worst, abs(world.off(time, second + 9)))
    assert worst < 0.05


def test_a_hub_whose_clock_is_set_is_followed_at_once() -> None:
    world = World()
    time = StationTime()
    for second in range(0, 100, 10):
        time = time.heard(world.exchange(second, up=0.02, down=0.02))
    for step in (-3600.0, 0.5):
        world.set_by += step
        time = time.heard(world.exchange(200 + step / 100, up=0.02, down=0.02))
        assert abs(world.off(time, 201 + step / 100)) < 0.001


def test_an_exchange_in_the_middle_of_which_the_clock_was_set_teaches_nothing() -> None:
    world = World()
    time = StationTime().heard(world.exchange(0, up=0.02, down=0.02))
    torn = Exchange(
        sent=world.unit(10),
        received=world.hub(10.02),
        answered=world.hub(10.02) + timedelta(hours=1),
        arrived=world.unit(10.04),
    )
    assert time.heard(torn) == time


def test_a_unit_that_has_heard_nothing_knows_nothing_and_says_so() -> None:
    unset = StationTime()
    assert unset.error(5) == math.inf
    assert not unset.trusted(5)
    for ask in (lambda: unset.at(5), lambda: unset.monotonic_of(NOON)):
        with pytest.raises(ClockUnset):
            ask()


def test_a_unit_cut_off_for_a_week_still_trusts_its_time_and_one_cut_off_for_a_month_does_not() -> None:
    world = World()
    time = StationTime().heard(world.exchange(0, up=0.5, down=0.5))
    assert time.trusted(world.unit(7 * 86400))
    assert not time.trusted(world.unit(30 * 86400))


def test_a_first_answer_that_took_minutes_is_not_trusted() -> None:
    world = World()
    assert not StationTime().heard(world.exchange(0, up=TRUSTED, down=TRUSTED + 2)).trusted(world.unit(500))


def test_a_clock_of_its_own_stands_in_until_the_hub_is_heard() -> None:
    world = World()
    wrong_by_two = world.hub(0) + timedelta(seconds=2)
    time = StationTime().told(monotonic=world.unit(0), instant=wrong_by_two, error=1.0)
    assert world.off(time, 1) == pytest.approx(2, abs=1e-3)
    assert time.trusted(world.unit(1))
    heard = time.heard(world.exchange(2, up=0.01, down=0.01))
    assert abs(world.off(heard, 3)) < 1e-3
    assert heard.told(monotonic=world.unit(4), instant=wrong_by_two, error=0.0) == heard


def test_an_answer_before_its_question_cannot_be() -> None:
    with pytest.raises(ValueError):
        Exchange(sent=2, received=NOON, answered=NOON, arrived=1)
    with pytest.raises(ValueError):
        Exchange(sent=1, received=NOON, answered=NOON - timedelta(seconds=1), arrived=2)
    with pytest.raises(ValueError):
        Exchange(sent=1, received=NOON.replace(tzinfo=None), answered=NOON, arrived=2)
