"""It was a mistake, it is over, or silence at once."""

import contextlib
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.desk import BadEntry, ChangedMeanwhile, DeskFault
from broadcaster.domain.alert import Alert, Message
from tests.desk.village import NOON, Village

HOUR = timedelta(hours=1)


def test_a_mistake_is_corrected_at_once_in_ready_made_words(village: Village) -> None:
    first = village.on_air()
    second = village.desk.correct_alert(village.an, first.id, based_on=1).alert
    assert (second.version, second.message, second.by) == (2, Message.CORRECTION, "an")
    assert second.fires_at == village.present
    assert (second.template, second.zones, second.units) == ("lu-lut", first.zones, ())
    assert (second.repeats, second.every, second.until) == (2, None, None)
    assert village.desk.correct_alert(village.minh, first.id, based_on=1).alert == second


def test_all_clear_is_said_as_long_as_units_may_come_back_that_have_heard_the_alert(village: Village) -> None:
    first = village.on_air()
    village.later(minutes=119)
    clear = village.desk.all_clear(village.minh, first.id, based_on=1).alert
    assert (clear.message, clear.fires_at) == (Message.ALL_CLEAR, village.present)
    assert clear.expires == village.present + 2 * HOUR
    assert village.desk.all_clear(village.an, first.id, based_on=1).alert == clear


def test_a_mistake_can_be_corrected_hours_after_it_was_over_and_after_a_stop(village: Village) -> None:
    village.on_air()
    village.desk.stop_alert(village.minh, "kc-lu-1", based_on=1)
    village.later(hours=5)
    corrected = village.desk.correct_alert(village.minh, "kc-lu-1", based_on=2).alert
    assert (corrected.version, corrected.template) == (3, "lu-lut")
    village.later(days=4)
    with pytest.raises(BadEntry) as told:
        village.desk.all_clear(village.minh, "kc-lu-1", based_on=3)
    assert told.value.code == "over"


def test_what_nobody_heard_is_taken_back_and_not_corrected(village: Village) -> None:
    village.raised()
    for end in (village.desk.correct_alert, village.desk.all_clear):
        with pytest.raises(BadEntry, match="take it back") as told:
            end(village.minh, "kc-lu-1", based_on=1)
        assert told.value.code == "not-on-air"


def test_who_ends_what_was_changed_meanwhile_looks_at_it_first(village: Village) -> None:
    village.on_air()
    changed = village.desk.update_alert(village.minh, "kc-lu-1", based_on=1, words="Nước lên nhanh.").alert
    for end in (village.desk.correct_alert, village.desk.all_clear):
        with pytest.raises(ChangedMeanwhile) as told:
            end(village.an, "kc-lu-1", based_on=1)
        assert told.value.alert == changed


def test_an_update_that_counts_down_is_taken_back_by_what_ends_the_alert(village: Village) -> None:
    village.on_air()
    village.desk.update_alert(village.minh, "kc-lu-1", based_on=1, words="Nước lên nhanh.")
    clear = village.desk.all_clear(village.an, "kc-lu-1", based_on=2).alert
    assert village.store.alerts.waiting(village.present) == (clear,)
    assert clear.words == "Nước lên nhanh."
    assert not village.store.alerts.fire(clear.id, 2, village.present)


def test_stop_is_silence_at_once_and_for_units_that_come_back(village: Village) -> None:
    first = village.on_air()
    stop = village.desk.stop_alert(village.an, first.id, based_on=1).alert
    assert (stop.version, stop.message, stop.fires_at) == (2, Message.STOP, village.present)
    assert (stop.template, stop.words, stop.recording) == (None, None, None)
    assert stop.expires == first.expires
    assert village.desk.stop_alert(village.minh, first.id, based_on=1).alert == stop


def test_stop_in_the_countdown_takes_it_back(village: Village) -> None:
    village.raised()
    back = village.desk.stop_alert(village.an, "kc-lu-1", based_on=1).alert
    assert (back.version, back.cancelled_by) == (1, "an")
    assert village.desk.stop_alert(village.an, "kc-lu-1", based_on=1).alert == back
    assert village.store.alerts.waiting(village.present) == ()


def test_stop_is_stop_also_when_somebody_has_said_it_anew_meanwhile(village: Village) -> None:
    village.on_air()
    village.desk.update_alert(village.minh, "kc-lu-1", based_on=1, words="Nước lên nhanh.")
    stop = village.desk.stop_alert(village.an, "kc-lu-1", based_on=1).alert
    assert (stop.version, stop.message) == (3, Message.STOP)
    assert village.stored("kc-lu-1", 2).cancelled


def test_stop_does_not_silence_a_correction_that_the_person_has_not_seen(village: Village) -> None:
    village.on_air()
    village.desk.correct_alert(village.minh, "kc-lu-1", based_on=1)
    with pytest.raises(ChangedMeanwhile):
        village.desk.stop_alert(village.an, "kc-lu-1", based_on=1)
    village.hub_sends(village.stored("kc-lu-1"))
    assert village.desk.stop_alert(village.an, "kc-lu-1", based_on=2).alert.message is Message.STOP


def test_there_is_nothing_to_stop_when_it_is_over(village: Village) -> None:
    village.on_air()
    village.later(hours=2)
    with pytest.raises(BadEntry) as told:
        village.desk.stop_alert(village.minh, "kc-lu-1", based_on=1)
    assert told.value.code == "over"


ACTS = ("cancel", "update", "again", "correct", "clear", "stop", "hub", "later")

steps = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.integers(0, 2)), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_whatever_two_people_do_the_versions_of_an_alert_tell_one_story(
    village: Village, does: list[tuple[str, int, int]]
) -> None:
    number = len(village.store.alerts.recent(NOON - HOUR, limit=1_000)) + 1
    id = f"kc-lu-{number}"
    village.desk.raise_alert(village.minh, id=id, template="lu-lut", anyway=True)
    for turn, (act, person, behind) in enumerate(does):
        do(village, id, act, person, behind, f"Nước lên {turn}.")
        versions = village.store.alerts.versions(village.stored(id).id)
        assert [one.version for one in versions] == list(range(1, len(versions) + 1))
        waiting = [one for one in versions if one.fired is None and not one.cancelled]
        assert len(waiting) <= 1
        assert waiting in ([], [versions[-1]])
        assert all(not (one.fired and one.cancelled) for one in versions)
        if versions[-1].message is Message.STOP:
            assert any(one.fired is not None for one in versions)


def do(village: Village, id: str, act: str, person: int, behind: int, words: str) -> None:
    who, newest = (village.minh, village.an)[person], village.stored(id)
    seen = max(1, newest.version - behind)
    desk = village.desk
    acts: dict[str, Callable[[], object]] = {
        "cancel": lambda: desk.cancel_alert(who, id, seen),
        "update": lambda: desk.update_alert(who, id, based_on=seen, words=words),
        "again": lambda: desk.again(who, id, based_on=seen),
        "correct": lambda: desk.correct_alert(who, id, based_on=seen),
        "clear": lambda: desk.all_clear(who, id, based_on=seen),
        "stop": lambda: desk.stop_alert(who, id, based_on=seen),
        "hub": lambda: hub_looks(village, newest),
        "later": lambda: village.later(seconds=3),
    }
    with contextlib.suppress(DeskFault):
        acts[act]()


def hub_looks(village: Village, newest: Alert) -> None:
    due = newest.fires_at is not None and newest.fires_at <= village.present
    if due and newest.fired is None and not newest.cancelled:
        village.hub_sends(newest)
