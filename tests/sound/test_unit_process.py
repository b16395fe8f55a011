"""A unit as a process of its own on a real sound server, with hub and broker dead, killed in the middle."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from broadcaster import clock
from broadcaster.domain.asrun import Outcome
from broadcaster.domain.plan import FRAME_RATE
from broadcaster.domain.programme import LatePolicy
from broadcaster.unit.records import Records
from tests.judged import on_every_machine
from tests.sound.hearing import Capture, follows, murmur, whereabouts
from tests.sound.onebox import Box

pytestmark = [pytest.mark.sound, pytest.mark.real_time]


@pytest.fixture
def box(capture: Capture, tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path / "unit", "spk1")
    yield box
    box.stop()


def test_killed_in_the_middle_it_joins_at_the_right_word_with_hub_and_broker_dead(
    box: Box, capture: Capture, record_property: Callable[[str, object], None]
) -> None:
    due = clock.monotonic() + 9
    sound = box.lay(murmur(14), at=due, late=LatePolicy.JOIN)
    assert box.start() < due - 0.5
    time.sleep(due + 5.5 - clock.monotonic())
    box.kill()
    again = box.start() - due + 1.0
    (before, _), since = box.used(), clock.monotonic()
    time.sleep(due + 13.5 - clock.monotonic())
    used, megabytes = box.used()
    percent = 100 * (used - before) / (clock.monotonic() - since)
    time.sleep(due + 15 - clock.monotonic())
    with on_every_machine():
        assert box.stop() == 0
        (entry,) = Records(box.home.folder / "records").unsent()
        assert entry.outcome is Outcome.PARTLY_AIRED
        assert len(entry.stretches) >= 2
    record_property("rss_mb", round(megabytes, 1))
    record_property("cpu_percent", round(percent, 1))
    print(f"a unit that plays: {megabytes:.0f} MB, {percent:.1f} % of a core, its start included")

    heard = capture.heard(due - 0.5, due + 14.5)[:, 0]
    at, fit = whereabouts(sound[: FRAME_RATE // 10], heard[:FRAME_RATE])
    assert fit > 0.9
    assert abs(at / FRAME_RATE - 0.5) < 0.02
    first, last = round(again * FRAME_RATE), 13 * FRAME_RATE
    joined = follows(sound[first:last], heard, at + first, wander=480)
    assert len(joined) > 20
    assert np.median([fit for _, fit in joined]) > 0.9
    assert np.median([abs(lag) for lag, _ in joined]) < 0.01 * FRAME_RATE
    assert timedelta(seconds=5) < entry.played < timedelta(seconds=14)
