"""What a unit obeys: what is for it, now, and for the first time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.alert import AlertCall, Severity
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import AlertId, ClipId, CueId, StationId, UnitId, ZoneId
from broadcaster.domain.plan import Clip, Plan
from broadcaster.link import messages
from broadcaster.link.envelope import Refusal
from broadcaster.link.judging import (
    AHEAD,
    CAPACITY,
    MOST_ALERTS,
    Memory,
    judge,
    judge_plan,
    judge_present,
)
from broadcaster.link.messages import (
    Body,
    ClearAlert,
    Order,
    PlanChanged,
    PlanRef,
    Present,
    RaiseAlert,
    RaiseDrill,
    SetVolume,
    Stop,
    read,
    write,
)

STATION, UNIT, ZONE = StationId("dong-tien"), UnitId("loa-ben"), ZoneId("thon-ben")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CLIP = ClipId("0" * 64)
BODIES: list[Body] = [
    PlanChanged(plans={ZONE: PlanRef(revision=7, sha256=CLIP, size=1)}),
    Stop(cue=None, by="chị Hoa"),
    SetVolume(decibels=-6.0),
    messages.TestChime(clip=CLIP, frames=48_000),
]
STOP: Body = BODIES[1]


def an_order(**more: object) -> Order:
    fields: dict[str, object] = {
        "v": 1,
        "station": STATION,
        "to": ("all",),
        "id": "1",
        "seq": 1,
        "issued": NOON,
        "expires": NOON + 5 * MINUTE,
        "body": STOP,
    }
    return Order(**(fields | more))  # type: ignore[arg-type]


def judged(
    order: Order, memory: Memory | None = None, *, now: datetime = NOON, trusted: bool = True
) -> Refusal | None:
    return judge(
        order, memory or Memory(), now=now, station=STATION, unit=UNIT, zone=ZONE, clock_trusted=trusted
    )


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("to", [("all",), ("zone:thon-ben",), ("unit:loa-ben",), ("zone:thon-cho", "all")])
def test_an_order_for_us_and_for_now_is_obeyed(body: Body, to: tuple[str, ...]) -> None:
    assert judged(an_order(body=body, to=to)) is None


@pytest.mark.parametrize(
    ("order", "refusal"),
    [
        (an_order(v=2), Refusal.MALFORMED),
        (an_order(station=StationId("thai-binh")), Refusal.OTHER_STATION),
        (an_order(to=("zone:thon-cho", "unit:loa-cho")), Refusal.NOT_FOR_US),
        (an_order(to=()), Refusal.NOT_FOR_US),
        (an_order(to=("loa-ben", "thon-ben", "zone:loa-ben", "unit:thon-ben")), Refusal.NOT_FOR_US),
        (an_order(issued=NOON + 2 * AHEAD, expires=NOON + 5 * AHEAD), Refusal.FUTURE),
        (an_order(issued=NOON - MINUTE, expires=NOON), Refusal.EXPIRED),
    ],
)
def test_an_order_that_is_not_is_refused_with_its_reason(order: Order, refusal: Refusal) -> None:
    assert judged(order) is refusal


def test_an_order_is_obeyed_until_the_instant_it_expires() -> None:
    order = an_order()
    assert judged(order, now=order.expires - timedelta(microseconds=1)) is None
    assert judged(order, now=order.expires) is Refusal.EXPIRED
    assert judged(order, now=order.issued - AHEAD) is None


def test_a_unit_that_does_not_know_the_time_asks_before_it_obeys() -> None:
    assert judged(an_order(), trusted=False) is Refusal.CLOCK_NOT_TRUSTED
    after = Memory().after(an_order(), zone=ZONE, now=NOON)
    assert judged(an_order(), after, trusted=False) is Refusal.REPEATED


def test_an_order_is_obeyed_once_even_after_a_restart() -> None:
    memory = Memory().after(an_order(), zone=ZONE, now=NOON)
    restarted = read(Memory, write(memory))
    assert restarted == memory
    assert judged(an_order(), restarted) is Refusal.REPEATED
    assert judged(an_order(id="2"), restarted) is None


def test_an_older_volume_or_plan_does_not_replace_a_newer_one() -> None:
    volume = an_order(id="louder", seq=10, body=SetVolume(decibels=0))
    memory = Memory().after(volume, zone=ZONE, now=NOON)
    assert judged(an_order(seq=9, body=SetVolume(decibels=-60)), memory) is Refusal.OLDER_VERSION
    assert judged(an_order(seq=11, body=SetVolume(decibels=-60)), memory) is None
    held = Memory().holding_plan(a_plan(revision=8))
    assert judged(an_order(body=BODIES[0]), held) is Refusal.OLDER_VERSION
    assert judged(an_order(body=BODIES[0]), Memory().holding_plan(a_plan(revision=7))) is None
    others = PlanChanged(plans={"thon-cho": PlanRef(revision=1, sha256=CLIP, size=1)})
    assert judged(an_order(body=others), held) is None


def test_a_version_never_goes_back() -> None:
    memory = Memory().holding_plan(a_plan(revision=8)).holding_plan(a_plan(revision=3))
    assert judge_plan(a_plan(revision=7), memory, station=STATION, zone=ZONE) is Refusal.OLDER_VERSION


@st.composite
def orders(draw: st.DrawFn) -> tuple[Order, timedelta]:
    """An order of a small pool of ids, some given again, and how long after the last one it arrives."""
    number = draw(st.integers(0, 12))
    life = timedelta(minutes=1 + 37 * number % 240)
    issued = NOON + number * MINUTE
    order = an_order(id=str(number), seq=number + 1, issued=issued, expires=issued + life)
    return order, timedelta(minutes=draw(st.integers(0, 90)))


@given(st.lists(orders(), max_size=40))
def test_whatever_arrives_again_and_again_each_order_is_obeyed_at_most_once(
    arrivals: list[tuple[Order, timedelta]],
) -> None:
    memory, now, obeyed = Memory(), NOON, []
    for order, later in arrivals:
        now += later
        if judged(order, memory, now=now) is None:
            obeyed.append(order.id)
            memory = memory.after(order, zone=ZONE, now=now)
    assert len(obeyed) == len(set(obeyed))


def test_a_flood_of_orders_neither_fills_the_memory_nor_lets_one_in_twice() -> None:
    flood = [an_order(id=str(number), seq=number + 1) for number in range(CAPACITY + 50)]
    memory = Memory()
    for order in flood:
        assert judged(order, memory) is None
        memory = memory.after(order, zone=ZONE, now=NOON)
    assert len(memory.acted) == CAPACITY
    assert {judged(order, memory) for order in flood} == {Refusal.REPEATED}
    assert len(write(memory)) < 100_000


def test_what_has_long_expired_is_forgotten() -> None:
    memory = Memory().after(an_order(), zone=ZONE, now=NOON)
    later = an_order(id="2", seq=2, issued=NOON + 600 * MINUTE, expires=NOON + 601 * MINUTE)
    memory = memory.after(later, zone=ZONE, now=NOON + 600 * MINUTE)
    assert [acted.id for acted in memory.acted] == ["2"]
    assert judged(an_order(), memory, now=NOON + 600 * MINUTE) is Refusal.EXPIRED


def a_plan(*, revision: int = 7, station: StationId = STATION, zone: ZoneId = ZONE) -> Plan:
    span = Spell(begin=NOON, end=NOON + timedelta(days=7))
    return Plan(station=station, zone=zone, revision=revision, span=span, open=(span,), cues=())


def test_a_plan_of_another_station_or_zone_is_refused() -> None:
    assert judge_plan(a_plan(), Memory(), station=STATION, zone=ZONE) is None
    other = a_plan(station=StationId("thai-binh"))
    assert judge_plan(other, Memory(), station=STATION, zone=ZONE) is Refusal.OTHER_STATION
    elsewhere = a_plan(zone=ZoneId("thon-cho"))
    assert judge_plan(elsewhere, Memory(), station=STATION, zone=ZONE) is Refusal.NOT_FOR_US


def a_present(**more: object) -> Present:
    fields: dict[str, object] = {
        "v": 1,
        "station": STATION,
        "unit": UNIT,
        "nonce": "n",
        "zone": ZONE,
        "name": "Loa Bến",
        "volume": 0.0,
        "clips_url": "http://127.0.0.1/",
        "plan": None,
        "orders": (),
        "received": NOON,
        "answered": NOON,
    }
    return Present(**(fields | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("present", "refusal"),
    [
        (a_present(), None),
        (a_present(v=2), Refusal.MALFORMED),
        (a_present(station=StationId("thai-binh")), Refusal.OTHER_STATION),
        (a_present(unit=UnitId("loa-cho")), Refusal.NOT_FOR_US),
        (a_present(nonce="an old one"), Refusal.REPEATED),
    ],
)
def test_only_the_answer_to_our_own_question_is_taken(present: Present, refusal: Refusal | None) -> None:
    assert judge_present(present, station=STATION, unit=UNIT, nonce="n") is refusal


def an_alert(
    *, version: int = 1, severity: Severity = Severity.SEVERE, expires: datetime | None = None
) -> AlertCall:
    return AlertCall(
        cue=CueId("kc-lu@2026-11-21T19:00:00"),
        version=version,
        title="Lũ",
        severity=severity,
        start=NOON,
        expires=expires or NOON + 120 * MINUTE,
        clips=(Clip(id=CLIP, frames=48_000, joins=False),),
    )


def test_an_alert_is_refused_when_it_is_called_a_drill_and_a_drill_when_it_is_called_an_alert() -> None:
    meant, drill = an_alert(), an_alert(severity=Severity.MINOR)
    assert judged(an_order(body=RaiseAlert(call=meant))) is None
    assert judged(an_order(body=RaiseDrill(call=drill))) is None
    assert judged(an_order(body=RaiseAlert(call=drill))) is Refusal.MALFORMED
    assert judged(an_order(body=RaiseDrill(call=meant))) is Refusal.MALFORMED


def test_an_alert_expires_when_it_says_so_though_its_order_lasts_longer() -> None:
    short = an_order(body=RaiseAlert(call=an_alert(expires=NOON + MINUTE)))
    assert judged(short, now=NOON + MINUTE) is Refusal.EXPIRED


def test_an_older_version_of_an_alert_is_refused_also_when_the_newer_one_was_its_end() -> None:
    clear = ClearAlert(alert=AlertId("kc-lu"), version=2, by="chị Hoa")
    memory = Memory().after(an_order(id="kc-lu-2", body=clear), zone=ZONE, now=NOON)
    assert judged(an_order(body=RaiseAlert(call=an_alert())), memory) is Refusal.OLDER_VERSION
    assert judged(an_order(body=RaiseAlert(call=an_alert(version=3))), memory) is None
    assert memory.has_heard("kc-lu", 2)
    assert not memory.has_heard("kc-lu", 3)


def test_a_process_that_did_not_act_on_an_alert_takes_it_up_again_but_never_an_older_version() -> None:
    first, second = (an_order(id=f"kc-lu-{n}", body=RaiseAlert(call=an_alert(version=n))) for n in (1, 2))
    memory = Memory().after(first, zone=ZONE, now=NOON).after(second, zone=ZONE, now=NOON)
    assert judged(second, memory) is Refusal.REPEATED
    assert judged(second, memory.for_alert()) is None
    assert judged(first, memory.for_alert()) is Refusal.OLDER_VERSION


def test_a_thousand_alerts_neither_fill_the_memory_nor_push_out_what_else_is_known() -> None:
    memory = Memory().holding_plan(a_plan(revision=8))
    for number in range(1000):
        clear = ClearAlert(alert=AlertId(f"kc-{number}"), version=2, by="chị Hoa")
        memory = memory.after(an_order(id=str(number), seq=number + 1, body=clear), zone=ZONE, now=NOON)
    assert len(memory.versions) == MOST_ALERTS + 1
    assert memory.has_heard("kc-999", 2)
    assert judge_plan(a_plan(revision=7), memory, station=STATION, zone=ZONE) is Refusal.OLDER_VERSION
