"""Numbers that only grow: max(last + 1, Unix time in µs).

They grow across a restored backup, because time does, and within a microsecond and when the clock is set
back, because the last one does.
"""

from datetime import datetime

from broadcaster.store.columns import stamp
from broadcaster.store.file import StoreFile

__all__ = ["Counters"]


class Counters:
    """Each call gives a number never given before, in any process."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def next_revision(self, now: datetime) -> int:
        """The next plan's revision."""
        return self._next("revision", now)

    def next_seq(self, now: datetime) -> int:
        """The next order's seq."""
        return self._next("seq", now)

    def seq(self) -> int:
        """The last order's seq, as far as it was kept."""
        return self._value("seq")

    def keep_seq(self, seq: int) -> None:
        """No order gets this seq any more, nor a lower one."""
        with self._file.writing():
            self._file.run("UPDATE counters SET value = max(value, ?) WHERE name = 'seq'", seq)

    def probe(self) -> None:
        """Write something, and take it back. Raises StoreFault where nothing can be written: a full disk
        shows at no other time."""
        with self._file.writing():
            self._file.run("INSERT OR REPLACE INTO counters VALUES ('probe', 0)")
            self._file.run("DELETE FROM counters WHERE name = 'probe'")

    def meant(self) -> int:
        """Grows whenever bulletins, bookings, announcements or units change: there is something to replan.

        Heartbeats, as-run entries, audit lines and sign-ins do not move it.
        """
        return self._value("meant")

    def _next(self, name: str, now: datetime) -> int:
        with self._file.writing():
            number = max(self._value(name) + 1, stamp(now))
            self._file.run("UPDATE counters SET value = ? WHERE name = ?", number, name)
        return number

    def _value(self, name: str) -> int:
        row = self._file.row("SELECT value FROM counters WHERE name = ?", name)
        assert row is not None
        return int(row["value"])
