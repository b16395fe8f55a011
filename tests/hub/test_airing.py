"""What units are told: plans that change only when they say something new, orders, the present state."""

import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId, UnitId, ZoneId
from broadcaster.domain.plan import Plan
from broadcaster.domain.programme import Chime
from broadcaster.hub.airing import Airing, Membership, PlanShelf
from broadcaster.hub.planning import planned
from broadcaster.link.envelope import HubKey, Refused, VerifyKeys, opened
from broadcaster.link.messages import WIRE_VERSION, Ask, Order, PlanChanged, Present, Stop
from broadcaster.link.timing import AskTime, TimeTold, microseconds
from broadcaster.store.faults import StoreFull
from tests.days.troubles import full_disk
from tests.hub.villages import MORNING, a_clip, a_cue, commune

HOUR = timedelta(hours=1)


def a_plan(zone: str = "thon-ben", *, clip: str = "c") -> Plan:
    return Plan(
        station=commune().id,
        zone=ZoneId(zone),
        revision=0,
        span=Spell(begin=MORNING - HOUR, end=MORNING + HOUR),
        open=(),
        cues=(planned(a_cue(Chime(name="opening")), lambda _: a_clip(clip)),),
    )


class Revisions:
    """Gives 1, 2, 3 …"""

    def __init__(self) -> None:
        self.last = 0

    def __call__(self) -> int:
        self.last += 1
        return self.last


def shelf_in(folder: Path, key: HubKey) -> PlanShelf:
    return PlanShelf(folder / "plans", key)


def test_a_plan_that_says_the_same_keeps_its_revision(tmp_path: Path) -> None:
    shelf, revisions = shelf_in(tmp_path, HubKey.create()), Revisions()
    first = shelf.put([a_plan()], revisions)
    assert first[ZoneId("thon-ben")].revision == 1
    assert shelf.put([a_plan()], revisions) == {}
    second = shelf.put([a_plan(clip="d")], revisions)
    assert second[ZoneId("thon-ben")].revision == 2


def test_on_a_full_disk_the_plan_in_force_stays_and_a_sentence_says_what_to_do(tmp_path: Path) -> None:
    key, revisions = HubKey.create(), Revisions()
    shelf = shelf_in(tmp_path, key)
    shelf.put([a_plan()], revisions)
    held = shelf.refs
    with full_disk(), pytest.raises(StoreFull, match="is full or takes no writes: free some space"):
        shelf.put([a_plan(clip="d")], revisions)
    assert shelf.refs == held
    assert shelf_in(tmp_path, key).refs == held


def test_only_the_village_whose_plan_changed_is_told(tmp_path: Path) -> None:
    shelf, revisions = shelf_in(tmp_path, HubKey.create()), Revisions()
    shelf.put([a_plan("thon-ben"), a_plan("thon-dinh")], revisions)
    assert set(shelf.put([a_plan("thon-ben", clip="d"), a_plan("thon-dinh")], revisions)) == {"thon-ben"}


def test_a_plan_on_the_shelf_is_signed_and_named_by_its_content(tmp_path: Path) -> None:
    key = HubKey.create()
    shelf = shelf_in(tmp_path, key)
    ref = shelf.put([a_plan()], Revisions())[ZoneId("thon-ben")]
    raw = shelf.path_of(ref.sha256).read_bytes()
    assert len(raw) == ref.size
    assert opened(raw, VerifyKeys.of([key.verify]), Plan).revision == 1
    with pytest.raises(Refused):
        opened(raw, VerifyKeys.of([HubKey.create().verify]), Plan)


def test_a_hub_that_restarts_has_its_plans_in_force_before_it_planned_anything(tmp_path: Path) -> None:
    key = HubKey.create()
    before = shelf_in(tmp_path, key)
    before.put([a_plan()], Revisions())
    after = shelf_in(tmp_path, key)
    assert after.refs == before.refs
    assert after.plan(ZoneId("thon-ben")) == before.plan(ZoneId("thon-ben"))
    assert after.put([a_plan()], Revisions()) == {}


def test_a_plan_whose_file_was_lost_is_laid_again(tmp_path: Path) -> None:
    key = HubKey.create()
    ref = shelf_in(tmp_path, key).put([a_plan()], Revisions())[ZoneId("thon-ben")]
    shelf_in(tmp_path, key).path_of(ref.sha256).unlink()
    fresh = shelf_in(tmp_path, key).put([a_plan()], Revisions())
    assert shelf_in(tmp_path, key).path_of(fresh[ZoneId("thon-ben")].sha256).is_file()


def test_old_plans_are_cleared_away_but_the_latest_few_stay_for_slow_units(tmp_path: Path) -> None:
    shelf, revisions = shelf_in(tmp_path, HubKey.create()), Revisions()
    letters = "0123456789abcdef"
    for letter in letters * 4:
        shelf.put([a_plan(clip=letter)], revisions)
    files = [path for path in (tmp_path / "plans").iterdir() if len(path.name) == 64]
    assert len(files) == 41


def airing_in(folder: Path, key: HubKey) -> Airing:
    shelf = shelf_in(folder, key)
    shelf.put([a_plan()], Revisions())
    airing = Airing(station=commune().id, key=key, shelf=shelf, clips_url="http://127.0.0.1:8008/clips/")
    ben = Membership(unit=UnitId("ben-1"), name="Nhà văn hoá", zone=ZoneId("thon-ben"), volume=-6.0)
    dinh = Membership(unit=UnitId("dinh-1"), name="Đình làng", zone=ZoneId("thon-dinh"), volume=0.0)
    airing.admit([ben, dinh])
    return airing


def asked(airing: Airing, key: HubKey, unit: str, *, minutes: int = 0) -> Present | None:
    at = MORNING + timedelta(minutes=minutes)
    ask = Ask(v=WIRE_VERSION, unit=UnitId(unit), nonce="n1")
    answer = airing.answer(ask, at, lambda: at)
    return None if answer is None else opened(answer, VerifyKeys.of([key.verify]), Present)


def stop_in(airing: Airing, *to: str) -> bytes:
    return airing.order(
        Stop(cue=None, by="Hoa"), id="stop-1", to=to, seq=7, now=MORNING, expires=MORNING + HOUR
    )


def what_time(airing: Airing, key: HubKey, unit: str, state: str) -> TimeTold | None:
    ask = AskTime(v=WIRE_VERSION, nonce="n2", state=state)
    later = MORNING + timedelta(microseconds=90)
    answer = airing.time(UnitId(unit), ask, MORNING, lambda: later)
    return None if answer is None else opened(answer, VerifyKeys.of([key.verify]), TimeTold)


def test_a_unit_that_asks_for_the_time_is_told_it_signed_and_whether_anything_has_changed(
    tmp_path: Path,
) -> None:
    key = HubKey.create()
    airing = airing_in(tmp_path, key)
    present = asked(airing, key, "ben-1")
    assert present is not None
    told = what_time(airing, key, "ben-1", present.state)
    assert told == TimeTold(v=WIRE_VERSION, nonce="n2", heard=microseconds(MORNING), took=90, same=True)
    assert told.answered == MORNING + timedelta(microseconds=90)
    stop_in(airing, "unit:dinh-1")
    for state, same in ((present.state, True), ("", False), ("f" * 12, False)):
        told = what_time(airing, key, "ben-1", state)
        assert told is not None
        assert told.same is same
    stop_in(airing, "zone:thon-ben")
    told = what_time(airing, key, "ben-1", present.state)
    assert told is not None
    assert not told.same


def test_the_time_is_not_told_to_strangers(tmp_path: Path) -> None:
    key = HubKey.create()
    assert what_time(airing_in(tmp_path, key), key, "la-1", "") is None


def test_a_hub_whose_clock_is_set_back_while_it_answers_answers(tmp_path: Path) -> None:
    key = HubKey.create()
    airing = airing_in(tmp_path, key)
    back = MORNING - HOUR
    ask = Ask(v=WIRE_VERSION, unit=UnitId("ben-1"), nonce="n1")
    answer = airing.answer(ask, MORNING, lambda: back)
    assert answer is not None
    assert opened(answer, VerifyKeys.of([key.verify]), Present).answered == MORNING
    light = airing.time(UnitId("ben-1"), AskTime(v=1, nonce="n", state=""), MORNING, lambda: back)
    assert light is not None
    assert opened(light, VerifyKeys.of([key.verify]), TimeTold).took == 0


def test_a_unit_that_asks_is_told_everything_that_holds_for_it(tmp_path: Path) -> None:
    key = HubKey.create()
    present = asked(airing_in(tmp_path, key), key, "ben-1")
    assert present is not None
    assert (present.zone, present.name, present.volume, present.nonce) == (
        "thon-ben",
        "Nhà văn hoá",
        -6.0,
        "n1",
    )
    assert present.plan is not None
    assert present.plan.revision == 1
    assert present.received == present.answered == MORNING


def test_a_box_that_is_not_of_the_station_is_told_nothing(tmp_path: Path) -> None:
    key = HubKey.create()
    assert asked(airing_in(tmp_path, key), key, "la-mat-1") is None


def test_a_unit_that_comes_back_hears_the_stop_it_missed_while_it_is_in_force(tmp_path: Path) -> None:
    key = HubKey.create()
    airing = airing_in(tmp_path, key)
    envelope = stop_in(airing, "zone:thon-ben")
    there = asked(airing, key, "ben-1", minutes=1)
    assert there is not None
    assert there.orders == (envelope,)
    elsewhere = asked(airing, key, "dinh-1", minutes=1)
    assert elsewhere is not None
    assert elsewhere.orders == ()
    later = asked(airing, key, "ben-1", minutes=61)
    assert later is not None
    assert later.orders == ()


def test_an_order_names_its_targets_inside_the_signature(tmp_path: Path) -> None:
    key = HubKey.create()
    order = opened(stop_in(airing_in(tmp_path, key), "unit:ben-1"), VerifyKeys.of([key.verify]), Order)
    assert order.to == ("unit:ben-1",)
    assert order.station == "dong-tien"
    assert order.body == Stop(cue=None, by="Hoa")


def test_new_plans_are_told_to_their_villages_only(tmp_path: Path) -> None:
    key = HubKey.create()
    airing = airing_in(tmp_path, key)
    ref = next(iter(shelf_in(tmp_path, key).refs.values()))
    order = opened(
        airing.plans_changed({ZoneId("thon-ben"): ref}, seq=9, now=MORNING),
        VerifyKeys.of([key.verify]),
        Order,
    )
    assert order.to == ("zone:thon-ben",)
    assert order.body == PlanChanged(plans={"thon-ben": ref})
    assert ClipId(ref.sha256)


@pytest.fixture
def impatient_threads() -> Iterator[None]:
    """Threads that take turns as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("impatient_threads")
def test_no_order_is_lost_that_is_given_while_units_are_answered(tmp_path: Path) -> None:
    key = HubKey.create()
    airing = airing_in(tmp_path, key)
    ids = [f"stop-{number}" for number in range(400)]

    def give(ids: list[str], to: str) -> None:
        for id in ids:
            stop = Stop(cue=None, by="Hoa")
            airing.order(stop, id=id, to=(to,), seq=7, now=MORNING, expires=MORNING + HOUR)

    give([f"elsewhere-{number}" for number in range(2000)], "zone:xa")  # so that an answer takes its time
    giving = threading.Thread(target=give, args=(ids, "all"))
    giving.start()
    while giving.is_alive():
        asked(airing, key, "ben-1")
    giving.join()
    present = asked(airing, key, "ben-1")
    assert present is not None
    told = {opened(envelope, VerifyKeys.of([key.verify]), Order).id for envelope in present.orders}
    assert told == set(ids)
