"""Bulletins, and who wrote and approved their present words."""

from dataclasses import dataclass
from datetime import datetime

from broadcaster.domain.bulletin import Bulletin, State
from broadcaster.domain.names import BulletinId
from broadcaster.store.file import StoreFile

__all__ = ["BulletinSheet", "Bulletins"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinSheet:
    """A bulletin with its history in short.

    `words_by` and `words_at`: who last changed title, words or recording, and when. `judged_by` and
    `judged_at`: who approved or returned it, None while nobody has; `why` is the reason of a return.
    """

    bulletin: Bulletin
    words_by: str
    words_at: datetime
    judged_by: str | None = None
    judged_at: datetime | None = None
    why: str = ""


class Bulletins:
    """Every bulletin ever written; none is deleted."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def put(self, sheet: BulletinSheet) -> None:
        """Enter the sheet, or replace the one of the same bulletin."""
        raise NotImplementedError

    def sheet(self, id: BulletinId) -> BulletinSheet | None:
        """The bulletin with its history."""
        raise NotImplementedError

    def find(self, id: BulletinId) -> Bulletin | None:
        """The bulletin."""
        raise NotImplementedError

    def list(
        self, *, state: State | None = None, author: str | None = None, limit: int = 100
    ) -> tuple[BulletinSheet, ...]:
        """The newest bulletins first."""
        raise NotImplementedError
