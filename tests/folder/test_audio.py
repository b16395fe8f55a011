"""Which sound files a programme may name: those below audio/ and no other."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.folder import find_chime, find_fallbacks, find_recording
from broadcaster.folder.audio import BadAudio, Shelf
from tests.folder.folders import Folder


def wrong_with(folder: Folder, path: str) -> str:
    with pytest.raises(BadAudio) as bad:
        find_recording(folder.path, path)
    return str(bad.value)


def test_a_sound_below_audio_is_found(folder: Folder) -> None:
    assert find_recording(folder.path, "recordings/nhac.mp3").read_bytes() == b"a sound"
    odd = folder.sound("recordings/Bài hát số 1.mp3")
    assert find_recording(folder.path, "recordings/Bài hát số 1.mp3") == odd.resolve()


def test_what_is_in_fallback_is_what_units_always_have(folder: Folder) -> None:
    folder.sound("fallback/bao/bao-so-1.mp3")
    (folder.path / "audio" / "fallback" / "README.txt").write_text("not a sound")
    assert find_fallbacks(folder.path) == ("fallback/bao/bao-so-1.mp3", "fallback/cho.opus")
    assert find_fallbacks(folder.path / "schedules") == ()


@pytest.mark.parametrize(
    "path",
    [
        "../station.toml",
        "recordings/../../station.toml",
        "recordings/../recordings/nhac.mp3",
        "/etc/hostname",
        "//etc/hostname",
        "..\\station.toml",
        "C:\\nhac.mp3",
        "recordings/nhac.mp3\x00",
        "recordings/\nnhac.mp3",
    ],
)
def test_a_path_that_leaves_audio_is_refused(folder: Folder, path: str) -> None:
    assert "leaves audio/; expected a path below audio/" in wrong_with(folder, path)


def test_a_link_out_of_audio_is_refused_and_one_within_it_is_not(folder: Folder) -> None:
    (folder.path / "audio/out.mp3").symlink_to(folder.path / "station.toml")
    (folder.path / "audio/folder").symlink_to(folder.path)
    (folder.path / "audio/in.mp3").symlink_to("recordings/nhac.mp3")
    assert wrong_with(folder, "out.mp3") == '"out.mp3" leaves audio/ by a link; copy the file into audio/'
    assert "leaves audio/ by a link" in wrong_with(folder, "folder/station.toml")
    assert find_recording(folder.path, "in.mp3").name == "nhac.mp3"


def test_the_whole_of_audio_may_lie_on_another_disk(folder: Folder, tmp_path: Path) -> None:
    (folder.path / "audio").rename(tmp_path / "disk")
    (folder.path / "audio").symlink_to(tmp_path / "disk")
    assert find_recording(folder.path, "recordings/nhac.mp3").exists()
    assert find_chime(folder.path, "opening").exists()


def test_what_is_not_there_or_no_sound_is_told_with_what_would_help(folder: Folder) -> None:
    folder.sound("recordings/rong.mp3", b"")
    os.mkfifo(folder.path / "audio/pipe.mp3")
    (folder.path / "audio/circle.mp3").symlink_to("circle.mp3")
    assert wrong_with(folder, "recordings/nhạc.mp3") == (
        "there is no file audio/recordings/nhạc.mp3; did you mean recordings/nhac.mp3?"
    )
    assert wrong_with(folder, "qqq").endswith("audio/qqq; copy it there, or correct the path")
    assert wrong_with(folder, "recordings/nhac.mp3/x").startswith("there is no file")
    assert wrong_with(folder, "recordings/rong.mp3").endswith("is empty (0 bytes); copy the file again")
    assert "is not a file" in wrong_with(folder, "recordings")
    assert "is not a file" in wrong_with(folder, "")
    assert "is not a file" in wrong_with(folder, "pipe.mp3")
    assert "cannot be read: its links go round in circles" in wrong_with(folder, "circle.mp3")
    assert "cannot be read: File name too long" in wrong_with(folder, "x" * 300)


def test_a_folder_without_audio_has_no_sounds_and_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadAudio, match="there is no file"):
        find_recording(tmp_path, "a.mp3")
    with pytest.raises(BadAudio, match="there is no chime"):
        find_chime(tmp_path, "opening")


def test_a_chime_is_found_by_its_name_whatever_its_ending(folder: Folder) -> None:
    assert find_chime(folder.path, "opening").name == "opening.opus"
    assert folder.sound("chimes/keng.wav").resolve() == find_chime(folder.path, "keng")
    folder.sound("chimes/keng.flac")
    assert find_chime(folder.path, "keng").name == "keng.flac"  # by the order of endings, always the same


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("openning", "did you mean opening"),
        ("qqq", "expected one of: closing, opening"),
        ("../opening", "cannot be the name of a chime"),
        ("", "cannot be the name of a chime"),
        ("x" * 300, "cannot be the name of a chime"),
    ],
)
def test_a_chime_that_is_not_there_is_told(folder: Folder, name: str, why: str) -> None:
    with pytest.raises(BadAudio, match=why):
        find_chime(folder.path, name)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(st.sampled_from("./\\ab~\x00é"), max_size=14))
def test_no_path_whatever_leads_out_of_audio(folder: Folder, path: str) -> None:
    audio = (folder.path / "audio").resolve()
    try:
        found = find_recording(folder.path, path)
    except BadAudio:
        return
    assert found.is_relative_to(audio)


def test_each_sound_is_judged_once_however_often_it_is_named(folder: Folder) -> None:
    asked: list[str] = []

    def judge(path: Path) -> str | None:
        asked.append(path.name)
        return "it holds no sound" if path.suffix == ".mp3" else None

    shelf = Shelf(folder.path, judge)
    for _ in range(2):
        shelf.chime("opening")
        with pytest.raises(BadAudio, match="cannot be used: it holds no sound; save it again"):
            shelf.recording("recordings/nhac.mp3")
    assert asked == ["opening.opus", "nhac.mp3"]
