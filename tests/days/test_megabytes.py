"""SIM cards are paid by the megabyte: what does not change is not sent again."""

from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.domain.instants import Spell
from tests.days.hours import local
from tests.days.village import Village, sample_commune

DAY = Spell(begin=local("01:00"), end=local("01:00") + timedelta(days=1))
QUARTERS = 4


@pytest.fixture
def village(disks: Path) -> Village:
    """The sample commune when everything is made and laid."""
    living = Village(sample_commune(disks / "station"), disks, DAY.begin - timedelta(minutes=59))
    living.run_until(DAY.begin)
    for pole in living.poles.values():
        pole.plans.clear()
    living.office.published.clear()
    living.wire.carried.clear()
    return living


def test_in_a_day_on_which_nothing_changes_plans_change_only_as_their_horizon_moves(village: Village) -> None:
    village.run_until(DAY.end)
    for pole in village.poles.values():
        assert len(pole.plans) == QUARTERS
        assert len(set(pole.plans)) == QUARTERS
    assert len(village.office.published) == QUARTERS


def test_a_hub_restarted_every_hour_sends_no_plan_for_that(village: Village) -> None:
    for hour in range(24):
        village.at(DAY.begin + timedelta(hours=hour, minutes=30), village.restart_hub)
    village.run_until(DAY.end)
    assert {len(pole.plans) for pole in village.poles.values()} == {QUARTERS}


def test_a_unit_restarted_every_hour_fetches_no_clip_a_second_time(village: Village) -> None:
    for hour in range(24):
        village.at(DAY.begin + timedelta(hours=hour, minutes=30), lambda: village.poles["loa-ben"].restart())
    village.run_until(DAY.end)
    assert village.wire.carried["clips"] == 0


def test_the_orders_and_plans_of_a_quiet_day_are_an_eighth_of_a_megabyte_a_unit(village: Village) -> None:
    village.run_until(DAY.end)
    brought = village.wire.carried
    assert (brought["plans"] + brought["orders"]) / len(village.poles) < 125_000
    assert brought["clips"] == 0
