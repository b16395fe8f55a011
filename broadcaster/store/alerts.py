"""Alerts: every version of each, and what units answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from broadcaster.domain.alert import Alert, Message, Severity, Status
from broadcaster.domain.names import AlertId, UnitId
from broadcaster.store.columns import from_list, from_micros, moment, stamp, to_list, to_micros
from broadcaster.store.file import Row, StoreFile, Value

__all__ = ["Alerts", "ReceiptLike", "StoredReceipt"]


class ReceiptLike(Protocol):
    """What the store reads of a unit's receipt, whatever it travelled in."""

    @property
    def order(self) -> str: ...
    @property
    def alert(self) -> AlertId: ...
    @property
    def version(self) -> int: ...
    @property
    def received(self) -> datetime: ...
    @property
    def started(self) -> datetime | None: ...
    @property
    def lacks(self) -> int: ...
    @property
    def why(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReceipt:
    """What one unit answered to one order about an alert, or about a test.

    received: by the unit's clock. started: the first sample that sounded there, None when none is known of.
    lacks: clips that do not lie there. why: why it will not sound, empty when all is well. told: when the hub
    heard of it.
    """

    unit: UnitId
    order: str
    version: int
    received: datetime
    started: datetime | None
    lacks: int
    why: str
    told: datetime


class Alerts:
    """Alerts by id and version. Every act is a version of its own; none is deleted.

    Whatever is asked of a version that is not there is False, or does nothing.
    """

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def put(self, alert: Alert) -> None:
        """Enter the version, or replace the row of the same id and version."""
        row = _columns(alert)
        names, holes = ", ".join(row), ", ".join("?" for _ in row)
        with self._file.writing():
            self._file.run(f"INSERT OR REPLACE INTO alerts ({names}) VALUES ({holes})", *row.values())  # noqa: S608 - names are ours

    def find(self, id: AlertId, version: int | None = None) -> Alert | None:
        """That version of the alert; its newest when None is given, cancelled or not."""
        row = self._file.row(
            "SELECT * FROM alerts WHERE id = ? AND (? IS NULL OR version = ?) ORDER BY version DESC LIMIT 1",
            id,
            version,
            version,
        )
        return None if row is None else _alert(row)

    def versions(self, id: AlertId) -> tuple[Alert, ...]:
        """Every version of the alert, the first one first."""
        return self._some("WHERE id = ? ORDER BY version", id)

    def waiting(self, now: datetime) -> tuple[Alert, ...]:
        """What may still go on air: neither fired, cancelled, given up nor expired; also what waits for a
        second person. Oldest first."""
        return self._some(
            "WHERE expires > ? AND fired IS NULL AND cancelled_by IS NULL AND trouble = '' "
            "ORDER BY asked, id, version",
            stamp(now),
        )

    def in_force(self, now: datetime) -> tuple[Alert, ...]:
        """Fired and not expired: all versions, also those that a newer one replaced. Oldest first."""
        return self._some("WHERE expires > ? AND fired IS NOT NULL ORDER BY asked, id, version", stamp(now))

    def recent(self, since: datetime, limit: int = 50) -> tuple[Alert, ...]:
        """The newest version of each alert that was acted upon after `since`, newest act first."""
        return self._some(
            "AS a WHERE asked > ? AND version = (SELECT max(version) FROM alerts WHERE id = a.id) "
            "ORDER BY asked DESC, id LIMIT ?",
            stamp(since),
            limit,
        )

    def fire(self, id: AlertId, version: int, at: datetime) -> bool:
        """Nothing takes it back from now on. False when it was cancelled, or has fired already."""
        return self._set(
            "fired = ? WHERE id = ? AND version = ? AND fired IS NULL AND cancelled_by IS NULL",
            stamp(at),
            id,
            version,
        )

    def mark_sent(
        self, id: AlertId, version: int, *, start: datetime, at: datetime, trouble: str = ""
    ) -> None:
        """It is on the wire since `at`, to sound at `start`; `trouble` is what was left out of it."""
        self._set(
            "sent = ?, start = ?, trouble = ? WHERE id = ? AND version = ?",
            stamp(at),
            stamp(start),
            trouble,
            id,
            version,
        )

    def give_up(self, id: AlertId, version: int, why: str) -> None:
        """It will not be sent any more, and why, in words for people."""
        self._set("trouble = ? WHERE id = ? AND version = ? AND sent IS NULL", why, id, version)

    def cancel(self, id: AlertId, version: int, by: str, at: datetime) -> bool:
        """Take it back before anybody hears it. False when it has fired, or was cancelled already."""
        return self._set(
            "cancelled_by = ?, cancelled_at = ? "
            "WHERE id = ? AND version = ? AND fired IS NULL AND cancelled_by IS NULL",
            by,
            stamp(at),
            id,
            version,
        )

    def second(self, id: AlertId, version: int, by: str, fires_at: datetime) -> bool:
        """Another person said yes. False when nobody is awaited: cancelled, fired, or seconded already."""
        return self._set(
            "seconded_by = ?, fires_at = ? WHERE id = ? AND version = ? AND fires_at IS NULL "
            "AND fired IS NULL AND cancelled_by IS NULL",
            by,
            stamp(fires_at),
            id,
            version,
        )

    def receive(self, receipts: Iterable[tuple[UnitId, ReceiptLike]], at: datetime) -> None:
        """Keep what units answered. One told again replaces what was told before, but a start is not
        forgotten."""
        with self._file.writing():
            for unit, told in receipts:
                self._file.run(
                    "INSERT INTO alert_receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
                    "ON CONFLICT (alert, unit, order_id) DO UPDATE SET received = excluded.received, "
                    "started = coalesce(excluded.started, started), lacks = excluded.lacks, "
                    "why = excluded.why, told = excluded.told",
                    *(told.alert, unit, told.order, told.version, stamp(told.received)),
                    *(stamp(told.started), told.lacks, told.why, stamp(at)),
                )

    def receipts(self, id: AlertId, version: int | None = None) -> tuple[StoredReceipt, ...]:
        """What units answered to that version of an alert (all versions when None is given), or to the test
        of that id; by unit, the newest version last."""
        rows = self._file.rows(
            "SELECT * FROM alert_receipts WHERE alert = ? AND (? IS NULL OR version = ?) "
            "ORDER BY unit, version, order_id",
            id,
            version,
            version,
        )
        return tuple(_receipt(row) for row in rows)

    def _some(self, which: str, *values: Value) -> tuple[Alert, ...]:
        return tuple(_alert(row) for row in self._file.rows(f"SELECT * FROM alerts {which}", *values))  # noqa: S608 - words are ours

    def _set(self, what: str, *values: Value) -> bool:
        with self._file.writing():
            return self._file.run(f"UPDATE alerts SET {what}", *values) > 0  # noqa: S608 - words are ours


def _columns(alert: Alert) -> dict[str, Value]:
    return {
        "id": alert.id,
        "version": alert.version,
        "status": alert.status.value,
        "message": alert.message.value,
        "title": alert.title,
        "severity": int(alert.severity),
        "zones": to_list(alert.zones),
        "units": to_list(alert.units),
        "asked_by": alert.by,
        "asked": stamp(alert.asked),
        "expires": stamp(alert.expires),
        "fires_at": stamp(alert.fires_at),
        "template": alert.template,
        "words": alert.words,
        "recording": alert.recording,
        "language": alert.language,
        "repeats": alert.repeats,
        "gap": to_micros(alert.gap),
        "every": None if alert.every is None else to_micros(alert.every),
        "until": stamp(alert.until),
        "volume": float(alert.volume),
        "seconded_by": alert.seconded_by,
        "cancelled_by": alert.cancelled_by,
        "cancelled_at": stamp(alert.cancelled_at),
        "fired": stamp(alert.fired),
        "sent": stamp(alert.sent),
        "start": stamp(alert.start),
        "trouble": alert.trouble,
    }


def _alert(row: Row) -> Alert:
    return Alert(
        id=AlertId(row["id"]),
        version=row["version"],
        status=Status(row["status"]),
        message=Message(row["message"]),
        title=row["title"],
        severity=Severity(row["severity"]),
        zones=from_list(row["zones"]),
        units=tuple(UnitId(unit) for unit in from_list(row["units"])),
        by=row["asked_by"],
        asked=moment(int(row["asked"])),
        expires=moment(int(row["expires"])),
        fires_at=moment(row["fires_at"]),
        template=None if row["template"] is None else AlertId(row["template"]),
        words=row["words"],
        recording=row["recording"],
        language=row["language"],
        repeats=row["repeats"],
        gap=from_micros(row["gap"]),
        every=None if row["every"] is None else from_micros(row["every"]),
        until=moment(row["until"]),
        volume=row["volume"],
        seconded_by=row["seconded_by"],
        cancelled_by=row["cancelled_by"],
        cancelled_at=moment(row["cancelled_at"]),
        fired=moment(row["fired"]),
        sent=moment(row["sent"]),
        start=moment(row["start"]),
        trouble=row["trouble"],
    )


def _receipt(row: Row) -> StoredReceipt:
    return StoredReceipt(
        unit=UnitId(row["unit"]),
        order=row["order_id"],
        version=row["version"],
        received=moment(int(row["received"])),
        started=moment(row["started"]),
        lacks=row["lacks"],
        why=row["why"],
        told=moment(int(row["told"])),
    )
