"""How what was typed is said."""

__all__ = ["NothingToSay", "TooLong", "Unreadable", "reading"]


class Unreadable(ValueError):
    """Text that cannot be made into words to be said. The message says what to do about it."""


class NothingToSay(Unreadable):
    """Nothing is left to be said once markup, emoji and control characters are gone."""


class TooLong(Unreadable):
    """More than 50,000 characters, some fifty minutes of speech."""


def reading(text: str, language: str = "vi") -> str:
    """The words to be said for `text`: one line a paragraph. Raises NothingToSay, TooLong."""
    raise NotImplementedError
