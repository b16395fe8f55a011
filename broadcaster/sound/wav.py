"""WAV files for people's ears: 48 kHz mono 16-bit, readable by everything, also while they grow."""

from collections.abc import Iterable
from pathlib import Path

from broadcaster.sound.codec import Samples

__all__ = ["WavWriter", "write_wav"]


def write_wav(blocks: Iterable[Samples], into: Path) -> int:
    """Write a whole WAV file and return its frames. Raises OSError; then `into` is as it was."""
    raise NotImplementedError


class WavWriter:
    """A WAV file that can be opened at any moment: its header is brought up to date every second of sound.

    Raises OSError when the file cannot be written. Used by one thread at a time.
    """

    frames: int
    """Frames written so far."""

    def __init__(self, path: Path) -> None:
        """Begin the file anew."""
        raise NotImplementedError

    def write(self, samples: Samples) -> None:
        """Append; what lies outside [-1, 1] is clipped."""
        raise NotImplementedError

    def close(self) -> None:
        """Bring the header up to date and let go. Safe to call twice; also done on leaving a `with` block."""
        raise NotImplementedError

    def __enter__(self) -> "WavWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
