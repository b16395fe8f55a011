"""Which of an engine's languages a language tag means (RFC 4647 lookup: vi-VN is served by vi)."""

from collections.abc import Iterable

__all__ = ["tongue"]


def tongue(language: str, known: Iterable[str]) -> str | None:
    """The engine's own tag for `language`, never the text that was given; None if it does not speak it."""
    tags = {tag.lower(): tag for tag in known}
    wanted = language.lower().split("-")
    while wanted:
        if (tag := tags.get("-".join(wanted))) is not None:
            return tag
        wanted.pop()
    return None
