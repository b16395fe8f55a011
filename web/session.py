"""Who is signed in. A session holds a login and nothing else: rights are looked up on every request."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.wrappers import Response

from broadcaster import clock
from broadcaster.desk import Desk, Verb
from broadcaster.desk.board import Board
from broadcaster.desk.rights import may
from broadcaster.domain.people import Person
from broadcaster.station import StationFolder
from web.previews import Previews

__all__ = ["board", "desk", "me", "needs_sign_in", "previews", "register", "safe_next", "station"]

P = ParamSpec("P")
R = TypeVar("R", bound=ResponseReturnValue)


def station() -> StationFolder:
    return cast(StationFolder, current_app.extensions["station"])


def desk() -> Desk:
    return station().desk


def board() -> Board:
    return cast(Board, current_app.extensions["board"])


def previews() -> Previews:
    return cast(Previews, current_app.extensions["previews"])


def me() -> Person:
    """The person of this request; only within a page that needs_sign_in."""
    return cast(Person, g.person)


def needs_sign_in(page: Callable[P, R]) -> Callable[P, R | Response]:
    """Send strangers to the sign-in page, and bring them back afterwards."""

    @wraps(page)
    def guarded(*arguments: P.args, **named: P.kwargs) -> R | Response:
        if g.person is None:
            back = request.full_path.rstrip("?") if request.method == "GET" else url_for("today.show")
            return redirect(url_for("signing.sign_in", next=back))
        return page(*arguments, **named)

    return guarded


def safe_next(path: str | None) -> str:
    """Where to go after signing in: a page of ours, whatever the address says."""
    home = url_for("today.show")
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")) or "\n" in path:
        return home
    return path


def register(app: Flask) -> None:
    app.before_request(_find_person)
    app.after_request(_shut_in)
    app.context_processor(_for_templates)
    app.jinja_env.globals["token"] = _token


def _find_person() -> None:
    login = session.get("login")
    g.person = None if login is None else desk().person(login)
    if g.person is None and request.endpoint is None:
        abort(404)


def _for_templates() -> dict[str, Any]:
    person = getattr(g, "person", None)
    return {
        "person": person,
        "may": lambda verb: person is not None and may(person, Verb(verb)),
        "station": station().desk.folder.station,
        "now": clock.now(),
    }


def _token() -> Markup:
    """The field every form carries, so that no other site can send it in somebody's name."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _shut_in(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = (
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
    )
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    if response.mimetype == "text/html":
        headers["Cache-Control"] = "no-store"
    return response
