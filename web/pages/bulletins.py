"""Bản tin: the list, writing one, one as it is, and what it sounds like."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from broadcaster.desk import BadEntry, DeskFault, Scope, Verb, scope_of
from broadcaster.domain.bulletin import Bulletin, State
from broadcaster.domain.people import Role
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.domain.programme import Playable, Rank, Recorded, Spoken
from broadcaster.hub.preparation import CannotMake
from broadcaster.store.bulletins import BulletinSheet
from web.areas import choices, days_ahead, hours, only_own, proposed
from web.pages import as_said, asked_zones, new_id
from web.refusals import cannot_make, refusal
from web.session import (
    LONGEST_UPLOAD,
    UPLOADS,
    board,
    desk,
    here,
    me,
    needs_sign_in,
    present,
    previews,
    station,
    wake,
)

__all__ = ["one_page", "pages", "seen"]

pages = Blueprint("bulletins", __name__, url_prefix="/ban-tin")

_SLOT_DAYS = 3
_DAYS_AHEAD = 60
_SLOTS_SHOWN = 6


@pages.get("/")
@needs_sign_in
def show() -> ResponseReturnValue:
    try:
        state: State | None = State(request.args.get("xem", ""))
    except ValueError:
        state = None
    return render_template(
        "bulletins.html", sheets=station().store.bulletins.list(state=state), chosen=state, names=_names()
    )


@pages.get("/soan")
@needs_sign_in
def compose() -> ResponseReturnValue:
    return _form({"id": new_id("bt"), "rank": "ordinary", "how": "words"})


@pages.post("/soan")
@needs_sign_in
def composed() -> ResponseReturnValue:
    typed = request.form.to_dict()
    try:
        words, recording = _content(typed)
        bulletin = desk().write_bulletin(
            me(),
            title=typed.get("title", ""),
            words=words,
            recording=recording,
            rank=Rank.PRIORITY if typed.get("rank") == "priority" else Rank.ORDINARY,
            id=typed.get("id") or None,
        )
    except BadEntry as fault:
        return _form(typed, fault), 400
    flash("Đã lưu bản tin. Nghe thử, rồi chọn giờ phát.", "ok")
    return redirect(url_for("bulletins.one", bulletin=bulletin.id))


@pages.get("/<bulletin>")
@needs_sign_in
def one(bulletin: str) -> ResponseReturnValue:
    return one_page(desk().needed_bulletin(bulletin))


@pages.post("/<bulletin>/sua")
@needs_sign_in
def rewrite(bulletin: str) -> ResponseReturnValue:
    before = desk().needed_bulletin(bulletin).bulletin
    typed = request.form.to_dict()
    try:
        after = desk().rewrite(
            me(),
            bulletin,
            title=typed.get("title", ""),
            words=None if before.words is None else typed.get("words", ""),
            recording=before.recording,
            seen=seen(),
        )
    except BadEntry as fault:
        return one_page(desk().needed_bulletin(bulletin), typed, fault), 400
    wake()
    lost = before.state is State.APPROVED and after.state is not State.APPROVED
    flash("Đã lưu. Bản tin phải được duyệt lại." if lost else "Đã lưu.", "ok")
    return redirect(url_for("bulletins.one", bulletin=bulletin))


@pages.get("/<bulletin>/nghe")
@needs_sign_in
def listen(bulletin: str) -> ResponseReturnValue:
    """The player alone, or the wait for it, for the page that renews itself."""
    sheet = desk().needed_bulletin(bulletin)
    return render_template("_sound.html", b=sheet.bulletin, **_heard(sheet.bulletin))


@pages.get("/<bulletin>/am-thanh.opus")
@needs_sign_in
def sound(bulletin: str) -> ResponseReturnValue:
    try:
        product = previews().ask(_item(desk().needed_bulletin(bulletin).bulletin))
    except CannotMake:
        product = None
    if product is None:
        return "", 404
    return send_file(station().library.path_of(product.clip.id), mimetype="audio/ogg", conditional=True)


def seen() -> datetime:
    """Which words the person had before their eyes, as their form says; never any when it does not."""
    try:
        return datetime.fromisoformat(request.form.get("seen", ""))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)


def one_page(
    sheet: BulletinSheet, typed: dict[str, str] | None = None, wrong: DeskFault | None = None
) -> str:
    """One bulletin; `typed` and `wrong` when something could not be done with it."""
    station_now, bulletin = here(), sheet.bulletin
    language = bulletin.language or station_now.language
    return render_template(
        "bulletin.html",
        sheet=sheet,
        b=bulletin,
        names=_names(),
        mine=bulletin.author == me().login,
        own_words=me().login in (bulletin.author, sheet.words_by) and Role.ADMIN not in me().roles,
        trusted=not station_now.approval and scope_of(me(), Verb.SUBMIT) is Scope.ALL,
        said=None if bulletin.words is None else as_said(bulletin.words, language),
        typed=typed or {},
        wrong=None if wrong is None else refusal(wrong, station_now),
        field=wrong.field if isinstance(wrong, BadEntry) else "",
        **_heard(bulletin),
        **_times(bulletin, station_now),
    )


def _times(bulletin: Bulletin, station_now: Station) -> dict[str, object]:
    """When and where it airs, and could."""
    now = present()
    places = board().places(bulletin.id, now)
    taken = {place.cue for place in places}
    free = [
        slot
        for slot in board().slots(now, _SLOT_DAYS)
        if slot.cue not in taken and slot.zones <= only_own(station_now, me(), Verb.BOOK, slot.zones)
    ]
    return {
        "places": places,
        "slots": free[:_SLOTS_SHOWN],
        "choices": choices(station_now, me(), Verb.BOOK_AT),
        "chosen": asked_zones() if "time" in request.form else [EVERYWHERE],
        "hours": hours(station_now),
        "days": days_ahead(station_now, now, _DAYS_AHEAD),
        "proposed": proposed(station_now, now),
        "wish": new_id("hg"),
    }


def _heard(bulletin: Bulletin) -> dict[str, object]:
    """Its sound, or why there is none, or neither: it is being made."""
    try:
        return {"product": previews().ask(_item(bulletin)), "mute": ""}
    except CannotMake as fault:
        return {"product": None, "mute": cannot_make(fault)}


def _item(bulletin: Bulletin) -> Playable:
    """What planning will make of it, to the letter, so that what is heard here is what airs."""
    if bulletin.recording is not None:
        return Recorded(path=bulletin.recording, bulletin=bulletin.id)
    return Spoken(words=bulletin.words or "", language=bulletin.language, bulletin=bulletin.id)


def _content(typed: dict[str, str]) -> tuple[str | None, str | None]:
    """Words as typed, or the path of the recording that was handed in, now or with the attempt before.

    Raises BadEntry. A recording that was taken in stays in `typed`, so that nobody has to send it twice.
    """
    if typed.get("how") != "sound":
        return typed.get("words", ""), None
    upload = request.files.get("recording")
    if upload is not None and upload.filename:
        with tempfile.TemporaryDirectory(dir=station().state, prefix=UPLOADS) as folder:
            received = Path(folder) / "upload"
            upload.save(received)
            typed["kept"] = desk().hand_in_recording(me(), received, name=upload.filename)
        typed["kept_name"] = Path(upload.filename).name
    if not typed.get("kept"):
        raise BadEntry("recording", "no file was chosen", "choose one", code="no-file")
    return None, typed["kept"]


def _names() -> dict[str, str]:
    return {person.login: person.name for person in station().store.people.all()}


def _form(typed: dict[str, str], wrong: DeskFault | None = None) -> str:
    return render_template(
        "compose.html",
        typed=typed,
        most=LONGEST_UPLOAD,
        wrong=None if wrong is None else refusal(wrong, here()),
        field=wrong.field if isinstance(wrong, BadEntry) else "",
    )
