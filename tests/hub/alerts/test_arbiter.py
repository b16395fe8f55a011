"""The arbiter of alerts: what is heard when two act at once, in whatever order the hub hears of it."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.alert import Alert
from broadcaster.hub.alerts.arbiter import EXPIRED, Arbiter, NotTaken, key_of, merged
from tests.days.hours import local
from tests.hub.alarms import FLOOD, a_stop_of, a_version, an_alert

NOON = local("12:00")
SECOND = timedelta(seconds=1)
DUE = NOON + 5 * SECOND

MOMENTS = st.none() | st.integers(0, 9).map(lambda second: NOON + second * SECOND)


@st.composite
def glimpses(draw: st.DrawFn) -> Alert:
    """What somebody knows of one version."""
    cancelled = draw(st.none() | st.sampled_from(["chu-tich", "pho-chu-tich"]))
    return an_alert(
        NOON,
        fires_at=draw(st.sampled_from([None, DUE])),
        seconded_by=draw(st.none() | st.just("bi-thu")),
        cancelled_by=cancelled,
        cancelled_at=None if cancelled is None else NOON + draw(st.integers(0, 9)) * SECOND,
        fired=draw(MOMENTS),
        sent=draw(MOMENTS),
        start=draw(MOMENTS),
        trouble=draw(st.sampled_from(["", "left out: a", "left out: b"])),
    )


@given(st.lists(glimpses(), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_what_is_known_does_not_depend_on_who_said_what_first_or_how_often(
    said: list[Alert], chance: random.Random
) -> None:
    def together(order: list[Alert]) -> Alert:
        whole = order[0]
        for glimpse in order[1:]:
            whole = merged(whole, glimpse)
        return whole

    again = [*said, chance.choice(said)]
    chance.shuffle(again)
    whole = together(said)
    assert together(again) == whole
    assert whole.cancelled == any(one.cancelled for one in said)
    assert (whole.fired is None) == all(one.fired is None for one in said)


@given(st.lists(st.sampled_from(["raise", "cancel", "look", "pass", "stop", "fire"]), max_size=14))
def test_two_officials_who_act_at_once_leave_one_outcome_and_it_sounds_once_or_never(acts: list[str]) -> None:
    """One raises and one cancels or stops, each by store or by hand-over, as fast as they can; the hub looks
    and fires in between. What the store has is what was committed there."""
    arbiter, now, stored, fired = Arbiter(), NOON, None, 0
    alert = an_alert(NOON)
    told_cancelled = False
    for act in acts:
        if act == "raise":
            stored = stored or alert
        elif act == "cancel" and stored is not None and stored.fired is None:
            stored = replace(stored, cancelled_by="pho-chu-tich", cancelled_at=now)
            told_cancelled = True
        elif act == "look" and stored is not None:
            arbiter.learn(stored)
        elif act == "pass":
            now += 6 * SECOND
        elif act == "stop" and stored is not None:
            arbiter.learn(a_stop_of(alert, now))
        elif act == "fire":
            for due in arbiter.due(now):
                if due.version > 1:
                    arbiter.learn(replace(due, fired=now))
                    continue
                assert stored is not None
                arbiter.learn(stored)  # the store is asked first
                if not stored.cancelled:
                    stored = arbiter.learn(replace(due, fired=now))
                    fired += 1
    known = arbiter.find(key_of(alert))
    assert fired <= 1
    assert known is None or not (known.fired is not None and told_cancelled)
    stop = arbiter.find((FLOOD, 2))
    if stop is not None and stop.fired is not None:
        assert key_of(alert) not in [key_of(due) for due in arbiter.due(now + timedelta(minutes=1))]
        assert arbiter.standing(now) == (stop,)


def due(arbiter: Arbiter, now: datetime) -> list[int]:
    return [alert.version for alert in arbiter.due(now)]


def test_an_alert_is_due_when_its_countdown_is_over_and_until_it_expires() -> None:
    arbiter = Arbiter()
    alert = arbiter.learn(an_alert(NOON))
    assert arbiter.next_due(NOON) == DUE
    assert due(arbiter, DUE - timedelta(microseconds=1)) == []
    assert due(arbiter, DUE) == [1]
    assert due(arbiter, alert.expires) == []
    assert arbiter.hopeless(DUE) == ()
    assert arbiter.hopeless(alert.expires) == ((alert, EXPIRED),)


def test_a_second_person_is_awaited_and_then_the_countdown_begins() -> None:
    arbiter = Arbiter()
    alert = arbiter.learn(an_alert(NOON, fires_at=None))
    assert due(arbiter, NOON + timedelta(minutes=30)) == []
    assert arbiter.next_due(NOON) == alert.expires
    ((_, why),) = arbiter.hopeless(alert.expires)
    assert why == "it was not sent: no second person said yes before it expired"
    arbiter.learn(replace(alert, seconded_by="bi-thu", fires_at=NOON + 60 * SECOND))
    assert arbiter.next_due(NOON) == NOON + 60 * SECOND
    assert due(arbiter, NOON + 60 * SECOND) == [1]


def test_after_a_hub_was_off_only_the_newest_version_is_sent_and_a_stop_before_all_else() -> None:
    arbiter = Arbiter()
    first = arbiter.learn(an_alert(NOON))
    second = arbiter.learn(a_version(first, NOON + 20 * SECOND))
    other = arbiter.learn(an_alert(NOON, id="kc-chay"))
    stop = arbiter.learn(a_stop_of(second, NOON + 40 * SECOND))
    assert [key_of(alert) for alert in arbiter.due(NOON + timedelta(minutes=1))] == [
        key_of(stop),
        key_of(other),
    ]
    gone = {alert.version: why for alert, why in arbiter.hopeless(NOON + timedelta(minutes=1))}
    assert gone.keys() == {1, 2}
    assert gone[2] == "it was not sent: version 3 of it came first"


def test_said_again_for_some_units_it_replaces_nothing_for_the_others() -> None:
    arbiter = Arbiter()
    first = arbiter.learn(replace(an_alert(NOON), fired=DUE))
    again = arbiter.learn(a_version(first, NOON + 60 * SECOND, units=("loa-ben",)))
    fired = arbiter.learn(replace(again, fired=again.asked))
    assert arbiter.standing(NOON + 70 * SECOND) == (first, fired)


def test_what_was_handed_over_twice_is_one_act_and_another_act_of_that_number_is_refused() -> None:
    arbiter = Arbiter()
    alert = an_alert(NOON)
    assert arbiter.take(alert) == arbiter.take(alert)
    with pytest.raises(NotTaken, match="changed-meanwhile: chu-tich did something else"):
        arbiter.take(an_alert(NOON + SECOND, by="pho-chu-tich"))
    arbiter.learn(replace(alert, fired=DUE))
    with pytest.raises(NotTaken, match="too-late: kc-lu is on air already"):
        arbiter.take(replace(alert, cancelled_by="pho-chu-tich", cancelled_at=DUE))


def test_what_went_on_air_though_it_was_taken_back_is_known() -> None:
    arbiter = Arbiter()
    alert = arbiter.learn(replace(an_alert(NOON), fired=DUE))
    assert arbiter.regretted() == ()
    arbiter.learn(replace(an_alert(NOON), cancelled_by="pho-chu-tich", cancelled_at=NOON))
    assert [key_of(one) for one in arbiter.regretted()] == [key_of(alert)]


def test_what_was_over_an_hour_ago_is_forgotten() -> None:
    arbiter = Arbiter()
    alert = arbiter.learn(replace(an_alert(NOON), fired=DUE))
    arbiter.forget(alert.expires + timedelta(minutes=59))
    assert arbiter.find(key_of(alert)) is not None
    arbiter.forget(alert.expires + timedelta(minutes=60))
    assert arbiter.find(key_of(alert)) is None
