"""The control panel: Flask, server-rendered, Vietnamese, usable without any script.

session   who is signed in, and what they may do here
words     what people read: states, outcomes, faults and dates in Vietnamese
previews  the sound of a bulletin before it airs
pages/    one file a screen; each only asks the desk and the board

Laws
1. A page never decides: every change is a verb of the desk, which checks the right and leaves an audit line.
2. Every form carries a CSRF token and, where sending twice would matter, an id made with the form.
3. Nothing is fetched from another site.
"""

import os
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from broadcaster.desk.board import Board
from broadcaster.link.identity import read_secret
from broadcaster.files import write_whole
from broadcaster.station import StationFolder
from web import faults, session, words
from web.pages import air, bulletins, records, signing, today, units
from web.previews import Previews

__all__ = ["create_app"]

_LONGEST_UPLOAD = 400 * 1024 * 1024
"""Bytes: four hours of MP3 at 192 kbit/s and some."""


def create_app(folder: Path | None = None) -> Flask:
    """The panel of the station in `folder`, or in $BROADCASTER_STATION."""
    station = StationFolder(folder or Path(os.environ.get("BROADCASTER_STATION", ".")))
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=_secret(station.state),
        SESSION_COOKIE_NAME="truyenthanh",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        MAX_CONTENT_LENGTH=_LONGEST_UPLOAD,
        WTF_CSRF_TIME_LIMIT=None,
    )
    CSRFProtect(app)
    app.extensions["station"] = station
    app.extensions["board"] = Board(station.store)
    app.extensions["previews"] = Previews(station.maker)
    words.register(app)
    session.register(app)
    faults.register(app)
    for pages in (signing, today, bulletins, air, units, records):
        app.register_blueprint(pages.pages)
    return app


def _secret(state: Path) -> str:
    """What signs session cookies; made once, kept with the other keys."""
    path = state / "panel.key"
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        write_whole(path, f"{os.urandom(32).hex()}\n".encode(), mode=0o600)
    return read_secret(path)
