"""Nhật ký: what really sounded."""

from datetime import timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from broadcaster.domain.asrun import Outcome
from web.pages import asked_day
from web.reasons import reason_words
from web.session import here, needs_sign_in, present, station

pages = Blueprint("records", __name__, url_prefix="/nhat-ky")

_A_PAGE = 50


@pages.get("/")
@needs_sign_in
def show() -> ResponseReturnValue:
    store = station().store
    today = present().astimezone(here().timezone).date()
    day = asked_day(today)
    older = request.args.get("cu-hon")
    try:
        page = store.asrun.page(first=day, last=day, older=older, limit=_A_PAGE)
    except ValueError:  # no place of ours: begin at the beginning
        older, page = None, store.asrun.page(first=day, last=day, limit=_A_PAGE)
    tally = store.asrun.tally(day, day)
    return render_template(
        "records.html",
        day=day,
        today=today,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        lines=[(entry, *reason_words(entry.reason)) for entry in page.entries],
        older=page.older,
        first_page=older is None,
        aired=tally[Outcome.AIRED],
        missed=sum(tally.values()) - tally[Outcome.AIRED],
        units={joined.unit.id: joined.unit.name for joined in store.units.all()},
    )
