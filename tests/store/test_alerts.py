"""Alerts, what units answered, and whether they are ready, as the store keeps them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.domain.alert import Alert, Message, Severity, Status
from broadcaster.domain.names import AlertId, ClipId, UnitId, ZoneId
from broadcaster.domain.people import Person, Role
from broadcaster.domain.readiness import Laid
from broadcaster.store import Store
from broadcaster.store.readiness import ReadinessTest
from tests.store.values import NOON

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
LU = AlertId("kc-lu-1")
BEN = UnitId("thon-ben-1")


def alert(id: str = "kc-lu-1", version: int = 1, asked: datetime = NOON) -> Alert:
    return Alert(
        id=AlertId(id),
        version=version,
        status=Status.ACTUAL,
        message=Message.ALERT,
        title="Lũ, ngập lụt",
        severity=Severity.EXTREME,
        zones=("thon-ben",),
        by="minh",
        asked=asked,
        expires=asked + 2 * HOUR,
        fires_at=asked + 5 * SECOND,
        template=AlertId("lu-lut"),
    )


@dataclass(frozen=True)
class Answer:
    """What the store reads of a receipt."""

    order: str = "kc-lu-1-1"
    alert: AlertId = LU
    version: int = 1
    received: datetime = NOON + 5 * SECOND
    started: datetime | None = None
    lacks: int = 0
    why: str = ""


whole = alert()
"""Every field differs from what it is if nobody says anything."""
whole = replace(
    whole,
    units=(BEN, UnitId("thon-ben-2")),
    words="Nước lên.",
    recording=None,
    language="vi",
    repeats=5,
    gap=timedelta(milliseconds=1500),
    every=10 * SECOND,
    until=NOON + HOUR,
    volume=-3.5,
    seconded_by="an",
    cancelled_by="hoa",
    cancelled_at=NOON + SECOND,
    fired=NOON + 2 * SECOND,
    sent=NOON + 3 * SECOND,
    start=NOON + 4 * SECOND,
    trouble="Thôn Chợ không có giọng đọc",
)


def test_an_alert_comes_back_as_it_was_put(store: Store) -> None:
    store.alerts.put(whole)
    assert store.alerts.find(LU) == whole
    stop = replace(alert(version=2), message=Message.STOP, template=None)
    store.alerts.put(stop)
    assert store.alerts.find(LU) == stop
    assert store.alerts.find(LU, 1) == whole
    assert store.alerts.find(LU, 3) is None
    assert store.alerts.versions(LU) == (whole, stop)


def test_a_version_put_again_is_replaced(store: Store) -> None:
    store.alerts.put(alert())
    store.alerts.put(replace(alert(), trouble="no voice"))
    assert store.alerts.versions(LU) == (replace(alert(), trouble="no voice"),)


@pytest.mark.parametrize("ends", ["fire", "cancel", "give_up", "expire"])
def test_what_waits_is_told_until_it_is_settled(store: Store, ends: str) -> None:
    store.alerts.put(alert())
    store.alerts.put(replace(alert("kc-dap-1"), fires_at=None))
    assert [one.id for one in store.alerts.waiting(NOON)] == ["kc-dap-1", "kc-lu-1"]
    now = NOON
    match ends:
        case "fire":
            assert store.alerts.fire(LU, 1, NOON)
        case "cancel":
            assert store.alerts.cancel(LU, 1, "an", NOON)
        case "give_up":
            store.alerts.give_up(LU, 1, "no unit is there")
        case "expire":
            now = NOON + 2 * HOUR
    assert "kc-lu-1" not in [one.id for one in store.alerts.waiting(now)]


def test_what_was_fired_is_in_force_until_it_expires(store: Store) -> None:
    store.alerts.put(alert())
    store.alerts.put(alert(version=2))
    assert store.alerts.in_force(NOON) == ()
    store.alerts.fire(LU, 1, NOON)
    store.alerts.mark_sent(LU, 1, start=NOON + SECOND, at=NOON, trouble="one sound is left out")
    (sent,) = store.alerts.in_force(NOON + 2 * HOUR - SECOND)
    assert (sent.fired, sent.sent, sent.start) == (NOON, NOON, NOON + SECOND)
    assert sent.trouble == "one sound is left out"
    assert store.alerts.in_force(NOON + 2 * HOUR) == ()


def test_what_was_sent_is_not_given_up_any_more(store: Store) -> None:
    store.alerts.put(alert())
    store.alerts.mark_sent(LU, 1, start=NOON, at=NOON)
    store.alerts.give_up(LU, 1, "too late")
    assert store.alerts.versions(LU)[0].trouble == ""


def test_the_newest_version_of_each_that_was_acted_upon_lately_is_told(store: Store) -> None:
    store.alerts.put(alert())
    store.alerts.put(alert(version=2, asked=NOON + 3 * HOUR))
    store.alerts.put(alert("kc-lu-0", asked=NOON - HOUR))
    store.alerts.put(alert("kc-lu-2", asked=NOON + HOUR))
    found = store.alerts.recent(NOON - SECOND)
    assert [(one.id, one.version) for one in found] == [("kc-lu-1", 2), ("kc-lu-2", 1)]
    assert len(store.alerts.recent(NOON - 2 * HOUR, limit=1)) == 1


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["fire", "cancel", "second"]), max_size=8))
def test_an_alert_is_never_both_fired_and_taken_back_nor_seconded_twice(
    store: Store, acts: list[str]
) -> None:
    fresh = replace(alert(), fires_at=None)
    store.alerts.put(fresh)
    did: list[str] = []
    for act in acts:
        match act:
            case "fire":
                done = store.alerts.fire(LU, 1, NOON)
            case "cancel":
                done = store.alerts.cancel(LU, 1, "an", NOON)
            case _:
                done = store.alerts.second(LU, 1, "an", NOON + SECOND)
        did += [act] if done else []
    assert len(did) == len(set(did))
    assert not {"fire", "cancel"} <= set(did)
    stored = store.alerts.find(LU, 1)
    assert stored is not None
    assert (stored.fired is not None) == ("fire" in did)
    assert stored.cancelled == ("cancel" in did)
    assert (stored.seconded_by, stored.fires_at) == (
        ("an", NOON + SECOND) if "second" in did else (None, None)
    )


def test_nothing_becomes_of_a_version_that_is_not_there(store: Store) -> None:
    assert not store.alerts.fire(LU, 1, NOON)
    assert not store.alerts.cancel(LU, 1, "an", NOON)
    assert not store.alerts.second(LU, 1, "an", NOON)
    store.alerts.mark_sent(LU, 1, start=NOON, at=NOON)
    store.alerts.give_up(LU, 1, "gone")
    assert store.alerts.versions(LU) == ()


def test_a_receipt_told_again_adds_the_start_and_never_forgets_it(store: Store) -> None:
    first, started = Answer(), replace(Answer(), started=NOON + 6 * SECOND, lacks=2, why="two are not here")
    for answer in (first, started, first):
        store.alerts.receive([(BEN, answer)], NOON + 7 * SECOND)
    (kept,) = store.alerts.receipts(LU)
    assert (kept.unit, kept.order, kept.version) == (BEN, "kc-lu-1-1", 1)
    assert (kept.received, kept.started, kept.told) == (
        NOON + 5 * SECOND,
        NOON + 6 * SECOND,
        NOON + 7 * SECOND,
    )
    assert (kept.lacks, kept.why) == (0, "")


def test_receipts_are_told_by_version_and_unit(store: Store) -> None:
    store.alerts.receive(
        [
            (UnitId("thon-cho-1"), Answer()),
            (BEN, Answer(order="kc-lu-1-2", version=2)),
            (BEN, Answer()),
            (BEN, Answer(order="other-1", alert=AlertId("other"))),
        ],
        NOON,
    )
    assert [(one.unit, one.version) for one in store.alerts.receipts(LU)] == [
        (BEN, 1),
        (BEN, 2),
        ("thon-cho-1", 1),
    ]
    assert [one.unit for one in store.alerts.receipts(LU, 2)] == [BEN]


def test_a_readiness_test_is_sent_once_and_its_answers_are_receipts_of_its_id(store: Store) -> None:
    asked = ReadinessTest(
        id=AlertId("kt-1"), by="an", at=NOON, templates=(AlertId("lu-lut"),), units=(BEN,), sent=None
    )
    later = replace(asked, id=AlertId("kt-2"), by="", at=NOON + HOUR)
    store.readiness.put_test(asked)
    store.readiness.put_test(later)
    sent = replace(asked, sent=NOON + SECOND, units=(BEN, UnitId("thon-cho-1")))
    store.readiness.put_test(sent)
    assert store.readiness.tests() == (later, sent)
    assert store.readiness.tests(limit=1) == (later,)
    assert store.readiness.find_test(asked.id) == sent
    assert store.readiness.find_test(AlertId("kt-3")) is None
    store.alerts.receive([(BEN, Answer(order="kt-1", alert=asked.id, version=0, lacks=3))], NOON)
    assert [answer.lacks for answer in store.alerts.receipts(asked.id)] == [3]


def laid(zone: str = "thon-ben", template: str = "lu-lut", revision: int = 7) -> Laid:
    return Laid(
        template=AlertId(template),
        zone=ZoneId(zone),
        clips=(ClipId("a" * 64), ClipId("b" * 64)),
        revision=revision,
        at=NOON,
        pending=1,
        unmade=("không có giọng đọc",),
    )


def test_what_is_laid_now_is_all_that_is_laid(store: Store) -> None:
    store.readiness.lay([laid("thon-cho"), laid()])
    assert store.readiness.laid() == (laid(), laid("thon-cho"))
    store.readiness.lay([laid(revision=8)])
    assert store.readiness.laid() == (laid(revision=8),)
    before = store.changes()
    store.readiness.lay([laid(revision=8)])
    assert store.changes() == before


def test_where_somebody_may_alert_is_kept(store: Store) -> None:
    person = Person(login="lan", name="Lan", roles=frozenset({Role.EDITOR}), alert_zones=("thon-ben", "all"))
    store.people.add(person, "hash", NOON)
    assert store.people.find("lan") == person
    changed = replace(person, alert_zones=())
    store.people.change(changed)
    assert store.people.all() == (changed,)


def test_alerts_are_nothing_to_replan(store: Store) -> None:
    before = store.counters.meant()
    store.alerts.put(alert())
    store.alerts.receive([(BEN, Answer())], NOON)
    store.readiness.lay([laid()])
    assert store.counters.meant() == before


def test_what_probes_whether_the_store_takes_anything_leaves_nothing(store: Store) -> None:
    before = (store.counters.seq(), store.counters.meant())
    store.counters.probe()
    assert (store.counters.seq(), store.counters.meant()) == before
