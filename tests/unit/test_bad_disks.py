"""A memory card that hangs, and one that takes nothing more: the village hears what is planned all the same."""

import os
from collections.abc import Callable

import pytest

from broadcaster.domain.asrun import Outcome
from tests.unit.box import same, speech, tone
from tests.unit.pole import cue
from tests.unit.village import STEP, Story, Village, outcomes


def hang(village: Village, seconds: float) -> None:
    """The loop waits for the disk; the thread that feeds the horn does not."""
    for _ in range(round(seconds / STEP)):
        village.player.feed()
        village.loop._wait(STEP)
        village.speaker.keep_pace()


def test_a_disk_that_hangs_for_ten_seconds_delays_no_programme(
    told: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(village: Village) -> None:
        first, second = village.clip(tone(11)), village.clip(speech(2, seed=2))
        village.lay(cue("mot", 20, [first]), cue("hai", 33, [second]))
        await village.hub_up()
        village.boot()
        await village.until(24)
        hangs, fsync = [10.0], os.fsync

        def slow(opened: int) -> None:
            if hangs:
                hang(village, hangs.pop())
            fsync(opened)

        with monkeypatch.context() as disk:
            disk.setattr(os, "fsync", slow)
            await village.until(40)
        assert hangs == []
        assert same(village.sounded(20, 11), tone(11))
        assert same(village.sounded(33, 2), speech(2, seed=2))
        await village.until(60)
        assert outcomes(village) == {"mot": Outcome.AIRED, "hai": Outcome.AIRED}

    told(story)
