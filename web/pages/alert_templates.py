"""Mẫu khẩn cấp: what is ready to be said when it comes to it, which units are ready for it, and changing it.

Saving a template has it spoken and laid on every unit; the list shows how far that is.
"""

from collections.abc import Mapping
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.desk import BadEntry, Verb
from broadcaster.domain.alert import AlertTemplate, Hazard, Severity, Wording
from broadcaster.domain.names import slug
from broadcaster.domain.places import EVERYWHERE
from broadcaster.domain.programme import Recorded, Spoken
from broadcaster.folder.templates import SIGNALS
from web.areas import choices
from web.pages import asked_zones, new_id
from web.pages.alerting import needed_template
from web.refusals import refusal
from web.session import alert_board, board, desk, here, me, needs_sign_in, present, station, wake

__all__ = ["pages"]

pages = Blueprint("alert_templates", __name__, url_prefix="/mau-khan-cap")

_NAME = 40
_TEXTS = ("alert", "correction", "all_clear", "drill")


@pages.get("/")
@needs_sign_in
def show() -> ResponseReturnValue:
    now = present()
    reports = board().units(now)
    tests = station().store.readiness.tests(1)
    return render_template(
        "alert_templates.html",
        reports=alert_board().readiness(reports, now),
        names={report.joined.unit.id: report.joined.unit.name for report in reports},
        test=tests[0] if tests else None,
        id=new_id("kt"),
        broken=station().current.faults,
    )


@pages.post("/kiem-tra")
@needs_sign_in
def test() -> ResponseReturnValue:
    """Ask every unit, without a sound."""
    desk().test_readiness(me(), id=request.form.get("id", ""))
    wake()
    flash("Đã hỏi các cụm loa; không loa nào kêu. Xem kết quả sau vài giây.", "ok")
    return redirect(url_for("alert_templates.show"))


@pages.get("/moi")
@needs_sign_in
def new() -> ResponseReturnValue:
    return _form(None, {})


@pages.post("/moi")
@needs_sign_in
def made() -> ResponseReturnValue:
    return _saved(None)


@pages.get("/<template>")
@needs_sign_in
def edit(template: str) -> ResponseReturnValue:
    return _form(needed_template(template), {})


@pages.post("/<template>")
@needs_sign_in
def save(template: str) -> ResponseReturnValue:
    return _saved(needed_template(template))


def _saved(before: AlertTemplate | None) -> ResponseReturnValue:
    form = request.form
    try:
        after = desk().save_template(
            me(),
            id=before.id if before is not None else slug(form.get("title", ""), _NAME) or "mau",
            title=form.get("title", ""),
            hazard=Hazard(form.get("hazard", "")),
            severity=Severity(_whole("severity", 0)),
            signal=form.get("signal", ""),
            zones=asked_zones(),
            wordings=_wordings(before),
            repeats=_whole("repeats", 3),
            gap=timedelta(seconds=_whole("gap", 10)),
            volume=-float(_whole("softer", 0)),
            lasts=timedelta(minutes=_whole("lasts", 120)),
            second_person=form.get("second_person") == "yes",
            seen=form.get("seen") or None,
        )
    except BadEntry as fault:
        return _form(before, form.to_dict(), fault), 400
    except ValueError:
        wrong = BadEntry("hazard", "this is none of them", "choose one", code="bad-field")
        return _form(before, form.to_dict(), wrong), 400
    wake()
    flash(f"Đã lưu mẫu {after.title}. Máy đang tạo giọng đọc và gửi đến từng cụm loa.", "ok")
    return redirect(url_for("alert_templates.show", _anchor=after.id))


def _whole(name: str, otherwise: int) -> int:
    text = request.form.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) < 7 else otherwise


def _wordings(before: AlertTemplate | None) -> list[Wording]:
    """What is said, language by language; a language without words for the alert is left out. Recordings
    stay what they are: they are changed in the template's file."""
    found = []
    for number in range(_whole("languages", 0)):
        language = request.form.get(f"language-{number}", "").strip()
        known = None if before is None else before.wording(language)
        said = {name: _said(known, name, number, language) for name in _TEXTS}
        alert, correction, all_clear = said["alert"], said["correction"], said["all_clear"]
        if not language or alert is None:
            continue
        if correction is None or all_clear is None:
            which = "correction" if correction is None else "all-clear"
            raise BadEntry(which, "it says nothing", "write what is said", code="empty")
        found.append(
            Wording(
                language=language,
                alert=alert,
                correction=correction,
                all_clear=all_clear,
                drill=said["drill"],
            )
        )
    return found


def _said(known: Wording | None, name: str, number: int, language: str) -> Spoken | Recorded | None:
    before = None if known is None else getattr(known, name)
    if isinstance(before, Recorded):
        return before
    words = request.form.get(f"{name}-{number}", "").strip()
    if isinstance(before, Spoken) and before.words == words.replace("\r\n", "\n"):
        return before  # so that what was not touched stays as the file has it
    return Spoken(words=words) if words else None


def _form(template: AlertTemplate | None, typed: Mapping[str, str], wrong: BadEntry | None = None) -> str:
    seen = None if template is None else station().current.alert_mark(template.id)
    return render_template(
        "alert_template.html",
        template=template,
        typed=typed,
        seen=typed.get("seen", seen or ""),
        lines=_lines(template, typed),
        signals=_signals(template),
        severities=_SEVERITIES,
        choices=choices(here(), me(), Verb.SAVE_TEMPLATE),
        chosen=asked_zones() if typed else (template.zones if template is not None else (EVERYWHERE,)),
        wrong=None if wrong is None else refusal(wrong, here()),
        field="" if wrong is None else wrong.field,
    )


_SEVERITIES = {
    Severity.EXTREME: "Rất nặng: nguy đến tính mạng ngay",
    Severity.SEVERE: "Nặng: nguy đến tính mạng, tài sản",
    Severity.MODERATE: "Vừa: cần đề phòng",
}


def _lines(template: AlertTemplate | None, typed: Mapping[str, str]) -> list[dict[str, object]]:
    """One for each language, and an empty one for another language."""
    wordings = () if template is None else template.wordings
    lines: list[dict[str, object]] = [
        {"language": wording.language, **{name: getattr(wording, name) for name in _TEXTS}}
        for wording in wordings
    ]
    first = here().language if not lines else ""
    lines.append({"language": first, **dict.fromkeys(_TEXTS)})
    return [
        line | {"typed": {name: typed.get(f"{name}-{n}") for name in _TEXTS}} for n, line in enumerate(lines)
    ]


def _signals(template: AlertTemplate | None) -> list[str]:
    """The chimes there are that can be a signal."""
    folder = station().current.audio / "chimes"
    there = {
        path.stem for path in folder.glob("*.*") if path.stem in {*SIGNALS.values(), "notice", "opening"}
    }
    return sorted(there | ({template.signal} if template is not None else set()))
