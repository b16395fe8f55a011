"""The seq of orders, from memory: an alert waits for no store.

Each order gets a higher seq than every one before it, in any thread, across restarts and restored backups:
max(last + 1, Unix time in µs). The store keeps the last one when it answers, for a clock that is set back.
"""

import threading
from contextlib import suppress
from datetime import datetime

from broadcaster.link.timing import microseconds
from broadcaster.store import Store, StoreFault

__all__ = ["Numbers"]


class Numbers:
    """Gives each seq once. One for the whole hub."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self.last = 0
        """The highest that was given."""
        with suppress(StoreFault):  # time grows, too
            self.last = store.counters.seq()

    def begin_after(self, seq: int) -> None:
        """Give that one to nobody, nor any below it."""
        with self._lock:
            self.last = max(self.last, seq)

    def next(self, now: datetime) -> int:
        """The next one; never slow."""
        with self._lock:
            self.last = max(self.last + 1, microseconds(now))
            return self.last

    def kept(self, now: datetime) -> int:
        """The next one, once the store has it. Raises StoreFault."""
        seq = self.next(now)
        self._store.counters.keep_seq(seq)
        return seq
