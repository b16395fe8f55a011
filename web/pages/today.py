"""Hôm nay: what sounds now, what comes, the day so far, and how the units are. And a day to come, dry."""

from datetime import date, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from broadcaster import clock
from web.session import board, desk, needs_sign_in, station

pages = Blueprint("today", __name__)


@pages.get("/")
@needs_sign_in
def show() -> ResponseReturnValue:
    return render_template("today.html", **_present())


@pages.get("/hom-nay/bay-gio")
@needs_sign_in
def present() -> ResponseReturnValue:
    """The moving part of the page alone, for the page that refreshes itself."""
    return render_template("_present.html", **_present())


def _present() -> dict[str, object]:
    now = clock.now()
    here = desk().folder.station
    reports = board().units(now)
    return {
        "now": now,
        "air": board().on_air(now, reports),
        "coming": board().coming(now),
        "lines": board().day(here, now.astimezone(here.timezone).date(), reports),
        "reports": reports,
    }


@pages.get("/lich-phat")
@needs_sign_in
def rundown() -> ResponseReturnValue:
    """Lịch phát: what would play on a day."""
    here = desk().folder.station
    today = clock.now().astimezone(here.timezone).date()
    day = _day(request.args.get("ngay"), today + timedelta(days=1))
    found, lengths = station().dry_run(day, 1)
    return render_template(
        "rundown.html",
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        cues=[(cue, cue.asked(lengths)) for cue in found.cues],
        problems=found.problems,
    )


def _day(text: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError:
        return otherwise
