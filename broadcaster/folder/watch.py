"""Noticing that people changed the folder, by looking at it a few times a second.

A file that vanishes counts as gone only after 3 s, because editors save by renaming; a change is told
once two looks in a row saw the same, so that no half-copied file is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["GONE_AFTER", "Change", "Fingerprint", "Settler", "fingerprint"]

GONE_AFTER = 3.0
"""Seconds a file must be missing before it counts as gone."""

Fingerprint = Mapping[str, tuple[int, int, int]]
"""Of each file, named below the folder: modification time (ns), size (bytes), inode."""


def fingerprint(folder: Path) -> Fingerprint:
    """The present state of station.toml and schedules/*.toml. Cheap; reads no content; never raises."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Files with new content, and files that are gone for good."""

    fresh: frozenset[str]
    gone: frozenset[str]


class Settler:
    """Turns looks at the folder into changes. Time (monotonic seconds) is an argument."""

    def __init__(self, settled: Fingerprint) -> None:
        """`settled` is what has been read already."""
        raise NotImplementedError

    def look(self, seen: Fingerprint, at: float) -> Change | None:
        """Take in a look made `at`; the change it completes, or None."""
        raise NotImplementedError

    @property
    def away(self) -> frozenset[str]:
        """Files that vanished and do not count as gone yet: what was last read of them stays in force."""
        raise NotImplementedError
