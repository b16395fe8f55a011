"""Who did what, when, on what. Lines are added, never changed."""

from dataclasses import dataclass
from datetime import datetime

from broadcaster.store.columns import moment, stamp
from broadcaster.store.file import StoreFile, Value

__all__ = ["LONGEST", "Audit", "AuditLine"]

LONGEST = 500
"""Characters of `before` and `after` that are kept."""

_END = 2**63 - 1

_NEAR = 20_000
"""Lines among which the same one is looked for: months of a commune, and found within milliseconds."""


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
        row: dict[str, Value] = {
            "at": stamp(line.at),
            "who": line.who,
            "verb": line.verb,
            "what": line.on,
            "before": _short(line.before),
            "after": _short(line.after),
        }
        with self._file.writing():
            self._file.insert("audit", [row])

    def add_once(self, line: AuditLine) -> None:
        """Add a line, unless that person's act at that instant upon the same stands there already."""
        with self._file.writing():
            there = self._file.row(
                "SELECT number FROM audit WHERE number > (SELECT max(number) FROM audit) - ? "
                "AND at = ? AND who = ? AND what = ?",
                _NEAR,
                *(stamp(line.at), line.who, line.on),
            )
            if there is None:
                self.add(line)

    def list(self, *, before: int | None = None, limit: int = 100) -> tuple[AuditLine, ...]:
        """The newest lines first; `before` is the number of the last line of the page before."""
        rows = self._file.rows(
            "SELECT * FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?",
            _END if before is None else before,
            limit,
        )
        return tuple(
            AuditLine(
                at=moment(int(row["at"])),
                who=row["who"],
                verb=row["verb"],
                on=row["what"],
                before=row["before"],
                after=row["after"],
                number=row["number"],
            )
            for row in rows
        )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
