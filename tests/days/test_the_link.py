"""The link is cut for hours, a unit is silent for days: what was planned plays, and is told once, later."""

from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.domain.asrun import Kind, Outcome
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId, UnitId
from tests.days.communes import commune, schedule
from tests.days.hours import MONDAY, local
from tests.days.village import SAMPLE_UNITS, Village, sample_commune

ONE_DAY = timedelta(days=1)
DAY = Spell(begin=local("00:00"), end=local("00:00") + ONE_DAY)

MORNING = """
title = "Bản tin sáng"
zones = ["all"]
at = ["05:00"]
[[item]]
say = "Kính chào bà con."
"""


@pytest.fixture
def village(disks: Path) -> Village:
    return Village(sample_commune(disks / "station"), disks, DAY.begin)


def test_with_the_link_cut_for_hours_all_that_was_planned_plays_and_is_told_once_afterwards(
    village: Village,
) -> None:
    village.at(local("04:00"), village.wire.cut)
    village.run_until(local("18:30"))
    assert village.asrun() == ()
    assert all(pole.records.waiting == 4 for pole in village.poles.values())
    village.at(local("18:31"), village.wire.mend)
    village.run_until(local("18:32"))
    assert len(village.asrun()) == 4 * 3
    village.run_until(DAY.end)
    entries = village.asrun()
    assert len(entries) == 5 * 3
    assert {entry.outcome for entry in entries} == {Outcome.AIRED}
    assert all(entry.started == entry.planned for entry in entries)
    assert village.discrepancies(DAY) == ()


def test_with_the_link_away_for_a_day_and_a_night_each_line_of_it_is_told_once_though_receipts_get_lost(
    village: Village,
) -> None:
    village.run_until(local("00:01"))
    village.at(local("00:02"), village.wire.cut)
    village.run_until(DAY.end)
    assert village.asrun() == ()
    assert all(pole.records.waiting == 5 for pole in village.poles.values())
    village.wire.loses = lambda answer: (
        answer % 2 == 1
    )  # the hub has written it down, and the unit never hears
    village.at(DAY.end + timedelta(minutes=1), village.wire.mend)
    village.run_until(DAY.end + timedelta(minutes=10))
    entries = village.asrun()
    assert len({(entry.unit, entry.cue) for entry in entries}) == len(entries) == 5 * 3
    assert {entry.outcome for entry in entries} == {Outcome.AIRED}
    assert all(pole.records.waiting == 0 for pole in village.poles.values())
    assert village.office.store.asrun.conflicts() == ()
    assert village.discrepancies(DAY) == ()


def test_while_the_link_is_cut_the_hub_misses_the_lines_and_says_so(village: Village) -> None:
    village.at(local("04:00"), lambda: village.wire.cut(village.poles["loa-ben"].unit))
    village.run_until(local("06:00"))
    (missing,) = village.discrepancies(DAY)
    assert (missing.kind, missing.unit) == (Kind.MISSING, "loa-ben")


def test_a_link_that_comes_and_goes_every_few_seconds_loses_nothing(village: Village) -> None:
    def flicker(step: int) -> tuple[str, ...]:
        if step % 3:
            village.wire.mend()
        else:
            village.wire.cut()
        return ()

    village.kill_units = flicker
    village.wire.loses = lambda answer: answer % 5 == 0
    village.run_until(DAY.end)
    assert len(village.asrun()) == 5 * 3
    assert {entry.outcome for entry in village.asrun()} == {Outcome.AIRED}
    assert village.discrepancies(DAY) == ()


def test_what_was_planned_while_a_unit_was_cut_off_is_on_it_when_it_returns(village: Village) -> None:
    ben = village.poles["loa-ben"]
    village.at(local("04:00"), lambda: village.wire.cut(ben.unit))
    village.at(
        local("05:00"),
        lambda: village.office.desk.say(
            village.office.boss, "Chiều nay họp dân.", zones=["all"], at=local("17:30"), id="hop-dan"
        ),
    )
    village.at(local("16:00"), village.wire.mend)
    village.run_until(local("18:00"))
    assert village.outcomes("hop-dan") == dict.fromkeys(SAMPLE_UNITS, Outcome.AIRED)
    assert {entry.started for entry in village.lines("hop-dan").values()} == {local("17:30")}


def test_a_unit_plays_its_seven_days_alone_and_what_it_tells_on_the_tenth_replaces_not_reported(
    disks: Path,
) -> None:
    village = Village(commune(disks / "station", ban_tin=MORNING), disks, DAY.begin)
    ben = village.poles["loa-ben"].unit
    village.run_for(seconds=5)
    village.wire.cut(ben)
    village.run_until(DAY.begin + 8 * ONE_DAY + timedelta(hours=4, minutes=59))
    assert not [entry for entry in village.asrun() if entry.unit == ben]
    assert len(village.discrepancies(DAY)) == 1
    village.run_until(DAY.begin + 8 * ONE_DAY + timedelta(hours=5, minutes=3))
    (line,) = (entry for entry in village.asrun() if entry.unit == ben)
    assert (line.outcome, line.cue.day) == (Outcome.NOT_REPORTED, MONDAY)
    assert line.reason == "the unit told nothing of it for 8 days"
    assert village.discrepancies(DAY) == ()
    village.wire.mend()
    village.run_until(DAY.begin + 16 * ONE_DAY)
    told = [entry.outcome for entry in village.asrun() if entry.unit == ben]
    beyond_its_plan = [Outcome.NOT_REPORTED]  # the eighth day, of which it never heard
    assert told == [Outcome.AIRED] * 7 + beyond_its_plan + [Outcome.AIRED] * 8
    assert village.office.store.asrun.conflicts() == ()
    span = Spell(begin=DAY.begin, end=village.time.now())
    assert village.discrepancies(span) == ()


def test_a_schedule_changed_while_a_unit_was_cut_off_is_in_force_there_when_it_returns(disks: Path) -> None:
    village = Village(commune(disks / "station", ban_tin=MORNING), disks, DAY.begin)
    ben = village.poles["loa-ben"].unit
    village.at(local("01:00"), lambda: village.wire.cut(ben))
    file = schedule(village.office.folder, "ban-tin")
    village.at(local("02:00"), lambda: file.write_text(MORNING.replace("05:00", "05:30")))
    village.at(local("04:00"), village.wire.mend)
    village.run_until(local("06:00"))
    assert {entry.started for entry in village.lines("ban-tin").values()} == {local("05:30")}
    assert len(village.lines("ban-tin")) == 3


def say_now(village: Village, words: str = "Chiều nay họp dân.") -> None:
    village.office.desk.say(village.office.boss, words, zones=["all"], id="hop-dan")


def test_a_unit_that_is_back_a_minute_after_something_was_said_says_it_once(village: Village) -> None:
    ben = village.poles["loa-ben"]
    village.at(local("17:30"), lambda: village.wire.cut(ben.unit))
    village.at(local("17:30:10"), lambda: say_now(village))
    village.at(local("17:31:20"), village.wire.mend)
    village.run_until(local("17:45"))
    assert village.outcomes("hop-dan") == dict.fromkeys(SAMPLE_UNITS, Outcome.AIRED)
    (run,) = (run for run in ben.sounded if run.cue.programme == "hop-dan")
    assert local("17:31:20") <= run.begin <= local("17:31:25")
    assert village.discrepancies(DAY) == ()


def test_words_whose_sound_comes_over_a_crawling_link_a_minute_late_are_said_once(village: Village) -> None:
    ben = village.poles["loa-ben"]
    fetch = village.wire.fetch
    village.run_until(local("17:30"))

    def crawling(unit: UnitId, name: ClipId, kind: str) -> bytes | None:
        slow = unit == ben.unit and kind == "clips" and village.time.now() < local("17:31:20")
        return None if slow else fetch(unit, name, kind)

    village.wire.fetch = crawling  # type: ignore[method-assign]
    village.at(local("17:30:10"), lambda: say_now(village))
    village.at(local("17:31:20"), lambda: None)  # time goes in small steps around what somebody does
    village.run_until(local("17:45"))
    assert village.outcomes("hop-dan") == dict.fromkeys(SAMPLE_UNITS, Outcome.AIRED)
    (run,) = (run for run in ben.sounded if run.cue.programme == "hop-dan")
    assert local("17:31:20") <= run.begin <= local("17:31:25")


def test_a_unit_that_is_back_after_the_grace_of_what_was_said_tells_that_it_was_too_late(
    village: Village,
) -> None:
    ben = village.poles["loa-ben"]
    village.at(local("17:30"), lambda: village.wire.cut(ben.unit))
    village.at(local("17:30:10"), lambda: say_now(village))
    village.at(local("18:02"), village.wire.mend)
    village.run_until(local("18:10"))
    assert village.outcomes("hop-dan")["loa-ben"] is Outcome.SKIPPED
    assert not [run for run in ben.sounded if run.cue.programme == "hop-dan"]
