"""The whole agent at fake speed: hub, wire, disk and horn, and what is taken away from it."""

import errno
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.programme import LatePolicy
from broadcaster.files import write_whole
from broadcaster.horn.speaker import DEAD_DEVICE
from broadcaster.link.messages import Stop
from broadcaster.unit import home as home_file
from broadcaster.unit import records as records_file
from tests.unit.box import same, speech, tone
from tests.unit.pole import cue
from tests.unit.village import UNIT, Ended, Story, Village, outcomes


def test_it_asks_fetches_plays_and_tells(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        chime, news = village.clip(speech(1, seed=1)), village.clip(speech(2, seed=2))
        village.lay(cue("tin", 20, [chime, news]))
        await village.hub_up()
        village.boot()
        await village.until(30)
        assert same(village.sounded(20, 3), np.concatenate([speech(1, seed=1), speech(2, seed=2)]))
        assert outcomes(village) == {"tin": Outcome.AIRED}
        assert village.told[0].unit == UNIT
        last = village.beats[-1]
        assert (last.plan, last.missing, last.waiting, last.playing) == (1, 0, 0, None)
        assert last.clock_trusted
        assert any(beat.playing is not None and beat.playing.title == "tin" for beat in village.beats)

    told(story)


def test_with_hub_and_broker_dead_it_plays_its_plan_to_the_end_and_tells_afterwards(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        clips = [village.clip(speech(5, seed=n)) for n in range(3)]
        village.lay(*(cue(f"tin-{n}", 20 + 30 * n, [clip]) for n, clip in enumerate(clips)))
        await village.hub_up()
        village.boot()
        await village.until(10)
        village.wire.cut()
        village.door.clips.clear()
        await village.until(120)
        for n in range(3):
            assert same(village.sounded(20 + 30 * n, 5), speech(5, seed=n))
        assert village.told == []
        village.wire.mend()
        await village.until(130)
        assert outcomes(village) == dict.fromkeys(("tin-0", "tin-1", "tin-2"), Outcome.AIRED)

    told(story)


@pytest.mark.parametrize("late", list(LatePolicy))
def test_killed_in_the_middle_with_the_hub_dead_it_does_what_late_says(
    told: Callable[[Story], None], late: LatePolicy
) -> None:
    async def story(village: Village) -> None:
        music = village.clip(speech(40, seed=1), joins=True)
        village.lay(cue("nhac", 10, [music], late=late))
        await village.hub_up()
        village.boot()
        await village.until(6)
        village.wire.cut()
        await village.until(24)
        await village.kill(off_for=3)
        village.boot()
        await village.until(70)
        sound = village.sounded(30, 5)
        if late is LatePolicy.JOIN:
            assert same(sound, speech(40, seed=1)[20 * 48_000 : 25 * 48_000])
        elif late is LatePolicy.WHOLE:
            again = village.sounded(27, 45)
            start = int(np.flatnonzero(again)[0])
            assert start < 0.6 * 48_000
            assert same(again[start : start + 30 * 48_000], speech(40, seed=1)[: 30 * 48_000])
        else:
            assert not sound.any()
        village.wire.mend()
        await village.until(80)
        (entry,) = village.told
        assert entry.outcome is (
            Outcome.ABANDONED
            if late is LatePolicy.SKIP
            else Outcome.AIRED
            if late is LatePolicy.WHOLE
            else Outcome.PARTLY_AIRED
        )
        assert timedelta(seconds=9) <= entry.stretches[0].length <= timedelta(seconds=14)

    told(story)


def test_switched_off_in_good_order_it_loses_nothing_of_what_was_heard(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        clip = village.clip(speech(30), joins=True)
        village.lay(cue("nhac", 10, [clip], late=LatePolicy.SKIP))
        await village.hub_up()
        village.boot()
        await village.until(17)
        await village.switch_off()
        await village.until(20)
        village.boot()
        await village.until(30)
        (entry,) = village.told
        assert entry.outcome is Outcome.ABANDONED
        assert entry.played == pytest.approx(timedelta(seconds=7), abs=timedelta(milliseconds=50))

    told(story)


def test_a_clip_that_came_damaged_or_half_is_fetched_until_it_is_right(
    told: Callable[[Story], None], tmp_path: Path
) -> None:
    async def story(village: Village) -> None:
        damaged, half = village.clip(speech(3, seed=1)), village.clip(speech(3, seed=2))
        right = dict(village.door.clips)
        village.lay(cue("tin", 60, [damaged, half]))
        await village.hub_up()
        village.door.clips[damaged.id] = b"noise"
        village.door.breaks_after = None
        village.boot()
        await village.until(5)
        assert village.beats[-1].missing >= 1
        village.door.clips.update(right)
        village.door.breaks_after = 1000
        await village.until(50)
        assert village.beats[-1].missing == 0
        await village.until(70)
        assert same(village.sounded(60, 6), np.concatenate([speech(3, seed=1), speech(3, seed=2)]))

    told(story)


def test_a_clip_that_rotted_on_the_card_is_found_before_it_is_due_and_fetched_again(
    told: Callable[[Story], None], tmp_path: Path
) -> None:
    async def story(village: Village) -> None:
        clip = village.clip(speech(2))
        village.lay(cue("tin", 60, [clip]))
        await village.hub_up()
        village.boot()
        await village.until(10)
        await village.kill(off_for=1)
        path = tmp_path / "clips" / clip.id
        path.write_bytes(path.read_bytes()[:-4] + b"rot!")
        village.boot()
        await village.until(65)
        assert same(village.sounded(60, 2), speech(2))

    told(story)


def test_a_clip_that_breaks_while_it_plays_costs_its_cue_and_is_there_for_the_next(
    told: Callable[[Story], None], tmp_path: Path
) -> None:
    async def story(village: Village) -> None:
        clip = village.clip(speech(2))
        village.lay(cue("mot", 20, [clip]), cue("hai", 60, [clip]))
        await village.hub_up()
        village.boot()
        await village.until(10)
        (tmp_path / "clips" / clip.id).unlink()
        await village.until(70)
        assert outcomes(village) == {"mot": Outcome.FAILED, "hai": Outcome.AIRED}
        assert same(village.sounded(60, 2), speech(2))

    told(story)


def test_a_device_that_takes_no_sound_ends_the_process_within_seconds(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        clip = village.clip(speech(30), joins=True)
        village.lay(cue("nhac", 10, [clip], late=LatePolicy.JOIN))
        await village.hub_up()
        village.boot()
        await village.until(20)
        village.dead_device = True
        with pytest.raises(Ended):
            await village._runs[0]
        assert village.ended_with == DEAD_DEVICE
        assert village.loop.time() < village._noon + 23
        village.dead_device = False
        await village.kill(off_for=1)
        village.boot()
        await village.until(32)
        assert same(village.sounded(28, 3), speech(30)[18 * 48_000 : 21 * 48_000])

    told(story)


def test_a_feeder_that_is_gone_ends_the_process(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await village.hub_up()
        village.boot()
        await village.until(5)
        village.player.stalled = True
        with pytest.raises(Ended):
            await village._runs[0]

    told(story)


def test_a_full_disk_mutes_nothing_and_loses_no_record(
    told: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = False

    def write(path: Path, content: bytes, *, mode: int = 0o644) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_whole(path, content, mode=mode)

    monkeypatch.setattr(records_file, "write_whole", write)
    monkeypatch.setattr(home_file, "write_whole", write)

    async def story(village: Village) -> None:
        nonlocal full
        first, second = village.clip(speech(2, seed=1)), village.clip(tone(20))
        village.lay(cue("tin", 20, [first]), cue("nhac", 30, [second]))
        await village.hub_up()
        village.boot()
        await village.until(10)
        full = True
        village.wire.units[UNIT].lose()
        await village.until(35)
        assert same(village.sounded(20, 2), speech(2, seed=1))
        await village.order(Stop(cue=None, by="Cán bộ"))
        await village.until(37)
        assert not village.sounded(36, 0.9).any()
        full = False
        await village.until(60)
        assert outcomes(village) == {"tin": Outcome.AIRED, "nhac": Outcome.CUT_SHORT}

    told(story)


def test_a_fault_of_our_own_costs_the_cue_in_hand_and_nothing_else(
    told: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(village: Village) -> None:
        first, second = village.clip(speech(5, seed=1)), village.clip(speech(2, seed=2))
        village.lay(cue("mot", 10, [first]), cue("hai", 30, [second]))
        await village.hub_up()
        village.boot()
        await village.until(12)
        heard, broken = village.player.heard, 3

        def breaks() -> Any:
            nonlocal broken
            broken -= 1
            if broken >= 0:
                raise ZeroDivisionError("a fault of ours")
            return heard()

        monkeypatch.setattr(village.player, "heard", breaks)
        await village.until(40)
        assert same(village.sounded(30, 2), speech(2, seed=2))
        assert outcomes(village) == {"mot": Outcome.FAILED, "hai": Outcome.AIRED}
        assert "ZeroDivisionError" in village.told[0].reason

    told(story)


def test_a_record_the_hub_will_not_take_does_not_hold_up_the_others(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        clip = village.clip(speech(1))
        village.refuses = {"la@2026-11-21T19:00:00": "we know no such cue"}
        village.lay(cue("la", 10, [clip]), cue("quen", 20, [clip]))
        await village.hub_up()
        village.boot()
        await village.until(40)
        assert outcomes(village) == {"quen": Outcome.AIRED}
        assert village.beats[-1].waiting == 0

    told(story)


def test_it_asks_again_now_and_then_and_beats_every_ten_seconds(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await village.hub_up()
        village.boot()
        await village.until(190)
        assert village.asked == 1
        assert 10 <= village.asked_time <= 20
        assert village.beats[-1].clock_error < 0.05

    told(story)


def test_what_breaks_beside_the_loop_is_begun_again(
    told: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(village: Village) -> None:
        clip = village.clip(speech(1))
        await village.hub_up()
        village.boot()
        await village.until(10)
        wanted, broken = village.agent._holding.wanted, 1

        def breaks() -> Any:
            nonlocal broken
            broken -= 1
            if broken >= 0:
                raise ZeroDivisionError("a fault of ours")
            return wanted()

        monkeypatch.setattr(village.agent._holding, "wanted", breaks)
        await village.replan(cue("tin", 40, [clip]))
        await village.until(45)
        assert broken < 0
        assert same(village.sounded(40, 1), speech(1))

    told(story)
