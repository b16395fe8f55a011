"""Chime, words and pauses in one sound."""

import subprocess
import sys
from datetime import timedelta

import numpy as np
import pytest

from broadcaster.sound.codec import FRAME_RATE, Samples
from broadcaster.sound.mixing import LONGEST_MIX, Gap, Signal, Words, assemble
from tests.sound.material import decibels, pitch, silence, tone

CHIME = tone(2, 1000, -12)
WORDS = tone(5, 300, -12)


def at(sound: Samples, begin: float, end: float) -> Samples:
    return sound[round(begin * FRAME_RATE) : round(end * FRAME_RATE)]


def strength(sound: Samples, hertz: float) -> float:
    """How strong one tone is in a sound, in dBFS."""
    times = np.arange(len(sound)) / FRAME_RATE
    return float(20 * np.log10(2 * abs(np.mean(sound * np.exp(-2j * np.pi * hertz * times))) + 1e-9))


def test_the_chime_comes_before_the_words_and_a_breath_between() -> None:
    mix = assemble([Signal(sound=CHIME), Words(sound=WORDS)])
    assert pitch(at(mix, 0, 2)) == pytest.approx(1000, abs=1)
    assert decibels(at(mix, 2.01, 2.39)) < -80
    assert pitch(at(mix, 2.4, 7.4)) == pytest.approx(300, abs=1)
    assert len(mix) == 7.4 * FRAME_RATE


def test_the_chime_fades_and_the_words_come_through_unchanged() -> None:
    mix = assemble([Signal(sound=CHIME), Words(sound=WORDS)])
    assert decibels(at(mix, 0, 0.005)) < decibels(at(mix, 0.5, 1)) - 10
    assert decibels(at(mix, 1.98, 2)) < decibels(at(mix, 0.5, 1)) - 15
    np.testing.assert_allclose(mix[-len(WORDS) :], WORDS, atol=1e-4)


def test_a_chime_under_the_words_makes_room_for_them() -> None:
    mix = assemble([Signal(sound=tone(6, 1000, -12), under=True), Words(sound=WORDS)])
    assert len(mix) == pytest.approx(6.2 * FRAME_RATE, abs=48)
    alone, below = at(mix, 0.2, 0.7), at(mix, 2, 5)
    assert strength(alone, 1000) == pytest.approx(-12, abs=0.5)
    assert strength(alone, 300) < -60
    assert strength(below, 1000) == pytest.approx(-26, abs=1)
    assert strength(below, 300) == pytest.approx(-12, abs=0.5)
    assert np.abs(mix).max() < 1


def test_a_chime_longer_than_the_words_ends_with_them() -> None:
    mix = assemble([Signal(sound=tone(9, 1000, -12), under=True), Words(sound=tone(1, 300, -12))])
    assert len(mix) == pytest.approx(2.2 * FRAME_RATE, abs=48)
    assert strength(at(mix, 1.4, 1.9), 1000) == pytest.approx(-26, abs=1)
    assert strength(mix[-960:], 1000) < -40


def test_a_pause_is_silence_of_its_length() -> None:
    mix = assemble([Words(sound=tone(1)), Gap(length=timedelta(seconds=1.5)), Words(sound=tone(1))])
    assert len(mix) == 3.5 * FRAME_RATE
    assert not at(mix, 1.001, 2.499).any()


def test_a_chime_alone_is_a_sound_too() -> None:
    assert len(assemble([Signal(sound=CHIME, under=True)])) == len(CHIME)
    assert len(assemble([Signal(sound=CHIME)])) > len(CHIME)


def test_only_short_pieces_are_put_together() -> None:
    with pytest.raises(ValueError, match="only up to"):
        assemble([Words(sound=tone(1)), Gap(length=LONGEST_MIX)])
    with pytest.raises(ValueError, match="nothing to put together"):
        assemble([])


def test_what_is_too_loud_is_clipped_and_does_not_wrap_round() -> None:
    mix = assemble([Words(sound=np.concatenate([2 * np.sign(tone(1, 441)), silence(0.1)]))])
    assert mix.max() > 0.999
    assert mix.min() < -0.999


def test_neither_ffmpeg_nor_ffprobe_is_asked_for() -> None:
    """pydub looks for both when it is imported, and warns."""
    code = (
        "import numpy as np; from broadcaster.sound.mixing import *;"
        "print(len(assemble([Signal(sound=np.ones(480, 'f4')), Words(sound=np.ones(480, 'f4'))])))"
    )
    strict = ["-W", "error", "-W", "ignore::DeprecationWarning", "-W", "ignore::SyntaxWarning"]
    told = subprocess.run(
        [sys.executable, *strict, "-c", code], env={"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert told.stderr == ""
    assert int(told.stdout) == 960 + 19_200
