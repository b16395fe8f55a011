"""Units that have joined, and their last stored heartbeat."""

from dataclasses import dataclass
from datetime import datetime

from broadcaster.domain.names import UnitId
from broadcaster.domain.places import Unit
from broadcaster.store.file import StoreFile

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
        raise NotImplementedError

    def find(self, id: UnitId) -> JoinedUnit | None:
        """The unit of that id."""
        raise NotImplementedError

    def by_nkey(self, nkey: str) -> JoinedUnit | None:
        """The unit of that key."""
        raise NotImplementedError

    def all(self) -> tuple[JoinedUnit, ...]:
        """Every unit, forbidden ones too, by id."""
        raise NotImplementedError

    def keep_beats(self, beats: tuple[StoredBeat, ...]) -> None:
        """Store the last heartbeats, once a minute; an older one of the same unit goes."""
        raise NotImplementedError

    def beats(self) -> dict[UnitId, StoredBeat]:
        """The last stored heartbeat of each unit that has one."""
        raise NotImplementedError
