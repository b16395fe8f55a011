"""Files to samples and back: exact to the frame and flat in memory."""

import random
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.sound.codec import FRAME_RATE, BadSound, ClipReader, Samples, probe, read_blocks, write_opus
from broadcaster.sound.faults import Fault
from tests.sound.material import (
    KINDS,
    decibels,
    hiss,
    in_pieces,
    pitch,
    silence,
    speech,
    tone,
    wav_head,
    whole,
    write_sound,
)


@pytest.mark.parametrize("frames", [1, 311, 312, 313, 648, 960, 47_688, 48_000, 48_001, 48_312, 100_000])
def test_a_clip_gives_back_every_frame_that_went_in_and_no_other(frames: int, tmp_path: Path) -> None:
    clip = tmp_path / "clip"
    assert write_opus([tone(3)[:frames]], clip, bitrate=32_000) == frames
    assert len(whole(clip)) == frames
    with ClipReader(clip) as reader:
        assert reader.frames == frames
        assert len(reader.read(10 * FRAME_RATE)) == frames
        assert len(reader.read(1)) == 0


@settings(max_examples=15, deadline=None)
@given(frames=st.integers(1, 50_000), size=st.integers(1, 60_000))
def test_however_it_is_cut_into_blocks_a_clip_keeps_its_length(
    frames: int, size: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    clip = tmp_path_factory.mktemp("clips") / "clip"
    assert write_opus(in_pieces(hiss(1.1)[:frames], size), clip, bitrate=32_000) == frames
    with ClipReader(clip) as reader:
        assert reader.frames == frames == sum(map(len, read_blocks(clip)))


def test_the_same_sound_makes_the_same_clip_to_the_last_byte(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    write_opus([speech(3)], one, bitrate=32_000)
    write_opus(in_pieces(speech(3), 7_001), other, bitrate=32_000)
    assert one.read_bytes() == other.read_bytes()


def test_a_clip_of_silence_is_silent_to_the_last_bit(tmp_path: Path) -> None:
    write_opus([silence(2)], tmp_path / "clip", bitrate=32_000)
    assert not whole(tmp_path / "clip").any()


@pytest.mark.parametrize("bitrate", [32_000, 64_000])
@pytest.mark.parametrize("sound", [speech(12), tone(12), hiss(12)], ids=["speech", "tone", "hiss"])
def test_a_clip_is_no_bigger_than_its_bit_rate(sound: Samples, bitrate: int, tmp_path: Path) -> None:
    """Left free, the encoder gives clean voices 60 % more; a unit on 4G pays for that."""
    write_opus([sound], tmp_path / "clip", bitrate=bitrate)
    assert (tmp_path / "clip").stat().st_size * 8 / 12 < 1.06 * bitrate


def test_there_is_no_clip_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one frame"):
        write_opus([], tmp_path / "clip", bitrate=32_000)


@pytest.mark.parametrize("frames", [700, 47_999, 48_640, 96_312, 150_001, 400_000])
def test_a_unit_that_joins_late_hears_what_the_others_hear(frames: int, tmp_path: Path) -> None:
    """Seeking to any frame gives the very samples of a straight read, also on the last page of the file."""
    clip = tmp_path / "clip"
    write_opus([(hiss(9, -30) + speech(9))[:frames]], clip, bitrate=32_000)
    straight = whole(clip)
    generator = random.Random(frames)
    with ClipReader(clip) as reader:
        for frame in [0, frames - 1, frames - 500, *(generator.randrange(frames) for _ in range(20))]:
            reader.seek(frame)
            joined = reader.read(5_000)
            assert len(joined) == min(5_000, frames - frame)
            np.testing.assert_allclose(joined, straight[frame : frame + 5_000], atol=1e-6)


def test_a_clip_read_a_little_at_a_time_is_the_clip_read_at_once(tmp_path: Path) -> None:
    clip = tmp_path / "clip"
    write_opus([speech(4)], clip, bitrate=64_000)
    with ClipReader(clip) as reader:
        parts = []
        while len(part := reader.read(441)):
            parts.append(part)
    np.testing.assert_allclose(np.concatenate(parts), whole(clip), atol=1e-6)


def test_a_clip_has_no_frames_outside_itself(tmp_path: Path) -> None:
    write_opus([tone(1)], tmp_path / "clip", bitrate=32_000)
    with ClipReader(tmp_path / "clip") as reader:
        reader.seek(FRAME_RATE)
        assert len(reader.read(10)) == 0
        for frame in (-1, FRAME_RATE + 1):
            with pytest.raises(ValueError, match="outside the clip"):
                reader.seek(frame)


def test_a_clip_that_was_cut_off_or_is_none_says_so(tmp_path: Path) -> None:
    clip = tmp_path / "clip"
    write_opus([hiss(4)], clip, bitrate=32_000)
    clip.write_bytes("xin chào bà con ".encode() * 100)
    with pytest.raises(BadSound) as caught:
        ClipReader(clip)
    assert caught.value.fault is Fault.NOT_SOUND
    with pytest.raises(BadSound):
        ClipReader(write_sound(tmp_path / "khuc.ogg", tone(1), codec="libopus", container="ogg", rate=48_000))
    with pytest.raises(FileNotFoundError):
        ClipReader(tmp_path / "none")


def test_a_clip_damaged_in_the_middle_is_a_fault_and_not_a_crash(tmp_path: Path) -> None:
    clip = tmp_path / "clip"
    write_opus([hiss(8)], clip, bitrate=32_000)
    content = bytearray(clip.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 9_000] = random.Random(1).randbytes(9_000)
    clip.write_bytes(content)
    with ClipReader(clip) as reader, pytest.raises(BadSound):
        reader.read(reader.frames)


@pytest.mark.parametrize(("name", "codec", "container"), KINDS)
def test_a_stereo_recording_keeps_length_pitch_and_level(
    name: str, codec: str, container: str, tmp_path: Path
) -> None:
    """44.1 kHz stereo to 48 kHz mono: no sample is left in the resampler, and both sides are not added up."""
    path = write_sound(tmp_path / name, tone(5, 440, -12), codec=codec, container=container)
    sound = whole(path)
    assert sound.dtype == np.float32
    assert len(sound) == pytest.approx(5 * FRAME_RATE, abs=2_500 if container == "mp4" else 48)
    assert pitch(sound) == pytest.approx(440, abs=0.5)
    assert decibels(sound[FRAME_RATE : 4 * FRAME_RATE]) == pytest.approx(
        -15.01, abs=0.6
    )  # LAME takes off 0.45 dB
    told = probe(path).length
    assert told is not None
    assert told.total_seconds() == pytest.approx(5, abs=0.05)


@pytest.mark.parametrize("container", ["ogg", "webm"])
def test_what_telephones_and_browsers_record_is_read(container: str, tmp_path: Path) -> None:
    path = write_sound(tmp_path / "khuc", tone(5), codec="libopus", container=container, rate=48_000)
    assert len(whole(path)) == pytest.approx(5 * FRAME_RATE, abs=960)


def test_a_recording_at_another_rate_ends_on_its_last_sample(tmp_path: Path) -> None:
    """A resampler keeps its last 17 or so samples until it is asked for them."""
    path = tmp_path / "a.wav"
    write_sound(path, tone(1), codec="pcm_s16le", container="wav", rate=8_000, layout="mono")
    assert len(whole(path)) == FRAME_RATE


def test_an_mp3_joined_from_two_of_different_make_is_read_to_its_end(tmp_path: Path) -> None:
    one = write_sound(tmp_path / "1.mp3", tone(2), codec="libmp3lame", container="mp3", write_xing="0")
    two = write_sound(
        tmp_path / "2.mp3", tone(2, 880), codec="libmp3lame", container="mp3",
        rate=22_050, layout="mono", write_xing="0", write_id3v1="0", id3v2_version="0",
    )  # fmt: skip
    joined = tmp_path / "joined.mp3"
    joined.write_bytes(one.read_bytes() + two.read_bytes())
    sound = whole(joined)
    assert len(sound) / FRAME_RATE == pytest.approx(4, abs=0.2)
    assert pitch(sound[:FRAME_RATE]) == pytest.approx(440, abs=1)
    assert pitch(sound[-FRAME_RATE:]) == pytest.approx(880, abs=1)


def test_a_recording_as_loud_as_it_gets_stays_in_bounds(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "loud.mp3", np.sign(tone(2, 441)), codec="libmp3lame", container="mp3")
    assert np.abs(whole(path)).max() <= 1


def test_titles_in_old_vietnamese_letters_do_no_harm(tmp_path: Path) -> None:
    plain = write_sound(tmp_path / "a.mp3", tone(1), codec="libmp3lame", container="mp3", id3v2_version="0")
    title = b"\x00B\xb5i h\xb8t x\xb7 \xae\xe5ng ti\xd5n"  # TCVN3, which no standard allows there
    frame = b"TIT2" + struct.pack(">IH", len(title), 0) + title.replace(b"\x00", b"\x03", 1)
    tag = b"ID3\x03\x00\x00" + bytes([0, 0, len(frame) >> 7, len(frame) & 0x7F]) + frame
    path = tmp_path / "b.mp3"
    path.write_bytes(tag + plain.read_bytes())
    assert len(whole(path)) / FRAME_RATE == pytest.approx(1, abs=0.05)


def test_a_recorder_that_did_not_know_its_length_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "stream.wav"
    path.write_bytes(wav_head(bytes_said=0xFFFF_FFFF) + bytes(16_000))
    assert len(whole(path)) == FRAME_RATE
    live = tmp_path / "live.webm"
    write_sound(live, tone(2), codec="libopus", container="webm", rate=48_000, live="1")
    assert probe(live).length is None
    assert len(whole(live)) == pytest.approx(2 * FRAME_RATE, abs=960)


def test_a_scratch_is_no_reason_to_refuse_a_recording(tmp_path: Path) -> None:
    path = write_sound(tmp_path / "a.mp3", speech(20), codec="libmp3lame", container="mp3")
    content = bytearray(path.read_bytes())
    content[100_000:100_050] = bytes(50)
    path.write_bytes(content)
    assert len(whole(path)) / FRAME_RATE == pytest.approx(20, abs=0.2)


READ_IT = """
import resource, sys
from pathlib import Path
from broadcaster.sound.codec import read_blocks
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
frames = sum(map(len, read_blocks(Path(sys.argv[1]))))
print(frames, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_ten_minutes_take_no_more_memory_than_one(tmp_path: Path) -> None:
    """The whole as samples would be 115 MB."""
    minute, ten = tmp_path / "1.mp3", tmp_path / "10.mp3"
    write_sound(minute, speech(60), codec="libmp3lame", container="mp3", layout="mono", write_xing="0")
    ten.write_bytes(minute.read_bytes() * 10)
    told = subprocess.check_output([sys.executable, "-c", READ_IT, ten], text=True)
    frames, kilobytes = map(int, told.split())
    assert frames / FRAME_RATE == pytest.approx(600, rel=0.01)
    assert kilobytes < 25_000
