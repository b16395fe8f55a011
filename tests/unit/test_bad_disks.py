"""A card that hangs, is full, or changes what is on it: the village hears what is planned all the same."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np
import pytest

from broadcaster import files
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


class Full:
    """While `on`, no file can be written below the unit's home."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.on = False

        def full(*args: Any, **more: Any) -> Any:
            if self.on:
                raise OSError(errno.ENOSPC, "No space left on device")
            return NamedTemporaryFile(*args, **more)

        patch.setattr(files, "NamedTemporaryFile", full)


def test_a_disk_that_takes_nothing_more_mutes_nothing_and_is_told_of_once(
    told: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    disk = Full(monkeypatch)

    async def story(village: Village) -> None:
        clips = [village.clip(speech(8, seed=n)) for n in range(4)]
        cues = [cue(f"muc-{n}", 20 + 20 * n, [clip]) for n, clip in enumerate(clips)]
        village.lay(*cues)
        await village.hub_up()
        village.boot()
        await village.until(10)
        disk.on = True
        village.wire.cut()
        await village.until(110)
        for n in range(4):
            assert same(village.sounded(20 + 20 * n, 8), speech(8, seed=n))
        assert caplog.text.count("records cannot be written") == 1
        village.wire.mend()
        await village.until(130)
        assert outcomes(village) == {f"muc-{n}": Outcome.AIRED for n in range(4)}
        assert sum("No space" in line for line in caplog.text.splitlines()) <= 10
        disk.on = False
        await village.until(140)
        await village.kill(off_for=1)
        village.boot()
        await village.until(150)
        assert len(village.told) == 4

    told(story)


def test_a_plan_that_the_disk_does_not_take_plays_and_is_fetched_once(
    told: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Full(monkeypatch)

    async def story(village: Village) -> None:
        clip = village.clip(speech(2))
        village.lay(cue("cu", 100, [clip]))
        await village.hub_up()
        village.boot()
        await village.until(10)
        disk.on = True
        await village.replan(cue("moi", 30, [clip]), cue("cu", 100, [clip]))
        await village.until(90)
        assert same(village.sounded(30, 2), speech(2))
        assert len(village.door.asked) <= 4
        disk.on = False
        await village.kill(off_for=1)
        village.wire.cut()
        village.boot()
        await village.until(105)
        assert same(village.sounded(100, 2), speech(2)), "the plan that was kept holds"

    told(story)


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


def _flip(path: Path) -> None:
    """A worn card changes a byte, and nobody is told."""
    seen, content = path.stat(), bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def test_a_clip_that_rots_while_the_unit_runs_is_found_before_it_is_due(
    told: Callable[[Story], None], tmp_path: Path
) -> None:
    async def story(village: Village) -> None:
        clip = village.clip(speech(2))
        village.lay(cue("tin", 100, [clip]))
        await village.hub_up()
        village.boot()
        await village.until(10)
        _flip(tmp_path / "clips" / clip.id)
        await village.until(110)
        assert same(village.sounded(100, 2), speech(2))
        assert outcomes(village) == {"tin": Outcome.AIRED}

    told(story)


@pytest.mark.parametrize("when", [10, 94])
def test_with_the_hub_dead_a_damaged_clip_is_not_played_and_what_is_whole_is(
    told: Callable[[Story], None], tmp_path: Path, when: float
) -> None:
    async def story(village: Village) -> None:
        clips = [village.clip(speech(2, seed=n)) for n in range(3)]
        village.lay(cue("tin", 100, clips))
        await village.hub_up()
        village.boot()
        await village.until(8)
        village.door.says = 503
        await village.until(when)
        _flip(tmp_path / "clips" / clips[1].id)
        await village.until(120)
        assert same(village.sounded(100, 2), speech(2, seed=0))
        rest = village.sounded(102, 4)
        start = int(np.flatnonzero(rest)[0])
        assert start < 0.6 * 48_000
        assert any(same(rest[max(start + n, 0) :][:96_000], speech(2, seed=2)) for n in range(-3, 4))
        assert outcomes(village) == {"tin": Outcome.PARTLY_AIRED}

    told(story)


@pytest.mark.parametrize("rot", [b"", b"\xff\x00{", bytes(600)])
def test_with_the_hub_dead_a_plan_that_rotted_plays_from_its_spare(
    told: Callable[[Story], None], tmp_path: Path, rot: bytes
) -> None:
    async def story(village: Village) -> None:
        clip = village.clip(speech(2))
        village.lay(cue("tin", 100, [clip]))
        await village.hub_up()
        village.boot()
        await village.until(10)
        village.wire.cut()
        await village.kill(off_for=1)
        (tmp_path / "plan.signed").write_bytes(rot)
        village.boot()
        await village.until(110)
        assert same(village.sounded(100, 2), speech(2))

    told(story)
