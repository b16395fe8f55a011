"""Saying something now, taking it back, stopping what is on air."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.desk import BadEntry, DeskFault, NotAllowed, Verb, entries
from broadcaster.domain.places import EVERYWHERE
from broadcaster.domain.programme import Spoken
from broadcaster.folder import find_chime
from broadcaster.folder.audio import BadAudio
from broadcaster.hub.preparation import CannotMake
from web.areas import choices, hours, only_own
from web.pages import as_said, asked_zones, new_id
from web.refusals import cannot_make, refusal
from web.session import board, desk, here, me, needs_sign_in, present, previews, safe_next, station, wake
from web.words import where

pages = Blueprint("air", __name__)

_CHIME = "notice"


@pages.get("/thong-bao")
@needs_sign_in
def announce() -> ResponseReturnValue:
    return _announcement({"id": new_id("tb")}, [EVERYWHERE])


@pages.post("/thong-bao")
@needs_sign_in
def announced() -> ResponseReturnValue:
    """First what will be read, where and by how many is shown; then, if the person is sure, it is said."""
    typed, zones = request.form.to_dict(), asked_zones()
    if typed.get("sure") == "no":
        return _announcement(typed, zones)
    try:
        if typed.get("sure") != "yes":
            return _check(typed, zones)
        sheet = desk().say(
            me(),
            typed.get("words", ""),
            zones=zones,
            chime=_chime(),
            id=typed.get("id") or None,
        )
    except (BadEntry, NotAllowed) as fault:
        return _announcement(typed, zones, fault), 400
    wake()
    flash(f"Đã nhận. Loa ở {where(sheet.zones, here())} sẽ đọc trong ít phút.", "ok")
    return redirect(url_for("today.show"))


@pages.post("/huy-thong-bao")
@needs_sign_in
def take_back() -> ResponseReturnValue:
    desk().cancel_announcement(me(), request.form.get("announcement", ""))
    wake()
    flash("Đã huỷ, sẽ không phát.", "ok")
    return redirect(safe_next(request.form.get("back")))


@pages.get("/dung-phat")
@needs_sign_in
def confirm_stop() -> ResponseReturnValue:
    """One confirmation whose button names the act and the number of units."""
    wanted = request.args.get("cue", "")
    reports = board().units(present())
    air = next((air for air in board().on_air(reports) if air.cue == wanted), None)
    if wanted and air is None:
        return render_template("stop.html", over=True)
    everywhere = here().reach([EVERYWHERE])
    zones = only_own(here(), me(), Verb.STOP, everywhere if air is None else air.zones)
    meant = [
        report
        for report in reports
        if report.joined.unit.zone in zones
        and (air is None or (report.playing is not None and report.playing.cue == air.cue))
    ]
    return render_template(
        "stop.html",
        cue="" if air is None else air.cue,
        title="Mọi thứ đang phát" if air is None else air.title,
        zones=[EVERYWHERE] if zones == everywhere else sorted(zones),
        units=len(meant),
        id=new_id("dung"),
    )


@pages.post("/dung-phat")
@needs_sign_in
def stop() -> ResponseReturnValue:
    desk().stop(
        me(),
        zones=request.form.getlist("zones"),
        cue=request.form.get("cue") or None,
        id=request.form.get("id") or None,
    )
    wake()
    flash("Đã ra lệnh dừng. Loa im trong vài giây.", "ok")
    return redirect(url_for("today.show"))


def _announcement(typed: dict[str, str], zones: list[str], wrong: DeskFault | None = None) -> str:
    station_now = here()
    return render_template(
        "announce.html",
        typed=typed,
        chosen=zones,
        choices=choices(station_now, me(), Verb.SAY),
        hours=hours(station_now),
        wrong=None if wrong is None else refusal(wrong, station_now),
        field=wrong.field if isinstance(wrong, BadEntry) else "",
    )


def _check(typed: dict[str, str], zones: list[str]) -> str:
    """What will be read, where and by how many. Its speech is begun meanwhile. Raises BadEntry."""
    station_now = here()
    words = entries.words(typed.get("words", ""))
    wanted = entries.zones(station_now, zones)
    entries.open_somewhere(station_now, wanted, present())
    reached = station_now.reach(wanted)
    mute = ""
    try:
        previews().ask(Spoken(words=words, chime=_CHIME))
    except CannotMake as fault:
        mute = cannot_make(fault)
    return render_template(
        "announce_check.html",
        id=typed.get("id", ""),
        words=words,
        said=as_said(words, station_now.language),
        zones=wanted,
        units=sum(report.joined.unit.zone in reached for report in board().units(present())),
        mute=mute,
    )


def _chime() -> str | None:
    """The chime before an announcement, where the station has one."""
    try:
        find_chime(station().folder, _CHIME)
    except BadAudio:
        return None
    return _CHIME
