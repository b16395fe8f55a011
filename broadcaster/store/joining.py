"""Units that wait to be let in."""

from dataclasses import dataclass
from datetime import datetime

from broadcaster.store.columns import moment, stamp
from broadcaster.store.file import StoreFile

__all__ = ["MOST_WAITING", "JoinRequest", "Joining"]

MOST_WAITING = 100
"""A commune has some dozens of units; more requests than that are somebody's game."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRequest:
    """A unit that asked to join and speaks `code` aloud (six digits, a hash of both public keys).

    `wish` is what it calls itself (its host name), unchecked: show it, do not trust it.
    """

    nkey: str
    wish: str
    code: str
    first_seen: datetime
    expires: datetime


class Joining:
    """Join requests by nkey."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def ask(self, request: JoinRequest) -> None:
        """Enter the request, or renew the one of the same nkey, whose `first_seen` stays.

        Those that expired before it came are forgotten. At most MOST_WAITING wait at once: the network is
        not trusted with our disk, so the oldest goes.
        """
        with self._file.writing():
            self._file.run("DELETE FROM joining WHERE expires <= ?", stamp(request.first_seen))
            self._file.run(
                "INSERT INTO joining (nkey, wish, code, first_seen, expires) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (nkey) DO UPDATE SET wish = excluded.wish, code = excluded.code, "
                "expires = excluded.expires",
                request.nkey,
                request.wish,
                request.code,
                stamp(request.first_seen),
                stamp(request.expires),
            )
            self._file.run(
                "DELETE FROM joining WHERE nkey IN "
                "(SELECT nkey FROM joining ORDER BY first_seen DESC, nkey LIMIT -1 OFFSET ?)",
                MOST_WAITING,
            )

    def waiting(self, now: datetime) -> tuple[JoinRequest, ...]:
        """Requests that have not expired, first come first."""
        rows = self._file.rows(
            "SELECT * FROM joining WHERE expires > ? ORDER BY first_seen, nkey", stamp(now)
        )
        return tuple(
            JoinRequest(
                nkey=row["nkey"],
                wish=row["wish"],
                code=row["code"],
                first_seen=moment(int(row["first_seen"])),
                expires=moment(int(row["expires"])),
            )
            for row in rows
        )

    def settle(self, nkey: str) -> None:
        """The request was answered, one way or the other: forget it."""
        with self._file.writing():
            self._file.run("DELETE FROM joining WHERE nkey = ?", nkey)
