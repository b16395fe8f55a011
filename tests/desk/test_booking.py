"""Bulletins booked into the slots of programmes, or at a time of their own."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from broadcaster.desk import BadEntry, NotAllowed, NotFound
from broadcaster.domain.bulletin import State
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import CueId, ProgrammeId
from broadcaster.domain.programme import Rank
from tests.desk.village import BEN_ONLY, NO_LIST, NOON, TONIGHT, Village

ALL_DAY = Spell(begin=NOON - timedelta(days=1), end=NOON + timedelta(days=400))
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def refused(verb: Callable[..., object], *entries: object, **named: object) -> str:
    with pytest.raises((BadEntry, NotAllowed, NotFound)) as told:
        verb(*entries, **named)
    return told.value.code


def test_bulletins_stand_in_the_slot_in_the_order_they_were_booked(village: Village) -> None:
    for id in "abc":
        village.bulletin(village.lan, id)
        village.desk.book(village.lan, id, TONIGHT)
    assert village.desk.move_booking(village.lan, "c", TONIGHT, 0) == ("c", "a", "b")
    assert village.desk.move_booking(village.lan, "c", TONIGHT, 2) == ("a", "b", "c")
    assert village.desk.unbook(village.lan, "b", TONIGHT) == ("a", "c")
    planned = village.store.bookings.approved(CueId(TONIGHT).day, CueId(TONIGHT).day)
    assert [bulletin.id for bulletin in planned[CueId(TONIGHT)]] == ["a", "c"]


def test_an_unapproved_bulletin_can_be_booked_and_is_not_planned(village: Village) -> None:
    village.bulletin(village.ben)
    village.desk.book(village.ben, "mat-dien", BEN_ONLY)
    day = CueId(BEN_ONLY).day
    assert village.store.bookings.approved(day, day) == {}
    village.desk.submit(village.ben, "mat-dien")
    village.desk.approve(village.minh, "mat-dien")
    assert set(village.store.bookings.approved(day, day)) == {CueId(BEN_ONLY)}


@pytest.mark.parametrize(
    "cue",
    [
        NO_LIST,  # takes no bulletins
        "khong-co@2026-11-21T17:00:00",  # no such programme
        "ban-tin@2026-11-21T17:00:01",  # not at that time
    ],
)
def test_a_slot_that_is_none_is_told(village: Village, cue: str) -> None:
    village.bulletin(village.lan)
    assert refused(village.desk.book, village.lan, "mat-dien", cue) == "no-slot"
    assert village.store.bookings.of(CueId(cue)) == ()


def test_a_slot_on_a_day_the_programme_is_off_is_told(village: Village) -> None:
    id = ProgrammeId("ban-tin")
    off = replace(village.folder.programmes[id], excepted=frozenset({CueId(TONIGHT).day}))
    village.folder.programmes[id] = off
    village.bulletin(village.lan)
    assert refused(village.desk.book, village.lan, "mat-dien", TONIGHT) == "no-slot"


def test_a_slot_whose_name_is_nonsense_is_not_found(village: Village) -> None:
    village.bulletin(village.lan)
    for cue in ("tonight", "", "ban-tin@2026-13-41T17:00:00"):
        assert refused(village.desk.book, village.lan, "mat-dien", cue) == "no-such-slot"


def test_the_list_closes_five_minutes_before_and_not_a_second_sooner(village: Village) -> None:
    for id in "abc":
        village.bulletin(village.lan, id)
    village.present = local("2026-11-21T16:54:59").astimezone(NOON.tzinfo)
    village.desk.book(village.lan, "a", TONIGHT)
    village.desk.book(village.lan, "b", TONIGHT)
    village.later(seconds=1)
    acts: list[Callable[[], object]] = [
        lambda: village.desk.book(village.lan, "c", TONIGHT),
        lambda: village.desk.unbook(village.lan, "a", TONIGHT),
        lambda: village.desk.move_booking(village.lan, "b", TONIGHT, 0),
    ]
    assert {refused(act) for act in acts} == {"slot-closed"}
    with pytest.raises(BadEntry, match=r"closed at 2026-11-21 16:55; choose the next slot"):
        village.desk.book(village.lan, "c", TONIGHT)
    assert village.store.bookings.of(CueId(TONIGHT)) == ("a", "b")


def test_a_slot_of_a_programme_that_is_gone_can_be_tidied_up(village: Village) -> None:
    village.bulletin(village.lan)
    village.desk.book(village.lan, "mat-dien", TONIGHT)
    village.folder.programmes.clear()
    assert village.desk.unbook(village.lan, "mat-dien", TONIGHT) == ()


def test_a_place_that_the_slot_has_not_is_told(village: Village) -> None:
    village.bulletin(village.lan)
    assert refused(village.desk.move_booking, village.lan, "mat-dien", TONIGHT, 0) == "no-such-booking"
    village.desk.book(village.lan, "mat-dien", TONIGHT)
    for place in (-1, 1):
        assert refused(village.desk.move_booking, village.lan, "mat-dien", TONIGHT, place) == "bad-place"


def test_a_village_books_only_where_only_its_own_zone_hears_it(village: Village) -> None:
    village.kept(village.ben, State.APPROVED)
    assert refused(village.desk.book, village.ben, "mat-dien", TONIGHT) == "not-own"
    village.desk.book(village.ben, "mat-dien", BEN_ONLY)
    for zones in (["all"], ["xa"], ["thon-cho"], ["thon-ben", "thon-cho"]):
        assert refused(village.desk.book_at, village.ben, "mat-dien", at=NOON, zones=zones) == "not-own"
    village.desk.book_at(village.ben, "mat-dien", at=NOON, zones=["xom-tren"])
    assert [line.verb for line in village.trail()[:2]] == ["book-bulletin-at", "book-bulletin"]


def test_two_editors_booking_at_once_lose_no_booking(village: Village) -> None:
    for number in range(20):
        village.bulletin(village.lan, f"b-{number:02}")

    def book(first: int) -> None:
        for number in range(first, 20, 2):
            village.desk.book(village.lan, f"b-{number:02}", TONIGHT)

    editors = [threading.Thread(target=book, args=(first,)) for first in (0, 1)]
    for editor in editors:
        editor.start()
    for editor in editors:
        editor.join()
    assert sorted(village.store.bookings.of(CueId(TONIGHT))) == [f"b-{number:02}" for number in range(20)]


def test_a_bulletin_at_a_time_of_its_own_is_planned_when_approved(village: Village) -> None:
    village.kept(village.ben, State.SUBMITTED)
    at = local("2026-11-21T18:30:00")
    booked = village.desk.book_at(village.lan, "mat-dien", at=at, zones=["thon-ben"], id="chieu")
    assert (booked.start, booked.ready, booked.zones) == (at.astimezone(NOON.tzinfo), False, ("thon-ben",))
    assert village.store.announcements.planned(ALL_DAY) == ()
    village.desk.approve(village.minh, "mat-dien")
    (planned,) = village.store.announcements.planned(ALL_DAY)
    assert (planned.id, planned.start) == ("chieu", booked.start)
    village.desk.rewrite(village.ben, "mat-dien", title="Mất điện", words="Khác.")
    assert village.store.announcements.planned(ALL_DAY) == ()


def test_an_urgent_bulletin_stays_urgent_at_its_own_time(village: Village) -> None:
    village.desk.write_bulletin(village.lan, title="Gấp", words="Gấp.", rank=Rank.PRIORITY, id="gap")
    assert village.desk.book_at(village.lan, "gap", at=NOON, zones=["all"]).rank is Rank.PRIORITY


@pytest.mark.parametrize(
    ("at", "zones", "code"),
    [
        ("2026-11-21T11:59:59", ["all"], "past"),
        ("2020-01-01T00:00:00", ["all"], "past"),
        ("2027-11-23T12:00:00", ["all"], "too-far"),
        ("2026-11-21T18:00:00", [], "no-zones"),
        ("2026-11-21T18:00:00", ["thon-la"], "unknown-zone"),
        ("2026-11-22T03:15:00", ["all"], "outside-hours"),
        ("2026-11-21T19:00:00", ["all"], "outside-hours"),
    ],
)
def test_a_time_or_place_that_cannot_be_is_told(
    village: Village, at: str, zones: list[str], code: str
) -> None:
    village.has_hours()
    village.bulletin(village.lan)
    assert refused(village.desk.book_at, village.lan, "mat-dien", at=local(at), zones=zones, id="x") == code
    assert village.store.announcements.within(ALL_DAY) == ()


def test_the_last_second_of_the_allowed_hours_is_allowed(village: Village) -> None:
    village.has_hours()
    village.bulletin(village.lan)
    village.desk.book_at(village.lan, "mat-dien", at=local("2026-11-21T18:59:59"), zones=["all"])


def test_a_time_without_a_zone_of_time_is_the_caller_s_fault(village: Village) -> None:
    village.bulletin(village.lan)
    with pytest.raises(ValueError, match="has no zone of time"):
        village.desk.book_at(
            village.lan, "mat-dien", at=local("2026-11-21T18:00:00").replace(tzinfo=None), zones=["all"]
        )
