"""The SQLite file: connections, transactions, faults. The one place that knows sqlite-utils.

Three habits of the library are turned off here, because each loses data quietly: it commits after every
insert (`_Steady`), it makes tables that are not there and columns that are missing (`insert` looks first),
and its upsert passes over rows that break a NOT NULL (ours is SQL).
"""

import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.db import Table

from broadcaster.store.faults import StoreBusy, StoreFault, plainly
from broadcaster.store.migrations import MIGRATIONS, Migration, check_version

__all__ = ["BUSY_TIMEOUT", "Row", "StoreFile", "Value"]

BUSY_TIMEOUT = 5.0
"""Seconds a write waits for another process before it is StoreBusy."""

Value = str | int | float | bytes | None
Row = Mapping[str, Any]

_WAL_TRIES = 100
_MILLISECOND = timedelta(milliseconds=1)


class _Steady(sqlite3.Connection):
    """A connection that commits when `StoreFile` says so and at no other time."""

    def __enter__(self) -> "_Steady":
        return self

    def __exit__(self, *_: object) -> None:  # type: ignore[override]
        return None


@dataclass(slots=True)
class _Seat:
    """A thread's connection; `depth` counts nested `writing`."""

    base: Database
    thread: threading.Thread
    pid: int
    depth: int = 0
    reading: bool = False


class StoreFile:
    """The file and its connections, one a thread. `migrations` is an argument for the tests' sake only."""

    def __init__(
        self,
        path: Path,
        *,
        busy_timeout: float = BUSY_TIMEOUT,
        migrations: tuple[Migration, ...] = MIGRATIONS,
    ) -> None:
        self.path = path
        self._busy_timeout = busy_timeout
        self._own = threading.local()
        self._seats: list[_Seat] = []
        self._carried: list[_Seat] = []  # a parent process's, after a fork: neither used nor closed
        self._seating = threading.Lock()
        with plainly(path):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            self._turn_on_wal()
        self._bring_up_to_date(migrations)

    def rows(self, sql: str, *values: Value) -> list[Row]:
        """What the query finds."""
        with plainly(self.path):
            return list(self._seat().base.query(sql, values))

    def row(self, sql: str, *values: Value) -> Row | None:
        """The first row that the query finds."""
        with plainly(self.path):
            return next(iter(self._seat().base.query(sql, values)), None)

    def insert(self, table: str, rows: Iterable[Mapping[str, Value]]) -> None:
        """Add rows, all with the same columns, to a table that is there. Within `writing`."""
        seat = self._writer()
        with plainly(self.path):
            here = seat.base[table]
            if not isinstance(here, Table) or not here.exists():
                raise sqlite3.OperationalError(f"no such table: {table}")
            here.insert_all(rows, alter=False)

    def upsert(self, table: str, key: str, row: Mapping[str, Value]) -> None:
        """Add the row, or replace every other column of the one with the same `key`. Within `writing`."""
        names = ", ".join(row)
        holes = ", ".join("?" for _ in row)
        changes = ", ".join(f"{name} = excluded.{name}" for name in row if name != key)
        self.run(
            f"INSERT INTO {table} ({names}) VALUES ({holes}) ON CONFLICT ({key}) DO UPDATE SET {changes}",  # noqa: S608 - names are ours
            *row.values(),
        )

    def run(self, sql: str, *values: Value) -> int:
        """Carry out one statement; returns how many rows it touched. Within `writing`."""
        seat = self._writer()
        with plainly(self.path):
            return int(seat.base.execute(sql, values).rowcount)

    @contextmanager
    def writing(self, patience: timedelta | None = None) -> Iterator[None]:
        """One transaction. Inside another one it is a part of it, undone alone when it raises.

        `patience`: how long it waits for another process, if not as long as everything else.
        """
        seat = self._seat()
        if seat.reading:
            raise RuntimeError("a write inside reading() would fail as soon as anybody else writes")
        if seat.depth:
            self._writer()
        begin, commit, undo = _words(seat.depth)
        with plainly(self.path), self._patient(seat, patience):
            seat.base.conn.execute(begin)
        seat.depth += 1
        try:
            yield
            with plainly(self.path):
                seat.base.conn.execute(commit)
        except BaseException:
            with suppress(sqlite3.Error):  # a full disk ends the transaction by itself: nothing to undo
                for statement in undo:
                    seat.base.conn.execute(statement)
            raise
        finally:
            seat.depth -= 1

    @contextmanager
    def _patient(self, seat: _Seat, patience: timedelta | None) -> Iterator[None]:
        """Wait no longer than that while this lasts."""
        if patience is None:
            yield
            return
        seat.base.conn.execute(f"PRAGMA busy_timeout = {patience // _MILLISECOND}")
        try:
            yield
        finally:
            seat.base.conn.execute(f"PRAGMA busy_timeout = {round(self._busy_timeout * 1000)}")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Reads that all see one state. Inside `writing` it adds nothing."""
        seat = self._seat()
        if seat.depth or seat.reading:
            yield
            return
        with plainly(self.path):
            seat.base.conn.execute("BEGIN DEFERRED")
        seat.reading = True
        try:
            yield
        finally:
            seat.reading = False
            with suppress(sqlite3.Error):
                seat.base.conn.execute("ROLLBACK")

    def changes(self) -> int:
        """Grows with every commit: other connections' (data_version) and what this one has written."""
        seat = self._seat()
        with plainly(self.path):
            version = int(seat.base.conn.execute("PRAGMA data_version").fetchone()[0])
            return version + int(seat.base.conn.total_changes)

    def close(self) -> None:
        with self._seating:
            for seat in self._seats:
                if seat.pid == os.getpid():
                    seat.base.conn.close()
            self._seats.clear()
            self._own = threading.local()

    def _seat(self) -> _Seat:
        seat: _Seat | None = getattr(self._own, "seat", None)
        if seat is None or seat.pid != os.getpid():
            seat = self._own.seat = self._new_seat()
        return seat

    def _writer(self) -> _Seat:
        seat = self._seat()
        if seat.depth == 0:
            raise RuntimeError("a write belongs inside writing()")
        if not seat.base.conn.in_transaction:
            raise StoreFault(f"the transaction on {self.path} ended early by a fault; nothing was written")
        return seat

    def _new_seat(self) -> _Seat:
        with plainly(self.path):
            connection = sqlite3.connect(
                self.path,
                timeout=self._busy_timeout,
                isolation_level=None,  # transactions begin and end by our own words only
                check_same_thread=False,  # so that `close` can close all; used by one thread
                factory=_Steady,
            )
            for pragma in ("foreign_keys = ON", "synchronous = FULL", "journal_size_limit = 67108864"):
                connection.execute(f"PRAGMA {pragma}")
            base = Database(connection, execute_plugins=False)
        seat = _Seat(base=base, thread=threading.current_thread(), pid=os.getpid())
        with self._seating:
            self._sweep()
            self._seats.append(seat)
        return seat

    def _sweep(self) -> None:
        """Close what threads left behind. A parent's connections are kept unused: to close them here
        would drop its locks."""
        me = os.getpid()
        self._carried.extend(seat for seat in self._seats if seat.pid != me)
        left = [seat for seat in self._seats if seat.pid == me and not seat.thread.is_alive()]
        for seat in left:
            seat.base.conn.close()
        self._seats = [seat for seat in self._seats if seat.pid == me and seat not in left]

    def _turn_on_wal(self) -> None:
        """Two that make the file at once get in each other's way here, without SQLite waiting for it."""
        for _ in range(_WAL_TRIES):
            try:
                mode = self._seat().base.conn.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            except sqlite3.OperationalError as fault:
                if fault.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                time.sleep(self._busy_timeout / _WAL_TRIES)
                continue
            if mode != "wal":
                raise StoreFault(
                    f"{self.path} is on a file system that SQLite cannot share (journal mode is {mode}): "
                    "put the station folder on a local disk"
                )
            return
        raise StoreBusy(self.path)

    def _bring_up_to_date(self, migrations: tuple[Migration, ...]) -> None:
        while check_version(self.path, self._version(), migrations) < len(migrations):
            with self.writing():
                done = self._version()  # another process may have been quicker
                if done >= len(migrations):
                    continue
                for statement in migrations[done].statements:
                    self.run(statement)
                self.run(f"PRAGMA user_version = {done + 1}")

    def _version(self) -> int:
        row = self.row("PRAGMA user_version")
        assert row is not None
        return int(row["user_version"])


def _words(depth: int) -> tuple[str, str, tuple[str, ...]]:
    """How a transaction, or a part of one, begins, ends and is undone."""
    if depth == 0:
        return "BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",)
    name = f"part_{depth}"
    return f"SAVEPOINT {name}", f"RELEASE {name}", (f"ROLLBACK TO {name}", f"RELEASE {name}")
