"""A unit whose horn nobody hears ends at once, also when its disk hangs as well."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import NoReturn

import pytest

from broadcaster.horn.speaker import DEAD_DEVICE, PacedSpeaker
from broadcaster.unit import agent
from broadcaster.unit.box import Box
from tests.unit.box import speech
from tests.unit.pole import cue
from tests.unit.village import Ended, Story, Village


class Moved(PacedSpeaker):
    """It takes frames as ever, and nobody hears them."""

    lost = "the sound server has moved it"  # type: ignore[assignment]


def test_a_horn_nobody_hears_any_more_ends_the_unit_within_the_second_and_its_record_is_on_the_disk(
    told: Callable[[Story], None], caplog: pytest.LogCaptureFixture
) -> None:
    async def story(village: Village) -> None:
        village.lay(cue("tin", 10, [village.clip(speech(20))]))
        await village.hub_up()
        village.boot()
        await village.until(15)
        village.speaker.__class__ = Moved
        with pytest.raises(Ended):
            await village._runs[0]
        assert village.ended_with == DEAD_DEVICE
        assert village.loop.time() < village._noon + 16
        assert "the sound server has moved it; ending, to be started again" in caplog.text
        (left,) = village.agent._records.found_open()
        assert left.stretches[0].length.total_seconds() == pytest.approx(5, abs=0.5)

    told(story)


def test_a_disk_that_hangs_does_not_keep_a_dead_unit_alive(
    told: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, ended_by = threading.Event(), []

    def hang(_box: Box, _now: datetime) -> None:
        assert hangs.wait(10), "it waits for the disk"

    def end(code: int) -> NoReturn:
        assert code == DEAD_DEVICE
        ended_by.append(threading.current_thread())
        hangs.set()
        if threading.current_thread() is threading.main_thread():
            raise Ended
        return None  # type: ignore[misc]

    async def story(village: Village) -> None:
        await village.hub_up()
        village.boot()
        await village.until(5)
        village.agent._end = end
        village.speaker.__class__ = Moved
        with pytest.raises(Ended):
            await village._runs[0]
        assert ended_by[0] is not threading.main_thread()

    monkeypatch.setattr(agent, "_LAST_WORDS", 0.01)
    monkeypatch.setattr(Box, "write_down", hang)
    told(story)
