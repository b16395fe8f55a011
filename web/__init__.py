"""The control panel: Flask, server-rendered, Vietnamese, usable without any script.

session    who is signed in, and what they may do here
words      what people read: states, dates, lengths, places. facts: what a unit says of itself
refusals   why something was not done, and what to do
reasons    why something was not heard, or will not be
icons      what stands beside the words
areas      which places and hours a person can choose
previews   the sound of a bulletin before it airs
alerts     what is read of alerts and drills, by people and by programs. calls: whom to telephone instead
checks     what a person sees before one goes out, and that no tap comes hours late. live: once it is out
faults     what people see when something cannot be done
pages/     one file a screen; each only asks the desk and the board

Laws
1. A page never decides: every change is a verb of the desk, which checks the right and leaves an audit line.
2. Every form carries a CSRF token and, where sending twice would matter, an id made with the form.
3. Nothing is fetched from another site; no script or style stands in a page.
4. What was typed is shown again when it could not be taken.
5. Alerts and drills share no address that sends anything, and their ids begin differently.
6. An alert that did not leave the phone is told as not sent, and is never sent again by itself.
"""

import os
import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from broadcaster.files import write_whole
from broadcaster.folder import BadFolder
from broadcaster.link.identity import read_secret
from broadcaster.station import StationFolder
from broadcaster.store import StoreFault
from web import alerts, facts, faults, icons, refusals, session, words
from web.pages import (
    air,
    alert_life,
    alert_templates,
    alerting,
    api,
    bulletins,
    decisions,
    drills,
    records,
    rundown,
    signing,
    today,
    units,
)
from web.previews import Previews
from web.session import LONGEST_UPLOAD, UPLOADS

__all__ = ["create_app"]

_LONGEST_TYPED = 4 * 1024 * 1024
"""Bytes of all typed fields together: more than a desk takes, so that the desk can say what is too long."""


_FOUND_WITHIN = 0.15
"""Seconds a page waits for a sound that may be there already."""

_SCREENS = (
    signing,
    today,
    rundown,
    bulletins,
    decisions,
    air,
    units,
    records,
    alerting,
    alert_life,
    drills,
    alert_templates,
    api,
)


def create_app(folder: Path | None = None) -> Flask:
    """The panel of the station in `folder`, or in $BROADCASTER_STATION.

    Raises NoStation, KeyTrouble. A broken station.toml or store is told on every page, and looked at anew
    by every request.
    """
    station = StationFolder(folder or Path(os.environ.get("BROADCASTER_STATION", ".")))
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=_secret(station.state),
        SESSION_COOKIE_NAME="truyenthanh",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        MAX_CONTENT_LENGTH=LONGEST_UPLOAD,
        MAX_FORM_MEMORY_SIZE=_LONGEST_TYPED,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions["station"] = station
    app.extensions["previews"] = Previews(lambda: station.maker, patience=_FOUND_WITHIN)
    session.register(app)
    CSRFProtect(app).exempt(api.pages)  # no cookie is taken there
    words.register(app)
    alerts.register(app)
    facts.register(app)
    icons.register(app)
    refusals.register(app)
    faults.register(app)
    for screen in _SCREENS:
        app.register_blueprint(screen.pages)
    _clear_uploads(station.state)
    with suppress(BadFolder, StoreFault):
        station.current.station, station.store  # noqa: B018 - opened before the threads come
    return app


def _secret(state: Path) -> str:
    """What signs session cookies; made once, kept with the other keys."""
    path = state / "panel.key"
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        write_whole(path, f"{os.urandom(32).hex()}\n".encode(), mode=0o600)
    return read_secret(path)


def _clear_uploads(state: Path) -> None:
    """Remove what a panel that was killed had half received."""
    for left in state.glob(f"{UPLOADS}*"):
        shutil.rmtree(left, ignore_errors=True)
