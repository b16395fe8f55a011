"""Alerts in the hub's hands, at fake speed: what is signed, what is told again, what is owed."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.domain.alert import AlertCall
from broadcaster.domain.programme import Spoken
from broadcaster.hub.alerts.books import AlertBooks
from broadcaster.link.envelope import opened
from broadcaster.link.messages import ClearAlert, Order, RaiseAlert, RaiseDrill
from tests.days.communes import commune
from tests.days.hours import local
from tests.days.troubles import locked_store
from tests.hub.alarms import FLOOD, a_drill, a_stop_of, a_version, an_alert, warned_commune
from tests.hub.hands import Desk
from tests.hub.test_hub import Room, in_trouble

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
WORDS = "Vỡ đê ở Thôn Bến."


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    room = Room(warned_commune(tmp_path / "station", hours=True))
    room.settle()
    return Desk(room)


def at(desk: Desk, **after: float) -> None:
    desk.room.time.pass_by(timedelta(**after))


def call_of(order: Order) -> AlertCall:
    assert isinstance(order.body, RaiseAlert | RaiseDrill)
    return order.body.call


def test_what_was_signed_is_told_again_as_it_was_by_a_hub_that_was_killed(desk: Desk) -> None:
    alert = desk.put(an_alert(desk.room.time.now()))
    at(desk, seconds=5)
    (order,) = desk.fire()
    desk.books.lay(desk.raising.envelopes(alert))
    desk.settle()
    at(desk, seconds=3)
    desk.restart()
    now = desk.room.time.now()
    assert desk.fire() == ()
    assert [each.id for each in desk.raising.unsent(now)] == [FLOOD]
    (envelope,) = desk.raising.envelopes(alert).values()
    assert opened(envelope, desk.room.keys, Order) == order
    desk.raising.sent(alert, now)
    assert desk.raising.unsent(now) == ()
    assert desk.find().sent == now


def test_a_hub_killed_between_its_mark_and_the_signing_signs_under_the_same_id(desk: Desk) -> None:
    alert = desk.put(an_alert(desk.room.time.now()))
    at(desk, seconds=5)
    desk.books.fire(alert, desk.room.time.now(), SECOND)
    at(desk, seconds=3)
    desk.restart()
    at(desk, seconds=3)
    (untold,) = desk.raising.untold(desk.room.time.now())
    (order,) = desk.read([desk.raising.sign(untold, desk.room.time.now())])
    assert order.id == "kc-lu-1"
    assert call_of(order).start > desk.room.time.now()


def test_a_hub_that_was_off_sends_what_is_in_force_and_says_what_is_not(desk: Desk) -> None:
    now = desk.room.time.now()
    desk.put(an_alert(now))
    desk.put(an_alert(now, id="kc-chay", expires=now + 60 * SECOND))
    at(desk, minutes=10)
    desk.restart()
    (missed,) = desk.books.missed(desk.room.time.now())
    desk.raising.take(missed)
    at(desk, seconds=3)
    assert [order.id for order in desk.fire()] == ["kc-lu-1"]
    assert desk.find(id="kc-chay").trouble.startswith("it was not sent")


def test_a_number_given_for_an_alert_is_never_given_again_nor_a_lower_one(desk: Desk) -> None:
    desk.put(an_alert(desk.room.time.now()))
    at(desk, seconds=5)
    (order,) = desk.fire()
    desk.settle()
    desk.restart()
    numbers = desk.room.hub.numbers
    earlier = desk.room.time.now() - HOUR  # the clock was set back
    assert numbers.next(earlier) > order.seq
    assert numbers.kept(earlier) > order.seq + 1


@pytest.mark.parametrize("kind", ["locked", "full"])
def test_numbers_are_given_while_the_store_takes_nothing(desk: Desk, kind: str) -> None:
    numbers = desk.room.hub.numbers
    with in_trouble(desk.room, kind):
        first, second = (numbers.next(desk.room.time.now()) for _ in range(2))
    assert second > first


def test_what_the_store_did_not_take_is_in_the_journal_and_enters_it_later(desk: Desk) -> None:
    alert = an_alert(desk.room.time.now())
    with locked_store(desk.room.folder):
        desk.raising.take(alert)
        owed = desk.raising.owed()
        assert owed is not None
        assert desk.books.note(owed)
    desk.restart()
    at(desk, seconds=6)
    assert [order.id for order in desk.fire()] == ["kc-lu-1"]
    assert desk.find().fired == desk.room.time.now()
    assert desk.raising.owed() is None
    desk.books.clear_journal()
    assert AlertBooks(desk.store, desk.room.folder / "state").open_journal() == ()


def test_what_went_on_air_from_memory_is_not_sent_a_second_time_by_a_hub_that_was_killed(desk: Desk) -> None:
    """The store was locked all the while; journal and signed orders are what is left of that life."""
    alert = desk.put(an_alert(desk.room.time.now()))
    at(desk, seconds=5)
    now = desk.room.time.now()
    desk.raising.learn(desk.books.look(now))
    with locked_store(desk.room.folder):
        assert desk.raising.fire(alert, now, None)
        (order,) = desk.read([desk.raising.sign(alert, now)])
        desk.raising.sent(alert, now)
        owed = desk.raising.owed()
        assert owed is not None
        assert desk.books.note(owed)
        desk.books.lay(desk.raising.envelopes(alert))
    assert desk.store.alerts.waiting(now) == (alert,), "the store knows nothing of it"
    at(desk, seconds=3)
    desk.restart()
    at(desk, seconds=4)
    later = desk.room.time.now()
    assert desk.fire() == ()
    assert desk.raising.untold(later) == desk.raising.unsent(later) == ()
    assert desk.told("loa-ben") == [order.id]
    assert (desk.find().fired, desk.find().start) == (now, call_of(order).start)


def test_each_round_has_a_line_and_those_to_come_go_when_it_is_stopped(desk: Desk) -> None:
    alert = desk.put(an_alert(desk.room.time.now()))
    at(desk, seconds=5)
    (order,) = desk.fire()
    call = call_of(order)
    starts = [call.start + number * call.step for number in range(3)]
    assert [line.start for line in desk.lines()] == starts
    assert {line.zones for line in desk.lines()} == {desk.room.hub.reading.station.reach(["all"])}
    at(desk, seconds=2)
    desk.put(a_stop_of(alert, desk.room.time.now()))
    (stop,) = desk.fire()
    assert isinstance(stop.body, ClearAlert)
    assert [line.start for line in desk.lines()] == starts[:1]
    assert [line.start for line in desk.lines(withdrawn=True)] == starts[1:]


def test_planning_takes_no_line_of_an_alert_away(desk: Desk) -> None:
    desk.put(an_alert(desk.room.time.now()))
    at(desk, seconds=5)
    desk.fire()
    before = desk.lines()
    desk.room.office.let_in("loa-xa", "xa")
    desk.room.settle()
    assert desk.lines() == before
    assert len(before) == 3


def test_said_again_for_one_unit_its_rounds_are_expected_of_that_unit_alone(desk: Desk) -> None:
    alert = desk.put(an_alert(desk.room.time.now()))
    at(desk, seconds=5)
    desk.fire()
    at(desk, minutes=5)
    desk.put(a_version(alert, desk.room.time.now(), units=("loa-ben",)))
    (order,) = desk.fire()
    assert order.to == ("unit:loa-ben",)
    assert [line.units for line in desk.lines()] == [frozenset()] * 3 + [frozenset({"loa-ben"})] * 3
    assert desk.told("loa-dinh") == ["kc-lu-1"]
    assert desk.told("loa-ben") == ["kc-lu-2"]


def test_a_drill_is_sent_within_the_allowed_hours_and_not_outside_them(desk: Desk) -> None:
    desk.put(a_drill(desk.room.time.now()))
    at(desk, seconds=5)
    assert desk.fire() == ()
    assert "a drill keeps to the allowed hours" in desk.find(id="dt-lu").trouble
    desk.room.time.pass_by(local("17:30") - desk.room.time.now())
    desk.put(a_drill(desk.room.time.now(), id="dt-lu-2"))
    at(desk, seconds=5)
    (order,) = desk.fire()
    assert isinstance(order.body, RaiseDrill)
    assert call_of(order).clips[0].title.startswith("Diễn tập.")


def test_a_drill_whose_words_are_not_made_is_not_sent(tmp_path: Path) -> None:
    room = Room(warned_commune(tmp_path / "station"))
    sentence = "Diễn tập. Đây là buổi diễn tập, không phải báo động thật. Xin bà con bình tĩnh."
    room.office._fails = {sentence: "the voice is broken"}
    room.restart()
    room.settle()
    desk = Desk(room)
    desk.put(a_drill(room.time.now()))
    at(desk, seconds=5)
    assert desk.fire() == ()
    assert desk.find(id="dt-lu").trouble == (
        "it was not sent: a drill begins with words that say so, and they are not ready"
    )


def test_what_is_meant_and_would_say_that_it_is_a_drill_is_not_sent(tmp_path: Path) -> None:
    folder = warned_commune(tmp_path / "station")
    template = folder / "schedules" / "alerts" / "lu.toml"
    sentence = "Diễn tập. Đây là buổi diễn tập, không phải báo động thật. Xin bà con bình tĩnh."
    template.write_text(template.read_text().replace('alert = "Lũ đang về"', f'alert = "{sentence}"'))
    room = Room(folder)
    room.settle()
    desk = Desk(room)
    desk.put(an_alert(room.time.now()))
    at(desk, seconds=5)
    assert desk.fire() == ()
    assert desk.find().trouble == "it was not sent: it is meant, and its sound says that it is a drill"


def until_made(desk: Desk, words: str) -> None:
    """Wait for the thread that makes them."""
    item = Spoken(words=words, language="vi")
    for _ in range(1000):
        desk.raising.own.want([item])
        if desk.raising.own.clip(item) is not None:
            return
        time.sleep(0.005)
    raise AssertionError("they were never made")


def test_words_that_are_not_ready_follow_as_the_hubs_own_version(desk: Desk) -> None:
    alert = desk.put(an_alert(desk.room.time.now(), words=WORDS))
    at(desk, seconds=5)
    (first,) = desk.fire()
    assert [clip.title for clip in call_of(first).clips] == ["alert", "Lũ đang về"]
    desk.mouth.ready = True
    desk.raising.own.want(())
    until_made(desk, WORDS)
    (second,) = desk.fire()
    assert [clip.title for clip in call_of(second).clips] == ["alert", WORDS]
    assert second.id == "kc-lu-2-words"
    assert isinstance(second.body, RaiseAlert)
    assert second.body.sounds == (b"sound",)
    assert desk.find(2).asked == alert.asked


def test_words_that_come_after_somebody_stopped_it_are_not_said(desk: Desk) -> None:
    alert = desk.put(an_alert(desk.room.time.now(), words=WORDS))
    at(desk, seconds=5)
    desk.fire()
    desk.put(a_stop_of(alert, desk.room.time.now()))
    (stop,) = desk.fire()
    assert isinstance(stop.body, ClearAlert)
    desk.mouth.ready = True
    desk.raising.own.want(())
    until_made(desk, WORDS)
    assert desk.fire() == ()
    assert [version.version for version in desk.store.alerts.versions(FLOOD)] == [1, 2]


def test_without_any_sound_it_says_that_nothing_was_sent(tmp_path: Path) -> None:
    room = Room(commune(tmp_path / "station"))
    room.office._fails = {"alert": "it is broken"}
    room.restart()
    room.settle()
    desk = Desk(room)
    desk.put(an_alert(room.time.now()))
    at(desk, seconds=5)
    assert desk.fire() == ()
    assert desk.find().trouble == "it was not sent: none of its sounds is ready, not even a signal"


def test_a_template_that_is_gone_leaves_the_signal(tmp_path: Path) -> None:
    room = Room(commune(tmp_path / "station"))
    room.settle()
    desk = Desk(room)
    desk.put(an_alert(room.time.now()))
    at(desk, seconds=5)
    (order,) = desk.fire()
    assert [clip.title for clip in call_of(order).clips] == ["alert"]


def test_who_is_part_of_the_station_no_more_is_passed_over_and_the_others_are_warned(desk: Desk) -> None:
    desk.put(an_alert(desk.room.time.now(), zones=("thon-cu", "thon-ben")))
    desk.put(an_alert(desk.room.time.now(), id="kc-cu", zones=("thon-cu",)))
    desk.put(an_alert(desk.room.time.now(), id="kc-lai", units=("loa-cu",)))
    at(desk, seconds=5)
    (order,) = desk.fire()
    assert order.to == ("zone:thon-ben",)
    for id in ("kc-cu", "kc-lai"):
        nobody = "it was not sent: nobody it was meant for is part of this station any more"
        assert desk.find(id=id).trouble == nobody
