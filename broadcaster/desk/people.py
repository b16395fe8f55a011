"""Signing in, accounts, passwords."""

from collections.abc import Iterable

from broadcaster.desk.counter import Counter
from broadcaster.domain.people import Person, Role

__all__ = ["PeopleVerbs"]


class PeopleVerbs(Counter):
    """Verbs about people."""

    def sign_in(self, login: str, password: str, *, source: str = "") -> Person:
        """The person who signs in. `source` is where from (an address).

        Raises NotAllowed (code `wrong-password`, never telling which was wrong; `disabled`), WaitToSignIn.
        """
        raise NotImplementedError

    def person(self, login: str) -> Person | None:
        """The person of a session, as they are now; None when they may not act any more."""
        raise NotImplementedError

    def add_person(
        self,
        who: Person,
        *,
        login: str,
        name: str,
        password: str,
        roles: Iterable[Role],
        zone: str | None = None,
    ) -> Person:
        """Make an account. `zone` belongs to the village role and only to it.

        BadEntry codes: bad-login, login-taken, empty, no-roles, unknown-zone, zone-needed, zone-unasked,
        password-short, password-long, password-is-login.
        """
        raise NotImplementedError

    def set_password(self, who: Person, login: str, password: str) -> None:
        """Give a new password: one's own, or anybody's for an administrator. BadEntry as in add_person."""
        raise NotImplementedError

    def disable_person(self, who: Person, login: str) -> Person:
        """Close an account; what they did stays on record. BadEntry code last-admin."""
        raise NotImplementedError

    def enable_person(self, who: Person, login: str) -> Person:
        """Open a closed account again."""
        raise NotImplementedError
