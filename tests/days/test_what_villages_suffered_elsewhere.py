"""What users of other broadcast schedulers complain of, row by row, and the sentences that hold it here.

The numbers are those of our survey of such complaints. A row names every test that would fail if a unit of
ours did the same; a name that is not a test of this project fails below, so the table cannot rot. What no
other place held yet is held here.
"""

import ast
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.instants import Spell
from broadcaster.domain.programme import LatePolicy
from tests.days.communes import commune
from tests.days.hours import local
from tests.days.three_days import SPAN, ThreeDays
from tests.days.village import SAMPLE_UNITS, Village
from tests.domain.oneunit import OneUnit, plan
from tests.sources import ROOT
from tests.unit.box import NOON, speech
from tests.unit.pole import Pole
from tests.unit.pole import cue as pole_cue

SUFFERED: dict[int, tuple[str, tuple[str, ...]]] = {
    1: (
        "a scheduled item simply does not play",
        (
            "test_every_cue_whose_time_has_passed_comes_to_exactly_one_end",
            "test_after_a_whole_day_the_as_run_log_equals_the_rundown",
            "test_after_seventy_two_bad_hours_the_as_run_log_equals_the_rundown",
            "test_no_ending_is_without_an_outcome",
        ),
    ),
    4: (
        "skipped because it was a second late, or the machine slept",
        (
            "test_a_machine_that_stood_still_over_a_start_is_in_step_when_it_goes_on",
            "test_sound_that_comes_a_moment_after_the_start_is_in_time_even_for_what_is_skipped_when_late",
            "test_power_or_the_time_comes_back_and_nothing_had_begun",
            "test_power_comes_back_when_four_minutes_had_sounded",
            "test_a_suspended_machine_is_noticed_and_judges_its_clock_again",
        ),
    ),
    5: (
        "the clock is set back and it sleeps past the time",
        (
            "test_a_clock_slewed_back_makes_nothing_due_twice",
            "test_a_unit_whose_clock_was_wrong_plays_the_day_as_planned_once_it_is_set",
            "test_nobody_can_set_or_slew_the_clock_that_is_gone_by",
            "test_a_leap_of_station_time_is_leapt_after_without_a_click",
        ),
    ),
    8: (
        "it dies after a blip of the network and never resumes",
        (
            "test_with_the_link_cut_for_hours_all_that_was_planned_plays_and_is_told_once_afterwards",
            "test_a_unit_plays_its_seven_days_alone_and_what_it_tells_on_the_tenth_replaces_not_reported",
            "test_what_breaks_beside_the_loop_is_begun_again",
            "test_a_unit_that_is_back_a_minute_after_something_was_said_says_it_once",
        ),
    ),
    9: (
        "another item is on air than the screen says, or none",
        (
            "test_now_playing_is_what_the_horn_has_been_given",
            "test_a_cue_of_nothing_but_zeros_is_never_aired",
            "test_a_box_that_plays_zeros_says_so_within_half_a_minute_and_takes_it_back",
        ),
    ),
    10: (
        "an overrun: two programmes at once, or cut in mid-sentence",
        (
            "test_one_horn_can_do_what_is_decided_never_two_at_once_and_nothing_after_its_end",
            "test_two_passages_that_touch_follow_without_a_gap_and_never_together",
            "test_a_soft_start_waits_for_the_whole_programme_on_air",
            "test_on_a_bad_evening_every_law_holds",
        ),
    ),
    12: (
        "the first words are cut off",
        (
            "test_the_first_50_ms_of_a_clip_are_there_but_for_a_ramp_of_5",
            "test_what_begins_now_begins_a_lead_later_when_the_amplifier_is_cold",
            "test_its_first_and_its_last_instant_are_heard",
        ),
    ),
    13: (
        "the last words are cut off",
        (
            "test_ended_is_said_when_the_horn_has_sounded_the_last_frame",
            "test_with_no_hold_at_all_the_last_word_is_still_heard",
            "test_its_first_and_its_last_instant_are_heard",
        ),
    ),
    14: (
        "after an announcement the music does not resume, or music begins that was not on",
        (
            "test_an_alert_takes_the_air_at_once_and_the_speech_begins_again_after_it",
            "test_a_programme_takes_over_from_fill_and_the_fill_goes_on_where_it_would_be",
            "test_after_an_alert_into_silence_it_is_silent_again",
        ),
    ),
    15: (
        "what was meant for one loudspeaker is heard from all",
        (
            "test_only_the_units_of_its_zones_have_it",
            "test_an_order_names_its_targets_inside_the_signature",
            "test_a_plan_of_another_station_or_zone_is_refused",
        ),
    ),
    16: (
        "full volume after a reconnection",
        (
            "test_after_a_power_cut_not_one_sample_is_above_the_cap",
            "test_joined_in_the_middle_it_rises_over_a_second_and_never_jumps_to_full",
            "test_volume_is_set_by_order_and_outlives_a_restart",
            "test_a_unit_turned_up_in_the_softer_hours_stays_under_the_cap_and_gets_loud_when_they_end",
            "test_nothing_is_ever_louder_than_its_clip_and_volume_rises_slowly_and_falls_at_once",
        ),
    ),
    17: (
        "out of step after trouble with time zones or clocks",
        (
            "test_a_box_set_to_another_time_zone_sounds_at_the_same_instant",
            "test_a_leap_of_station_time_is_leapt_after_without_a_click",
            "test_station_time_is_never_off_by_more_than_the_error_it_admits",
        ),
    ),
    18: (
        "no sound after the router was restarted",
        (
            "test_after_an_outage_everybody_is_back_and_nothing_stale_is_sent",
            "test_a_link_cut_without_a_word_is_found_by_the_kernel_and_the_unit_is_back_soon_after_it_returns",
            "test_a_link_that_comes_and_goes_every_few_seconds_loses_nothing",
        ),
    ),
    19: (
        "anybody on the network gives orders",
        (
            "test_what_is_not_signed_for_us_and_now_is_not_obeyed_and_counted",
            "test_whatever_comes_over_the_wire_is_refused_and_harms_nothing",
            "test_only_the_hub_gives_orders_and_only_the_hub_hears_the_units",
        ),
    ),
    22: (
        "the sound card hangs, is pulled out, or changes its number",
        (
            "test_a_device_that_takes_no_sound_ends_the_process_within_seconds",
            "test_a_device_is_found_by_its_name_whatever_its_number",
            "test_a_feeder_that_is_gone_ends_the_process",
        ),
    ),
    23: (
        "a box without a clock battery starts in the past",
        (
            "test_without_the_time_cues_hold_and_with_the_hub_they_play",
            "test_while_its_clock_is_not_trusted_cues_hold_and_alerts_play",
            "test_an_alert_sounds_on_unmoved_when_the_clock_is_set_by_weeks",
            "test_a_unit_that_does_not_know_the_time_sounds_no_test_chime",
        ),
    ),
    24: (
        "the disk is full",
        (
            "test_a_full_disk_mutes_nothing_and_loses_no_record",
            "test_a_disk_that_is_too_full_gives_up_what_no_plan_names",
        ),
    ),
    25: (
        "messages are lost, doubled or stale after a reconnection",
        (
            "test_a_stop_missed_while_the_wire_was_cut_is_obeyed_on_return",
            "test_whatever_arrives_again_and_again_each_order_is_obeyed_at_most_once",
            "test_a_schedule_changed_while_a_unit_was_cut_off_is_in_force_there_when_it_returns",
            "test_what_has_long_expired_is_forgotten",
        ),
    ),
    26: (
        "an alert sounds outside the time it is for",
        (
            "test_words_that_expired_while_the_machine_stood_still_are_not_begun",
            "test_what_comes_too_late_to_the_horn_is_not_begun_when_it_has_expired",
            "test_an_alert_that_arrives_after_its_expiry_is_refused",
            "test_a_unit_that_hangs_is_silent_when_the_allowed_hours_end_all_the_same",
        ),
    ),
    28: (
        "a missing file stops everything after it",
        (
            "test_a_broken_clip_fails_its_cue_and_the_next_one_plays",
            "test_a_clip_that_never_came_is_left_out_and_named",
            "test_what_waits_for_its_sound_keeps_nobody_from_the_air",
        ),
    ),
    29: (
        "midnight stops the schedule",
        (
            "test_a_programme_across_midnight_is_one_cue_and_heard_in_one_piece",
            "test_midnight_and_the_end_of_the_month_are_nothing_special",
            "test_softer_hours_run_across_midnight_as_people_write_them",
        ),
    ),
    30: (
        "it runs later and later",
        (
            "test_on_the_third_quiet_day_everything_begins_as_exactly_as_on_the_first",
            "test_they_end_within_a_millisecond_of_each_other_and_of_station_time",
            "test_they_are_together_all_along",
        ),
    ),
}


def _all_tests() -> Iterator[str]:
    """The names of all tests of the project."""
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield node.name


def test_every_row_is_held_by_tests_there_are() -> None:
    there = set(_all_tests())
    gone = {row: [name for name in names if name not in there] for row, (_, names) in SUFFERED.items()}
    assert {row: names for row, names in gone.items() if names} == {}
    assert all(names for _, names in SUFFERED.values())


def test_a_machine_that_stood_still_over_a_start_is_in_step_when_it_goes_on(tmp_path: Path) -> None:
    pole = Pole(tmp_path)
    pole.lay(pole_cue("tin", 2, [pole.shelf.add(speech(8))], late=LatePolicy.SKIP))
    pole.run(1)
    pole.stall(3)
    pole.run(9)
    line = pole.lines["tin"]
    assert line.outcome is Outcome.PARTLY_AIRED
    assert NOON + timedelta(seconds=4) <= line.stretches[0].begin <= NOON + timedelta(seconds=4.6)
    heard = pole.sounded(6.5, 2)
    whole = speech(8)[round(4.5 * 48_000) :][: len(heard)]
    assert np.corrcoef(heard, whole)[0, 1] > 0.99


def test_after_an_alert_into_silence_it_is_silent_again() -> None:
    unit = OneUnit(plan())
    unit.raise_alert("05:00", "lu-quet", "20s")
    assert unit.until("06:00").heard == ["05:00:00 lu-quet 0-20"]
    assert unit.state.on_air is None


PROGRAMME = (
    'title = "Giao thừa"\nzones = ["all"]\nat = ["23:55"]\nlate = "join"\n[[item]]\nsay = "Giao thừa."\n'
)


@pytest.mark.parametrize(
    "day", [date(2026, 11, 23), date(2026, 12, 31), date(2028, 2, 28), date(2028, 2, 29)]
)
def test_a_programme_across_midnight_is_one_cue_and_heard_in_one_piece(disks: Path, day: date) -> None:
    begin = local("23:50", day)
    village = Village(
        commune(disks / "station", giao_thua=PROGRAMME), disks, begin, lengths={"Giao thừa.": 600.0}
    )
    village.at(local("23:59:59", day), village.restart_hub)
    village.run_until(begin + timedelta(minutes=20))
    (line,) = {(entry.cue, entry.outcome, entry.started) for entry in village.asrun()}
    assert line[1:] == (Outcome.AIRED, local("23:55", day))
    assert all(len(entry.stretches) == 1 for entry in village.asrun())
    assert len(village.asrun()) == len(SAMPLE_UNITS)


def test_a_box_set_to_another_time_zone_sounds_at_the_same_instant(
    disks: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        text = PROGRAMME.replace("23:55", "05:00")
        village = Village(commune(disks / "station", tin=text), disks, local("04:59"))
        village.run_until(local("05:02"))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert {entry.started for entry in village.asrun()} == {local("05:00")}
    assert len(village.asrun()) == len(SAMPLE_UNITS)


def test_on_the_third_quiet_day_everything_begins_as_exactly_as_on_the_first(disks: Path) -> None:
    days = ThreeDays(disks, 1, faults=0)
    days.run()
    entries = days.village.asrun()
    assert len(entries) == 3 * 5 * len(SAMPLE_UNITS)
    assert all(entry.started == entry.planned for entry in entries)
    assert Spell(begin=entries[0].planned, end=entries[-1].planned).end > SPAN.begin + timedelta(hours=60)
