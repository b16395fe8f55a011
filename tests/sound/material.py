"""Sound and sound files to test with, all made here, the same in every run."""

import struct
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np

from broadcaster.sound.codec import FRAME_RATE, Samples, read_blocks

__all__ = [
    "KINDS",
    "bell",
    "decibels",
    "hiss",
    "in_pieces",
    "knocks",
    "pitch",
    "silence",
    "speech",
    "tone",
    "wav_head",
    "whole",
    "write_sound",
]

KINDS = [
    ("khuc.mp3", "libmp3lame", "mp3"),
    ("khuc.m4a", "aac", "mp4"),
    ("khuc.flac", "flac", "flac"),
    ("khuc.wav", "pcm_s16le", "wav"),
    ("khuc.aiff", "pcm_s16be", "aiff"),
]
"""What phones, recorders and sound editors write. Opus and WebM follow below: they have one rate."""


def tone(seconds: float, hertz: float = 440.0, level: float = -20.0) -> Samples:
    """A sine; `level` is its peak in dBFS."""
    times = np.arange(round(seconds * FRAME_RATE)) / FRAME_RATE
    return (10 ** (level / 20) * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def hiss(seconds: float, level: float = -20.0) -> Samples:
    """White noise; `level` is its RMS in dBFS."""
    noise = np.random.default_rng(1).standard_normal(round(seconds * FRAME_RATE))
    return (10 ** (level / 20) * noise).astype(np.float32)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * FRAME_RATE), np.float32)


def speech(seconds: float, level: float = -6.0) -> Samples:
    """Like a voice to a meter: buzzing syllables with sharp beginnings, and breaths between phrases."""
    generator = np.random.default_rng(2)
    parts: list[Samples] = []
    while sum(map(len, parts)) < seconds * FRAME_RATE:
        times = np.arange(int(generator.uniform(0.12, 0.3) * FRAME_RATE)) / FRAME_RATE
        hertz = generator.uniform(110, 220)
        buzz = sum(np.sin(2 * np.pi * hertz * k * times + k) / k for k in range(1, 18))
        shape = np.exp(-6 * times) * np.clip(times / 0.004, 0, 1)
        burst = 0.5 * generator.standard_normal(len(times)) * np.exp(-60 * times)
        parts.append((generator.uniform(0.4, 1.0) * (buzz * shape + burst)).astype(np.float32))
        parts.append(silence(0.03 if generator.random() < 0.8 else 0.35))
    whole = np.concatenate(parts)[: round(seconds * FRAME_RATE)]
    scaled: Samples = whole * np.float32(10 ** (level / 20) / np.abs(whole).max())
    return scaled


def bell(seconds: float) -> Samples:
    times = np.arange(round(seconds * FRAME_RATE)) / FRAME_RATE
    return (0.4 * np.exp(-2 * times) * np.sin(2 * np.pi * 1046.5 * times)).astype(np.float32)


def knocks(seconds: float) -> Samples:
    """Two sharp knocks a second: nearly all peak and no loudness."""
    sound = silence(seconds)
    sound[:: FRAME_RATE // 2] = 0.9
    return np.convolve(sound, np.exp(-np.arange(200) / 30))[: len(sound)].astype(np.float32)


def in_pieces(sound: Samples, size: int) -> Iterator[Samples]:
    for begin in range(0, len(sound), size):
        yield sound[begin : begin + size]


def pitch(sound: Samples) -> float:
    """The strongest frequency, in Hz."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return float(np.argmax(spectrum) * FRAME_RATE / len(sound))


def decibels(sound: Samples) -> float:
    """RMS level in dBFS."""
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-20))


def write_sound(
    path: Path,
    sound: Samples,
    *,
    codec: str,
    container: str,
    rate: int = 44_100,
    layout: str = "stereo",
    **options: str,
) -> Path:
    """A file as people hand it in; the same sound on both sides if stereo. `options` are the container's."""
    with av.open(str(path), "w", format=container, options=options) as out:
        stream = out.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(stream, av.AudioStream)
        resampler = av.AudioResampler(stream.format.name, layout, rate)
        sides = 2 if layout == "stereo" else 1
        for piece in in_pieces(sound, FRAME_RATE):
            frame = av.AudioFrame.from_ndarray(np.repeat(piece[np.newaxis], sides, axis=0), "fltp", layout)
            frame.sample_rate = FRAME_RATE
            for resampled in resampler.resample(frame):
                resampled.pts = None
                out.mux(stream.encode(resampled))
        for resampled in resampler.resample(None):
            resampled.pts = None
            out.mux(stream.encode(resampled))
        out.mux(stream.encode(None))
    return path


def wav_head(*, bytes_said: int, rate: int = 8_000, width: int = 1, bits: int = 16) -> bytes:
    """The head of a WAV file, whatever it may claim."""
    size = width * bits // 8
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", min(bytes_said + 36, 0xFFFF_FFFF), b"WAVE", b"fmt ", 16, 1, width, rate),
        *(rate * size & 0xFFFF_FFFF, size, bits, b"data", bytes_said),
    )


def whole(path: Path) -> Samples:
    """All of a sound file."""
    return np.concatenate(list(read_blocks(path)))
