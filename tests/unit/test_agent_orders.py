"""What the hub says to a unit, what somebody else says in its name, and what is obeyed."""

import errno
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.names import ZoneId
from broadcaster.link import messages
from broadcaster.link.envelope import HubKey
from broadcaster.link.judging import Memory
from broadcaster.link.messages import SetVolume, Stop
from broadcaster.unit.asking import again_after
from broadcaster.unit.home import Settings, UnitHome
from tests.sound.hearing import level
from tests.unit.box import same, speech, tone
from tests.unit.pole import cue
from tests.unit.village import UNIT, Story, Village, outcomes


def test_a_stop_is_obeyed_at_once_and_only_once(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        first, second = village.clip(tone(20)), village.clip(tone(20))
        village.lay(cue("mot", 10, [first]), cue("hai", 40, [second]))
        await village.hub_up()
        village.boot()
        await village.until(15)
        envelope = await village.order(Stop(cue=None, by="Cán bộ"))
        await village.until(16)
        assert not village.sounded(15.4, 0.5).any()
        await village.until(45)
        await village.wire.hub.order(envelope)  # somebody plays it to us again
        await village.until(50)
        assert village.sounded(46, 1).any()
        await village.kill(off_for=1)
        village.boot()
        await village.until(53)
        await village.wire.hub.order(envelope)  # and again after a restart
        await village.until(60)
        assert outcomes(village)["mot"] is Outcome.CUT_SHORT
        assert "Cán bộ" in next(entry.reason for entry in village.told)
        assert "hai" not in outcomes(village)

    told(story)


def test_a_stop_missed_while_the_wire_was_cut_is_obeyed_on_return(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        clip = village.clip(tone(60))
        village.lay(cue("mot", 10, [clip]))
        await village.hub_up()
        village.boot()
        await village.until(15)
        village.wire.units[UNIT].lose()
        await village.order(Stop(cue=None, by="Cán bộ"), keep=True)
        await village.until(20)
        assert not village.sounded(17, 2).any()
        assert outcomes(village) == {"mot": Outcome.CUT_SHORT}

    told(story)


def test_a_stop_that_the_disk_could_not_remember_does_not_stop_the_next_programme_after_a_restart(
    told: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: UnitHome, __: Memory) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(UnitHome, "keep_memory", full)

    async def story(village: Village) -> None:
        clip = village.clip(tone(20))
        village.lay(cue("mot", 10, [clip]), cue("hai", 40, [clip]))
        await village.hub_up()
        village.boot()
        await village.until(15)
        await village.order(Stop(cue=None, by="Cán bộ"), keep=True)
        await village.until(45)
        await village.kill(off_for=1)
        village.boot()
        await village.until(90)
        assert outcomes(village) == {"mot": Outcome.CUT_SHORT, "hai": Outcome.AIRED}

    told(story)


@pytest.mark.parametrize("wrong", ["key", "bytes", "expired", "others"])
def test_what_is_not_signed_for_us_and_now_is_not_obeyed_and_counted(
    told: Callable[[Story], None], wrong: str
) -> None:
    async def story(village: Village) -> None:
        clip = village.clip(tone(20))
        village.lay(cue("mot", 10, [clip]))
        await village.hub_up()
        village.boot()
        await village.until(15)
        stop = Stop(cue=None, by="kẻ lạ")
        if wrong == "key":
            await village.order(stop, key=HubKey.create())
        elif wrong == "bytes":
            await village.wire.hub.order(b"\x00" * 200)
        elif wrong == "expired":
            await village.order(stop, age=601)
        else:
            await village.order(stop, to=["unit:loa-khac", "zone:thon-khac"])
        await village.until(40)
        assert village.sounded(20, 1).any()
        assert outcomes(village) == {"mot": Outcome.AIRED}
        refusals = village.beats[-1].refusals
        assert sum(refusals.values()) == (0 if wrong == "others" else 1)

    told(story)


def test_a_plan_that_another_key_signed_is_not_put_in_force(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        ours, theirs = village.clip(speech(2, seed=1)), village.clip(speech(2, seed=2))
        village.lay(cue("tin", 30, [ours]))
        await village.hub_up()
        village.boot()
        await village.until(10)
        village.lay(cue("gia", 20, [theirs]), key=HubKey.create())
        await village.until(40)
        assert not village.sounded(20, 5).any()
        assert same(village.sounded(30, 2), speech(2, seed=1))
        assert village.beats[-1].plan == 1
        assert village.beats[-1].refusals["unknown-key"] >= 1

    told(story)


def test_an_older_plan_is_never_put_in_force_again(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        old, new = village.clip(speech(2, seed=1)), village.clip(speech(2, seed=2))
        village.lay(cue("cu", 30, [old]), revision=1)
        await village.hub_up()
        village.boot()
        await village.until(5)
        village.lay(cue("moi", 30, [new]), revision=2)
        await village.until(15)
        village.lay(cue("cu", 30, [old]), revision=1)
        await village.kill(off_for=1)
        village.boot()
        await village.until(40)
        assert same(village.sounded(30, 2), speech(2, seed=2))

    told(story)


def test_a_new_plan_is_fetched_when_the_hub_says_so(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await village.hub_up()
        village.boot()
        await village.until(30)
        assert village.beats[-1].plan == 0
        clip = village.clip(speech(2))
        await village.replan(cue("tin", 33, [clip]))
        await village.until(40)
        assert same(village.sounded(33, 2), speech(2))

    told(story)


def test_a_unit_moved_to_another_zone_plays_that_zones_plan(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        here, there = village.clip(speech(2, seed=1)), village.clip(speech(2, seed=2))
        village.lay(cue("day", 100, [here]), revision=50)
        await village.hub_up()
        village.boot()
        await village.until(10)
        village.settings = Settings(
            zone=ZoneId("thon-ben"), name="Loa", clips_url=village.door.base, volume=-6.0
        )
        village.lay(cue("kia", 100, [there]), revision=7)
        await village.until(110)
        heard = village.sounded(100, 2)
        assert same(heard, speech(2, seed=2) * np.float32(10 ** (-6 / 20)))

    told(story)


def test_volume_is_set_by_order_and_outlives_a_restart(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        clip = village.clip(tone(3))
        village.lay(cue("mot", 10, [clip]), cue("hai", 30, [clip]))
        await village.hub_up()
        village.boot()
        await village.until(5)
        village.wire.units[UNIT].lose()
        await village.until(7)
        await village.order(SetVolume(decibels=-12.0), to=[f"unit:{UNIT}"])
        village.settings = Settings(
            zone=village.settings.zone, name="Loa", clips_url=village.door.base, volume=-12.0
        )
        await village.until(20)
        village.wire.cut()
        await village.kill(off_for=1)
        village.boot()
        await village.until(35)
        for at in (11, 31):
            assert level(village.sounded(at, 1)) == pytest.approx(level(tone(1)) - 12, abs=0.1)

    told(story)


def test_the_test_chime_is_fetched_and_sounded_when_the_air_is_free(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        chime, music = village.clip(speech(1)), village.clip(tone(5))
        village.lay(cue("nhac", 30, [music]))
        await village.hub_up()
        village.boot()
        await village.until(10)
        await village.order(messages.TestChime(clip=chime.id, frames=chime.frames), to=[f"unit:{UNIT}"])
        await village.until(15)
        heard = village.sounded(10, 4)
        begin = int(np.flatnonzero(heard)[0])
        assert begin < 48_000
        assert same(heard[begin : begin + 48_000], speech(1))
        await village.until(40)
        assert outcomes(village) == {"nhac": Outcome.AIRED}

    told(story)


def test_a_plan_told_of_while_the_one_before_is_on_its_way_is_fetched_as_well(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        await village.hub_up()
        village.boot()
        await village.until(10)
        clip = village.clip(tone(5))
        village.wire.hub.serves_ask = None  # nobody says it a second time
        village.door.takes = 3.0
        await village.replan(cue("mot", 40, [clip]))
        await village.until(11)
        await village.replan(cue("mot", 40, [clip]), cue("hai", 50, [clip]))
        await village.until(60)
        assert outcomes(village) == {"mot": Outcome.AIRED, "hai": Outcome.AIRED}

    told(story)


def test_what_is_said_now_does_not_wait_for_the_long_clip_that_is_on_its_way(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        music, words = village.clip(tone(10)), village.clip(speech(3))
        village.door.in_time.add(village.lay(cue("nhac", 300, [music])).sha256)
        village.door.takes = 1000.0
        await village.hub_up()
        village.boot()
        await village.until(20)
        assert village.door.asked[-1][0] == music.id
        village.door.takes = 0.0
        await village.replan(cue("nhac", 300, [music]), cue("loi-nhan", 26, [words]))
        await village.until(40)
        assert same(village.sounded(26, 3), speech(3))
        assert village.beats[-1].missing == 0

    told(story)


def test_a_plan_that_would_not_come_is_fetched_as_soon_as_the_link_is_back(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        village.lay(cue("tin", 163, [village.clip(speech(2))]))
        village.door.says = 503
        await village.hub_up()
        village.boot()
        await village.until(150)
        village.door.says = None
        village.wire.units[UNIT].lose()
        await village.until(170)
        assert same(village.sounded(163, 2), speech(2))

    told(story)


def test_a_test_chime_that_never_comes_is_not_asked_for_once_it_has_expired(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        await village.hub_up()
        village.boot()
        await village.until(10)
        chime = village.clip(speech(1))
        del village.door.clips[chime.id]
        await village.order(messages.TestChime(clip=chime.id, frames=chime.frames), to=[f"unit:{UNIT}"])
        await village.until(500)
        assert len(village.door.asked) > 3
        await village.until(620)
        before = len(village.door.asked)
        await village.until(1000)
        assert len(village.door.asked) == before
        assert village.beats[-1].missing == 0

    told(story)


def test_a_hub_that_is_silent_for_weeks_is_asked_every_half_minute_to_the_end() -> None:
    pauses = [again_after(failed) for failed in (1, 2, 3, 5_000, 100_000)]
    assert pauses == [1.0, 2.0, 4.0, 30.0, 30.0]


@pytest.mark.parametrize("wrong", ["another key", "cut off", "another zone", "an older one", "none of these"])
def test_the_plan_on_the_disk_is_judged_like_one_that_comes(
    told: Callable[[Story], None], tmp_path: Path, wrong: str
) -> None:
    async def story(village: Village) -> None:
        clip = village.clip(speech(2))
        village.lay(cue("tin", 40, [clip]), revision=5)
        await village.hub_up()
        village.boot()
        await village.until(10)
        village.wire.cut()
        await village.kill(off_for=1)
        kept = (tmp_path / "plan.signed").read_bytes()
        if wrong == "another key":
            village.lay(cue("tin", 40, [clip]), revision=6, key=HubKey.create())
        elif wrong == "another zone":
            village.settings = Settings(zone=ZoneId("thon-khac"), name="Loa", clips_url=village.door.base)
            village.lay(cue("tin", 40, [clip]), revision=6)
        elif wrong == "an older one":
            village.lay(cue("tin", 40, [clip]), revision=4)
        assert village.plan is not None
        laid = village.door.clips[village.plan.sha256]
        for name in ("plan.signed", "plan.signed.spare"):
            (tmp_path / name).write_bytes(kept[:-9] if wrong == "cut off" else laid)
        village.boot()
        await village.until(50)
        assert village.sounded(40, 2).any() == (wrong == "none of these")

    told(story)
