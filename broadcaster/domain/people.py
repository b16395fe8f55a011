"""Who may sit at the desk: a person, how they sign in, and the roles they hold."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from broadcaster.domain.names import BadName, ZoneId

__all__ = ["CONSOLE", "Login", "Person", "Role"]

CONSOLE = "console:"
"""How the name of somebody at this machine's own command line begins; no login can contain a colon."""

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


class Role(StrEnum):
    """What somebody does here; rights are in `broadcaster.desk.rights`. A person may hold several."""

    VILLAGE = "village"  # writes and books for their own zone
    EDITOR = "editor"  # bulletins and the schedule
    APPROVER = "approver"  # a commune leader
    TECHNICIAN = "technician"  # units
    ADMIN = "admin"


class Login(str):
    """What somebody types to sign in: a phone number or a short name, 2 to 32 of a-z 0-9 . _ -

    Capitals are taken as small letters, and the spaces and dots people put into phone numbers are passed
    over. Raises BadName.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        typed = text.strip().lower()
        if re.fullmatch(r"\+?[\d .-]+", typed):
            typed = re.sub(r"[+ .-]", "", typed)
        if _LOGIN.fullmatch(typed) is None:
            raise BadName(
                f"{text[:40]!r} cannot be used to sign in: "
                "use a phone number, or 2 to 32 of the letters a-z, digits, dots, hyphens and underscores"
            )
        return super().__new__(cls, typed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account, or the local administrator at the console (`login` begins with CONSOLE).

    `zone` is the own zone of the village role, and None without it. `alert_zones`: where somebody whose
    roles do not let them alert everywhere may do so, with all below; ids of zones, or `all`.
    """

    login: str
    name: str
    roles: frozenset[Role]
    zone: ZoneId | None = None
    alert_zones: tuple[str, ...] = ()
    disabled: bool = False

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("a person has a name")
        if not self.roles:
            raise ValueError("a person holds at least one role")
        if (Role.VILLAGE in self.roles) != (self.zone is not None):
            raise ValueError("the village role has a zone of its own, and no other role has one")

    @property
    def at_console(self) -> bool:
        return self.login.startswith(CONSOLE)
