"""Seventy-two hours in which everything fails at random: nothing is lost, doubled or grows."""

from pathlib import Path

import pytest

from broadcaster.domain.asrun import Outcome
from tests.days.three_days import ThreeDays


@pytest.mark.parametrize("seed", [2, 8])
def test_after_seventy_two_bad_hours_the_as_run_log_equals_the_rundown(disks: Path, seed: int) -> None:
    days = ThreeDays(disks, seed)
    days.run()
    outcomes = days.outcomes
    assert outcomes[Outcome.AIRED] > 20, "most things were heard, whatever failed"
    assert len(outcomes) >= 3, "and some were not, or nothing was tried"
