"""Every clip at one level, its peaks in bounds, heard again after encoding: what a unit will play."""

import contextlib
from fractions import Fraction
from pathlib import Path

import av
import av.filter
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.sound.codec import FRAME_RATE, Samples, read_blocks
from broadcaster.sound.finishing import MUSIC, SPEECH, finish
from broadcaster.sound.gain import set_output_gain
from broadcaster.sound.limiter import in_blocks, limited
from broadcaster.sound.loudness import CEILING, TARGET, Silent, level, measure, settled, survey
from tests.sound.material import bell, decibels, hiss, in_pieces, knocks, silence, speech, tone, whole

AUDIO = Path(__file__).parents[2] / "audio"

MATERIAL = {
    "speech": speech(5),
    "speech recorded very softly": speech(5, -25),
    "speech with its peaks cut off": np.clip(4 * speech(5), -1, 1),
    "speech between long silences": np.concatenate([silence(3), speech(5), silence(4)]),
    "speech over hiss": speech(5) + hiss(5, -45),
    "a loud tone": tone(5, 440, 0),
    "a soft tone": tone(5, 440, -40),
    "hiss": hiss(5, -12),
    "a bell": bell(3),
    "two sentences, one soft, one loud": np.concatenate([speech(3, -30), speech(3, -6)]),
}


@pytest.mark.parametrize("bitrate", [SPEECH, MUSIC])
@pytest.mark.parametrize("name", MATERIAL)
def test_a_finished_clip_is_at_the_level_and_its_peaks_in_bounds(
    name: str, bitrate: int, tmp_path: Path
) -> None:
    sound = MATERIAL[name]
    frames = finish(lambda: in_pieces(sound, 30_011), tmp_path / "clip", bitrate=bitrate)
    heard = measure(read_blocks(tmp_path / "clip"))
    assert heard.frames == frames
    assert heard.integrated == pytest.approx(TARGET, abs=1.0)
    assert heard.peak <= CEILING


def test_loudness_is_what_the_standard_says() -> None:
    """EBU Tech 3341, case 1 for one voice: a 997 Hz sine at -20 dBFS (RMS -23) reads -23 LUFS."""
    assert measure(in_pieces(tone(10, 997, -20), 4_801)).integrated == pytest.approx(-23.0, abs=0.1)
    assert measure([tone(10, 997, -20)]).peak == pytest.approx(-20, abs=0.1)


def test_a_peak_between_two_samples_is_seen() -> None:
    """A quarter of the sample rate, each sample 45 degrees off the crest."""
    times = np.arange(FRAME_RATE)
    sound = (0.9 * np.sin(np.pi / 2 * times + np.pi / 4) * np.hanning(FRAME_RATE)).astype(np.float32)
    assert 20 * np.log10(np.abs(sound).max()) == pytest.approx(-3.93, abs=0.01)
    assert measure([sound]).peak == pytest.approx(-0.92, abs=0.05)


@pytest.mark.parametrize("name", MATERIAL)
def test_true_peaks_are_those_another_meter_reads(name: str) -> None:
    """FFmpeg's ebur128, which resamples in its own way."""
    sound = np.concatenate([silence(0.1), MATERIAL[name], silence(0.1)])
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=FRAME_RATE, format="flt", layout="mono", time_base=Fraction(1, FRAME_RATE)
    )
    meter, sink = graph.add("ebur128", "metadata=1:peak=true"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(sound[np.newaxis], "flt", "mono")
    frame.sample_rate = FRAME_RATE
    source.push(frame)
    read = 0.0
    with contextlib.suppress(BlockingIOError):
        while True:
            read = float(sink.pull().metadata.get("lavfi.r128.true_peak", read))
    assert measure([sound]).peak == pytest.approx(20 * np.log10(read), abs=0.1)


def test_no_sound_has_no_loudness() -> None:
    assert measure([]).integrated is None
    assert measure([silence(2)]).integrated is None
    assert measure([silence(2)]).peak == float("-inf")


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.39])
def test_a_sound_too_short_for_the_standard_is_levelled_all_the_same(seconds: float, tmp_path: Path) -> None:
    finish(lambda: iter([tone(seconds, 1000, -35)]), tmp_path / "clip", bitrate=MUSIC)
    sound = whole(tmp_path / "clip")
    assert decibels(sound) == pytest.approx(TARGET + 0.7, abs=1.5)
    assert measure([sound]).peak <= CEILING


def test_sound_that_is_nearly_all_peak_is_held_under_the_ceiling(tmp_path: Path) -> None:
    finish(lambda: iter([knocks(6)]), tmp_path / "clip", bitrate=SPEECH)
    assert measure(read_blocks(tmp_path / "clip")).peak <= CEILING


@pytest.mark.parametrize("sound", [silence(3), silence(0), tone(3, 440, -75), silence(3) + np.float32(1e-5)])
def test_silence_is_refused_and_not_made_loud(sound: Samples) -> None:
    with pytest.raises(Silent):
        settled(survey([sound]))


def test_what_is_far_too_soft_is_raised_by_30_db_and_no_more(tmp_path: Path) -> None:
    finish(lambda: iter([hiss(5, -63)]), tmp_path / "clip", bitrate=MUSIC)
    heard = measure(read_blocks(tmp_path / "clip")).integrated
    before = measure([hiss(5, -63)]).integrated
    assert heard is not None
    assert before is not None
    assert heard - before == pytest.approx(30, abs=1)


def test_silence_around_the_sound_is_trimmed_and_a_breath_left() -> None:
    kept = settled(survey([np.concatenate([silence(2.5), tone(2), silence(1.5)])]))
    assert kept.begin / FRAME_RATE == pytest.approx(2.47, abs=0.011)
    assert kept.end / FRAME_RATE == pytest.approx(4.53, abs=0.011)


def test_silence_within_the_sound_stays() -> None:
    kept = settled(survey([np.concatenate([tone(1), silence(5), tone(1)])]))
    assert kept.frames == 7 * FRAME_RATE


def test_a_levelled_sound_begins_and_ends_without_a_click() -> None:
    sound = level(tone(1, 440, -3)[30:])
    assert sound[0] == 0
    assert sound[-1] == 0
    steps = np.abs(np.diff(sound))
    assert max(steps[:400].max(), steps[-400:].max()) <= steps[1_000:-1_000].max()


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(1, 90_000), min_size=1, max_size=8))
def test_however_a_stream_is_cut_it_is_levelled_alike(cuts: list[int]) -> None:
    sound = speech(3)
    parts = np.split(sound, sorted(cut for cut in np.cumsum(cuts) if cut < len(sound)))
    one, other = settled(survey([sound])), settled(survey(parts))
    assert (one.begin, one.end) == (other.begin, other.end)
    assert one.gain == pytest.approx(other.gain)
    np.testing.assert_allclose(
        np.concatenate(list(limited([4 * sound], 0.5))),
        np.concatenate(list(limited((4 * part for part in parts), 0.5))),
        atol=1e-6,
    )


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1), ceiling=st.floats(0.1, 1.0), loud=st.floats(0.5, 8.0), rare=st.booleans()
)
def test_nothing_passes_the_limiter(seed: int, ceiling: float, loud: float, rare: bool) -> None:
    generator = np.random.default_rng(seed)
    sound = (loud * generator.standard_normal(30_000)).astype(np.float32)
    if rare:
        sound[generator.random(30_000) > 0.001] = 0
    sound[:50] = sound[-50:] = 0
    held = np.concatenate(list(limited(in_pieces(sound, 9_999), ceiling)))
    assert len(held) == len(sound)
    assert measure([held]).peak <= 20 * np.log10(ceiling) + 0.1


def test_the_limiter_leaves_alone_what_needs_no_limit() -> None:
    sound = speech(3, -10)
    assert np.array_equal(np.concatenate(list(limited([sound], 0.5))), sound)


def test_the_limiter_turns_down_and_does_not_distort() -> None:
    """A tone with one loud word in it: no new tones appear beside it."""
    times = np.arange(2 * FRAME_RATE) / FRAME_RATE
    sound = (tone(2, 1000, -10) * (1 + 3 * np.exp(-(((times - 1) / 0.1) ** 2)))).astype(np.float32)
    held = np.concatenate(list(limited([sound], 0.5)))
    spectrum = np.abs(np.fft.rfft(held * np.hanning(len(held)))) ** 2
    near = slice(2 * 800, 2 * 1200)
    assert spectrum[near].sum() / spectrum.sum() > 0.9999


@given(sizes=st.lists(st.integers(0, 50)), size=st.integers(1, 40))
def test_blocks_of_one_size_are_the_same_sound(sizes: list[int], size: int) -> None:
    sound = np.arange(sum(sizes), dtype=np.float32)
    blocks = list(in_blocks(np.split(sound, np.cumsum(sizes)), size))
    assert all(len(block) == size for block in blocks[:-1])
    assert np.array_equal(np.concatenate([*blocks, silence(0)]), sound)


def test_the_last_correction_is_heard_by_every_decoder(tmp_path: Path) -> None:
    clip = tmp_path / "clip"
    finish(lambda: iter([tone(3)]), clip, bitrate=MUSIC)
    before = measure(read_blocks(clip)).integrated
    set_output_gain(clip, -6.5)
    after = measure(read_blocks(clip)).integrated
    assert before is not None
    assert after == pytest.approx(TARGET - 6.5, abs=0.1)
    clip.write_bytes(b"OggS" + bytes(200))
    with pytest.raises(ValueError, match="does not begin like a clip"):
        set_output_gain(clip, 1)


@pytest.mark.parametrize("path", sorted(AUDIO.rglob("*.opus")), ids=lambda path: path.stem)
def test_the_sounds_that_come_with_the_project_are_at_the_level(path: Path) -> None:
    heard = measure(read_blocks(path))
    assert heard.integrated == pytest.approx(TARGET, abs=0.5)
    assert heard.peak <= CEILING


@pytest.mark.parametrize("name", ["opening", "closing", "notice", "test"])
def test_a_chime_carries_far_and_startles_nobody(name: str) -> None:
    sound = whole(AUDIO / "chimes" / f"{name}.opus")
    assert 2 <= len(sound) / FRAME_RATE <= 4
    spectrum = np.abs(np.fft.rfft(sound)) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / FRAME_RATE)
    assert spectrum[(hertz > 500) & (hertz < 2500)].sum() / spectrum.sum() > 0.9
    powers = [decibels(sound[at : at + 480]) for at in range(0, FRAME_RATE // 4, 480)]
    assert max(np.diff(powers[1:])) < 12, "its first note swells for some hundredths of a second"
    assert powers[0] < max(powers) - 20
