"""A frame more or less, unheard."""

import numpy as np
import pytest

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.sound.codec import Samples
from broadcaster.unit.slip import SPAN, Slipping
from tests.sound.hearing import clicks
from tests.unit.box import speech, tone


class Whole:
    """A source that is one array."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self.position = 0

    def pull(self, frames: int) -> Samples:
        part = self._samples[self.position : self.position + frames]
        self.position += len(part)
        return part


def pulled(slipping: Slipping, frames: int) -> Samples:
    """So many frames, in blocks as the feeder pulls them."""
    return np.concatenate([slipping.pull(min(960, frames - at)) for at in range(0, frames, 960)])


def test_without_a_slip_the_clip_goes_out_untouched() -> None:
    clip = speech(1)
    assert np.array_equal(pulled(Slipping(Whole(clip)), len(clip)), clip)


@pytest.mark.parametrize("by", [1, -1])
def test_before_and_after_a_slip_the_clip_goes_out_untouched(by: int) -> None:
    clip = speech(1)
    slipping = Slipping(Whole(clip))
    before = pulled(slipping, 9600)
    slipping.wish(by)
    during = pulled(slipping, SPAN)
    assert slipping.position == 9600 + SPAN + by
    after = pulled(slipping, 4800)
    assert np.array_equal(before, clip[:9600])
    assert np.allclose(during[0], clip[9600], atol=1e-6)
    assert np.array_equal(after, clip[9600 + SPAN + by :][:4800])


@pytest.mark.parametrize("by", [1, -1])
def test_a_slip_is_not_heard(by: int) -> None:
    hertz, amplitude = 1000.0, 0.5
    slipping = Slipping(Whole(tone(2, hertz=hertz, amplitude=amplitude)))
    start = pulled(slipping, 9600)
    slipping.wish(by)
    sound = np.concatenate([start, pulled(slipping, 19200)])
    steepest = amplitude * (2 * np.pi * hertz / FRAME_RATE) ** 2
    assert clicks(sound, steepest=1.02 * steepest) == []
    # each frame of the slip is the tone at its own moment, to 70 dB below it
    at = 9600 + np.arange(SPAN) * (SPAN + by) / SPAN
    wanted = amplitude * np.sin(2 * np.pi * hertz * at / FRAME_RATE)
    assert np.max(np.abs(sound[9600 : 9600 + SPAN] - wanted)) < amplitude * 10 ** (-70 / 20)


def test_ten_slips_in_a_row_are_ten_frames() -> None:
    slipping = Slipping(Whole(tone(3)))
    pulled(slipping, 960)
    for _ in range(10):
        slipping.wish(1)
        pulled(slipping, SPAN)
    assert slipping.position == 960 + 10 * (SPAN + 1)


def test_at_the_very_beginning_and_near_the_end_nothing_is_slipped_and_nothing_lost() -> None:
    clip = speech(0.2)
    slipping = Slipping(Whole(clip))
    slipping.wish(1)
    first = slipping.pull(960)
    pulled(slipping, 4800)
    slipping.wish(-1)
    rest = [slipping.pull(960) for _ in range(10)]
    whole = np.concatenate([first, *rest])
    assert np.array_equal(first, clip[:960])
    assert np.array_equal(whole[-960:], clip[-960:])
