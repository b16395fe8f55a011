"""How loud sound is (EBU R128), and bringing it to one level: -16 LUFS, true peaks below -1.5 dBTP.

Two passes, so that long recordings stay streams: `survey` hears it once, `settled` decides, `levelled`
gives it back trimmed and levelled. Deciding takes into account what the limiter will take away, so that
speech with sharp consonants comes out as loud as smooth speech.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log10

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from broadcaster.sound.codec import FRAME_RATE, Gauge, Samples
from broadcaster.sound.limiter import in_blocks, limited, true_peak

__all__ = [
    "CEILING",
    "TARGET",
    "Levelling",
    "Loudness",
    "Silent",
    "Survey",
    "level",
    "levelled",
    "measure",
    "settled",
    "survey",
]

TARGET = -16.0
"""LUFS, integrated."""
CEILING = -1.5
"""dBTP, of the finished clip."""

_HEADROOM = 1.0  # dB below CEILING before encoding: Opus puts most peaks a little higher
_MOST_GAIN = 30.0  # dB: more would only make hiss loud
_SILENCE = -60.0  # dBFS: sound that never rises above this holds nothing to hear
_FLOOR = -50.0  # dBFS, levelled: what lies below it at both ends is trimmed
_HOP = FRAME_RATE // 100
_GUARD = 3 * _HOP  # silence left at both ends: the breath before a word
_FADE = FRAME_RATE * 5 // 1000


class Silent(ValueError):
    """Sound with nothing in it to hear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """`integrated` in LUFS, None for what is silent or too short; `peak` in dBTP, -inf for no sound."""

    integrated: float | None
    peak: float
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What one hearing tells: LUFS where R128 can say, and peak and mean square of every 10 ms."""

    integrated: float | None
    peaks: NDArray[np.float32]
    powers: NDArray[np.float32]
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Levelling:
    """What is to be done: keep frames `begin` to `end`, times `gain` (a factor), limited to `ceiling` (dBTP).

    `aim`: the LUFS it should come to; less than TARGET for what is too soft to be raised that far.
    """

    begin: int
    end: int
    gain: float
    ceiling: float
    aim: float

    @property
    def frames(self) -> int:
        return self.end - self.begin


def measure(blocks: Iterable[Samples]) -> Loudness:
    """Integrated loudness and true peak by EBU R128."""
    gauge = Gauge()
    frames = 0

    def heard() -> Iterator[Samples]:
        nonlocal frames
        for block in blocks:
            gauge.add(block)
            frames += len(block)
            yield block

    peak = true_peak(heard())
    return Loudness(integrated=gauge.result(), peak=_decibels(peak), frames=frames)


def survey(blocks: Iterable[Samples]) -> Survey:
    """Hear it once."""
    gauge = Gauge()
    frames = 0
    peaks: list[NDArray[np.float32]] = []
    powers: list[NDArray[np.float32]] = []
    for block in in_blocks(blocks, FRAME_RATE):
        gauge.add(block)
        frames += len(block)
        hops = np.concatenate([block, np.zeros(-len(block) % _HOP, np.float32)]).reshape(-1, _HOP)
        peaks.append(np.abs(hops).max(axis=1))
        powers.append(np.square(hops).mean(axis=1))
    nothing = [np.zeros(0, np.float32)]
    return Survey(
        integrated=gauge.result(),
        peaks=np.concatenate(peaks or nothing),
        powers=np.concatenate(powers or nothing),
        frames=frames,
    )


def settled(heard: Survey, *, headroom: float = _HEADROOM) -> Levelling:
    """Decide what to keep and how much louder or softer to make it. Raises Silent.

    `headroom` in dB is what the limiter leaves below CEILING for the encoder.
    """
    if heard.peaks.max(initial=0) <= _factor(_SILENCE):
        raise Silent(f"nothing in it is louder than {_SILENCE:g} dBFS")
    integrated = heard.integrated
    if integrated is None:  # shorter than 400 ms, or one knock in much silence: R128 does not say
        integrated = _loudness_of(heard.powers[heard.peaks > _factor(_SILENCE)])
    aim = min(TARGET, integrated + _MOST_GAIN)
    gain = _factor(aim - integrated)
    for _ in range(5):
        lost = _lost_in_limiter(heard, gain, CEILING - headroom)
        gain = _factor(min(_MOST_GAIN, aim - integrated + lost))
    loud = np.flatnonzero(heard.peaks * gain > _factor(_FLOOR))
    return Levelling(
        begin=max(0, int(loud[0]) * _HOP - _GUARD),
        end=min(heard.frames, (int(loud[-1]) + 1) * _HOP + _GUARD),
        gain=gain,
        ceiling=CEILING - headroom,
        aim=aim,
    )


def _lost_in_limiter(heard: Survey, gain: float, ceiling: float) -> float:
    """About how many dB of loudness limiting takes away, counting what R128 would not gate away."""
    needed = np.minimum(1.0, _factor(ceiling) / np.maximum(heard.peaks * gain, 1e-9))
    held = sliding_window_view(np.pad(needed, 2, constant_values=1.0), 5).min(axis=1)  # as the limiter does
    left = heard.powers * np.square(held)
    counted = heard.powers > 0.1 * heard.powers[heard.powers > 0].mean()
    return _loudness_of(heard.powers[counted]) - _loudness_of(left[counted])


def levelled(blocks: Iterable[Samples], how: Levelling) -> Iterator[Samples]:
    """The same sound trimmed, levelled, limited and faded in and out over 5 ms; `how.frames` in all."""
    return limited(_trimmed(blocks, how), _factor(how.ceiling))


def _trimmed(blocks: Iterable[Samples], how: Levelling) -> Iterator[Samples]:
    at = 0
    for block in blocks:
        begin, end = max(how.begin - at, 0), min(how.end - at, len(block))
        if begin < end:
            yield block[begin:end] * _fade(at + begin - how.begin, end - begin, how)
        at += len(block)
        if at >= how.end:
            return


def _fade(begin: int, frames: int, how: Levelling) -> Samples:
    """The gain of `frames` frames from `begin` on: 0 at both ends of the kept sound."""
    if begin >= _FADE and begin + frames <= how.frames - _FADE:
        return np.full(frames, how.gain, np.float32)
    place = np.arange(begin, begin + frames)
    inside = np.minimum(place, how.frames - 1 - place) / min(_FADE, how.frames)
    return (how.gain * np.clip(inside, 0, 1)).astype(np.float32)


def level(sound: Samples) -> Samples:
    """Trim and level a short sound. Raises Silent."""
    how = settled(survey([sound]))
    return np.concatenate(list(levelled([sound], how)))


def _loudness_of(powers: NDArray[np.float32]) -> float:
    return -0.691 + 10 * log10(float(powers.mean(dtype=np.float64)))  # BS.1770-4 without its weighting


def _decibels(factor: float) -> float:
    return 20 * log10(factor) if factor > 0 else float("-inf")


def _factor(decibels: float) -> float:
    return float(10 ** (decibels / 20))
