"""What comes out when programmes, announcements and bookings meet dates."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.bulletin import Bulletin, State
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import BulletinId, CueId, ZoneId
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
from broadcaster.domain.rundown import Cue, estimated, frozen_at
from tests.domain.anydays import SPRING, STATIONS, programmes
from tests.domain.villages import (
    MINUTE,
    SATURDAY,
    announcement,
    bulletin,
    local,
    minute_a_word,
    programme,
    rundown,
    silence,
    words_of,
)


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


def test_a_list_freezes_before_the_start_and_one_that_takes_no_bulletins_never() -> None:
    slots = programme("tin", "05:00", "17:00", items=(Bulletins(closes=5 * MINUTE),))
    freezes = {cue.id: cue.frozen_at for cue in rundown(slots, programme("nhac", "04:00")).cues}
    five = local("2026-11-21 05:00")
    assert frozen_at(five, 5 * MINUTE) == five - 5 * MINUTE
    assert freezes == {
        "nhac@2026-11-21T04:00:00": None,
        "tin@2026-11-21T05:00:00": five - 5 * MINUTE,
        "tin@2026-11-21T17:00:00": local("2026-11-21 16:55"),
    }


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


def test_a_rundown_is_no_respecter_of_the_span_it_is_seen_through() -> None:
    """A cue just before the span is not in it, though it still sounds; the next one has its own name."""
    span = Spell(begin=datetime(2026, 11, 20, 22, 5, tzinfo=UTC), end=SATURDAY.end)
    assert [cue.id for cue in rundown(programme("sang", "05:00", "17:00"), span=span).cues] == [
        "sang@2026-11-21T17:00:00"
    ]
