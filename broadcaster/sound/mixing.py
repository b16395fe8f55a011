"""Chime, words and pauses put together: the one place that knows pydub.

pydub holds everything in memory and reads files through ffprobe; here it gets PCM only, and no more than
ten minutes. Longer sound is a stream (`finishing`).
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce

import numpy as np

from broadcaster.sound.codec import FRAME_RATE, Samples

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for an ffmpeg program, which it never gets to need
    from pydub import AudioSegment

__all__ = ["LONGEST_MIX", "Gap", "Piece", "Signal", "Words", "assemble"]

LONGEST_MIX = timedelta(minutes=10)

_FADE_IN = 20  # ms
_FADE_OUT = 250
_BREATH = 400  # ms between a signal and what follows it
_LEAD = 1200  # ms a signal sounds alone before words begin over it
_DUCKED = -14.0  # dB a signal goes down under words
_DUCKING = 400  # ms it takes to go down


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Spoken words, levelled."""

    sound: Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Silence."""

    length: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A chime, levelled: before what follows, or `under` the words that follow, ducked while they last."""

    sound: Samples
    under: bool = False


Piece = Words | Gap | Signal


def assemble(pieces: Sequence[Piece]) -> Samples:
    """One sound of all pieces in their order. Raises ValueError for none, or more than `LONGEST_MIX`."""
    if not pieces:
        raise ValueError("there is nothing to put together")
    if sum(map(_frames, pieces)) > LONGEST_MIX.total_seconds() * FRAME_RATE:
        raise ValueError(f"only up to {LONGEST_MIX} can be put together; longer sound goes by itself")
    parts: list[AudioSegment] = []
    bed: AudioSegment | None = None
    for piece in pieces:
        match piece:
            case Gap(length=length):
                parts.append(_silence(length // timedelta(milliseconds=1)))
            case Signal(sound=sound, under=True):
                bed = _faded(sound)
            case Signal(sound=sound):
                parts += [_faded(sound), _silence(_BREATH)]
            case Words(sound=sound) if bed is not None:
                parts.append(_over(bed, _segment(sound)))
                bed = None
            case Words(sound=sound):
                parts.append(_segment(sound))
    if bed is not None:
        parts.append(bed)
    return _samples(reduce(lambda mix, part: mix.append(part, crossfade=0), parts))


def _faded(sound: Samples) -> AudioSegment:
    part = _segment(sound)
    half = len(part) // 2  # a fade longer than the sound would make it longer
    return part.fade_in(min(_FADE_IN, half)).fade_out(min(_FADE_OUT, half))


def _over(bed: AudioSegment, words: AudioSegment) -> AudioSegment:
    """Words that begin while the signal still sounds, which makes room for them."""
    lead = min(_LEAD, len(bed))
    ducked = bed.fade(to_gain=_DUCKED, start=max(0, lead - _DUCKING), duration=min(_DUCKING, lead))
    whole = _silence(lead).append(words, crossfade=0)
    if len(ducked) > len(whole):
        ducked = ducked[: len(whole)].fade_out(min(_FADE_OUT, len(whole)))
    return whole.overlay(ducked)


def _frames(piece: Piece) -> int:
    match piece:
        case Gap(length=length):
            return int(length.total_seconds() * FRAME_RATE)
        case Words(sound=sound) | Signal(sound=sound):
            return len(sound)


def _silence(milliseconds: int) -> AudioSegment:
    return AudioSegment.silent(milliseconds, frame_rate=FRAME_RATE)


def _segment(sound: Samples) -> AudioSegment:
    pcm = np.rint(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    return AudioSegment(data=pcm, sample_width=2, frame_rate=FRAME_RATE, channels=1)


def _samples(mix: AudioSegment) -> Samples:
    return np.frombuffer(mix.raw_data, "<i2").astype(np.float32) / np.float32(32768)
