"""What every verb stands on: the store, the station folder, the clock, and the one way to act."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from broadcaster.desk.passwords import Passwords
from broadcaster.domain.names import ProgrammeId
from broadcaster.domain.people import Person
from broadcaster.domain.places import Station
from broadcaster.domain.programme import Programme
from broadcaster.store import Store
from broadcaster.store.audit import AuditLine

__all__ = ["Counter", "Folder"]


class Folder(Protocol):
    """What the desk has to know of the station folder; each is asked for anew by every verb."""

    @property
    def station(self) -> Station: ...

    @property
    def programmes(self) -> Mapping[ProgrammeId, Programme]:
        """Those in force."""
        ...

    @property
    def path(self) -> Path:
        """The station folder itself, which holds audio/."""
        ...


class Counter:
    """The desk without its verbs."""

    def __init__(
        self, store: Store, folder: Folder, now: Callable[[], datetime], passwords: Passwords | None = None
    ) -> None:
        self.store = store
        self.folder = folder
        self.now = now
        self.passwords = Passwords() if passwords is None else passwords

    def local_admin(self) -> Person:
        """The administrator at this machine's command line: `console:<user of the system>`."""
        raise NotImplementedError

    def audit(self, who: Person, *, before: int | None = None, limit: int = 100) -> tuple[AuditLine, ...]:
        """The audit trail, newest first; `before` is the number of the last line of the page before."""
        raise NotImplementedError
