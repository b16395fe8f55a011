"""An alert in force outlives its unit's death: power cuts, worn cards, full and hanging disks."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from broadcaster.domain.alert import rounds
from broadcaster.domain.asrun import Outcome
from broadcaster.domain.names import AlertId
from broadcaster.domain.playout import Raised
from broadcaster.domain.programme import Rank
from broadcaster.horn.passage import Passage
from broadcaster.link.envelope import HubKey
from broadcaster.link.judging import Memory
from broadcaster.link.messages import Receipt, read, write
from broadcaster.unit.home import UnitHome
from broadcaster.unit.keeping import Keeping, Kept
from broadcaster.unit.records import Open, Records
from tests.unit.alarms import SIREN, at_work, call, cleared, raised, silent
from tests.unit.box import NOON, same, speech
from tests.unit.conftest import FullDisk
from tests.unit.pole import Pole
from tests.unit.pole import cue as pole_cue
from tests.unit.powercut import Trace, laid_out
from tests.unit.village import Story, Village


def test_a_unit_killed_in_the_middle_goes_on_with_the_remaining_rounds_though_the_hub_is_dead(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        await village.order(raised(20.5, village.clip(SIREN), repeats=4))
        await village.until(34)
        village.wire.cut()
        await village.kill(off_for=4)
        village.boot()
        await village.until(70)
        assert same(village.sounded(46.5, 3), SIREN)
        assert same(village.sounded(59.5, 3), SIREN)
        assert silent(village, 42, 46)  # what it was killed in the middle of it said anew
        village.wire.mend()
        await village.until(85)
        assert [entry.cue.nominal.second for entry in village.told] == [20, 33, 46, 59]
        assert silent(village, 64, 85)

    told(story)


def test_killed_between_the_rounds_it_sounds_none_of_them_twice(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        await village.order(raised(20.5, village.clip(SIREN), repeats=2), keep=True)
        await village.until(26)
        await village.kill(off_for=1)
        village.boot()
        await village.until(60)
        assert silent(village, 27, 33)
        assert same(village.sounded(33.5, 3), SIREN)
        assert silent(village, 37, 60)
        assert len(village.told) == 2

    told(story)


def test_killed_between_the_act_and_the_writing_down_it_hears_of_the_alert_again_and_sounds_it_once(
    told: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        with monkeypatch.context() as patch:
            patch.setattr(Keeping, "write", lambda _: None)
            patch.setattr(village.agent._obeying, "keep", lambda: None)
            await village.order(raised(20.5, village.clip(SIREN), repeats=2), keep=True)
            await village.until(25)
            await village.kill(off_for=1)
        village.boot()
        await village.until(60)
        assert silent(village, 27, 33)
        assert same(village.sounded(33.5, 3), SIREN)
        assert silent(village, 37, 60)
        assert len(village.told) == 2

    told(story)


def test_a_stop_outlives_a_restart_and_what_it_stopped_stays_silent(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        envelope = await village.order(raised(20.5, village.clip(SIREN), repeats=4))
        await village.until(30)
        await village.order(cleared(2))
        await village.until(31)
        await village.kill(off_for=1)
        village.boot()
        await village.until(40)
        await village.wire.hub.order(envelope)
        await village.until(60)
        assert silent(village, 31, 60)

    told(story)


@pytest.mark.parametrize("wrong", ["another key", "one byte changed", "expired", "none of these"])
def test_what_lies_on_the_disk_is_judged_like_what_comes_over_the_wire(
    told: Callable[[Story], None], tmp_path: Path, wrong: str
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        body = raised(20.5, village.clip(SIREN), repeats=4, lasts=20 if wrong == "expired" else 99)
        await village.order(body, id="kc-lu-1")
        await village.until(25)
        village.wire.cut()
        await village.kill(off_for=1)
        for path in (tmp_path / "alerts").iterdir():
            kept = read(Kept, path.read_bytes())
            envelope = bytearray(kept.envelope)
            if wrong == "another key":
                envelope = bytearray(village.sealed(body, id="kc-lu-1", key=HubKey.create()))
            elif wrong == "one byte changed":
                envelope[envelope.index(b"kc-lu") + 3] ^= 1
            path.write_bytes(write(Kept(envelope=bytes(envelope), receipt=kept.receipt)))
        village.boot()
        await village.until(50)
        assert village.sounded(46.5, 3).any() == (wrong == "none of these")
        assert bool(list((tmp_path / "alerts").iterdir())) == (wrong == "none of these")

    told(story)


def test_one_rotten_file_of_two_is_no_silence(told: Callable[[Story], None], tmp_path: Path) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        await village.order(raised(20.5, village.clip(SIREN), repeats=3))
        await village.until(25)
        village.wire.cut()
        await village.kill(off_for=1)
        (tmp_path / "alerts" / "kc-lu.json").write_bytes(b"rot")
        village.boot()
        await village.until(40)
        assert same(village.sounded(33.5, 3), SIREN)

    told(story)


def test_a_card_that_lost_the_alert_but_not_the_memory_of_it_lets_the_hub_say_it_again(
    told: Callable[[Story], None], tmp_path: Path
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        await village.order(raised(20.5, village.clip(SIREN), repeats=3), keep=True)
        await village.until(25)
        await village.kill(off_for=1)
        for path in (tmp_path / "alerts").iterdir():
            path.unlink()
        village.boot()
        await village.until(55)
        assert silent(village, 27, 33)
        assert same(village.sounded(33.5, 3), SIREN)
        assert same(village.sounded(46.5, 3), SIREN)

    told(story)


def test_after_a_power_cut_without_hub_and_time_no_alert_of_who_knows_when_wakes_the_village(
    told: Callable[[Story], None],
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        await village.order(raised(20.5, village.clip(SIREN), repeats=4, gap=20))
        await village.until(30)
        village.wire.cut()
        await village.kill(off_for=1)
        village.machine_started, village.system_clock_off = "another start", timedelta(days=-3)
        village.boot()
        await village.until(60)
        assert silent(village, 31, 60)
        village.wire.mend()
        await village.until(95)
        assert same(village.sounded(66.5, 3), SIREN)
        assert same(village.sounded(89.5, 3), SIREN)

    told(story)


def test_words_that_came_with_the_order_are_there_after_a_restart(told: Callable[[Story], None]) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        words = village.clip(speech(1, seed=5))
        village.door.clips.clear()
        await village.order(raised(20.5, words, sounds=(speech(1, seed=5).tobytes(),), repeats=3))
        await village.until(25)
        village.wire.cut()
        await village.kill(off_for=1)
        village.boot()
        await village.until(45)
        assert same(village.sounded(31.5, 1), speech(1, seed=5))

    told(story)


def test_a_full_disk_neither_delays_an_alert_nor_repeats_it_and_is_written_when_it_takes_bytes_again(
    told: Callable[[Story], None], full_disk: FullDisk, tmp_path: Path
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        full_disk.full = True
        await village.order(raised(20.5, village.clip(SIREN), repeats=3), keep=True)
        await village.until(30)
        assert same(village.sounded(20.5, 3), SIREN)
        assert not list(tmp_path.glob("alerts/*.json"))
        full_disk.full = False
        await village.until(55)
        assert list(tmp_path.glob("alerts/*.json"))
        assert [entry.outcome for entry in village.told] == [Outcome.AIRED] * 3

    told(story)


def test_nothing_is_left_on_the_disk_of_an_alert_that_is_over(
    told: Callable[[Story], None], tmp_path: Path
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        words = speech(1, seed=5)
        await village.order(raised(20.5, village.clip(words), sounds=(words.tobytes(),), lasts=20))
        await village.until(60)
        assert list((tmp_path / "alerts").iterdir()) == []
        assert village.agent._cache._lent == {}

    told(story)


def test_a_disk_that_hangs_when_an_alert_begins_delays_it_by_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pole = Pole(tmp_path)
    siren = pole.shelf.add(SIREN)
    pole.lay(pole_cue("tin", 1, [pole.shelf.add(speech(30))]))
    pole.run(5)
    written: list[object] = []

    def hang(_: Records, airing: Open) -> None:
        if airing.cue.rank is Rank.EMERGENCY:
            pole.hang(4)
            written.append(airing)

    monkeypatch.setattr(Records, "keep_open", hang)
    planned = rounds(call(5, [siren]), pole.front)
    pole.box.happen(Raised(cue=planned[0]), pole.front)
    pole.run(3)
    assert written
    heard = pole.sounded(5, 3)
    begin = int(np.flatnonzero(heard)[0])
    assert same(pole.sounded(5.5, 2), SIREN[24_000 : 24_000 + 96_000])
    assert begin < 24_000


def test_nothing_is_written_before_the_player_has_the_alert(
    told: Callable[[Story], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(village: Village) -> None:
        await at_work(village)
        done: list[str] = []
        follow, keep, write_all = village.player.follow, UnitHome.keep_memory, Keeping.write

        def followed(passages: Sequence[Passage]) -> None:
            done.extend("player" for passage in passages if passage.cue.startswith("kc-lu"))
            follow(passages)

        def kept(home: UnitHome, memory: Memory) -> None:
            done.append("memory")
            keep(home, memory)

        def written(keeping: Keeping) -> None:
            done.append("alert")
            write_all(keeping)

        monkeypatch.setattr(village.player, "follow", followed)
        monkeypatch.setattr(UnitHome, "keep_memory", kept)
        monkeypatch.setattr(Keeping, "write", written)
        await village.order(raised(20.5, village.clip(SIREN)))
        await village.until(22)
        assert done[0] == "player"
        assert [what for what in done if what != "player"][:2] == ["alert", "memory"]

    told(story)


def test_after_any_power_cut_an_alert_lies_there_whole_or_not_at_all(tmp_path: Path) -> None:
    home = tmp_path / "unit"
    home.mkdir()
    receipt = Receipt(order="kc-lu-1", alert=AlertId("kc-lu"), version=1, received=NOON)
    orders = [Kept(envelope=bytes([number]) * 900, receipt=receipt) for number in range(3)]
    keeping, written = Keeping(home / "alerts"), [0]
    with Trace(home, lambda: written[0]) as trace:
        for number, kept in enumerate(orders, 1):
            keeping.put("kc-lu", kept)
            keeping.write()
            written[0] = number
        keeping.put("kc-lu", None)
        keeping.write()  # not forced: what has expired and comes back is deleted again
    seen = 0
    for point in trace.points:
        for world in point.worlds():
            seen += 1
            found = Keeping(laid_out(world, tmp_path / f"world-{seen}") / "alerts").found().get("kc-lu")
            allowed = [*orders[max(point.mark - 1, 0) : point.mark + 1]]
            assert found in (allowed if 0 < point.mark < 3 else [*allowed, None])
    assert seen > 50


def test_a_folder_that_cannot_be_made_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "alerts").write_text("a file where the folder should be")
    receipt = Receipt(order="kc-lu-1", alert=AlertId("kc-lu"), version=1, received=NOON)
    keeping = Keeping(tmp_path / "alerts")
    assert keeping.found() == {}
    keeping.put("kc-lu", Kept(envelope=b"x", receipt=receipt))
    keeping.write()
    assert keeping.behind
    (tmp_path / "alerts").unlink()
    keeping.write()
    assert not keeping.behind
    assert Keeping(tmp_path / "alerts").found().keys() == {"kc-lu"}
