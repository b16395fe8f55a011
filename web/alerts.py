"""What people read of alerts and drills: what is happening, where it is meant to sound, and what each unit
says of it; and the same for programs, as JSON (`as_json`)."""

from collections.abc import Iterable
from datetime import datetime

from flask import Flask

from broadcaster.desk.alertreports import AlertReport, AlertState, UnitLine, UnitState
from broadcaster.domain.alert import Alert, Hazard, Message, Status
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.domain.readiness import Lack, Unready
from web.reasons import reason_words
from web.words import lasting, where

__all__ = ["HAZARDS", "LACKS", "MESSAGES", "SIGNALS", "as_json", "line_words", "register", "scope_words"]

Sign = tuple[str, str, str]
"""Words, colour (a class of the style sheet), icon."""

HAZARDS: dict[Hazard, str] = {
    Hazard.FLOOD: "Lũ, ngập lụt",
    Hazard.STORM: "Bão, lốc",
    Hazard.FIRE: "Cháy",
    Hazard.DAM: "Xả lũ hồ đập",
    Hazard.LANDSLIDE: "Sạt lở đất",
    Hazard.EPIDEMIC: "Dịch bệnh",
    Hazard.OTHER: "Việc khác",
}

MESSAGES: dict[Message, str] = {
    Message.ALERT: "Báo động",
    Message.CORRECTION: "Đính chính",
    Message.ALL_CLEAR: "Đã an toàn",
    Message.STOP: "Dừng phát",
}

LACKS: dict[Lack, str] = {
    Lack.SILENT: "mất kết nối",
    Lack.UNMADE: "chưa tạo xong âm thanh",
    Lack.NOT_LAID: "chưa nhận được mẫu mới",
    Lack.FETCHING: "đang tải âm thanh về",
    Lack.LACKING: "báo thiếu âm thanh",
    Lack.UNFIT: "báo có trục trặc",
    Lack.UNANSWERED: "không trả lời lần kiểm tra",
}

SIGNALS: dict[str, str] = {
    "alert": "còi báo động",
    "fire": "còi báo cháy",
    "health": "chuông y tế",
    "land": "còi báo sạt lở",
    "notice": "chuông báo",
    "opening": "nhạc mở đầu",
    "water": "còi báo nước",
    "wind": "còi báo gió bão",
}
"""Chimes that go before the words of an alert; others are called by their own name."""

_FEW = 2
"""So many places are named; more are counted."""


def scope_words(zones: Iterable[str], station: Station, units: int) -> str:
    """Where an act reaches, as its button says it: `toàn xã`, `Thôn Bến`, `3 thôn · 7 cụm loa`."""
    ids = frozenset(zones)
    if EVERYWHERE in ids or ids >= station.reach([EVERYWHERE]):
        return "toàn xã"
    named = [zone.name for zone in station.zones if zone.id in ids]
    if len(named) <= _FEW:
        return f"{' và '.join(named)} · {units} cụm loa"
    villages = all(name.startswith("Thôn ") for name in named)
    return f"{len(named)} {'thôn' if villages else 'nơi'} · {units} cụm loa"


def line_words(line: UnitLine, now: datetime) -> Sign:
    """What one unit says of an alert."""
    done = _rounds(line)
    match line.state:
        case UnitState.WAITING:
            return "Chưa trả lời", "wait", "clock"
        case UnitState.RECEIVED:
            return "Đã nhận lệnh, chưa phát", "wait", "warn"
        case UnitState.SOUNDING if not line.playing:
            return f"{done}, sắp phát tiếp" if done else "Đang phát", "ok", "check"
        case UnitState.SOUNDING:
            return f"Đang phát, {done.lower()}" if done else "Đang phát", "ok", "horn"
        case UnitState.DONE:
            return done or "Đã phát xong", "ok", "check"
        case UnitState.FAILED:
            return "Không phát được", "bad", "warn"
        case UnitState.OFFLINE:
            return _lost(line, now), "bad", "lost"


def _rounds(line: UnitLine) -> str:
    """`Đã phát 2/3 lượt, 48 giây`; empty while no round is over."""
    if not line.rounds_done:
        return ""
    of = f"/{line.rounds_meant}" if line.rounds_meant else ""
    long = f", {lasting(line.seconds)}" if line.seconds else ""
    return f"Đã phát {line.rounds_done}{of} lượt{long}"


def _lost(line: UnitLine, now: datetime) -> str:
    heard = "" if line.heard is None else f" {lasting(now - line.heard)}"
    heard = "" if heard.endswith("giây") else heard  # a page at rest does not flicker
    return f"{_rounds(line)}; mất kết nối{heard}" if line.sounded else f"Mất kết nối{heard}, chưa phát được"


def unready_words(unready: Unready) -> str:
    """Why a unit is not ready for a template."""
    return LACKS[unready.lack]


def why_words(why: str) -> str:
    """Why something did not sound; in English only where nobody has translated it."""
    told, rest = reason_words(why)
    return "; ".join(part for part in (told, rest) if part)


def as_json(report: AlertReport, station: Station) -> dict[str, object]:
    """An alert for programs: what is meant, where it is in its life, and each unit. Times are UTC."""
    alert = report.alert
    return {
        "id": alert.id,
        "version": alert.version,
        "state": report.state.value,
        "kind": "drill" if alert.status is Status.EXERCISE else "alert",
        "message": alert.message.value,
        "title": alert.title,
        "template": alert.template,
        "words": alert.words,
        "zones": list(alert.zones),
        "where": where(alert.zones, station),
        "by": alert.by,
        "seconded_by": alert.seconded_by,
        "cancelled_by": alert.cancelled_by,
        "asked": _utc(alert.asked),
        "fires_at": _utc(alert.fires_at),
        "start": _utc(alert.start),
        "expires": _utc(alert.expires),
        "trouble": alert.trouble,
        "hub_answers": not report.stuck,
        "counts": {
            "units": len(report.lines),
            "received": report.received,
            "sounded": report.sounded,
            "done": report.done,
            "missing": len(report.missing),
        },
        "units": [_line(line) for line in report.lines],
        "versions": [_version(version) for version in report.versions],
    }


def _line(line: UnitLine) -> dict[str, object]:
    return {
        "unit": line.unit,
        "name": line.name,
        "zone": line.zone,
        "state": line.state.value,
        "received": _utc(line.received),
        "started": _utc(line.started),
        "rounds_done": line.rounds_done,
        "rounds_meant": line.rounds_meant,
        "seconds": round(line.seconds.total_seconds(), 1),
        "why": line.why,
    }


def _version(version: Alert) -> dict[str, object]:
    return {
        "version": version.version,
        "message": version.message.value,
        "by": version.by,
        "asked": _utc(version.asked),
        "cancelled": version.cancelled,
    }


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")


def register(app: Flask) -> None:
    """Give the words to the templates."""
    app.add_template_filter(line_words)
    app.add_template_filter(scope_words)
    app.add_template_filter(unready_words)
    app.add_template_filter(why_words)
    app.jinja_env.globals.update(
        hazard_words=HAZARDS,
        message_words=MESSAGES,
        signal_words=SIGNALS,
        alert_states=AlertState,
        unit_states=UnitState,
    )
