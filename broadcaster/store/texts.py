"""The last good text of each schedule file, in force while the file is broken."""

from dataclasses import dataclass
from datetime import datetime

from broadcaster.store.file import StoreFile

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
        raise NotImplementedError

    def last_good(self, path: str) -> GoodText | None:
        """The last good text of that file."""
        raise NotImplementedError

    def all(self) -> tuple[GoodText, ...]:
        """Every file's, by path."""
        raise NotImplementedError

    def forget(self, path: str) -> None:
        """The file is gone for good."""
        raise NotImplementedError
