"""Whether units are ready for alerts: what lies on them of each template, and tests that nobody hears."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from broadcaster.domain.names import AlertId, ClipId, UnitId, ZoneId
from broadcaster.domain.readiness import Laid
from broadcaster.store.columns import from_list, moment, stamp, to_list
from broadcaster.store.file import Row, StoreFile, Value

__all__ = ["Readiness", "ReadinessTest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessTest:
    """A test that nobody hears: whether `units` are ready for the alerts of `templates`.

    `by` is a login, or empty for the daily one. `sent`: when the hub asked them; None while it has not, and
    then the hub puts in which templates and units it asked. Its answers are the receipts of its id
    (`store.alerts`).
    """

    id: AlertId
    by: str
    at: datetime
    templates: tuple[AlertId, ...]
    units: tuple[UnitId, ...]
    sent: datetime | None = None


class Readiness:
    """Tests by id, and what is laid by template and zone."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def put_test(self, test: ReadinessTest) -> None:
        """Enter the test, or replace the one of the same id."""
        row: dict[str, Value] = {
            "id": test.id,
            "asked_by": test.by,
            "asked": stamp(test.at),
            "templates": to_list(test.templates),
            "units": to_list(test.units),
            "sent": stamp(test.sent),
        }
        with self._file.writing():
            self._file.upsert("readiness_tests", "id", row)

    def find_test(self, id: AlertId) -> ReadinessTest | None:
        """The test of that id."""
        row = self._file.row("SELECT * FROM readiness_tests WHERE id = ?", id)
        return None if row is None else _test(row)

    def tests(self, limit: int = 10) -> tuple[ReadinessTest, ...]:
        """The newest tests first, sent or not."""
        rows = self._file.rows("SELECT * FROM readiness_tests ORDER BY asked DESC, id LIMIT ?", limit)
        return tuple(_test(row) for row in rows)

    def lay(self, laid: Iterable[Laid]) -> None:
        """This is all that is laid now, of every template, in every zone. The same again writes nothing."""
        wanted = {(each.template, each.zone): each for each in laid}
        with self._file.writing():
            there = {(each.template, each.zone): each for each in self.laid()}
            for template, zone in there.keys() - wanted.keys():
                self._file.run("DELETE FROM laid WHERE template = ? AND zone = ?", template, zone)
            for key in sorted(key for key, each in wanted.items() if there.get(key) != each):
                self._put(wanted[key])

    def laid(self) -> tuple[Laid, ...]:
        """What the plans of the zones hold of each template, by template and zone."""
        return tuple(_laid(row) for row in self._file.rows("SELECT * FROM laid ORDER BY template, zone"))

    def _put(self, laid: Laid) -> None:
        self._file.run(
            "INSERT OR REPLACE INTO laid VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(laid.template, laid.zone, to_list(laid.clips), laid.revision, stamp(laid.at), laid.pending),
            to_list(laid.unmade),
        )


def _test(row: Row) -> ReadinessTest:
    return ReadinessTest(
        id=AlertId(row["id"]),
        by=row["asked_by"],
        at=moment(int(row["asked"])),
        templates=tuple(AlertId(template) for template in from_list(row["templates"])),
        units=tuple(UnitId(unit) for unit in from_list(row["units"])),
        sent=moment(row["sent"]),
    )


def _laid(row: Row) -> Laid:
    return Laid(
        template=AlertId(row["template"]),
        zone=ZoneId(row["zone"]),
        clips=tuple(ClipId(clip) for clip in from_list(row["clips"])),
        revision=row["revision"],
        at=moment(int(row["at"])),
        pending=row["pending"],
        unmade=from_list(row["unmade"]),
    )
