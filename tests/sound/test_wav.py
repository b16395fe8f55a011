"""WAV files people open, also while they are written."""

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from broadcaster.sound.codec import FRAME_RATE, Samples
from broadcaster.sound.wav import WavWriter, write_wav
from tests.sound.material import in_pieces, speech, tone, whole


def frames_of(path: Path) -> int:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (FRAME_RATE, 1, 2)
        frames: int = file.getnframes()
    return frames


def test_what_was_written_is_what_is_read(tmp_path: Path) -> None:
    assert write_wav(in_pieces(speech(2), 999), tmp_path / "a.wav") == 2 * FRAME_RATE
    assert frames_of(tmp_path / "a.wav") == 2 * FRAME_RATE
    np.testing.assert_allclose(whole(tmp_path / "a.wav"), speech(2), atol=1e-4)
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


def test_a_recording_in_progress_can_be_opened_at_any_moment(tmp_path: Path) -> None:
    path = tmp_path / "unit.wav"
    with WavWriter(path) as wav:
        assert frames_of(path) == 0
        for written, block in enumerate(in_pieces(tone(5), FRAME_RATE // 10), start=1):
            wav.write(block)
            assert 0 <= written * FRAME_RATE // 10 - frames_of(path) < FRAME_RATE
    assert frames_of(path) == wav.frames == 5 * FRAME_RATE
    assert path.stat().st_size == 44 + 10 * FRAME_RATE
    wav.close()


def test_too_loud_is_clipped_and_does_not_wrap_round(tmp_path: Path) -> None:
    write_wav([2 * np.sign(tone(0.1, 441))], tmp_path / "a.wav")
    sound = whole(tmp_path / "a.wav")
    assert sound.max() > 0.999
    assert sound.min() < -0.999


def test_a_file_that_could_not_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"old")

    def broken() -> Iterator[Samples]:
        yield tone(1)
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_wav(broken(), path)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.wav"]
