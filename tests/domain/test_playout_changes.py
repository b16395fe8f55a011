"""Plans that change, clips that are missing, people who stop, alerts that are cleared, sound that breaks."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import CueId
from broadcaster.domain.plan import Plan, PlannedCue
from broadcaster.domain.playout import (
    Cleared,
    ClipsHeld,
    Faulted,
    PlanArrived,
    Raised,
    StopOrdered,
    fresh,
    next_instant,
    step,
)
from broadcaster.domain.programme import Rank
from tests.domain.oneunit import DAY, OneUnit, alert, at, cue, music, plan, speech

NEWS = cue("thoi-su", "05:00", speech("tin", "60s"))
WAITS = cue("van-nghe", "05:00:30", music("dan-ca", "30s"))


def lay(unit: OneUnit, clock: str, laid: Plan) -> None:
    unit.when(clock, PlanArrived(plan=laid, held=laid.clips | unit.state.held))


# Plans. ---------------------------------------------------------------------------------------------


def test_a_programme_taken_out_before_its_time_is_silently_gone() -> None:
    unit = OneUnit(plan(NEWS))
    lay(unit, "04:30", plan(revision=2))
    unit.until("06:00")
    assert (unit.heard, unit.horn.closes) == ([], {})


def test_a_programme_changed_before_its_time_plays_as_changed() -> None:
    unit = OneUnit(plan(NEWS))
    lay(unit, "04:30", plan(cue("thoi-su", "05:10", speech("tin-moi", "20s")), revision=2))
    unit.until("06:00")
    assert unit.heard == ["05:10:00 tin-moi 0-20"]
    assert [close.revision for close in unit.horn.closes.values()] == [2]


def test_a_programme_taken_out_while_it_waits_is_cancelled() -> None:
    unit = OneUnit(plan(NEWS, WAITS))
    lay(unit, "05:00:40", plan(NEWS, revision=2))
    unit.until("06:00")
    assert unit.told("van-nghe") == (Outcome.CANCELLED, "taken out of the plan")
    assert unit.ended("van-nghe") == at("05:00:40")


def test_words_corrected_while_they_wait_are_said_as_corrected_and_have_not_waited_less() -> None:
    unit = OneUnit(plan(NEWS, cue("moi-hop", "05:00:30", speech("chu-nhat", "9s"), grace="30s")))
    lay(
        unit,
        "05:00:50",
        plan(NEWS, cue("moi-hop", "05:00:30", speech("thu-bay", "9s"), grace="30s"), revision=2),
    )
    unit.until("06:00")
    assert unit.heard[1:] == ["05:01:00 thu-bay 0-9"]


def test_a_programme_put_off_while_it_waits_comes_at_its_new_time() -> None:
    unit = OneUnit(plan(NEWS, WAITS))
    lay(unit, "05:00:40", plan(NEWS, cue("van-nghe", "05:20", music("dan-ca", "30s")), revision=2))
    unit.until("06:00")
    assert unit.heard[1:] == ["05:20:00 dan-ca 0-30"]


def test_what_is_on_air_plays_on_as_it_began_whatever_becomes_of_the_plan() -> None:
    unit = OneUnit(plan(NEWS))
    lay(unit, "05:00:20", plan(cue("thoi-su", "05:00", speech("tin-moi", "90s")), revision=2))
    lay(unit, "05:00:40", plan(revision=3))
    unit.until("06:00")
    assert unit.heard == ["05:00:00 tin 0-60"]
    assert [close.revision for close in unit.horn.closes.values()] == [1]


def test_what_an_alert_interrupted_resumes_though_the_plan_no_longer_has_it() -> None:
    unit = OneUnit(plan(NEWS))
    unit.raise_alert("05:00:20", "lu-quet", "30s")
    lay(unit, "05:00:30", plan(revision=2))
    unit.until("06:00")
    assert unit.heard[-1] == "05:00:50 tin 0-60"


def test_an_older_plan_changes_nothing_but_its_clips_count() -> None:
    new = plan(cue("thoi-su", "05:10", speech("tin-moi", "20s")), revision=2)
    unit = OneUnit()
    unit.when("04:00", PlanArrived(plan=new, held=frozenset()))
    unit.when("04:10", PlanArrived(plan=plan(NEWS, revision=1), held=new.clips))
    unit.until("06:00")
    assert unit.heard == ["05:10:00 tin-moi 0-20"]


def test_a_plan_that_begins_after_midnight_does_not_cancel_what_waits_from_before() -> None:
    unit = OneUnit(plan(NEWS, WAITS))
    tomorrow = replace(
        plan(revision=2), span=Spell(begin=at("05:00:35"), end=at("05:00") + timedelta(days=7))
    )
    lay(unit, "05:00:40", tomorrow)
    unit.until("06:00")
    assert unit.became("van-nghe") is Outcome.AIRED


@pytest.mark.parametrize("revision", [1, 2])
def test_a_plan_told_again_plays_nothing_twice(revision: int) -> None:
    laid = plan(NEWS)
    unit = OneUnit(laid)
    lay(unit, "05:00:30", replace(laid, revision=revision))
    lay(unit, "05:02", replace(laid, revision=revision))
    lay(unit, "05:05", replace(laid, revision=revision))
    unit.until("06:00")
    assert unit.heard == ["05:00:00 tin 0-60"]


def test_a_programme_taken_out_after_it_aired_and_put_back_is_not_heard_again() -> None:
    unit = OneUnit(plan(NEWS))
    lay(unit, "05:02", plan(revision=2))
    lay(unit, "05:03", plan(NEWS, revision=3))
    unit.until("06:00")
    assert unit.heard == ["05:00:00 tin 0-60"]


def test_a_year_of_plans_leaves_the_state_small() -> None:
    unit = OneUnit()
    most = 0
    for day in range(60):
        begin = DAY + timedelta(days=day)
        cues = tuple(_daily(day, hour) for hour in range(24))
        laid = replace(
            plan(*cues, revision=day + 1),
            span=Spell(begin=begin, end=begin + timedelta(days=1)),
            open=(Spell(begin=begin, end=begin + timedelta(days=1)),),
        )
        unit.state, _ = step(unit.state, begin, PlanArrived(plan=laid, held=laid.clips))
        most = max(most, len(unit.state.closed))
    assert 8 * 24 <= most <= 9 * 24
    assert next_instant(unit.state) is not None


def _daily(day: int, hour: int) -> PlannedCue:
    start = DAY + timedelta(days=day, hours=hour, minutes=1)
    name = CueId(f"tin@{start:%Y-%m-%dT%H:%M:%S}")
    return replace(cue("tin", "05:00", speech("tin", "60s")), id=name, start=start)


# Clips. ---------------------------------------------------------------------------------------------

THREE = cue("ban-tin", "05:00", speech("chao", "10s"), speech("tin", "20s"), speech("het", "5s"))


def test_a_clip_that_is_not_on_the_unit_is_left_out_and_told() -> None:
    unit = OneUnit()
    held = frozenset({THREE.clips[0].id, THREE.clips[2].id})
    unit.when("04:00", PlanArrived(plan=plan(THREE), held=held))
    unit.until("06:00")
    assert unit.heard == ["05:00:00 chao 0-10", "05:00:10 het 0-5"]
    assert unit.told("ban-tin") == (Outcome.PARTLY_AIRED, "15 of 35 s sounded; left out: tin")


def test_a_clip_that_arrives_before_its_turn_counts() -> None:
    unit = OneUnit()
    unit.when("04:00", PlanArrived(plan=plan(NEWS, WAITS), held=plan(NEWS).clips))
    unit.when("05:00:59", ClipsHeld(held=plan(NEWS, WAITS).clips))
    unit.until("06:00")
    assert unit.became("van-nghe") is Outcome.AIRED


def test_a_cue_of_which_the_unit_has_nothing_was_not_ready() -> None:
    unit = OneUnit()
    unit.when("04:00", PlanArrived(plan=plan(THREE), held=frozenset()))
    unit.until("06:00")
    assert unit.told("ban-tin") == (Outcome.NOT_READY, "none of its clips was on the unit")
    assert unit.ended("ban-tin") == at("05:10"), "its grace"


def test_a_cue_for_which_nothing_could_be_made_says_what_is_missing() -> None:
    unit = OneUnit(plan(cue("ban-tin", "05:00", missing=("no voice for tay",)))).until("06:00")
    assert unit.told("ban-tin") == (
        Outcome.NOT_READY,
        "none of its clips was on the unit; left out: no voice for tay",
    )


def test_a_hard_start_that_has_nothing_to_sound_cuts_nobody() -> None:
    unit = OneUnit()
    anthem = cue("quoc-ca", "05:00:30", music("quoc-ca", "60s"), hard=True)
    unit.when("04:00", PlanArrived(plan=plan(NEWS, anthem), held=plan(NEWS).clips))
    unit.until("06:00")
    assert unit.heard == ["05:00:00 tin 0-60"]
    assert unit.became("quoc-ca") is Outcome.NOT_READY


def test_an_alert_whose_sound_is_still_on_its_way_takes_the_air_when_it_arrives() -> None:
    storm = alert("bao", "05:00:10", speech("bao", "20s"))
    unit = OneUnit(plan(NEWS))
    unit.when("05:00:10", Raised(cue=storm))
    unit.when("05:00:12", ClipsHeld(held=unit.state.held | {storm.clips[0].id}))
    unit.until("06:00")
    assert unit.heard[:2] == ["05:00:00 tin 0-12", "05:00:12 bao 2-20"]


def test_an_alert_whose_sound_never_arrives_was_not_ready_and_held_up_nobody() -> None:
    unit = OneUnit(plan(NEWS))
    unit.when("04:59", Raised(cue=alert("bao", "04:59", speech("bao", "20s"))))
    unit.until("06:00")
    assert unit.heard == ["05:00:00 tin 0-60"]
    unit.until("30:00")
    assert unit.became("bao") is Outcome.NOT_READY


# People. --------------------------------------------------------------------------------------------


def test_a_person_stops_what_is_on_air_and_what_waits_has_its_turn() -> None:
    unit = OneUnit(plan(NEWS, WAITS))
    unit.when("05:00:40", StopOrdered(cue=None, by="chi Lan"))
    unit.until("06:00")
    assert unit.heard == ["05:00:00 tin 0-40", "05:00:40 dan-ca 0-30"]
    assert unit.told("thoi-su") == (Outcome.CUT_SHORT, "stopped by chi Lan; 40 of 60 s sounded")


def test_a_stop_that_is_heard_late_does_not_stop_what_began_after_it() -> None:
    unit = OneUnit(plan(NEWS, WAITS))
    unit.when("05:01:10", StopOrdered(cue=None, by="chi Lan", issued=at("05:00:40")))
    unit.until("06:00")
    assert unit.heard == ["05:00:00 tin 0-60", "05:01:00 dan-ca 0-30"]


def test_a_stop_given_while_a_unit_was_off_stops_what_it_begins_late() -> None:
    unit = OneUnit(plan(NEWS), on="05:00:30")
    unit.when("05:00:31", StopOrdered(cue=None, by="chi Lan", issued=at("05:00:20")))
    unit.until("06:00")
    assert unit.heard == ["05:00:30 tin 0-1"]
    assert unit.became("thoi-su") is Outcome.CUT_SHORT


@pytest.mark.parametrize("clock", ["04:30", "05:00:40"])
def test_a_person_stops_what_has_not_sounded_yet_and_it_never_does(clock: str) -> None:
    laid = plan(NEWS, WAITS)
    unit = OneUnit(laid)
    unit.when(clock, StopOrdered(cue=WAITS.id, by="chi Lan"))
    lay(unit, "05:00:45", replace(laid, revision=2))
    unit.until("06:00")
    assert unit.heard == ["05:00:00 tin 0-60"]
    assert unit.told("van-nghe") == (Outcome.CANCELLED, "stopped by chi Lan")


def test_what_is_stopped_while_an_alert_has_the_air_does_not_resume() -> None:
    unit = OneUnit(plan(NEWS))
    unit.raise_alert("05:00:20", "lu-quet", "30s")
    unit.when("05:00:30", StopOrdered(cue=NEWS.id, by="chi Lan"))
    unit.until("06:00")
    assert unit.heard == ["05:00:00 tin 0-20", "05:00:20 lu-quet 0-30"]
    assert unit.became("thoi-su") is Outcome.CUT_SHORT


@pytest.mark.parametrize("cue_id", [None, CueId("khong-co@2026-11-22T05:00:00"), NEWS.id])
def test_stopping_what_is_not_there_any_more_does_nothing(cue_id: CueId | None) -> None:
    unit = OneUnit(plan(NEWS))
    unit.when("05:02", StopOrdered(cue=cue_id, by="chi Lan"))
    assert len(unit.horn.closes) == 1


def test_a_cleared_alert_falls_silent_and_the_programme_resumes() -> None:
    unit = OneUnit(plan(NEWS))
    unit.raise_alert("05:00:20", "lu-quet", "5m")
    unit.raise_alert("05:00:21", "sat-lo", "5m")
    unit.when("05:00:40", Cleared(cue=None, by="anh Ba"))
    unit.until("06:00")
    assert unit.heard == ["05:00:00 tin 0-20", "05:00:20 lu-quet 0-20", "05:00:40 tin 0-60"]
    assert unit.told("lu-quet") == (Outcome.CUT_SHORT, "cleared by anh Ba; 20 of 300 s sounded")
    assert unit.told("sat-lo") == (Outcome.CANCELLED, "cleared by anh Ba")


def test_clearing_one_alert_leaves_the_other_and_every_programme() -> None:
    unit = OneUnit(plan(NEWS))
    unit.raise_alert("05:00:20", "lu-quet", "30s")
    unit.raise_alert("05:00:21", "sat-lo", "10s")
    unit.when("05:00:22", Cleared(cue=alert("sat-lo", "05:00", speech("x", "1s")).id, by="anh Ba"))
    unit.when("05:00:22", Cleared(cue=NEWS.id, by="anh Ba"))
    unit.until("06:00")
    assert unit.heard[1:] == ["05:00:20 lu-quet 0-30", "05:00:50 tin 0-60"]


def test_an_alert_told_again_and_again_is_heard_once() -> None:
    unit = OneUnit(plan())
    unit.raise_alert("05:00", "lu-quet", "30s")
    unit.raise_alert("05:00:10", "lu-quet", "30s")
    unit.raise_alert("05:10", "lu-quet", "30s")
    unit.until("06:00")
    assert unit.heard == ["05:00:00 lu-quet 0-30"]


def test_a_newer_version_of_an_alert_that_is_over_is_heard() -> None:
    unit = OneUnit(plan())
    unit.raise_alert("05:00", "lu-quet", "30s")
    unit.raise_alert("05:10", "lu-quet", "20s", version=2)
    unit.until("06:00")
    assert unit.heard == ["05:00:00 lu-quet 0-30", "05:10:00 lu-quet 0-20"]


def test_only_an_emergency_is_raised() -> None:
    with pytest.raises(ValueError, match="planned"):
        Raised(cue=NEWS)


# Faults. --------------------------------------------------------------------------------------------


def test_a_cue_that_loses_a_clip_on_the_air_goes_on_with_the_next_one() -> None:
    three = cue("thoi-su", "05:00", speech("mot", "20s"), speech("hai", "20s"), speech("ba", "20s"))
    unit = OneUnit(plan(three))
    unit.when("05:00:20.4", ClipsHeld(held=unit.state.held - {three.clips[1].id}))
    unit.when("05:00:20.4", Faulted(cue=three.id, why="hai is damaged", at=at("05:00:20")))
    unit.until("06:00")
    assert unit.heard[0].startswith("05:00:00 mot 0-20")
    assert unit.heard[-1] == "05:00:20.4 ba 0-20"
    outcome, reason = unit.told("thoi-su")
    assert outcome is Outcome.PARTLY_AIRED
    assert "hai" in reason


def test_a_cue_whose_sound_breaks_has_failed_and_the_next_one_plays() -> None:
    unit = OneUnit(plan(NEWS, WAITS))
    unit.when("05:00:40", Faulted(cue=NEWS.id, why="the clip tin cannot be decoded"))
    unit.until("06:00")
    assert unit.heard == ["05:00:00 tin 0-40", "05:00:40 dan-ca 0-30"]
    assert unit.told("thoi-su") == (
        Outcome.FAILED,
        "the clip tin cannot be decoded; 40 of 60 s sounded",
    )


def test_a_fault_of_what_is_over_or_still_waits_changes_nothing() -> None:
    unit = OneUnit(plan(NEWS, WAITS))
    unit.when("05:00:40", Faulted(cue=WAITS.id, why="too early"))
    unit.when("05:01:10", Faulted(cue=NEWS.id, why="too late"))
    unit.until("06:00")
    assert unit.became("thoi-su") is unit.became("van-nghe") is Outcome.AIRED


def test_a_clock_slewed_back_makes_nothing_due_twice() -> None:
    unit = OneUnit(plan(NEWS)).until("05:00:30")
    unit.when("04:59:59")
    assert unit.state.now == at("05:00:30")
    assert unit.until("06:00").heard == ["05:00:00 tin 0-60"]


def test_a_unit_looks_ahead_without_anything_coming_of_it() -> None:
    unit = OneUnit(plan(NEWS)).until("04:59:59.9")
    _, ahead = step(unit.state, at("05:00:00.1"))
    assert [decision.at for decision in ahead] == [at("05:00")]
    assert unit.playing is None
    assert next_instant(unit.state) == at("05:00")


def test_a_unit_that_was_just_switched_on_has_nothing_due() -> None:
    assert next_instant(fresh(DAY)) is None
    assert step(fresh(DAY), at("09:00")) == (fresh(at("09:00")), ())


def test_fill_is_cut_by_nobody_it_only_waits_for_its_turn() -> None:
    unit = OneUnit(plan(cue("nen", "05:00", music("nen", "10m"), rank=Rank.FILL), WAITS)).until("06:00")
    assert unit.heard == ["05:00:00 nen 0-30", "05:00:30 dan-ca 0-30", "05:01:00 nen 60-600"]
