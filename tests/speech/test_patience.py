"""A dead network costs a few bulletins their time, not every bulletin."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.speech.patience import Patience

ZERO = timedelta(0)


def failed(times: int, at: float = 0.0) -> Patience:
    patience = Patience()
    for _ in range(times):
        patience = patience.failed(at)
    return patience


def test_a_fresh_engine_may_be_tried() -> None:
    assert Patience().rest_left(0.0) == ZERO


def test_one_failure_is_forgiven_and_the_second_is_not() -> None:
    assert failed(1).rest_left(0.0) == ZERO
    assert failed(2).rest_left(0.0) == timedelta(minutes=1)


def test_each_further_failure_doubles_the_rest_up_to_half_an_hour() -> None:
    rests = [failed(times).rest_left(0.0) // timedelta(minutes=1) for times in range(2, 10)]
    assert rests == [1, 2, 4, 8, 16, 30, 30, 30]
    assert failed(5_000).rest_left(0.0) == timedelta(minutes=30)


def test_the_rest_ends() -> None:
    assert failed(2, at=100.0).rest_left(159.0) == timedelta(seconds=1)
    assert failed(2, at=100.0).rest_left(160.0) == ZERO


def test_an_engine_that_asks_for_rest_gets_it_at_once() -> None:
    assert Patience().failed(0.0, timedelta(minutes=4)).rest_left(0.0) == timedelta(minutes=4)


def test_an_engine_that_asks_for_less_than_its_failures_earned_gets_what_they_earned() -> None:
    assert failed(4).failed(0.0, timedelta(seconds=1)).rest_left(0.0) == timedelta(minutes=8)


def test_nobody_may_ask_to_rest_for_ever() -> None:
    assert Patience().failed(0.0, timedelta(days=4_000)).rest_left(0.0) == timedelta(days=1)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40).map(sorted))
def test_rest_never_outlasts_half_an_hour_unless_asked_for(failures: list[float]) -> None:
    patience = Patience()
    for at in failures:
        patience = patience.failed(at)
        assert ZERO <= patience.rest_left(at) <= timedelta(minutes=30)
