"""One file a screen: it asks the desk and the board, and shows."""

import secrets
from datetime import date

from flask import request

from broadcaster.domain.places import EVERYWHERE
from broadcaster.speech.reading import Unreadable, reading

__all__ = ["as_said", "asked_day", "asked_zones", "new_id"]

_FIRST, _LAST = date(2000, 1, 1), date(2200, 1, 1)


def new_id(kind: str) -> str:
    """An id made with a form, so that sending it twice does once."""
    return f"{kind}-{secrets.token_hex(6)}"


def asked_day(otherwise: date) -> date:
    """The local day in the address (`?ngay=2026-11-21`), or `otherwise` when that makes no sense."""
    try:
        day = date.fromisoformat(request.args.get("ngay", ""))
    except ValueError:
        return otherwise
    return day if _FIRST <= day < _LAST else otherwise


def asked_zones() -> list[str]:
    """The places ticked in a form; everywhere when that was chosen, whatever is ticked below it."""
    if request.form.get("where") == EVERYWHERE:
        return [EVERYWHERE]
    return request.form.getlist("zones")


def as_said(words: str, language: str) -> str:
    """The words as they will be said; as they stand when they cannot be said at all."""
    try:
        return reading(words, language)
    except Unreadable:
        return words
