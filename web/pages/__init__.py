"""One file a screen: it asks the desk and the board, and shows."""

import secrets
from datetime import date

from flask import request

__all__ = ["asked_day", "new_id"]

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
