"""What is put into the store comes out the same."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from broadcaster.domain.bulletin import State
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import BulletinId, ProgrammeId, UnitId, ZoneId
from broadcaster.domain.people import Person, Role
from broadcaster.domain.programme import Chime, Rank, Recorded, Spoken
from broadcaster.store import Store, StoreFault
from broadcaster.store.audit import LONGEST, AuditLine
from broadcaster.store.joining import MOST_WAITING, JoinRequest
from broadcaster.store.orders import DeskOrder, StopAir, TryChime, TurnVolume, Wish
from broadcaster.store.rundown import CueLine
from broadcaster.store.units import StoredBeat
from tests.store.values import MINUTE, NOON, aired, announcement, bulletin, cue, joined, sheet

LAN = Person(login="lan", name="Lan", roles=frozenset({Role.VILLAGE, Role.EDITOR}), zone=ZoneId("thon-ben"))
DAY = Spell(begin=NOON, end=NOON + timedelta(days=1))


def test_people_come_out_as_they_went_in_without_their_hash(store: Store) -> None:
    binh = Person(login="0912345678", name="Ánh Bình", roles=frozenset({Role.ADMIN}))
    store.people.add(LAN, "hash-1", NOON)
    store.people.add(binh, "hash-2", NOON)
    assert store.people.all() == (LAN, binh)
    assert store.people.find("lan") == LAN
    assert store.people.find("nobody") is None
    assert (store.people.hash_of("lan"), store.people.hash_of("nobody")) == ("hash-1", None)
    store.people.set_hash("lan", "hash-3")
    store.people.change(replace(LAN, disabled=True, name="Chị Lan"))
    assert store.people.find("lan") == replace(LAN, disabled=True, name="Chị Lan")
    assert store.people.hash_of("lan") == "hash-3"
    assert "hash" not in repr(store.people.all())


def test_a_login_is_one_person_s(store: Store) -> None:
    store.people.add(LAN, "hash-1", NOON)
    with pytest.raises(StoreFault, match="UNIQUE"):
        store.people.add(replace(LAN, name="another"), "hash-2", NOON)
    assert store.people.find("lan") == LAN


def test_failed_sign_ins_are_told_by_place_forgiven_by_place_and_forgotten_after_a_day(store: Store) -> None:
    for minutes, source in ((0, "home"), (1, "away"), (2, "home")):
        store.people.failed("lan", source, NOON + minutes * MINUTE)
    store.people.failed("binh", "home", NOON)
    assert store.people.failures("lan", "home", NOON) == (NOON, NOON + 2 * MINUTE)
    assert store.people.failures("lan", None, NOON + MINUTE) == (NOON + MINUTE, NOON + 2 * MINUTE)
    store.people.forgive("lan", "home")
    assert store.people.failures("lan", None, NOON) == (NOON + MINUTE,)
    store.people.failed("x", "y", NOON + timedelta(days=1, minutes=2))
    assert store.people.failures("lan", None, NOON) == ()


def test_bulletins_come_newest_first_by_state_and_author(store: Store) -> None:
    first = sheet("a", State.DRAFT)
    second = replace(
        sheet("b", State.RETURNED),
        bulletin=replace(
            bulletin("b", State.RETURNED), words=None, recording="recordings/b.opus", author="binh"
        ),
        judged_by="minh",
        judged_at=NOON + MINUTE,
        why="Sai ngày",
    )
    third = replace(first, bulletin=replace(first.bulletin, id=BulletinId("c"), written=NOON + MINUTE))
    for one in (first, second, third):
        store.bulletins.put(one)
    assert store.bulletins.list() == (third, second, first)
    assert store.bulletins.list(state=State.DRAFT) == (third, first)
    assert store.bulletins.list(author="binh") == (second,)
    assert store.bulletins.list(limit=1) == (third,)
    assert store.bulletins.sheet(BulletinId("b")) == second
    assert store.bulletins.find(BulletinId("b")) == second.bulletin
    assert store.bulletins.find(BulletinId("z")) is None
    store.bulletins.put(replace(first, why="x"))
    assert store.bulletins.sheet(BulletinId("a")) == replace(first, why="x")


def test_only_approved_bulletins_of_those_days_are_planned_priority_ones_first(store: Store) -> None:
    for one in (sheet("a"), sheet("b", State.SUBMITTED), sheet("c", rank=Rank.PRIORITY), sheet("d")):
        store.bulletins.put(one)
    d, b, c, a = (BulletinId(id) for id in "dbca")
    store.bookings.arrange(cue(), (d, b, c, a))
    store.bookings.arrange(cue(22), (a,))
    store.bookings.arrange(cue(23), (b,))
    today, later = date(2026, 11, 21), date(2026, 11, 23)
    assert store.bookings.approved(today, today) == {
        cue(): (bulletin("c", rank=Rank.PRIORITY), bulletin("d"), bulletin("a"))
    }
    assert set(store.bookings.approved(today, later)) == {cue(), cue(22)}
    assert store.bookings.of(cue()) == (d, b, c, a)
    assert store.bookings.cues_of(a) == (cue(), cue(22))
    store.bookings.arrange(cue(), (a, d))
    assert store.bookings.of(cue()) == (a, d)
    store.bookings.arrange(cue(), ())
    assert store.bookings.of(cue()) == ()


def test_a_bulletin_that_is_not_there_cannot_be_booked(store: Store) -> None:
    with pytest.raises(StoreFault, match="FOREIGN KEY"):
        store.bookings.arrange(cue(), (BulletinId("ghost"),))
    assert store.bookings.of(cue()) == ()


def test_announcements_are_planned_unless_cancelled_or_unapproved(store: Store) -> None:
    store.bulletins.put(sheet("a", State.SUBMITTED))
    plain, late = announcement(), announcement("mai", NOON + timedelta(days=1))
    cancelled = replace(announcement("huy"), cancelled_by="minh", cancelled_at=NOON + MINUTE)
    linked = replace(
        announcement("theo-ban-tin", NOON + MINUTE),
        bulletin=BulletinId("a"),
        title="Mất điện",
        words="Ngày mai mất điện từ tám giờ.",
        language=None,
        chime=None,
        ready=False,
    )
    for one in (linked, plain, late, cancelled):
        store.announcements.put(one)
    assert store.announcements.within(DAY) == (plain, cancelled, linked)
    assert store.announcements.planned(DAY) == (plain.announcement,)
    said = Spoken(words="Mời bà con đi họp.", language="vi")
    assert plain.announcement.items == (replace(said, chime="opening"),)
    long = replace(plain, words="Mời bà con đi họp. " * 300)
    assert long.announcement.items[0] == Chime(name="opening"), "too long to be mixed: one after the other"
    assert len(long.announcement.items) == 2
    store.bulletins.put(sheet("a"))
    assert store.announcements.find(ProgrammeId("theo-ban-tin")) == replace(linked, ready=True)
    assert store.announcements.planned(DAY)[1].items == (
        Spoken(words="Ngày mai mất điện từ tám giờ.", bulletin=BulletinId("a")),
    )


def test_an_announcement_says_what_its_bulletin_says_now(store: Store) -> None:
    store.bulletins.put(sheet("a"))
    store.announcements.put(replace(announcement(), bulletin=BulletinId("a")))
    recorded = replace(bulletin("a"), title="Mới", words=None, recording="recordings/a.opus")
    store.bulletins.put(replace(sheet("a"), bulletin=recorded))
    (planned,) = store.announcements.planned(DAY)
    assert planned.title == "Mới"
    assert planned.items == (
        Chime(name="opening"),
        Recorded(path="recordings/a.opus", bulletin=BulletinId("a")),
    )


def test_units_keep_their_settings_and_their_newest_heartbeat(store: Store) -> None:
    one, two = joined(), replace(joined("xa-1", "UXYZ"), forbidden=True)
    store.units.put(two)
    store.units.put(one)
    assert store.units.all() == (one, two)
    assert store.units.by_nkey("UXYZ") == two
    assert (store.units.by_nkey("none"), store.units.find(UnitId("none"))) == (None, None)
    store.units.put(replace(one, volume=-12.0))
    assert store.units.find(one.unit.id) == replace(one, volume=-12.0)
    fresh = StoredBeat(unit=one.unit.id, at=NOON + MINUTE, beat=b"fresh")
    store.units.keep_beats((fresh, StoredBeat(unit=UnitId("unknown"), at=NOON, beat=b"")))
    store.units.keep_beats((StoredBeat(unit=one.unit.id, at=NOON, beat=b"stale"),))
    assert store.units.beats() == {one.unit.id: fresh}


def test_a_key_belongs_to_one_unit(store: Store) -> None:
    store.units.put(joined())
    with pytest.raises(StoreFault, match="UNIQUE"):
        store.units.put(joined("xa-1"))


def request(nkey: str, minutes: int = 0, code: str = "123456") -> JoinRequest:
    seen = NOON + minutes * MINUTE
    return JoinRequest(nkey=nkey, wish="raspberrypi", code=code, first_seen=seen, expires=seen + 10 * MINUTE)


def test_a_unit_that_asks_again_waits_with_its_new_code_in_its_old_place(store: Store) -> None:
    store.joining.ask(request("UA"))
    store.joining.ask(request("UB", 1))
    store.joining.ask(request("UA", 2, "654321"))
    again = replace(request("UA", 2, "654321"), first_seen=NOON)
    assert store.joining.waiting(NOON + 5 * MINUTE) == (again, request("UB", 1))
    assert store.joining.waiting(NOON + 11 * MINUTE) == (again,)
    store.joining.settle("UA")
    assert store.joining.waiting(NOON) == (request("UB", 1),)
    store.joining.ask(request("UC", 30))
    assert store.joining.waiting(NOON) == (request("UC", 30),)


def test_a_flood_of_join_requests_does_not_fill_the_disk(store: Store) -> None:
    with store.writing():
        for number in range(MOST_WAITING + 20):
            store.joining.ask(replace(request(f"U{number:03}"), first_seen=NOON + timedelta(seconds=number)))
    waiting = store.joining.waiting(NOON)
    assert len(waiting) == MOST_WAITING
    assert waiting[0].nkey == "U020"


def line(day: int, minutes: int, title: str = "Bản tin sáng") -> CueLine:
    return CueLine(
        cue=cue(day),
        zones=frozenset({ZoneId("xa"), ZoneId("thon-ben")}),
        start=NOON + minutes * MINUTE,
        title=title,
        rank=Rank.ORDINARY,
        asked=timedelta(seconds=90, microseconds=1),
    )


def test_what_was_meant_is_kept_and_what_was_taken_out_is_marked(store: Store) -> None:
    past, soon, later = line(21, 0), line(22, 60), line(23, 120)
    assert store.rundown.publish((past, soon, later), DAY, NOON - MINUTE) == ()
    assert store.rundown.planned(DAY) == (past, soon, later)
    seen = store.changes()
    store.rundown.publish((past, soon, later), DAY, NOON + MINUTE)
    assert store.rundown.planned(DAY) == (past, soon, later)
    renamed = replace(later, title="Tin chiều")
    gone = store.rundown.publish((replace(past, title="too late"), renamed), DAY, NOON + MINUTE)
    assert gone == (replace(soon, withdrawn=NOON + MINUTE),)
    assert store.rundown.planned(DAY) == (past, gone[0], renamed)
    assert store.rundown.publish((renamed,), DAY, NOON + 2 * MINUTE) == (), "past and withdrawn ones stay"
    assert store.rundown.find(soon.cue) == gone[0]
    store.rundown.publish((soon, renamed), DAY, NOON + 3 * MINUTE)
    assert store.rundown.find(soon.cue) == soon
    assert store.rundown.find(cue(1)) is None
    assert store.changes() > seen


def test_publishing_leaves_what_lies_outside_its_span_alone(store: Store) -> None:
    tomorrow = line(22, 24 * 60 + 5)
    store.rundown.publish((tomorrow,), Spell(begin=NOON, end=NOON + timedelta(days=2)), NOON)
    assert store.rundown.publish((), DAY, NOON) == ()
    assert store.rundown.find(tomorrow.cue) == tomorrow


def test_the_last_good_text_of_a_file_is_kept_until_the_file_is_gone(store: Store) -> None:
    first = store.texts.keep("schedules/a.toml", "title = 'Tiếng Việt'", NOON)
    seen = store.changes()
    assert store.texts.keep("schedules/a.toml", "title = 'Tiếng Việt'", NOON + MINUTE) == first
    assert store.changes() == seen
    second = store.texts.keep("schedules/a.toml", "title = 'B'", NOON + MINUTE)
    assert store.texts.last_good("schedules/a.toml") == second
    assert second.sha256 != first.sha256
    other = store.texts.keep("schedules/0.toml", "x", NOON)
    assert store.texts.all() == (other, second)
    store.texts.forget("schedules/a.toml")
    assert store.texts.last_good("schedules/a.toml") is None


def order(id: str, wish: Wish, minutes: int = 0) -> DeskOrder:
    asked = NOON + minutes * MINUTE
    return DeskOrder(
        id=id, to=("zone:thon-ben", "zone:xa"), wish=wish, by="Lan", asked=asked, expires=asked + 5 * MINUTE
    )


def test_orders_wait_for_the_hub_in_the_order_they_were_given(store: Store) -> None:
    stop, quiet, chime = (
        order("a", StopAir(cue=cue())),
        order("b", TurnVolume(decibels=-6.5), 1),
        order("c", TryChime(), 2),
    )
    for one in (chime, stop, quiet):
        store.orders.put(one)
    store.orders.put(replace(stop, by="somebody else"))
    assert store.orders.take(NOON) == (stop, quiet, chime)
    assert store.orders.take(NOON) == (stop, quiet, chime), "a hub that dies before it sends takes them again"
    store.orders.mark_sent("b", NOON + 2 * MINUTE)
    assert store.orders.take(NOON + 3 * MINUTE) == (stop, chime)
    sent = replace(quiet, sent=NOON + 2 * MINUTE)
    assert store.orders.in_force(NOON + 3 * MINUTE) == (sent,)
    assert store.orders.find("b") == sent
    assert store.orders.find("z") is None
    end = NOON + 6 * MINUTE
    assert store.orders.take(end) == (chime,)
    assert store.orders.unsent(NOON - MINUTE, end) == (stop,)
    assert store.orders.unsent(NOON, end) == (), "asked before"
    assert store.orders.in_force(end) == ()


def test_a_stop_of_whatever_is_on_air_names_no_cue(store: Store) -> None:
    store.orders.put(order("a", StopAir(cue=None)))
    assert store.orders.take(NOON) == (order("a", StopAir(cue=None)),)


def test_numbers_only_grow_even_when_the_clock_goes_back_or_the_backup_was_old(store: Store) -> None:
    micros = round(NOON.timestamp() * 1_000_000)
    assert store.counters.next_revision(NOON) == micros
    assert store.counters.next_revision(NOON) == micros + 1
    assert store.counters.next_revision(NOON - timedelta(days=9)) == micros + 2
    assert store.counters.next_seq(NOON) == micros, "each its own"
    assert store.counters.next_revision(NOON + MINUTE) == micros + 60_000_000


def test_what_is_meant_moves_with_what_is_planned_and_with_nothing_else(store: Store) -> None:
    seen = [store.counters.meant()]

    def moved() -> bool:
        seen.append(store.counters.meant())
        return seen[-1] > seen[-2]

    store.bulletins.put(sheet("a"))
    assert moved()
    store.bulletins.put(sheet("a", State.RETURNED))
    assert moved()
    store.bookings.arrange(cue(), (BulletinId("a"),))
    assert moved()
    store.bookings.arrange(cue(), ())
    assert moved()
    store.announcements.put(announcement())
    assert moved()
    store.units.put(joined())
    assert moved()
    store.units.keep_beats((StoredBeat(unit=UnitId("thon-ben-1"), at=NOON, beat=b""),))
    store.asrun.record((aired(),), NOON)
    store.audit.add(AuditLine(at=NOON, who="lan", verb="say", on="x"))
    store.people.add(LAN, "hash", NOON)
    store.people.failed("lan", "", NOON)
    store.orders.put(order("a", TryChime()))
    store.joining.ask(request("UA"))
    store.texts.keep("a", "b", NOON)
    store.rundown.publish((line(21, 0),), DAY, NOON)
    store.counters.next_seq(NOON)
    assert not moved()


def test_the_audit_trail_comes_newest_first_in_pages(store: Store) -> None:
    for number in range(5):
        store.audit.add(
            AuditLine(at=NOON, who="lan", verb="say", on=f"{number}", before="a", after="b" * 600)
        )
    page = store.audit.list(limit=2)
    assert [one.on for one in page] == ["4", "3"]
    assert [one.on for one in store.audit.list(before=page[-1].number, limit=9)] == ["2", "1", "0"]
    assert page[0] == AuditLine(
        at=NOON,
        who="lan",
        verb="say",
        on="4",
        before="a",
        after="b" * (LONGEST - 1) + "…",
        number=page[0].number,
    )
