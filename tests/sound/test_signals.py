"""The signals of alerts: heard far away, known from each other, and no one is startled by a click."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from broadcaster.sound.codec import FRAME_RATE, Samples
from broadcaster.sound.finishing import SPEECH, finish
from broadcaster.sound.loudness import measure
from broadcaster.sound.memory import fleeting
from tests.sound.material import whole

ROOT = Path(__file__).parents[2]
SIGNALS = ["water", "wind", "fire", "land", "health", "alert", "all-clear"]

MILLISECOND = FRAME_RATE // 1000
WINDOW = 4096
STEP = FRAME_RATE // 20


def signal(name: str) -> Samples:
    return whole(ROOT / "audio" / "chimes" / f"{name}.opus")


def movement(sound: Samples) -> NDArray[np.float64]:
    """What is left of a sound far away: its loudest pitch every 50 ms in octaves, -4 for silence."""
    tune = []
    for begin in range(0, len(sound) - WINDOW, STEP):
        piece = sound[begin : begin + WINDOW]
        spectrum = np.abs(np.fft.rfft(piece * np.hanning(WINDOW)))
        hertz = float(np.argmax(spectrum[2:]) + 2) * FRAME_RATE / WINDOW
        tune.append(np.log2(hertz / 800) if np.sqrt(np.square(piece).mean()) > 0.02 else -4.0)
    return np.array(tune)


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_lasts_long_enough_to_stop_and_short_enough_to_wait_for_the_words(name: str) -> None:
    assert 3.0 <= len(signal(name)) / FRAME_RATE <= 6.0


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_is_as_loud_as_all_clips_and_never_clips(name: str) -> None:
    heard = measure([signal(name)])
    assert heard.integrated is not None
    assert abs(heard.integrated + 16) < 0.5
    assert heard.peak <= -1.5


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_holds_nothing_that_a_horn_does_not_carry(name: str) -> None:
    sound = signal(name)
    power = np.square(np.abs(np.fft.rfft(sound)))
    hertz = np.fft.rfftfreq(len(sound), 1 / FRAME_RATE)
    assert power[(hertz >= 300) & (hertz <= 4000)].sum() / power.sum() > 0.99


@pytest.mark.parametrize("name", SIGNALS)
def test_a_signal_swells_and_dies_away_without_a_click(name: str) -> None:
    sound = signal(name)
    loudest = float(np.abs(sound).max())
    assert np.abs(sound[: 5 * MILLISECOND]).max() < 0.06 * loudest
    assert np.abs(sound[-5 * MILLISECOND :]).max() < 0.06 * loudest
    above = np.abs(np.diff(sound, 3)).max()  # a click has what no partial below 4 kHz has
    assert above < loudest * (2 * np.pi * 4000 / FRAME_RATE) ** 3


def test_no_two_signals_move_alike() -> None:
    tunes = {name: movement(signal(name)) for name in [*SIGNALS, "notice"]}
    for name, tune in tunes.items():
        for other, another in tunes.items():
            both = min(len(tune), len(another))
            apart = float(np.abs(tune[:both] - another[:both]).mean())
            assert name == other or apart > 0.25, f"{name} and {other} are {apart:.2f} octaves apart"


def test_what_is_made_in_a_hurry_is_as_loud_and_as_long_as_what_is_made_with_care(tmp_path: Path) -> None:
    sound = signal("water")
    careful = finish(lambda: iter([sound]), tmp_path / "careful", bitrate=SPEECH)
    hurried = finish(lambda: iter([sound]), tmp_path / "hurried", bitrate=SPEECH, hurried=True)
    assert hurried == careful
    heard = measure([whole(tmp_path / "hurried")])
    assert heard.integrated is not None
    assert abs(heard.integrated + 16) < 0.5
    assert heard.peak <= -1.5


class Office:
    """Somebody who needs files that need no disk."""


def test_files_that_need_no_disk_are_gone_with_who_needed_them() -> None:
    one, other = Office(), Office()
    folder, beside = fleeting(one), fleeting(other)
    (folder / "words").write_bytes(b"x")
    assert folder != beside
    assert folder.stat().st_mode & 0o077 == 0
    del one
    assert not folder.exists()
    assert beside.is_dir()


def test_what_a_killed_process_left_in_memory_is_cleared_away_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broadcaster.sound.memory._MEMORY", tmp_path)
    left, ours = tmp_path / "village-sound-999999999-abc", tmp_path / "village-sound-1-abc"
    other = tmp_path / "village-sound-of-others"
    for folder in (left, ours, other):
        folder.mkdir()
        (folder / "words").write_bytes(b"x")
    office = Office()
    assert fleeting(office).parent == tmp_path
    assert not left.exists()
    assert ours.is_dir()
    assert other.is_dir()
