"""Accounts, their password hashes, and who failed to sign in."""

from collections.abc import Sequence
from datetime import datetime

from broadcaster.domain.people import Person
from broadcaster.store.file import StoreFile

__all__ = ["People"]


class People:
    """Everybody with an account. Hashes come out only through `hash_of`."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def add(self, person: Person, hash: str, at: datetime) -> None:
        """Enter a new person. Raises StoreFault when the login is taken (the desk looks first)."""
        raise NotImplementedError

    def change(self, person: Person) -> None:
        """Replace name, roles, zone and disabled of the person of that login."""
        raise NotImplementedError

    def set_hash(self, login: str, hash: str) -> None:
        """Give the person another password hash."""
        raise NotImplementedError

    def find(self, login: str) -> Person | None:
        """The person of that login, disabled or not."""
        raise NotImplementedError

    def hash_of(self, login: str) -> str | None:
        """The password hash of that login."""
        raise NotImplementedError

    def all(self) -> tuple[Person, ...]:
        """Everybody, by name."""
        raise NotImplementedError

    def failed(self, login: str, source: str, at: datetime) -> None:
        """Note a failed sign-in; what is older than a day is forgotten."""
        raise NotImplementedError

    def failures(self, login: str, source: str | None, since: datetime) -> Sequence[datetime]:
        """When signing in as `login` failed (from `source`, or from anywhere when None), oldest first."""
        raise NotImplementedError

    def forgive(self, login: str, source: str) -> None:
        """Forget the failures of that login from that source."""
        raise NotImplementedError
