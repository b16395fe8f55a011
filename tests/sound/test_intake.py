"""What people hand in is opened in a child with limits, and whatever it is, a sentence comes back."""

import os
import random
import signal
import struct
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import sleep

import pytest

from broadcaster.sound.codec import BadSound, read_blocks
from broadcaster.sound.faults import Fault
from broadcaster.sound.intake import judge, take_in
from broadcaster.sound.loudness import CEILING, TARGET, measure
from tests.sound.material import hiss, silence, speech, tone, wav_head, write_sound

MUSIC = 64_000


def refusal(path: Path, **limits: timedelta) -> BadSound:
    with pytest.raises(BadSound) as caught:
        take_in(path, path.with_name("clip"), bitrate=MUSIC, name="Lễ hội.mp3", **limits)
    return caught.value


def test_a_recording_comes_back_as_a_levelled_clip(tmp_path: Path) -> None:
    path = tmp_path / "Lễ hội làng – phần 1.mp3"
    write_sound(path, speech(6, -20), codec="libmp3lame", container="mp3")
    frames = take_in(path, tmp_path / "clip", bitrate=MUSIC)
    heard = measure(read_blocks(tmp_path / "clip"))
    assert heard.frames == frames
    assert heard.integrated == pytest.approx(TARGET, abs=1)
    assert heard.peak <= CEILING
    assert judge(path) is None


def hours_claimed(path: Path) -> None:
    """A FLAC file of one second whose head claims 100 hours."""
    write_sound(path, tone(1), codec="flac", container="flac", layout="mono")
    content = bytearray(path.read_bytes())
    total = 100 * 3600 * 44_100  # 36 bits at the end of an 8-byte field
    (field,) = struct.unpack_from(">Q", content, 18)
    struct.pack_into(">Q", content, 18, field >> 36 << 36 | total)
    path.write_bytes(content)


def middle_overwritten(path: Path) -> None:
    write_sound(path, speech(10), codec="aac", container="mp4")
    content = bytearray(path.read_bytes())
    middle, part = len(content) // 2, len(content) // 4
    content[middle : middle + part] = random.Random(1).randbytes(part)
    path.write_bytes(content)


HOSTILE: dict[str, tuple[Callable[[Path], object], Fault]] = {
    "empty": (Path.touch, Fault.EMPTY),
    "text by another name": (lambda path: path.write_text("Kính thưa bà con. " * 500), Fault.NOT_SOUND),
    "a playlist": (lambda path: path.write_text("#EXTM3U\nfile:///etc/passwd\n"), Fault.NOT_SOUND),
    "random bytes": (lambda path: path.write_bytes(random.Random(1).randbytes(300_000)), Fault.NOT_SOUND),
    "100 hours claimed": (hours_claimed, Fault.TOO_LONG),
    "the middle overwritten": (middle_overwritten, Fault.DAMAGED),
    "32 voices at 384 kHz": (
        lambda path: path.write_bytes(
            wav_head(bytes_said=640_000, rate=384_000, width=32) + random.Random(1).randbytes(640_000)
        ),
        Fault.ODD_SHAPE,
    ),
    "silence": (
        lambda path: write_sound(path, silence(3), codec="libmp3lame", container="mp3"),
        Fault.SILENT,
    ),
    "a folder": (Path.mkdir, Fault.NOT_SOUND),
    "a pipe": (os.mkfifo, Fault.NOT_SOUND),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_is_handed_in_a_sentence_comes_back(name: str, tmp_path: Path) -> None:
    prepare, fault = HOSTILE[name]
    path = tmp_path / "upload-7f3a"
    prepare(path)
    refused = refusal(path)
    assert refused.fault is fault
    assert str(refused).startswith("Lễ hội.mp3 ")
    assert "upload-7f3a" not in str(refused)
    assert str(refused).endswith(".")
    assert not (tmp_path / "clip").exists()


def test_check_says_what_is_wrong_with_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "thông báo.mp3"
    path.write_text("Kính thưa bà con")
    assert str(judge(path)).startswith("thông báo.mp3 cannot be read as sound.")
    assert "No such file" in str(judge(tmp_path / "none.mp3"))


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        take_in(tmp_path / "none.mp3", tmp_path / "clip", bitrate=MUSIC)


def test_a_recording_over_the_limit_is_refused_with_the_limit_named(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mp3", tone(4), codec="libmp3lame", container="mp3")
    refused = refusal(path, limit=timedelta(seconds=3))
    assert str(refused) == "Lễ hội.mp3 lasts 0:00:04, and the limit is 0:00:03. Cut it into parts."


def test_what_takes_too_long_is_given_up(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mp3", tone(4), codec="libmp3lame", container="mp3")
    refused = refusal(path, time=timedelta(milliseconds=20))
    assert refused.fault is Fault.UNDECODABLE
    assert "took longer than" in str(refused)
    assert children() == []


def children() -> list[int]:
    return [
        int(child)
        for thread in Path("/proc/self/task").iterdir()
        for child in (thread / "children").read_text().split()
        if b"broadcaster.sound.intake" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


class Taking:
    """A recording being taken in by another thread, long enough to look at the child while it works."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.fault: Exception | None = None
        write_sound(folder / "a.wav", hiss(120), codec="pcm_s16le", container="wav", layout="mono")
        self._thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        try:
            take_in(self._folder / "a.wav", self._folder / "clip", bitrate=MUSIC)
        except (BadSound, OSError) as fault:
            self.fault = fault

    def child(self) -> int:
        """The child, once it has begun to write."""
        self._thread.start()
        while not (self._folder / "clip").exists():
            assert self._thread.is_alive()
            sleep(0.01)
        (child,) = children()
        return child

    def end(self) -> None:
        self._thread.join()


def test_the_child_has_no_keys_no_files_of_ours_and_tight_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_KEY", "secret")
    with (tmp_path / "hub.key").open("w") as key:
        os.set_inheritable(key.fileno(), True)
        taking = Taking(tmp_path)
        child = Path(f"/proc/{taking.child()}")
        environment = (child / "environ").read_bytes()
        opened = {os.readlink(link) for link in (child / "fd").iterdir()}  # noqa: PTH115 - sockets are no paths
        limits = (child / "limits").read_text()
        os.kill(int(child.name), signal.SIGKILL)
        taking.end()
    assert b"secret" not in environment
    assert b"HOME" not in environment
    ours = {str(tmp_path / name) for name in ("a.wav", "clip")}
    assert {path for path in opened if path.startswith("/") and not path.startswith("/dev/")} >= ours
    assert not any("hub.key" in path for path in opened)
    for limit, most in (
        ("Max address space", "1000000000"),
        ("Max cpu time", "3600"),
        ("Max open files", "64"),
        ("Max core file size", "0"),
        ("Max file size", "132000000"),
    ):
        (line,) = (line for line in limits.splitlines() if line.startswith(limit))
        assert line.removeprefix(limit).split()[:2] == [most, most]


@pytest.mark.parametrize("ending", [signal.SIGSEGV, signal.SIGXCPU])
def test_a_decoder_that_crashes_takes_nobody_with_it(ending: signal.Signals, tmp_path: Path) -> None:
    taking = Taking(tmp_path)
    os.kill(taking.child(), ending)
    taking.end()
    assert isinstance(taking.fault, BadSound)
    assert taking.fault.fault is Fault.UNDECODABLE


def test_a_place_that_cannot_be_written_is_not_the_recordings_fault(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.wav", tone(1), codec="pcm_s16le", container="wav")
    with pytest.raises(FileNotFoundError):
        take_in(path, tmp_path / "nowhere" / "clip", bitrate=MUSIC)
