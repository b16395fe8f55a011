"""Passwords and their argon2id hashes; the one place that knows argon2-cffi."""

import threading
import unicodedata

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError

__all__ = ["LONGEST", "SHORTEST", "Passwords"]

SHORTEST = 8
LONGEST = 200

_AT_ONCE = 2


class Passwords:
    """Hashes passwords and checks them, two at a time at most: each takes 64 MiB for a moment.

    The settings are those of RFC 9106 for where memory is scarce; the argument is for tests, which hash
    often and guard nothing.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """The hash to store."""
        with self._turns:
            return self._hasher.hash(_typed(password))

    def fits(self, hash: str | None, password: str) -> bool:
        """Whether it is the password of that hash; takes the same time when there is no hash, so that
        nobody learns which accounts there are."""
        if self._nobody is None:
            self._nobody = self.hash("nobody has this password")
        with self._turns:
            try:
                self._hasher.verify(hash or self._nobody, _typed(password))
            except (VerificationError, InvalidHashError):
                return False
        return hash is not None

    def ages(self, hash: str) -> bool:
        """Whether the hash was made with other settings than today's."""
        return self._hasher.check_needs_rehash(hash)


def _typed(password: str) -> str:
    """One phone sends ế as one letter, the next as three: both are the same password."""
    return unicodedata.normalize("NFKC", password[:LONGEST])
