"""What became of each cue, on the unit's disk until the hub has it, and for eight days after.

    open/<cue>.json      an airing that has begun: written when it begins, every few seconds since, and when
                         it is over but not yet known how much of it was heard
    waiting/<cue>.json   as-run entries the hub has not committed yet
    told/<cue>.json      entries it has; they say which cues are over and must not sound again

Laws of this file
1. An entry is on the disk before its airing is no longer open: a power cut at any moment leaves a cue open,
   closed, or both, and both counts as closed.
2. The first entry of a cue stands.
3. A disk that takes nothing more loses nothing: entries stay in memory and are written when it does.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from broadcaster.domain.asrun import AsRunEntry, Stretch
from broadcaster.domain.moves import MEMORY
from broadcaster.domain.names import CueId
from broadcaster.domain.plan import PlannedCue
from broadcaster.domain.playout import Close, Closed
from broadcaster.files import make_folder, settle, write_whole
from broadcaster.link.messages import BadMessage, read, write

__all__ = ["Open", "Records"]

T = TypeVar("T")

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An airing that has begun and not come to its end.

    `last`: the instant of the last sample known to have sounded; `clip` and `offset`: the frame that was next
    then; `stretches`: what has sounded, at least; `level`: its loudest second in dBFS. `close`: why it is
    over, if it is; then it does not sound again, whatever happens.
    """

    cue: PlannedCue
    revision: int
    begun: datetime
    last: datetime
    clip: int
    offset: int
    stretches: tuple[Stretch, ...] = ()
    level: float | None = None
    close: Close | None = None

    def __post_init__(self) -> None:
        if self.clip < 0 or self.offset < 0:
            raise ValueError("clips and frames are counted from 0")


class Records:
    """The records in `folder`. Reads them all at the start; raises OSError only then."""

    def __init__(self, folder: Path) -> None:
        self._open, self._waiting, self._told = (folder / name for name in ("open", "waiting", "told"))
        for part in (self._open, self._waiting, self._told):
            make_folder(part)
        told = _read_all(self._told, AsRunEntry)
        waiting = _read_all(self._waiting, AsRunEntry)
        self._entries = {entry.cue: entry for entry in (*told, *waiting)}
        self._untold = {entry.cue: entry for entry in waiting if entry.cue not in {e.cue for e in told}}
        self._unwritten: set[CueId] = set()
        self._complaint = ""
        self._opened = {airing.cue.id: airing for airing in _read_all(self._open, Open)}
        for cue in [cue for cue in self._opened if cue in self._entries]:
            self._forget_open(cue)

    def found_open(self) -> tuple[Open, ...]:
        """Airings without an entry, in the order in which they began."""
        return tuple(sorted(self._opened.values(), key=lambda airing: airing.begun))

    def unsent(self, limit: int = 100) -> tuple[AsRunEntry, ...]:
        """The oldest entries the hub has not committed."""
        return tuple(sorted(self._untold.values(), key=lambda entry: (entry.ended, entry.cue))[:limit])

    @property
    def waiting(self) -> int:
        """How many entries the hub has not committed."""
        return len(self._untold)

    def closed(self) -> tuple[Closed, ...]:
        """The cues that are over here."""
        return tuple(
            Closed(cue=entry.cue, revision=entry.revision, start=entry.planned)
            for entry in self._entries.values()
        )

    def keep_open(self, airing: Open) -> None:
        """Write down that it has begun, or how far it is."""
        self._opened[airing.cue.id] = airing
        try:
            write_whole(self._open / _name(airing.cue.id), write(airing))
        except OSError as fault:
            self._complain(fault)
        else:
            self._complain(None)

    def keep_close(self, close: Close, stretches: tuple[Stretch, ...], level: float | None) -> None:
        """Write down why an open airing is over, before its entry can be written."""
        airing = self._opened.get(close.cue.id)
        if airing is not None:
            self.keep_open(replace(airing, stretches=stretches, level=level, close=close))

    def close(self, entry: AsRunEntry) -> None:
        """Write down what became of a cue. A second entry of the same cue is passed over."""
        if entry.cue not in self._entries:
            self._entries[entry.cue] = entry
            self._untold[entry.cue] = entry
            self._write(entry)
        self._forget_open(entry.cue)

    def told(self, cues: Iterable[CueId]) -> None:
        """The hub has committed the entries of these."""
        for cue in cues:
            if self._untold.pop(cue, None) is None or cue in self._unwritten:
                continue
            try:
                settle(self._waiting / _name(cue), self._told / _name(cue))
            except OSError as fault:
                _logger.error("cue=%s told, and will be told again after a restart: %s", cue, fault)

    def mend(self) -> None:
        """Write what the disk would not take before."""
        for cue in sorted(self._unwritten):
            self._write(self._entries[cue])

    def clear(self, now: datetime) -> None:
        """Delete what the hub has had and no plan can name any more."""
        for cue, entry in list(self._entries.items()):
            if cue not in self._untold and entry.planned < now - MEMORY and entry.ended < now - MEMORY:
                with suppress(OSError):  # a disk that lets nothing be deleted: after the next start, then
                    (self._told / _name(cue)).unlink(missing_ok=True)
                del self._entries[cue]

    def _write(self, entry: AsRunEntry) -> None:
        folder = self._waiting if entry.cue in self._untold else self._told
        try:
            write_whole(folder / _name(entry.cue), write(entry))
        except OSError as fault:
            self._unwritten.add(entry.cue)
            self._complain(fault)
        else:
            self._unwritten.discard(entry.cue)
            self._complain(None)

    def _complain(self, fault: OSError | None) -> None:
        """Say once that the disk takes no records, and once that it does again."""
        said = "" if fault is None else str(fault.strerror or fault)
        if said != self._complaint:
            self._complaint = said
            if fault is None:
                _logger.warning("the disk takes records again")
            else:
                _logger.error("records cannot be written and are kept in memory: %s", fault)

    def _forget_open(self, cue: CueId) -> None:
        self._opened.pop(cue, None)
        if cue in self._unwritten:
            return
        try:
            (self._open / _name(cue)).unlink(missing_ok=True)
        except OSError as fault:
            _logger.error("cue=%s is closed, and its open airing cannot be deleted: %s", cue, fault)


def _name(cue: CueId) -> str:
    return f"{cue.replace(':', '')}.json"


def _read_all(folder: Path, kind: type[T]) -> list[T]:
    """What the files of a folder hold; one that cannot be read is put aside, and the rest counts."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(read(kind, path.read_bytes()))
        except (OSError, BadMessage) as fault:
            _logger.error("record=%s cannot be read, put aside: %s", path, fault)
            with suppress(OSError):  # on a disk that takes nothing it stays, and counts as little
                path.rename(path.with_suffix(".bad"))
    return found
