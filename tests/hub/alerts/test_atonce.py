"""Words typed just now: a clip like any other, whatever hangs and however full the disk is."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from broadcaster.domain.programme import Spoken
from broadcaster.hub.alerts.atonce import AtOnce
from broadcaster.hub.preparation import CannotMake
from broadcaster.sound.codec import read_blocks
from broadcaster.sound.library import Library
from broadcaster.sound.loudness import measure
from broadcaster.speech import Request, Voice
from broadcaster.speech.chain import Voices
from broadcaster.speech.espeak import EspeakVoice
from tests.speech.tone import ToneVoice

WORDS = Spoken(
    words="Nước sông đang lên rất nhanh, bà con thôn Bến đưa người già, trẻ em lên nhà văn hoá ngay bây giờ."
)
MOMENT = timedelta(milliseconds=100)

needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


class HungVoice(ToneVoice):
    """Says nothing until the test is over."""

    def __init__(self) -> None:
        super().__init__("hung")
        self.over = Event()

    def speak(self, request: Request, into: Path) -> None:
        self.over.wait(30)


def office(folder: Path, *voices: Voice) -> AtOnce:
    return AtOnce(Voices(voices, folder / "voices"), Library(folder / "library"), "vi")


@needs_espeak
def test_typed_words_are_a_clip_as_loud_as_every_other(tmp_path: Path) -> None:
    at_once = office(tmp_path, EspeakVoice())
    said = at_once.say(WORDS)
    assert said.clip.id == hashlib.sha256(said.sound).hexdigest()
    assert (said.voice, said.passed_over, said.clip.joins) == ("espeak-ng", "", False)
    assert WORDS.words.startswith(said.clip.title)
    assert len(said.sound) < 200_000
    clip = tmp_path / "clip"
    clip.write_bytes(said.sound)
    heard = measure(read_blocks(clip))
    assert heard.frames == said.clip.frames
    assert heard.integrated is not None
    assert -17 < heard.integrated < -15
    assert heard.peak <= -1.4


def test_the_library_gets_the_clip_for_units_that_come_back(tmp_path: Path) -> None:
    at_once = office(tmp_path, ToneVoice())
    said = at_once.say(WORDS)
    library = Library(tmp_path / "library")
    assert not library.path_of(said.clip.id).exists()
    assert at_once.lay(said)
    assert library.verify(said.clip.id)
    assert at_once.lay(said)


def test_a_voice_that_hangs_delays_the_words_by_no_more_than_was_allowed(tmp_path: Path) -> None:
    hung = HungVoice()
    try:
        said = office(tmp_path, hung, ToneVoice("poor")).say(WORDS, best_within=MOMENT)
        assert said.voice == "poor"
        assert said.passed_over == "hung: it was not done in time"
        with pytest.raises(CannotMake, match="hung: it was not done in time"):
            office(tmp_path / "other", hung).say(WORDS, limit=MOMENT)
    finally:
        hung.over.set()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 600 kB, where one may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_disk_that_is_full_delays_no_words(small_disk: Path) -> None:
    at_once = office(small_disk, ToneVoice())
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    said = at_once.say(WORDS)
    assert said.sound.startswith(b"OggS")
    assert not at_once.lay(said)
    filler.unlink()
    assert at_once.lay(said)


@pytest.mark.parametrize("words", ["😀 7", "7 😀"])
def test_words_are_read_before_they_are_said(tmp_path: Path, words: str) -> None:
    voice = ToneVoice()
    office(tmp_path, voice).say(Spoken(words=words))
    assert not any("😀" in asked for asked in voice.asked)


def test_what_cannot_be_said_says_why_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotMake, match="does not speak"):
        office(tmp_path, ToneVoice()).say(Spoken(words="Nyob zoo", language="hmn"))


def test_bytes_of_another_clip_are_not_laid_under_a_name(tmp_path: Path) -> None:
    at_once = office(tmp_path, ToneVoice())
    one, other = at_once.say(WORDS), at_once.say(Spoken(words="Hai."))
    with pytest.raises(ValueError, match="not the clip's"):
        Library(tmp_path / "library").lay(one.clip.id, other.sound)
