"""Nhật ký: what really sounded."""

from datetime import date, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from broadcaster import clock
from web.session import desk, needs_sign_in, station

pages = Blueprint("records", __name__, url_prefix="/nhat-ky")


@pages.get("/")
@needs_sign_in
def show() -> ResponseReturnValue:
    here = desk().folder.station
    today = clock.now().astimezone(here.timezone).date()
    try:
        day = date.fromisoformat(request.args["ngay"])
    except (KeyError, ValueError):
        day = today
    older = request.args.get("cu-hon")
    try:
        page = station().store.asrun.page(first=day, last=day, older=older)
    except ValueError:
        page = station().store.asrun.page(first=day, last=day)
    return render_template(
        "records.html",
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        page=page,
        units={joined.unit.id: joined.unit.name for joined in station().store.units.all()},
    )
