"""Cụm loa: how the units are; letting one in, its loudness, its test chime."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.desk import BadEntry
from broadcaster.desk.units import QUIETEST
from web.pages import new_id
from web.refusals import refusal
from web.session import board, desk, here, me, needs_sign_in, present, station, wake

pages = Blueprint("units", __name__, url_prefix="/cum-loa")

_STEPS = (0, -3, -6, -9, -12, -18, -24, -30, -40, -60)
"""dB: so much more or less is heard as one step."""


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
        return _page(typed.to_dict(), fault), 400
    wake()
    flash(f"Đã nhận cụm loa {joined.unit.name}. Một phút nữa là có lịch phát.", "ok")
    return redirect(url_for("units.show"))


@pages.post("/<unit>/am-luong")
@needs_sign_in
def volume(unit: str) -> ResponseReturnValue:
    try:
        decibels = float(request.form.get("decibels", ""))
    except ValueError:
        decibels = 2 * QUIETEST  # no number: the desk says what is expected
    joined = desk().set_volume(me(), unit, decibels)
    wake()
    loudness = f"{joined.volume:.0f} dB".replace("-", "−")
    flash(f"Đã đặt âm lượng {joined.unit.name}: {loudness}.", "ok")
    return redirect(url_for("units.show", _anchor=unit))


@pages.post("/<unit>/thu-chuong")
@needs_sign_in
def test_chime(unit: str) -> ResponseReturnValue:
    desk().test_chime(me(), unit, id=request.form.get("id") or None)
    wake()
    flash(f"Đã ra lệnh thử chuông ở {desk().needed_unit(unit).unit.name}. Hãy nghe.", "ok")
    return redirect(url_for("units.show", _anchor=unit))


def _page(typed: dict[str, str] | None = None, wrong: BadEntry | None = None) -> str:
    now = present()
    places = {zone.id: place for place, zone in enumerate(here().zones)}
    return render_template(
        "units.html",
        now=now,
        reports=sorted(board().units(now), key=lambda report: places.get(report.joined.unit.zone, 0)),
        waiting=station().store.joining.waiting(now),
        steps=_STEPS,
        typed=typed or {},
        wrong=None if wrong is None else refusal(wrong, here()),
        field="" if wrong is None else wrong.field,
        chime=new_id("thu"),
    )
