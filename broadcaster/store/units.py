"""Units that have joined, what each said last of itself, and what it used of its SIM card."""

from dataclasses import dataclass
from datetime import date, datetime

from broadcaster.domain.names import UnitId, ZoneId
from broadcaster.domain.places import Unit
from broadcaster.store.columns import moment, stamp
from broadcaster.store.file import Row, StoreFile, Value

__all__ = ["JoinedUnit", "StoredBeat", "Units"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedUnit:
    """A unit that was let in. `nkey` is its public key at the broker; `volume` in dB, 0 to -60.

    `forbidden`: it may not connect any more, and nothing is planned for it.
    """

    unit: Unit
    nkey: str
    joined: datetime
    volume: float = 0.0
    forbidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBeat:
    """When a unit was heard last, and what it had said of itself by then: bytes of the wire, which the store
    does not read; empty when nothing is known. `silent`: nothing came since, and `at` is exact; else it may
    have been heard later, for the hub stores it only now and then."""

    unit: UnitId
    at: datetime
    beat: bytes
    silent: bool = False


class Units:
    """Every unit that ever joined; none is deleted."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def put(self, joined: JoinedUnit) -> None:
        """Enter the unit, or replace the one of the same id. An nkey belongs to one unit only."""
        row: dict[str, Value] = {
            "id": joined.unit.id,
            "name": joined.unit.name,
            "zone": joined.unit.zone,
            "nkey": joined.nkey,
            "joined": stamp(joined.joined),
            "volume": float(joined.volume),
            "forbidden": int(joined.forbidden),
        }
        with self._file.writing():
            self._file.upsert("units", "id", row)

    def find(self, id: UnitId) -> JoinedUnit | None:
        """The unit of that id."""
        row = self._file.row("SELECT * FROM units WHERE id = ?", id)
        return None if row is None else _joined(row)

    def by_nkey(self, nkey: str) -> JoinedUnit | None:
        """The unit of that key."""
        row = self._file.row("SELECT * FROM units WHERE nkey = ?", nkey)
        return None if row is None else _joined(row)

    def all(self) -> tuple[JoinedUnit, ...]:
        """Every unit, forbidden ones too, by id."""
        return tuple(_joined(row) for row in self._file.rows("SELECT * FROM units ORDER BY id"))

    def keep_beats(self, beats: tuple[StoredBeat, ...]) -> None:
        """Store these; an older one of the same unit goes.

        A beat of a unit that is not known is passed over.
        """
        with self._file.writing():
            for beat in beats:
                self._file.run(
                    "INSERT INTO beats (unit, at, beat, silent) SELECT id, ?, ?, ? FROM units WHERE id = ? "
                    "ON CONFLICT (unit) DO UPDATE SET at = excluded.at, beat = excluded.beat, "
                    "silent = excluded.silent WHERE excluded.at >= beats.at",
                    stamp(beat.at),
                    beat.beat,
                    beat.silent,
                    beat.unit,
                )

    def beats(self) -> dict[UnitId, StoredBeat]:
        """The last stored heartbeat of each unit that has one."""
        found = (
            StoredBeat(
                unit=UnitId(row["unit"]),
                at=moment(int(row["at"])),
                beat=row["beat"],
                silent=bool(row["silent"]),
            )
            for row in self._file.rows("SELECT * FROM beats")
        )
        return {beat.unit: beat for beat in found}

    def count_used(self, unit: UnitId, month: date, total: int) -> None:
        """Add to the `month` (its first day) what the sum a unit tells has grown by since it told it last.

        A sum that shrank was told by a unit that forgot a little: what it grows by from there on counts. One
        of a unit that is not known is passed over.
        """
        with self._file.writing():
            row = self._file.row("SELECT bytes FROM used_sums WHERE unit = ?", unit)
            grown = total if row is None else max(total - int(row["bytes"]), 0)
            self._file.run(
                "INSERT INTO used_sums (unit, bytes) SELECT id, ? FROM units WHERE id = ? "
                "ON CONFLICT (unit) DO UPDATE SET bytes = excluded.bytes",
                total,
                unit,
            )
            self._file.run(
                "INSERT INTO used (unit, month, bytes) SELECT id, ?, ? FROM units WHERE id = ? "
                "ON CONFLICT (unit, month) DO UPDATE SET bytes = bytes + excluded.bytes",
                month.isoformat(),
                grown,
                unit,
            )

    def used(self, month: date) -> dict[UnitId, int]:
        """Bytes each unit has used in the month whose first day that is; who told nothing is left out."""
        rows = self._file.rows("SELECT unit, bytes FROM used WHERE month = ?", month.isoformat())
        return {UnitId(row["unit"]): int(row["bytes"]) for row in rows}


def _joined(row: Row) -> JoinedUnit:
    return JoinedUnit(
        unit=Unit(id=UnitId(row["id"]), name=row["name"], zone=ZoneId(row["zone"])),
        nkey=row["nkey"],
        joined=moment(row["joined"]),
        volume=row["volume"],
        forbidden=bool(row["forbidden"]),
    )
