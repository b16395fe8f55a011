"""Why a verb was not carried out. Texts are plain English; `code` is stable, so a panel can translate."""

from broadcaster.domain.alert import Alert

__all__ = [
    "AlreadyRaised",
    "BadEntry",
    "ChangedMeanwhile",
    "DeskFault",
    "NotAllowed",
    "NotFound",
    "NotSent",
    "WaitToSignIn",
]


class DeskFault(Exception):
    """Nothing was done. `code` is a stable short name of the reason."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        self.code = code


class NotAllowed(DeskFault):
    """This person may not do this, here."""

    def __init__(self, text: str, code: str = "not-allowed") -> None:
        super().__init__(text, code)


class WaitToSignIn(NotAllowed):
    """Too many failed sign-ins: try again in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many failed attempts: wait {seconds} s, then try again", "wait-to-sign-in")
        self.seconds = seconds


class NotFound(DeskFault):
    """What was named is not there."""

    def __init__(self, what: str, id: str) -> None:
        super().__init__(f"there is no {what} {id!r}", f"no-such-{what.replace(' ', '-')}")


class BadEntry(DeskFault):
    """What was typed cannot be taken: which field, what is wrong, what was expected."""

    def __init__(self, field: str, what: str, expected: str, *, code: str) -> None:
        super().__init__(f"{field}: {what}; {expected}", code)
        self.field = field
        self.what = what
        self.expected = expected


class NotSent(DeskFault):
    """The store could not take it, and the hub did not either: as far as is known nothing will sound. The
    same again, under the same id, is safe. Code not-sent, or hub-refused when the hub said no."""

    def __init__(self, text: str, code: str = "not-sent") -> None:
        super().__init__(text, code)


class AlreadyRaised(BadEntry):
    """Somebody has just raised the same: `alert` is theirs. Code already-raised."""

    def __init__(self, alert: Alert) -> None:
        super().__init__(
            "template",
            f"{alert.title} was raised by {alert.by} a moment ago",
            f"look at {alert.id} first, or say that you want it all the same",
            code="already-raised",
        )
        self.alert = alert


class ChangedMeanwhile(BadEntry):
    """Something else was done to the alert since the person saw it: `alert` is how it is now. Code
    changed-meanwhile."""

    def __init__(self, alert: Alert) -> None:
        super().__init__(
            "alert",
            f"{alert.by} did something else with it meanwhile ({alert.message.value})",
            "look at it again first",
            code="changed-meanwhile",
        )
        self.alert = alert
