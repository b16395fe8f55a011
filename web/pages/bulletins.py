"""Bản tin: writing, hearing, approving, booking."""

import secrets
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from broadcaster import clock
from broadcaster.desk import BadEntry, DeskFault
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.instants import Spell, to_utc
from broadcaster.domain.names import BadName, BulletinId
from broadcaster.domain.programme import Playable, Rank, Recorded, Spoken
from broadcaster.domain.rundown import Cue
from broadcaster.hub.preparation import CannotMake
from broadcaster.store.bulletins import BulletinSheet
from web.session import desk, me, needs_sign_in, previews, station
from web.words import fault_words

pages = Blueprint("bulletins", __name__, url_prefix="/ban-tin")

_SLOTS_AHEAD = timedelta(days=3)


@pages.get("/")
@needs_sign_in
def show() -> ResponseReturnValue:
    return render_template("bulletins.html", sheets=station().store.bulletins.list())


@pages.get("/soan")
@needs_sign_in
def compose() -> ResponseReturnValue:
    return _form({"id": f"bt-{secrets.token_hex(6)}", "rank": "ordinary"})


@pages.post("/soan")
@needs_sign_in
def composed() -> ResponseReturnValue:
    typed = request.form
    try:
        words, recording = _content()
        bulletin = desk().write_bulletin(
            me(),
            title=typed.get("title", ""),
            words=words,
            recording=recording,
            rank=Rank.PRIORITY if typed.get("rank") == "priority" else Rank.ORDINARY,
            id=typed.get("id") or None,
        )
    except BadEntry as fault:
        return _form(typed.to_dict(), fault), 400
    return redirect(url_for("bulletins.one", bulletin=bulletin.id))


@pages.get("/<bulletin>")
@needs_sign_in
def one(bulletin: str) -> ResponseReturnValue:
    sheet = desk().needed_bulletin(bulletin)
    return _page(sheet)


@pages.post("/<bulletin>/sua")
@needs_sign_in
def rewrite(bulletin: str) -> ResponseReturnValue:
    sheet = desk().needed_bulletin(bulletin)
    words = request.form.get("words") if sheet.bulletin.words is not None else None
    try:
        desk().rewrite(
            me(),
            bulletin,
            title=request.form.get("title", ""),
            words=words,
            recording=sheet.bulletin.recording,
        )
    except BadEntry as fault:
        return _page(sheet, typed=request.form.to_dict(), wrong=fault), 400
    flash("Đã lưu.", "ok")
    return _back(bulletin)


@pages.post("/<bulletin>/gui-duyet")
@needs_sign_in
def submit(bulletin: str) -> ResponseReturnValue:
    desk().submit(me(), bulletin)
    flash("Đã gửi lãnh đạo duyệt.", "ok")
    return _back(bulletin)


@pages.post("/<bulletin>/duyet")
@needs_sign_in
def approve(bulletin: str) -> ResponseReturnValue:
    seen = request.form.get("seen")
    desk().approve(me(), bulletin, seen=datetime.fromisoformat(seen) if seen else None)
    station().wake()
    flash("Đã duyệt.", "ok")
    return _back(bulletin)


@pages.post("/<bulletin>/tra-lai")
@needs_sign_in
def return_(bulletin: str) -> ResponseReturnValue:
    desk().return_(me(), bulletin, why=request.form.get("why", ""))
    station().wake()
    flash("Đã trả lại người soạn.", "ok")
    return _back(bulletin)


@pages.post("/<bulletin>/xep")
@needs_sign_in
def book(bulletin: str) -> ResponseReturnValue:
    try:
        desk().book(me(), bulletin, request.form.get("cue", ""))
    except BadEntry as fault:
        return _page(desk().needed_bulletin(bulletin), wrong=fault), 400
    station().wake()
    flash("Đã xếp vào buổi phát.", "ok")
    return _back(bulletin)


@pages.post("/<bulletin>/bo-xep")
@needs_sign_in
def unbook(bulletin: str) -> ResponseReturnValue:
    try:
        desk().unbook(me(), bulletin, request.form.get("cue", ""))
    except BadEntry as fault:
        return _page(desk().needed_bulletin(bulletin), wrong=fault), 400
    station().wake()
    flash("Đã lấy ra khỏi buổi phát.", "ok")
    return _back(bulletin)


@pages.post("/<bulletin>/hen-gio")
@needs_sign_in
def book_at(bulletin: str) -> ResponseReturnValue:
    try:
        desk().book_at(
            me(),
            bulletin,
            at=_typed_time(request.form.get("at", "")),
            zones=request.form.getlist("zones"),
            id=request.form.get("id") or None,
        )
    except BadEntry as fault:
        return _page(desk().needed_bulletin(bulletin), typed=request.form.to_dict(), wrong=fault), 400
    station().wake()
    flash("Đã hẹn giờ phát.", "ok")
    return _back(bulletin)


@pages.get("/<bulletin>/nghe")
@needs_sign_in
def listen(bulletin: str) -> ResponseReturnValue:
    """Hear it before it airs: a page that waits for the sound, then plays it."""
    sheet = desk().needed_bulletin(bulletin)
    try:
        product = previews().ask(_item(sheet.bulletin))
    except CannotMake as fault:
        return render_template("listen.html", sheet=sheet, product=None, why=str(fault))
    return render_template("listen.html", sheet=sheet, product=product, why="")


@pages.get("/<bulletin>/am-thanh.opus")
@needs_sign_in
def sound(bulletin: str) -> ResponseReturnValue:
    product = previews().ask(_item(desk().needed_bulletin(bulletin).bulletin))
    if product is None:
        return "", 404
    path = station().library.path_of(product.clip.id)
    return send_file(path, mimetype="audio/ogg", conditional=True)


def _item(bulletin: Bulletin) -> Playable:
    """What planning will make of it, to the letter, so that what is heard here is what airs."""
    if bulletin.recording is not None:
        return Recorded(path=bulletin.recording, bulletin=bulletin.id)
    return Spoken(words=bulletin.words or "", language=bulletin.language, bulletin=bulletin.id)


def _content() -> tuple[str | None, str | None]:
    """Words as typed, or the path of the recording that was uploaded. Raises BadEntry."""
    upload = request.files.get("recording")
    words = request.form.get("words", "")
    if upload is None or not upload.filename:
        return words, None
    if words.strip():
        raise BadEntry("words", "both were given", "words or a recording", code="words-or-recording")
    with tempfile.TemporaryDirectory(dir=station().state, prefix=".upload-") as folder:
        kept = Path(folder) / "upload"
        upload.save(kept)
        return None, desk().hand_in_recording(me(), kept, name=upload.filename)


def _typed_time(text: str) -> datetime:
    """What a datetime-local field sends: local to the station, not to the phone."""
    try:
        return to_utc(datetime.fromisoformat(text).replace(tzinfo=None), desk().folder.station.timezone)
    except ValueError:
        raise BadEntry("at", "this is no date and time", "choose both", code="no-time") from None


def _slots(sheet: BulletinSheet) -> list[Cue]:
    """Slots of the coming days that still take bulletins."""
    now = clock.now()
    first = now.astimezone(desk().folder.station.timezone).date()
    found, _ = station().dry_run(first, _SLOTS_AHEAD.days)
    return [cue for cue in found.cues if cue.frozen_at is not None and now < cue.frozen_at]


def _booked(sheet: BulletinSheet) -> tuple[list[str], list[object]]:
    """The slots it stands in, and the times of its own it is booked for."""
    now = clock.now()
    span = Spell(begin=now - timedelta(days=7), end=now + timedelta(days=366))
    own = [
        a
        for a in station().store.announcements.within(span)
        if a.bulletin == sheet.bulletin.id and a.cancelled_by is None
    ]
    return list(station().store.bookings.cues_of(sheet.bulletin.id)), list(own)


def _form(typed: dict[str, str], wrong: DeskFault | None = None) -> str:
    words = None if wrong is None else fault_words(wrong, desk().folder.station)
    field = wrong.field if isinstance(wrong, BadEntry) else ""
    return render_template("compose.html", typed=typed, wrong=words, field=field)


def _page(
    sheet: BulletinSheet, typed: dict[str, str] | None = None, wrong: DeskFault | None = None
) -> str:
    booked, own = _booked(sheet)
    return render_template(
        "bulletin.html",
        sheet=sheet,
        typed=typed or {},
        slots=_slots(sheet),
        booked=booked,
        own=own,
        wish=f"hg-{secrets.token_hex(6)}",
        wrong=None if wrong is None else fault_words(wrong, desk().folder.station),
    )


def _back(bulletin: str) -> ResponseReturnValue:
    try:
        return redirect(url_for("bulletins.one", bulletin=BulletinId(bulletin)))
    except BadName:
        return redirect(url_for("bulletins.show"))
