"""Who may do what: a total table of role and verb.

Three more rules are not about roles and stand with the verbs: nobody approves words of their own but an
administrator; where the station asks for approval, only who may approve may `say`; the last administrator
cannot be shut out.
"""

from enum import IntEnum, StrEnum

from broadcaster.domain.people import Person, Role

__all__ = ["RIGHTS", "Scope", "Verb", "may", "scope_of"]


class Verb(StrEnum):
    """Every verb of the desk; what an audit line names."""

    SIGN_IN = "sign-in"
    ADD_PERSON = "add-person"
    SET_PASSWORD = "set-password"  # noqa: S105 - a verb
    DISABLE_PERSON = "disable-person"
    ENABLE_PERSON = "enable-person"
    HAND_IN = "hand-in-recording"
    WRITE = "write-bulletin"
    REWRITE = "rewrite-bulletin"
    SUBMIT = "submit-bulletin"
    APPROVE = "approve-bulletin"
    RETURN = "return-bulletin"
    BOOK = "book-bulletin"
    BOOK_AT = "book-bulletin-at"
    UNBOOK = "unbook-bulletin"
    MOVE_BOOKING = "move-booking"
    SAY = "say"
    CANCEL_ANNOUNCEMENT = "cancel-announcement"
    STOP = "stop"
    SET_VOLUME = "set-volume"
    TEST_CHIME = "test-chime"
    PAIR_UNIT = "pair-unit"
    FORBID_UNIT = "forbid-unit"
    READMIT_UNIT = "readmit-unit"
    RENAME_UNIT = "rename-unit"
    MOVE_UNIT = "move-unit"
    READ_AUDIT = "read-audit"


class Scope(IntEnum):
    """How far a right goes: not at all; one's own zone, words and account; everything."""

    NONE = 0
    OWN = 1
    ALL = 2


_N, _O, _A = Scope.NONE, Scope.OWN, Scope.ALL

_COLUMNS = (Role.VILLAGE, Role.EDITOR, Role.APPROVER, Role.TECHNICIAN, Role.ADMIN)

_ROWS: dict[Verb, tuple[Scope, Scope, Scope, Scope, Scope]] = {
    Verb.SIGN_IN: (_O, _O, _O, _O, _O),
    Verb.ADD_PERSON: (_N, _N, _N, _N, _A),
    Verb.SET_PASSWORD: (_O, _O, _O, _O, _A),
    Verb.DISABLE_PERSON: (_N, _N, _N, _N, _A),
    Verb.ENABLE_PERSON: (_N, _N, _N, _N, _A),
    Verb.HAND_IN: (_A, _A, _A, _N, _A),
    Verb.WRITE: (_O, _A, _A, _N, _A),
    Verb.REWRITE: (_O, _A, _A, _N, _A),
    Verb.SUBMIT: (_O, _A, _A, _N, _A),
    Verb.APPROVE: (_N, _N, _A, _N, _A),
    Verb.RETURN: (_N, _N, _A, _N, _A),
    Verb.BOOK: (_O, _A, _A, _N, _A),
    Verb.BOOK_AT: (_O, _A, _A, _N, _A),
    Verb.UNBOOK: (_O, _A, _A, _N, _A),
    Verb.MOVE_BOOKING: (_N, _A, _A, _N, _A),
    Verb.SAY: (_N, _A, _A, _N, _A),
    Verb.CANCEL_ANNOUNCEMENT: (_O, _A, _A, _N, _A),
    Verb.STOP: (_O, _A, _A, _A, _A),
    Verb.SET_VOLUME: (_N, _N, _N, _A, _A),
    Verb.TEST_CHIME: (_N, _N, _N, _A, _A),
    Verb.PAIR_UNIT: (_N, _N, _N, _A, _A),
    Verb.FORBID_UNIT: (_N, _N, _N, _A, _A),
    Verb.READMIT_UNIT: (_N, _N, _N, _A, _A),
    Verb.RENAME_UNIT: (_N, _N, _N, _A, _A),
    Verb.MOVE_UNIT: (_N, _N, _N, _A, _A),
    Verb.READ_AUDIT: (_N, _N, _A, _N, _A),
}

RIGHTS: dict[tuple[Role, Verb], Scope] = {
    (role, verb): scope
    for verb, scopes in _ROWS.items()
    for role, scope in zip(_COLUMNS, scopes, strict=True)
}
"""The whole policy."""


def scope_of(person: Person, verb: Verb) -> Scope:
    """How far the person's right to the verb goes: the widest of their roles. Disabled: NONE."""
    if person.disabled:
        return Scope.NONE
    return max(RIGHTS[role, verb] for role in person.roles)


def may(person: Person, verb: Verb) -> bool:
    """Whether the person may do it at all: what a panel shows them."""
    return scope_of(person, verb) is not Scope.NONE
