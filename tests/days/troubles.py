"""What a machine may suffer from: a store that somebody else holds, a disk that takes nothing."""

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

__all__ = ["full_disk", "locked_store"]


@contextmanager
def locked_store(folder: Path) -> Iterator[None]:
    """Another process is writing into the store of this station, and takes its time."""
    with closing(sqlite3.connect(folder / "state" / "station.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full_disk() -> Iterator[None]:
    """Not one byte more fits on any disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
