"""Who may do what: a total table of role and verb."""

from enum import IntEnum, StrEnum

from broadcaster.domain.people import Person

__all__ = ["Scope", "Verb", "scope_of"]


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


def scope_of(person: Person, verb: Verb) -> Scope:
    """How far the person's right to the verb goes: the widest of their roles. Disabled: NONE."""
    raise NotImplementedError
