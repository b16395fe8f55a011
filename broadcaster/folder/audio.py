"""Which sound file of a station folder is meant: names and paths below audio/, and nothing else.

Only existence, kind and size are looked at here; whether a file can be decoded is for `sound` to say,
which callers hand in as a `JudgeAudio`.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from broadcaster.folder.faults import did_you_mean, quoted, shown

__all__ = [
    "SOUND_ENDINGS",
    "BadAudio",
    "JudgeAudio",
    "Shelf",
    "find_chime",
    "find_fallbacks",
    "find_recording",
]

JudgeAudio = Callable[[Path], str | None]
"""What is wrong with a sound file that exists, as a sentence; None when nothing is."""

SOUND_ENDINGS = (".opus", ".ogg", ".flac", ".wav", ".mp3", ".m4a")
"""Endings a chime's file may have, the first one found is taken."""

_FALLBACK = "fallback"
_CHIME = re.compile(r"[a-z0-9][a-z0-9-]{0,47}")
_MOST_LISTED = 1_000  # files looked through for a similar name


class BadAudio(LookupError):
    """There is no such sound file in the station folder. `wrong` says why, `expected` what would help."""

    def __init__(self, wrong: str, expected: str) -> None:
        super().__init__(f"{wrong}; {expected}" if expected else wrong)
        self.wrong = wrong
        self.expected = expected


def find_chime(folder: Path, name: str) -> Path:
    """The file of the chime called `name`: audio/chimes/NAME with a sound ending. Raises BadAudio."""
    if _CHIME.fullmatch(name) is None:
        raise BadAudio(f"{quoted(name)} cannot be the name of a chime", "expected a name like opening")
    try:
        there = {path.name for path in (folder / "audio" / "chimes").iterdir()}
    except OSError:
        there = set()
    for ending in SOUND_ENDINGS:
        if f"{name}{ending}" in there:
            return find_recording(folder, f"chimes/{name}{ending}")
    known = {Path(each).stem for each in there if each.endswith(SOUND_ENDINGS)}
    raise BadAudio(f"there is no chime {quoted(name)} in audio/chimes", did_you_mean(name, known))


def find_recording(folder: Path, path: str) -> Path:
    """The sound file at `path` below audio/, with all links followed.

    Raises BadAudio: it is not there, is empty or no file, may not be read, or lies outside audio/.
    """
    audio = folder / "audio"
    wanted = PurePosixPath(path)
    if wanted.is_absolute() or ".." in wanted.parts or "\\" in path or not path.isprintable():
        raise BadAudio(f"{quoted(path)} leaves audio/", "expected a path below audio/, like recordings/x.mp3")
    try:
        base = audio.resolve(strict=True)
        found = (audio / wanted).resolve(strict=True)
        if not found.is_relative_to(base):
            raise BadAudio(f"{quoted(path)} leaves audio/ by a link", "copy the file into audio/")
        if not found.is_file():
            raise BadAudio(f"audio/{shown(path, 200)} is not a file", "expected a sound file")
        if found.stat().st_size == 0:
            raise BadAudio(f"audio/{shown(path, 200)} is empty (0 bytes)", "copy the file again")
    except (FileNotFoundError, NotADirectoryError):
        wrong = f"there is no file audio/{shown(path, 200)}"
        raise BadAudio(wrong, _similar(path, audio)) from None
    except (OSError, RuntimeError) as error:  # RuntimeError: links that go round in circles
        why = getattr(error, "strerror", None) or "its links go round in circles"
        raise BadAudio(
            f"audio/{shown(path, 200)} cannot be read: {why}", "check the path and its rights"
        ) from error
    if not os.access(found, os.R_OK):
        raise BadAudio(f"audio/{shown(path, 200)} may not be read", "check its owner and rights")
    return found


def find_fallbacks(folder: Path) -> tuple[str, ...]:
    """The sound files of audio/fallback, as paths below audio/."""
    found = _sounds_below(folder / "audio" / _FALLBACK)
    return tuple(f"{_FALLBACK}/{path}" for path in sorted(found))


class Shelf:
    """The sounds of one folder as a reader of many programmes asks for them: each is judged once."""

    def __init__(self, folder: Path, judge: JudgeAudio | None = None) -> None:
        self._folder = folder
        self._judge = judge
        self._verdicts: dict[Path, str | None] = {}

    def chime(self, name: str) -> None:
        """Raises BadAudio when the chime cannot be used."""
        self._judged(find_chime(self._folder, name), f"the chime {name}")

    def recording(self, path: str) -> None:
        """Raises BadAudio when the file cannot be used."""
        self._judged(find_recording(self._folder, path), f"audio/{shown(path, 200)}")

    def _judged(self, found: Path, named: str) -> None:
        if self._judge is None:
            return
        if found not in self._verdicts:
            self._verdicts[found] = self._judge(found)
        verdict = self._verdicts[found]
        if verdict is not None:
            raise BadAudio(f"{named} cannot be used: {verdict}", "save it again as MP3, WAV or Opus")


def _similar(path: str, audio: Path) -> str:
    near = did_you_mean(path, sorted(_sounds_below(audio)))
    return near if near.startswith("did you mean") else "copy it there, or correct the path"


def _sounds_below(folder: Path) -> Iterator[str]:
    """Paths of the sound files below `folder`, which may be missing; at most so many."""
    listed = 0
    for root, folders, files in os.walk(folder):
        folders.sort()
        for file in sorted(files):
            listed += 1
            if listed > _MOST_LISTED:
                return
            if file.endswith(SOUND_ENDINGS) and file.isprintable():
                yield (Path(root) / file).relative_to(folder).as_posix()
