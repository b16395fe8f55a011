"""Clocks that are set, slewed, suspended or wrong, while a unit plays: what sounds does not move."""

import errno
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.playout import Raised
from broadcaster.domain.programme import LatePolicy, Rank
from broadcaster.link.messages import SetVolume, Stop
from broadcaster.unit import clock as clock_file
from tests.unit.box import NOON, same, speech
from tests.unit.pole import cue
from tests.unit.village import UNIT, Story, Village, outcomes

HOUR = timedelta(hours=1)

Upset = Callable[[Village], Coroutine[Any, Any, None]]


async def set_an_hour_on_and_back(village: Village) -> None:
    village.system_clock_off += HOUR
    await village.until(33)
    village.system_clock_off -= 2 * HOUR
    await village.until(36)


async def slewed_by_ntp(village: Village) -> None:
    """500 ppm, the most the kernel does, for half a minute: 15 ms."""
    for _ in range(300):
        village.system_clock_off += timedelta(microseconds=50)
        await village.until(village.loop.time() - village._noon + 0.1)


@pytest.mark.parametrize("hub", ["there", "dead"])
@pytest.mark.parametrize("upset", [set_an_hour_on_and_back, slewed_by_ntp])
def test_a_system_clock_that_is_set_or_slewed_moves_no_sample_of_what_is_anchored(
    told: Callable[[Story], None], upset: Upset, hub: str
) -> None:
    """One programme is on the air, and one comes."""

    async def story(village: Village) -> None:
        on_air, coming = village.clip(speech(45, seed=1)), village.clip(speech(5, seed=2))
        village.lay(cue("dang", 20, [on_air]), cue("sap", 70, [coming]))
        village.ntp = 0.02
        await village.hub_up()
        village.boot()
        await village.until(15)
        if hub == "dead":
            village.wire.cut()
        await village.until(30)
        await upset(village)
        await village.until(80)
        assert same(village.sounded(20, 45), speech(45, seed=1))
        assert same(village.sounded(70, 5), speech(5, seed=2))

    told(story)


def test_a_box_that_has_only_ntp_and_is_set_by_it_plays_what_sounds_to_its_end(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        on_air = village.clip(speech(30, seed=1))
        village.lay(cue("dang", 20, [on_air]))
        await village.hub_up()
        village.boot()
        await village.until(10)
        village.wire.cut()
        village.ntp = 0.02
        await village.kill()
        village.machine_started = "another start"
        village.boot()
        await village.until(25)
        assert village.clock.trusted
        await set_an_hour_on_and_back(village)
        await village.until(55)
        assert same(village.sounded(20, 30), speech(30, seed=1))

    told(story)


def test_a_hub_that_comes_up_an_hour_off_and_is_set_right_by_ntp_takes_no_village_with_it(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        on_air, coming = village.clip(speech(30, seed=1)), village.clip(speech(5, seed=2))
        skipped = village.clip(speech(5, seed=3))
        village.lay(
            cue("dang", 20, [on_air]),
            cue("sap", 60, [coming]),
            cue("mot-gio-sau", 3600 + 40, [skipped], late=LatePolicy.WHOLE),
        )
        await village.hub_up()
        village.boot()
        await village.until(25)
        village.wire.cut()
        village.wire.mend()
        village.hub_clock_off = HOUR
        await village.until(45)
        village.hub_clock_off = timedelta(0)
        await village.until(70)
        assert same(village.sounded(20, 30), speech(30, seed=1))
        assert not village.sounded(50.1, 9).any()
        assert same(village.sounded(60, 5), speech(5, seed=2))

    told(story)


def test_a_hub_whose_clock_was_set_for_good_is_followed_and_what_sounds_goes_on(
    told: Callable[[Story], None],
) -> None:
    """All units go with it: it is the hub's clock by which cues are dated."""

    async def story(village: Village) -> None:
        on_air, coming = village.clip(speech(90, seed=1)), village.clip(speech(5, seed=2))
        village.lay(cue("dang", 20, [on_air]), cue("mot-gio-sau", 3600 + 150, [coming]))
        await village.hub_up()
        village.boot()
        await village.until(30)
        village.hub_clock_off = HOUR
        await village.until(170)
        assert same(village.sounded(20, 90), speech(90, seed=1))
        assert same(village.sounded(150, 5), speech(5, seed=2))
        assert outcomes(village) == {"dang": Outcome.AIRED, "mot-gio-sau": Outcome.AIRED}

    told(story)


@pytest.mark.parametrize("fast", [100e-6, -100e-6])
def test_a_unit_whose_crystal_is_not_the_hubs_ends_a_long_item_with_the_hub(
    told: Callable[[Story], None], fast: float
) -> None:
    """After 90 s the crystals are 9 ms apart. The card runs with the unit's; the hub is gone meanwhile."""

    async def story(village: Village) -> None:
        long = village.clip(speech(100, seed=1))
        village.lay(cue("dai", 70, [long]))
        village.hub_fast = fast
        await village.hub_up()
        village.boot()
        await village.until(60)
        village.wire.cut()
        await village.until(165)
        at = 158.0
        due = round((at * (1 + fast) - 70) * 48_000)
        heard, wanted = village.sounded(at, 0.25), speech(100, seed=1)[due - 480 : due + 12_480]
        lags = np.correlate(wanted, heard, "valid")
        assert abs(int(lags.argmax()) - 480) <= 24

    told(story)


@pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["on", "back"])
def test_an_order_of_a_hub_whose_clock_was_just_set_is_obeyed_at_once(
    told: Callable[[Story], None], by: timedelta
) -> None:
    """The unit takes it for expired, or for issued in the future: so it asks, and judges by the answer."""

    async def story(village: Village) -> None:
        on_air = village.clip(speech(60))
        village.lay(cue("dang", 10, [on_air]))
        await village.hub_up()
        village.boot()
        await village.until(20)
        village.hub_clock_off = by
        await village.until(25)
        await village.order(SetVolume(decibels=-20.0), to=[f"unit:{UNIT}"], keep=True)
        await village.until(27)
        assert village.agent._obeying.settings.volume == -20.0

    told(story)


@pytest.mark.parametrize("system", ["went on", "is anywhere"])
def test_a_box_that_was_suspended_asks_at_once_and_plays_what_comes_at_its_sample(
    told: Callable[[Story], None], system: str
) -> None:
    """Four minutes pass that its monotonic clock does not see; the next programme was anchored before."""

    async def story(village: Village) -> None:
        coming = village.clip(speech(5, seed=2))
        village.lay(cue("sap", 300, [coming]))
        await village.hub_up()
        village.boot()
        await village.until(40)
        asked = village.asked
        gone = timedelta(seconds=240)
        village.asleep = gone.total_seconds()
        village.hub_clock_off = gone
        village.system_clock_off = gone if system == "went on" else -14 * 24 * HOUR
        await village.until(40.2)
        assert village.asked == asked + 1
        assert village.clock.trusted
        await village.until(70)
        assert same(village.sounded(60, 5), speech(5, seed=2))
        assert village.clock.now() == pytest.approx(village.hub_now, abs=timedelta(milliseconds=1))

    told(story)


def test_a_box_that_was_suspended_while_the_hub_is_gone_holds_its_programmes_until_it_is_back(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        coming = village.clip(speech(5, seed=2))
        village.lay(cue("sap", 300, [coming]), cue("sau", 330, [coming]))
        await village.hub_up()
        village.boot()
        await village.until(40)
        village.wire.cut()
        village.asleep = 240.0
        village.hub_clock_off = village.system_clock_off = timedelta(seconds=240)
        await village.until(80)
        assert not village.sounded(41, 39).any()
        village.wire.mend()
        await village.until(100)
        assert same(village.sounded(90, 5), speech(5, seed=2))

    told(story)


def test_without_the_time_cues_hold_and_with_the_hub_they_play(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        clip = village.clip(speech(2))
        village.lay(cue("tin", 30, [clip]), cue("tin-sau", 60, [clip]))
        await village.hub_up()
        village.boot()
        await village.until(10)
        village.wire.cut()
        await village.kill(off_for=1)
        village.machine_started = "another start: a power cut, and no battery clock"
        village.system_clock_off = -timedelta(days=14)
        village.boot()
        await village.until(45)
        assert not village.sounded(20, 20).any()
        village.wire.mend()
        await village.until(70)
        assert same(village.sounded(60, 2), speech(2))

    told(story)


def test_without_the_time_an_alert_plays_and_programmes_hold(told: Callable[[Story], None]) -> None:
    """After a power cut, no battery and no hub: a fortnight off by its own clock."""

    async def story(village: Village) -> None:
        news, siren = village.clip(speech(2, seed=1)), village.clip(speech(3, seed=2))
        village.lay(cue("tin", 60, [news]), cue("tin-sau", 90, [news, siren]))
        await village.hub_up()
        village.boot()
        await village.until(10)
        village.wire.cut()
        await village.kill(off_for=1)
        village.machine_started = "another start"
        village.system_clock_off = -14 * 24 * HOUR
        village.boot()
        await village.until(40)
        assert not village.clock.trusted
        by_its_clock = (village.clock.now() - NOON).total_seconds() + 1
        alert = cue("bao-dong", by_its_clock, [siren], rank=Rank.EMERGENCY)
        village.agent._box.happen(Raised(cue=alert), village.agent._front)
        await village.until(80)
        heard = village.sounded(40, 5)
        begin = int(np.flatnonzero(heard)[0])
        assert begin < 48_000
        assert same(heard[begin : begin + 3 * 48_000], speech(3, seed=2))
        assert not village.sounded(45, 34).any()

    told(story)


def test_on_a_full_disk_the_hubs_answer_counts_all_the_same(
    told: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(path: Path, content: bytes, *, mode: int = 0o644) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    async def story(village: Village) -> None:
        monkeypatch.setattr(clock_file, "write_whole", full)
        clip = village.clip(speech(20))
        village.lay(cue("mot", 10, [clip]))
        await village.hub_up()
        village.boot()
        await village.until(15)
        village.wire.units[UNIT].lose()
        await village.order(Stop(cue=None, by="Cán bộ"), keep=True)
        await village.until(40)
        assert village.clock.trusted
        assert outcomes(village) == {"mot": Outcome.CUT_SHORT}

    with caplog.at_level(logging.WARNING):
        told(story)
    said = [record.getMessage() for record in caplog.records]
    assert sum("station time is not kept" in words for words in said) == 1
    assert not any("asking failed" in words for words in said)


def test_what_changed_without_a_word_is_noticed_with_the_time(told: Callable[[Story], None]) -> None:
    """The order that said so was lost on the way; the next question what time it is finds out."""

    async def story(village: Village) -> None:
        await village.hub_up()
        village.boot()
        await village.until(60)
        assert village.asked == 1
        village.lay(cue("tin", 190, [village.clip(speech(2))]))
        await village.until(200)
        assert village.asked == 2
        assert same(village.sounded(190, 2), speech(2))

    told(story)
