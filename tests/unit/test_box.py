"""A unit alone on its pole, at fake speed: no hub, no broker, no network."""

import os
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.playout import Cleared, Raised, StopOrdered
from broadcaster.domain.programme import LatePolicy, Rank, StartMode
from tests.sound.hearing import clicks, level
from tests.unit.box import NOON, same, speech, tone
from tests.unit.pole import Pole, cue


@pytest.fixture
def pole(tmp_path: Path) -> Pole:
    return Pole(tmp_path)


def near(length: timedelta) -> object:
    return pytest.approx(length, abs=timedelta(milliseconds=30))


def test_a_unit_without_its_hub_plays_the_evening_and_writes_down_each_cue(pole: Pole) -> None:
    opening = pole.shelf.add(speech(1, seed=1))
    news = pole.shelf.add(speech(2, seed=2))
    music = pole.shelf.add(speech(2, seed=3), joins=True)
    pole.lay(cue("tin", 2, [opening, news]), cue("nhac", 8, [music]))
    pole.run(12)
    assert same(pole.sounded(2, 3), np.concatenate([speech(1, seed=1), speech(2, seed=2)]))
    assert same(pole.sounded(8, 2), speech(2, seed=3))
    assert not pole.sounded(5, 3).any()
    lines = pole.lines
    assert {name: line.outcome for name, line in lines.items()} == {
        "tin": Outcome.AIRED,
        "nhac": Outcome.AIRED,
    }
    (stretch,) = lines["tin"].stretches
    assert stretch.begin == NOON + timedelta(seconds=2)
    assert stretch.length == timedelta(seconds=3)
    loudest = max(level(second) for second in (speech(1, seed=1), *np.split(speech(2, seed=2), 2)))
    assert lines["tin"].level == pytest.approx(loudest, abs=0.2)


def test_two_cues_at_the_same_minute_sound_one_after_the_other(pole: Pole) -> None:
    first, second = pole.shelf.add(speech(2, seed=1)), pole.shelf.add(speech(2, seed=2))
    pole.lay(cue("a", 2, [first]), cue("b", 2, [second]))
    pole.run(8)
    assert same(pole.sounded(2, 4), np.concatenate([speech(2, seed=1), speech(2, seed=2)]))
    assert {line.outcome for line in pole.lines.values()} == {Outcome.AIRED}


def test_a_hard_start_cuts_what_is_on_air_at_the_clock_and_both_lines_say_so(pole: Pole) -> None:
    music, news = pole.shelf.add(tone(10), joins=True), pole.shelf.add(speech(2))
    pole.lay(cue("nhac", 1, [music]), cue("thoi-su", 4, [news], mode=StartMode.HARD))
    pole.run(10)
    assert same(pole.sounded(4, 2), speech(2))
    assert clicks(pole.sounded(1.1, 2.89), steepest=0.01) == []
    assert pole.lines["nhac"].outcome is Outcome.CUT_SHORT
    assert pole.lines["nhac"].played == near(timedelta(seconds=3))
    assert pole.lines["thoi-su"].outcome is Outcome.AIRED


def test_a_person_stops_what_is_on_air_and_the_line_says_how_much_was_heard(pole: Pole) -> None:
    clip = pole.shelf.add(tone(10))
    pole.lay(cue("nhac", 1, [clip]))
    pole.run(4)
    stopped = pole.front
    pole.box.happen(StopOrdered(cue=None, by="Cán bộ văn hoá"), stopped)
    pole.run(3)
    silent_at = (stopped - NOON).total_seconds()
    assert silent_at < 4.4
    assert not pole.sounded(silent_at + 0.06, 1).any()
    assert clicks(pole.sounded(1.1, 5), steepest=0.01) == []
    line = pole.lines["nhac"]
    assert line.outcome is Outcome.CUT_SHORT
    assert "Cán bộ văn hoá" in line.reason
    assert line.played == near(timedelta(seconds=silent_at - 1))


def test_a_stop_is_silence_at_once_and_waits_for_no_disk(pole: Pole, monkeypatch: pytest.MonkeyPatch) -> None:
    pole.lay(cue("nhac", 1, [pole.shelf.add(tone(10))]))
    pole.run(3)
    hangs, fsync = [2.0], os.fsync

    def slow(opened: int) -> None:
        if hangs:
            pole.hang(hangs.pop())
        fsync(opened)

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", slow)
        pole.box.happen(StopOrdered(cue=None, by="Cán bộ văn hoá"), pole.front)
    assert hangs == []
    assert not pole.sounded(3.12, 1.5).any()
    pole.run(5)
    assert pole.lines["nhac"].played == near(timedelta(seconds=2.05))
    assert pole.lines["nhac"].outcome is Outcome.CUT_SHORT


def test_an_alert_takes_the_air_at_once_and_the_speech_begins_again_after_it(pole: Pole) -> None:
    news, alarm = pole.shelf.add(speech(5, seed=1)), pole.shelf.add(speech(2, seed=2))
    pole.lay(cue("tin", 1, [news]))
    pole.run(3)
    raised = pole.front
    at = (raised - NOON).total_seconds()
    pole.box.happen(Raised(cue=cue("bao", at, [alarm], rank=Rank.EMERGENCY)), raised)
    pole.run(12)
    assert at < 3.4
    assert same(pole.sounded(at, 2), speech(2, seed=2))
    assert same(pole.sounded(at + 2, 5), speech(5, seed=1))
    assert pole.lines["bao"].outcome is Outcome.AIRED
    assert len(pole.lines["tin"].stretches) == 2


def test_a_cleared_alert_falls_silent(pole: Pole) -> None:
    alarm = pole.shelf.add(tone(30))
    pole.box.happen(Raised(cue=cue("bao", 1, [alarm], rank=Rank.EMERGENCY)), pole.front)
    pole.lay(cue("bao", 1, [alarm], rank=Rank.EMERGENCY))
    pole.run(5)
    pole.box.happen(Cleared(cue=None, by="Chủ tịch"), pole.front)
    pole.run(2)
    assert not pole.sounded(5.6, 1).any()


@pytest.mark.parametrize("late", list(LatePolicy))
def test_after_a_power_cut_in_the_middle_it_does_what_late_says(pole: Pole, late: LatePolicy) -> None:
    chime = pole.shelf.add(speech(2, seed=1), joins=True)
    music = pole.shelf.add(speech(20, seed=2), joins=True)
    programme = cue("nhac", 1, [chime, music], late=late)
    pole.lay(programme)
    pole.run(9)
    pole.kill(off_for=4)
    pole.lay(programme)
    pole.run(25)
    line = pole.lines["nhac"]
    before = line.stretches[0]
    assert before.begin == NOON + timedelta(seconds=1)
    assert timedelta(seconds=4) < before.length <= timedelta(seconds=8)  # a lower bound, 5 s old at most
    again = pole.sounded(14, 5)
    if late is LatePolicy.JOIN:
        assert same(again, speech(20, seed=2)[11 * 48_000 : 16 * 48_000])
        assert line.outcome is Outcome.PARTLY_AIRED
    elif late is LatePolicy.WHOLE:
        start = (line.stretches[1].begin - NOON).total_seconds()
        assert 13 <= start < 14
        assert same(pole.sounded(start, 2), speech(2, seed=1))
        assert same(pole.sounded(start + 2, 5), speech(20, seed=2)[: 5 * 48_000])
    else:
        assert not again.any()
        assert line.outcome is Outcome.ABANDONED
        assert len(line.stretches) == 1


def test_what_was_over_before_the_crash_is_not_played_again(pole: Pole) -> None:
    clip = pole.shelf.add(speech(2))
    programme = cue("tin", 1, [clip], late=LatePolicy.WHOLE)
    pole.lay(programme)
    pole.run(5)
    assert pole.lines["tin"].outcome is Outcome.AIRED
    pole.kill(off_for=1)
    pole.lay(programme)
    pole.run(5)
    assert not pole.sounded(6, 4).any()
    assert len(pole.lines) == 1
    pole.records.told([entry.cue for entry in pole.records.unsent()])
    pole.kill(off_for=1)
    pole.lay(programme)
    pole.run(3)
    assert pole.lines == {}


def test_killed_again_and_again_it_leaves_one_line_and_no_open_airing(pole: Pole) -> None:
    clip = pole.shelf.add(speech(40), joins=True)
    programme = cue("nhac", 1, [clip], late=LatePolicy.JOIN)
    pole.lay(programme)
    for seconds in (7, 7, 0.2, 0.4, 7):
        pole.run(seconds)
        pole.kill(off_for=0.3)
        pole.lay(programme)
    pole.run(30)
    assert len(pole.lines) == 1
    assert len(pole.lines["nhac"].stretches) >= 3
    assert pole.records.found_open() == ()


def test_a_broken_clip_fails_its_cue_and_the_next_one_plays(pole: Pole) -> None:
    good, bad = pole.shelf.add(speech(1, seed=1)), pole.shelf.add(speech(1, seed=2))
    after = pole.shelf.add(speech(1, seed=3))
    pole.shelf.broken[bad.id] = OSError("the card is worn out")
    pole.lay(cue("hong", 1, [good, bad]), cue("sau", 5, [after]))
    pole.run(8)
    assert same(pole.sounded(5, 1), speech(1, seed=3))
    assert pole.lines["hong"].outcome is Outcome.FAILED
    assert "worn out" in pole.lines["hong"].reason
    assert pole.lines["hong"].played == timedelta(seconds=1)
    assert pole.lines["sau"].outcome is Outcome.AIRED


def test_a_clip_that_never_came_is_left_out_and_named(pole: Pole) -> None:
    here = pole.shelf.add(speech(1, seed=1))
    elsewhere = pole.shelf.add(speech(1, seed=2))
    del pole.shelf.samples[elsewhere.id]
    pole.lay(cue("tin", 1, [elsewhere, here]), cue("trong", 4, [elsewhere], grace=2))
    pole.run(8)
    assert same(pole.sounded(1, 1), speech(1, seed=1))
    assert pole.lines["tin"].outcome is Outcome.PARTLY_AIRED
    assert pole.lines["trong"].outcome is Outcome.NOT_READY


def test_while_its_clock_is_not_trusted_cues_hold_and_alerts_play(pole: Pole) -> None:
    news, alarm = pole.shelf.add(speech(1, seed=1)), pole.shelf.add(speech(1, seed=2))
    pole.box.trust(False, pole.front)
    pole.lay(cue("tin", 1, [news], late=LatePolicy.SKIP))
    pole.run(2)
    raised = pole.front
    pole.box.happen(Raised(cue=cue("bao", 2.2, [alarm], rank=Rank.EMERGENCY)), raised)
    pole.run(18)
    assert not pole.sounded(0.5, 1.5).any()
    assert pole.sounded(2, 2).any()
    assert "tin" not in pole.lines
    pole.box.trust(True, pole.front)
    pole.run(2)
    assert pole.lines["tin"].outcome is Outcome.SKIPPED


def test_an_alert_sounds_on_unmoved_when_the_clock_is_set_by_weeks(pole: Pole) -> None:
    alarm = pole.shelf.add(speech(8))
    pole.lay()
    pole.box.trust(False, pole.front)
    at = (pole.front - NOON).total_seconds()
    pole.box.happen(Raised(cue=cue("bao", at, [alarm], rank=Rank.EMERGENCY)), pole.front)
    pole.run(3)
    shift = timedelta(days=20)

    def set_clock() -> None:
        pole.time.noon -= shift.total_seconds()

    pole.player.shifted(shift, set_clock)
    pole.box.trust(True, pole.front, shift)
    pole.run(9)
    whole = pole.sound
    begin = int(np.flatnonzero(whole)[0])
    assert same(whole[begin : begin + 8 * 48_000], speech(8))
    assert not whole[begin + 8 * 48_000 :].any()
    line = pole.lines["bao"]
    assert line.outcome is Outcome.AIRED
    (stretch,) = line.stretches
    assert stretch.begin - (NOON + shift) < timedelta(seconds=1)


def test_now_playing_is_what_the_horn_has_been_given(pole: Pole) -> None:
    clip = pole.shelf.add(speech(5))
    pole.lay(cue("tin", 2, [clip]))
    pole.run(1.9)
    assert pole.box.now_playing() is None
    pole.run(2.6)
    playing = pole.box.now_playing()
    assert playing is not None
    assert playing.title == "tin"
    assert playing.since == NOON + timedelta(seconds=2)
    assert timedelta(seconds=2) < playing.played <= timedelta(seconds=2.5)
    pole.run(4)
    assert pole.box.now_playing() is None


def test_volume_and_rank_make_the_loudness_and_an_alert_is_never_turned_down(pole: Pole) -> None:
    clip = pole.shelf.add(tone(3))
    pole.box.volume = -20.0
    pole.lay(cue("tin", 1, [clip]), cue("nen", 5, [clip], rank=Rank.FILL))
    pole.run(9)
    at = pole.front
    pole.box.happen(Raised(cue=cue("bao", (at - NOON).total_seconds(), [clip], rank=Rank.EMERGENCY)), at)
    pole.run(4)
    full = level(tone(1))
    assert level(pole.sounded(2, 1)) == pytest.approx(full - 20, abs=0.1)
    assert level(pole.sounded(6, 1)) == pytest.approx(full - 26, abs=0.1)
    assert level(pole.sounded(10.5, 1)) == pytest.approx(full, abs=0.1)


def test_the_test_chime_sounds_when_the_air_is_free_and_leaves_no_line(pole: Pole) -> None:
    chime, news = pole.shelf.add(speech(1, seed=1)), pole.shelf.add(speech(5, seed=2))
    pole.lay(cue("tin", 4, [news]))
    pole.run(1)
    assert pole.box.try_chime(chime, pole.front)
    pole.run(4)
    assert same(pole.sounded(4, 1), speech(5, seed=2)[:48_000])
    heard = pole.sounded(1, 2.5)
    begin = int(np.flatnonzero(heard)[0])
    assert same(heard[begin : begin + 48_000], speech(1, seed=1))
    assert not pole.box.try_chime(chime, pole.front)
    pole.run(8)
    assert list(pole.lines) == ["tin"]


def test_at_the_end_of_the_allowed_hours_it_is_silent(pole: Pole) -> None:
    clip = pole.shelf.add(tone(10))
    pole.lay(cue("nhac", 1, [clip]), open_for=4)
    pole.run(7)
    assert pole.sounded(3.5, 0.4).any()
    assert not pole.sounded(4, 2).any()
    assert pole.lines["nhac"].outcome is Outcome.CUT_SHORT
    assert pole.lines["nhac"].played == near(timedelta(seconds=3))
