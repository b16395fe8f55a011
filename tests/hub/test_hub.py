"""One pass of the daemon after the other, as the service takes them."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from broadcaster.domain.alertsounds import general_sounds
from broadcaster.domain.names import ClipId, UnitId, ZoneId
from broadcaster.domain.plan import Plan
from broadcaster.domain.programme import Chime
from broadcaster.hub.hub import TEST_CHIME, Hub, Outgoing
from broadcaster.link import messages
from broadcaster.link.envelope import VerifyKeys, opened
from broadcaster.link.messages import (
    WIRE_VERSION,
    Ask,
    Order,
    PlanChanged,
    Present,
    SetVolume,
    Stop,
)
from broadcaster.station import StationFolder
from broadcaster.store import StoreBusy, StoreFault, StoreFull
from broadcaster.store.file import StoreFile
from tests.days.communes import commune, schedule
from tests.days.hours import Time, local
from tests.days.office import Office
from tests.days.troubles import full_disk, locked_store
from tests.days.wire import Wire

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
NOON = local("12:00")

EVENING = """
title = "Bản tin chiều"
zones = ["all"]
at = ["17:00"]
[[item]]
chime = "opening"
[[item]]
say = "Kính chào bà con."
"""


class Room:
    """A hub with two units let in, and its service's part played by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = Time(NOON)
        self.office = Office(folder, self.time, Wire(), lengths={}, fails={})
        self.boss = self.office.boss
        self.made = 0
        for unit, zone in (("loa-ben", "thon-ben"), ("loa-dinh", "thon-dinh")):
            self.office.let_in(unit, zone)

    @property
    def hub(self) -> Hub:
        assert self.office.hub is not None
        return self.office.hub

    def look(self, *, after: timedelta = timedelta(seconds=0.25)) -> tuple[Outgoing, ...]:
        """A pass of the hub, a moment later. Nothing is published unless `publish` is called."""
        self.time.pass_by(after)
        return self.hub.step(self.time.now(), self.time.monotonic(), made=self.made)

    def publish(self, out: tuple[Outgoing, ...]) -> None:
        for outgoing in out:
            self.hub.sent(outgoing, self.time.now())

    def make_everything(self) -> None:
        while self.hub.preparation.make_next(self.time.now()):
            self.made += 1

    def settle(self) -> None:
        """Until there is nothing to do any more."""
        self.publish(self.look())
        self.make_everything()
        self.publish(self.look())
        self.publish(self.look())

    def restart(self) -> None:
        self.office.kill()
        self.office.boot()

    def orders(self, out: tuple[Outgoing, ...]) -> list[Order]:
        return [opened(outgoing.envelope, self.keys, Order) for outgoing in out]

    def present(self, unit: str = "loa-ben") -> Present | None:
        ask = Ask(v=WIRE_VERSION, unit=UnitId(unit), nonce="n")
        raw = self.hub.airing.answer(ask, self.time.now(), self.time.now)
        return None if raw is None else opened(raw, self.keys, Present)

    def plan(self, unit: str = "loa-ben") -> Plan:
        """The plan a unit that asks now would fetch."""
        present = self.present(unit)
        assert present is not None
        assert present.plan is not None
        path = self.hub.find_file(present.plan.sha256)
        assert path is not None
        return opened(path.read_bytes(), self.keys, Plan)

    @property
    def keys(self) -> VerifyKeys:
        return VerifyKeys.of([StationFolder(self.folder).hub_key.verify])


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    defaults = StoreFile.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "busy_timeout", 0.01)
    return Room(commune(tmp_path / "station", tin_chieu=EVENING))


def test_the_sounds_of_fallback_are_on_every_unit_whatever_is_planned(room: Room) -> None:
    for name in ("cho.opus", "xin-loi.opus"):
        path = room.folder / "audio" / "fallback" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"its length is the studio's affair")
    room.settle()
    kept = room.plan().keep
    assert len(kept) == 2 + len(general_sounds("vi"))
    assert room.plan("loa-dinh").keep == kept
    assert all(room.hub.find_file(clip.id) is not None for clip in kept)


def in_trouble(room: Room, kind: str) -> AbstractContextManager[None]:
    return locked_store(room.folder) if kind == "locked" else full_disk()


@contextmanager
def no_numbers_for_orders(folder: Path) -> Iterator[None]:
    """The store takes everything but the number of a new order."""
    with closing(sqlite3.connect(folder / "state" / "station.db", isolation_level=None)) as store:
        store.execute(
            "CREATE TRIGGER jam BEFORE UPDATE ON counters WHEN NEW.name = 'seq' "
            "BEGIN SELECT RAISE(ABORT, 'jammed'); END"
        )
        yield
        store.execute("DROP TRIGGER jam")


def test_the_first_pass_plans_each_zone_that_has_units_and_says_so_once(room: Room) -> None:
    (order,) = room.orders(room.look())
    assert isinstance(order.body, PlanChanged)
    assert set(order.body.plans) == {"thon-ben", "thon-dinh"}
    assert set(order.to) == {"zone:thon-ben", "zone:thon-dinh"}
    assert room.look() == ()


def test_a_plan_names_its_clips_as_soon_as_they_are_made_and_they_can_be_fetched(room: Room) -> None:
    room.look()
    (first, *_) = room.plan().cues
    assert first.clips == ()
    assert len(first.missing) == 2
    room.make_everything()
    assert len(room.look()) == 1
    (first, *_) = room.plan().cues
    assert len(first.clips) == 2
    assert all(room.hub.find_file(clip) for clip in room.plan().clips)
    assert room.hub.find_file(ClipId("0" * 64)) is None


def test_a_unit_let_in_is_planned_for_at_the_next_look_and_one_forbidden_is_answered_no_more(
    room: Room,
) -> None:
    room.settle()
    assert room.present("loa-xa") is None
    room.office.let_in("loa-xa", "xa")
    (order,) = room.orders(room.look())
    assert isinstance(order.body, PlanChanged)
    assert set(order.body.plans) == {"xa"}
    assert room.present("loa-xa") is not None
    room.office.desk.forbid_unit(room.boss, "loa-xa")
    room.look()
    assert room.present("loa-xa") is None


def test_a_unit_moved_to_another_zone_is_told_that_zones_plan(room: Room) -> None:
    room.settle()
    room.office.desk.move_unit(room.boss, "loa-ben", "thon-dinh")
    room.look()
    present = room.present("loa-ben")
    assert present is not None
    assert present.zone == "thon-dinh"
    assert room.plan("loa-ben").zone == ZoneId("thon-dinh")


def test_an_order_of_the_desk_is_sent_until_it_is_marked_and_always_under_one_id(room: Room) -> None:
    room.settle()
    asked = room.office.desk.stop(room.boss, zones=["thon-ben"])
    first, again = room.look(), room.look()
    assert [order.id for order in room.orders(first)] == [asked.id]
    assert [order.id for order in room.orders(again)] == [asked.id]
    assert room.orders(again)[0].seq > room.orders(first)[0].seq
    room.publish(again)
    assert room.look() == ()
    (order,) = room.orders(again)
    assert order.body == Stop(cue=None, by=room.boss.name)
    assert order.to == ("zone:thon-ben",)


def test_a_hub_killed_before_it_marked_an_order_sends_it_again_under_the_same_id(room: Room) -> None:
    room.settle()
    asked = room.office.desk.set_volume(room.boss, "loa-ben", -9.0)
    first = room.orders(room.look())
    room.restart()
    again = [order for order in room.orders(room.look()) if isinstance(order.body, SetVolume)]
    assert first[-1].body == SetVolume(decibels=asked.volume)
    assert [order.id for order in again] == [first[-1].id]


def test_a_hub_that_restarts_tells_units_the_orders_that_are_still_in_force(room: Room) -> None:
    room.settle()
    cue = "tin-chieu@2026-11-23T17:00:00"
    room.office.desk.stop(room.boss, zones=["thon-ben"], cue=cue)
    room.publish(room.look())
    room.restart()
    room.publish(room.look())
    present = room.present("loa-ben")
    assert present is not None
    (envelope,) = present.orders
    assert opened(envelope, room.keys, Order).body == Stop(
        cue=room.plan("loa-dinh").cues[0].id, by=room.boss.name
    )
    room.look(after=timedelta(hours=7))
    present = room.present("loa-ben")
    assert present is not None
    assert present.orders == ()


def test_a_cue_that_was_stopped_is_out_of_the_plan_there_and_in_it_elsewhere(room: Room) -> None:
    room.settle()
    cue = "tin-chieu@2026-11-23T17:00:00"
    room.office.desk.stop(room.boss, zones=["thon-ben"], cue=cue)
    room.publish(room.look())
    room.publish(room.look())
    assert cue not in {planned.id for planned in room.plan("loa-ben").cues}
    assert cue in {planned.id for planned in room.plan("loa-dinh").cues}


def test_the_test_chime_is_ordered_when_it_is_made_and_not_before(room: Room) -> None:
    room.office.desk.test_chime(room.boss, "loa-ben")
    assert not [order for order in room.orders(room.look()) if isinstance(order.body, messages.TestChime)]
    room.make_everything()
    (order,) = (order for order in room.orders(room.look()) if isinstance(order.body, messages.TestChime))
    clip = room.hub.preparation.clip(TEST_CHIME)
    assert clip is not None
    assert order.body == messages.TestChime(clip=clip.id, frames=clip.frames)


def test_the_hub_wakes_when_the_next_list_of_bulletins_closes(room: Room) -> None:
    assert room.hub.due_next(NOON) is None
    slot = EVENING + '[[item]]\nbulletins = "booked"\ncloses = "10m"\n'
    schedule(room.folder, "tin-chieu").write_text(slot)
    room.look()
    room.look()
    assert room.hub.due_next(room.time.now()) == local("16:50")
    assert room.hub.due_next(local("16:50")) == local("16:50") + DAY


@pytest.mark.parametrize("kind", ["locked", "full"])
def test_a_pass_the_store_did_not_take_is_taken_up_whole_by_the_next_one(room: Room, kind: str) -> None:
    room.settle()
    schedule(room.folder, "tin-chieu").write_text(EVENING.replace("17:00", "17:30"))
    room.look()  # a change is read when two looks saw the same
    with in_trouble(room, kind), pytest.raises((StoreBusy, StoreFull)):
        room.look()
    (order,) = room.orders(room.look())
    assert isinstance(order.body, PlanChanged)
    assert room.plan().cues[0].start == local("17:30")


def test_plans_that_could_not_be_announced_are_announced_by_the_next_pass(room: Room) -> None:
    room.settle()
    schedule(room.folder, "tin-chieu").write_text(EVENING.replace("17:00", "17:30"))
    room.look()
    with no_numbers_for_orders(room.folder), pytest.raises(StoreFault):
        room.look()
    room.office.let_in("loa-xa", "xa")
    (order,) = room.orders(room.look())
    assert isinstance(order.body, PlanChanged)
    assert set(order.body.plans) == {"thon-ben", "thon-dinh", "xa"}


@pytest.mark.parametrize("kind", ["locked", "full"])
def test_a_hub_that_starts_in_trouble_answers_the_units_it_knows(room: Room, kind: str) -> None:
    room.settle()
    room.restart()
    with in_trouble(room, kind), suppress(StoreFault):
        room.look()
    present = room.present()
    assert present is not None
    assert present.plan is not None


def test_a_clip_that_vanished_from_the_disk_is_made_again_while_the_hub_runs(room: Room) -> None:
    room.settle()
    clip = room.hub.preparation.clip(Chime(name="opening"))
    assert clip is not None
    path = room.hub.find_file(clip.id)
    assert path is not None
    path.unlink()
    room.office.let_in("loa-xa", "xa")  # whatever makes it plan again
    room.settle()
    assert path.is_file()
    assert clip.id in room.plan().clips


def aged(path: Path, now: datetime, *, days: int) -> None:
    laid = (now - days * DAY).timestamp()
    os.utime(path, (laid, laid))


def test_once_a_day_clips_nobody_needs_are_dropped_when_they_are_eight_days_old(room: Room) -> None:
    room.settle()
    opening, chime = room.hub.preparation.clip(Chime(name="opening")), room.hub.preparation.clip(TEST_CHIME)
    assert chime is not None
    assert opening is not None
    schedule(room.folder, "tin-chieu").write_text(EVENING.replace("Kính chào", "Tạm biệt"))
    before = room.plan().clips
    room.look()
    room.settle()
    (dropped,) = before - room.plan().clips
    for clip in (opening.id, chime.id, dropped):
        found = room.hub.find_file(clip)
        assert found is not None
        aged(found, room.time.now(), days=7)
    room.hub.minute(room.time.now())
    assert room.hub.find_file(dropped) is not None, "it is not old enough"
    for clip in (opening.id, chime.id, dropped):
        found = room.hub.find_file(clip)
        assert found is not None
        aged(found, room.time.now(), days=9)
    room.hub.minute(local("23:59"))
    assert room.hub.find_file(dropped) is not None, "it is not night yet"
    room.hub.minute(local("02:00") + DAY)
    assert room.hub.find_file(dropped) is None
    assert {clip for clip in (opening.id, chime.id) if room.hub.find_file(clip) is None} == set()


def test_a_clip_that_was_dropped_is_made_again_when_it_is_wanted_again(room: Room) -> None:
    room.settle()
    file = schedule(room.folder, "tin-chieu")
    before = room.plan().clips
    file.write_text(EVENING.replace("Kính chào", "Tạm biệt"))
    room.look()
    room.settle()
    (dropped,) = before - room.plan().clips
    found = room.hub.find_file(dropped)
    assert found is not None
    aged(found, room.time.now(), days=9)
    room.hub.minute(room.time.now())
    assert room.hub.find_file(dropped) is None
    file.write_text(EVENING)
    room.look()
    room.settle()
    assert room.plan().clips == before
    assert room.hub.find_file(dropped) is not None
