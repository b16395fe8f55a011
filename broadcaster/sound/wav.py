"""WAV files for people's ears: 48 kHz mono 16-bit, readable by everything, also while they grow."""

import os
import struct
from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Self

import numpy as np

from broadcaster.files import settle
from broadcaster.sound.codec import FRAME_RATE, Samples

__all__ = ["WavWriter", "write_wav"]

_HEAD = 44
_MOST = (0xFFFF_FFFF - _HEAD) // 2
"""Frames the 32-bit sizes of a WAV file can tell: a little over 12 hours."""


def write_wav(blocks: Iterable[Samples], into: Path) -> int:
    """Write a whole WAV file and return its frames. Raises OSError; then `into` is as it was."""
    with NamedTemporaryFile(dir=into.parent, prefix=f".{into.name}.", delete=False) as fresh:
        pass
    try:
        with WavWriter(Path(fresh.name)) as wav:
            for block in blocks:
                wav.write(block)
        Path(fresh.name).chmod(0o644)
        settle(Path(fresh.name), into)
    except BaseException:
        Path(fresh.name).unlink(missing_ok=True)
        raise
    return wav.frames


class WavWriter:
    """A WAV file that can be opened at any moment: its header is brought up to date every second of sound.

    Raises OSError when the file cannot be written. Sound past 12 hours is written, but the header no
    longer tells of it. Used by one thread at a time.
    """

    def __init__(self, path: Path) -> None:
        """Begin the file anew."""
        self._file = path.open("wb")
        self.frames = 0
        """Frames written so far."""
        self._told = 0
        self._tell()

    def write(self, samples: Samples) -> None:
        """Append; what lies outside [-1, 1] is clipped."""
        self._file.write(np.rint(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
        self.frames += len(samples)
        if self.frames - self._told >= FRAME_RATE:
            self._tell()

    def close(self) -> None:
        """Bring the header up to date and let go. Safe to call twice; also done on leaving a `with` block."""
        if not self._file.closed:
            with self._file:
                self._tell()
                os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _tell(self) -> None:
        size = 2 * min(self.frames, _MOST)
        self._file.seek(0)
        self._file.write(
            struct.pack(
                "<4sI4s4sIHHIIHH4sI",
                *(b"RIFF", size + _HEAD - 8, b"WAVE"),
                *(b"fmt ", 16, 1, 1, FRAME_RATE, 2 * FRAME_RATE, 2, 16),
                *(b"data", size),
            )
        )
        self._file.seek(0, os.SEEK_END)
        self._file.flush()
        self._told = self.frames
