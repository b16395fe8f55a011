"""How loud it may be, as instants: by the wall clock, across midnight and across a change of the clock."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.instants import WEEKDAYS, Spell
from broadcaster.domain.names import ZoneId
from broadcaster.domain.places import UnknownZone
from broadcaster.domain.programme import Rank
from broadcaster.domain.volume import CAPPED, Cap, SofterHours, cap_at, caps_within
from tests.domain.villages import BERLIN, HANOI, commune, day, local

minutes = st.integers(0, 24 * 60 - 1)
NIGHT = Spell(begin=local("2026-11-21 21:00"), end=local("2026-11-22 06:00"))


def softer(begin: str, end: str, at_most: float = -12, *zones: str, **other: Any) -> SofterHours:
    """Every day, in the whole commune when no zone is named."""
    whole: dict[str, Any] = {
        "days": frozenset(WEEKDAYS),
        "begin": time.fromisoformat(begin),
        "end": time.fromisoformat(end),
        "zones": tuple(ZoneId(zone) for zone in zones or ("xa",)),
        "at_most": at_most,
    }
    return SofterHours(**(whole | other))


def test_softer_hours_run_across_midnight_as_people_write_them() -> None:
    caps = caps_within([softer("21:00", "06:00")], HANOI, day("2026-11-21", days=2))
    assert NIGHT in [cap.spell for cap in caps]
    assert caps[0].spell.begin == local("2026-11-21 00:00"), "the night before still holds"


def test_days_are_those_on_which_the_softer_hours_begin() -> None:
    saturday = softer("21:00", "06:00", days=frozenset({"sat"}))
    assert [cap.spell for cap in caps_within([saturday], HANOI, day("2026-11-20", days=5))] == [NIGHT]


def test_a_whole_day_is_written_from_midnight_to_midnight() -> None:
    (cap,) = caps_within(
        [softer("00:00", "00:00", days=frozenset({"sat"}))], HANOI, day("2026-11-20", days=3)
    )
    assert cap.spell == day("2026-11-21")


@given(
    begin=minutes,
    end=minutes,
    days=st.frozensets(st.sampled_from(WEEKDAYS), min_size=1),
    timezone=st.sampled_from([HANOI, BERLIN]),
    probe=st.integers(0, 6 * 24 * 60),
)
def test_at_any_minute_it_is_softer_exactly_when_the_wall_clock_says_so(
    begin: int, end: int, days: frozenset[str], timezone: ZoneInfo, probe: int
) -> None:
    if begin == end:
        return
    hours = softer(_clock(begin), _clock(end), days=days)
    first = datetime(2027, 3, 25, tzinfo=UTC)  # the clock of Berlin changes within
    moment = first + timedelta(minutes=probe)
    caps = caps_within([hours], timezone, Spell(begin=first, end=first + timedelta(days=7)))
    wall = moment.astimezone(timezone)
    minute, today = wall.hour * 60 + wall.minute, WEEKDAYS[wall.weekday()]
    yesterday = WEEKDAYS[wall.weekday() - 1]
    if begin < end:
        expected = today in days and begin <= minute < end
    else:
        expected = (today in days and begin <= minute) or (yesterday in days and minute < end)
    assert (cap_at(caps, Rank.ORDINARY, moment) == -12) == expected


def test_the_softest_of_several_counts_and_only_for_the_ranks_it_names() -> None:
    caps = caps_within(
        [softer("18:00", "22:00", -6), softer("20:00", "22:00", -15, ranks=(Rank.FILL,))],
        HANOI,
        day("2026-11-21"),
    )
    at_nine = local("2026-11-21 21:00")
    assert [cap_at(caps, rank, at_nine) for rank in Rank] == [-15, -6, -6, 0]
    assert cap_at(caps, Rank.FILL, local("2026-11-21 19:00")) == -6
    assert cap_at(caps, Rank.FILL, local("2026-11-21 22:00")) == 0, "the end is not included"


def test_a_zone_has_the_softer_hours_of_those_above_it_and_not_its_neighbours() -> None:
    station = commune(softer=(softer("21:00", "23:00", -6, "xa"), softer("21:00", "23:00", -20, "thon-ben")))
    at_ten = local("2026-11-21 22:00")
    loudness = {
        zone.id: cap_at(station.caps_for(zone.id, day("2026-11-21")), Rank.ORDINARY, at_ten)
        for zone in station.zones
    }
    assert loudness == {"xa": -6, "thon-ben": -20, "thon-dinh": -6}


def test_softer_hours_of_an_unknown_zone_make_no_station() -> None:
    with pytest.raises(UnknownZone):
        commune(softer=(softer("21:00", "23:00", -6, "thon-la"),))


@pytest.mark.parametrize(
    "wrong",
    [
        {"ranks": (Rank.EMERGENCY,)},
        {"ranks": (*CAPPED, Rank.EMERGENCY)},
        {"ranks": ()},
        {"at_most": 1.0},
        {"at_most": -61.0},
        {"days": frozenset()},
        {"zones": ()},
    ],
)
def test_softer_hours_that_make_no_sense_cannot_be_built(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"cap|days|zone"):
        softer("21:00", "06:00", **wrong)


def test_softer_hours_that_last_no_time_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="no time"):
        softer("21:00", "21:00")


def test_no_cap_can_be_written_for_an_emergency() -> None:
    with pytest.raises(ValueError, match="a cap names some of fill, ordinary, priority"):
        Cap(spell=NIGHT, ranks=(Rank.EMERGENCY,), at_most=-12)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
