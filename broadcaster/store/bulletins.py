"""Bulletins, and who wrote and approved their present words."""

from dataclasses import dataclass
from datetime import datetime

from broadcaster.domain.bulletin import Bulletin, State
from broadcaster.domain.names import BulletinId
from broadcaster.domain.programme import Rank
from broadcaster.store.columns import moment, stamp
from broadcaster.store.file import Row, StoreFile, Value

__all__ = ["BulletinSheet", "Bulletins", "bulletin_of"]


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
        bulletin = sheet.bulletin
        row: dict[str, Value] = {
            "id": bulletin.id,
            "title": bulletin.title,
            "words": bulletin.words,
            "recording": bulletin.recording,
            "author": bulletin.author,
            "written": stamp(bulletin.written),
            "rank": int(bulletin.rank),
            "language": bulletin.language,
            "state": bulletin.state.value,
            "words_by": sheet.words_by,
            "words_at": stamp(sheet.words_at),
            "judged_by": sheet.judged_by,
            "judged_at": stamp(sheet.judged_at),
            "why": sheet.why,
        }
        with self._file.writing():
            self._file.upsert("bulletins", "id", row)

    def sheet(self, id: BulletinId) -> BulletinSheet | None:
        """The bulletin with its history."""
        row = self._file.row("SELECT * FROM bulletins WHERE id = ?", id)
        return None if row is None else _sheet(row)

    def find(self, id: BulletinId) -> Bulletin | None:
        """The bulletin."""
        sheet = self.sheet(id)
        return None if sheet is None else sheet.bulletin

    def list(
        self, *, state: State | None = None, author: str | None = None, limit: int = 100
    ) -> tuple[BulletinSheet, ...]:
        """The newest bulletins first."""
        rows = self._file.rows(
            "SELECT * FROM bulletins WHERE state = coalesce(?, state) AND author = coalesce(?, author) "
            "ORDER BY written DESC, id DESC LIMIT ?",
            state,
            author,
            limit,
        )
        return tuple(_sheet(row) for row in rows)


def bulletin_of(row: Row) -> Bulletin:
    """The bulletin in a row of the table."""
    return Bulletin(
        id=BulletinId(row["id"]),
        title=row["title"],
        words=row["words"],
        recording=row["recording"],
        author=row["author"],
        written=moment(row["written"]),
        rank=Rank(row["rank"]),
        language=row["language"],
        state=State(row["state"]),
    )


def _sheet(row: Row) -> BulletinSheet:
    return BulletinSheet(
        bulletin=bulletin_of(row),
        words_by=row["words_by"],
        words_at=moment(row["words_at"]),
        judged_by=row["judged_by"],
        judged_at=moment(row["judged_at"]),
        why=row["why"],
    )
