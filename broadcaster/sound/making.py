"""The recipes: speech, recording, pause and chime made into levelled clips of a library.

Each finds the clip if the same source with the same settings was made before, so calling again is cheap.
All raise BadSound (the source), NoRoom (the disk), OSError (the source cannot be read).
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from broadcaster.sound.library import ClipRecord, Library

__all__ = ["SPEECH_BITRATE", "MUSIC_BITRATE", "make_chime", "make_pause", "make_recording", "make_speech"]

SPEECH_BITRATE = 32_000
MUSIC_BITRATE = 64_000


def make_speech(
    library: Library, parts: Sequence[Path], *, title: str, voice: str, chime: Path | None = None
) -> ClipRecord:
    """Spoken words as one clip: `parts` are the files of `SpokenFile.parts`, at least one, said one after the
    other with a breath between; with `chime`, that sounds before the words."""
    raise NotImplementedError


def make_recording(library: Library, path: Path, *, title: str, joins: bool = True) -> ClipRecord:
    """A recording people handed in; decoded and encoded in a child process with limits."""
    raise NotImplementedError


def make_pause(library: Library, length: timedelta) -> ClipRecord:
    """Exact silence."""
    raise NotImplementedError


def make_chime(library: Library, path: Path) -> ClipRecord:
    """A signal sound of audio/chimes."""
    raise NotImplementedError
