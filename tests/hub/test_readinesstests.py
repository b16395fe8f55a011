"""The test that nobody hears: each morning, and when somebody asks."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from broadcaster.hub.hub import Outgoing
from broadcaster.link import messages
from broadcaster.link.messages import Order
from tests.hub.alarms import warned_commune
from tests.hub.test_hub import Room

HOUR = timedelta(hours=1)


def asked_in(room: Room, out: tuple[Outgoing, ...]) -> list[Order]:
    orders = room.orders(out)
    return [order for order in orders if isinstance(order.body, messages.TestReadiness)]


def test_every_morning_units_are_asked_whether_they_are_ready_once(tmp_path: Path) -> None:
    room = Room(warned_commune(tmp_path / "station"))
    first = room.look()
    assert asked_in(room, first) == [], "not before the sounds of alerts are made"
    room.publish(first)
    room.make_everything()
    (asked,) = asked_in(room, room.look())
    assert asked.id == "kt-2026-11-23"
    assert isinstance(asked.body, messages.TestReadiness)
    assert set(asked.to) == {"zone:thon-ben", "zone:thon-dinh"}
    laid = room.office.store.readiness.laid()
    assert set(asked.body.clips) == {clip for each in laid for clip in each.clips}
    room.publish(room.look())
    assert asked_in(room, room.look()) == []
    (test,) = room.office.store.readiness.tests()
    assert (test.templates, test.units) == (("chay", "lu"), ("loa-ben", "loa-dinh"))
    room.restart()
    assert asked_in(room, room.look()) == []
    assert asked_in(room, room.look(after=18 * HOUR)) == []
    (asked,) = asked_in(room, room.look(after=2 * HOUR))
    assert asked.id == "kt-2026-11-24"


def test_a_test_somebody_asks_for_is_sent_at_once(tmp_path: Path) -> None:
    room = Room(warned_commune(tmp_path / "station"))
    room.settle()
    room.office.desk.test_readiness(room.boss, id="kt-now")
    (asked,) = asked_in(room, room.look())
    assert asked.id == "kt-now"
    room.publish(room.look())
    assert asked_in(room, room.look()) == []
    found = room.office.store.readiness.find_test(asked.body.test)  # type: ignore[union-attr]
    assert found is not None
    assert found.sent == room.time.now() - timedelta(seconds=0.25)
    assert replace(found, sent=None).by == room.boss.login
