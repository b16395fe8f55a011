"""The recipes: speech, recording, pause and chime made into levelled clips of a library.

Each finds the clip if the same source with the same settings was made before, so calling again is cheap.
All raise BadSound (the source), NoRoom (the disk), OSError (the source cannot be read).
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np

from broadcaster.sound.codec import FRAME_RATE, LONGEST, BadSound, Samples, read_blocks, write_opus
from broadcaster.sound.faults import Fault
from broadcaster.sound.finishing import MUSIC, SPEECH, finish
from broadcaster.sound.intake import take_in
from broadcaster.sound.library import ClipRecord, Library, Made
from broadcaster.sound.loudness import Silent, level
from broadcaster.sound.mixing import LONGEST_MIX, Piece, Signal, Words, assemble

__all__ = ["make_chime", "make_pause", "make_recording", "make_speech"]

_VERSION = 1
"""Part of every recipe: to be raised when the same source would come out otherwise than before."""


def make_speech(
    library: Library,
    parts: Sequence[Path],
    *,
    title: str,
    voice: str,
    chime: Path | None = None,
    under: bool = False,
) -> ClipRecord:
    """Spoken words, in files our own voices made, as one clip; the parts follow one another.

    `chime` sounds before the words, or `under` them; then all may last ten minutes and no longer.
    """
    signal = "" if chime is None else f" {'under' if under else 'before'} chime {_content(chime)}"
    recipe = f"speech v{_VERSION} {SPEECH} {' '.join(map(_content, parts))}{signal}"

    def begin() -> Iterator[Samples]:
        words = chain.from_iterable(map(read_blocks, parts))
        return words if chime is None else iter([_with_signal(words, chime, under, title)])

    def maker(into: Path) -> Made:
        try:
            frames = finish(begin, into, bitrate=SPEECH)
        except Silent as fault:
            raise BadSound(title, Fault.SILENT) from fault
        return Made(frames=frames, title=title, joins=False, voice=voice)

    return replace(library.make(recipe, maker), title=title, voice=voice)


def make_recording(library: Library, path: Path, *, title: str, joins: bool = True) -> ClipRecord:
    """A recording people handed in; decoded and encoded in a child process with limits."""
    return _taken_in(library, path, title=title, joins=joins)


def make_chime(library: Library, path: Path) -> ClipRecord:
    """A signal sound of audio/chimes. People put their own there, so it is treated like a recording."""
    return _taken_in(library, path, title=path.stem, joins=False)


def make_pause(library: Library, length: timedelta) -> ClipRecord:
    """Exact silence, at most as long as a recording may be."""
    if length > LONGEST:
        raise BadSound("a pause", Fault.TOO_LONG, f"{length}, and the limit is {LONGEST}")
    frames = max(1, round(length.total_seconds() * FRAME_RATE))

    def maker(into: Path) -> Made:
        second = np.zeros(FRAME_RATE, np.float32)
        blocks = (second[: frames - at] for at in range(0, frames, FRAME_RATE))
        return Made(frames=write_opus(blocks, into, bitrate=SPEECH), title="", joins=True)

    return library.make(f"pause v{_VERSION} {frames}", maker)


def _taken_in(library: Library, path: Path, *, title: str, joins: bool) -> ClipRecord:
    def maker(into: Path) -> Made:
        return Made(frames=take_in(path, into, bitrate=MUSIC), title=title, joins=joins)

    recipe = f"recording v{_VERSION} {MUSIC} {_content(path)}"
    record = library.make(recipe, maker, needs=_needed(path))
    return replace(record, title=title, joins=joins)


def _needed(path: Path) -> int:
    """About how many bytes the clip of a recording will have, without opening it as sound."""
    with path.open("rb") as file:
        uncompressed = file.read(4) in (b"RIFF", b"FORM", b"fLaC")
        return os.fstat(file.fileno()).st_size // (20 if uncompressed else 2)


def _with_signal(words: Iterator[Samples], chime: Path, under: bool, title: str) -> Samples:
    signal = Signal(sound=level(np.concatenate(list(read_blocks(chime)))), under=under)
    pieces: list[Piece] = [signal, Words(sound=level(np.concatenate(list(words))))]
    try:
        return assemble(pieces)
    except ValueError as fault:
        raise BadSound(title, Fault.TOO_LONG, f"more than {LONGEST_MIX} with its chime") from fault


def _content(path: Path) -> str:
    """The SHA-256 of a file; remembered as long as the file looks the same."""
    seen = path.stat()
    return _hashed(path, seen.st_ino, seen.st_mtime_ns, seen.st_size)


@lru_cache(maxsize=1024)
def _hashed(path: Path, _inode: int, _changed: int, _size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
