"""What is no sound, or not whole, or meant to do harm: refused in a sentence that says what to do."""

import random
import re
import struct
from datetime import timedelta
from pathlib import Path

import av
import pytest

from broadcaster.sound.codec import FRAME_RATE, BadSound, read_blocks
from broadcaster.sound.faults import TEXTS, Fault
from tests.sound.material import KINDS, speech, tone, wav_head, whole, write_sound


def fault_of(path: Path) -> BadSound:
    with pytest.raises(BadSound) as caught:
        whole(path)
    return caught.value


def test_what_is_no_sound_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "thong-bao.mp3"
    for content, fault in (
        (b"", Fault.EMPTY),
        ("Kính thưa bà con. ".encode() * 300, Fault.NOT_SOUND),
        (random.Random(1).randbytes(100_000), Fault.NOT_SOUND),
        (b"\x89PNG\r\n\x1a\n" + bytes(5_000), Fault.NOT_SOUND),
        (b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f", Fault.NOT_SOUND),
    ):
        path.write_bytes(content)
        refused = fault_of(path)
        assert refused.fault is fault
        assert str(refused).startswith("thong-bao.mp3 ")
        assert str(refused).endswith(".")


def test_a_folder_is_no_sound_and_a_missing_file_is_missing(tmp_path: Path) -> None:
    assert fault_of(tmp_path).fault is Fault.NOT_SOUND
    with pytest.raises(FileNotFoundError):
        whole(tmp_path / "none.mp3")


def test_pictures_without_sound_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "quay.mp4"
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width = stream.height = 64
        for _ in range(5):
            out.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        out.mux(stream.encode(None))
    refused = fault_of(path)
    assert refused.fault is Fault.NO_SOUND
    assert "only pictures" in str(refused)


@pytest.mark.parametrize(("name", "codec", "container"), [kind for kind in KINDS if kind[2] != "aiff"])
def test_a_recording_cut_off_while_it_was_copied_is_refused(
    name: str, codec: str, container: str, tmp_path: Path
) -> None:
    path = write_sound(tmp_path / name, speech(8), codec=codec, container=container)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    refused = fault_of(path)
    if container == "mp4":  # its table of contents stands at the end
        assert refused.fault is Fault.NOT_SOUND
        assert "cut off while it was copied" in str(refused)
    else:
        assert refused.fault is Fault.CUT_OFF
        assert re.search("holds only 0:00:0[34] of the 0:00:08 it announces", str(refused))


@pytest.mark.parametrize(("name", "codec", "container"), KINDS[:3])
def test_a_recording_overwritten_in_the_middle_is_refused(
    name: str, codec: str, container: str, tmp_path: Path
) -> None:
    path = write_sound(tmp_path / name, speech(8), codec=codec, container=container)
    content = bytearray(path.read_bytes())
    middle, part = len(content) // 2, len(content) // 5
    content[middle : middle + part] = random.Random(1).randbytes(part)
    path.write_bytes(content)
    assert fault_of(path).fault in (Fault.CUT_OFF, Fault.DAMAGED)


def test_a_head_that_claims_a_hundred_hours_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav_head(bytes_said=100 * 3600 * 8_000, bits=8) + bytes(8_000))
    refused = fault_of(path)
    assert refused.fault is Fault.TOO_LONG
    assert "lasts 4 days, 4:00:00, and the limit is 4:10:00" in str(refused)


def test_sound_that_says_nothing_of_its_length_is_stopped_at_the_limit(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mp3", tone(3), codec="libmp3lame", container="mp3", write_xing="0")
    path.write_bytes(path.read_bytes() * 10)
    blocks = read_blocks(path, limit=timedelta(seconds=5))
    heard = sum(len(next(blocks)) for _ in range(9))
    with pytest.raises(BadSound) as caught:
        list(blocks)
    assert caught.value.fault is Fault.TOO_LONG
    assert heard <= 5 * FRAME_RATE


@pytest.mark.parametrize(("width", "rate"), [(32, 384_000), (1, 1), (2, 3_000_000)])
def test_a_shape_no_recorder_has_is_refused(width: int, rate: int, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    content = bytes(range(1, 255)) * 80
    path.write_bytes(wav_head(bytes_said=len(content), rate=rate, width=width) + content)
    assert fault_of(path).fault is Fault.ODD_SHAPE


def test_voices_in_an_arrangement_nobody_knows_are_refused(tmp_path: Path) -> None:
    """Two voices left and right of the middle, neither of them in it: FFmpeg cannot mix that."""
    path = tmp_path / "a.wav"
    content = bytes(range(1, 251)) * 96
    pcm = bytes.fromhex("0100000000001000800000aa00389b71")
    shape = struct.pack("<HHIIHHHHI", 0xFFFE, 2, 48_000, 192_000, 4, 16, 22, 16, 0xC0) + pcm
    head = (
        b"RIFF" + struct.pack("<I", len(content) + 60) + b"WAVEfmt " + struct.pack("<I", len(shape)) + shape
    )
    path.write_bytes(head + b"data" + struct.pack("<I", len(content)) + content)
    assert fault_of(path).fault is Fault.ODD_SHAPE


def test_a_playlist_under_the_name_of_a_recording_fetches_nothing(tmp_path: Path) -> None:
    """FFmpeg follows lists to files and addresses; a hub must not."""
    private = write_sound(tmp_path / "private.mp3", tone(2), codec="libmp3lame", container="mp3")
    lists = [
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{private.as_uri()}\n#EXT-X-ENDLIST\n",
        f"ffconcat version 1.0\nfile '{private.name}'\n",
    ]
    for ending in ("mp3", "m3u8", "txt", "ffconcat"):
        for text in lists:
            path = tmp_path / f"list.{ending}"
            path.write_text(text)
            assert fault_of(path).fault is Fault.NOT_SOUND


@pytest.mark.parametrize(
    "name", ["concat:a.mp3|b.mp3", "http:x.mp3", "-y.mp3", "bản tin sáng 5%d.mp3", "a?b#c.mp3"]
)
def test_a_name_is_a_name_and_not_an_order(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_sound(tmp_path / "plain.mp3", tone(1), codec="libmp3lame", container="mp3")
    path.rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert len(whole(Path(name))) / FRAME_RATE == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_says_what_is_wrong_and_what_to_do(fault: Fault) -> None:
    said = str(BadSound(Path("/station/audio/khuc.mp3"), fault, "…"))
    wrong, remedy = TEXTS[fault]
    assert said == f"khuc.mp3 {wrong.format(detail='…')}. {remedy}."
