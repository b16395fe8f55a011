"""Who may do what: a total table of role and verb.

Four more rules are not about roles and stand with the verbs: nobody approves words of their own but an
administrator; where the station asks for approval, only who may approve may `say`; the last administrator
cannot be shut out; where an alert needs a second person, it is another one.
"""

from enum import IntEnum, StrEnum

from broadcaster.domain.people import Person, Role

__all__ = ["ALERTING", "RIGHTS", "Scope", "Verb", "may", "scope_of"]


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
    RAISE_ALERT = "raise-alert"
    UPDATE_ALERT = "update-alert"
    REPEAT_ALERT = "repeat-alert"
    DRILL = "drill"
    SECOND_ALERT = "second-alert"
    CANCEL_ALERT = "cancel-alert"
    CORRECT_ALERT = "correct-alert"
    CLEAR_ALERT = "clear-alert"
    STOP_ALERT = "stop-alert"
    SAVE_TEMPLATE = "save-template"
    TEST_READINESS = "test-readiness"
    GRANT_ALERTS = "grant-alerts"
    READ_AUDIT = "read-audit"


class Scope(IntEnum):
    """How far a right goes: not at all; one's own zone, words and account, and for alerts the zones one was
    given (`Person.alert_zones`); everything."""

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
    Verb.RAISE_ALERT: (_O, _O, _A, _O, _A),
    Verb.UPDATE_ALERT: (_O, _O, _A, _O, _A),
    Verb.REPEAT_ALERT: (_O, _O, _A, _O, _A),
    Verb.DRILL: (_O, _O, _A, _O, _A),
    Verb.SECOND_ALERT: (_O, _O, _A, _O, _A),
    Verb.CANCEL_ALERT: (_O, _O, _A, _O, _A),
    Verb.CORRECT_ALERT: (_O, _O, _A, _O, _A),
    Verb.CLEAR_ALERT: (_O, _O, _A, _O, _A),
    Verb.STOP_ALERT: (_O, _O, _A, _O, _A),
    Verb.SAVE_TEMPLATE: (_N, _N, _A, _N, _A),
    Verb.TEST_READINESS: (_N, _N, _A, _A, _A),
    Verb.GRANT_ALERTS: (_N, _N, _N, _N, _A),
    Verb.READ_AUDIT: (_N, _N, _A, _N, _A),
}

ALERTING = frozenset(
    {
        Verb.RAISE_ALERT,
        Verb.UPDATE_ALERT,
        Verb.REPEAT_ALERT,
        Verb.DRILL,
        Verb.SECOND_ALERT,
        Verb.CANCEL_ALERT,
        Verb.CORRECT_ALERT,
        Verb.CLEAR_ALERT,
        Verb.STOP_ALERT,
    }
)
"""What somebody whose right is OWN may do in their `alert_zones`, and not at all without any."""

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
    widest = max(RIGHTS[role, verb] for role in person.roles)
    return Scope.NONE if widest is Scope.OWN and verb in ALERTING and not person.alert_zones else widest


def may(person: Person, verb: Verb) -> bool:
    """Whether the person may do it at all: what a panel shows them."""
    return scope_of(person, verb) is not Scope.NONE
