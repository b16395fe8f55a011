"""Why a verb was not carried out. Texts are plain English; `code` is stable, so a panel can translate."""

__all__ = ["BadEntry", "DeskFault", "NotAllowed", "NotFound", "WaitToSignIn"]


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
