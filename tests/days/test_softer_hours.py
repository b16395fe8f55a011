"""How loud it is in the village through the day: from a table in station.toml to the horn."""

from pathlib import Path

from tests.days.communes import commune
from tests.days.hours import local
from tests.days.village import Village

SOFTER = """
[[volume]]
from = "21:00"
to = "06:00"
at_most = -12
[[volume]]
from = "21:00"
to = "22:00"
at_most = -20
zones = ["thon-ben"]
ranks = ["fill"]
"""


def programme(at: str, rank: str) -> str:
    return f'title = "{rank}"\nzones = ["all"]\nat = ["{at}"]\nrank = "{rank}"\n[[item]]\nsay = "{rank}"\n'


def loudness(village: Village, unit: str) -> dict[str, float]:
    """dB below full at which each programme was last heard there."""
    return {run.cue.programme: run.passage.gain for run in village.poles[unit].sounded}


def a_day(disks: Path) -> Village:
    folder = commune(
        disks / "station",
        SOFTER,
        trua=programme("12:00", "ordinary"),
        toi=programme("21:30", "ordinary"),
        toi_nen=programme("21:40", "fill"),
    )
    return Village(folder, disks, local("11:00"), lengths={"ordinary": 60.0, "fill": 60.0})


def test_in_the_evening_it_is_as_soft_as_the_station_says(disks: Path) -> None:
    village = a_day(disks)
    village.run_until(local("22:00"))
    assert loudness(village, "loa-xa") == {"trua": 0.0, "toi": -12.0, "toi-nen": -12.0}
    assert loudness(village, "loa-ben") == {"trua": 0.0, "toi": -12.0, "toi-nen": -20.0}


def test_softer_hours_written_today_are_in_force_on_every_unit_within_seconds(disks: Path) -> None:
    village = a_day(disks)
    village.run_until(local("12:00:10"))
    assert loudness(village, "loa-dinh") == {"trua": 0.0}
    station = village.office.folder / "station.toml"
    station.write_text(
        station.read_text().replace('from = "21:00"\nto = "06:00"', 'from = "11:30"\nto = "06:00"')
    )
    village.run_for(seconds=10)
    assert loudness(village, "loa-dinh") == {"trua": -12.0}, "in the middle of the programme"


def test_a_unit_that_was_dark_all_day_comes_back_as_soft_as_the_evening_is(disks: Path) -> None:
    village = a_day(disks)
    village.run_until(local("11:30"))
    village.switch_off("loa-ben")
    village.at(local("21:25"), village.wire.cut)
    village.at(local("21:26"), lambda: village.switch_on("loa-ben"))
    village.run_until(local("22:00"))
    assert loudness(village, "loa-ben") == {"toi": -12.0, "toi-nen": -20.0}
