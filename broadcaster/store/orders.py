"""What the desk wants told to units: kept here until the hub has signed and sent it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from broadcaster.domain.names import CueId
from broadcaster.store.columns import from_list, moment, stamp, to_list
from broadcaster.store.file import Row, StoreFile, Value

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
        kind, body = _packed(order.wish)
        row: dict[str, Value] = {
            "id": order.id,
            "targets": to_list(order.to),
            "kind": kind,
            "body": body,
            "asked_by": order.by,
            "asked": stamp(order.asked),
            "expires": stamp(order.expires),
            "sent": stamp(order.sent),
        }
        with self._file.writing():
            if self.find(order.id) is None:
                self._file.insert("orders", [row])

    def find(self, id: str) -> DeskOrder | None:
        """The order of that id."""
        row = self._file.row("SELECT * FROM orders WHERE id = ?", id)
        return None if row is None else _order(row)

    def take(self, now: datetime) -> tuple[DeskOrder, ...]:
        """What is to be sent: not marked yet, not expired, oldest first."""
        return self._some("sent IS NULL AND expires > ?", stamp(now))

    def mark_sent(self, id: str, at: datetime) -> None:
        """It is on the wire."""
        with self._file.writing():
            self._file.run("UPDATE orders SET sent = ? WHERE id = ?", stamp(at), id)

    def in_force(self, now: datetime) -> tuple[DeskOrder, ...]:
        """Sent and not expired, oldest first: what a unit that reconnects has to hear."""
        return self._some("sent IS NOT NULL AND expires > ?", stamp(now))

    def unsent(self, since: datetime, now: datetime) -> tuple[DeskOrder, ...]:
        """Asked after `since`, and expired before the hub could send them: the desk must say so."""
        return self._some("sent IS NULL AND expires <= ? AND asked > ?", stamp(now), stamp(since))

    def _some(self, which: str, *stamps: int) -> tuple[DeskOrder, ...]:
        rows = self._file.rows(f"SELECT * FROM orders WHERE {which} ORDER BY asked, id", *stamps)  # noqa: S608 - `which` is ours
        return tuple(_order(row) for row in rows)


def _packed(wish: Wish) -> tuple[str, str]:
    match wish:
        case StopAir(cue=cue):
            return "stop", json.dumps(cue)
        case TurnVolume(decibels=decibels):
            return "volume", json.dumps(decibels)
        case TryChime():
            return "chime", "null"
        case _:
            assert_never(wish)


def _unpacked(kind: str, body: str) -> Wish:
    value = json.loads(body)
    match kind:
        case "stop":
            return StopAir(cue=None if value is None else CueId(value))
        case "volume":
            return TurnVolume(decibels=value)
        case "chime":
            return TryChime()
        case _:
            raise ValueError(f"no order of the desk is a {kind!r}")


def _order(row: Row) -> DeskOrder:
    return DeskOrder(
        id=row["id"],
        to=from_list(row["targets"]),
        wish=_unpacked(row["kind"], row["body"]),
        by=row["asked_by"],
        asked=moment(row["asked"]),
        expires=moment(row["expires"]),
        sent=moment(row["sent"]),
    )
