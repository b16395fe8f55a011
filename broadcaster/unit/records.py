"""What was played, until the hub has it; and the airing that a crash may interrupt.

    records/open/<cue>.json     a cue that began and is not over: renewed every few seconds while it sounds
    records/unsent/<cue>.json   an as-run entry the hub has not acknowledged
    records/closed.json         cues that are over here, eight days back: none of them sounds again

Laws
1. An entry is on the disk before its open record goes; a crash between the two leaves the entry.
2. An entry goes only when the hub has acknowledged it.
3. What was heard is never less than what an open record says: it is renewed after the samples are written.
"""

import hashlib
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec

from broadcaster.domain.asrun import AsRunEntry, Stretch
from broadcaster.domain.names import CueId
from broadcaster.domain.plan import PlannedCue
from broadcaster.domain.playout import Closed
from broadcaster.files import write_whole
from broadcaster.link.messages import BadMessage, read, write

__all__ = ["Open", "Records"]

T = TypeVar("T")

_REMEMBERED = timedelta(days=8)

_words = logging.getLogger(__name__)


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """A cue that has begun: as `playout.FoundOpen`, and all that has sounded of it, in `stretches`."""

    cue: PlannedCue
    revision: int
    begun: datetime
    last: datetime
    clip: int
    offset: int
    stretches: tuple[Stretch, ...] = ()


class Records:
    """The records of one unit. Methods that write raise OSError, and then nothing has changed."""

    def __init__(self, folder: Path) -> None:
        self._open = folder / "open"
        self._unsent = folder / "unsent"
        self._closed_file = folder / "closed.json"
        for made in (self._open, self._unsent):
            made.mkdir(parents=True, exist_ok=True)
        self._waiting = {entry.cue: entry for entry in _read_all(self._unsent, AsRunEntry)}
        self._closed = self._read_closed()

    def found_open(self) -> tuple[Open, ...]:
        """Airings that a crash interrupted; those whose entry was written already are over."""
        found = _read_all(self._open, Open)
        over = {closed.cue for closed in self._closed} | self._waiting.keys()
        for airing in found:
            if airing.cue.id in over:
                self._path(self._open, airing.cue.id).unlink(missing_ok=True)
        return tuple(airing for airing in found if airing.cue.id not in over)

    def closed(self) -> tuple[Closed, ...]:
        """Cues that are over here, eight days back."""
        return tuple(self._closed)

    def keep_open(self, airing: Open) -> None:
        """A cue is on air: so far."""
        write_whole(self._path(self._open, airing.cue.id), write(airing))

    def close(self, entry: AsRunEntry) -> None:
        """A cue is over: its line."""
        write_whole(self._path(self._unsent, entry.cue), write(entry))
        self._waiting[entry.cue] = entry
        fresh = Closed(cue=entry.cue, revision=entry.revision, start=entry.planned)
        since = entry.ended - _REMEMBERED
        self._closed = [old for old in self._closed if old.start >= since and old.cue != entry.cue]
        self._closed.append(fresh)
        write_whole(self._closed_file, write(self._closed))
        self._path(self._open, entry.cue).unlink(missing_ok=True)

    def unsent(self, limit: int = 100) -> tuple[AsRunEntry, ...]:
        """The oldest entries the hub has not acknowledged."""
        return tuple(sorted(self._waiting.values(), key=lambda entry: entry.ended)[:limit])

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def told(self, cues: Iterable[CueId]) -> None:
        """The hub has these."""
        for cue in cues:
            self._path(self._unsent, cue).unlink(missing_ok=True)
            self._waiting.pop(cue, None)

    def _read_closed(self) -> list[Closed]:
        try:
            kept = read(list[Closed], self._closed_file.read_bytes())
        except (FileNotFoundError, BadMessage):
            kept = []
        known = {closed.cue for closed in kept}
        return kept + [
            Closed(cue=entry.cue, revision=entry.revision, start=entry.planned)
            for entry in self._waiting.values()
            if entry.cue not in known
        ]

    @staticmethod
    def _path(folder: Path, cue: CueId) -> Path:
        """A cue id holds colons, which some memory cards' file systems refuse."""
        return folder / f"{hashlib.sha256(cue.encode()).hexdigest()[:32]}.json"


def _read_all(folder: Path, kind: type[T]) -> tuple[T, ...]:
    """Every file of `folder` that can be read; a rotten one is passed over."""
    found: list[T] = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(read(kind, path.read_bytes()))
        except (OSError, BadMessage) as fault:
            _words.error("record=%s cannot be read: %s", path, fault)
    return tuple(found)
