"""A known sound found again in what was heard, piece by piece, to the frame."""

from dataclasses import dataclass

import numpy as np

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.sound.codec import Samples
from tests.sound.hearing import level

__all__ = ["EDGE", "Piece", "followed", "steepest"]

EDGE = FRAME_RATE // 20
"""Frames of a piece."""
_ROUNDING = 1 / 32768
_FOUND_WITHIN = 5 * EDGE
"""Frames on either side over which the begin of a programme was found: its first piece may be off as they."""


@dataclass(frozen=True)
class Piece:
    """A twentieth of a second of a programme, `first` its first frame there.

    lag: how many frames later it was heard than the programme's begin says. off: the largest difference of a
    sample, but for rounding, counted in the steepest step of the piece: to be a frame off, or a part of
    one, is no more than 1.
    """

    first: int
    lag: int
    off: float


def followed(wanted: Samples, heard: Samples, at: int) -> list[Piece]:
    """`wanted` found again in `heard` from frame `at` on, piece by piece, where it is not all but silent.

    A unit plays up to 200 ppm faster or slower to stay in step with station time, which is a frame in a tenth
    of a second: it is not looked for further away, or a bell would be found a swing too late.
    """
    pieces: list[Piece] = []
    lag, last = 0, -_FOUND_WITHIN
    for first in range(0, len(wanted) - EDGE + 1, EDGE):
        piece = wanted[first : first + EDGE]
        if level(piece) > -65:
            wander = 1 + (first - last) // EDGE
            off, lag = min(
                (_off(piece, heard, at + first + by), by) for by in range(lag - wander, lag + wander + 1)
            )
            last = first
            pieces.append(Piece(first, lag, (off - _ROUNDING) / steepest(piece)))
    return pieces


def _off(piece: Samples, heard: Samples, at: int) -> float:
    there = heard[max(at, 0) : at + len(piece)]
    return float(np.max(np.abs(there - piece))) if len(there) == len(piece) else float("inf")


def steepest(sound: Samples) -> float:
    return float(np.max(np.abs(np.diff(sound))))
