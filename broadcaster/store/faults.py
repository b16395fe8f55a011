"""What can be wrong with the store, in plain words, and SQLite's codes turned into them."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["NewerStore", "StoreBusy", "StoreFault", "StoreFull", "WrongOwner", "plainly"]


class StoreFault(Exception):
    """The store cannot do what was asked; nothing was written. The text says why and what to do."""


class StoreBusy(StoreFault):
    """Another process held the store for longer than a write waits. Asking again is safe."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is in use by another process: try again in a moment")


class StoreFull(StoreFault):
    """The disk is full, or does not take what is written."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"the disk of {path.parent} is full or takes no writes: free some space, then try again"
        )


class NewerStore(StoreFault):
    """The store was written by a newer version of this program."""


class WrongOwner(StoreFault):
    """The state folder belongs to another user of the system."""


@contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system raise into StoreFault."""
    try:
        yield
    except sqlite3.Error as fault:
        raise _told(path, fault) from fault
    except (OverflowError, UnicodeEncodeError) as fault:
        raise StoreFault(f"{path} cannot hold this value: {fault}") from fault
    except OSError as fault:
        raise StoreFault(f"{path} cannot be opened: {fault.strerror}") from fault


def _told(path: Path, fault: sqlite3.Error) -> StoreFault:
    code = getattr(fault, "sqlite_errorcode", None)  # faults of Python's own module have none
    match code and code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreBusy(path)
        case sqlite3.SQLITE_FULL:
            return StoreFull(path)
        case sqlite3.SQLITE_IOERR if code in _WRITES:
            return StoreFull(path)
        case sqlite3.SQLITE_IOERR:
            return StoreFault(f"{path} cannot be read ({fault}): check the disk")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return StoreFault(f"{path} cannot be written ({fault}): check its owner and its rights")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreFault(
                f"{path} is damaged ({fault}): stop the station, keep this file aside, and put back a backup"
            )
        case _:
            return StoreFault(f"{path}: {fault}")


_WRITES = {
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_DIR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMMAP,
}
"""A disk that is full, or a quota, shows up as one of these as well."""
