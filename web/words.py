"""What people read, in Vietnamese: states, outcomes, dates, lengths and places as they write them."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from flask import Flask

from broadcaster.desk.board import Fate, UnitReport
from broadcaster.domain.asrun import Outcome
from broadcaster.domain.bulletin import State
from broadcaster.domain.health import Fault, Wellness
from broadcaster.domain.people import Role
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.domain.programme import Rank

__all__ = [
    "FATES",
    "OUTCOMES",
    "RANKS",
    "ROLES",
    "STATES",
    "UNIT_FAULTS",
    "away",
    "clock_time",
    "day_name",
    "hands",
    "iso_day",
    "lasting",
    "long_date",
    "part_of_day",
    "register",
    "unit_state",
    "when",
    "where",
]

Sign = tuple[str, str, str]
"""Words, colour (a class of the style sheet), icon."""

STATES: dict[State, Sign] = {
    State.DRAFT: ("Nháp", "", "pencil"),
    State.SUBMITTED: ("Chờ duyệt", "warn", "clock"),
    State.RETURNED: ("Trả lại", "bad", "warn"),
    State.APPROVED: ("Đã duyệt", "ok", "check"),
}

OUTCOMES: dict[Outcome, Sign] = {
    Outcome.AIRED: ("Đã phát đủ", "ok", "check"),
    Outcome.PARTLY_AIRED: ("Phát thiếu", "warn", "warn"),
    Outcome.CUT_SHORT: ("Dừng giữa chừng", "warn", "warn"),
    Outcome.SKIPPED: ("Bỏ qua vì quá giờ", "warn", "warn"),
    Outcome.NOT_READY: ("Chưa có âm thanh", "bad", "warn"),
    Outcome.REFUSED: ("Không được phép phát", "warn", "warn"),
    Outcome.FAILED: ("Hỏng", "bad", "warn"),
    Outcome.CANCELLED: ("Đã huỷ", "", "cross"),
    Outcome.ABANDONED: ("Dở dang", "bad", "warn"),
    Outcome.NOT_REPORTED: ("Không báo về", "bad", "lost"),
}

FATES: dict[Fate, Sign] = {
    Fate.PLANNED: ("Đã lên lịch", "plan", "clock"),
    Fate.PLAYING: ("Đang phát", "live", "horn"),
    Fate.AWAITED: ("Chờ cụm loa báo về", "plan", "clock"),
    Fate.AIRED: ("Đã phát đủ", "ok", "check"),
    Fate.SHORT: ("Phát thiếu", "warn", "warn"),
    Fate.CANCELLED: ("Đã huỷ", "", "cross"),
    Fate.NO_UNITS: ("Chưa có cụm loa nào", "warn", "warn"),
}

RANKS: dict[Rank, str] = {
    Rank.FILL: "nhạc nền",
    Rank.ORDINARY: "thông thường",
    Rank.PRIORITY: "ưu tiên",
    Rank.EMERGENCY: "khẩn cấp",
}

UNIT_FAULTS: dict[Fault, str] = {
    Fault.DIGITAL_SILENCE: "Đang phát mà không ra tiếng",
    Fault.STAND_IN: "Loa chính không nhận tiếng, đang phát qua đường khác",
    Fault.CLOCK_NOT_TRUSTED: "Đồng hồ chưa đúng: lịch phải chờ, khẩn cấp vẫn phát",
    Fault.NO_PLAN: "Chưa nhận được lịch phát",
    Fault.MISSING_CLIPS: "Đang tải âm thanh về",
    Fault.UNDER_VOLTAGE: "Điện yếu: cần xem lại bộ nguồn",
    Fault.TOO_HOT: "Máy quá nóng",
    Fault.UNDERRUNS: "Tiếng bị đứt quãng",
    Fault.CLOCK_OFF: "Đồng hồ lệch: có thể vọng tiếng với loa bên cạnh",
    Fault.LOW_DISK: "Sắp hết chỗ chứa âm thanh",
}

ROLES: dict[Role, str] = {
    Role.VILLAGE: "Cán bộ thôn",
    Role.EDITOR: "Cán bộ đài",
    Role.APPROVER: "Lãnh đạo duyệt",
    Role.TECHNICIAN: "Kỹ thuật",
    Role.ADMIN: "Quản trị",
}

_DAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")

_PARTS = (
    (time(11), "Buổi sáng"),
    (time(13), "Buổi trưa"),
    (time(18), "Buổi chiều"),
    (time.max, "Buổi tối"),
)


def unit_state(report: UnitReport, now: datetime) -> Sign:
    """How a unit is, at a glance."""
    if report.playing is not None:
        return "Đang phát", "live", "horn"
    if report.heard is None:
        return "Chưa báo về lần nào", "bad", "lost"
    match report.health.wellness:
        case Wellness.LOST:
            minutes = timedelta(minutes=(now - report.heard) // timedelta(minutes=1))
            return f"Mất kết nối {lasting(minutes)}", "bad", "lost"
        case Wellness.LATE:
            return "Chậm báo về", "warn", "warn"
        case Wellness.WELL if report.health.faults:
            return UNIT_FAULTS[report.health.faults[0]], "warn", "warn"
        case Wellness.WELL:
            return "Sẵn sàng", "ok", "check"


def clock_time(moment: datetime, station: Station) -> str:
    """`17:30`; with seconds only where there are any."""
    local = moment.astimezone(station.timezone)
    return local.strftime("%H:%M:%S" if local.second else "%H:%M")


def hands(moment: datetime, station: Station) -> str:
    """`17:30`, as a clock without a second hand shows it."""
    return moment.astimezone(station.timezone).strftime("%H:%M")


def iso_day(moment: datetime, station: Station) -> str:
    """`2026-11-21`, as a date field takes it."""
    return moment.astimezone(station.timezone).date().isoformat()


def day_name(day: date) -> str:
    """`Thứ Bảy 21/11`."""
    return f"{_DAYS[day.weekday()]} {day:%d/%m}"


def long_date(moment: datetime | date, station: Station) -> str:
    """`Thứ Bảy, 21/11/2026`."""
    day = moment.astimezone(station.timezone).date() if isinstance(moment, datetime) else moment
    return f"{_DAYS[day.weekday()]}, {day:%d/%m/%Y}"


def when(moment: datetime, now: datetime, station: Station) -> str:
    """`17:30` today, `17:30 ngày mai`, `17:30 Thứ Hai 23/11` later."""
    day = moment.astimezone(station.timezone).date()
    days = (day - now.astimezone(station.timezone).date()).days
    named = {0: "", 1: " ngày mai", -1: " hôm qua"}.get(days, f" {day_name(day)}")
    return hands(moment, station) + named


def lasting(length: timedelta) -> str:
    """A length as people say it: `45 giây`, `4 phút 10 giây`, `18 phút`, `2 giờ 5 phút`, `3 ngày`."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} giây"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} phút {rest} giây" if rest and minutes < 10 else f"{minutes} phút"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} giờ {minutes} phút" if minutes else f"{hours} giờ"
    return f"{hours // 24} ngày"


def away(moment: datetime, now: datetime) -> str:
    """How far from now, in whole minutes, so that a page at rest does not flicker."""
    minutes = round(abs(moment - now) / timedelta(minutes=1))
    if minutes == 0:
        return "ngay bây giờ" if moment >= now else "vừa xong"
    told = lasting(timedelta(minutes=minutes))
    return f"sau {told}" if moment >= now else f"{told} trước"


def part_of_day(moment: datetime, station: Station) -> str:
    """`Buổi sáng` and so on."""
    local = moment.astimezone(station.timezone).time()
    return next(name for end, name in _PARTS if local < end or end == time.max)


def where(zones: Iterable[str], station: Station) -> str:
    """Zones by name; everything is the whole commune."""
    ids = frozenset(zones)
    if EVERYWHERE in ids or ids >= station.reach([EVERYWHERE]):
        return "Toàn xã"
    return ", ".join(zone.name for zone in station.zones if zone.id in ids) or "nơi không còn trong danh sách"


def register(app: Flask) -> None:
    """Give the words to the templates."""
    for words in (
        away,
        clock_time,
        hands,
        iso_day,
        lasting,
        long_date,
        part_of_day,
        unit_state,
        when,
        where,
    ):
        app.add_template_filter(words)
    app.jinja_env.globals.update(
        fate_words=FATES,
        outcome_words=OUTCOMES,
        rank_words=RANKS,
        role_words=ROLES,
        state_words=STATES,
        unit_fault_words=UNIT_FAULTS,
    )
