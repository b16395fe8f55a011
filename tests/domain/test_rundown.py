"""What comes out when programmes, announcements and bookings meet dates."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.bulletin import Bulletin, State
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import BulletinId, CueId, ProgrammeId, ZoneId
from broadcaster.domain.places import Station
from broadcaster.domain.programme import (
    Bulletins,
    Chime,
    LatePolicy,
    Playable,
    Programme,
    Rank,
    Recorded,
    Relay,
    Spoken,
    StartMode,
)
from broadcaster.domain.rundown import (
    Announcement,
    Cue,
    ProblemKind,
    Rundown,
    estimated,
    frozen_at,
    next_slot,
    work_out,
)
from tests.domain.villages import (
    BERLIN,
    EVERY_DAY,
    bulletin,
    commune,
    day,
    hours,
    local,
    minute_a_word,
    programme,
    quiet,
    silence,
    village,
    words_of,
)

SATURDAY = day("2026-11-21")
MINUTE = timedelta(minutes=1)


def rundown(*programmes: Programme, station: Station | None = None, **other: Any) -> Rundown:
    """Saturday's, with a minute a word."""
    whole: dict[str, Any] = {"announcements": (), "booked": {}, "span": SATURDAY, "lengths": minute_a_word}
    return work_out(station or commune(), programmes, **(whole | other))


def announcement(name: str, moment: str, **other: Any) -> Announcement:
    whole: dict[str, Any] = {
        "id": ProgrammeId(name),
        "title": name.capitalize(),
        "items": (words_of(2),),
        "zones": ("all",),
        "start": local(moment),
    }
    return Announcement(**(whole | other))


def told(found: Rundown) -> list[tuple[str, ...]]:
    """Kind, programmes and zones of each problem."""
    return [
        (problem.kind.value, "+".join(cue.programme for cue in problem.cues), " ".join(sorted(problem.zones)))
        for problem in found.problems
    ]


def test_a_programme_for_the_commune_is_for_every_village_of_it() -> None:
    (cue,) = rundown(programme("sang", zones=("xa",))).cues
    assert cue.zones == {"xa", "thon-ben", "thon-dinh"}
    (cue,) = rundown(programme("sang", zones=("thon-ben",))).cues
    assert cue.zones == {"thon-ben"}


def test_a_cue_says_all_that_its_programme_says() -> None:
    sang = programme(
        "sang",
        "05:00",
        rank=Rank.PRIORITY,
        start=StartMode.HARD,
        grace=7 * MINUTE,
        late=LatePolicy.JOIN,
        max=45 * MINUTE,
        items=(Chime(name="opening"), silence(2)),
    )
    (cue,) = rundown(sang).cues
    assert cue == Cue(
        id=CueId("sang@2026-11-21T05:00:00"),
        programme=sang.id,
        title="Sang",
        rank=Rank.PRIORITY,
        start=local("2026-11-21 05:00"),
        mode=StartMode.HARD,
        grace=7 * MINUTE,
        late=LatePolicy.JOIN,
        max=45 * MINUTE,
        zones=frozenset({ZoneId("xa"), ZoneId("thon-ben"), ZoneId("thon-dinh")}),
        items=(Chime(name="opening"), silence(2)),
    )


def test_cues_stand_by_start_then_the_stronger_rank_then_the_name() -> None:
    found = rundown(
        programme("chieu", "17:00"),
        programme("sang", "05:00"),
        programme("nhac", "05:00", rank=Rank.FILL),
        programme("gap", "05:00", rank=Rank.PRIORITY),
        programme("bao", "05:00"),
    )
    assert [cue.programme for cue in found.cues] == ["gap", "bao", "sang", "nhac", "chieu"]


def test_booked_bulletins_stand_where_the_programme_has_its_place_for_them_priority_ones_first() -> None:
    slot = programme("sang", items=(Chime(name="opening"), Bulletins(), Chime(name="closing")))
    booked = {
        CueId("sang@2026-11-21T05:00:00"): [
            bulletin("mot"),
            bulletin("hai", words=None, recording="recordings/hai.mp3", rank=Rank.PRIORITY),
            bulletin("ba", language="tay"),
            bulletin("bon", rank=Rank.PRIORITY),
        ]
    }
    (cue,) = rundown(slot, booked=booked).cues
    assert cue.items == (
        Chime(name="opening"),
        Recorded(path="recordings/hai.mp3", bulletin=BulletinId("hai")),
        Spoken(words="tin bon", bulletin=BulletinId("bon")),
        Spoken(words="tin mot", bulletin=BulletinId("mot")),
        Spoken(words="tin ba", language="tay", bulletin=BulletinId("ba")),
        Chime(name="closing"),
    )


@given(states=st.lists(st.sampled_from(State), max_size=6), ranks=st.data())
def test_only_approved_bulletins_are_heard_each_once(states: list[State], ranks: st.DataObject) -> None:
    bulletins: list[Bulletin] = [
        bulletin(f"b{n}", state=state, rank=ranks.draw(st.sampled_from([Rank.ORDINARY, Rank.PRIORITY])))
        for n, state in enumerate(states)
    ]
    booked = {CueId("sang@2026-11-21T05:00:00"): bulletins}
    (cue,) = rundown(programme("sang", items=(Bulletins(),)), booked=booked).cues
    approved = [b for b in bulletins if b.state is State.APPROVED]
    heard = [item.bulletin for item in cue.items if isinstance(item, Spoken)]
    assert heard == [b.id for b in approved if b.rank is Rank.PRIORITY] + [
        b.id for b in approved if b.rank is Rank.ORDINARY
    ]


def test_what_is_booked_into_a_programme_without_a_place_for_bulletins_is_not_heard() -> None:
    booked = {CueId("sang@2026-11-21T05:00:00"): [bulletin("mot")]}
    (cue,) = rundown(programme("sang"), booked=booked).cues
    assert cue.items == (words_of(10),)
    assert cue.frozen_at is None


def test_a_list_freezes_before_the_start_and_what_comes_later_takes_the_next_slot() -> None:
    slots = programme("tin", "05:00", "17:00", items=(Bulletins(closes=5 * MINUTE),))
    cues = rundown(slots, programme("nhac", "04:00")).cues
    five, seventeen = local("2026-11-21 05:00"), local("2026-11-21 17:00")
    assert frozen_at(five, 5 * MINUTE) == five - 5 * MINUTE

    def slot(now: datetime) -> str | None:
        found = next_slot(cues, now)
        return None if found is None else found.id

    assert slot(local("2026-11-20 20:00")) == "tin@2026-11-21T05:00:00"
    assert slot(five - 5 * MINUTE - timedelta(microseconds=1)) == "tin@2026-11-21T05:00:00"
    assert slot(five - 5 * MINUTE) == "tin@2026-11-21T17:00:00"
    assert slot(seventeen) is None


@given(
    now=st.integers(0, 24 * 60),
    closes=st.integers(0, 600),
    at=st.sets(st.integers(0, 24 * 60 - 1), min_size=1, max_size=5),
)
def test_a_bulletin_is_never_booked_into_a_frozen_list_nor_past_an_open_one(
    now: int, closes: int, at: set[int]
) -> None:
    times = [f"{minute // 60:02}:{minute % 60:02}" for minute in at]
    cues = rundown(programme("tin", *times, items=(Bulletins(closes=closes * MINUTE),))).cues
    instant = SATURDAY.begin + now * MINUTE
    open_ones = [cue for cue in cues if instant < cue.start - closes * MINUTE]
    assert next_slot(reversed(cues), instant) == (open_ones[0] if open_ones else None)


def test_an_announcement_is_a_soft_cue_that_waits_half_an_hour_and_starts_again_when_broken_off() -> None:
    found = rundown(announcements=[announcement("mat-trau", "2026-11-21 09:30:20", zones=("thon-ben",))])
    (cue,) = found.cues
    assert cue.id == "mat-trau@2026-11-21T09:30:20"
    assert (cue.mode, cue.late, cue.grace) == (StartMode.SOFT, LatePolicy.WHOLE, 30 * MINUTE)
    assert cue.zones == {"thon-ben"}
    assert (cue.rank, cue.closes, cue.max) == (Rank.ORDINARY, None, None)
    assert cue.items == (words_of(2),)
    assert found.problems == ()


def test_an_announcement_of_another_day_is_not_in_todays_rundown() -> None:
    late = announcement("mot", "2026-11-22 00:00")
    early = announcement("hai", "2026-11-20 23:59")
    assert rundown(announcements=[late, early]).cues == ()


def test_an_announcement_between_midnights_is_named_by_the_local_date() -> None:
    (cue,) = rundown(announcements=[announcement("mot", "2026-11-21 00:10")]).cues
    assert cue.start.day == 20  # in UTC
    assert cue.id.day == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"title": " "}, "title"),
        ({"rank": Rank.EMERGENCY}, "raise an alert"),
        ({"zones": ()}, "zone"),
        ({"items": ()}, "item"),
        ({"start": datetime(2026, 11, 21, 9)}, "instant"),  # noqa: DTZ001
    ],
)
def test_an_announcement_that_cannot_be_is_not_built(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        announcement("mot", "2026-11-21 09:00", **wrong)


def test_a_cue_lasts_as_long_as_its_items_and_no_longer_than_its_max() -> None:
    items: tuple[Playable, ...] = (
        words_of(3),
        silence(30),
        Relay(url="http://relay.example/1", length=5 * MINUTE, otherwise="fallback/a.opus"),
        Recorded(path="recordings/not-known.mp3"),
    )
    (cue,) = rundown(programme("sang", items=items)).cues
    assert cue.asked(minute_a_word) == 8.5 * MINUTE
    (cue,) = rundown(programme("sang", items=items, max=4 * MINUTE)).cues
    assert cue.asked(minute_a_word) == 4 * MINUTE


def test_words_are_guessed_at_a_hundred_and_fifty_a_minute() -> None:
    assert estimated(words_of(150)) == MINUTE
    assert estimated(silence(3)) == timedelta(seconds=3)
    assert estimated(Recorded(path="recordings/a.mp3")) is None
    assert estimated(Chime(name="opening")) is None
    assert estimated(Bulletins()) is None


# What is wrong with a day


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


def test_a_newcomer_that_would_wait_longer_than_its_grace_is_told_to_be_skipped() -> None:
    found = rundown(programme("sang", "05:00", minutes=20), programme("sau", "05:05", grace=10 * MINUTE))
    assert "is skipped, because it waits at most 10 min" in found.problems[0].sentence


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


# Laws

minutes_of_day = st.integers(0, 24 * 60 - 1)


@st.composite
def programmes(draw: st.DrawFn) -> list[Programme]:
    """Up to six programmes, at any time, of any length and rank, for any zones."""
    return [
        programme(
            f"p{n}",
            *{f"{at // 60:02}:{at % 60:02}" for at in draw(st.sets(minutes_of_day, min_size=1, max_size=3))},
            minutes=draw(st.integers(1, 90)),
            rank=draw(st.sampled_from([Rank.FILL, Rank.ORDINARY, Rank.PRIORITY])),
            start=draw(st.sampled_from(StartMode)),
            days=draw(st.frozensets(st.sampled_from(sorted(EVERY_DAY)), min_size=1)),
            zones=tuple(draw(st.sets(st.sampled_from(["all", "xa", "thon-ben", "thon-dinh"]), min_size=1))),
            max=draw(st.none() | st.integers(1, 60).map(lambda n: n * MINUTE)),
        )
        for n in range(draw(st.integers(1, 6)))
    ]


STATIONS = st.sampled_from(
    [
        commune(),
        commune(allowed=(hours("05:00", "06:30"), hours("17:00", "19:00"))),
        commune(
            timezone=BERLIN,
            allowed=(hours("01:00", "04:00"),),
            quiet=(quiet("2027-03-28 02:10", "2027-03-28 02:50", "thon-ben"),),
        ),
    ]
)
SPRING = day("2027-03-26", days=4, timezone=BERLIN)


@given(some=programmes(), station=STATIONS)
def test_planning_again_gives_the_same_rundown(some: list[Programme], station: Station) -> None:
    assert rundown(*some, station=station, span=SPRING) == rundown(*some, station=station, span=SPRING)
    assert rundown(*reversed(some), station=station, span=SPRING) == rundown(
        *some, station=station, span=SPRING
    )


@given(some=programmes(), station=STATIONS, shift=st.integers(1, 95))
def test_planning_later_gives_the_same_cues_for_the_time_both_plans_hold(
    some: list[Programme], station: Station, shift: int
) -> None:
    moved = Spell(begin=SPRING.begin + shift * 60 * MINUTE, end=SPRING.end + shift * 60 * MINUTE)
    first = rundown(*some, station=station, span=SPRING)
    second = rundown(*some, station=station, span=moved)
    assert [cue for cue in first.cues if cue.start in moved] == [
        cue for cue in second.cues if cue.start in SPRING
    ]


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
                (earlier.id, cue.id, zone)
                for earlier, other in heard[:n]
                if other is not None and cue.start in other
            }
    by_kind: dict[ProblemKind, set[tuple[str, ...]]] = {kind: set() for kind in ProblemKind}
    for problem in found.problems:
        by_kind[problem.kind] |= {(*problem.cues, zone) for zone in problem.zones}
    assert by_kind[ProblemKind.CLASH] == clashes
    assert by_kind[ProblemKind.OUTSIDE_HOURS] | by_kind[ProblemKind.QUIET] == refused
    over_max = {
        (cue.id, zone)
        for cue in found.cues
        for zone in cue.zones
        if cue.max is not None and replace(cue, max=None).asked(minute_a_word) > cue.max
    }
    assert by_kind[ProblemKind.OVERRUN] == overruns | over_max


def test_a_rundown_is_no_respecter_of_the_span_it_is_seen_through() -> None:
    """A cue just before the span is not in it, though it still sounds; the next one has its own name."""
    span = Spell(begin=datetime(2026, 11, 20, 22, 5, tzinfo=UTC), end=SATURDAY.end)
    assert [cue.id for cue in rundown(programme("sang", "05:00", "17:00"), span=span).cues] == [
        "sang@2026-11-21T17:00:00"
    ]
