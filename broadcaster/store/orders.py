"""What the desk wants told to units: kept here until the hub has signed and sent it."""

from dataclasses import dataclass
from datetime import datetime

from broadcaster.domain.names import CueId
from broadcaster.store.file import StoreFile

__all__ = ["DeskOrder", "Orders", "StopAir", "TryChime", "TurnVolume", "Wish"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAir:
    """Take `cue` off the air, or whatever is on air when it is None."""

    cue: CueId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnVolume:
    """Loudness in dB below full, 0 to -60. The unit's `JoinedUnit.volume` has it already."""

    decibels: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TryChime:
    """Sound the test chime once."""


Wish = StopAir | TurnVolume | TryChime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskOrder:
    """One wish. `to` names targets as the wire does: `all`, `zone:ID`, `unit:ID`, already spread out.

    `id` is the order's on the wire too, so that telling it twice does it once. `by` is the person's name.
    """

    id: str
    to: tuple[str, ...]
    wish: Wish
    by: str
    asked: datetime
    expires: datetime
    sent: datetime | None = None


class Orders:
    """The outbox. The hub takes, sends, then marks: a crash in between sends again, under the same id."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def put(self, order: DeskOrder) -> None:
        """Enter a new order. One of the same id is there already: nothing happens."""
        raise NotImplementedError

    def find(self, id: str) -> DeskOrder | None:
        """The order of that id."""
        raise NotImplementedError

    def take(self, now: datetime) -> tuple[DeskOrder, ...]:
        """What is to be sent: not marked yet, not expired, oldest first."""
        raise NotImplementedError

    def mark_sent(self, id: str, at: datetime) -> None:
        """It is on the wire."""
        raise NotImplementedError

    def in_force(self, now: datetime) -> tuple[DeskOrder, ...]:
        """Sent and not expired, oldest first: what a unit that reconnects has to hear."""
        raise NotImplementedError

    def unsent(self, since: datetime, now: datetime) -> tuple[DeskOrder, ...]:
        """Asked after `since`, and expired before the hub could send them: the desk must say so."""
        raise NotImplementedError
