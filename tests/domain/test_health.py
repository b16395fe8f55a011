"""How a unit is, from its heartbeats."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.health import BEAT, FAULTS, Fault, Presence, Signs, judged
from tests.domain.oneunit import at

NOW = at("05:00")


def heard(ago: float, **signs: bool | int | float) -> Signs:
    return replace(Signs(last_beat=NOW - timedelta(seconds=ago)), **signs)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("ago", "presence"),
    [
        (0, Presence.WELL),
        (10, Presence.WELL),
        (24.9, Presence.WELL),
        (25, Presence.LATE),
        (59.9, Presence.LATE),
        (60, Presence.LOST),
        (86_400, Presence.LOST),
    ],
)
def test_a_unit_is_well_late_or_lost_by_the_age_of_its_last_beat(ago: float, presence: Presence) -> None:
    assert judged(heard(ago), NOW).presence is presence


def test_one_beat_lost_on_a_bad_line_is_nothing_to_show() -> None:
    assert judged(heard(2 * BEAT.total_seconds()), NOW).sound


def test_a_unit_that_was_never_heard_is_lost_and_nothing_is_known_of_its_faults() -> None:
    health = judged(Signs(last_beat=None, clock_trusted=False), NOW)
    assert (health.presence, health.age, health.faults) == (Presence.LOST, None, ())


def test_a_beat_from_a_clock_that_is_ahead_is_a_fresh_one() -> None:
    health = judged(heard(-3), NOW)
    assert (health.presence, health.age) == (Presence.WELL, timedelta(0))


@pytest.mark.parametrize(
    ("signs", "fault"),
    [
        ({"clock_trusted": False}, Fault.CLOCK_NOT_TRUSTED),
        ({"plan": 0}, Fault.NO_PLAN),
        ({"missing": 1}, Fault.MISSING_CLIPS),
        ({"disk_free": 299 * 1024 * 1024}, Fault.LOW_DISK),
        ({"level": -120.0}, Fault.DIGITAL_SILENCE),
    ],
)
def test_each_fault_is_told_by_name(signs: dict[str, bool | int | float], fault: Fault) -> None:
    health = judged(heard(5, **signs), NOW)
    assert health.faults == (fault,)
    assert not health.sound


@pytest.mark.parametrize("signs", [{}, {"level": -16.0}, {"level": -60.0}, {"disk_free": 10**10}])
def test_a_unit_that_plays_as_it_should_has_no_fault(signs: dict[str, bool | int | float]) -> None:
    assert judged(heard(5, **signs), NOW).sound


def test_the_faults_a_lost_unit_told_last_stay_told() -> None:
    health = judged(heard(3600, missing=4), NOW)
    assert (health.presence, health.faults) == (Presence.LOST, (Fault.MISSING_CLIPS,))


def test_every_fault_has_its_rule() -> None:
    assert FAULTS.keys() == set(Fault)


@given(st.timedeltas(timedelta(0), timedelta(days=400)), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_a_unit_does_not_get_better_by_staying_silent(first: timedelta, more: timedelta) -> None:
    order = list(Presence)
    signs = Signs(last_beat=NOW)
    worse = judged(signs, NOW + first + more).presence
    assert order.index(judged(signs, NOW + first).presence) <= order.index(worse)


def test_a_beat_is_dated_in_utc() -> None:
    with pytest.raises(ValueError, match="instant"):
        Signs(last_beat=datetime(2026, 11, 22, 5, 0))  # noqa: DTZ001
