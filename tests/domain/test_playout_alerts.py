"""An alert of several rounds on one unit: its versions, its end, its gaps, its drills, and its laws."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.alert import AlertCall, Severity, is_drill, missed, rounds
from broadcaster.domain.asrun import Ending, Outcome
from broadcaster.domain.names import CueId, ProgrammeId
from broadcaster.domain.plan import Clip, PlannedCue
from broadcaster.domain.playout import (
    KEPT,
    Begin,
    Cease,
    Cleared,
    ClipsHeld,
    ClockTrusted,
    Close,
    Closed,
    FoundOpen,
    Playout,
    Raised,
    next_instant,
    step,
)
from broadcaster.domain.programme import Rank
from tests.domain.oneunit import OneUnit, at, cue, hours, length, plan, speech
from tests.domain.test_playout_laws import ALERTS, CLIPS, LATE, Day, days, law, lived, moments

SIREN = speech("coi", "10s")
WORDS = speech("loi", "20s")
NEWS = cue("thoi-su", "05:00", speech("tin", "5m"))


def flood(
    start: str = "05:00:30",
    *clips: Clip,
    version: int = 1,
    severity: Severity = Severity.SEVERE,
    repeats: int = 3,
    gap: str = "10s",
    expires: str = "08:00",
    nominal: str = "2026-11-22T12:00:30",
) -> AlertCall:
    return AlertCall(
        cue=CueId(f"lu@{nominal}"),
        version=version,
        title=f"lu {version}",
        severity=severity,
        start=at(start),
        expires=at(expires),
        clips=clips or (SIREN,),
        repeats=repeats,
        gap=length(gap),
    )


def hears(unit: OneUnit, clock: str, call: AlertCall) -> None:
    """The alert, and its sound with it."""
    unit.when(clock, ClipsHeld(held=unit.state.held | {clip.id for clip in call.clips}))
    planned, over = rounds(call, at(clock)), missed(call, at(clock))
    unit.when(clock, Raised(cue=planned[0], later=planned[1:], missed=over))


def lines(unit: OneUnit) -> list[tuple[str, Ending, str]]:
    """The second that names it, how it ended and why, of every round."""
    closes = unit.horn.closes.items()
    return [(str(name)[-2:], close.ending, close.reason) for name, close in closes if name.startswith("lu@")]


def test_the_rounds_of_an_alert_sound_at_their_instants_and_each_has_its_line() -> None:
    unit = OneUnit(plan())
    hears(unit, "05:00:29", flood())
    unit.until("06:00")
    assert unit.heard == ["05:00:30 coi 0-10", "05:00:50 coi 0-10", "05:01:10 coi 0-10"]
    assert lines(unit) == [("30", Ending.ENDED, ""), ("50", Ending.ENDED, ""), ("10", Ending.ENDED, "")]


def test_a_unit_that_hears_of_an_alert_in_its_second_round_has_a_line_for_the_first_as_well() -> None:
    unit = OneUnit(plan())
    hears(unit, "05:00:52", flood())
    unit.until("06:00")
    assert unit.heard == ["05:00:52 coi 2-10", "05:01:10 coi 0-10"]
    late = ("30", Ending.LATE, "it was over when this unit heard of it")
    assert lines(unit) == [late, ("50", Ending.ENDED, ""), ("10", Ending.ENDED, "")]


def test_a_unit_that_was_away_for_all_of_it_says_all_rounds_now_and_misses_none() -> None:
    unit = OneUnit(plan())
    hears(unit, "05:10", flood())
    unit.until("06:00")
    assert unit.heard == ["05:10:00 coi 0-10", "05:10:20 coi 0-10", "05:10:40 coi 0-10"]
    assert [ending for _, ending, _ in lines(unit)] == [Ending.ENDED] * 3


def test_a_short_gap_between_rounds_is_silence_and_a_long_one_frees_the_air() -> None:
    short, long = OneUnit(plan(NEWS)), OneUnit(plan(NEWS))
    hears(short, "05:00:29", flood(repeats=2, gap="20s"))
    hears(long, "05:00:29", flood(repeats=2, gap="40s"))
    assert short.until("05:02").heard[1:] == ["05:00:30 coi 0-10", "05:01:00 coi 0-10"]
    # It plays on until the round, though nothing else might begin within the last seconds.
    assert long.until("05:02").heard[1:] == ["05:00:30 coi 0-10", "05:00:40 tin 0-40", "05:01:20 coi 0-10"]


def test_what_falls_due_in_a_short_gap_waits_and_loses_nothing_of_its_grace() -> None:
    unit = OneUnit(plan(cue("tin", "05:00:45", speech("tin", "5s"), grace="1s")))
    hears(unit, "05:00:29", flood(repeats=3))
    unit.until("06:00")
    assert unit.heard[-1] == "05:01:20 tin 0-5"


def test_a_round_of_which_nothing_is_here_keeps_the_air_from_nobody() -> None:
    unit = OneUnit(plan(cue("tin", "05:00:25", speech("tin", "2s"))))
    planned = rounds(flood(), at("05:00"))
    unit.when("05:00:20", Raised(cue=planned[0], later=planned[1:]))
    assert unit.until("05:00:28").heard == ["05:00:25 tin 0-2"]


def test_a_newer_version_ends_what_sounds_at_its_first_sample_and_all_that_was_to_come() -> None:
    unit = OneUnit(plan(NEWS))
    hears(unit, "05:00:29", flood())
    hears(unit, "05:00:33", flood("05:00:35", WORDS, version=2, repeats=1, nominal="2026-11-22T12:00:35"))
    unit.until("05:01:30")
    assert unit.heard[1:3] == ["05:00:30 coi 0-5", "05:00:35 loi 0-20"]
    assert lines(unit) == [("30", Ending.CANCELLED, "replaced by version 2"), ("35", Ending.ENDED, "")]
    assert unit.playing == "thoi-su"


def test_a_newer_version_ends_what_waits_behind_a_graver_alert() -> None:
    unit = OneUnit(plan())
    unit.raise_alert("05:00:20", "vo-dap", "40s", severity=4)
    hears(unit, "05:00:29", flood(repeats=1))
    hears(unit, "05:00:40", flood("05:00:41", WORDS, version=2, repeats=1, nominal="2026-11-22T12:00:41"))
    unit.until("06:00")
    assert unit.heard == ["05:00:20 vo-dap 0-40", "05:01:00 loi 0-20"]
    assert lines(unit)[0] == ("30", Ending.CANCELLED, "replaced by version 2")


def test_an_all_clear_takes_over_though_it_is_less_grave_than_what_it_ends() -> None:
    unit = OneUnit(plan())
    hears(unit, "05:00:29", flood(severity=Severity.EXTREME))
    clear = flood("05:00:33", WORDS, version=2, repeats=1, severity=Severity.MODERATE)
    hears(unit, "05:00:32", replace(clear, cue=CueId("lu@2026-11-22T12:00:33")))
    assert unit.until("06:00").heard == ["05:00:30 coi 0-3", "05:00:33 loi 0-20"]


def test_what_its_newer_version_is_about_to_replace_keeps_a_graver_alert_from_the_air_no_longer() -> None:
    unit = OneUnit(plan())
    hears(unit, "05:00:29", flood(severity=Severity.EXTREME, repeats=1))
    unit.raise_alert("05:00:31", "bao", "5s", severity=3)
    hears(unit, "05:00:32", flood("05:00:33", WORDS, version=2, repeats=1, severity=Severity.MODERATE))
    unit.until("06:00")
    assert unit.heard == ["05:00:30 coi 0-3", "05:00:33 bao 0-5", "05:00:38 loi 0-20"]


@pytest.mark.parametrize("version", [1, 2])
def test_a_version_that_is_not_newer_changes_nothing(version: int) -> None:
    unit = OneUnit(plan())
    hears(unit, "05:00:29", flood(version=2, repeats=1))
    before = unit.state
    hears(unit, "05:00:29", flood("05:00:29", WORDS, version=version, nominal="2026-11-22T12:00:29"))
    assert unit.state.raised == before.raised
    assert unit.until("06:00").heard == ["05:00:30 coi 0-10"]


def test_versions_that_would_have_one_name_have_two_lines_with_two_names_also_after_a_restart() -> None:
    unit = OneUnit(plan())
    hears(unit, "05:00:29", flood(repeats=1))
    unit.until("05:00:45")
    hears(unit, "05:00:50", flood("05:00:51", version=2, repeats=2))
    unit.until("05:01:05")
    assert [name for name, _, _ in lines(unit)] == ["30", "31"]
    closed = [Closed(cue=n, revision=c.revision, start=c.cue.start) for n, c in unit.horn.closes.items()]
    again = OneUnit(plan(), on="05:01:05")
    again.state = replace(again.state, closed=tuple(closed))
    hears(again, "05:01:05", flood("05:00:51", version=2, repeats=2))
    again.until("06:00")
    assert again.heard == ["05:01:11 coi 0-10"]
    assert len({*unit.horn.closes, *again.horn.closes}) == 3


def test_a_cleared_alert_falls_silent_at_once_and_stays_so() -> None:
    unit = OneUnit(plan(NEWS))
    hears(unit, "05:00:29", flood())
    unit.when("05:00:35", Cleared(cue=None, by="anh Ba", alert=ProgrammeId("lu"), version=2))
    hears(unit, "05:00:36", flood("05:00:36", version=2, nominal="2026-11-22T12:00:36"))
    unit.until("05:02")
    assert unit.heard[:2] == ["05:00:00 tin 0-30", "05:00:30 coi 0-5"]
    assert unit.playing == "thoi-su"
    assert lines(unit) == [("30", Ending.STOPPED, "cleared by anh Ba")]


def test_a_clear_that_comes_first_silences_what_comes_after_but_not_what_is_newer() -> None:
    unit = OneUnit(plan())
    unit.when("05:00", Cleared(cue=None, by="anh Ba", alert=ProgrammeId("lu"), version=2))
    hears(unit, "05:00:29", flood(version=2, repeats=1))
    hears(unit, "05:01", flood("05:01:01", version=3, repeats=1, nominal="2026-11-22T12:01:01"))
    assert unit.until("06:00").heard == ["05:01:01 coi 0-10"]


def test_on_a_clock_nobody_trusts_the_first_round_sounds_at_once_and_the_others_keep_their_distance() -> None:
    unit = OneUnit(trusted=False, on="01:00")
    unit.when("01:00", ClipsHeld(held=frozenset({SIREN.id})))
    planned = rounds(flood(), at("05:00:30"))
    unit.when("01:00", Raised(cue=planned[0], later=planned[1:]))
    shifted, _ = step(unit.state, at("02:00:12"), ClockTrusted(trusted=False, shift=length("1h")))
    assert [coming.due for coming in shifted.raised] == [at("02:00:20"), at("02:00:40")]
    unit.until("03:00")
    assert unit.heard == ["01:00:00 coi 0-10", "01:00:20 coi 0-10", "01:00:40 coi 0-10"]


def test_when_the_time_is_known_again_the_rounds_to_come_are_in_step_with_the_neighbours() -> None:
    unit = OneUnit(trusted=False, on="01:00")
    unit.when("01:00", ClipsHeld(held=frozenset({SIREN.id})))
    planned = rounds(flood(), at("05:00:33"))
    unit.when("01:00", Raised(cue=planned[0], later=planned[1:]))
    shift = at("05:00:38") - at("01:00:05")
    state, _ = step(unit.state, at("05:00:38"), ClockTrusted(trusted=True, shift=shift))
    assert [coming.due for coming in state.raised] == [at("05:00:50"), at("05:01:10")]
    assert state.on_air is not None


def test_a_round_that_waits_when_the_next_one_comes_is_over_so_that_nobody_hears_three_in_a_row() -> None:
    unit = OneUnit(plan())
    unit.raise_alert("05:00:20", "vo-dap", "45s", severity=4)
    hears(unit, "05:00:29", flood(repeats=3))
    unit.until("06:00")
    assert unit.heard == ["05:00:20 vo-dap 0-45", "05:01:05 coi 0-10", "05:01:15 coi 0-10"]
    assert lines(unit)[0] == ("30", Ending.LATE, "the next round of it came while it waited")


def test_a_drill_sounds_in_the_hours_gives_way_to_every_alert_and_ends_with_the_hours() -> None:
    unit = OneUnit(plan(open=[hours("05:00", "05:01")]))
    hears(unit, "05:00:29", flood(severity=Severity.MINOR))
    unit.raise_alert("05:00:31", "bao", "5s", severity=2)
    hears(
        unit,
        "05:00:40",
        replace(flood("05:00:55", WORDS, severity=Severity.MINOR), cue=CueId("dt@2026-11-22T12:00:55")),
    )
    unit.until("06:00")
    assert unit.heard[:4] == [
        "05:00:30 coi 0-1",
        "05:00:31 bao 0-5",
        "05:00:36 coi 0-10",
        "05:00:50 coi 0-10",
    ]
    assert unit.ended("lu 1") <= at("05:01:10")
    assert {close.ending for close in unit.horn.closes.values()} == {
        Ending.ENDED,
        Ending.HOURS_OVER,
        Ending.OUTSIDE_HOURS,
    }


@pytest.mark.parametrize("known", ["no plan", "no time", "closed"])
def test_a_drill_is_silent_where_the_hours_are_not_known_or_closed(known: str) -> None:
    unit = OneUnit(
        None if known == "no plan" else plan(open=[hours("17:00", "18:00")]), trusted=known != "no time"
    )
    hears(unit, "05:00:29", flood(severity=Severity.MINOR, repeats=1))
    unit.until("06:00")
    assert unit.heard == []
    assert unit.told("lu 1")[0] is Outcome.REFUSED


def test_a_drill_takes_the_air_from_no_alert_that_is_meant_though_it_bears_its_name() -> None:
    unit = OneUnit(plan())
    hears(unit, "05:00:29", flood(repeats=1))
    hears(unit, "05:00:31", flood("05:00:32", WORDS, version=2, severity=Severity.MINOR))
    assert unit.until("06:00").heard == ["05:00:30 coi 0-10"]


def test_what_a_crash_broke_off_does_not_come_back_when_it_was_replaced_or_cleared() -> None:
    for newer in (
        Raised(cue=rounds(flood(version=2, nominal="2026-11-22T12:00:39"), at("05:00"))[0]),
        Cleared(cue=None, by="anh Ba", alert=ProgrammeId("lu"), version=2),
    ):
        unit = OneUnit(plan(), on="05:00:40")
        old = rounds(flood(), at("05:00"))[0]
        found = FoundOpen(cue=old, revision=1, begun=old.start, last=at("05:00:35"), clip=0, offset=1)
        unit.when("05:00:40", newer)
        unit.when("05:00:40", found)
        unit.when("05:00:41", ClipsHeld(held=frozenset({SIREN.id})))
        assert [sound.cue.version for sound in unit.until("06:00").horn.sounds] in ([2], [])
        assert unit.horn.closes[old.id].ending in (Ending.CANCELLED, Ending.STOPPED)


# Laws. ----------------------------------------------------------------------------------------------


@law
@given(days(), st.sampled_from(ALERTS), st.integers(1, 4), moments)
def test_after_a_clear_nothing_of_the_alert_up_to_its_version_sounds(
    day: Day, name: CueId, version: int, moment: datetime
) -> None:
    clear = Cleared(cue=None, by="anh Ba", alert=name.programme, version=version)
    day = sorted([*day, (moment, clear)], key=lambda pair: pair[0])
    for sound in _sounds(day):
        if sound[0].id.programme == name.programme and sound[0].version <= version:
            assert sound[1] <= moment


@law
@given(days(), st.sampled_from(ALERTS), moments)
def test_once_a_newer_version_is_raised_no_round_of_an_older_one_begins(
    day: Day, name: CueId, moment: datetime
) -> None:
    newest = replace(
        rounds(flood(version=9, repeats=1), at("05:00"))[0], id=name, start=moment, severity=4, expires=None
    )
    storm = Raised(cue=replace(newest, clips=(Clip(id=CLIPS[0], frames=48_000, joins=False),)))
    day = sorted([*day, (moment, storm)], key=lambda pair: pair[0])
    old = [begin for cue, begin in _sounds(day) if cue.id.programme == name.programme and cue.version < 9]
    assert all(begin <= moment for begin in old)


@law
@given(days(), moments, st.integers(1, 4), st.integers(0, 60))
def test_every_round_of_an_alert_in_force_comes_to_exactly_one_end(
    day: Day, moment: datetime, repeats: int, gap: int
) -> None:
    call = replace(flood(repeats=repeats, gap=f"{gap}s"), start=moment, expires=LATE)
    planned = rounds(call, moment)
    end = max([moment, *(moment for moment, _ in day)])
    storm: Day = [(moment, ClipsHeld(held=frozenset({*CLIPS, SIREN.id}))), (moment, _raised(planned))]
    known: Day = [(end, ClipsHeld(held=frozenset({*CLIPS, SIREN.id}))), (end, ClockTrusted(trusted=True))]
    cleared = any(isinstance(what, Cleared) and what.cue is None for _, what in day)
    _, decisions = lived([*sorted([*day, *storm], key=lambda pair: pair[0]), *known], [LATE])
    closes = [one.cue.id for one in decisions if isinstance(one, Close)]
    assert all(closes.count(cue.id) == 1 or cleared for cue in planned)
    assert all(closes.count(cue.id) <= 1 for cue in planned)


def _raised(planned: tuple[PlannedCue, ...]) -> Raised:
    return Raised(cue=planned[0], later=planned[1:])


@law
@given(days())
def test_nothing_but_an_emergency_begins_just_before_a_round(day: Day) -> None:
    state, _ = lived(day)
    while (due := next_instant(state)) is not None and due <= LATE:
        state, made = step(state, due)
        near = [
            coming
            for coming in state.raised
            if due < coming.due <= due + KEPT and not is_drill(coming.cue) and _has_sound(coming.cue, state)
        ]
        begun = [one for one in made if isinstance(one, Begin) and one.cue.rank is not Rank.EMERGENCY]
        assert not (near and begun)


def _has_sound(cue: PlannedCue, state: Playout) -> bool:
    return any(clip.id in state.held for clip in cue.clips)


def _sounds(day: Day) -> list[tuple[PlannedCue, datetime]]:
    """What began when; what was begun and ceased at one instant nobody heard."""
    _, decisions = lived(day, [LATE])
    ceased = {(one.cue.id, one.at) for one in decisions if isinstance(one, Cease)}
    begun = [one for one in decisions if isinstance(one, Begin)]
    return [(one.cue, one.at) for one in begun if (one.cue.id, one.at) not in ceased]
