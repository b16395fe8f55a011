"""Units that have joined, and their last stored heartbeat."""

from dataclasses import dataclass
from datetime import datetime

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
    """A heartbeat as the hub received it: its bytes are the wire's, and only the hub reads them."""

    unit: UnitId
    at: datetime
    beat: bytes


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
        """Store the last heartbeats, once a minute; an older one of the same unit goes.

        A beat of a unit that is not known is passed over.
        """
        with self._file.writing():
            for beat in beats:
                self._file.run(
                    "INSERT INTO beats (unit, at, beat) SELECT id, ?, ? FROM units WHERE id = ? "
                    "ON CONFLICT (unit) DO UPDATE SET at = excluded.at, beat = excluded.beat "
                    "WHERE excluded.at >= beats.at",
                    stamp(beat.at),
                    beat.beat,
                    beat.unit,
                )

    def beats(self) -> dict[UnitId, StoredBeat]:
        """The last stored heartbeat of each unit that has one."""
        found = (
            StoredBeat(unit=UnitId(row["unit"]), at=moment(int(row["at"])), beat=row["beat"])
            for row in self._file.rows("SELECT * FROM beats")
        )
        return {beat.unit: beat for beat in found}


def _joined(row: Row) -> JoinedUnit:
    return JoinedUnit(
        unit=Unit(id=UnitId(row["id"]), name=row["name"], zone=ZoneId(row["zone"])),
        nkey=row["nkey"],
        joined=moment(row["joined"]),
        volume=row["volume"],
        forbidden=bool(row["forbidden"]),
    )
