"""Whole days of the sample commune: what was meant is what was heard, whoever dies meanwhile."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.instants import Spell
from broadcaster.domain.plan import length_of
from broadcaster.horn.player import Heard
from tests.days.hours import local
from tests.days.laws import assert_told_truly
from tests.days.office import Death
from tests.days.village import SAMPLE_UNITS, Village, sample_commune

RELAY = "thoi-su-tieng-noi-viet-nam"
"""Its else sounds for now, which is shorter than the relay that was meant."""

DAY = Spell(begin=local("00:00"), end=local("00:00") + timedelta(days=1))


@pytest.fixture
def village(disks: Path) -> Village:
    return Village(sample_commune(disks / "station"), disks, DAY.begin)


def assert_all_was_heard_once(village: Village) -> None:
    """Each cue on each unit, whole, at its instant, in one line and one piece."""
    rundown, asrun = village.rundown(DAY), village.asrun()
    starts = {(line.cue, unit): line.start for line in rundown for unit in SAMPLE_UNITS}
    assert len(starts) == 5 * 3
    assert {(entry.cue, entry.unit): entry.started for entry in asrun} == starts
    assert {entry.outcome for entry in asrun} == {Outcome.AIRED}
    assert all(entry.played == entry.asked and len(entry.stretches) == 1 for entry in asrun)
    assert village.office.store.asrun.conflicts() == ()
    assert village.discrepancies(DAY) == ()


def test_after_a_whole_day_the_as_run_log_equals_the_rundown(village: Village) -> None:
    village.run_until(DAY.end)
    rundown = village.rundown(DAY)
    assert [line.title for line in rundown] == [
        "Bản tin sáng",
        "Nhạc quê hương",
        "Bản tin chiều",
        "Tiếp âm thời sự Đài Tiếng nói Việt Nam",
        "Nhạc quê hương",
    ]
    assert_all_was_heard_once(village)
    asked = {line.cue: line.asked for line in rundown if line.cue.programme != RELAY}
    drift = (abs(entry.asked - asked.get(entry.cue, entry.asked)) for entry in village.asrun())
    assert max(drift) < timedelta(milliseconds=1)


@pytest.mark.parametrize("phase", [0, 4, 7])
def test_a_hub_killed_at_every_tenth_step_loses_nothing_and_doubles_nothing(
    village: Village, phase: int
) -> None:
    deaths = list(Death)

    def dies(step: int) -> Death | None:
        return deaths[step // 10 % len(deaths)] if step % 10 == phase else None

    village.kill_hub = dies
    village.wire.loses = lambda answer: answer % 7 == phase
    village.run_until(DAY.end)
    assert village.steps > 200
    assert_all_was_heard_once(village)
    assert village.office.faults == []


@pytest.mark.parametrize("phase", [0, 4, 7])
def test_units_killed_at_every_tenth_step_leave_one_line_a_cue_and_play_on_as_late_says(
    village: Village, phase: int
) -> None:
    units = list(SAMPLE_UNITS)
    village.kill_units = lambda step: [units[step // 10 % 3]] if step % 10 == phase else ()
    village.run_until(DAY.end)
    asrun = village.asrun()
    assert {(entry.cue, entry.unit) for entry in asrun} == {
        (line.cue, unit) for line in village.rundown(DAY) for unit in SAMPLE_UNITS
    }
    assert len(asrun) == 15
    assert village.discrepancies(DAY) == ()
    for entry in asrun:
        heard = [run for run in village.poles[entry.unit].sounded if run.cue == entry.cue]
        assert_told_truly(entry, heard)
        if entry.outcome is Outcome.AIRED:
            assert max(run.length for run in heard) == entry.asked
        if entry.cue.programme.startswith("ban-tin"):  # late = "whole"
            assert entry.outcome in (Outcome.AIRED, Outcome.ABANDONED)
            assert {run.passage.skip for run in heard} == {0}
        else:  # late = "join"
            assert entry.outcome in (Outcome.AIRED, Outcome.PARTLY_AIRED, Outcome.ABANDONED)
            assert_in_step(heard)


def assert_in_step(heard: list[Heard]) -> None:
    """After a power cut it went on where it would have been, but that speech begins at its first word."""
    for before, after in pairwise(heard):
        gone = length_of(after.passage.skip - before.passage.skip)
        first_words = after.passage.skip == 0
        assert first_words or abs(after.begin - before.begin - gone) < timedelta(milliseconds=1)
    left = length_of(heard[-1].passage.frames) - heard[-1].length
    assert left <= timedelta(seconds=2.5), "cut off so near its end that nothing was left of it"


def test_power_that_comes_back_in_the_middle_starts_what_late_says(village: Village) -> None:
    pole = village.poles["loa-ben"]
    for off, on in (("04:58", "05:07"), ("06:14:50", "06:15:20"), ("17:59", "18:20")):
        village.at(local(off), lambda: village.switch_off("loa-ben"))
        village.at(local(on), lambda: village.switch_on("loa-ben"))
    village.run_until(DAY.end)
    asrun = {entry.cue: entry for entry in village.asrun() if entry.unit == pole.unit}
    bulletin, music, evening, relay, music_again = asrun.values()
    assert (bulletin.outcome, bulletin.started) == (Outcome.AIRED, local("05:07"))
    assert music.outcome is Outcome.PARTLY_AIRED
    assert music.started == local("06:15:20")
    assert music.reason == "28.6 of 48.6 s sounded; 20 s jumped over"
    assert relay.outcome is Outcome.SKIPPED
    assert relay.reason == "its time passed while this unit could not play it"
    assert evening.outcome is music_again.outcome is Outcome.AIRED
    others = [entry for entry in village.asrun() if entry.unit != pole.unit]
    assert {entry.outcome for entry in others} == {Outcome.AIRED}
    assert village.discrepancies(DAY) == ()
