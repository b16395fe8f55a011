"""What a unit says of itself, as people read it: a name and a few words for each thing."""

from datetime import datetime

from flask import Flask

from broadcaster.desk.board import UnitReport
from broadcaster.domain.health import Supply
from broadcaster.domain.places import Station
from broadcaster.link.envelope import Refusal
from broadcaster.link.vitals import Vitals
from web.words import when

__all__ = ["REFUSALS", "SUPPLIES", "register", "size", "unit_facts"]

SUPPLIES: dict[Supply, str] = {
    Supply.GOOD: "đủ điện",
    Supply.WAS_LOW: "có lúc yếu",
    Supply.LOW: "đang yếu",
}

REFUSALS: dict[Refusal, str] = {
    Refusal.UNKNOWN_KEY: "khoá lạ",
    Refusal.BAD_SIGNATURE: "chữ ký sai",
    Refusal.MALFORMED: "không đọc được",
    Refusal.OTHER_STATION: "của đài khác",
    Refusal.NOT_FOR_US: "gửi cho cụm loa khác",
    Refusal.EXPIRED: "đã hết hạn",
    Refusal.FUTURE: "ghi giờ chưa tới",
    Refusal.REPEATED: "đã làm rồi",
    Refusal.OLDER_VERSION: "bản cũ hơn",
    Refusal.CLOCK_NOT_TRUSTED: "đồng hồ chưa đúng",
}

_NOBODY_KNOWS = 10.0
"""Seconds: a clock that may be off by more knows nothing."""


def unit_facts(report: UnitReport, station: Station, now: datetime) -> list[tuple[str, str]]:
    """All that the unit said last of itself; what it cannot measure is left out."""
    vitals = report.vitals
    if vitals is None:
        return []
    missing = f", còn thiếu {vitals.missing} đoạn" if vitals.missing else ""
    facts = (
        ("Lịch phát", f"bản {vitals.plan}" if vitals.plan else "chưa có"),
        ("Đã tải về", f"{vitals.clips} đoạn, {size(vitals.cache)}{missing}"),
        ("Chỗ trống", size(vitals.disk_free)),
        ("Đồng hồ", _clock(vitals)),
        ("Đường truyền", None if vitals.round_trip is None else f"đi về {_ms(vitals.round_trip)}"),
        ("Nhiệt độ", None if vitals.temperature is None else f"{_comma(vitals.temperature)} °C"),
        ("Nguồn điện", None if vitals.supply is None else SUPPLIES[vitals.supply]),
        ("Phát qua", vitals.speaker.replace("(stand-in for ", "(thay cho ")),
        ("Mức tiếng", None if vitals.level is None else f"{_comma(vitals.level)} dB".replace("-", "−")),
        ("Đứt tiếng", f"{vitals.underruns} lần, 5 phút qua {vitals.underruns_lately} lần"),
        ("Nhật ký chưa gửi", f"{vitals.waiting} dòng"),
        ("Lệnh bị từ chối", _refusals(vitals)),
        ("Phần mềm", vitals.software),
        ("Báo lúc", when(vitals.at, now, station)),
    )
    return [(name, text) for name, text in facts if text is not None]


def size(count: int) -> str:
    """Bytes as SIM cards and disks are sold: `43 MB`, `0,4 MB`, `12,4 GB`."""
    if count >= 10**9:
        return f"{_comma(count / 1e9)} GB"
    return f"{_comma(count / 1e6)} MB" if count < 10**7 else f"{count / 1e6:.0f} MB"


def register(app: Flask) -> None:
    """Give them to the templates."""
    app.add_template_filter(size)
    app.add_template_filter(unit_facts)


def _clock(vitals: Vitals) -> str:
    if vitals.clock_error > _NOBODY_KNOWS:
        return "chưa biết giờ"
    trust = "" if vitals.clock_trusted else "chưa đúng, "
    return f"{trust}lệch nhiều nhất {_ms(vitals.clock_error)}"


def _refusals(vitals: Vitals) -> str:
    words: dict[str, str] = {reason.value: text for reason, text in REFUSALS.items()}
    told = (f"{count} {words.get(reason, reason)}" for reason, count in sorted(vitals.refusals.items()))
    return ", ".join(told) or "không có"


def _ms(seconds: float) -> str:
    return f"{_comma(seconds * 1000)} ms" if seconds < 0.01 else f"{seconds * 1000:.0f} ms"


def _comma(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0").replace(".", ",")
