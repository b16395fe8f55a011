"""Accounts, their password hashes, and who failed to sign in."""

from datetime import datetime, timedelta

from broadcaster.domain.names import ZoneId
from broadcaster.domain.people import Person, Role
from broadcaster.store.columns import from_list, moment, stamp, to_list
from broadcaster.store.file import Row, StoreFile, Value

__all__ = ["FORGOTTEN_AFTER", "People"]

FORGOTTEN_AFTER = timedelta(days=1)
"""A failed sign-in is kept this long."""


class People:
    """Everybody with an account. Hashes come out only through `hash_of`."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def add(self, person: Person, hash: str, at: datetime) -> None:
        """Enter a new person. Raises StoreFault when the login is taken (the desk looks first)."""
        with self._file.writing():
            self._file.insert("people", [{**_columns(person), "hash": hash, "added": stamp(at)}])

    def change(self, person: Person) -> None:
        """Replace everything but the password of the person of that login."""
        columns = _columns(person)
        with self._file.writing():
            self._file.run(
                "UPDATE people SET name = ?, roles = ?, zone = ?, alert_zones = ?, disabled = ? "
                "WHERE login = ?",
                *(columns[name] for name in ("name", "roles", "zone", "alert_zones", "disabled", "login")),
            )

    def set_hash(self, login: str, hash: str) -> None:
        """Give the person another password hash."""
        with self._file.writing():
            self._file.run("UPDATE people SET hash = ? WHERE login = ?", hash, login)

    def find(self, login: str) -> Person | None:
        """The person of that login, disabled or not."""
        row = self._file.row("SELECT * FROM people WHERE login = ?", login)
        return None if row is None else _person(row)

    def hash_of(self, login: str) -> str | None:
        """The password hash of that login."""
        row = self._file.row("SELECT hash FROM people WHERE login = ?", login)
        return None if row is None else str(row["hash"])

    def all(self) -> tuple[Person, ...]:
        """Everybody, by name."""
        return tuple(_person(row) for row in self._file.rows("SELECT * FROM people ORDER BY name, login"))

    def failed(self, login: str, source: str, at: datetime) -> None:
        """Note a failed sign-in; what is older than a day is forgotten."""
        with self._file.writing():
            self._file.run("DELETE FROM failures WHERE at < ?", stamp(at - FORGOTTEN_AFTER))
            self._file.insert("failures", [{"login": login, "source": source, "at": stamp(at)}])

    def failures(self, login: str, source: str | None, since: datetime) -> tuple[datetime, ...]:
        """When signing in as `login` failed (from `source`, or from anywhere when None), oldest first."""
        rows = self._file.rows(
            "SELECT at FROM failures WHERE login = ? AND at >= ? AND (? IS NULL OR source = ?) ORDER BY at",
            login,
            stamp(since),
            source,
            source,
        )
        return tuple(moment(int(row["at"])) for row in rows)

    def forgive(self, login: str, source: str) -> None:
        """Forget the failures of that login from that source."""
        with self._file.writing():
            self._file.run("DELETE FROM failures WHERE login = ? AND source = ?", login, source)


def _columns(person: Person) -> dict[str, Value]:
    return {
        "login": person.login,
        "name": person.name,
        "roles": to_list(sorted(person.roles)),
        "zone": person.zone,
        "alert_zones": to_list(person.alert_zones),
        "disabled": int(person.disabled),
    }


def _person(row: Row) -> Person:
    return Person(
        login=row["login"],
        name=row["name"],
        roles=frozenset(Role(role) for role in from_list(row["roles"])),
        zone=None if row["zone"] is None else ZoneId(row["zone"]),
        alert_zones=from_list(row["alert_zones"]),
        disabled=bool(row["disabled"]),
    )
