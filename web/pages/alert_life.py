"""An alert that was raised: counting down, on air, and what each unit says; taking it back, stopping it,
saying that it was a mistake or is over, saying it anew, and a second person's yes.

Only for alerts that are meant: a drill's id is not known here.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.desk import AlertAct, BadEntry, NotAllowed, NotFound, NotSent, alertentries
from broadcaster.desk.alertreports import AlertReport
from broadcaster.domain.alert import Alert, Message, Status
from broadcaster.domain.alertsounds import plain_words
from broadcaster.domain.places import EVERYWHERE
from broadcaster.domain.programme import Playable, Spoken
from broadcaster.folder import read_contacts
from web import calls
from web.checks import in_time, pieces, reach, sounds, whole
from web.faults import fault_status
from web.live import conditional, needed_report, told_of
from web.pages.alerting import called
from web.refusals import refusal
from web.session import desk, here, me, needs_sign_in, present, station, wake, wants_json

__all__ = ["pages"]

pages = Blueprint("alert_life", __name__, url_prefix="/khan-cap/dang-phat")


@pages.get("/")
@needs_sign_in
def strip() -> ResponseReturnValue:
    """What is in force, for the strip on every page."""
    return conditional(render_template("_strip.html"))


@pages.get("/<alert>")
@needs_sign_in
def show(alert: str) -> ResponseReturnValue:
    return _page(alert)


@pages.get("/<alert>/bay-gio")
@needs_sign_in
def moving(alert: str) -> ResponseReturnValue:
    """The moving part of the page alone, for the page that renews itself."""
    return conditional(render_template("_live.html", whole=False, **_shown(_report(alert))))


@pages.get("/<alert>/co-khong")
@needs_sign_in
def known(alert: str) -> ResponseReturnValue:
    """Whether an alert that a phone believes it did not send did arrive after all. Asks, and does nothing."""
    there = bool(desk().known(alert))
    return {"to": url_for("alert_life.show", alert=alert) if there else None}


@pages.get("/<alert>/cap-nhat")
@needs_sign_in
def update(alert: str) -> ResponseReturnValue:
    return _typing(_report(alert))


@pages.post("/<alert>/xem-lai")
@needs_sign_in
def check_update(alert: str) -> ResponseReturnValue:
    """What was typed, as it will be said. Nothing is sent yet."""
    report = _report(alert)
    try:
        words = alertentries.words(request.form.get("words", ""))
    except BadEntry as fault:
        return _typing(report, request.form.get("words", ""), refusal(fault, here())), 400
    there = reach(report.alert.zones)
    template = station().current.alerts.get(report.alert.template) if report.alert.template else None
    signal = [] if template is None else [sounds(template, report.alert.zones, Status.ACTUAL)[0]]
    return render_template(
        "alert_update.html",
        alert=report.alert,
        words=words,
        based_on=request.form.get("based_on", ""),
        reach=there,
        pieces=pieces([*signal, Spoken(words=words)]),
        **called(report.alert.zones or (EVERYWHERE,), None),
    )


@pages.post("/<alert>/<act>")
@needs_sign_in
def carry_out(alert: str, act: str) -> ResponseReturnValue:
    """One act upon the alert, based on the version the person saw."""
    verb = ACTS.get(act)
    if verb is None:
        raise NotFound("act", act)
    _report(alert)
    try:
        if act not in _NEVER_LATE:
            in_time()
        done = told_of(verb(alert, _based_on()))
    except (BadEntry, NotAllowed, NotSent) as fault:
        if wants_json():
            raise
        return _page(alert, refusal(fault, here())), fault_status(fault)
    wake()
    to = url_for("alert_life.show", alert=done.id)
    return {"to": to} if wants_json() else redirect(to)


def _update(alert: str, based_on: int) -> AlertAct:
    return desk().update_alert(me(), alert, based_on=based_on, words=request.form.get("words", ""))


def _again(alert: str, based_on: int) -> AlertAct:
    return desk().again(me(), alert, based_on=based_on, units=request.form.getlist("units"))


ACTS: Mapping[str, Callable[[str, int], AlertAct]] = {
    "huy": lambda alert, seen: desk().cancel_alert(me(), alert, seen),
    "dong-y": lambda alert, seen: desk().second_alert(me(), alert, seen),
    "dung": lambda alert, seen: desk().stop_alert(me(), alert, based_on=seen),
    "dinh-chinh": lambda alert, seen: desk().correct_alert(me(), alert, based_on=seen),
    "an-toan": lambda alert, seen: desk().all_clear(me(), alert, based_on=seen),
    "cap-nhat": _update,
    "phat-lai": _again,
}
"""What can be done with an alert, by the last word of the address."""


_NEVER_LATE = ("huy", "dung")
"""Silence is wanted however long it took to ask for it."""


def _based_on() -> int:
    return whole(request.form.get("based_on", "")) or 0


def _report(alert: str) -> AlertReport:
    """Raises NotFound: nothing of that name, or a drill."""
    return needed_report(alert, Status.ACTUAL)


def _page(alert: str, wrong: str = "") -> str:
    report = _report(alert)
    said = report.alert if report.alert.message is not Message.STOP else report.versions[0]
    return render_template(
        "alert_live.html",
        whole=True,
        wrong=wrong,
        said=[piece for piece in pieces(_sounding(said)) if piece.said],
        **_shown(report),
        **called(said.zones or (EVERYWHERE,), None),
    )


def _shown(report: AlertReport) -> dict[str, object]:
    """What the moving part shows; without a word that changes though nothing happened."""
    alert, now = report.alert, present()
    template = station().current.alerts.get(alert.template) if alert.template else None
    since = now - alert.asked
    return {
        "report": report,
        "alert": alert,
        "now": now,
        "mine": alert.by == me().login,
        "undo_stop": alert.message is Message.STOP and since < _UNDO,
        "in_force": now < alert.expires,
        "correction": _ready_words(alert, Message.CORRECTION),
        "all_clear": _ready_words(alert, Message.ALL_CLEAR),
        "template": template,
        "near": calls.by_zone(read_contacts(station().folder)),
        "people": {person.login: person.name for person in station().store.people.all()},
        "stuck": report.stuck,
    }


_UNDO = timedelta(seconds=60)
"""How long what was stopped can be sounded again with one tap."""


def _ready_words(alert: Alert, message: Message) -> str:
    """The ready-made correction or all-clear."""
    template = station().current.alerts.get(alert.template) if alert.template else None
    if template is None:
        return plain_words(message, here().language)
    wording = template.wording(here().language) or template.wordings[0]
    spoken = wording.correction if message is Message.CORRECTION else wording.all_clear
    return spoken.words if isinstance(spoken, Spoken) else "Bản ghi âm có sẵn."


def _sounding(alert: Alert) -> list[Playable]:
    if alert.words is not None:
        return [Spoken(words=alert.words)]
    template = station().current.alerts.get(alert.template) if alert.template else None
    if template is None or alert.recording is not None:
        return []
    return list(sounds(template, alert.zones, alert.status, alert.message))


def _typing(report: AlertReport, words: str | None = None, wrong: str = "") -> str:
    said = [piece.sound for piece in pieces(_sounding(report.alert)) if piece.said]
    first = " ".join(sound.words for sound in said if isinstance(sound, Spoken))
    return render_template(
        "alert_type.html",
        template=None,
        words=first if words is None else words,
        action=url_for("alert_life.check_update", alert=report.alert.id),
        back=url_for("alert_life.show", alert=report.alert.id),
        choices=[],
        chosen=[],
        wrong=wrong,
        of=report.alert,
    )
