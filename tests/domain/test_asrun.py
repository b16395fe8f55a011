"""What became of each cue, and what does not agree between what was meant and what was recorded."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.asrun import (
    OUTCOMES,
    SILENCE,
    AsRunEntry,
    Ending,
    Kind,
    Meant,
    Outcome,
    Stretch,
    outcome_of,
    reconcile,
)
from broadcaster.domain.names import CueId, UnitId
from tests.domain.oneunit import at, length

BEN, CHO = UnitId("loa-ben"), UnitId("loa-cho")
NEWS, MUSIC = CueId("thoi-su@2026-11-22T05:00:00"), CueId("van-nghe@2026-11-22T05:30:00")
MINUTE = timedelta(minutes=1)


# Outcomes. ------------------------------------------------------------------------------------------


def outcome(ending: Ending, played: str = "60s", **more: object) -> tuple[Outcome, str]:
    return outcome_of(ending, asked=MINUTE, played=length(played), **more)  # type: ignore[arg-type]


def test_what_sounded_whole_has_aired_and_needs_no_reason() -> None:
    assert outcome(Ending.ENDED) == (Outcome.AIRED, "")


@pytest.mark.parametrize("played", ["59s", "60s", "60.9s", "95s"])
def test_a_sound_card_that_runs_a_little_fast_or_slow_has_aired_it(played: str) -> None:
    assert outcome(Ending.ENDED, played)[0] is Outcome.AIRED


def test_a_second_missing_from_a_short_notice_is_not_a_little() -> None:
    told = outcome_of(Ending.ENDED, asked=length("2s"), played=length("1s"))
    assert told == (Outcome.PARTLY_AIRED, "1 of 2 s sounded")


def test_what_was_left_out_makes_it_partly_aired_though_all_the_rest_sounded() -> None:
    told = outcome(Ending.ENDED, missing=("tin-2", "loi-ket"))
    assert told == (Outcome.PARTLY_AIRED, "60 of 60 s sounded; left out: tin-2, loi-ket")


def test_music_jumped_over_is_not_made_up_for_by_speech_that_was_begun_again() -> None:
    told = outcome(Ending.ENDED, "80s", passed=length("30s"))
    assert told == (Outcome.PARTLY_AIRED, "60 of 60 s sounded; 30 s jumped over")


def test_a_second_jumped_over_is_the_clock_and_not_the_cue() -> None:
    assert outcome(Ending.ENDED, passed=length("1s")) == (Outcome.AIRED, "")
    assert outcome(Ending.ENDED, "50s", passed=length("1s")) == (Outcome.PARTLY_AIRED, "50 of 60 s sounded")


def test_a_plan_that_was_carried_out_in_silence_has_failed() -> None:
    assert outcome(Ending.ENDED, "0s") == (Outcome.FAILED, "the loudspeaker took no sound")


@pytest.mark.parametrize(
    ("ending", "sounded", "silent"),
    [
        (Ending.ENDED, Outcome.AIRED, Outcome.FAILED),
        (Ending.PASSED, Outcome.PARTLY_AIRED, Outcome.SKIPPED),
        (Ending.OVER_MAX, Outcome.PARTLY_AIRED, Outcome.FAILED),
        (Ending.HOURS_OVER, Outcome.CUT_SHORT, Outcome.REFUSED),
        (Ending.OUTSIDE_HOURS, Outcome.CUT_SHORT, Outcome.REFUSED),
        (Ending.EXPIRED, Outcome.CUT_SHORT, Outcome.REFUSED),
        (Ending.TAKEN_OVER, Outcome.CUT_SHORT, Outcome.SKIPPED),
        (Ending.STOPPED, Outcome.CUT_SHORT, Outcome.CANCELLED),
        (Ending.CANCELLED, Outcome.CUT_SHORT, Outcome.CANCELLED),
        (Ending.LATE, Outcome.CUT_SHORT, Outcome.SKIPPED),
        (Ending.NOTHING_HELD, Outcome.PARTLY_AIRED, Outcome.NOT_READY),
        (Ending.FAULTED, Outcome.FAILED, Outcome.FAILED),
        (Ending.NOT_CONTINUED, Outcome.ABANDONED, Outcome.ABANDONED),
    ],
)
def test_each_ending_has_its_outcome_with_and_without_sound(
    ending: Ending, sounded: Outcome, silent: Outcome
) -> None:
    assert (outcome(ending)[0], outcome(ending, "0s")[0]) == (sounded, silent)


def test_no_ending_is_without_an_outcome() -> None:
    assert OUTCOMES.keys() == set(Ending)


@pytest.mark.parametrize("ending", Ending)
def test_samples_that_were_silence_were_heard_by_nobody_however_it_ended(ending: Ending) -> None:
    kind, reason = outcome(ending, silent=True, reason="stopped by Lan", missing=("chime gong",))
    assert kind is Outcome.FAILED
    assert reason == f"stopped by Lan; {SILENCE}; left out: chime gong"
    assert outcome(ending, "0s", silent=True) == outcome(ending, "0s"), "then there were no samples"


@settings(deadline=None)
@given(
    st.sampled_from(Ending),
    st.timedeltas(timedelta(0), timedelta(hours=3)),
    st.timedeltas(timedelta(0), timedelta(hours=3)),
    st.timedeltas(timedelta(0), timedelta(hours=3)),
    st.lists(st.text(min_size=1), max_size=2).map(tuple),
    st.text(max_size=9),
)
def test_every_outcome_makes_a_line_that_can_be_written(
    ending: Ending,
    asked: timedelta,
    played: timedelta,
    passed: timedelta,
    missing: tuple[str, ...],
    reason: str,
) -> None:
    result, why = outcome_of(
        ending, asked=asked, played=played, missing=missing, passed=passed, reason=reason
    )
    sounded = (Stretch(begin=at("05:00"), length=played),) if played else ()
    assert line(outcome=result, reason=why, stretches=sounded).outcome is result
    assert (result is Outcome.AIRED) == (why == "")
    assert result is not Outcome.AIRED or (not missing and played >= asked - timedelta(seconds=1))


# Reconcile. -----------------------------------------------------------------------------------------


def line(
    cue: CueId = NEWS,
    unit: UnitId = BEN,
    planned: str = "05:00",
    outcome: Outcome = Outcome.AIRED,
    reason: str = "",
    stretches: Iterable[Stretch] | None = None,
) -> AsRunEntry:
    whole = (Stretch(begin=at(planned), length=MINUTE),)
    return AsRunEntry(
        unit=unit,
        cue=cue,
        title="",
        revision=1,
        outcome=outcome,
        planned=at(planned),
        ended=at(planned) + MINUTE,
        asked=MINUTE,
        stretches=whole if stretches is None else tuple(stretches),
        reason=reason,
    )


def stretch(begin: str, long: str) -> Stretch:
    return Stretch(begin=at(begin), length=length(long))


def meant(cue: CueId = NEWS, unit: UnitId = BEN, planned: str = "05:00") -> Meant:
    return Meant(unit=unit, cue=cue, planned=at(planned), length=MINUTE)


def test_a_day_that_went_as_planned_has_no_discrepancy() -> None:
    day = [meant(), meant(MUSIC, planned="05:30"), meant(unit=CHO)]
    lines = [line(), line(MUSIC, planned="05:30"), line(unit=CHO)]
    assert reconcile(day, lines, at("23:00")) == ()


def test_a_cue_that_may_still_be_sounding_is_not_missing() -> None:
    assert reconcile([meant()], [], at("05:00:59")) == ()


def test_a_line_is_missing_from_the_instant_its_cue_should_have_ended() -> None:
    (fault,) = reconcile([meant()], [], at("05:01"))
    assert (fault.kind, fault.age) == (Kind.MISSING, timedelta(0))


def test_a_missing_line_is_told_with_its_age() -> None:
    (fault,) = reconcile([meant()], [], at("06:01"))
    assert (fault.kind, fault.unit, fault.cue, fault.age) == (Kind.MISSING, BEN, NEWS, timedelta(hours=1))


@pytest.mark.parametrize(("days", "kind"), [(7.99, Kind.MISSING), (8, Kind.NOT_REPORTED)])
def test_after_eight_days_of_silence_the_line_not_reported_is_due(days: float, kind: Kind) -> None:
    (fault,) = reconcile([meant()], [], at("05:01") + timedelta(days=days))
    assert fault.kind is kind


def test_a_line_for_what_that_unit_was_not_meant_to_hear_is_told() -> None:
    (fault,) = reconcile([meant()], [line(), line(unit=CHO)], at("06:00"))
    assert (fault.kind, fault.unit, fault.entries) == (Kind.UNPLANNED, CHO, (line(unit=CHO),))


def test_the_same_line_told_twice_is_one_line() -> None:
    assert reconcile([meant()], [line(), line()], at("06:00")) == ()


def test_two_different_lines_for_one_cue_of_one_unit_are_told() -> None:
    other = line(outcome=Outcome.SKIPPED, reason="late", stretches=())
    (fault,) = reconcile([meant()], [line(), other], at("06:00"))
    assert (fault.kind, fault.entries) == (Kind.TWICE, (line(), other))


def test_not_reported_gives_way_to_what_the_unit_reports_after_all() -> None:
    silent = line(outcome=Outcome.NOT_REPORTED, reason="silent for 8 days", stretches=())
    assert reconcile([meant()], [silent, line()], at("23:00")) == ()


def test_what_sounded_before_its_time_is_told() -> None:
    early = line(stretches=[stretch("04:59:50", "60s")])
    (fault,) = reconcile([meant()], [early], at("06:00"))
    assert fault.kind is Kind.EARLY


def test_a_second_before_its_time_is_the_clock_and_not_early() -> None:
    assert reconcile([meant()], [line(stretches=[stretch("04:59:59", "60s")])], at("06:00")) == ()


def test_each_cue_that_sounded_into_a_long_one_is_told() -> None:
    third = CueId("lich@2026-11-22T05:50:00")
    long = line(stretches=[stretch("05:00", "60m")])
    others = (line(MUSIC, planned="05:30"), line(third, planned="05:50"))
    day = [meant(), meant(MUSIC, planned="05:30"), meant(third, planned="05:50")]
    faults = reconcile(day, [long, *others], at("07:00"))
    assert [fault.entries for fault in faults] == [(long, others[0]), (long, others[1])]


def test_two_cues_that_sounded_together_on_one_unit_are_told() -> None:
    long = line(stretches=[stretch("05:00", "40m")])
    other = line(MUSIC, planned="05:30")
    (fault,) = reconcile([meant(), meant(MUSIC, planned="05:30")], [other, long], at("06:00"))
    assert (fault.kind, fault.entries) == (Kind.TWO_AT_ONCE, (long, other))


def test_a_programme_around_an_alert_and_cues_that_touch_are_not_two_at_once() -> None:
    around = line(stretches=[stretch("05:00", "20s"), stretch("05:00:30", "40s")])
    alert = line(MUSIC, planned="05:00:20", stretches=[stretch("05:00:20", "10.02s")])
    silent = line(unit=CHO, outcome=Outcome.NOT_READY, reason="no clip", stretches=())
    day = [meant(), meant(MUSIC, planned="05:00:20"), meant(unit=CHO)]
    assert reconcile(day, [around, alert, silent], at("06:00")) == ()


def test_two_units_may_sound_at_the_same_time() -> None:
    assert reconcile([meant(), meant(unit=CHO)], [line(), line(unit=CHO)], at("06:00")) == ()


def test_the_oldest_discrepancy_comes_first() -> None:
    faults = reconcile([meant(MUSIC, planned="05:30"), meant(unit=CHO), meant()], [], at("06:31"))
    assert [(fault.cue, fault.unit) for fault in faults] == [(NEWS, BEN), (NEWS, CHO), (MUSIC, BEN)]


@settings(deadline=None)
@given(st.sets(st.tuples(st.sampled_from([BEN, CHO]), st.integers(0, 23)), max_size=12))
def test_whatever_was_meant_and_has_a_line_agrees_and_the_rest_is_told(said: set[tuple[UnitId, int]]) -> None:
    day = {
        (unit, hour): meant(CueId(f"tin@2026-11-22T{hour:02}:00:00"), unit, f"{hour}:00")
        for unit in (BEN, CHO)
        for hour in range(24)
    }
    lines = [line(day[key].cue, key[0], f"{key[1]}:00") for key in said]
    faults = reconcile(day.values(), lines, at("23:59"))
    assert {(fault.unit, fault.cue) for fault in faults} == {
        (one.unit, one.cue) for key, one in day.items() if key not in said
    }
    assert reconcile(day.values(), lines, at("23:59")) == reconcile(
        reversed(list(day.values())), reversed(lines), at("23:59")
    )


# Lines. ---------------------------------------------------------------------------------------------


def test_a_line_gives_the_time_that_sounded_and_when_it_began() -> None:
    entry = line(stretches=[stretch("05:00:01", "20s"), stretch("05:01", "39.5s")])
    assert (entry.started, entry.played) == (at("05:00:01"), length("59.5s"))
    assert replace(entry, outcome=Outcome.FAILED, reason="broken", stretches=()).started is None


def test_a_line_that_contradicts_itself_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="reason"):
        line(outcome=Outcome.SKIPPED)
    with pytest.raises(ValueError, match="sounded"):
        line(stretches=())
    with pytest.raises(ValueError, match="less than nothing"):
        stretch("05:00", "-1s")
    assert stretch("05:00", "0s").end == at("05:00")
