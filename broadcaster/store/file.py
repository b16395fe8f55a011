"""The SQLite file: connections, transactions, faults. The one place that knows sqlite-utils."""

from contextlib import AbstractContextManager
from pathlib import Path

__all__ = ["NewerStore", "StoreBusy", "StoreFault", "StoreFile", "StoreFull", "WrongOwner"]


class StoreFault(Exception):
    """The store cannot do what was asked. The text says why and what to do."""


class StoreBusy(StoreFault):
    """Another process held the store for more than 5 s. Nothing was written; asking again is safe."""


class StoreFull(StoreFault):
    """The disk is full or does not take writes. Nothing was written."""


class NewerStore(StoreFault):
    """The store was written by a newer version of this program."""


class WrongOwner(StoreFault):
    """The state folder belongs to another user of the system."""


class StoreFile:
    """The file and its connections, one a thread."""

    def __init__(self, path: Path) -> None:
        raise NotImplementedError

    def changes(self) -> int:
        raise NotImplementedError

    def writing(self) -> AbstractContextManager[None]:
        raise NotImplementedError

    def reading(self) -> AbstractContextManager[None]:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError
