"""What happens to one unit in ten in a year: clocks set in the middle, things told twice or too late."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broadcaster.domain.asrun import Ending, Outcome
from broadcaster.domain.instants import Spell
from broadcaster.domain.plan import FRAME_RATE
from broadcaster.domain.playout import (
    Begin,
    Cleared,
    ClipsHeld,
    ClockTrusted,
    Close,
    Closed,
    Faulted,
    FoundOpen,
    PlanArrived,
    Raised,
    StopOrdered,
    fresh,
    next_instant,
    step,
)
from broadcaster.domain.programme import LatePolicy, Rank
from tests.domain.oneunit import DAY, WEEK, OneUnit, alert, at, cue, hours, music, plan, speech

JOIN, WHOLE, SKIP = LatePolicy.JOIN, LatePolicy.WHOLE, LatePolicy.SKIP
NEWS = cue("thoi-su", "05:00", speech("tin", "60s"))
RELAY = cue("tiep-am", "05:00", music("vov", "60s"))


def only_close(unit: OneUnit, name: str) -> Close:
    (close,) = (close for close in unit.horn.closes.values() if close.cue.title == name)
    return close


# Losing the air more than once. ---------------------------------------------------------------------


def test_a_relay_that_is_over_when_the_second_alert_ends_tells_all_that_was_jumped_over() -> None:
    unit = OneUnit(plan(RELAY))
    unit.raise_alert("05:00:10", "lu-quet", "10s")
    unit.raise_alert("05:00:40", "sat-lo", "40s")
    unit.until("06:00")
    assert unit.heard == [
        "05:00:00 vov 0-10",
        "05:00:10 lu-quet 0-10",
        "05:00:20 vov 20-40",
        "05:00:40 sat-lo 0-40",
    ]
    assert unit.told("tiep-am") == (
        Outcome.PARTLY_AIRED,
        "its end passed while it had lost the air; 30 of 60 s sounded",
    )
    assert only_close(unit, "tiep-am").passed == timedelta(seconds=30)


def test_a_late_relay_that_is_over_when_it_has_waited_behind_an_alert_is_skipped() -> None:
    laid = plan(replace(RELAY, late=JOIN))
    unit = OneUnit(on="05:00:30")
    unit.raise_alert("05:00:30", "lu-quet", "5m")
    unit.when("05:00:30", PlanArrived(plan=laid, held=laid.clips | unit.state.held))
    unit.until("06:00")
    assert unit.became("tiep-am") is Outcome.SKIPPED


def test_an_alert_does_not_add_to_the_minute_of_a_hard_start_that_waited_before_and_after_it() -> None:
    unit = OneUnit(
        plan(
            cue("quoc-ca", "07:00", music("quoc-ca", "60s"), hard=True),
            cue("lich-tiem", "07:00:10", speech("tiem", "40s"), rank=Rank.PRIORITY),
        )
    )
    unit.raise_alert("06:59:50", "lu-quet", "40s")
    unit.until("08:00")
    assert unit.ended("quoc-ca") == at("07:01")
    assert unit.became("quoc-ca") is Outcome.SKIPPED


def test_a_programme_that_waits_behind_another_after_an_alert_still_ends_at_its_longest_time() -> None:
    unit = OneUnit(
        plan(
            cue("van-nghe", "05:00", music("dan-ca", "10m"), longest="60s"),
            cue("lich-tiem", "05:00:20", speech("tiem", "60s"), rank=Rank.PRIORITY),
        )
    )
    unit.raise_alert("05:00:10", "lu-quet", "30s")
    unit.until("06:00")
    assert unit.ended("van-nghe") == at("05:01")


def test_what_breaks_while_it_is_interrupted_has_failed() -> None:
    unit = OneUnit(plan(NEWS, cue("khac", "05:00:10", speech("khac", "5s"))))
    unit.raise_alert("05:00:20", "lu-quet", "30s")
    unit.when("05:00:30", Faulted(cue=NEWS.id, why="the clip is gone"))
    unit.until("06:00")
    assert unit.became("thoi-su") is Outcome.FAILED
    assert unit.became("khac") is Outcome.AIRED


def test_what_is_stopped_while_interrupted_was_stopped_and_not_cancelled() -> None:
    unit = OneUnit(plan(NEWS))
    unit.raise_alert("05:00:20", "lu-quet", "30s")
    unit.when("05:00:30", StopOrdered(cue=NEWS.id, by="chi Lan"))
    assert only_close(unit, "thoi-su").ending is Ending.STOPPED


def test_words_that_expire_when_their_turn_comes_are_not_said() -> None:
    unit = OneUnit(plan(NEWS, cue("moi-hop", "05:00:10", speech("moi", "5s"), expires="05:01"))).until(
        "06:00"
    )
    assert unit.heard == ["05:00:00 tin 0-60"]
    assert unit.became("moi-hop") is Outcome.REFUSED


def test_what_waits_without_its_sound_while_the_air_is_taken_was_not_ready() -> None:
    unit = OneUnit()
    waits = cue("van-nghe", "05:00:10", music("dan-ca", "5s"), grace="30s")
    unit.when("04:00", PlanArrived(plan=plan(NEWS, waits), held=plan(NEWS).clips))
    unit.until("06:00")
    assert unit.became("van-nghe") is Outcome.NOT_READY


# Clocks. --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [timedelta(days=2), timedelta(days=-2), timedelta(hours=1)])
def test_a_unit_whose_clock_was_wrong_plays_the_day_as_planned_once_it_is_set(off: timedelta) -> None:
    laid = plan(NEWS, cue("toi", "17:00", speech("toi", "60s"), late=SKIP))
    unit = OneUnit()
    unit.state = fresh(at("04:30") + off)
    unit.state, first = step(unit.state, at("04:30") + off, PlanArrived(plan=laid, held=laid.clips))
    unit.state, then = step(unit.state, at("04:40") + off)
    unit.state, last = step(unit.state, at("04:40"), ClockTrusted(trusted=True, shift=-off))
    assert (first, then, last) == ((), (), ())
    assert unit.until("18:00").heard == ["05:00:00 tin 0-60", "17:00:00 toi 0-60"]


def test_a_clock_set_back_during_an_alert_does_not_move_the_relay_it_interrupted() -> None:
    unit = OneUnit(plan(replace(RELAY, max=timedelta(seconds=50))))
    unit.raise_alert("05:00:20", "lu-quet", "20s")
    unit.until("05:00:30")
    hour = timedelta(hours=-1)
    unit.state, _ = step(unit.state, at("04:00:30"), ClockTrusted(trusted=True, shift=hour))
    state, (_, begin, cease, _) = step(unit.state, at("04:06"))
    assert isinstance(begin, Begin)
    assert (begin.at, begin.cue.title, begin.offset) == (at("04:00:40"), "tiep-am", 40 * FRAME_RATE)
    assert (cease.at, cease.cue.title) == (at("04:00:50"), "tiep-am")
    assert next_instant(state) is None


def test_being_told_again_that_the_clock_is_right_makes_nobody_late() -> None:
    unit = OneUnit(plan(NEWS, cue("sau", "05:00:10", speech("sau", "5s"), late=SKIP)))
    unit.when("05:00:30", ClockTrusted(trusted=True))
    assert unit.until("06:00").heard == ["05:00:00 tin 0-60", "05:01:00 sau 0-5"]


def test_what_an_alert_interrupted_is_not_late_when_the_time_was_lost_meanwhile() -> None:
    unit = OneUnit(plan(replace(RELAY, late=SKIP)))
    unit.raise_alert("05:00:10", "lu-quet", "30s")
    unit.raise_alert("05:00:11", "sat-lo", "5s")
    unit.when("05:00:20", ClockTrusted(trusted=False))
    unit.when("05:00:30", ClockTrusted(trusted=True))
    assert unit.until("06:00").heard == [
        "05:00:00 vov 0-10",
        "05:00:10 lu-quet 0-30",
        "05:00:40 sat-lo 0-5",
        "05:00:45 vov 45-60",
    ]


def test_while_the_time_is_not_known_nothing_interrupted_is_closed_for_the_hour() -> None:
    unit = OneUnit(plan(NEWS, open=[hours("05:00", "05:01")]))
    unit.raise_alert("05:00:30", "lu-quet", "5m")
    unit.when("05:00:40", ClockTrusted(trusted=False))
    unit.until("05:04")
    assert unit.horn.closes == {}
    unit.when("05:04", ClockTrusted(trusted=True))
    assert unit.became("thoi-su") is Outcome.CUT_SHORT


def test_a_wrong_clock_does_not_make_a_unit_forget_what_it_has_played() -> None:
    unit = OneUnit(plan(NEWS)).until("05:02")
    unit.when("05:02", ClockTrusted(trusted=False))
    storm = alert("bao", "05:02", speech("bao", "5s"))
    state, _ = step(unit.state, at("05:02"), ClipsHeld(held=unit.state.held | {storm.clips[0].id}))
    state, _ = step(state, DAY + timedelta(days=400), Raised(cue=storm))
    state, _ = step(state, DAY + timedelta(days=400, seconds=9))
    assert NEWS.id in {closed.cue for closed in state.closed}


# Late, and outside what the plan knows. ---------------------------------------------------------------


def test_power_back_in_allowed_hours_does_not_excuse_a_start_that_was_planned_outside_them() -> None:
    laid = plan(cue("tiep-am", "03:15", music("vov", "5h")), open=[hours("05:00", "06:30")])
    unit = OneUnit(laid, on="05:05").until("07:00")
    assert unit.heard == []
    assert unit.told("tiep-am") == (Outcome.REFUSED, "outside the allowed hours")


def test_the_hours_before_a_plan_begins_are_not_known_and_refuse_nobody() -> None:
    span = Spell(begin=at("05:00"), end=WEEK.end)
    laid = replace(plan(cue("ban-tin", "04:55", speech("tin", "15m")), open=[span]), span=span)
    unit = OneUnit(laid, on="05:01").until("06:00")
    assert unit.heard == ["05:01:00 tin 0-900"]


def test_what_is_late_waits_for_the_air_no_longer_than_it_would_have_been_late() -> None:
    notice = cue("thong-bao", "05:00", speech("tin", "20s"), grace="10m")
    laid = plan(notice, cue("lich-tiem", "05:08", speech("tiem", "3m"), rank=Rank.PRIORITY))
    unit = OneUnit(laid, on="05:08").until("06:00")
    assert unit.heard == ["05:08:00 tiem 0-180"]
    assert unit.ended("thong-bao") == at("05:10")


def test_words_that_expired_in_the_dark_are_not_said_when_power_is_back() -> None:
    laid = plan(cue("moi-hop", "05:00", speech("moi-hop", "10s"), expires="05:05"))
    unit = OneUnit(laid, on="05:06").until("06:00")
    assert unit.heard == []
    assert unit.became("moi-hop") is Outcome.REFUSED


def test_a_cue_of_more_than_eight_days_ago_is_not_told_any_more() -> None:
    unit = OneUnit(on="05:00")
    unit.state = fresh(at("06:00") + timedelta(days=8))
    unit.state, _ = step(unit.state, unit.state.now, ClockTrusted(trusted=True))
    laid = plan(NEWS)
    _, made = step(unit.state, unit.state.now, PlanArrived(plan=laid, held=laid.clips))
    assert made == ()
    _, made = step(unit.state, unit.state.now, Raised(cue=alert("bao", "05:00", speech("bao", "5s"))))
    assert made == ()


def test_a_unit_moved_to_another_village_takes_its_plan_though_the_revision_is_the_same() -> None:
    unit = OneUnit(plan(NEWS))
    other = plan(cue("cho-phien", "05:00", speech("cho", "20s")))
    unit.when("04:30", PlanArrived(plan=other, held=other.clips))
    assert unit.until("06:00").heard == ["05:00:00 cho 0-20"]


# Found open. ----------------------------------------------------------------------------------------


def found(clock: str = "05:00:10", revision: int = 2) -> FoundOpen:
    return FoundOpen(
        cue=replace(RELAY, late=JOIN),
        revision=revision,
        begun=at("05:00"),
        last=at(clock),
        clip=0,
        offset=10 * FRAME_RATE,
    )


def test_what_a_crash_broke_off_is_recorded_with_the_revision_that_played() -> None:
    unit = OneUnit(on="05:30")
    unit.when("05:30", found(revision=2))
    unit.when("05:30", PlanArrived(plan=plan(NEWS, revision=7), held=frozenset()))
    assert only_close(unit, "tiep-am").revision == 2


def test_what_a_crash_broke_off_waits_for_plan_and_clock_and_is_told_to_nobody_twice() -> None:
    unit = OneUnit(trusted=False, on="05:00:12")
    unit.when("05:00:12", found())
    unit.when("05:00:12", found())
    unit.when("05:00:14", PlanArrived(plan=plan(replace(RELAY, late=JOIN)), held=plan(RELAY).clips))
    assert unit.playing is None
    unit.when("05:00:16", ClockTrusted(trusted=True))
    unit.when("05:00:17", found())
    unit.until("05:10")
    unit.when("05:10", found())
    assert unit.heard == ["05:00:16 vov 16-60"]


def test_what_was_found_after_the_plan_had_come_is_continued_and_not_begun_again() -> None:
    unit = OneUnit(plan(RELAY), trusted=False, on="05:00:12")
    unit.when("05:00:12", found())
    unit.when("05:00:16", ClockTrusted(trusted=True))
    assert unit.until("06:00").heard == ["05:00:16 vov 16-60"]


def test_a_person_stops_what_a_crash_broke_off_before_it_is_continued() -> None:
    unit = OneUnit(trusted=False, on="05:00:12")
    other = replace(found(), cue=NEWS)
    unit.when("05:00:12", found())
    unit.when("05:00:12", other)
    unit.when("05:00:13", StopOrdered(cue=RELAY.id, by="chi Lan"))
    unit.when("05:00:14", PlanArrived(plan=plan(RELAY, NEWS), held=plan(RELAY, NEWS).clips))
    unit.when("05:00:16", ClockTrusted(trusted=True))
    assert unit.until("06:00").heard == ["05:00:16 tin 0-60"]
    assert only_close(unit, "tiep-am").ending is Ending.STOPPED


def test_an_alert_found_open_is_known_by_its_own_version() -> None:
    storm = alert("bao", "05:00", speech("bao", "60s"), version=3)
    unit = OneUnit(plan(), on="05:00:12")
    unit.when("05:00:12", ClipsHeld(held=frozenset({storm.clips[0].id})))
    unit.when(
        "05:00:12",
        FoundOpen(cue=storm, revision=77, begun=at("05:00"), last=at("05:00:10"), clip=0, offset=1),
    )
    unit.until("06:00")
    assert only_close(unit, "bao").revision == 3


def test_an_alert_recorded_before_the_restart_is_not_given_again_but_its_newer_version_is() -> None:
    storm = alert("bao", "05:00", speech("bao", "10s"))
    unit = OneUnit(on="05:10")
    unit.state = fresh(at("05:10"), [Closed(cue=storm.id, revision=1, start=storm.start)])
    unit.when("05:10", ClipsHeld(held=frozenset({storm.clips[0].id})))
    unit.when("05:10", Raised(cue=storm))
    unit.when("05:11", Raised(cue=replace(storm, version=2)))
    assert unit.until("06:00").heard == ["05:11:00 bao 0-10"]


@pytest.mark.parametrize(("clip", "offset"), [(-1, 0), (0, -1)])
def test_nothing_is_found_before_the_first_frame_of_the_first_clip(clip: int, offset: int) -> None:
    with pytest.raises(ValueError, match="counted from 0"):
        replace(found(), clip=clip, offset=offset)


# Alerts. --------------------------------------------------------------------------------------------


def test_an_alert_cleared_before_it_starts_is_never_heard_and_the_other_one_is() -> None:
    unit = OneUnit(plan())
    clips = frozenset({speech("bao", "9s").id, speech("lu", "9s").id})
    unit.when("05:00", ClipsHeld(held=clips))
    unit.when("05:00", Raised(cue=alert("bao", "05:10", speech("bao", "9s"))))
    unit.when("05:00", Raised(cue=alert("lu", "05:20", speech("lu", "9s"))))
    unit.when("05:05", Cleared(cue=alert("bao", "05:10", speech("bao", "9s")).id, by="anh Ba"))
    assert unit.until("06:00").heard == ["05:20:00 lu 0-9"]
    assert unit.became("bao") is Outcome.CANCELLED


def test_clearing_all_alerts_when_there_is_none_does_nothing() -> None:
    unit = OneUnit(plan(NEWS))
    unit.when("04:30", Cleared(cue=None, by="anh Ba"))
    unit.when("05:00:30", Cleared(cue=None, by="anh Ba"))
    assert unit.until("06:00").became("thoi-su") is Outcome.AIRED


def test_a_newer_version_replaces_an_alert_that_is_about_to_start_and_one_that_waits() -> None:
    unit = OneUnit(plan())
    unit.raise_alert("05:00", "vo-dap", "30s", severity=4)
    old, new = speech("cu", "9s"), speech("moi", "8s")
    unit.when("05:00", ClipsHeld(held=unit.state.held | {old.id, new.id}))
    for name, start in (("bao", "05:10"), ("lu", "05:00:01")):
        unit.when("05:00:02", Raised(cue=alert(name, start, old, severity=1)))
        unit.when("05:00:03", Raised(cue=alert(name, start, new, severity=1, version=2, late=WHOLE)))
        unit.when("05:00:04", Raised(cue=alert(name, start, old, severity=1)))
    unit.until("06:00")
    assert unit.heard[1:] == ["05:00:30 moi 0-8", "05:10:00 moi 0-8"]


def test_an_alert_that_is_raised_takes_the_place_of_the_same_one_in_the_plan() -> None:
    planned = alert("dien-tap", "05:10", speech("cu", "9s"))
    unit = OneUnit(plan(planned))
    newer = alert("dien-tap", "05:05", speech("moi", "9s"), version=2)
    unit.when("05:00", ClipsHeld(held=unit.state.held | {newer.clips[0].id}))
    unit.when("05:00", Raised(cue=newer))
    assert unit.until("06:00").heard == ["05:05:00 moi 0-9"]


def test_an_alert_of_which_only_the_siren_is_there_sounds_the_siren_even_when_it_would_be_over() -> None:
    storm = alert("bao", "05:00", speech("coi", "5s"), speech("loi", "60s"))
    unit = OneUnit(plan())
    unit.when("05:00:20", ClipsHeld(held=frozenset({storm.clips[0].id})))
    unit.when("05:00:20", Raised(cue=storm))
    unit.until("06:00")
    assert unit.heard == ["05:00:20 coi 0-5"]
    assert unit.told("bao") == (Outcome.PARTLY_AIRED, "5 of 65 s sounded; left out: loi")


def test_an_alert_that_expires_at_this_instant_is_expired() -> None:
    storm = alert("bao", "04:10", speech("bao", "20s"), expires="04:20")
    unit = OneUnit(plan())
    unit.when("04:20", ClipsHeld(held=frozenset({storm.clips[0].id})))
    unit.when("04:20", Raised(cue=storm))
    assert unit.became("bao") is Outcome.REFUSED


def test_two_things_that_wait_for_the_last_item_to_end_have_it_end_once() -> None:
    unit = OneUnit(plan(NEWS, cue("lich-tiem", "05:00:30", speech("tiem", "10s"), rank=Rank.PRIORITY)))
    unit.until("06:00")
    assert unit.heard == ["05:00:00 tin 0-60", "05:01:00 tiem 0-10"]
    assert unit.became("thoi-su") is Outcome.AIRED
