"""Saying something now, taking it back, stopping what is on air."""

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.desk import BadEntry
from web.session import desk, me, needs_sign_in, safe_next, station
from web.words import date_and_time, fault_words, where

pages = Blueprint("air", __name__)


@pages.get("/thong-bao")
@needs_sign_in
def announce() -> ResponseReturnValue:
    return render_template("announce.html", typed={"id": f"tb-{secrets.token_hex(6)}"}, zones=["all"])


@pages.post("/thong-bao")
@needs_sign_in
def announced() -> ResponseReturnValue:
    here = desk().folder.station
    zones = request.form.getlist("zones")
    try:
        sheet = desk().say(
            me(),
            request.form.get("words", ""),
            zones=zones,
            chime="notice",
            id=request.form.get("id") or None,
        )
    except BadEntry as fault:
        return render_template(
            "announce.html", typed=request.form, zones=zones, wrong=fault_words(fault, here)
        ), 400
    station().wake()
    flash(f"Sẽ đọc ở {where(sheet.zones, here)} lúc {date_and_time(sheet.start, here)}.", "ok")
    return redirect(url_for("today.show"))


@pages.post("/huy-thong-bao")
@needs_sign_in
def take_back() -> ResponseReturnValue:
    desk().cancel_announcement(me(), request.form.get("announcement", ""))
    station().wake()
    flash("Đã huỷ, sẽ không phát.", "ok")
    return redirect(safe_next(request.form.get("back")))


@pages.get("/dung-phat")
@needs_sign_in
def confirm_stop() -> ResponseReturnValue:
    """One confirmation whose button names the act and where."""
    return render_template(
        "stop.html",
        cue=request.args.get("cue", ""),
        title=request.args.get("title", ""),
        units=request.args.get("units", ""),
        zones=request.args.getlist("zones") or ["all"],
        id=f"dung-{secrets.token_hex(6)}",
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
    station().wake()
    flash("Đã ra lệnh dừng.", "ok")
    return redirect(url_for("today.show"))
