"""Lịch phát: what would play on a day, and what is wrong with that."""

from datetime import timedelta

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from broadcaster.domain.cues import Cue
from broadcaster.store.bulletins import BulletinSheet
from web.pages import asked_day
from web.reasons import problem_words
from web.session import here, needs_sign_in, present, station

pages = Blueprint("rundown", __name__)


@pages.get("/lich-phat")
@needs_sign_in
def show() -> ResponseReturnValue:
    station_now = here()
    today = present().astimezone(station_now.timezone).date()
    day = asked_day(today)
    found, lengths = station().dry_run(day, 1)
    cues = {cue.id: cue for cue in found.cues}
    return render_template(
        "rundown.html",
        day=day,
        today=today,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        lines=[(cue, cue.asked(lengths), _booked(cue)) for cue in found.cues],
        problems=[(problem.at, problem_words(problem, cues, station_now)) for problem in found.problems],
        broken=station().current.faults,
    )


def _booked(cue: Cue) -> list[BulletinSheet]:
    """The bulletins in the cue, also those that nobody has approved yet."""
    store = station().store
    booked = store.bookings.of(cue.id) if cue.closes is not None else ()
    return [sheet for bulletin in booked if (sheet := store.bulletins.sheet(bulletin)) is not None]
