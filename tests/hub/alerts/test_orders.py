"""What units are told of an alert: who hears which clips, when, by which names; what is never signed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.alert import Alert, AlertCall, rounds
from broadcaster.domain.names import CueId, UnitId, ZoneId
from broadcaster.domain.plan import Clip
from broadcaster.hub.alerts.orders import (
    LEAST_LEAD,
    MOST_LEAD,
    Raised,
    Refused,
    Sounding,
    check_drill,
    cleared,
    lead_of,
    raised,
    soundings,
)
from broadcaster.link.messages import ClearAlert, RaiseAlert, RaiseDrill
from tests.days.hours import local
from tests.hub.alarms import a_drill, a_stop_of, a_version, an_alert
from tests.hub.villages import a_clip, commune

NOON = local("12:00")
SECOND = timedelta(seconds=1)
SIREN, WORDS, OTHERS = a_clip("a", 5), a_clip("b", 7), a_clip("c", 9)
DRILL_WORDS = a_clip("d", 4)
BEN, DINH = ZoneId("thon-ben"), ZoneId("thon-dinh")
UNITS = {UnitId("loa-ben"): BEN, UnitId("loa-dinh"): DINH}


def orders_of(alert: Alert, *told: Sounding, taken: frozenset[CueId] = frozenset()) -> tuple[Raised, ...]:
    return raised(alert, told, commune(), NOON + 6 * SECOND, taken=taken, sound=lambda _: None)


def call_of(order: Raised) -> AlertCall:
    assert isinstance(order.body, RaiseAlert | RaiseDrill)
    return order.body.call


EVERYBODY = Sounding(clips=(SIREN, WORDS), zones=commune().reach(["all"]))


def test_zones_that_hear_the_same_are_told_together_and_others_by_an_order_of_their_own() -> None:
    told = soundings(
        an_alert(NOON), commune(), UNITS, lambda zone: (SIREN, OTHERS if zone == DINH else WORDS)
    )
    assert [(each.clips, each.zones) for each in told] == [
        ((SIREN, WORDS), frozenset({ZoneId("xa"), BEN})),
        ((SIREN, OTHERS), frozenset({DINH})),
    ]
    first, second = orders_of(an_alert(NOON), *told)
    assert (first.id, first.to) == ("kc-lu-1-1", ("zone:thon-ben", "zone:xa"))
    assert (second.id, second.to) == ("kc-lu-1-2", ("zone:thon-dinh",))
    names = [cue.id for order in (first, second) for cue in rounds(call_of(order), NOON)]
    assert len(set(names)) == len(names) == 6
    assert call_of(first).start == call_of(second).start


def test_when_all_hear_the_same_one_order_says_so() -> None:
    (order,) = orders_of(an_alert(NOON), EVERYBODY)
    assert (order.id, order.to) == ("kc-lu-1", ("all",))
    assert call_of(order).cue == CueId("kc-lu@2026-11-23T12:00:06")


def test_said_again_for_two_units_it_is_addressed_to_them_and_to_nobody_else() -> None:
    again = a_version(an_alert(NOON), NOON, units=("loa-dinh", "loa-gone"))
    (told,) = soundings(again, commune(), UNITS, lambda _: (SIREN, WORDS))
    assert told.units == ("loa-dinh",)
    (order,) = orders_of(again, told)
    assert order.to == ("unit:loa-dinh",)
    stop = a_stop_of(again, NOON)
    assert cleared(stop, commune(), stop.expires).to == ("unit:loa-dinh", "unit:loa-gone")


def test_a_stop_silences_every_version_up_to_its_own_and_is_told_until_the_alert_expires() -> None:
    alert = an_alert(NOON, zones=("thon-ben",))
    order = cleared(a_stop_of(alert, NOON), commune(), alert.expires)
    assert order.body == ClearAlert(alert=alert.id, version=2, by="chu-tich")
    assert (order.id, order.to, order.expires) == ("kc-lu-2", ("zone:thon-ben",), alert.expires)


@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.integers(0, 30), st.integers(1, 4), st.none() | st.integers(1, 20)),
        min_size=2,
        max_size=4,
    )
)
def test_no_two_rounds_of_an_alert_bear_one_name(versions: list[tuple[int, int, int, int | None]]) -> None:
    taken: frozenset[CueId] = frozenset()
    for number, (seconds, gap, repeats, every) in enumerate(versions, 1):
        alert = an_alert(
            NOON,
            version=number,
            gap=gap * SECOND,
            repeats=repeats,
            every=None if every is None else timedelta(minutes=every),
            until=None if every is None else NOON + timedelta(minutes=50),
        )
        sounding = replace(EVERYBODY, clips=(a_clip("a", seconds),))
        try:
            (order,) = orders_of(alert, sounding, taken=taken)
        except Refused:
            continue
        names = {cue.id for cue in rounds(call_of(order), NOON)}
        assert names.isdisjoint(taken)
        taken |= names


@pytest.mark.parametrize("clips", [(DRILL_WORDS, SIREN, WORDS), (SIREN, WORDS, DRILL_WORDS), (DRILL_WORDS,)])
def test_what_is_meant_is_never_signed_with_a_drills_words(clips: tuple[Clip, ...]) -> None:
    with pytest.raises(Refused, match="it is meant, and its sound says that it is a drill"):
        check_drill(an_alert(NOON), clips, {DRILL_WORDS.id})


@pytest.mark.parametrize("clips", [(), (SIREN, WORDS), (SIREN, DRILL_WORDS, WORDS)])
def test_no_drill_is_signed_that_does_not_begin_by_saying_so(clips: tuple[Clip, ...]) -> None:
    with pytest.raises(Refused, match="a drill begins with words that say so"):
        check_drill(a_drill(NOON), clips, {DRILL_WORDS.id})


def test_a_drill_is_ordered_by_a_word_of_its_own() -> None:
    check_drill(a_drill(NOON), (DRILL_WORDS, SIREN), {DRILL_WORDS.id})
    check_drill(an_alert(NOON), (SIREN, WORDS), {DRILL_WORDS.id})
    (order,) = orders_of(a_drill(NOON), replace(EVERYBODY, clips=(DRILL_WORDS, SIREN)))
    assert isinstance(order.body, RaiseDrill)
    (order,) = orders_of(an_alert(NOON), EVERYBODY)
    assert isinstance(order.body, RaiseAlert)


def test_the_lead_is_what_nearly_all_units_need_and_the_slowest_device() -> None:
    assert lead_of((), ()) == LEAST_LEAD
    assert lead_of([0.02] * 95 + [9.0] * 5, [0.1, 0.03]) == timedelta(seconds=0.12)
    assert lead_of([0.02] * 94 + [9.0] * 6, [0.1]) == MOST_LEAD


@given(st.lists(st.floats(0, 30), max_size=30), st.lists(st.floats(0, 30), max_size=5))
def test_the_lead_is_never_shorter_than_60_ms_nor_longer_than_a_second(
    ways: list[float], devices: list[float]
) -> None:
    assert LEAST_LEAD <= lead_of(ways, devices) <= MOST_LEAD
