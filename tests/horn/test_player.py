"""What the horn is given, frame by frame, at fake speed."""

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from broadcaster.domain.plan import FRAME_RATE, length_of
from broadcaster.horn.fading import FADE
from broadcaster.horn.player import Heard
from broadcaster.sound.codec import BadSound
from broadcaster.sound.faults import Fault
from tests.sound.hearing import clicks, level, onset
from tests.unit.box import NOON, Box, same, speech, tone


@pytest.fixture
def box() -> Box:
    return Box()


def ends(box: Box) -> dict[str, Heard]:
    """What is known of each cue's latest run."""
    return {heard.cue.programme: heard for heard in box.player.heard()}


def test_a_passage_begins_on_the_very_frame_of_its_instant(box: Box) -> None:
    clip = box.shelf.add(speech(1))
    box.player.follow([box.passage(clip, at=1.2345)])
    box.run(3)
    assert onset(box.sound, 0.0) == box.frame(1.2345)
    assert same(box.at(1.2345, 1.0), speech(1))
    assert not box.at(2.2345 + 0.001, 0.5).any()


def test_its_clips_are_joined_to_the_sample(box: Box) -> None:
    whole = speech(3)
    clips = [
        box.shelf.add(whole[:10_007]),
        box.shelf.add(whole[10_007:50_000]),
        box.shelf.add(whole[50_000:]),
    ]
    box.player.follow([box.passage(*clips, at=0.5)])
    box.run(4)
    assert same(box.at(0.5, 3.0), whole)


def test_told_too_late_it_joins_in_step(box: Box) -> None:
    clip = box.shelf.add(speech(3))
    box.run(1.0)
    box.player.follow([box.passage(clip, at=0.25)])
    box.run(2.5)
    assert same(box.at(2.2, 0.8), speech(3)[round(1.95 * FRAME_RATE) : round(2.75 * FRAME_RATE)])
    assert not box.at(0.25, 0.75).any()
    assert level(box.at(1.2, 0.1)) < level(box.at(2.2, 0.8)) - 10


def test_one_that_is_over_before_it_was_told_does_not_sound(box: Box) -> None:
    clip = box.shelf.add(speech(0.5))
    box.run(1.0)
    box.player.follow([box.passage(clip, at=0.25), box.passage(clip, at=0.0, until=0.2)])
    box.run(1.0)
    assert not box.sound.any()
    assert box.player.heard() == ()


def test_a_cut_is_a_fade_of_50_ms_that_is_silent_at_its_instant(box: Box) -> None:
    clip = box.shelf.add(tone(5))
    box.player.follow([box.passage(clip, at=0.5, until=1.5)])
    box.run(2)
    assert same(box.at(0.5, 0.95), tone(5)[: round(0.95 * FRAME_RATE)])
    faded = box.at(1.45, FADE)
    assert np.max(np.abs(faded[: FADE // 10])) > 0.44
    assert np.max(np.abs(faded[-FADE // 10 :])) < 0.06
    assert not box.at(1.5, 0.4).any()
    assert clicks(box.at(0.6, 1.2), steepest=0.01) == []


def test_the_next_one_begins_whole_on_the_frame_on_which_the_cut_one_is_silent(box: Box) -> None:
    first, second = box.shelf.add(tone(5)), box.shelf.add(speech(1))
    box.player.follow(
        [box.passage(first, at=0.5, until=1.5, cue="nhac"), box.passage(second, at=1.5, cue="tin")]
    )
    box.run(3)
    assert same(box.at(1.5, 1.0), speech(1))


def test_what_follows_at_the_natural_end_begins_there_without_a_gap(box: Box) -> None:
    first, second = box.shelf.add(speech(1, seed=1)[:47_999]), box.shelf.add(speech(1, seed=2))
    end = 0.5 + length_of(first.frames).total_seconds()
    box.player.follow([box.passage(first, at=0.5, cue="mot"), box.passage(second, at=end, cue="hai")])
    box.run(3)
    both = np.concatenate([speech(1, seed=1)[:47_999], speech(1, seed=2)])
    assert same(box.at(0.5, len(both)), both)


def test_one_that_is_due_in_the_last_frames_of_another_waits_for_them_and_loses_nothing(box: Box) -> None:
    first, second = box.shelf.add(speech(1, seed=1)), box.shelf.add(speech(1, seed=2))
    box.player.follow([box.passage(first, at=0.5, cue="mot"), box.passage(second, at=1.49, cue="hai")])
    box.run(3)
    assert same(box.at(0.5, 1.0), speech(1, seed=1))
    assert same(box.at(1.5, 400), speech(1, seed=2)[:400])


def test_the_future_may_be_replaced_at_any_time(box: Box) -> None:
    first, second = box.shelf.add(speech(2, seed=1)), box.shelf.add(speech(1, seed=2))
    box.player.follow([box.passage(first, at=1.0, cue="mot")])
    box.run(0.5)
    box.player.follow([box.passage(second, at=1.25, cue="hai")])
    box.run(2.5)
    assert not box.at(0.0, 1.25).any()
    assert same(box.at(1.25, 1.0), speech(1, seed=2))
    assert set(ends(box)) == {"hai"}


def test_what_is_on_air_and_still_wanted_goes_on_without_a_trace_of_the_change(box: Box) -> None:
    clip = box.shelf.add(speech(3))
    passage = box.passage(clip, at=0.5)
    for _ in range(20):
        box.player.follow([passage])
        box.player.prepare()
        box.run(0.2)
    assert same(box.at(0.5, 3.0), speech(3))
    assert len(box.shelf.opened) == 1


def test_what_is_no_longer_wanted_is_faded_out_at_once_and_the_newcomer_waits_for_silence(box: Box) -> None:
    first, second = box.shelf.add(tone(5)), box.shelf.add(speech(2))
    box.player.follow([box.passage(first, at=0.5, cue="nhac")])
    box.run(1.0)
    box.player.follow([box.passage(second, at=1.0, cue="bao")])
    box.run(2.5)
    assert clicks(box.at(0.6, 0.39), steepest=0.01) == []
    late = onset(box.at(1.0, 1.0) - tone(5)[24_000:72_000], 0.001)  # where it is no longer the tone alone
    assert late <= 0.2 * FRAME_RATE
    assert same(box.at(1.4, 1.5), speech(2)[round(0.4 * FRAME_RATE) : round(1.9 * FRAME_RATE)])


def test_decided_at_the_front_a_cut_and_a_start_are_on_time(box: Box) -> None:
    first, second = box.shelf.add(tone(5)), box.shelf.add(speech(1))
    music = box.passage(first, at=0.5, cue="nhac")
    box.player.follow([music])
    box.run(1.0)
    front = box.player.front() - box.time.noon
    box.run(0.01)  # deciding takes a while
    box.player.follow(
        [box.passage(first, at=0.5, until=front, cue="nhac"), box.passage(second, at=front, cue="bao")]
    )
    box.run(2)
    assert front - 1.0 < 0.06
    assert same(box.at(front, 1.0), speech(1))


def test_a_clip_beyond_full_scale_is_held_at_full_scale(box: Box) -> None:
    clip = box.shelf.add(tone(1, amplitude=1.5))
    box.player.follow([box.passage(clip, at=0.2)])
    box.run(1.5)
    assert np.max(np.abs(box.sound)) == 1.0


@pytest.mark.parametrize("nobody_fed_it_for", [0.5, 0.175])  # a hole of 340 ms, and one of 15
def test_a_hole_costs_the_words_in_it_and_not_the_step(box: Box, nobody_fed_it_for: float) -> None:
    clip = box.shelf.add(speech(4))
    box.player.follow([box.passage(clip, at=0.5)])
    box.run(1.0)
    box.time.seconds += nobody_fed_it_for
    box.speaker.keep_pace()
    box.run(2.9)
    assert box.speaker.ring.underruns > 0
    assert same(box.at(2.0, 2.0), speech(4)[round(1.5 * FRAME_RATE) : round(3.5 * FRAME_RATE)])
    runs = box.player.heard()
    assert len(runs) == 2
    assert runs[0].done
    on_air = timedelta(seconds=box.time.seconds - box.time.noon - 0.5)
    assert on_air - sum((run.length for run in runs), timedelta(0)) > timedelta(milliseconds=9)


def test_a_slow_card_stays_in_step(box: Box) -> None:
    clip = box.shelf.add(tone(30, hertz=300))
    box.player.follow([box.passage(clip, at=0.5)])

    def drift() -> None:
        box.time.noon -= 0.01 * 150e-6  # station time gains on the card by 150 ppm

    box.run(30, meanwhile=drift)
    (heard,) = box.player.heard()
    assert box.frame(30.0) - box.frame(0.5) == pytest.approx(29.5 * FRAME_RATE, abs=1)
    laid = box.sound[-FRAME_RATE // 2 :]
    at = len(box.sound) - len(laid)
    sounds = box.speaker.sounds_at(at)
    assert sounds is not None
    gone = sounds - box.time.noon - 0.5
    wanted = np.sin(2 * np.pi * 300 * (gone + np.arange(len(laid)) / FRAME_RATE)) * 0.5
    assert np.max(np.abs(laid - wanted)) < 0.5 * 2 * np.pi * 300 * 0.0005  # within half a millisecond
    assert clicks(box.at(0.6, 29.0), steepest=0.005) == []
    assert heard.fault is None


def test_a_leap_of_station_time_is_leapt_after_without_a_click(box: Box) -> None:
    clip = box.shelf.add(tone(6, hertz=300))
    box.player.follow([box.passage(clip, at=0.5)])
    box.run(2)
    box.time.noon -= 0.2  # it was 200 ms later all the time
    box.run(2)
    sound = box.sound[box.frame(3.5) :][: FRAME_RATE // 2]
    wanted = tone(6, hertz=300)[3 * FRAME_RATE :][: FRAME_RATE // 2]
    assert np.allclose(sound, wanted, atol=0.01)
    assert clicks(box.at(1.0, 3.0), steepest=0.005) == []
    assert len(box.player.heard()) == 2


def test_ended_is_said_when_the_horn_has_sounded_the_last_frame(box: Box) -> None:
    clip = box.shelf.add(speech(1))
    box.player.follow([box.passage(clip, at=0.5)])
    box.run(1.45)
    (running,) = box.player.heard()
    assert running.laid > running.length // timedelta(microseconds=1) * FRAME_RATE / 1e6
    assert running.length == pytest.approx(timedelta(seconds=0.95), abs=timedelta(milliseconds=15))
    assert not running.done
    box.run(0.1)
    (over,) = box.player.heard()
    assert over.done
    assert over.length == timedelta(seconds=1)
    assert over.begin == NOON + timedelta(seconds=0.5)
    assert box.player.heard() == ()


def test_the_loudest_second_is_told(box: Box) -> None:
    sound = np.concatenate([tone(1, amplitude=0.1), tone(1, amplitude=0.5), tone(1.1, amplitude=0.01)])
    box.player.follow([box.passage(box.shelf.add(sound), at=0.2)])
    box.run(4)
    (heard,) = box.player.heard()
    assert heard.loudest == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.05)


def test_a_damaged_clip_ends_its_passage_and_says_why(box: Box) -> None:
    good, bad = box.shelf.add(speech(1, seed=1)), box.shelf.add(speech(1, seed=2))
    after = box.shelf.add(speech(1, seed=3))
    box.shelf.broken[bad.id] = OSError("the card is worn out")
    box.player.follow([box.passage(good, bad, at=0.5, cue="hong"), box.passage(after, at=3.0, cue="sau")])
    box.player.prepare()
    box.run(4.5)
    heard = ends(box)
    assert str(heard["hong"].fault) == "the card is worn out"
    assert heard["hong"].length == timedelta(seconds=1)
    assert heard["hong"].done
    assert same(box.at(3.0, 1.0), speech(1, seed=3))


def test_bad_sound_is_taken_like_a_worn_out_card(box: Box) -> None:
    bad = box.shelf.add(speech(1))
    box.shelf.broken[bad.id] = BadSound(Path("clip.opus"), Fault.DAMAGED)
    box.player.follow([box.passage(bad, at=0.5)])
    box.run(1)
    (heard,) = box.player.heard()
    assert isinstance(heard.fault, BadSound)


def test_readers_of_passages_that_are_no_longer_wanted_are_closed(box: Box) -> None:
    clips = [box.shelf.add(speech(1, seed=n)) for n in range(4)]
    for clip in clips:
        box.player.follow([box.passage(clip, at=1.0)])
        box.player.prepare()
    assert len(box.shelf.opened) == 4
    assert [reader.open for reader in box.shelf.opened] == [False, False, False, True]


def test_the_ring_is_kept_as_full_as_the_speaker_wants_it_and_no_fuller(box: Box) -> None:
    ahead: list[int] = []
    box.run(2, meanwhile=lambda: ahead.append(box.speaker.ring.head - box.speaker.ring.taken))
    assert max(ahead) <= box.speaker.ahead + 0.02 * FRAME_RATE
    assert min(ahead) >= box.speaker.ahead - 0.03 * FRAME_RATE
    assert box.speaker.ring.underruns == 0


def test_clips_are_opened_five_seconds_ahead_and_not_before(box: Box) -> None:
    near, far = box.shelf.add(speech(1, seed=1)), box.shelf.add(speech(1, seed=2))
    box.run(1)
    box.player.follow([box.passage(near, at=5.9, cue="gan"), box.passage(far, at=7.0, cue="xa")])
    assert len(box.shelf.opened) == 0
    box.player.prepare()
    assert len(box.shelf.opened) == 1
    box.run(1)
    box.player.prepare()
    assert len(box.shelf.opened) == 2


def test_what_is_due_at_once_is_opened_before_the_feeder_comes_to_it(box: Box) -> None:
    gone, late = box.shelf.add(speech(1, seed=1)), box.shelf.add(speech(3, seed=2))
    box.run(1.6)
    box.player.follow([box.passage(gone, late, at=0.0)])
    assert [reader.open for reader in box.shelf.opened] == [True]
    box.run(2.3)
    assert len(box.shelf.opened) == 1
    assert same(box.at(3.0, 0.9), speech(3, seed=2)[2 * FRAME_RATE : round(2.9 * FRAME_RATE)])


def test_a_clip_that_cannot_be_opened_does_not_keep_the_others_from_being_opened_ahead(box: Box) -> None:
    on_air, bad, good = (box.shelf.add(speech(2, seed=n)) for n in range(3))
    box.shelf.broken[bad.id] = BadSound(Path("clip.opus"), Fault.DAMAGED)
    box.player.follow(
        [
            box.passage(on_air, bad, at=0.5, cue="mot"),
            box.passage(bad, at=4.5, cue="hai"),
            box.passage(good, at=5.0, cue="ba"),
        ]
    )
    box.run(1)
    box.player.prepare()
    assert len(box.shelf.opened) == 2
    box.run(6.5)
    heard = {cue: (run.length, run.fault is None) for cue, run in ends(box).items()}
    assert heard == {
        "mot": (timedelta(seconds=2), False),
        "hai": (timedelta(0), False),
        "ba": (timedelta(seconds=2), True),
    }
