"""What should be heard, who wants it, and what was heard: SQLite, shared by hub, panel and command line.

file        connections and transactions; the one place that knows sqlite-utils
faults      what can be wrong, in plain words
migrations  how the store came to its present shape, step by step
columns     values as they lie in columns
One file a noun: people, bulletins, bookings, announcements, alerts, readiness, units, joining, asrun,
rundown, texts, orders, counters, audit.

Laws
1. Rows never leave: values in, values out.
2. Every write is one BEGIN IMMEDIATE transaction; writes inside `with store.writing():` are one together.
3. One connection a thread, never carried into a forked process; WAL, so readers wait for nobody.
4. What was committed survives a power cut (synchronous=FULL): units forget what the hub has confirmed.
5. Faults have plain words: StoreBusy, StoreFull, and StoreFault for all of them.
"""

import os
import pwd
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

from broadcaster.store.alerts import Alerts
from broadcaster.store.announcements import Announcements
from broadcaster.store.asrun import AsRun
from broadcaster.store.audit import Audit
from broadcaster.store.bookings import Bookings
from broadcaster.store.bulletins import Bulletins
from broadcaster.store.counters import Counters
from broadcaster.store.faults import NewerStore, StoreBusy, StoreFault, StoreFull, WrongOwner, plainly
from broadcaster.store.file import StoreFile
from broadcaster.store.joining import Joining
from broadcaster.store.orders import Orders
from broadcaster.store.people import People
from broadcaster.store.readiness import Readiness
from broadcaster.store.rundown import Published
from broadcaster.store.texts import Texts
from broadcaster.store.units import Units

__all__ = [
    "NewerStore",
    "Store",
    "StoreBusy",
    "StoreFault",
    "StoreFull",
    "WrongOwner",
    "check_owner",
    "open_store",
]


class Store:
    """One station's store. Safe for several threads and processes at once. Everything raises StoreFault."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`, make it if it is not there, bring it up to date. Raises NewerStore."""
        self._file = StoreFile(path)
        self.people = People(self._file)
        self.bulletins = Bulletins(self._file)
        self.bookings = Bookings(self._file)
        self.announcements = Announcements(self._file)
        self.alerts = Alerts(self._file)
        self.readiness = Readiness(self._file)
        self.units = Units(self._file)
        self.joining = Joining(self._file)
        self.asrun = AsRun(self._file)
        self.rundown = Published(self._file)
        self.texts = Texts(self._file)
        self.orders = Orders(self._file)
        self.counters = Counters(self._file)
        self.audit = Audit(self._file)

    def changes(self) -> int:
        """A number that differs when anything was committed, by anybody, since this thread last asked.

        Cheap enough to ask four times a second. Compare it with what the same thread got before.
        """
        return self._file.changes()

    def writing(self, patience: timedelta | None = None) -> AbstractContextManager[None]:
        """One transaction around several writes: all or none. Reads inside see nothing older than it.

        `patience` is how long another process's write is waited for before StoreBusy, where the usual
        seconds are too long; inside another transaction it means nothing.
        """
        return self._file.writing(patience)

    def reading(self) -> AbstractContextManager[None]:
        """Several reads that see one and the same state."""
        return self._file.reading()

    def close(self) -> None:
        """Let go of the file, in all threads."""
        self._file.close()


def open_store(state: Path) -> Store:
    """Open (or make) the store in the folder `state`, and the folder too.

    Raises WrongOwner when `state` belongs to another user of the system: files that root makes in there
    would lock the service out. Raises StoreFault.
    """
    with plainly(state):
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    check_owner(state, state.stat().st_uid, os.geteuid())
    return Store(state / "station.db")


def check_owner(state: Path, owner: int, me: int) -> None:
    """Raise WrongOwner unless the user `me` is the `owner` of the state folder (numbers of the system)."""
    if owner != me:
        raise WrongOwner(
            f"{state} belongs to the user {_user(owner)}, and you are {_user(me)}: "
            f"run this as {_user(owner)} (sudo -u {_user(owner)} ...)"
        )


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"#{number}"
