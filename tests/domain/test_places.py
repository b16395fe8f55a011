"""Whom a cue is for: zones, what lies below them, and when they may hear something."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ZoneId
from broadcaster.domain.places import Station, UnknownZone, Zone
from tests.domain.villages import commune, day, hours, local, quiet, village


@st.composite
def forests(draw: st.DrawFn) -> Station:
    """Up to twelve zones, each under an earlier one or none, written in any order."""
    parents = [
        draw(st.none() | st.integers(0, n - 1)) if n else None for n in range(draw(st.integers(1, 12)))
    ]
    zones = [village(f"z{n}", None if parent is None else f"z{parent}") for n, parent in enumerate(parents)]
    return commune(zones=tuple(draw(st.permutations(zones))))


def test_the_commune_reaches_every_village_and_a_village_itself_alone() -> None:
    assert commune().reach(["xa"]) == {"xa", "thon-ben", "thon-dinh"}
    assert commune().reach(["thon-ben"]) == {"thon-ben"}
    assert commune().reach([]) == frozenset()


@given(forests(), st.data())
def test_a_zone_is_reached_exactly_when_it_or_something_above_it_is_meant(
    station: Station, choice: st.DataObject
) -> None:
    meant = choice.draw(st.sets(st.sampled_from([zone.id for zone in station.zones])))
    reached = station.reach(meant)
    assert reached == {zone.id for zone in station.zones if meant.intersection(station.lineage(zone.id))}


@given(forests())
def test_all_means_every_zone_whatever_else_is_named(station: Station) -> None:
    assert station.reach(["all", station.zones[0].id]) == {zone.id for zone in station.zones}


def test_a_hamlet_lies_in_its_village_and_its_commune() -> None:
    deep = commune(zones=(village("xa"), village("thon", "xa"), village("xom", "thon")))
    assert deep.lineage("xom") == ("xom", "thon", "xa")


@pytest.mark.parametrize("wanted", ["thon-cu", "", "XA", "All"])
def test_a_zone_that_is_not_there_is_told_with_those_that_are(wanted: str) -> None:
    with pytest.raises(UnknownZone, match="it has: xa, thon-ben, thon-dinh"):
        commune().reach(["xa", wanted])


@pytest.mark.parametrize(
    ("zones", "why"),
    [
        ((), "at least one zone"),
        ((village("xa"), village("xa")), "written twice: xa"),
        ((village("a", "b"), village("b", "a")), "its own ancestor"),
        ((village("a", "a"),), "its own ancestor"),
        ((village("a"), village("b", "c"), village("c", "d"), village("d", "b")), "its own ancestor"),
    ],
)
def test_zones_that_make_no_forest_make_no_station(zones: tuple[Zone, ...], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        commune(zones=zones)


def test_a_parent_and_a_quiet_zone_must_exist() -> None:
    with pytest.raises(UnknownZone, match="thon-cu"):
        commune(zones=(village("xa", "thon-cu"),))
    with pytest.raises(UnknownZone, match="thon-cu"):
        commune(quiet=(quiet("2026-12-01 00:00", "2026-12-02 00:00", "thon-cu"),))


def test_a_quiet_village_is_closed_and_its_neighbour_open() -> None:
    station = commune(
        allowed=(hours("05:00", "07:00"),),
        quiet=(quiet("2026-12-01 06:00", "2026-12-01 06:30", "thon-ben"),),
    )
    morning = day("2026-12-01")
    assert station.open_for("thon-dinh", morning) == (
        Spell(begin=local("2026-12-01 05:00"), end=local("2026-12-01 07:00")),
    )
    assert station.open_for("thon-ben", morning) == (
        Spell(begin=local("2026-12-01 05:00"), end=local("2026-12-01 06:00")),
        Spell(begin=local("2026-12-01 06:30"), end=local("2026-12-01 07:00")),
    )


def test_a_quiet_commune_closes_the_villages_below_it_and_not_the_other_way_round() -> None:
    spell = quiet("2026-12-01 00:00", "2026-12-02 00:00", "xa")
    station = commune(quiet=(spell,))
    assert station.open_for("thon-ben", day("2026-12-01")) == ()
    assert station.quiet_for("thon-dinh") == (spell,)
    below = commune(quiet=(quiet("2026-12-01 00:00", "2026-12-02 00:00", "thon-ben"),))
    assert below.open_for("xa", day("2026-12-01")) == (day("2026-12-01"),)


def test_a_station_without_allowed_hours_is_open_at_any_hour() -> None:
    week = day("2026-12-01", days=7)
    assert commune().open_for("xa", week) == (week,)


def test_quiet_spells_that_overlap_are_one_silence() -> None:
    station = commune(
        quiet=(
            quiet("2026-12-01 06:00", "2026-12-01 08:00", "xa"),
            quiet("2026-12-01 07:00", "2026-12-01 09:00", "thon-ben"),
        )
    )
    open_spells = station.open_for("thon-ben", day("2026-12-01"))
    assert [spell.end - spell.begin for spell in open_spells] == [timedelta(hours=6), timedelta(hours=15)]


def test_the_word_for_everywhere_cannot_be_the_name_of_one_zone() -> None:
    with pytest.raises(ValueError, match="every zone"):
        ZoneId("all")
