"""Who is signed in, and what a page may ask for.

A session holds a login and the seal of the password it was opened with: rights are looked up on every
request, and a new password or a closed account ends every session.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import wraps
from hashlib import sha256
from typing import Any, ParamSpec, TypeVar, cast

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.wrappers import Response

from broadcaster.desk import Desk, Scope, Verb, scope_of
from broadcaster.desk.alertboard import AlertBoard
from broadcaster.desk.board import Board
from broadcaster.domain.alert import Alert
from broadcaster.domain.bulletin import State
from broadcaster.domain.people import Person
from broadcaster.domain.places import Station
from broadcaster.folder import BadFolder
from broadcaster.station import StationFolder
from broadcaster.store import StoreFault
from web.previews import Previews

__all__ = [
    "LONGEST_UPLOAD",
    "UPLOADS",
    "SignedOut",
    "alert_board",
    "board",
    "came_from",
    "desk",
    "here",
    "me",
    "needs_sign_in",
    "present",
    "previews",
    "register",
    "safe_next",
    "sign_in",
    "station",
    "wake",
    "wants_json",
]

LONGEST_UPLOAD = 400 * 1024 * 1024
"""Bytes: four hours of MP3 at 192 kbit/s and some."""

UPLOADS = ".upload-"
"""How the names of folders begin in which uploads lie for a moment, below state/."""

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

P = ParamSpec("P")
R = TypeVar("R", bound=ResponseReturnValue)


class SignedOut(Exception):
    """A form was sent by somebody who is signed in no more."""


class _Cookies(SecureCookieSessionInterface):
    """Where the page came by HTTPS, its cookie travels by HTTPS only."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure


def station() -> StationFolder:
    return cast(StationFolder, current_app.extensions["station"])


def here() -> Station:
    """The station as its file says now. Raises BadFolder."""
    return station().current.station


def desk() -> Desk:
    return station().desk


def board() -> Board:
    return Board(station().store, station().current)


def alert_board() -> AlertBoard:
    return AlertBoard(station().store, station().current)


def present() -> datetime:
    """The present instant, as the desk has it."""
    return desk().now()


def previews() -> Previews:
    return cast(Previews, current_app.extensions["previews"])


def me() -> Person:
    """The person of this request; only within a page that needs_sign_in."""
    return cast(Person, g.person)


def wake() -> None:
    """Tell the hub that there is something to do. It looks by itself as well, so a failure is no fault."""
    with suppress(BadFolder):
        station().wake()


def needs_sign_in(page: Callable[P, R]) -> Callable[P, R | Response]:
    """Send strangers to the sign-in page, and bring them back afterwards. A form raises SignedOut.

    A station that cannot be opened raises BadFolder before anything else.
    """

    @wraps(page)
    def guarded(*arguments: P.args, **named: P.kwargs) -> R | Response:
        here()
        if g.person is not None:
            return page(*arguments, **named)
        if request.method != "GET":
            raise SignedOut
        return redirect(url_for("signing.sign_in", next=request.full_path.rstrip("?")))

    return guarded


def wants_json() -> bool:
    """Whether a script of ours, or a program, waits for the answer: not a browser that shows what comes."""
    accepts = request.accept_mimetypes
    return accepts["application/json"] > accepts["text/html"]


def sign_in(person: Person) -> None:
    """Open a session for the person; what was in the one before is gone."""
    session.clear()
    session.permanent = True
    session["login"] = person.login
    session["seal"] = _seal(person.login)


def safe_next(path: str | None) -> str:
    """Where to go after signing in: a page of ours, whatever the address says."""
    home = url_for("today.show")
    if not path or not path.startswith("/") or path.startswith("//"):
        return home
    return path if path.isprintable() and "\\" not in path else home


def came_from() -> str:
    """The address a request comes from, as a proxy on this machine tells it."""
    peer = request.remote_addr or ""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return told[:64] if told and peer in ("127.0.0.1", "::1") else peer


def register(app: Flask) -> None:
    app.session_interface = _Cookies()
    app.before_request(_find_person)
    app.after_request(_shut_in)
    app.context_processor(_for_templates)
    app.jinja_env.globals["token"] = _token


def _find_person() -> None:
    g.person = None
    login = session.get("login")
    if login is not None and request.endpoint != "static" and session.get("seal") == _seal(login):
        g.person = desk().person(login)


def _seal(login: str) -> str:
    """A short text that changes with the password, and tells nothing of it."""
    return sha256((station().store.people.hash_of(login) or "").encode()).hexdigest()[:16]


def _for_templates() -> dict[str, Any]:
    """What every template knows. Never raises: the pages that tell of faults are templates too."""
    person: Person | None = g.get("person")
    station_now: Station | None = None
    now: datetime | None = None
    to_judge = 0
    alerts_now: list[Alert] = []
    try:
        station_now, now = here(), present()
        if person is not None and scope_of(person, Verb.APPROVE) is Scope.ALL:
            to_judge = len(station().store.bulletins.list(state=State.SUBMITTED))
        if person is not None:
            alerts_now = _in_force(now)
    except (BadFolder, StoreFault):
        person = None if now is None else person
    return {
        "person": person,
        "station": station_now,
        "now": now,
        "to_judge": to_judge,
        "alerts_now": alerts_now,
        "may": lambda verb, mine=True: person is not None and scope_of(person, Verb(verb)) >= _needed(mine),
        "may_say": person is not None and station_now is not None and _may_say(person, station_now),
    }


def _in_force(now: datetime) -> list[Alert]:
    """What counts down, waits for a second person or may still sound: the newest version of each, the newest
    first; without what was ended, stopped or given up."""
    alerts = station().store.alerts
    newest: dict[str, Alert] = {}
    for alert in sorted((*alerts.in_force(now), *alerts.waiting(now)), key=lambda each: each.version):
        newest[alert.id] = alert
    stand = [alert for alert in newest.values() if not alert.message.ends]
    return sorted(stand, key=lambda alert: alert.asked, reverse=True)


def _needed(mine: bool) -> Scope:
    return Scope.OWN if mine else Scope.ALL


def _may_say(person: Person, station_now: Station) -> bool:
    """Whether the desk would let this person announce: where approval is asked for, only who approves."""
    approves = scope_of(person, Verb.APPROVE) is Scope.ALL
    return scope_of(person, Verb.SAY) is Scope.ALL and (approves or not station_now.approval)


def _token() -> Markup:
    """The field every form carries, so that no other site can send it in somebody's name."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _shut_in(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = _POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != "static":
        headers["Cache-Control"] = "no-store"
    return response
