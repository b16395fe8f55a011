"""Neighbours whose sound cards run apart end a long programme together, and nobody hears how.

Two minutes here; the 45 of a long relay are in `make bench-drift`.
"""

import numpy as np
import pytest

from broadcaster.horn.pace import MOST
from tests.horn.drifting import Drifting, Report, apart

SECONDS = 120
UNHEARD = -60.0
"""dB: what is added to a tone, at most."""


@pytest.fixture(scope="module")
def cards() -> dict[float, Report]:
    """Slow, right and fast, each with sayings that wander as those of a sound server do."""
    return {
        ppm: Drifting(ppm=ppm, seconds=SECONDS, jitter=0.0001, wander=0.0003, seed=round(200 + ppm)).run()
        for ppm in (-100.0, 0.0, 100.0)
    }


def test_they_end_within_a_millisecond_of_each_other_and_of_station_time(cards: dict[float, Report]) -> None:
    ends = [report.end for report in cards.values()]
    assert max(map(abs, ends)) < 0.0005
    assert max(ends) - min(ends) < 0.0005
    assert all(report.runs == 1 for report in cards.values())


def test_they_are_together_all_along(cards: dict[float, Report]) -> None:
    found = apart(cards.values())
    assert len(found) >= SECONDS - 3
    assert np.max(found) < 0.0005
    assert np.max(np.abs([report.lags for report in cards.values()])) < 0.0008


def test_nobody_hears_how(cards: dict[float, Report]) -> None:
    for report in cards.values():
        assert len(report.thd_n) >= SECONDS - 3
        assert max(report.thd_n) < UNHEARD - 20


def test_the_pace_is_never_more_than_200_ppm_off(cards: dict[float, Report]) -> None:
    assert 0.00008 < max(report.largest_ratio for report in cards.values()) <= MOST


def test_station_time_that_is_set_right_by_2_ms_is_followed_unheard() -> None:
    unit = Drifting(ppm=60, seconds=100, warm=20)
    steps = {30.0: 0.002, 80.0: -0.0015}  # seconds since noon, and what a better exchange changed

    def learn(gone: float) -> None:
        for moment in [moment for moment in steps if gone >= moment]:
            unit.time.noon += steps.pop(moment)

    report = unit.run(learn)
    lags = np.array(report.lags)
    assert np.max(np.abs(lags[:8])) < 0.0003
    assert np.min(lags[8:14]) < -0.0018  # it was early by what station time was set
    assert np.max(np.abs(lags[45:58])) < 0.0003
    assert np.max(lags[58:64]) > 0.0013
    assert np.max(np.abs(lags[-8:])) < 0.0003
    assert max(report.thd_n) < UNHEARD
    assert report.runs == 1


def test_a_stream_that_was_opened_a_second_ago_learns_its_card_while_it_plays() -> None:
    report = Drifting(ppm=100, seconds=60, warm=1.5).run()
    lags = np.array(report.lags)
    assert np.max(np.abs(lags)) < 0.001
    assert np.max(np.abs(lags[-15:])) < 0.0003
    assert max(report.thd_n) < UNHEARD
