"""Passwords and their argon2id hashes; the one place that knows argon2-cffi."""

__all__ = ["Passwords"]


class Passwords:
    """Hashes passwords and checks them, two at a time at most: each takes 64 MiB for a moment."""

    def hash(self, password: str) -> str:
        """The hash to store."""
        raise NotImplementedError

    def fits(self, hash: str | None, password: str) -> bool:
        """Whether it is the password of that hash; takes the same time when there is no hash."""
        raise NotImplementedError

    def ages(self, hash: str) -> bool:
        """Whether the hash was made with weaker settings than today's."""
        raise NotImplementedError
