"""The rundown as it was last published, so that what was meant is still known after files change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.domain.instants import Spell
from broadcaster.domain.names import CueId, ZoneId
from broadcaster.domain.programme import Rank
from broadcaster.store.file import StoreFile

__all__ = ["CueLine", "Published"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CueLine:
    """What was meant: a cue, where, when, `asked` long. `withdrawn`: when it was taken out, before its start."""

    cue: CueId
    zones: frozenset[ZoneId]
    start: datetime
    title: str
    rank: Rank
    asked: timedelta
    withdrawn: datetime | None = None


class Published:
    """Cue lines by cue."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def publish(self, lines: Iterable[CueLine], span: Spell, at: datetime) -> tuple[CueLine, ...]:
        """Put on record what is meant within `span`; returns the lines that are withdrawn by it.

        Lines within `span` that start after `at` and are not named any more are withdrawn; what has
        started stays as it was.
        """
        raise NotImplementedError

    def planned(self, span: Spell) -> tuple[CueLine, ...]:
        """The lines that start within `span`, withdrawn ones too, by start."""
        raise NotImplementedError

    def find(self, cue: CueId) -> CueLine | None:
        """The line of that cue."""
        raise NotImplementedError
