"""Diễn tập: the same steps, behind a door of their own. What is sent here can only be a drill, and its first
words say so; nothing that was raised as an alert is known here."""

from collections.abc import Callable, Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.desk import AlertAct, BadEntry, NotAllowed, NotFound, NotSent, Verb, entries
from broadcaster.desk.alertreports import AlertReport
from broadcaster.domain.alert import Status
from web.areas import hours
from web.checks import asked_places, in_time, may_reach, pieces, place_options, reach, sounds, whole
from web.faults import fault_status
from web.live import conditional, needed_report, told_of
from web.pages import new_id
from web.pages.alerting import needed_template, templates
from web.refusals import refusal
from web.session import desk, here, me, needs_sign_in, present, station, wake, wants_json

__all__ = ["pages"]

pages = Blueprint("drills", __name__, url_prefix="/dien-tap")


@pages.get("/")
@needs_sign_in
def choose() -> ResponseReturnValue:
    mine = may_reach(me(), here(), Verb.DRILL)
    return render_template("drill_choose.html", tiles=templates(), allowed=bool(mine))


@pages.get("/<template>")
@needs_sign_in
def check(template: str) -> ResponseReturnValue:
    return _check(template)


@pages.post("/chay")
@needs_sign_in
def run_drill() -> ResponseReturnValue:
    form = request.form
    try:
        in_time()
        drill = told_of(
            desk().raise_drill(
                me(), id=form.get("id", ""), template=form.get("template", ""), zones=form.getlist("zones")
            )
        )
    except (BadEntry, NotAllowed, NotSent) as fault:
        if wants_json():
            raise
        return _check(form.get("template", ""), refusal(fault, here())), fault_status(fault)
    wake()
    to = url_for("drills.show", drill=drill.id)
    return {"to": to} if wants_json() else redirect(to)


@pages.get("/dang-chay/<drill>")
@needs_sign_in
def show(drill: str) -> ResponseReturnValue:
    return render_template("drill_live.html", whole=True, wrong="", **_shown(_report(drill)))


@pages.get("/dang-chay/<drill>/bay-gio")
@needs_sign_in
def moving(drill: str) -> ResponseReturnValue:
    """The moving part of the page alone, for the page that renews itself."""
    return conditional(render_template("_drill.html", whole=False, **_shown(_report(drill))))


@pages.get("/dang-chay/<drill>/co-khong")
@needs_sign_in
def known(drill: str) -> ResponseReturnValue:
    """Whether a drill that a phone believes it did not send did arrive after all."""
    there = bool(desk().known(drill))
    return {"to": url_for("drills.show", drill=drill) if there else None}


@pages.post("/dang-chay/<drill>/<act>")
@needs_sign_in
def carry_out(drill: str, act: str) -> ResponseReturnValue:
    verb = ACTS.get(act)
    if verb is None:
        raise NotFound("act", act)
    report = _report(drill)
    try:
        verb(drill, whole(request.form.get("based_on", "")) or 0)
    except (BadEntry, NotAllowed, NotSent) as fault:
        if wants_json():
            raise
        wrong = refusal(fault, here())
        return render_template(
            "drill_live.html", whole=True, wrong=wrong, **_shown(_report(drill))
        ), fault_status(fault)
    wake()
    to = url_for("drills.show", drill=report.alert.id)
    return {"to": to} if wants_json() else redirect(to)


ACTS: Mapping[str, Callable[[str, int], AlertAct]] = {
    "huy": lambda drill, seen: desk().cancel_alert(me(), drill, seen),
    "dung": lambda drill, seen: desk().stop_alert(me(), drill, based_on=seen),
}
"""What can be done with a drill, by the last word of the address."""


def _report(drill: str) -> AlertReport:
    """Raises NotFound: nothing of that name, or an alert that is meant."""
    return needed_report(drill, Status.EXERCISE)


def _shown(report: AlertReport) -> dict[str, object]:
    """What the moving part shows; without a word that changes though nothing happened."""
    return {
        "report": report,
        "alert": report.alert,
        "now": present(),
        "near": {},
        "people": {person.login: person.name for person in station().store.people.all()},
    }


def _check(template: str, wrong: str = "") -> str:
    chosen, station_now = needed_template(template), here()
    asked = request.form.getlist("zones") or request.args.getlist("noi")
    meant = asked_places(chosen.zones, Verb.DRILL, asked)
    return render_template(
        "drill_check.html",
        id=new_id("dt"),
        template=chosen,
        pieces=pieces(sounds(chosen, meant, Status.EXERCISE)) if meant else [],
        reach=reach(meant),
        chosen=list(meant),
        options=place_options(Verb.DRILL),
        base=lambda value: url_for("drills.check", template=chosen.id, noi=value),
        closed=bool(meant) and not _open_somewhere(meant),
        hours=hours(station_now),
        wrong=wrong,
    )


def _open_somewhere(zones: tuple[str, ...]) -> bool:
    """Whether a drill would be heard now: it keeps to the allowed hours."""
    try:
        entries.open_somewhere(here(), zones, present())
    except BadEntry:
        return False
    return True
