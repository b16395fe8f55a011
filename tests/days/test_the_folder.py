"""People edit files in the middle of the day: what is good is in force within a second, what is not changes
nothing."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.instants import Spell
from tests.days.communes import HOURS, commune, schedule
from tests.days.hours import local
from tests.days.village import Village

EVENING = """
title = "Bản tin chiều"
zones = ["all"]
at = ["17:00"]
[[item]]
say = "Kính chào bà con."
"""
BROKEN = 'title = "Bản tin chiều\nat = [[17:00"'
DAY = Spell(begin=local("00:00"), end=local("23:59"))


@pytest.fixture
def village(disks: Path) -> Village:
    living = Village(commune(disks / "station", HOURS, tin_chieu=EVENING), disks, local("08:00"))
    living.run_until(local("10:00"))
    return living


@pytest.fixture
def file(village: Village) -> Path:
    return schedule(village.office.folder, "tin-chieu")


def starts(village: Village) -> set[object]:
    """When the evening bulletin was heard: the same everywhere."""
    lines = village.lines("tin-chieu")
    assert len(lines) == 3
    assert {line.outcome for line in lines.values()} == {Outcome.AIRED}
    return {line.started for line in lines.values()}


def revisions(village: Village) -> int:
    return len(village.poles["loa-ben"].plans)


def pending(village: Village) -> set[str]:
    """What lies on the units for today."""
    cues = (cue for pole in village.poles.values() for cue in pole.box.state.pending if cue.start in DAY)
    return {cue.id for cue in cues}


def faults(village: Village) -> list[str]:
    return [str(fault) for fault in village.office.seen.faults]


def test_a_changed_schedule_is_on_every_unit_within_a_second(village: Village, file: Path) -> None:
    file.write_text(EVENING.replace("17:00", "17:30"))
    village.run_for(seconds=1)
    assert pending(village) == {"tin-chieu@2026-11-23T17:30:00"}
    village.run_until(local("18:00"))
    assert starts(village) == {local("17:30")}
    assert village.discrepancies(DAY) == ()


def test_a_time_that_is_over_when_it_is_written_is_meant_for_the_next_day(
    village: Village, file: Path
) -> None:
    village.at(local("17:30"), lambda: file.write_text(EVENING.replace("17:00", "17:20")))
    village.run_until(local("18:00") + timedelta(days=1))
    heard = [(entry.started, entry.outcome) for entry in village.asrun() if entry.unit == "loa-ben"]
    tomorrow = local("17:20") + timedelta(days=1)
    assert heard == [(local("17:00"), Outcome.AIRED), (tomorrow, Outcome.AIRED)]
    assert village.discrepancies(Spell(begin=DAY.begin, end=tomorrow + timedelta(hours=1))) == ()


def test_a_new_schedule_is_on_every_unit_within_a_second(village: Village) -> None:
    schedule(village.office.folder, "hop-dan").write_text(EVENING.replace("17:00", "17:45"))
    village.run_for(seconds=1)
    assert "hop-dan@2026-11-23T17:45:00" in pending(village)


def test_a_schedule_that_breaks_leaves_the_last_good_one_in_force_and_somebody_is_told(
    village: Village, file: Path
) -> None:
    before = revisions(village)
    file.write_text(BROKEN)
    village.run_for(seconds=10)
    assert revisions(village) == before
    assert faults(village)
    village.run_until(local("18:00"))
    assert starts(village) == {local("17:00")}


@pytest.mark.parametrize("times", [1, 3])
def test_a_hub_that_restarts_on_a_broken_schedule_goes_by_its_last_good_text(
    village: Village, file: Path, times: int
) -> None:
    file.write_text(EVENING.replace("17:00", "17:10"))
    village.run_for(seconds=2)
    before = revisions(village)
    file.write_text(BROKEN)
    for _ in range(times):
        village.run_for(minutes=1)
        village.restart_hub()
    village.run_for(seconds=2)
    assert revisions(village) == before
    village.run_until(local("18:00"))
    assert starts(village) == {local("17:10")}


def test_a_schedule_that_vanishes_for_a_second_changes_nothing(village: Village, file: Path) -> None:
    before = revisions(village)
    file.rename(file.with_suffix(".bak"))
    village.run_for(seconds=1)
    file.with_suffix(".bak").rename(file)
    village.run_for(seconds=10)
    assert revisions(village) == before
    assert pending(village) == {"tin-chieu@2026-11-23T17:00:00"}


def test_a_schedule_that_is_away_while_another_is_edited_stays_in_force(village: Village, file: Path) -> None:
    file.rename(file.with_suffix(".bak"))
    schedule(village.office.folder, "hop-dan").write_text(EVENING.replace("17:00", "17:45"))
    village.run_for(seconds=1)
    assert pending(village) == {"tin-chieu@2026-11-23T17:00:00", "hop-dan@2026-11-23T17:45:00"}
    file.with_suffix(".bak").rename(file)
    village.run_for(seconds=10)
    assert pending(village) == {"tin-chieu@2026-11-23T17:00:00", "hop-dan@2026-11-23T17:45:00"}


def test_a_schedule_that_vanishes_for_good_is_gone_within_four_seconds(village: Village, file: Path) -> None:
    file.unlink()
    village.run_for(seconds=2.5)
    assert pending(village) == {"tin-chieu@2026-11-23T17:00:00"}
    village.run_for(seconds=1.5)
    assert pending(village) == set()
    village.restart_hub()
    village.run_until(local("18:00"))
    assert village.asrun() == ()
    assert village.discrepancies(DAY) == ()


def test_a_schedule_mended_after_it_broke_is_in_force_within_a_second(village: Village, file: Path) -> None:
    file.write_text(BROKEN)
    village.run_for(minutes=5)
    file.write_text(EVENING.replace("17:00", "17:20"))
    village.run_for(seconds=1)
    assert pending(village) == {"tin-chieu@2026-11-23T17:20:00"}
    assert faults(village) == []


def broken(text: str) -> str:
    return text.replace('id = "thon-ben"', "id = thon-ben")


def gone(text: str) -> str:
    return ""


@pytest.mark.parametrize("harm", [broken, gone])
def test_a_station_file_that_breaks_leaves_zones_and_hours_as_they_were(
    village: Village, harm: Callable[[str], str]
) -> None:
    station, before = village.office.folder / "station.toml", revisions(village)
    good = station.read_text()
    station.write_text(harm(good))
    village.run_for(minutes=1)
    assert revisions(village) == before
    assert faults(village)
    station.write_text(good.replace('to = "19:00"', 'to = "17:00:01"'))
    village.run_for(seconds=1)
    assert revisions(village) == before + 1
    village.run_until(local("18:00"))
    assert {line.reason for line in village.lines("tin-chieu").values()} == {
        "the allowed hours were over; 1 of 1.6 s sounded"
    }


def test_a_funeral_written_into_the_station_file_silences_its_village_within_a_second(
    village: Village,
) -> None:
    station = village.office.folder / "station.toml"
    quiet = '\n[[quiet]]\nzones = ["thon-ben"]\nfrom = 2026-11-23T00:00:00\nto = 2026-11-24T00:00:00\n'
    village.at(local("16:59:58"), lambda: station.write_text(station.read_text() + quiet))
    village.run_until(local("18:00"))
    assert village.outcomes("tin-chieu") == {
        "loa-ben": Outcome.REFUSED,
        "loa-dinh": Outcome.AIRED,
        "loa-xa": Outcome.AIRED,
    }
