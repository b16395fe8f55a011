"""The sounds that come with the project are those its own script makes."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from broadcaster.sound.codec import FRAME_RATE, Samples
from broadcaster.sound.finishing import MUSIC, finish
from broadcaster.sound.loudness import level
from tests.sound.material import pitch, whole

ROOT = Path(__file__).parents[2]
CHIMES = ["opening", "closing", "notice", "test"]
SIGNALS = ["water", "wind", "fire", "land", "health", "alert", "all-clear"]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_chimes", ROOT / "tools" / "make_chimes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def chime(script: ModuleType, name: str) -> Samples:
    notes, length = script.CHIMES[name]
    made: Samples = script.chime(notes, length)
    return made


@pytest.mark.parametrize("name", SIGNALS)
def test_the_signals_that_are_kept_are_those_the_script_makes(script: ModuleType, name: str) -> None:
    kept = whole(ROOT / "audio" / "chimes" / f"{name}.opus")
    made = level(script.signal(name))
    assert len(kept) == pytest.approx(len(made), abs=480)
    assert likeness(kept, made) > 0.97


def likeness(one: Samples, other: Samples) -> float:
    """1 for the same sound, around 0 for different ones."""
    frames = min(len(one), len(other))
    return float(np.corrcoef(one[:frames], other[:frames])[0, 1])


@pytest.mark.parametrize("name", CHIMES)
def test_the_chimes_that_are_kept_are_those_the_script_makes(script: ModuleType, name: str) -> None:
    kept = whole(ROOT / "audio" / "chimes" / f"{name}.opus")
    made = level(chime(script, name))
    assert len(kept) == pytest.approx(len(made), abs=480)
    assert likeness(kept, made) > 0.98


def test_the_melody_that_is_kept_is_the_one_the_script_makes(script: ModuleType) -> None:
    kept = whole(ROOT / "audio" / "recordings" / "khuc-nhac-dong-tien.opus")
    assert len(kept) / FRAME_RATE == pytest.approx(8, abs=0.2)
    assert likeness(kept, level(script.melody())) > 0.95


def test_the_script_makes_the_same_bytes_every_time(script: ModuleType, tmp_path: Path) -> None:
    for name in ("one", "other"):
        finish(lambda: iter([chime(script, "notice")]), tmp_path / name, bitrate=MUSIC)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_each_chime_is_known_by_its_notes(script: ModuleType) -> None:
    """A listener far away hears only the tune: up to open, down to close, ding-dong for a notice."""
    tunes = {}
    for name in CHIMES:
        sound = whole(ROOT / "audio" / "chimes" / f"{name}.opus")
        begins = [begin for begin, _, _ in script.CHIMES[name][0]]
        tunes[name] = [round(pitch(sound[round((b + 0.08) * FRAME_RATE) :][:12_000])) for b in begins]
    assert tunes["opening"] == sorted(tunes["opening"])
    assert len(set(tunes["opening"])) == 4
    assert tunes["closing"] == sorted(tunes["closing"], reverse=True)
    assert tunes["notice"][0] > tunes["notice"][1]
    assert max(tunes["test"]) - min(tunes["test"]) < 10


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
@pytest.mark.parametrize("name", ["dang-cho-song", "xin-cho"])
def test_the_fallback_sentences_are_those_the_script_speaks(script: ModuleType, name: str) -> None:
    kept = whole(ROOT / "audio" / "fallback" / f"{name}.opus")
    made = level(script.spoken(script.SENTENCES[name]))
    assert len(kept) / FRAME_RATE == pytest.approx(
        len(made) / FRAME_RATE, rel=0.2
    )  # versions differ a little
