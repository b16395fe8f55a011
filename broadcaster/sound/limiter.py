"""True peaks, and holding them under a ceiling without distortion: a limiter that looks ahead.

How it works: between samples the wave may rise higher than any of them, so it is interpolated four times
(ITU-R BS.1770-4, annex 2). Each millisecond (a hop) then has a gain that would hold its own peak. The gain
used is the smallest of those around it, smoothed by a bell, so it glides down before a peak and back after
it, and at no sample lies above what that hop needs.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from broadcaster.sound.codec import FRAME_RATE, Samples

__all__ = ["in_blocks", "limited", "true_peak"]

_T = TypeVar("_T")
Gains = NDArray[np.float64]

_HOP = FRAME_RATE // 1000
_BLOCK = FRAME_RATE
_BELL = 20  # hops the gain glides before and after a peak
_REACH = _BELL + 1  # hops each peak is held on both sides: the bell, and the line drawn between two hops
_TAPS = 24  # samples each interpolated one is made of
_SIDE = _TAPS // 2


def _interpolation() -> Samples:
    """The matrix from one hop and its surroundings to the three waves between its samples."""
    taps = np.arange(_TAPS) - _SIDE + 1
    matrix = np.zeros((_HOP + _TAPS - 1, 3 * _HOP), np.float32)
    for quarter in (1, 2, 3):
        distance = taps - quarter / 4
        weights = np.sinc(distance) * np.cos(np.pi * distance / (_TAPS + 1)) ** 2
        weights /= weights.sum()
        for sample in range(_HOP):
            matrix[sample : sample + _TAPS, (quarter - 1) * _HOP + sample] = weights
    return matrix


_BETWEEN = _interpolation()
_HIGHEST = float(np.abs(_BETWEEN).sum(axis=0).max())
"""No wave between samples rises higher than this many times the highest of them."""
_CONTEXT = _REACH + _BELL + 1
_WEIGHTS = np.hanning(2 * _BELL + 3)[1:-1] / np.hanning(2 * _BELL + 3).sum()


def in_blocks(pieces: Iterable[Samples], size: int) -> Iterator[Samples]:
    """The same sound in blocks of exactly `size` frames; the last may be shorter."""
    held: list[Samples] = []
    frames = 0
    for piece in pieces:
        held.append(piece)
        frames += len(piece)
        if frames < size:
            continue
        whole = np.concatenate(held)
        for begin in range(0, frames - size + 1, size):
            yield whole[begin : begin + size]
        held = [whole[frames - frames % size :]]
        frames %= size
    if frames:
        yield np.concatenate(held)


def limited(pieces: Iterable[Samples], ceiling: float) -> Iterator[Samples]:
    """The same sound, as many frames, no true peak above `ceiling` (a factor of full scale)."""
    needing = (
        (block, ceiling / np.maximum(_true_peaks(before, block, after, ceiling), ceiling))
        for before, block, after in _with_neighbours(in_blocks(pieces, _BLOCK))
    )
    for past, (block, gains), coming in _with_neighbours(needing):
        around = _surrounded(None if past is None else past[1], gains, None if coming is None else coming[1])
        yield block if around.min() == 1 else block * _glide(around)[: len(block)]


def true_peak(pieces: Iterable[Samples]) -> float:
    """The highest the wave rises, between the samples too, as a factor of full scale; 0 for no sound."""
    highest = 0.0
    for before, block, after in _with_neighbours(in_blocks(pieces, _BLOCK)):
        highest = max(highest, float(_true_peaks(before, block, after, highest).max()))
    return highest


def _with_neighbours(items: Iterable[_T]) -> Iterator[tuple[_T | None, _T, _T | None]]:
    before: _T | None = None
    here: _T | None = None
    for after in items:
        if here is not None:
            yield before, here, after
        before, here = here, after
    if here is not None:
        yield before, here, None


def _true_peaks(before: Samples | None, block: Samples, after: Samples | None, above: float) -> Gains:
    """The highest the wave rises in each hop of the block; exact for those that may rise above `above`."""
    hops = -(-len(block) // _HOP)
    wide = np.zeros(hops * _HOP + _TAPS - 1, np.float32)
    if before is not None:
        wide[: _SIDE - 1] = before[1 - _SIDE :]
    wide[_SIDE - 1 :][: len(block)] = block
    if after is not None:  # then this block is a whole one
        wide[-_SIDE:][: len(after)] = after[:_SIDE]
    windows = sliding_window_view(wide, _HOP + _TAPS - 1)[::_HOP]
    peaks: Gains = np.abs(windows).max(axis=1).astype(np.float64)
    suspects = np.flatnonzero(peaks * _HIGHEST > above)
    between = np.abs(windows[suspects] @ _BETWEEN).max(axis=1, initial=0)
    peaks[suspects] = np.maximum(peaks[suspects], between)
    return peaks


def _surrounded(past: Gains | None, gains: Gains, coming: Gains | None) -> Gains:
    """The gains of a block with `_CONTEXT` more on both sides; 1 where there is no sound."""
    around = np.ones(len(gains) + 2 * _CONTEXT)
    if past is not None:
        around[:_CONTEXT] = past[-_CONTEXT:]
    around[_CONTEXT:-_CONTEXT] = gains
    if coming is not None:
        around[-_CONTEXT:][: len(coming)] = coming[:_CONTEXT]
    return around


def _glide(around: Gains) -> Samples:
    """From gains needed to the gain of every frame: held, smoothed, then lines from hop to hop."""
    held = sliding_window_view(around, 2 * _REACH + 1).min(axis=1)
    smooth = np.convolve(held, _WEIGHTS, "valid")  # of one hop before the block to one after it
    hops = len(smooth) - 2
    middles = np.arange(-1, hops + 1) + 0.5
    return np.interp((np.arange(hops * _HOP) + 0.5) / _HOP, middles, smooth).astype(np.float32)
