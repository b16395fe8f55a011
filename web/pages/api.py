"""Alerts for programs: JSON in, JSON out, as one person with their own login (HTTP Basic) and their rights.

    POST /api/alerts   {"id": "kc-…", "template": "lu", "zones": ["thon-ben"], …}
    POST /api/drills   {"id": "dt-…", "template": "lu"}
    POST /api/alerts/ID/cancel|second|update|correct|all-clear|stop|again
    POST /api/drills/ID/cancel|stop
    GET  /api/alerts   GET /api/alerts/ID   GET /api/drills/ID

Laws
1. Ids are made by the caller, so that a retry is the same act. Those of alerts begin with kc-, of drills with
   dt-; neither is known at the other's address.
2. No cookie is taken here, so no other site can use somebody's session. Failed logins wait as at the door.
3. What is refused has `code` (stable) and `sentence` (for people); nothing was done then.
4. Lengths are seconds; times are ISO 8601 with an offset.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from broadcaster.desk import AlertAct, BadEntry, NotAllowed, NotFound
from broadcaster.domain.alert import Status
from web.alerts import as_json
from web.faults import fault_status
from web.live import needed_report
from web.refusals import refusal
from web.session import alert_board, board, came_from, desk, here, me, present, wake

__all__ = ["pages"]

pages = Blueprint("api", __name__, url_prefix="/api")

Body = dict[str, object]


@pages.before_request
def sign_in() -> ResponseReturnValue | None:
    """Who calls, by name and password alone."""
    g.person = None
    here()
    given = request.authorization
    if given is None or given.type != "basic":
        return _who_are_you("unauthorized", "Gửi tên đăng nhập và mật khẩu (HTTP Basic).", 401)
    try:
        g.person = desk().sign_in(given.username or "", given.password or "", source=came_from())
    except NotAllowed as fault:
        status = fault_status(fault)
        return _who_are_you(fault.code, refusal(fault, here()), 401 if status == 403 else status)
    return None


@pages.get("/alerts")
def recent() -> ResponseReturnValue:
    """Alerts and drills that somebody acted upon within a day, newest first."""
    now = present()
    reports = alert_board().recent(board().units(now), now)
    return {"alerts": [as_json(report, here()) for report in reports]}


@pages.post("/alerts")
def raise_alert() -> ResponseReturnValue:
    body = _body()
    act = desk().raise_alert(
        me(),
        id=_text(body, "id") or "",
        template=_text(body, "template"),
        words=_text(body, "words"),
        recording=_text(body, "recording"),
        zones=_texts(body, "zones"),
        title=_text(body, "title"),
        language=_text(body, "language"),
        repeats=_whole(body, "repeats"),
        gap=_seconds(body, "gap"),
        every=_seconds(body, "every"),
        until=_moment(body, "until"),
        expires=_moment(body, "expires"),
        anyway=body.get("anyway") is True,
    )
    return _done(act, Status.ACTUAL, 201)


@pages.get("/alerts/<alert>")
def one(alert: str) -> ResponseReturnValue:
    return as_json(needed_report(alert, Status.ACTUAL), here())


@pages.post("/alerts/<alert>/<act>")
def act_upon(alert: str, act: str) -> ResponseReturnValue:
    return _acted(ACTS, alert, act, Status.ACTUAL)


@pages.post("/drills")
def run_drill() -> ResponseReturnValue:
    body = _body()
    act = desk().raise_drill(
        me(),
        id=_text(body, "id") or "",
        template=_text(body, "template") or "",
        zones=_texts(body, "zones"),
    )
    return _done(act, Status.EXERCISE, 201)


@pages.get("/drills/<drill>")
def one_drill(drill: str) -> ResponseReturnValue:
    return as_json(needed_report(drill, Status.EXERCISE), here())


@pages.post("/drills/<drill>/<act>")
def act_upon_drill(drill: str, act: str) -> ResponseReturnValue:
    return _acted(DRILL_ACTS, drill, act, Status.EXERCISE)


def _update(alert: str, seen: int, body: Body) -> AlertAct:
    return desk().update_alert(
        me(),
        alert,
        based_on=seen,
        template=_text(body, "template"),
        words=_text(body, "words"),
        recording=_text(body, "recording"),
        every=_seconds(body, "every"),
        until=_moment(body, "until"),
    )


def _again(alert: str, seen: int, body: Body) -> AlertAct:
    return desk().again(me(), alert, based_on=seen, units=_texts(body, "units") or ())


Act = Callable[[str, int, Body], AlertAct]

DRILL_ACTS: Mapping[str, Act] = {
    "cancel": lambda alert, seen, _: desk().cancel_alert(me(), alert, seen),
    "stop": lambda alert, seen, _: desk().stop_alert(me(), alert, based_on=seen),
}
"""What can be done with a drill."""

ACTS: Mapping[str, Act] = {
    **DRILL_ACTS,
    "second": lambda alert, seen, _: desk().second_alert(me(), alert, seen),
    "correct": lambda alert, seen, _: desk().correct_alert(me(), alert, based_on=seen),
    "all-clear": lambda alert, seen, _: desk().all_clear(me(), alert, based_on=seen),
    "update": _update,
    "again": _again,
}
"""What can be done with an alert. `version` in the body: what the caller saw; the newest if left out."""

SAYS_ANEW = frozenset({"update", "again"})
"""What needs `version`: without it, a call that is tried again would be said again."""


def _acted(acts: Mapping[str, Act], alert: str, act: str, status: Status) -> ResponseReturnValue:
    if act not in acts:
        raise NotFound("act", act)
    report, body = needed_report(alert, status), _body()
    seen = _whole(body, "version")
    if seen is None and act in SAYS_ANEW:
        raise _wrong("version", "expected the version that was seen: this may have been done already")
    return _done(acts[act](alert, report.alert.version if seen is None else seen, body), status, 200)


def _done(act: AlertAct, status: Status, code: int) -> ResponseReturnValue:
    """What stands now. `handed_over`: the store is locked or full, and the hub has it."""
    wake()
    if act.handed_over:
        return {"id": act.alert.id, "version": act.alert.version, "handed_over": True}, 202
    return as_json(needed_report(act.alert.id, status), here()) | {"handed_over": False}, code


def _who_are_you(code: str, sentence: str, status: int) -> ResponseReturnValue:
    answer = jsonify(code=code, sentence=sentence)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="alerts", charset="UTF-8"'
    return answer, status


def _body() -> Body:
    """The JSON object that was sent; nothing is an empty one. Raises BadEntry."""
    if not request.get_data(cache=True):
        return {}
    try:
        body = request.get_json(force=True, silent=True)
    except RecursionError:  # brackets within brackets, thousands deep
        body = None
    if not isinstance(body, dict):
        raise BadEntry("body", "this is no JSON object", 'send one, like {"id": "kc-…"}', code="not-json")
    return cast(Body, body)


def _wrong(name: str, expected: str) -> BadEntry:
    return BadEntry(name, "it is of another kind", expected, code="bad-field")


def _text(body: Body, name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong(name, "expected a text")
    return value


def _texts(body: Body, name: str) -> list[str] | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise _wrong(name, "expected a list of texts")
    return value


def _whole(body: Body, name: str) -> int | None:
    value = body.get(name)
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise _wrong(name, "expected a whole number")
    return value


def _seconds(body: Body, name: str) -> timedelta | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 10**6:
        raise _wrong(name, "expected seconds")
    return timedelta(seconds=value)


def _moment(body: Body, name: str) -> datetime | None:
    text = _text(body, name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _wrong(name, "expected a time like 2026-11-21T17:30:00+07:00") from None
    if moment.tzinfo is None:
        raise _wrong(name, "expected a time with its offset, like 2026-11-21T17:30:00+07:00")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise _wrong(name, "expected a time within the calendar") from None
