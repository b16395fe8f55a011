"""How a unit is, from its heartbeats."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.health import BEAT, FAULTS, Fault, Health, Pulse, Supply, Wellness, judge
from tests.domain.oneunit import at

NOW = at("05:00")


def heard(ago: float, **signs: object) -> Pulse:
    return replace(Pulse(heard=NOW - timedelta(seconds=ago)), **signs)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ago", "wellness"),
    [
        (0, Wellness.WELL),
        (10, Wellness.WELL),
        (24.9, Wellness.WELL),
        (25, Wellness.LATE),
        (59.9, Wellness.LATE),
        (60, Wellness.LOST),
        (86_400, Wellness.LOST),
    ],
)
def test_a_unit_is_well_late_or_lost_by_the_age_of_its_last_beat(ago: float, wellness: Wellness) -> None:
    assert judge(heard(ago), NOW).wellness is wellness


def test_one_beat_lost_on_a_bad_line_is_nothing_to_show() -> None:
    assert judge(heard(2 * BEAT.total_seconds()), NOW) == Health(Wellness.WELL, ())


def test_a_unit_that_was_never_heard_is_lost_and_nothing_is_known_of_its_faults() -> None:
    assert judge(None, NOW) == Health(Wellness.LOST, ())


def test_a_beat_from_a_clock_that_is_ahead_is_a_fresh_one() -> None:
    assert judge(heard(-3), NOW).wellness is Wellness.WELL


@pytest.mark.parametrize(
    ("signs", "fault"),
    [
        ({"clock_trusted": False}, Fault.CLOCK_NOT_TRUSTED),
        ({"plan": 0}, Fault.NO_PLAN),
        ({"missing": 1}, Fault.MISSING_CLIPS),
        ({"disk_free": 299 * 1024 * 1024}, Fault.LOW_DISK),
        ({"level": -120.0}, Fault.DIGITAL_SILENCE),
        ({"stand_in": True}, Fault.STAND_IN),
        ({"supply": Supply.LOW}, Fault.UNDER_VOLTAGE),
        ({"temperature": 80.0}, Fault.TOO_HOT),
        ({"underruns": 3}, Fault.UNDERRUNS),
        ({"clock_error": 0.21}, Fault.CLOCK_OFF),
    ],
)
def test_each_fault_is_told_by_name(signs: dict[str, object], fault: Fault) -> None:
    assert judge(heard(5, **signs), NOW) == Health(Wellness.WELL, (fault,))


@pytest.mark.parametrize(
    "signs",
    [
        {},
        {"level": -16.0},
        {"level": -80.0},
        {"disk_free": 10**10},
        {"temperature": 79.9},
        {"supply": Supply.WAS_LOW},
        {"underruns": 2},
        {"clock_error": 0.2},
    ],
)
def test_a_unit_that_plays_as_it_should_has_no_fault(signs: dict[str, object]) -> None:
    assert judge(heard(5, **signs), NOW) == Health(Wellness.WELL, ())


def test_the_faults_a_lost_unit_told_last_stay_told() -> None:
    assert judge(heard(3600, missing=4), NOW) == Health(Wellness.LOST, (Fault.MISSING_CLIPS,))


def test_every_fault_has_its_rule() -> None:
    assert list(FAULTS) == list(Fault)


def test_a_clock_that_knows_nothing_is_told_once_not_twice() -> None:
    assert judge(heard(5, clock_trusted=False, clock_error=1e9), NOW).faults == (Fault.CLOCK_NOT_TRUSTED,)


def test_the_gravest_fault_comes_first() -> None:
    ill = heard(5, missing=3, temperature=91.0, level=-120.0)
    assert judge(ill, NOW).faults == (Fault.DIGITAL_SILENCE, Fault.MISSING_CLIPS, Fault.TOO_HOT)


@settings(deadline=None)
@given(st.timedeltas(timedelta(0), timedelta(days=400)), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_unit_does_not_get_better_by_staying_silent(first: timedelta, more: timedelta) -> None:
    order = list(Wellness)
    pulse = Pulse(heard=NOW)
    worse = judge(pulse, NOW + first + more).wellness
    assert order.index(judge(pulse, NOW + first).wellness) <= order.index(worse)


def test_a_beat_is_dated_in_utc() -> None:
    with pytest.raises(ValueError, match="instant"):
        Pulse(heard=datetime(2026, 11, 22, 5, 0))  # noqa: DTZ001
