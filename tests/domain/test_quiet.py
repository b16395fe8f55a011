"""Allowed hours and quiet spells as the instants at which ordinary sound may be heard."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.instants import WEEKDAYS, Spell, in_words, merged
from broadcaster.domain.names import ZoneId
from broadcaster.domain.quiet import AllowedHours, QuietSpell, open_spells
from tests.domain.villages import BERLIN, HANOI, commune, day, hours, local, quiet

minutes = st.integers(0, 24 * 60)


@st.composite
def windows(draw: st.DrawFn) -> AllowedHours:
    begin, end = sorted(draw(st.lists(minutes, min_size=2, max_size=2, unique=True)))
    return AllowedHours(
        days=draw(st.frozensets(st.sampled_from(WEEKDAYS), min_size=1)),
        begin=time(begin // 60 % 24, begin % 60),
        end=time(end // 60 % 24, end % 60),
    )


@st.composite
def spells(draw: st.DrawFn) -> Spell:
    """Parts of the days around the change of the clock in Berlin, in March 2027."""
    begin, length = draw(st.integers(0, 5 * 24 * 60)), draw(st.integers(1, 24 * 60))
    first = datetime(2027, 3, 26, tzinfo=UTC) + timedelta(minutes=begin)
    return Spell(begin=first, end=first + timedelta(minutes=length))


def is_allowed(moment: datetime, allowed: list[AllowedHours], timezone: ZoneInfo) -> bool:
    """By the wall clock alone."""
    wall = moment.astimezone(timezone)
    return any(
        WEEKDAYS[wall.weekday()] in window.days
        and window.begin <= wall.time().replace(fold=0)
        and (window.end == time(0) or wall.time().replace(fold=0) < window.end)
        for window in allowed
    )


@given(
    allowed=st.lists(windows(), min_size=1, max_size=4),
    silences=st.lists(spells(), max_size=3),
    span=spells(),
    timezone=st.sampled_from([HANOI, BERLIN]),
)
def test_a_minute_is_open_exactly_when_the_wall_clock_allows_it_and_no_silence_holds_it(
    allowed: list[AllowedHours], silences: list[Spell], span: Spell, timezone: ZoneInfo
) -> None:
    found = open_spells(allowed, silences, timezone, span)
    moment = span.begin
    while moment < span.end:
        meant = is_allowed(moment, allowed, timezone) and not any(moment in silent for silent in silences)
        assert any(moment in spell for spell in found) == meant, moment
        moment += timedelta(minutes=1)
    assert all(span.begin <= spell.begin and spell.end <= span.end for spell in found)
    assert list(found) == sorted(found, key=lambda spell: spell.begin)


@given(st.lists(spells(), max_size=8))
def test_merged_spells_are_apart_and_hold_the_same_instants(some: list[Spell]) -> None:
    joined = merged(some)
    assert all(one.end < other.begin for one, other in pairwise(joined))
    for edge in (moment for spell in some for moment in (spell.begin, spell.end)):
        assert any(edge in spell for spell in some) == any(edge in spell for spell in joined)


def test_windows_that_touch_are_one_so_that_a_programme_may_run_across_their_seam() -> None:
    found = open_spells([hours("05:00", "06:00"), hours("06:00", "07:00")], (), HANOI, day("2026-11-21"))
    assert found == (Spell(begin=local("2026-11-21 05:00"), end=local("2026-11-21 07:00")),)


def test_a_window_up_to_midnight_and_one_from_midnight_are_one() -> None:
    night = [hours("22:00", "00:00"), hours("00:00", "01:00")]
    found = open_spells(night, (), HANOI, day("2026-11-21", days=2))
    assert Spell(begin=local("2026-11-21 22:00"), end=local("2026-11-22 01:00")) in found


def test_a_window_that_the_clock_jumps_over_opens_not_at_all() -> None:
    assert open_spells([hours("02:10", "02:50")], (), BERLIN, day("2027-03-28", timezone=BERLIN)) == ()


def test_a_quiet_spell_within_the_jump_of_the_clock_silences_nothing() -> None:
    station = commune(timezone=BERLIN, quiet=(quiet("2027-03-28 02:10", "2027-03-28 02:50", "xa"),))
    spring = day("2027-03-28", timezone=BERLIN)
    assert station.open_for("xa", spring) == (spring,)


def test_a_silence_over_the_whole_span_leaves_nothing_and_one_beside_it_everything() -> None:
    span = day("2026-11-21")
    assert open_spells((), [day("2026-11-20", days=3)], HANOI, span) == ()
    assert open_spells((), [day("2026-11-22")], HANOI, span) == (span,)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"begin": time(6), "end": time(5)}, "end after they begin"),
        ({"begin": time(6), "end": time(6)}, "end after they begin"),
        ({"days": frozenset()}, "days must be some of"),
        ({"days": frozenset({"monday"})}, "days must be some of"),
    ],
)
def test_hours_that_cannot_be_are_not_built(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        replace(hours("05:00", "07:00"), **wrong)


def test_a_quiet_spell_has_zones_an_end_after_its_beginning_and_no_time_zone() -> None:
    with pytest.raises(ValueError, match="at least one zone"):
        quiet("2026-12-01 00:00", "2026-12-02 00:00")
    with pytest.raises(ValueError, match="end after it begins"):
        quiet("2026-12-02 00:00", "2026-12-01 00:00", "xa")
    with pytest.raises(ValueError, match="local time"):
        QuietSpell(
            zones=(ZoneId("xa"),),
            begin=datetime(2026, 12, 1, tzinfo=UTC),
            end=datetime(2026, 12, 2, tzinfo=UTC),
        )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.2, "1 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (3661, "1 h 1 min 1 s"),
    ],
)
def test_lengths_are_worded_as_people_say_them(seconds: float, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words
