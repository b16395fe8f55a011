"""Make the sounds of audio/: chimes, the signals of alerts, a little melody, and the sentences that fill in
when a relay is gone.

    .venv/bin/python tools/make_chimes.py [FOLDER]

All of it is original: composed and synthesised here, the sentences spoken by espeak-ng. The same versions of
the libraries give the same bytes. The chimes are made for horn loudspeakers across fields: bell tones
between 500 and 2500 Hz, where horns are loud and wind is not, each beginning softly, so that nobody starts.

The signals of alerts are no bells but sirens, each known by its movement alone, for far away nothing else is
left of a sound: water goes up and down, wind whoops up, land falls, fire is beaten like a kẻng, health goes
to and fro between two tones, a general alert calls four times on one, and all clear is one long tone. All of
them lie between 300 and 4000 Hz, which is what a horn carries.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from broadcaster.files import write_whole
from broadcaster.sound.codec import FRAME_RATE, Samples, read_blocks
from broadcaster.sound.finishing import MUSIC, SPEECH, finish

Wave = NDArray[np.float64]
Note = tuple[float, float, float]  # when, in seconds; MIDI pitch; how strong, 0 to 1
Beat = tuple[str, float]  # a note and how many beats it lasts
Glide = tuple[float, float, float]  # from this many Hz, to this many, in so many seconds

BELL = ((1.0, 1.0, 1.0), (2.0, 0.45, 1.7), (2.76, 0.16, 2.8), (4.07, 0.05, 4.5))
"""Partials of the bell: times the pitch, strength, how many times faster it dies away."""

# Opening goes up, closing comes down, notice calls twice (ding-dong), test knocks three times on one pitch.
CHIMES: dict[str, tuple[Sequence[Note], float]] = {
    "opening": (((0.0, 79, 0.8), (0.38, 81, 0.85), (0.76, 84, 0.9), (1.14, 88, 1.0)), 3.6),
    "closing": (((0.0, 88, 0.9), (0.48, 84, 0.85), (0.96, 81, 0.8), (1.44, 79, 0.9)), 3.9),
    "notice": (((0.0, 88, 1.0), (0.62, 84, 1.0)), 2.4),
    "test": (((0.0, 83, 0.8), (0.55, 83, 0.8), (1.1, 83, 0.8)), 2.6),
}

SIGNALS: dict[str, Sequence[Glide]] = {
    "water": ((460, 1100, 1.25), (1100, 460, 1.25)) * 2,
    "wind": ((480, 1650, 0.72), (0, 0, 0.16)) * 6,
    "land": ((1500, 380, 0.95), (0, 0, 0.2)) * 4,
    "health": ((600, 600, 0.55), (950, 950, 0.55)) * 4,
    "alert": ((780, 780, 0.95), (0, 0, 0.4)) * 3 + ((780, 780, 0.95),),
    "all-clear": ((620, 620, 4.2),),
}
"""How the pitch moves; one that is 0 is silence."""

KENG = (1180.0, 0.21, 22)
"""Fire: the pitch of the iron, seconds between two strikes, how many."""

_SWELL = 0.06
"""Seconds a siren takes to swell and to die away: nobody starts, and nothing clicks."""

PITCHES = {"D4": 62, "E4": 64, "G4": 67, "A4": 69, "D5": 74, "E5": 76, "G5": 79, "A5": 81, "B5": 83, "D6": 86}
BEAT = 0.53
MELODY: Sequence[Beat] = (
    *(("G5", 1), ("A5", 0.5), ("B5", 0.5), ("D6", 1.5), ("B5", 0.5)),
    *(("A5", 1), ("G5", 0.5), ("E5", 0.5), ("D5", 2)),
    *(("E5", 0.5), ("G5", 0.5), ("A5", 1), ("B5", 0.5), ("A5", 0.5), ("E5", 0.5), ("A5", 0.5)),
    ("G5", 4),
)
BASS: Sequence[Beat] = (("G4", 4), ("D4", 4), ("E4", 2), ("A4", 2), ("G4", 4))

SENTENCES = {
    "dang-cho-song": "Chương trình tiếp âm đang chờ sóng. Mời bà con chờ trong giây lát.",
    "xin-cho": "Xin bà con vui lòng chờ trong giây lát.",
}


def main(folder: Path) -> None:
    for name, (notes, length) in CHIMES.items():
        _write(chime(notes, length), folder / "chimes" / f"{name}.opus", MUSIC)
    for name in (*SIGNALS, "fire"):
        _write(signal(name), folder / "chimes" / f"{name}.opus", MUSIC)
    _write(melody(), folder / "recordings" / "khuc-nhac-dong-tien.opus", MUSIC)
    for name, words in SENTENCES.items():
        _write(spoken(words), folder / "fallback" / f"{name}.opus", SPEECH)


def chime(notes: Sequence[Note], length: float) -> Samples:
    """Bells struck one after another, in a little room, dying away by themselves."""
    sound = np.zeros(_frames(length))
    for begin, pitch, strength in notes:
        _add(sound, strength * _bell(_hertz(pitch), length - begin), begin)
    return _closed(_in_room(sound))


def signal(name: str) -> Samples:
    """What calls before the words of an alert."""
    if name == "fire":
        return _closed(_in_room(_beaten(*KENG)), 0.3)
    return _closed(_siren(SIGNALS[name]), _SWELL)


def melody() -> Samples:
    """Eight seconds of plucked strings: an air in the five notes of G, over four bass notes."""
    generator = np.random.default_rng(2026)
    sound = np.zeros(_frames(sum(beats for _, beats in MELODY) * BEAT))
    for line, strength in ((MELODY, 1.0), (BASS, 0.6)):
        begin = 0.0
        for name, beats in line:
            rings = min(beats * BEAT + 0.6, len(sound) / FRAME_RATE - begin)
            trembles = 0.004 if beats > 1 else 0.0  # the left hand presses long notes, as on a đàn tranh
            _add(sound, strength * _string(_hertz(PITCHES[name]), rings, trembles, generator), begin)
            begin += beats * BEAT
    return _closed(_in_room(sound), 1.0)


def spoken(words: str) -> Samples:
    """The sentence by espeak-ng's Vietnamese voice, a little slower than it likes."""
    with TemporaryDirectory() as folder:
        into = Path(folder) / "spoken.wav"
        subprocess.run(["espeak-ng", "-v", "vi", "-s", "145", "-w", into, "--", words], check=True)
        sound: Samples = np.concatenate(list(read_blocks(into)))
    return sound


def _bell(hertz: float, length: float) -> Wave:
    times = np.arange(_frames(length)) / FRAME_RATE
    tone = np.zeros(len(times))
    for ratio, strength, faster in BELL:
        if hertz * ratio < 4_000:
            tone += strength * np.exp(-2.2 * faster * times) * np.sin(2 * np.pi * hertz * ratio * times)
    softly: Wave = np.sin(np.pi / 2 * np.clip(times / 0.045, 0, 1)) ** 2
    return tone * softly


def _siren(glides: Sequence[Glide]) -> Wave:
    """One voice that glides, as rich as a horn can carry; it swells and dies away around every silence."""
    pitches, loud = [], []
    for begin, end, seconds in ((0, 0, _SWELL), *glides, (0, 0, _SWELL)):
        way = np.linspace(0, 1, _frames(seconds), endpoint=False)
        pitches.append(begin * (end / begin) ** way if begin else np.full(len(way), np.nan))
        loud.append(np.full(len(way), float(begin > 0)))
    pitch = _held(np.concatenate(pitches))
    turns = np.cumsum(pitch) / FRAME_RATE
    wave = np.zeros(len(pitch))
    for partial in range(1, 9):
        there = np.clip((3_700 - partial * pitch) / 300, 0, 1)  # gone before it leaves what a horn carries
        wave += there * partial**-1.2 * np.sin(2 * np.pi * partial * turns)
    swell = np.hanning(_frames(_SWELL))
    gate = np.convolve(np.concatenate(loud), swell / swell.sum(), "same")
    return wave * gate


def _held(pitch: Wave) -> Wave:
    """What has no pitch keeps the nearest one: a voice that jumps while it dies away clicks."""
    sounding = np.flatnonzero(~np.isnan(pitch))
    between = (sounding[1:] + sounding[:-1]) // 2
    held: Wave = pitch[sounding[np.searchsorted(between, np.arange(len(pitch)))]]
    return held


def _beaten(hertz: float, every: float, strikes: int) -> Wave:
    """A hanging piece of iron, beaten fast; every other stroke is the stronger one."""
    sound = np.zeros(_frames(every * strikes + 0.8))
    for stroke in range(strikes):
        begin = stroke * every
        ringing = _bell(hertz, min(1.2, len(sound) / FRAME_RATE - begin))
        strike = np.sin(np.pi / 2 * np.clip(np.arange(len(ringing)) / _frames(0.003), 0, 1)) ** 2
        _add(sound, (1.0 if stroke % 2 else 0.75) * strike * ringing, begin)
    return sound


def _string(hertz: float, length: float, trembles: float, generator: np.random.Generator) -> Wave:
    """A plucked string (Karplus and Strong): noise that runs round in a loop and grows softer and duller."""
    period = round(FRAME_RATE / hertz)
    frames = _frames(length)
    turn = np.convolve(generator.uniform(-1, 1, period + 2), [0.25, 0.5, 0.25], "valid")
    turn -= turn.mean()
    loss = 0.2 ** (1 / hertz / 0.9)  # after 0.9 s a fifth is left
    turns = []
    for _ in range(frames // period + 8):
        turns.append(turn)
        turn = loss * 0.5 * (turn + np.roll(turn, 1))
    loop = np.concatenate(turns)
    times = np.arange(frames) / FRAME_RATE
    pressed = trembles * np.clip(times - 0.25, 0, 0.5) * 2 * np.sin(2 * np.pi * 5.5 * times)
    # Averaging two samples makes the loop half a sample longer; the pitch is set right by reading it faster.
    reading = np.cumsum((1 + pressed) * hertz * (period + 0.5) / FRAME_RATE)
    return np.interp(reading, np.arange(len(loop)), loop) * np.clip(times / 0.004, 0, 1)


def _in_room(sound: Wave) -> Wave:
    """A short reverberation: noise dying away within half a second, a fifth as strong."""
    times = np.arange(_frames(0.5)) / FRAME_RATE
    room = np.random.default_rng(7).standard_normal(len(times)) * np.exp(-9 * times)
    room *= 0.2 / np.sqrt(np.square(room).sum())
    room[0] = 1.0
    size = 1 << (len(sound) + len(room)).bit_length()
    heard: Wave = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(room, size), size)
    return heard[: len(sound)]


def _closed(sound: Wave, seconds: float = 0.6) -> Samples:
    """Faded out to nothing over its last part."""
    fade = np.clip(np.arange(len(sound), 0, -1) / _frames(seconds), 0, 1) ** 1.5
    closed: Samples = (0.3 * sound * fade / np.abs(sound).max()).astype(np.float32)
    return closed


def _add(sound: Wave, wave: Wave, begin: float) -> None:
    at = _frames(begin)
    sound[at : at + len(wave)] += wave[: len(sound) - at]


def _hertz(pitch: float) -> float:
    return float(440 * 2 ** ((pitch - 69) / 12))


def _frames(seconds: float) -> int:
    return round(seconds * FRAME_RATE)


def _write(sound: Samples, path: Path, bitrate: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.opus"
        frames = finish(lambda: iter([sound]), clip, bitrate=bitrate)
        write_whole(path, clip.read_bytes())
    print(f"{path}: {frames / FRAME_RATE:.2f} s, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "audio")
