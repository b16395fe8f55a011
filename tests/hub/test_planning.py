"""From a rundown to what units are given."""

from dataclasses import replace
from datetime import time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.instants import WEEKDAYS
from broadcaster.domain.names import ZoneId
from broadcaster.domain.plan import Plan
from broadcaster.domain.programme import Chime, Playable, Relay, Spoken
from broadcaster.domain.rundown import Cue, Rundown
from broadcaster.domain.volume import SofterHours
from broadcaster.hub.planning import (
    AHEAD,
    BEHIND,
    Missing,
    Pending,
    Ready,
    is_pending,
    plan_for,
    planned,
    same_content,
    span_at,
)
from tests.hub.villages import MORNING, a_clip, a_cue, commune

GREETING = Spoken(words="Kính chào bà con.")
CHIME = Chime(name="opening")


def ready(**made: Ready) -> dict[Playable, Ready]:
    return {CHIME: made.get("chime", a_clip("c")), GREETING: made.get("greeting", a_clip("b"))}


def test_a_plan_names_the_clips_in_the_order_of_the_items() -> None:
    there = ready()
    cue = planned(a_cue(CHIME, GREETING), there.__getitem__)
    assert [clip.id[0] for clip in cue.clips] == ["c", "b"]
    assert cue.missing == ()


def test_words_no_voice_could_speak_are_named_and_the_chime_is_planned_all_the_same() -> None:
    there = ready(greeting=Missing(why="no voice could speak"))
    cue = planned(a_cue(CHIME, GREETING), there.__getitem__)
    assert len(cue.clips) == 1
    assert cue.missing == ("words “Kính chào bà con.”: no voice could speak",)


def test_a_slot_nobody_booked_says_so_in_the_plan() -> None:
    assert planned(a_cue(), ready().__getitem__).missing == ("nothing was booked into it",)


def test_a_relay_may_be_taken_over_at_once_and_sounds_its_else_until_live_sound_is_there() -> None:
    relay = Relay(url="http://vov.example/1", length=timedelta(minutes=30), otherwise="fallback/cho.opus")
    cue = planned(a_cue(relay), lambda _: a_clip("f"))
    assert cue.live
    assert [clip.id[0] for clip in cue.clips] == ["f"]


def test_a_cue_is_pending_while_any_of_its_sound_is_being_made() -> None:
    assert is_pending(a_cue(CHIME, GREETING), ready(greeting=Pending()).__getitem__)
    assert not is_pending(a_cue(CHIME, GREETING), ready(greeting=Missing(why="x")).__getitem__)


def plan_of(zone: str, *cues: Cue, held_back: tuple[Cue, ...] = (), revision: int = 0) -> Plan:
    rundown = Rundown(cues=cues, problems=())
    held = [cue.id for cue in held_back]
    return plan_for(
        commune(), ZoneId(zone), rundown, ready().__getitem__, {}, held, span_at(MORNING), revision
    )


def test_a_village_is_planned_only_what_is_meant_for_it() -> None:
    for_ben = a_cue(GREETING, zones=("thon-ben",), programme="rieng-thon-ben")
    for_all = a_cue(CHIME)
    plan = plan_of("thon-dinh", for_all, for_ben)
    assert [cue.id for cue in plan.cues] == [for_all.id]


def test_a_message_whose_sound_is_not_there_is_held_back_from_the_plan() -> None:
    waiting = a_cue(GREETING)
    plan = plan_of("xa", waiting, held_back=(waiting,))
    assert plan.cues == ()


def test_a_new_revision_alone_is_not_something_new_to_tell() -> None:
    said = plan_of("xa", a_cue(CHIME), revision=1)
    assert same_content(said, plan_of("xa", a_cue(CHIME), revision=2))
    assert not same_content(said, plan_of("xa", a_cue(GREETING), revision=1))


def test_a_plan_says_how_loud_it_may_be_and_a_change_of_that_is_something_new_to_tell() -> None:
    evening = SofterHours(
        days=frozenset(WEEKDAYS), begin=time(21), end=time(6), zones=(ZoneId("thon-ben"),), at_most=-12
    )
    station, span = replace(commune(), softer=(evening,)), span_at(MORNING)
    rundown = Rundown(cues=(a_cue(CHIME),), problems=())
    plans = {
        zone: plan_for(station, ZoneId(zone), rundown, ready().__getitem__, {}, (), span, 0)
        for zone in ("thon-ben", "thon-dinh")
    }
    assert len(plans["thon-ben"].caps) >= 7
    assert {cap.at_most for cap in plans["thon-ben"].caps} == {-12}
    assert plans["thon-dinh"].caps == ()
    assert not same_content(plans["thon-ben"], plan_of("thon-ben", a_cue(CHIME)))


@given(st.integers(min_value=0, max_value=5 * 366 * 86_400))
def test_a_plan_made_at_any_moment_covers_seven_days_and_what_may_still_be_on_air(seconds: int) -> None:
    now = MORNING + timedelta(seconds=seconds)
    span = span_at(now)
    assert span.end - now >= AHEAD
    assert now - span.begin >= BEHIND
    assert span_at(span.begin + BEHIND) == span
