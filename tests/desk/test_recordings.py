"""Recordings handed in, good and bad. The real intake, in its child process."""

import errno
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from broadcaster.desk import BadEntry, NotAllowed, recordings
from broadcaster.sound.codec import probe
from tests.desk.village import Village


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def files(village: Village) -> list[str]:
    return sorted(path.name for path in (village.folder.audio / "recordings").iterdir())


def refused(verb: Callable[..., object], *entries: object, **named: object) -> BadEntry:
    with pytest.raises(BadEntry) as told:
        verb(*entries, **named)
    assert told.value.field == "recording"
    return told.value


def test_a_recording_is_kept_as_clean_sound_and_can_be_a_bulletin(village: Village) -> None:
    upload = village.wav()
    path = village.desk.hand_in_recording(village.ben, upload, name="C:\\fakepath\\Họp dân.WAV")
    assert path.startswith("recordings/c-fakepath-hop-dan-")
    assert files(village) == [Path(path).name]
    assert probe(village.folder.audio / path).codec == "opus"
    assert upload.exists()
    written = village.desk.write_bulletin(village.ben, title="Họp dân", recording=path)
    assert written.recording == path


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "bad-sound-empty"), (b"Not sound, but a text." * 50, "bad-sound-not-sound")]
)
def test_what_is_no_recording_is_told_with_its_name_and_a_remedy(
    village: Village, tmp_path: Path, content: bytes, code: str
) -> None:
    upload = tmp_path / "upload-17"
    upload.write_bytes(content)
    fault = refused(village.desk.hand_in_recording, village.lan, upload, name="../../họp.mp3")
    assert fault.code == code
    assert fault.what.startswith("họp.mp3 ")
    assert "upload-17" not in str(fault)
    assert fault.expected
    assert files(village) == []
    assert village.trail() == ()


def test_a_nearly_full_disk_refuses_uploads_before_the_alerts_suffer(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = village.wav()
    left = recordings.RESERVE + upload.stat().st_size - 1
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(total=left, used=0, free=left))
    fault = refused(village.desk.hand_in_recording, village.lan, upload, name="a.wav")
    assert fault.code == "no-room"
    assert files(village) == []


def test_a_disk_that_fills_up_meanwhile_leaves_nothing_behind(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_half(_: Path, into: Path, **__: object) -> int:
        into.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(recordings, "take_in", write_half)
    upload = village.wav()
    fault = refused(village.desk.hand_in_recording, village.lan, upload, name="a.wav")
    assert (fault.code, fault.what) == ("no-room", "it cannot be kept (No space left on device)")
    assert files(village) == []


def test_who_may_not_hand_in_is_told_before_anything_is_decoded(village: Village, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        village.desk.hand_in_recording(village.tuan, tmp_path / "none", name="a.wav")
