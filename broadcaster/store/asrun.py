"""The as-run log: one line for each cue of each unit."""

from dataclasses import dataclass
from datetime import date, datetime

from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.domain.names import CueId, ProgrammeId, UnitId
from broadcaster.store.file import StoreFile

__all__ = ["AsRun", "AsRunPage", "Conflict", "Recorded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of entries handed to `record`; all of them are safely kept, whichever way.

    `fresh` were not known before, `known` are told again word for word, `conflicts` say something else
    than the line that stands (which stands) and are kept aside.
    """

    fresh: tuple[AsRunEntry, ...]
    known: tuple[AsRunEntry, ...]
    conflicts: tuple[AsRunEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AsRunPage:
    """Some lines, newest planned first. `older` is what to ask for the next page with; None at the end."""

    entries: tuple[AsRunEntry, ...]
    older: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two lines for one cue of one unit: `stands` is in the log, `told` came after it, `at`."""

    stands: AsRunEntry
    told: AsRunEntry
    at: datetime


class AsRun:
    """Lines are added, never changed, but that a unit's own report replaces NOT_REPORTED."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def record(self, entries: tuple[AsRunEntry, ...], at: datetime) -> Recorded:
        """Keep the entries, in one transaction. Telling the same again changes nothing."""
        raise NotImplementedError

    def page(
        self,
        *,
        first: date | None = None,
        last: date | None = None,
        unit: UnitId | None = None,
        programme: ProgrammeId | None = None,
        older: str | None = None,
        limit: int = 100,
    ) -> AsRunPage:
        """Lines of local dates `first` to `last` (both included), of one unit, of one programme.

        Raises ValueError when `older` is not a page's.
        """
        raise NotImplementedError

    def of_cue(self, cue: CueId) -> tuple[AsRunEntry, ...]:
        """What became of the cue, unit by unit."""
        raise NotImplementedError

    def told(self, first: date, last: date) -> frozenset[tuple[CueId, UnitId]]:
        """Which cues of local dates `first` to `last` have a line, for which unit."""
        raise NotImplementedError

    def tally(self, first: date, last: date) -> dict[Outcome, int]:
        """How many lines of local dates `first` to `last` have which outcome; none is left out."""
        raise NotImplementedError

    def conflicts(self, limit: int = 100) -> tuple[Conflict, ...]:
        """The newest conflicts first."""
        raise NotImplementedError
