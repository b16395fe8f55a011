"""The last good text of each schedule file, in force while the file is broken."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from broadcaster.store.columns import moment, stamp
from broadcaster.store.file import Row, StoreFile, Value

__all__ = ["GoodText", "Texts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodText:
    """A schedule file as it was when it last could be read. `path` is relative to the station folder."""

    path: str
    text: str
    sha256: str
    good_at: datetime


class Texts:
    """Good texts by path."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def keep(self, path: str, text: str, at: datetime) -> GoodText:
        """This text was good at `at`. The same text again writes nothing."""
        fresh = GoodText(path=path, text=text, sha256=sha256(text.encode()).hexdigest(), good_at=at)
        with self._file.writing():
            known = self.last_good(path)
            if known is not None and known.sha256 == fresh.sha256:
                return known
            row: dict[str, Value] = {"path": path, "text": text, "sha256": fresh.sha256, "good_at": stamp(at)}
            self._file.upsert("texts", "path", row)
        return fresh

    def last_good(self, path: str) -> GoodText | None:
        """The last good text of that file."""
        row = self._file.row("SELECT * FROM texts WHERE path = ?", path)
        return None if row is None else _text(row)

    def all(self) -> tuple[GoodText, ...]:
        """Every file's, by path."""
        return tuple(_text(row) for row in self._file.rows("SELECT * FROM texts ORDER BY path"))

    def forget(self, path: str) -> None:
        """The file is gone for good."""
        with self._file.writing():
            self._file.run("DELETE FROM texts WHERE path = ?", path)


def _text(row: Row) -> GoodText:
    return GoodText(
        path=row["path"], text=row["text"], sha256=row["sha256"], good_at=moment(int(row["good_at"]))
    )
