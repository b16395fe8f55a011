"""Power cuts, crashes, and clocks that cannot be trusted: what is late, and where it begins."""

from dataclasses import replace
from datetime import timedelta

import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.plan import FRAME_RATE, PlannedCue
from broadcaster.domain.playout import (
    Begin,
    ClipsHeld,
    ClockTrusted,
    Close,
    Closed,
    FoundOpen,
    PlanArrived,
    Raised,
    fresh,
    step,
)
from broadcaster.domain.programme import LatePolicy
from tests.domain.oneunit import OneUnit, alert, at, cue, hours, music, plan, speech

JOIN, WHOLE, SKIP = LatePolicy.JOIN, LatePolicy.WHOLE, LatePolicy.SKIP


def power_back(clock: str, laid: PlannedCue, *, grace: str = "10m") -> OneUnit:
    """A unit that was dark and has been switched on again, an hour later."""
    return OneUnit(plan(laid), on=clock).until("09:00")


def test_power_back_in_the_middle_of_a_relay_joins_it_where_it_is_by_now() -> None:
    unit = power_back("05:10", cue("tiep-am", "05:00", music("vov", "30m"), late=JOIN))
    assert unit.heard == ["05:10:00 vov 600-1800"]
    assert unit.told("tiep-am") == (Outcome.PARTLY_AIRED, "1200 of 1800 s sounded; 600 s jumped over")


def test_power_back_in_the_middle_of_a_sentence_starts_it_at_its_first_word() -> None:
    unit = power_back(
        "05:00:45",
        cue(
            "ban-tin",
            "05:00",
            speech("tin-1", "30s"),
            speech("tin-2", "30s"),
            music("nhac", "30s"),
            late=JOIN,
        ),
    )
    assert unit.heard == ["05:00:45 tin-2 0-30", "05:01:15 nhac 0-30"]


def test_power_back_after_the_end_has_nothing_left_to_join() -> None:
    unit = power_back("05:30", cue("tiep-am", "05:00", music("vov", "30m"), late=JOIN))
    assert unit.heard == []
    assert unit.told("tiep-am") == (Outcome.SKIPPED, "its time passed while this unit could not play it")


def test_power_back_after_its_longest_time_does_not_join() -> None:
    unit = power_back("05:20", cue("tiep-am", "05:00", music("vov", "60m"), late=JOIN, longest="20m"))
    assert unit.became("tiep-am") is Outcome.SKIPPED


@pytest.mark.parametrize(
    ("clock", "outcome"),
    [("05:15", Outcome.AIRED), ("05:16", Outcome.SKIPPED)],
)
def test_a_programme_to_be_heard_whole_starts_late_while_it_would_still_be_on(
    clock: str, outcome: Outcome
) -> None:
    unit = power_back(clock, cue("ban-tin", "05:00", speech("tin", "15m"), late=WHOLE))
    assert unit.became("ban-tin") is outcome


@pytest.mark.parametrize(
    ("clock", "outcome"),
    [("05:10", Outcome.AIRED), ("05:11", Outcome.SKIPPED)],
)
def test_a_short_notice_to_be_heard_whole_starts_late_within_its_grace(clock: str, outcome: Outcome) -> None:
    unit = power_back(clock, cue("thong-bao", "05:00", speech("tin", "20s"), late=WHOLE, grace="10m"))
    assert unit.became("thong-bao") is outcome


def test_what_is_to_be_skipped_is_skipped_when_power_comes_back_in_the_middle() -> None:
    unit = power_back("05:01", cue("bao-thuc", "05:00", music("nhac", "5m"), late=SKIP))
    assert unit.heard == []
    assert unit.became("bao-thuc") is Outcome.SKIPPED


@pytest.mark.parametrize(
    ("clock", "outcome"),
    [("05:00:01", Outcome.AIRED), ("05:00:05", Outcome.AIRED), ("05:00:06", Outcome.SKIPPED)],
)
def test_a_plan_that_arrives_a_moment_after_the_start_is_in_time_even_for_what_is_skipped_when_late(
    clock: str, outcome: Outcome
) -> None:
    wake = plan(cue("bao-thuc", "05:00", music("nhac", "5m"), late=SKIP))
    unit = OneUnit()
    unit.when(clock, PlanArrived(plan=wake, held=wake.clips))
    unit.until("06:00")
    assert unit.became("bao-thuc") is outcome


@pytest.mark.parametrize(("alarm", "outcome"), [("59s", Outcome.AIRED), ("61s", Outcome.SKIPPED)])
def test_a_late_hard_start_waits_its_minute_from_when_power_is_back(alarm: str, outcome: Outcome) -> None:
    laid = plan(cue("quoc-ca", "05:00", music("quoc-ca", "5m"), hard=True))
    unit = OneUnit(on="05:02")
    unit.raise_alert("05:02", "lu-quet", alarm)
    unit.when("05:02", PlanArrived(plan=laid, held=laid.clips | unit.state.held))
    unit.until("06:00")
    assert unit.became("quoc-ca") is outcome


def test_power_back_in_the_middle_of_a_clip_that_is_missing_goes_on_with_the_next_one() -> None:
    laid = cue("nhac", "05:00", *(music(f"bai-{n}", "60s") for n in range(4)), late=JOIN)
    unit = OneUnit(on="05:01:20")
    held = frozenset({laid.clips[0].id, laid.clips[2].id, laid.clips[3].id})
    unit.when("05:01:20", PlanArrived(plan=plan(laid), held=held))
    unit.until("06:00")
    assert unit.heard == ["05:01:20 bai-2 0-60", "05:02:20 bai-3 0-60"]
    assert unit.told("nhac") == (
        Outcome.PARTLY_AIRED,
        "120 of 240 s sounded; 80 s jumped over; left out: bai-1",
    )


def test_power_back_after_a_clip_that_is_missing_joins_at_the_right_sample_of_what_is_there() -> None:
    laid = cue("nhac", "05:00", *(music(f"bai-{n}", "60s") for n in range(3)), late=JOIN)
    unit = OneUnit(on="05:02:20")
    unit.when("05:02:20", PlanArrived(plan=plan(laid), held=frozenset({laid.clips[0].id, laid.clips[2].id})))
    unit.until("06:00")
    assert unit.heard == ["05:02:20 bai-2 20-60"]


def test_power_back_when_only_clips_that_have_passed_are_there_was_not_ready() -> None:
    laid = cue("nhac", "05:00", music("bai-1", "60s"), music("bai-2", "60s"), late=JOIN)
    unit = OneUnit(on="05:01:20")
    unit.when("05:01:20", PlanArrived(plan=plan(laid), held=frozenset({laid.clips[0].id})))
    unit.until("06:00")
    assert unit.became("nhac") is Outcome.NOT_READY


def test_a_morning_spent_in_the_dark_is_told_cue_by_cue_and_only_once() -> None:
    morning = plan(
        *(cue(f"sang-{n}", f"0{n}:00", speech("tin", "5m"), late=WHOLE) for n in range(1, 6)),
        cue("trua", "11:30", speech("tin", "5m")),
    )
    unit = OneUnit(morning, on="08:00")
    unit.when("08:01", PlanArrived(plan=morning, held=morning.clips))
    unit.until("12:00")
    assert [unit.became(f"sang-{n}") for n in range(1, 6)] == [Outcome.SKIPPED] * 5
    assert unit.heard == ["11:30:00 tin 0-300"]


def test_a_cue_recorded_before_the_power_cut_is_neither_played_nor_told_again() -> None:
    laid = plan(cue("ban-tin", "05:00", speech("tin", "15m"), late=WHOLE))
    unit = OneUnit(on="05:16")
    unit.state = fresh(at("05:16"), [Closed(cue=laid.cues[0].id, revision=1, start=at("05:00"))])
    unit.when("05:16", ClockTrusted(trusted=True))
    unit.when("05:16", PlanArrived(plan=laid, held=laid.clips))
    unit.until("06:00")
    assert (unit.heard, unit.horn.closes) == ([], {})


def test_power_back_after_the_allowed_hours_stays_silent() -> None:
    laid = plan(cue("ban-tin", "06:20", speech("tin", "15m")), open=[hours("05:00", "06:30")])
    unit = OneUnit(laid, on="06:31").until("07:00")
    assert unit.heard == []
    assert unit.became("ban-tin") is Outcome.REFUSED


# A crash or a power cut with something on air. ------------------------------------------------------


def crashed(laid: PlannedCue, *, clip: int, offset: int, last: str, back: str) -> OneUnit:
    """A unit that was cut off while it sounded `laid`, after `offset` seconds of its `clip`-th clip."""
    unit = OneUnit(on=back)
    found = FoundOpen(
        cue=laid, revision=1, begun=laid.start, last=at(last), clip=clip, offset=offset * FRAME_RATE
    )
    unit.when(back, found)
    unit.when(back, PlanArrived(plan=plan(laid), held=plan(laid).clips))
    unit.until("09:00")
    return unit


def test_after_a_crash_a_relay_goes_on_at_the_right_sample() -> None:
    laid = cue("tiep-am", "05:00", music("vov", "30m"), late=JOIN)
    unit = crashed(laid, clip=0, offset=300, last="05:05", back="05:05:03")
    assert unit.heard == ["05:05:03 vov 303-1800"]


def test_after_a_crash_in_a_sentence_the_sentence_is_said_again() -> None:
    laid = cue("ban-tin", "05:00", music("nhac", "10s"), speech("tin", "60s"), late=JOIN)
    unit = crashed(laid, clip=1, offset=20, last="05:00:30", back="05:00:33")
    assert unit.heard == ["05:00:33 tin 0-60"]


def test_after_a_crash_a_programme_to_be_heard_whole_starts_over() -> None:
    laid = cue("ban-tin", "05:00", speech("tin-1", "60s"), speech("tin-2", "60s"), late=WHOLE)
    unit = crashed(laid, clip=1, offset=20, last="05:01:20", back="05:01:23")
    assert unit.heard == ["05:01:23 tin-1 0-60", "05:02:23 tin-2 0-60"]


def test_a_unit_that_crashes_again_and_again_does_not_start_over_for_ever() -> None:
    laid = cue("ban-tin", "05:00", speech("tin", "15m"), late=WHOLE)
    unit = crashed(laid, clip=0, offset=5, last="05:15:30", back="05:15:33")
    assert unit.heard == []
    assert unit.told("ban-tin") == (
        Outcome.ABANDONED,
        "broken off by a crash or a power cut and not continued",
    )


@pytest.mark.parametrize(("late", "back"), [(SKIP, "05:05:03"), (JOIN, "05:30"), (WHOLE, "05:31")])
def test_what_its_late_policy_does_not_continue_is_abandoned(late: LatePolicy, back: str) -> None:
    laid = cue("tiep-am", "05:00", music("vov", "30m"), late=late)
    unit = crashed(laid, clip=0, offset=300, last="05:05", back=back)
    assert unit.heard == []
    assert unit.became("tiep-am") is Outcome.ABANDONED


def test_after_a_crash_nothing_sounds_past_its_longest_time() -> None:
    laid = cue("tiep-am", "05:00", music("vov", "30m"), late=JOIN, longest="10m")
    unit = crashed(laid, clip=0, offset=300, last="05:05", back="05:10")
    assert unit.heard == []
    assert unit.became("tiep-am") is Outcome.ABANDONED


def test_what_had_sounded_to_its_last_sample_before_the_crash_only_needs_its_end() -> None:
    laid = cue("ban-tin", "05:00", speech("tin", "60s"), late=WHOLE)
    unit = crashed(laid, clip=0, offset=60, last="05:01", back="05:01:05")
    assert unit.heard == []
    assert len(unit.horn.closes) == 1


def test_an_alert_cut_off_by_a_power_cut_is_given_again_though_the_clock_is_not_trusted_yet() -> None:
    storm = alert("bao", "05:00", speech("bao", "60s"))
    unit = OneUnit(trusted=False, on="04:00")
    unit.when("04:00", ClipsHeld(held=frozenset({storm.clips[0].id})))
    unit.when(
        "04:00", FoundOpen(cue=storm, revision=1, begun=at("05:00"), last=at("05:00:10"), clip=0, offset=9)
    )
    unit.until("06:00")
    assert unit.heard == ["04:00:00 bao 0-60"]


@pytest.mark.parametrize("late", LatePolicy)
def test_an_alert_cut_off_by_a_power_cut_is_given_whatever_its_late_policy_and_the_hour(
    late: LatePolicy,
) -> None:
    storm = alert("bao", "05:00", speech("bao", "60s"), late=late)
    unit = OneUnit(plan(open=[]), on="05:10")
    unit.when("05:10", ClipsHeld(held=frozenset({storm.clips[0].id})))
    unit.when(
        "05:10", FoundOpen(cue=storm, revision=1, begun=at("05:00"), last=at("05:00:10"), clip=0, offset=9)
    )
    unit.until("06:00")
    assert unit.heard == ["05:10:00 bao 0-60"]


# A clock that is not trusted. -----------------------------------------------------------------------


def test_a_unit_that_does_not_know_the_time_holds_its_programmes_and_plays_alerts() -> None:
    laid = plan(cue("ban-tin", "05:00", speech("tin", "15m")))
    unit = OneUnit(laid, trusted=False)
    unit.raise_alert("05:01", "lu-quet", "20s")
    unit.until("07:00")
    assert unit.heard == ["05:01:00 lu-quet 0-20"]
    assert unit.state.on_air is None


@pytest.mark.parametrize(
    ("late", "heard"),
    [(JOIN, ["05:10:00 vov 600-1800"]), (WHOLE, ["05:10:00 vov 0-1800"]), (SKIP, [])],
)
def test_when_the_time_is_known_again_the_late_policy_decides(late: LatePolicy, heard: list[str]) -> None:
    laid = plan(cue("tiep-am", "05:00", music("vov", "30m"), late=late))
    unit = OneUnit(laid, trusted=False)
    unit.when("05:10", ClockTrusted(trusted=True))
    assert unit.until("07:00").heard == heard


def test_what_is_on_air_when_the_time_is_lost_plays_on_and_nothing_follows_it() -> None:
    laid = plan(cue("thoi-su", "05:00", speech("tin", "60s")), cue("sau", "05:00:30", speech("sau", "5s")))
    unit = OneUnit(laid)
    unit.when("05:00:10", ClockTrusted(trusted=False))
    unit.until("05:05")
    assert unit.heard == ["05:00:00 tin 0-60"]
    unit.when("05:05", ClockTrusted(trusted=True))
    unit.until("06:00")
    assert unit.heard[1:] == ["05:05:00 sau 0-5"]


def test_a_unit_that_booted_in_1970_does_not_think_its_alert_over_when_it_learns_the_time() -> None:
    years = timedelta(days=20_000)
    unit = OneUnit(plan(cue("ban-tin", "05:00", speech("tin", "15m"))), trusted=False)
    unit.state = replace(unit.state, now=at("05:05") - years)
    storm = alert("bao", "05:05", speech("bao", "60s"))
    state, _ = step(unit.state, at("05:05") - years, ClipsHeld(held=frozenset({storm.clips[0].id})))
    state, _ = step(state, at("05:05") - years, Raised(cue=storm))
    state, made = step(state, at("05:05:20"), ClockTrusted(trusted=True, shift=years))
    assert made == ()
    assert state.on_air is not None
    assert (state.on_air.cue, state.on_air.end) == (storm, at("05:06"))
    _, made = step(state, at("05:06:01"))
    assert [type(decision) for decision in made] == [Close]  # the alert; no clip of the programme is held


def test_an_alert_heard_of_late_is_joined_to_the_very_frame() -> None:
    storm = alert("bao", "05:00", speech("bao", "60s"), late=JOIN)
    unit = OneUnit(plan())
    unit.when("05:00:10.5", ClipsHeld(held=frozenset({storm.clips[0].id})))
    unit.when("05:00:10.5", Raised(cue=storm))
    unit.until("06:00")
    assert unit.heard == ["05:00:10.5 bao 10.5-60"]


def test_an_alert_heard_of_after_it_sounded_elsewhere_is_given_whole_while_it_is_in_force() -> None:
    storm = alert("bao", "05:00", speech("bao", "60s"), late=JOIN, expires="06:00")
    unit = OneUnit(plan())
    unit.when("05:20", ClipsHeld(held=frozenset({storm.clips[0].id})))
    unit.when("05:20", Raised(cue=storm))
    unit.until("06:00")
    assert unit.heard == ["05:20:00 bao 0-60"]


def test_an_alert_starts_on_its_instant_so_that_all_units_are_in_step() -> None:
    storm = alert("bao", "05:00:00.75", speech("bao", "60s"))
    unit = OneUnit(plan(cue("thoi-su", "05:00", speech("tin", "60s"))))
    unit.when("05:00:00.1", ClipsHeld(held=unit.state.held | {storm.clips[0].id}))
    unit.when("05:00:00.1", Raised(cue=storm))
    assert unit.playing == "thoi-su"
    unit.until("05:00:01")
    assert unit.horn.on == Begin(cue=storm, at=at("05:00:00.75"), clip=0, offset=0, revision=1)


def test_an_alert_to_be_heard_whole_is_begun_at_its_first_word_however_late() -> None:
    storm = alert("bao", "05:00", speech("bao", "60s"), late=WHOLE)
    unit = OneUnit(plan())
    unit.when("05:00:10", ClipsHeld(held=frozenset({storm.clips[0].id})))
    unit.when("05:00:10", Raised(cue=storm))
    unit.until("06:00")
    assert unit.heard == ["05:00:10 bao 0-60"]


def test_an_alert_heard_of_after_its_longest_time_is_not_joined_where_nobody_else_hears_it() -> None:
    storm = replace(alert("bao", "05:00", speech("bao", "60s")), max=timedelta(seconds=30))
    unit = OneUnit(plan())
    unit.when("05:00:40", ClipsHeld(held=frozenset({storm.clips[0].id})))
    unit.when("05:00:40", Raised(cue=storm))
    unit.until("06:00")
    assert unit.heard == ["05:00:40 bao 0-30"]


def test_an_alert_that_waits_its_turn_has_no_grace_to_run_out() -> None:
    storm = alert("bao", "05:00", speech("bao", "30s"), severity=1)
    unit = OneUnit(plan(replace(storm, grace=timedelta(0))))
    unit.raise_alert("04:59", "vo-dap", "5m", severity=4)
    unit.until("06:00")
    assert unit.heard == ["04:59:00 vo-dap 0-300", "05:04:00 bao 0-30"]


@pytest.mark.parametrize("late", LatePolicy)
def test_a_planned_alert_is_never_too_late(late: LatePolicy) -> None:
    storm = alert("bao", "05:00", speech("bao", "30s"), late=late)
    unit = OneUnit(plan(storm, open=[]), on="07:00").until("08:00")
    assert unit.heard == ["07:00:00 bao 0-30"]


@pytest.mark.parametrize("days", [timedelta.max, timedelta.min])
def test_no_length_is_too_long_for_the_calendar(days: timedelta) -> None:
    laid = plan(
        replace(cue("thoi-su", "05:00", speech("tin", "60s")), grace=days, max=abs(timedelta(days=999_999)))
    )
    unit = OneUnit(laid).until("06:00")
    assert unit.became("thoi-su") is Outcome.AIRED
    state, _ = step(unit.state, unit.state.now, ClockTrusted(trusted=False, shift=days))
    assert step(state, at("06:00"))[1] == ()
