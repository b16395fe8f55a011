"""A clip a little faster or slower, and which of its frames each frame is."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.fading import RAMP
from broadcaster.horn.resampler import Resampler
from broadcaster.sound.codec import Samples
from tests.horn.cards import HERTZ, added, lag
from tests.sound.hearing import clicks, level, murmur
from tests.unit.box import tone

RATIOS = [1.0, 1.0001, 0.9999, 1.0002, 0.9998]
EDGE = FRAME_RATE // 20


class Whole:
    """A source that is one array."""

    def __init__(self, samples: Samples, position: int = 0) -> None:
        self._samples = samples
        self.position = position

    def pull(self, frames: int) -> Samples:
        part = self._samples[self.position : self.position + frames]
        self.position += len(part)
        return part


def played(source: Whole, ratio: Callable[[int], float], *, block: int = 960) -> tuple[Samples, list[float]]:
    """The whole source, `ratio` told for each block, and the source's frame that each frame was."""
    resampler, places = Resampler(source), list[float]()
    parts: list[Samples] = [np.zeros(0, np.float32)]
    while len(parts) < 2 or len(parts[-1]):
        now, at = ratio(len(parts) - 1), resampler.position
        parts.append(resampler.pull(block, now))
        places += [at + n * now for n in range(len(parts[-1]))]
    return np.concatenate(parts), places


def test_at_the_cards_own_pace_every_frame_is_the_clips_from_the_first_to_the_last() -> None:
    clip = murmur(1.5)
    sound, places = played(Whole(clip), lambda _: 1.0)
    assert len(sound) == len(clip)
    assert places == pytest.approx(range(len(clip)), abs=0.001)
    assert level(sound - clip) < level(clip) - 50
    assert level((sound - clip)[:EDGE]) < level(clip[:EDGE]) - 30  # a clip cut out of a swing rings a little
    assert level((sound - clip)[-EDGE:]) < level(clip[-EDGE:]) - 30


def test_a_knock_in_the_first_and_in_the_last_2_ms_is_heard_there() -> None:
    knock = (0.5 * np.hanning(98)[1:-1]).astype(np.float32)
    clip = np.concatenate([knock, np.zeros(9600, np.float32), knock])
    sound, _ = played(Whole(clip), lambda _: 1.0)
    assert level(sound[:96] - knock) < level(knock) - 40
    assert level(sound[-96:] - knock) < level(knock) - 40
    assert level(sound[200:-200]) < -80


@pytest.mark.parametrize("ratio", RATIOS)
def test_whole_frames_sit_on_whole_frames_from_wherever_it_begins(ratio: float) -> None:
    for skip in (0, 1, 4711):
        clip = tone(3, hertz=HERTZ)
        sound, places = played(Whole(clip, skip), lambda _: ratio)
        assert places[0] == skip
        assert len(sound) == pytest.approx((len(clip) - skip) / ratio, abs=1)
        wanted = 0.5 * np.sin(2 * np.pi * HERTZ * np.array(places) / FRAME_RATE)
        assert np.max(np.abs(sound - wanted)[RAMP:-RAMP]) < 0.5 * 0.001  # a hundredth of a frame


@pytest.mark.parametrize("ratio", RATIOS)
def test_a_tone_stays_100_db_above_what_is_added_to_it(ratio: float) -> None:
    sound, _ = played(Whole(tone(3, hertz=HERTZ)), lambda _: ratio)
    assert added(sound[FRAME_RATE : 2 * FRAME_RATE]) < -100


def test_a_pace_that_moves_slowly_is_not_heard_and_the_place_is_known_to_a_thousandth_of_a_frame() -> None:
    sound, places = played(Whole(tone(60, hertz=HERTZ)), lambda n: 1 + 200e-6 * np.sin(n / 200))
    for first in range(FRAME_RATE, len(sound) - 2 * FRAME_RATE, 7 * FRAME_RATE):
        second = sound[first : first + FRAME_RATE]
        assert added(second) < -80
        turns = 2 * np.pi * HERTZ * np.array(places[first : first + FRAME_RATE]) / FRAME_RATE
        assert level(second - (0.5 * np.sin(turns)).astype(np.float32)) < -60
    assert clicks(sound[RAMP:-RAMP], steepest=0.5 * (2 * np.pi * HERTZ / FRAME_RATE) ** 2 * 1.02) == []


def test_the_measure_hears_one_frame_that_is_dropped() -> None:
    whole = tone(2, hertz=HERTZ)
    assert added(whole[:FRAME_RATE]) < -120
    assert added(np.concatenate([whole[:20_011], whole[20_012 : FRAME_RATE + 1]])) > -40
    assert lag(whole[100 : FRAME_RATE + 100], 100 / FRAME_RATE - 0.25 / HERTZ) == pytest.approx(0, abs=1e-6)
    assert lag(whole[:FRAME_RATE], 0.0001 - 0.25 / HERTZ) == pytest.approx(0.0001, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(
    length=st.integers(1, 6000),
    blocks=st.lists(st.tuples(st.integers(1, 1500), st.sampled_from(RATIOS)), min_size=1, max_size=6),
)
def test_however_it_is_pulled_it_is_pulled_whole_and_silence_is_not_added(
    length: int, blocks: list[tuple[int, float]]
) -> None:
    resampler = Resampler(Whole(np.full(length, 0.25, np.float32)))
    made, meant = 0, 0.0
    while meant < length + 1500:
        for frames, ratio in blocks:
            part = resampler.pull(frames, ratio)
            over = meant + (frames - 1) * ratio > length - 0.6  # the last is the nearest to the end
            assert len(part) == frames or over
            made, meant = made + len(part), meant + frames * ratio
    assert abs(made - length) <= 1 + 0.0003 * length


def test_a_source_that_breaks_off_is_heard_to_its_last_frame() -> None:
    clip = murmur(0.5)
    sound, _ = played(Whole(clip[:12_345]), lambda _: 1.0, block=1000)
    assert len(sound) == 12_345
    assert level((sound - clip[:12_345])[-480:]) < -40
