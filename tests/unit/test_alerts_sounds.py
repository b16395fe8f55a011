"""What an alert needs on one unit: its sounds, the time, and somebody who takes its receipts."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.names import AlertId, ClipId
from broadcaster.link import messages
from tests.unit.alarms import SIREN, WORDS, at_work, last_receipt, raised, silent
from tests.unit.box import same, speech, tone
from tests.unit.conftest import FullDisk
from tests.unit.pole import cue
from tests.unit.village import UNIT, Story, Village


def test_words_that_came_with_the_order_sound_though_the_disk_is_full(
    told: Callable[[Story], None], full_disk: FullDisk
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        full_disk.full = True
        sound = speech(1, seed=5)
        words = village.clip(sound)
        village.door.clips.clear()
        await village.order(raised(20.5, words, sounds=(sound.tobytes()[:99], sound.tobytes()), repeats=2))
        await village.until(60)
        assert same(village.sounded(20.5, 1), sound)
        assert same(village.sounded(31.5, 1), sound)
        assert [entry.outcome for entry in village.told] == [Outcome.AIRED] * 2

    told(story)


def test_what_comes_under_the_name_of_another_sound_is_not_played(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        words = village.clip(speech(2, seed=99))
        village.door.clips.clear()
        await village.order(raised(20.5, words, sounds=(speech(2, seed=98).tobytes(),)), id="kc-lu-1")
        await village.until(40)
        assert silent(village, 20, 40)
        receipt = last_receipt(village, "kc-lu-1")
        assert (receipt.lacks, receipt.why) == (1, "none of its sound is here yet")

    told(story)


def test_the_sound_of_an_alert_is_fetched_before_the_long_clip_that_is_on_its_way(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        music = village.clip(tone(10))
        village.door.in_time.add(village.lay(cue("nhac", 300, [music])).sha256)
        village.door.takes = 1000.0
        await village.hub_up()
        village.boot()
        await village.until(20)
        words = village.clip(WORDS)
        village.door.in_time.add(words.id)
        await village.order(raised(20.5, words), id="kc-lu-1")
        await village.until(40)
        assert same(village.sounded(20.5, 4), WORDS)
        assert village.door.asked[-2][0] == words.id
        assert last_receipt(village, "kc-lu-1").lacks == 0

    told(story)


def test_an_alert_that_began_with_its_siren_alone_says_its_words_in_the_next_round(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        siren, words = village.clip(SIREN), village.clip(speech(4, seed=33))
        sound = village.door.clips.pop(words.id)
        await village.order(raised(20.5, siren, words, repeats=2), id="kc-lu-1")
        await village.until(26)
        assert last_receipt(village, "kc-lu-1").lacks == 1
        village.door.clips[words.id] = sound
        await village.until(60)
        assert same(village.sounded(20.5, 3), SIREN)
        assert silent(village, 24, 37)
        assert same(village.sounded(37.5, 7), np.concatenate([SIREN, speech(4, seed=33)]))
        assert [entry.outcome for entry in village.told] == [Outcome.PARTLY_AIRED, Outcome.AIRED]

    told(story)


def test_a_unit_that_does_not_know_the_time_asks_and_sounds_the_alert_in_step(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        village.lay(keep=[village.clip(SIREN)])
        village.system_clock_off = timedelta(days=-20_000)
        await village.hub_up()
        village.boot()
        await village.until(20)
        village.asleep += 3600  # the machine was suspended
        await village.until(20.01)
        await village.order(raised(20.5, village.clip(SIREN), repeats=2), keep=True)
        await village.until(50)
        heard = village.sounded(20.5, 3)
        begin = int(np.flatnonzero(heard)[0])
        assert begin < 48_000
        assert same(heard[begin:], SIREN[begin:])
        assert same(village.sounded(33.5, 3), SIREN)

    told(story)


def test_a_receipt_is_told_until_the_hub_has_it_and_then_no_more(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        village.takes_receipts = False
        await village.order(raised(20.5, village.clip(SIREN)), id="kc-lu-1")
        await village.until(40)
        assert len(village.receipts) > 3
        village.takes_receipts = True
        await village.until(160)
        village.receipts.clear()
        village.wire.units[UNIT].lose()
        await village.until(180)
        assert village.receipts == []

    told(story)


def test_a_silent_test_says_whether_this_unit_could_sound_an_alert(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        siren, words = village.clip(SIREN), village.clip(WORDS)
        await village.until(40)
        test = AlertId("thu-2026-11-21")
        await village.order(messages.TestReadiness(test=test, clips=(siren.id, words.id)), id="thu-1")
        await village.until(45)
        assert (last_receipt(village, "thu-1").alert, last_receipt(village, "thu-1").why) == (test, "")
        laid = village.agent._cache.path(siren.id)
        laid.write_bytes(laid.read_bytes()[:-1] + b"x")
        missing = ClipId("0" * 64)
        await village.order(
            messages.TestReadiness(test=test, clips=(siren.id, words.id, missing)), id="thu-2"
        )
        await village.until(50)
        receipt = last_receipt(village, "thu-2")
        assert (receipt.lacks, receipt.why) == (2, "2 of 3 sounds are not here whole")
        assert silent(village, 20, 50)

    told(story)


def test_a_test_finds_a_loudspeaker_that_takes_no_sound(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        village.dead_device = True
        test = messages.TestReadiness(test=AlertId("thu"), clips=())
        await village.order(test, id="thu-1")
        await village.until(21)
        assert last_receipt(village, "thu-1").why == "its loudspeaker takes no sound"

    told(story)
