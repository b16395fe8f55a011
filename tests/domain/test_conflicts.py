"""What is wrong with a day, told: clashes, overruns, closed hours, quiet villages, dead air."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ZoneId
from broadcaster.domain.places import Station
from broadcaster.domain.programme import Bulletins, Programme, Rank, StartMode
from broadcaster.domain.rundown import Cue, ProblemKind, Rundown
from tests.domain.anydays import SPRING, STATIONS, programmes
from tests.domain.villages import (
    MINUTE,
    announcement,
    commune,
    hours,
    local,
    minute_a_word,
    programme,
    quiet,
    rundown,
    silence,
    village,
    words_of,
)


def told(found: Rundown) -> list[tuple[str, ...]]:
    """Kind, programmes and zones of each problem."""
    return [
        (problem.kind.value, "+".join(cue.programme for cue in problem.cues), " ".join(sorted(problem.zones)))
        for problem in found.problems
    ]


def test_a_day_without_conflict_has_no_problems() -> None:
    found = rundown(programme("sang", "05:00"), programme("sau", "05:10"), programme("chieu", "17:00"))
    assert found.problems == ()


def test_two_programmes_that_want_the_same_minute_are_told_with_who_gives_way() -> None:
    found = rundown(programme("sang", "05:00"), programme("sau", "05:09"))
    (clash,) = found.problems
    assert clash.kind is ProblemKind.CLASH
    assert clash.cues == ("sang@2026-11-21T05:00:00", "sau@2026-11-21T05:09:00")
    assert clash.at == local("2026-11-21 05:09")
    assert clash.gives_way == "sau@2026-11-21T05:09:00"
    assert clash.sentence == (
        '"Sau" of 2026-11-21 05:09 starts while "Sang" of 2026-11-21 05:00 lasts until 05:10: '
        '"Sau" gives way and waits 1 min (everywhere)'
    )


@pytest.mark.parametrize(
    ("on_air", "newcomer", "mode", "gives_way", "fate"),
    [
        (Rank.FILL, Rank.FILL, StartMode.SOFT, "sau", "waits 5 min"),
        (Rank.FILL, Rank.FILL, StartMode.HARD, "sau", "is skipped, because it waits at most 1 min"),
        (Rank.FILL, Rank.ORDINARY, StartMode.SOFT, "sang", "goes on afterwards"),
        (Rank.FILL, Rank.ORDINARY, StartMode.HARD, "sang", "is cut short"),
        (Rank.FILL, Rank.PRIORITY, StartMode.SOFT, "sang", "goes on afterwards"),
        (Rank.ORDINARY, Rank.FILL, StartMode.SOFT, "sau", "waits 5 min"),
        (Rank.ORDINARY, Rank.FILL, StartMode.HARD, "sau", "is skipped, because it waits at most 1 min"),
        (Rank.ORDINARY, Rank.ORDINARY, StartMode.SOFT, "sau", "waits 5 min"),
        (Rank.ORDINARY, Rank.ORDINARY, StartMode.HARD, "sang", "is cut short"),
        (Rank.ORDINARY, Rank.PRIORITY, StartMode.SOFT, "sang", "goes on afterwards"),
        (Rank.PRIORITY, Rank.FILL, StartMode.SOFT, "sau", "waits 5 min"),
        (Rank.PRIORITY, Rank.ORDINARY, StartMode.SOFT, "sau", "waits 5 min"),
        (Rank.ORDINARY, Rank.PRIORITY, StartMode.HARD, "sang", "is cut short"),
        (Rank.PRIORITY, Rank.ORDINARY, StartMode.HARD, "sau", "is skipped, because it waits at most 1 min"),
        (Rank.PRIORITY, Rank.PRIORITY, StartMode.SOFT, "sau", "waits 5 min"),
        (Rank.PRIORITY, Rank.PRIORITY, StartMode.HARD, "sau", "is skipped, because it waits at most 1 min"),
    ],
)
def test_the_weaker_of_two_gives_way_as_the_table_of_the_playout_says(
    on_air: Rank, newcomer: Rank, mode: StartMode, gives_way: str, fate: str
) -> None:
    found = rundown(
        programme("sang", "05:00", rank=on_air), programme("sau", "05:05", rank=newcomer, start=mode)
    )
    (clash,) = found.problems
    assert clash.gives_way is not None
    assert clash.gives_way.programme == gives_way
    assert f'"{gives_way.capitalize()}" gives way and {fate} (' in clash.sentence


@pytest.mark.parametrize(
    ("first", "second", "gives_way"),
    [
        (StartMode.SOFT, StartMode.SOFT, "b"),
        (StartMode.HARD, StartMode.SOFT, "b"),
        (StartMode.SOFT, StartMode.HARD, "a"),
        (StartMode.HARD, StartMode.HARD, "b"),
    ],
)
def test_of_two_due_at_once_nobody_is_begun_only_to_be_cut(
    first: StartMode, second: StartMode, gives_way: str
) -> None:
    found = rundown(
        programme("a", "05:00", start=first, minutes=3), programme("b", "05:00", start=second, minutes=4)
    )
    (clash,) = found.problems
    assert clash.gives_way is not None
    assert (clash.cues[-1].programme, clash.gives_way.programme) == (gives_way, gives_way)
    assert "cut short" not in clash.sentence


def test_a_newcomer_that_would_wait_longer_than_its_grace_is_told_to_be_skipped() -> None:
    found = rundown(programme("sang", "05:00", minutes=20), programme("sau", "05:05", grace=10 * MINUTE))
    assert "is skipped, because it waits at most 10 min" in found.problems[0].sentence


def test_a_newcomer_that_waits_just_as_long_as_its_grace_is_heard() -> None:
    found = rundown(programme("sang", "05:00", minutes=15), programme("sau", "05:05", grace=10 * MINUTE))
    assert '"Sau" gives way and waits 10 min' in found.problems[0].sentence


def test_programmes_of_different_villages_do_not_clash() -> None:
    ben = programme("ben", "05:00", zones=("thon-ben",))
    dinh = programme("dinh", "05:05", zones=("thon-dinh",))
    assert rundown(ben, dinh).problems == ()
    assert told(rundown(ben, dinh, programme("xa", "05:08", zones=("xa",)))) == [
        ("clash", "ben+xa", "thon-ben"),
        ("clash", "dinh+xa", "thon-dinh"),
    ]


def test_a_programme_longer_than_its_max_is_told_and_ends_there() -> None:
    long = programme("sang", "05:00", minutes=50, max=45 * MINUTE)
    found = rundown(long, programme("sau", "05:45"))
    assert told(found) == [("overrun", "sang", "thon-ben thon-dinh xa")]
    assert found.problems[0].at == local("2026-11-21 05:45")
    assert found.problems[0].sentence == (
        '"Sang" of 2026-11-21 05:00 lasts 50 min and is faded out at its max of 45 min (everywhere)'
    )


def test_a_programme_that_runs_over_the_allowed_hours_is_told_with_the_minute_it_is_faded() -> None:
    station = commune(allowed=(hours("05:00", "06:30"),))
    found = rundown(programme("sang", "06:25"), programme("sau", "06:20"), station=station)
    assert told(found)[1:] == [("overrun", "sang", "thon-ben thon-dinh xa")]
    assert found.problems[1].at == local("2026-11-21 06:30")
    assert found.problems[1].sentence == (
        '"Sang" of 2026-11-21 06:25 would last until 06:35 and is faded out at 06:30, '
        "when the allowed hours end (everywhere)"
    )


def test_what_was_faded_at_the_end_of_the_hours_is_not_in_the_way_when_they_begin_again() -> None:
    station = commune(allowed=(hours("05:00", "05:05"), hours("05:07", "06:00")))
    found = rundown(programme("sang", "05:00"), programme("sau", "05:07"), station=station)
    assert told(found) == [("overrun", "sang", "thon-ben thon-dinh xa")]


def test_a_programme_that_ends_with_the_allowed_hours_is_right() -> None:
    station = commune(allowed=(hours("05:00", "06:30"),))
    assert rundown(programme("sang", "06:20"), station=station).problems == ()
    assert rundown(programme("sang", "05:00"), station=station).problems == ()


def test_a_programme_may_run_across_the_seam_of_two_windows_and_across_midnight() -> None:
    station = commune(allowed=(hours("22:00", "23:00"), hours("23:00", "00:00"), hours("00:00", "00:30")))
    late = programme("dem", "22:55", "23:55")
    assert rundown(late, station=station).problems == ()


def test_the_end_of_the_rundown_is_no_end_of_the_air() -> None:
    assert rundown(programme("dem", "23:55", minutes=300)).problems == ()


def test_a_relay_set_to_a_quarter_past_three_at_night_is_told_to_be_outside_the_hours() -> None:
    station = commune(allowed=(hours("05:00", "06:30"), hours("17:00", "19:00")))
    found = rundown(programme("tiep-am", "03:15"), station=station)
    assert told(found) == [("outside-hours", "tiep-am", "thon-ben thon-dinh xa")]
    assert found.problems[0].sentence == (
        '"Tiep am" of 2026-11-21 03:15 starts outside the allowed hours and will not be heard (everywhere)'
    )
    assert len(found.cues) == 1  # it stays, so that its refusal is recorded


def test_a_quiet_village_is_named_and_the_others_hear_the_programme() -> None:
    station = commune(quiet=(quiet("2026-11-21 00:00", "2026-11-21 12:00", "thon-ben"),))
    found = rundown(programme("sang", "05:00"), programme("sau", "05:05"), station=station)
    assert told(found) == [
        ("quiet", "sang", "thon-ben"),
        ("clash", "sang+sau", "thon-dinh xa"),  # refused in Bến, so no clash there
        ("quiet", "sau", "thon-ben"),
    ]
    assert "starts in a quiet spell and will not be heard (thon-ben)" in found.problems[0].sentence


def test_a_quiet_commune_is_quiet_in_every_village() -> None:
    station = commune(quiet=(quiet("2026-11-21 00:00", "2026-11-21 12:00", "xa"),))
    assert told(rundown(programme("sang"), station=station)) == [("quiet", "sang", "thon-ben thon-dinh xa")]


def test_a_programme_that_runs_into_a_quiet_spell_is_faded_there() -> None:
    station = commune(quiet=(quiet("2026-11-21 05:05", "2026-11-21 12:00", "thon-ben"),))
    (problem,) = rundown(programme("sang", "05:00"), station=station).problems
    assert problem.kind is ProblemKind.OVERRUN
    assert problem.zones == {"thon-ben"}
    assert "is faded out at 05:05, when a quiet spell begins" in problem.sentence


def test_a_programme_with_nothing_to_play_is_told_and_stays_to_be_recorded() -> None:
    empty = programme("tin", "05:00", items=(Bulletins(), silence(2)))
    found = rundown(empty, programme("sang", "05:00"))
    assert told(found) == [("dead-air", "tin", "thon-ben thon-dinh xa")]
    assert [cue.items for cue in found.cues if cue.programme == "tin"] == [(silence(2),)]


def test_a_zone_the_station_no_longer_has_is_told_and_the_others_hear_the_cue() -> None:
    found = rundown(
        programme("sang", zones=("thon-cu", "thon-ben")),
        announcements=[announcement("a", "2026-11-21 09:00", zones=("gone",))],
    )
    assert [(cue.programme, set(cue.zones)) for cue in found.cues] == [("sang", {"thon-ben"}), ("a", set())]
    assert [(problem.kind, problem.sentence) for problem in found.problems] == [
        (
            ProblemKind.UNKNOWN_ZONE,
            '"Sang" is meant for thon-cu, which station.toml does not have (thon-ben)',
        ),
        (ProblemKind.UNKNOWN_ZONE, '"A" is meant for gone, which station.toml does not have (nowhere)'),
    ]


def test_an_announcement_named_like_a_programme_wins_and_the_other_is_told() -> None:
    found = rundown(programme("sang", "05:00"), announcements=[announcement("sang", "2026-11-21 05:00")])
    (cue,) = found.cues
    assert cue.items == (words_of(2),)
    assert told(found) == [("same-name", "sang", "thon-ben thon-dinh xa")]


def test_many_zones_are_counted_and_few_are_named() -> None:
    station = commune(zones=tuple(village(f"thon-{n}") for n in range(6)))
    zones = tuple(f"thon-{n}" for n in range(4))
    found = rundown(programme("a", "05:00", zones=zones), programme("b", "05:00"), station=station)
    assert found.problems[0].sentence.endswith("(4 zones)")


def sounding(cue: Cue, zone: ZoneId, station: Station) -> Spell | None:
    """When the cue would sound in that zone if it were alone; None if it is refused there."""
    around = Spell(begin=SPRING.begin - timedelta(days=2), end=SPRING.end + timedelta(days=2))
    window = next((each for each in station.open_for(zone, around) if cue.start in each), None)
    if window is None:
        return None
    return Spell(begin=cue.start, end=min(cue.start + cue.asked(minute_a_word), window.end))


@given(some=programmes(), station=STATIONS)
def test_every_conflict_of_each_village_is_told_and_no_other(some: list[Programme], station: Station) -> None:
    found = rundown(*some, station=station, span=SPRING)
    clashes, refused, overruns = set(), set(), set()
    for zone in (zone.id for zone in station.zones):
        heard = [(cue, sounding(cue, zone, station)) for cue in found.cues if zone in cue.zones]
        for n, (cue, spell) in enumerate(heard):
            if spell is None:
                refused.add((cue.id, zone))
                continue
            if spell.end < cue.start + cue.asked(minute_a_word):
                overruns.add((cue.id, zone))
            clashes |= {
                (*sorted((earlier.id, cue.id)), zone)
                for earlier, other in heard[:n]
                if other is not None and cue.start in other
            }
    by_kind: dict[ProblemKind, set[tuple[str, ...]]] = {kind: set() for kind in ProblemKind}
    for problem in found.problems:
        by_kind[problem.kind] |= {(*sorted(problem.cues), zone) for zone in problem.zones}
    assert by_kind[ProblemKind.CLASH] == clashes
    assert by_kind[ProblemKind.OUTSIDE_HOURS] | by_kind[ProblemKind.QUIET] == refused
    over_max = {
        (cue.id, zone)
        for cue in found.cues
        for zone in cue.zones
        if cue.max is not None and replace(cue, max=None).asked(minute_a_word) > cue.max
    }
    assert by_kind[ProblemKind.OVERRUN] == overruns | over_max
