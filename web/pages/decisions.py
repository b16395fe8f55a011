"""What becomes of a bulletin: submitted, approved or returned; booked into a slot or at a time of its own."""

import re
from collections.abc import Callable
from datetime import date, datetime, time

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.desk import BadEntry, NotAllowed
from broadcaster.domain.bulletin import State
from broadcaster.domain.instants import to_utc
from broadcaster.domain.names import CueId
from broadcaster.domain.timetable import named_at
from web.pages import asked_zones
from web.pages.bulletins import one_page, seen
from web.reasons import problem_words
from web.session import desk, here, me, needs_sign_in, station, wake
from web.words import when

_CLOCK = re.compile(
    r"(?P<hours>[0-9]{1,2})(?:\s*(?:[:.hHgG]|giờ)\s*(?P<minutes>[0-9]{1,2})?|(?P<bare>[0-9]{2}))?\s*(?:phút)?"
)

pages = Blueprint("decisions", __name__, url_prefix="/ban-tin")


@pages.post("/<bulletin>/gui-duyet")
@needs_sign_in
def submit(bulletin: str) -> ResponseReturnValue:
    def act() -> str:
        after = desk().submit(me(), bulletin)
        return "Đã cho phép phát." if after.state is State.APPROVED else "Đã gửi lãnh đạo duyệt."

    return _done(bulletin, act)


@pages.post("/<bulletin>/duyet")
@needs_sign_in
def approve(bulletin: str) -> ResponseReturnValue:
    def act() -> str:
        desk().approve(me(), bulletin, seen=seen())
        return "Đã duyệt."

    return _done(bulletin, act)


@pages.post("/<bulletin>/tra-lai")
@needs_sign_in
def return_(bulletin: str) -> ResponseReturnValue:
    def act() -> str:
        desk().return_(me(), bulletin, why=request.form.get("why", ""))
        return "Đã trả lại người soạn, kèm lý do."

    return _done(bulletin, act)


@pages.post("/<bulletin>/xep")
@needs_sign_in
def book(bulletin: str) -> ResponseReturnValue:
    def act() -> str:
        cue = request.form.get("cue", "")
        desk().book(me(), bulletin, cue)
        _warn_of(CueId(cue))
        return "Đã xếp vào buổi phát."

    return _done(bulletin, act)


@pages.post("/<bulletin>/bo-xep")
@needs_sign_in
def unbook(bulletin: str) -> ResponseReturnValue:
    def act() -> str:
        desk().unbook(me(), bulletin, request.form.get("cue", ""))
        return "Đã lấy ra khỏi buổi phát."

    return _done(bulletin, act)


@pages.post("/<bulletin>/hen-gio")
@needs_sign_in
def book_at(bulletin: str) -> ResponseReturnValue:
    def act() -> str:
        sheet = desk().book_at(
            me(),
            bulletin,
            at=_typed_time(),
            zones=asked_zones(),
            id=request.form.get("id") or None,
        )
        _warn_of(named_at(sheet.id, sheet.start, here().timezone))
        return f"Đã hẹn phát lúc {when(sheet.start, sheet.asked, here())}."

    return _done(bulletin, act)


def _done(bulletin: str, act: Callable[[], str]) -> ResponseReturnValue:
    """Do it and tell so, or show the bulletin again with what is wrong."""
    try:
        words = act()
    except (BadEntry, NotAllowed) as fault:
        status = 403 if isinstance(fault, NotAllowed) else 400
        return one_page(desk().needed_bulletin(bulletin), request.form.to_dict(), fault), status
    wake()
    flash(words, "ok")
    return redirect(url_for("bulletins.one", bulletin=bulletin))


def _typed_time() -> datetime:
    """Day and time as typed (`17:30`, `17h30`, `17 giờ`): local to the station, not to the phone.

    Raises BadEntry.
    """
    try:
        day = date.fromisoformat(request.form.get("day", ""))
        found = _CLOCK.fullmatch(request.form.get("time", "").strip())
        if found is None:
            raise ValueError
        at = time(int(found["hours"]), int(found["minutes"] or found["bare"] or 0))
        return to_utc(datetime.combine(day, at), here().timezone)
    except (ValueError, OverflowError):
        raise BadEntry("at", "this is no date and time", "choose both", code="no-time") from None


def _warn_of(cue: CueId) -> None:
    """Tell at once what will go wrong with what was just booked."""
    found, _ = station().dry_run(cue.day, 1)
    cues = {each.id: each for each in found.cues}
    for problem in found.problems:
        if cue in problem.cues:
            flash(problem_words(problem, cues, here()), "warn")
