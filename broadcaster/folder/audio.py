"""Which sound file of a station folder is meant: names and paths below audio/, and nothing else.

Only existence, kind and size are looked at here; whether it can be decoded is for `sound` to say, which
callers hand in as a `JudgeAudio`.
"""

from collections.abc import Callable
from pathlib import Path

__all__ = ["BadAudio", "JudgeAudio", "find_chime", "find_recording"]

JudgeAudio = Callable[[Path], str | None]
"""What is wrong with a sound file that exists, as a sentence; None when nothing is."""


class BadAudio(LookupError):
    """There is no such sound file in the station folder. The text says why; `expected` what would help."""

    def __init__(self, wrong: str, expected: str) -> None:
        super().__init__(f"{wrong}; {expected}")
        self.wrong = wrong
        self.expected = expected


def find_chime(folder: Path, name: str) -> Path:
    """The file of the chime called `name`: audio/chimes/NAME with any sound ending. Raises BadAudio."""
    raise NotImplementedError


def find_recording(folder: Path, path: str) -> Path:
    """The sound file at `path` below audio/. Raises BadAudio: not there, empty, not a file, or outside."""
    raise NotImplementedError
