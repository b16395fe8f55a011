"""Phát khẩn cấp: what is happening, exactly what will sound where, and the one button that sends it.

Everything here is meant. Drills have their own door, pages and endpoint (`drills`); nothing is shared with
them that sends anything.
"""

import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from broadcaster.desk import (
    AlertAct,
    AlreadyRaised,
    BadEntry,
    DeskFault,
    NotAllowed,
    NotFound,
    NotSent,
    Verb,
    alertentries,
)
from broadcaster.domain.alert import Alert, AlertTemplate, Hazard, Message, Status
from broadcaster.domain.alertsounds import ALERT_SIGNAL, signal_of
from broadcaster.domain.names import AlertId, BadName, ClipId
from broadcaster.domain.places import EVERYWHERE
from broadcaster.domain.programme import Playable, Spoken
from broadcaster.folder import read_contacts
from web import calls
from web.areas import alert_choices
from web.checks import asked_places, in_time, may_reach, pieces, place_options, reach, sounds, whole
from web.faults import fault_status
from web.live import told_of
from web.pages import asked_zones, new_id
from web.refusals import refusal
from web.session import (
    UPLOADS,
    alert_board,
    board,
    desk,
    here,
    me,
    needs_sign_in,
    present,
    station,
    wake,
    wants_json,
)

__all__ = ["called", "needed_template", "pages", "templates"]

pages = Blueprint("alerting", __name__, url_prefix="/khan-cap")

_MINUTE = timedelta(minutes=1)
_LASTS = timedelta(hours=2)
"""Of what is typed or spoken without a template; as the desk has it."""


@pages.get("/")
@needs_sign_in
def choose() -> ResponseReturnValue:
    now = present()
    reports = alert_board().readiness(board().units(now), now)
    ready = {report.template.id: report.readiness for report in reports}
    return render_template(
        "alert_choose.html",
        tiles=[(template, ready.get(template.id)) for template in templates()],
        all=reach([EVERYWHERE]),
        allowed=bool(may_reach(me(), here(), Verb.RAISE_ALERT)),
        **called([EVERYWHERE], None),
    )


@pages.get("/go-chu")
@needs_sign_in
def type_in() -> ResponseReturnValue:
    template = _template(request.args.get("mau"))
    return _typing(template, _first_words(template), request.args.getlist("noi"))


@pages.post("/xem-lai")
@needs_sign_in
def check_typed() -> ResponseReturnValue:
    """What was typed, as it will be said. Nothing is sent yet."""
    template, words = _template(request.form.get("template")), request.form.get("words", "")
    try:
        return _check(template, alertentries.words(words), asked_zones())
    except BadEntry as fault:
        return _typing(template, words, asked_zones(), fault), 400


@pages.get("/ghi-am")
@needs_sign_in
def record() -> ResponseReturnValue:
    return _recording()


@pages.get("/am-thanh/<clip>.opus")
@needs_sign_in
def clip(clip: str) -> ResponseReturnValue:
    """A piece of an alert, as units hold it."""
    try:
        path = station().library.path_of(ClipId(clip))
    except BadName:
        return "", 404
    return send_file(path, mimetype="audio/ogg", conditional=True) if path.is_file() else ("", 404)


@pages.get("/<template>")
@needs_sign_in
def check(template: str) -> ResponseReturnValue:
    return _check(needed_template(template), None, request.args.getlist("noi"))


@pages.get("/<template>/nghe")
@needs_sign_in
def listen(template: str) -> ResponseReturnValue:
    """What it sounds like, or the wait for it, for the page that renews itself."""
    chosen = needed_template(template)
    meant = asked_places(chosen.zones, Verb.RAISE_ALERT, request.args.getlist("noi"))
    heard = pieces(_sounding(chosen, None, meant)) if meant else []
    return render_template("_listen.html", pieces=heard, listen_again=request.full_path)


@pages.post("/phat")
@needs_sign_in
def raise_now() -> ResponseReturnValue:
    """The third tap. Sent twice it is one alert; sent late it is none."""
    template = _template(request.form.get("template"))
    try:
        in_time()
        alert = _known() or told_of(_raised(template))
    except (BadEntry, NotAllowed, NotSent) as fault:
        return _refused(template, fault)
    wake()
    to = url_for("alert_life.show", alert=alert.id)
    return {"to": to} if wants_json() else redirect(to)


def _known() -> Alert | None:
    """What this very form raised already: its times are reckoned from the first tap."""
    versions = desk().known(request.form.get("id", ""))
    real = bool(versions) and versions[0].status is Status.ACTUAL
    return versions[0] if real and versions[0].by == me().login else None


def _raised(template: AlertTemplate | None) -> AlertAct:
    form = request.form
    every = whole(form.get("every", ""))
    return desk().raise_alert(
        me(),
        id=form.get("id", ""),
        template=None if template is None else template.id,
        words=form.get("words"),
        recording=_recorded(),
        zones=form.getlist("zones"),
        repeats=whole(form.get("repeats", "")),
        every=None if every is None else every * _MINUTE,
        until=None if every is None else present() + _minutes("until", 60),
        anyway=form.get("anyway") == "yes",
    )


def _minutes(name: str, otherwise: int) -> timedelta:
    asked = whole(request.form.get(name, ""))
    return (otherwise if asked is None else asked) * _MINUTE


def _recorded() -> str | None:
    """The path of what was recorded with this request; None when nothing was. Raises BadEntry."""
    if "recording" not in request.files and "words" not in request.form and "template" not in request.form:
        raise BadEntry("recording", "no file was chosen", "record something", code="no-file")
    upload = request.files.get("recording")
    if upload is None:
        return None
    if not upload.filename:
        raise BadEntry("recording", "no file was chosen", "record something", code="no-file")
    with tempfile.TemporaryDirectory(dir=station().state, prefix=UPLOADS) as folder:
        received = Path(folder) / "upload"
        upload.save(received)
        return desk().hand_in_recording(me(), received, name=upload.filename)


def _refused(template: AlertTemplate | None, fault: DeskFault) -> ResponseReturnValue:
    """Why it was not sent, on the page it came from."""
    see = url_for("alert_life.show", alert=fault.alert.id) if isinstance(fault, AlreadyRaised) else ""
    status = 409 if see else fault_status(fault)
    sentence = refusal(fault, here())
    if wants_json():
        return {"code": fault.code, "sentence": sentence, "see": see}, status
    words, zones = request.form.get("words"), request.form.getlist("zones")
    if template is None and words is None:
        return _recording(sentence, see), status
    return _check(template, words, zones, sentence, see), status


def _check(
    template: AlertTemplate | None, words: str | None, zones: list[str], wrong: str = "", see: str = ""
) -> str:
    """Exactly where, what and over what; and the button."""
    meant = asked_places((EVERYWHERE,) if template is None else template.zones, Verb.RAISE_ALERT, zones)
    signal = signal_of(template, Message.ALERT)
    return render_template(
        "alert_check.html",
        id=request.form.get("id") if see or wrong else new_id("kc"),
        title="Tin tự gõ" if template is None else template.title,
        template=template,
        words=words,
        pieces=pieces(_sounding(template, words, meant)) if meant else [],
        listen_again=_listen_again(template, words, meant),
        reach=reach(meant),
        chosen=list(meant),
        options=place_options(Verb.RAISE_ALERT) if words is None else [],
        base=partial(_with_places, template),
        repeats=3 if template is None else template.repeats,
        every=request.form.get("every", ""),
        until=request.form.get("until", ""),
        signal=signal.name,
        volume=0.0 if template is None else template.volume,
        lasts=_LASTS if template is None else template.lasts,
        second=template is not None and template.second_person,
        wrong=wrong,
        see=see,
        **called(meant or [EVERYWHERE], None if template is None else template.hazard),
    )


def _listen_again(template: AlertTemplate | None, words: str | None, zones: tuple[str, ...]) -> str:
    if template is None or words is not None:
        return ""
    return url_for("alerting.listen", template=template.id, noi=zones)


def _with_places(template: AlertTemplate | None, value: str) -> str:
    if template is None:
        return url_for("alerting.record", noi=value)
    return url_for("alerting.check", template=template.id, noi=value)


def _sounding(template: AlertTemplate | None, words: str | None, zones: tuple[str, ...]) -> list[Playable]:
    if words is None and template is not None:
        return list(sounds(template, zones, Status.ACTUAL))
    signal = ALERT_SIGNAL if template is None else signal_of(template, Message.ALERT)
    return [signal, Spoken(words=words or "")]


def _recording(wrong: str = "", see: str = "") -> str:
    asked = request.form.getlist("zones") or request.args.getlist("noi")
    meant = asked_places((EVERYWHERE,), Verb.RAISE_ALERT, asked)
    return render_template(
        "alert_record.html",
        id=request.form.get("id") if wrong else new_id("kc"),
        reach=reach(meant),
        chosen=list(meant),
        options=place_options(Verb.RAISE_ALERT),
        base=partial(_with_places, None),
        wrong=wrong,
        see=see,
        **called(meant or [EVERYWHERE], None),
    )


def _typing(
    template: AlertTemplate | None, words: str, zones: list[str], wrong: DeskFault | None = None
) -> str:
    otherwise = (EVERYWHERE,) if template is None else template.zones
    return render_template(
        "alert_type.html",
        template=template,
        words=words,
        action=url_for("alerting.check_typed"),
        back=url_for("alerting.choose"),
        chosen=list(asked_places(otherwise, Verb.RAISE_ALERT, zones)),
        choices=alert_choices(here(), may_reach(me(), here(), Verb.RAISE_ALERT)),
        wrong=None if wrong is None else refusal(wrong, here()),
        of=None,
    )


def _first_words(template: AlertTemplate | None) -> str:
    """The template's words in the station's language, to be changed."""
    if template is None:
        return ""
    wording = template.wording(here().language) or template.wordings[0]
    return wording.alert.words if isinstance(wording.alert, Spoken) else ""


def templates() -> list[AlertTemplate]:
    """The templates in force: hazards in their own order, then by title."""
    order = {hazard: place for place, hazard in enumerate(Hazard)}
    found = station().current.alerts.values()
    return sorted(found, key=lambda template: (order[template.hazard], template.title))


def needed_template(template: str) -> AlertTemplate:
    """Raises NotFound."""
    found = _template(template)
    if found is None:
        raise NotFound("template", template)
    return found


def _template(template: str | None) -> AlertTemplate | None:
    """None for none. Raises NotFound for one that is not there: it must not turn into something else."""
    if not template:
        return None
    try:
        found = station().current.alerts.get(AlertId(template))
    except BadName:
        found = None
    if found is None:
        raise NotFound("template", template)
    return found


def called(zones: list[str] | tuple[str, ...], hazard: Hazard | None) -> dict[str, object]:
    """Whom to call instead."""
    contacts = calls.nearest(read_contacts(station().folder), here(), zones)
    return {"contacts": contacts, "numbers": calls.short_numbers(hazard)}
