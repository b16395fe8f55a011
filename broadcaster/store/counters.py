"""Numbers that only grow, also across a restored backup: max(last + 1, Unix time in µs)."""

from datetime import datetime

from broadcaster.store.file import StoreFile

__all__ = ["Counters"]


class Counters:
    """Each call gives a number never given before, in any process."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def next_revision(self, now: datetime) -> int:
        """The next plan's revision."""
        raise NotImplementedError

    def next_seq(self, now: datetime) -> int:
        """The next order's seq."""
        raise NotImplementedError

    def meant(self) -> int:
        """Grows whenever bulletins, bookings, announcements or units change: there is something to replan.

        Heartbeats, as-run entries, audit lines and sign-ins do not move it.
        """
        raise NotImplementedError
