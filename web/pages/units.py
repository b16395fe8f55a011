"""Cụm loa: how the units are; letting one in, its loudness, its test chime."""

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster import clock
from broadcaster.desk import BadEntry
from web.session import board, desk, me, needs_sign_in, station
from web.words import fault_words

pages = Blueprint("units", __name__, url_prefix="/cum-loa")


@pages.get("/")
@needs_sign_in
def show() -> ResponseReturnValue:
    return _page()


@pages.post("/nhan")
@needs_sign_in
def admit() -> ResponseReturnValue:
    typed = request.form
    try:
        joined = desk().pair_unit(
            me(), typed.get("code", ""), name=typed.get("name", ""), zone=typed.get("zone", "")
        )
    except BadEntry as fault:
        return _page(typed.to_dict(), fault_words(fault, desk().folder.station)), 400
    station().wake()
    flash(f"Đã nhận cụm loa {joined.unit.name}.", "ok")
    return redirect(url_for("units.show"))


@pages.post("/<unit>/am-luong")
@needs_sign_in
def volume(unit: str) -> ResponseReturnValue:
    try:
        decibels = float(request.form.get("decibels", ""))
    except ValueError:
        decibels = 1.0  # not a number: the desk says what is expected
    desk().set_volume(me(), unit, decibels)
    station().wake()
    flash("Đã đặt âm lượng.", "ok")
    return redirect(url_for("units.show"))


@pages.post("/<unit>/thu-chuong")
@needs_sign_in
def test_chime(unit: str) -> ResponseReturnValue:
    desk().test_chime(me(), unit, id=request.form.get("id") or None)
    station().wake()
    flash("Đã ra lệnh thử chuông.", "ok")
    return redirect(url_for("units.show"))


def _page(typed: dict[str, str] | None = None, wrong: str | None = None) -> str:
    now = clock.now()
    return render_template(
        "units.html",
        reports=board().units(now),
        waiting=station().store.joining.waiting(now),
        typed=typed or {},
        wrong=wrong,
        chime_id=f"thu-{secrets.token_hex(6)}",
    )
