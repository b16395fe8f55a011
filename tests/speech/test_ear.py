"""What an engine made is listened to before anybody gets it."""

from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.speech import Request
from broadcaster.speech.ear import Unsound, deliver, listen
from tests.speech.tone import hum

WORDS = Request(words="Kính thưa bà con", language="vi")


def test_good_sound_is_delivered_whole(tmp_path: Path) -> None:
    deliver(hum(16), WORDS, tmp_path / "spoken")
    assert (tmp_path / "spoken").read_bytes() == hum(16)
    assert abs(listen(tmp_path / "spoken") - timedelta(seconds=0.32)) < timedelta(milliseconds=20)
    assert list(tmp_path.iterdir()) == [tmp_path / "spoken"]


@pytest.mark.parametrize(
    "sound",
    [
        b"",
        b"<!doctype html><html>sign in</html>",
        hum(16)[:44],
        hum(16)[:100],
        hum(16)[:44] + bytes(20_000),
        hum(1),
    ],
    ids=["nothing", "a page", "a header", "a click", "silence", "one letter for sixteen"],
)
def test_what_is_not_speech_is_not_delivered(tmp_path: Path, sound: bytes) -> None:
    with pytest.raises(Unsound):
        deliver(sound, WORDS, tmp_path / "spoken")
    assert list(tmp_path.iterdir()) == []


def test_what_was_there_stays_when_the_new_is_not_speech(tmp_path: Path) -> None:
    deliver(hum(16), WORDS, tmp_path / "spoken")
    with pytest.raises(Unsound):
        deliver(b"", WORDS, tmp_path / "spoken")
    assert (tmp_path / "spoken").read_bytes() == hum(16)


def test_a_missing_file_is_no_sound(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        listen(tmp_path / "spoken")
