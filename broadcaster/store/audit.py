"""Who did what, when, on what. Lines are added, never changed."""

from dataclasses import dataclass
from datetime import datetime

from broadcaster.store.file import StoreFile

__all__ = ["Audit", "AuditLine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """`who` is a login or `console:USER`; `verb` one of `broadcaster.desk.rights.Verb`; `on` an id.

    `before` and `after` say in short what changed. `number` grows with time; 0 before it is stored.
    """

    at: datetime
    who: str
    verb: str
    on: str
    before: str = ""
    after: str = ""
    number: int = 0


class Audit:
    """The trail."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def add(self, line: AuditLine) -> None:
        """Add a line; long `before` and `after` are shortened."""
        raise NotImplementedError

    def list(self, *, before: int | None = None, limit: int = 100) -> tuple[AuditLine, ...]:
        """The newest lines first; `before` is the number of the last line of the page before."""
        raise NotImplementedError
