"""Noticing that people changed the folder, by looking at it a few times a second.

A file that vanishes counts as gone only after 3 s, because editors save by renaming; a change is told
once two looks in a row saw the same, so that a file is not read half copied.
"""

import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from broadcaster.folder.alerts import ALERTS
from broadcaster.folder.schedules import SCHEDULES
from broadcaster.folder.stations import STATION_FILE

__all__ = ["GONE_AFTER", "Change", "Fingerprint", "Settler", "fingerprint"]

GONE_AFTER = 3.0
"""Seconds a file must be missing before it counts as gone."""

Fingerprint = Mapping[str, tuple[int, int, int]]
"""Of each file, named below the folder: modification time (ns), size (bytes), inode."""


def fingerprint(folder: Path) -> Fingerprint | None:
    """The present state of station.toml, schedules/*.toml and schedules/alerts/*.toml; None when one of these
    folders is there and cannot be listed, which says nothing about its files. Cheap; reads no content; never
    raises."""
    try:
        programmes = _files(folder, SCHEDULES)
        alerts = _files(folder, ALERTS) if (folder / ALERTS).exists() else ()
    except OSError:
        return None
    return dict(_states(folder, (STATION_FILE, *programmes, *alerts)))


def _files(folder: Path, below: str) -> tuple[str, ...]:
    names = sorted(path.name for path in (folder / below).iterdir())
    return tuple(f"{below}/{name}" for name in names if name.endswith(".toml") and name[0] != ".")


def _states(folder: Path, names: Iterable[str]) -> Iterator[tuple[str, tuple[int, int, int]]]:
    for name in names:
        try:
            state = (folder / name).stat()
        except (OSError, RuntimeError):  # vanished between the two looks, or links in a circle
            continue
        if stat.S_ISREG(state.st_mode):
            yield name, (state.st_mtime_ns, state.st_size, state.st_ino)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Files with new content, and files that are gone for good."""

    fresh: frozenset[str]
    gone: frozenset[str]


class Settler:
    """Turns looks at the folder into changes. Time (monotonic seconds) is an argument."""

    def __init__(self, settled: Fingerprint | None) -> None:
        """`settled` is what has been read already."""
        self._settled = dict(settled or {})
        self._last = dict(settled or {})
        self._missing: dict[str, float] = {}  # since when

    def look(self, seen: Fingerprint | None, at: float) -> Change | None:
        """Take in a look made `at`; the change it completes, or None. A look that saw nothing at all changes
        nothing: a disk that is away for a while does not silence a village."""
        if seen is None:
            self._missing = {}
            return None
        self._missing = {name: self._missing.get(name, at) for name in self._settled if name not in seen}
        gone = frozenset(name for name, since in self._missing.items() if at - since >= GONE_AFTER)
        fresh = frozenset(
            name
            for name, state in seen.items()
            if state != self._settled.get(name) and state == self._last.get(name)
        )
        self._last = dict(seen)
        if not fresh and not gone:
            return None
        self._settled.update((name, seen[name]) for name in fresh)
        for name in gone:
            del self._settled[name], self._missing[name]
        return Change(fresh=fresh, gone=gone)

    @property
    def away(self) -> frozenset[str]:
        """Files that vanished and do not count as gone yet: what was last read of them stays in force."""
        return frozenset(self._missing)
