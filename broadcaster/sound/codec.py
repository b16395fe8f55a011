"""Files to samples and samples to files: the one place that knows PyAV (FFmpeg as a library)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from broadcaster.domain.plan import FRAME_RATE

__all__ = [
    "FRAME_RATE",
    "LONGEST",
    "BadSound",
    "ClipReader",
    "Probe",
    "Samples",
    "probe",
    "read_blocks",
    "write_opus",
]

Samples = NDArray[np.float32]
"""Mono sound at 48 kHz, shape (frames,), values in [-1, 1]."""

LONGEST = timedelta(hours=4, minutes=10)
"""No recording may be longer, unless the caller says otherwise."""


class BadSound(Exception):
    """A file that is not the sound it should be. The text names the file, what is wrong and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What a sound file says of itself. `length` is None where it does not say."""

    format: str
    codec: str
    length: timedelta | None


def probe(path: Path) -> Probe:
    """Look at a sound file's head, quickly. Raises BadSound when it holds no sound, OSError when unreadable."""
    raise NotImplementedError


def read_blocks(path: Path, *, limit: timedelta = LONGEST) -> Iterator[Samples]:
    """Decode a sound file of any kind as a stream of blocks (not empty; of any size up to about a second).

    Raises BadSound, also in the middle (a damaged file, one longer than `limit`), OSError when unreadable.
    """
    raise NotImplementedError


def write_opus(blocks: Iterable[Samples], into: Path, *, bitrate: int) -> int:
    """Encode to Ogg/Opus at `bitrate` bit/s and return the frames, exactly as many as decoding gives back.

    The same samples give the same bytes. The file is forced to the disk. Raises OSError; what is at
    `into` is then not whole, so write to a temporary name.
    """
    raise NotImplementedError


class ClipReader:
    """Read a clip (Ogg/Opus as `write_opus` makes it) from any frame on, a little at a time.

    For a feeder thread: opening takes milliseconds, `read` decodes no more than it returns plus one
    packet (20 ms), `seek` decodes a short run-up. Used by one thread at a time.
    """

    frames: int
    """Length of the whole clip."""

    def __init__(self, path: Path) -> None:
        """Open. Raises BadSound when it is not a clip, OSError when it cannot be read."""
        raise NotImplementedError

    def read(self, frames: int) -> Samples:
        """The next `frames` frames, fewer at the end, none after it. Raises BadSound when damaged."""
        raise NotImplementedError

    def seek(self, frame: int) -> None:
        """Go to `frame`, 0 to `frames`: what `read` gives next is what a straight read gives from there."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the file. Safe to call twice; also done on leaving a `with` block."""
        raise NotImplementedError

    def __enter__(self) -> "ClipReader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
