"""Units that wait to be let in."""

from dataclasses import dataclass
from datetime import datetime

from broadcaster.store.file import StoreFile

__all__ = ["JoinRequest", "Joining"]


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
        """Enter or renew the request of that nkey (`first_seen` stays); expired ones are forgotten.

        At most 100 wait at once: the network is not trusted with our disk, so the oldest goes.
        """
        raise NotImplementedError

    def waiting(self, now: datetime) -> tuple[JoinRequest, ...]:
        """Requests that have not expired, first come first."""
        raise NotImplementedError

    def settle(self, nkey: str) -> None:
        """The request was answered, one way or the other: forget it."""
        raise NotImplementedError
