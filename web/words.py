"""What people read, in Vietnamese: states, outcomes, faults, dates and lengths as they write them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from flask import Flask

from broadcaster.desk import BadEntry, DeskFault, WaitToSignIn
from broadcaster.domain.asrun import Outcome
from broadcaster.domain.bulletin import State
from broadcaster.domain.health import Wellness
from broadcaster.domain.people import Role
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.domain.programme import Rank

__all__ = ["STATES", "OUTCOMES", "RANKS", "WELL", "fault_words", "register"]

STATES: dict[State, tuple[str, str]] = {
    State.DRAFT: ("Nháp", ""),
    State.SUBMITTED: ("Chờ duyệt", "warn"),
    State.RETURNED: ("Trả lại", "bad"),
    State.APPROVED: ("Đã duyệt", "ok"),
}
"""The words and the colour of each state."""

OUTCOMES: dict[Outcome, tuple[str, str]] = {
    Outcome.AIRED: ("Đã phát đủ", "ok"),
    Outcome.PARTLY_AIRED: ("Phát thiếu", "warn"),
    Outcome.CUT_SHORT: ("Bị cắt giữa chừng", "warn"),
    Outcome.SKIPPED: ("Bỏ qua vì quá giờ", "warn"),
    Outcome.NOT_READY: ("Chưa có âm thanh", "bad"),
    Outcome.REFUSED: ("Cụm loa từ chối", "bad"),
    Outcome.FAILED: ("Hỏng", "bad"),
    Outcome.CANCELLED: ("Đã huỷ", ""),
    Outcome.ABANDONED: ("Dở dang vì mất điện", "bad"),
    Outcome.NOT_REPORTED: ("Không báo về", "bad"),
}

RANKS: dict[Rank, str] = {
    Rank.FILL: "nhạc nền",
    Rank.ORDINARY: "thông thường",
    Rank.PRIORITY: "ưu tiên",
    Rank.EMERGENCY: "khẩn cấp",
}

WELL: dict[Wellness, tuple[str, str]] = {
    Wellness.WELL: ("Sẵn sàng", "ok"),
    Wellness.LATE: ("Chậm báo về", "warn"),
    Wellness.LOST: ("Mất kết nối", "bad"),
}

ROLES: dict[Role, str] = {
    Role.VILLAGE: "Cán bộ thôn",
    Role.EDITOR: "Cán bộ đài",
    Role.APPROVER: "Lãnh đạo duyệt",
    Role.TECHNICIAN: "Kỹ thuật",
    Role.ADMIN: "Quản trị",
}

_DAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")

_FAULTS = {
    "empty": "Chưa có nội dung. Hãy gõ chữ vào đây.",
    "too-long": "Dài quá. Mỗi bản tin nhiều nhất 50.000 chữ cái.",
    "control-characters": "Có ký tự lạ không đọc được. Hãy gõ lại đoạn đó.",
    "past": "Giờ phát đã qua. Chọn một giờ sau bây giờ.",
    "too-far": "Ngày phát xa quá. Chọn một ngày trong vòng một năm.",
    "outside-hours": "Giờ này đài không được phát. Chọn giờ trong khung giờ cho phép.",
    "no-zones": "Chưa chọn nơi phát. Chọn ít nhất một nơi.",
    "unknown-zone": "Nơi phát này không còn trong danh sách.",
    "no-slot": "Chương trình này không nhận bản tin vào giờ đó. Chọn buổi khác.",
    "slot-closed": "Buổi này đã chốt danh sách. Chọn buổi sau.",
    "bad-sound": "Tệp này không phải âm thanh nghe được. Hãy chọn tệp khác (MP3, WAV, M4A, OGG).",
    "no-room": "Máy chủ đã hết chỗ chứa. Báo cho người quản trị.",
    "words-or-recording": "Gõ chữ hoặc chọn một tệp ghi âm, không cả hai.",
    "wrong-step": "Bản tin đang ở bước khác. Tải lại trang rồi làm tiếp.",
    "changed-since": "Có người vừa sửa bản tin này. Tải lại trang và xem lại trước khi làm tiếp.",
    "wrong-password": "Sai tên đăng nhập hoặc mật khẩu.",
    "disabled": "Tài khoản này đã bị khoá. Báo cho người quản trị.",
    "approval-needed": "Đài này phải duyệt trước khi phát. Soạn bản tin rồi gửi duyệt.",
    "own-words": "Không tự duyệt bài của mình. Nhờ người khác duyệt.",
    "not-own": "Bạn chỉ được làm việc này với bài và địa bàn của mình.",
    "not-allowed": "Bạn không được phép làm việc này.",
    "bad-code": "Mã gồm sáu chữ số mà cụm loa đọc lên.",
    "unknown-code": "Không có cụm loa nào đang đọc mã này. Nghe lại và gõ đúng sáu số.",
    "code-twice": "Hai cụm loa đọc cùng một mã. Tắt bật lại một cụm rồi thử lại.",
    "bad-volume": "Âm lượng từ −60 đến 0 dB.",
    "no-such-bulletin": "Không tìm thấy bản tin này.",
    "no-such-unit": "Không tìm thấy cụm loa này.",
}


def fault_words(fault: DeskFault, station: Station) -> str:
    """Why it was not done, and what to do."""
    if isinstance(fault, WaitToSignIn):
        return f"Sai quá nhiều lần. Chờ {fault.seconds} giây rồi thử lại."
    known = _FAULTS.get(fault.code)
    if fault.code == "bad-sound" and isinstance(fault, BadEntry):
        return f"{known} ({fault.what})"
    return known or str(fault)


def local_time(moment: datetime, station: Station) -> str:
    return moment.astimezone(station.timezone).strftime("%H:%M")


def local_seconds(moment: datetime, station: Station) -> str:
    return moment.astimezone(station.timezone).strftime("%H:%M:%S")


def long_date(moment: datetime | date, station: Station) -> str:
    day = moment.astimezone(station.timezone).date() if isinstance(moment, datetime) else moment
    return f"{_DAYS[day.weekday()]}, {day:%d/%m/%Y}"


def date_and_time(moment: datetime, station: Station) -> str:
    return moment.astimezone(station.timezone).strftime("%H:%M, %d/%m/%Y")


def lasting(length: timedelta) -> str:
    """A length as people say it."""
    seconds = round(length.total_seconds())
    if seconds < 60:
        return f"{seconds} giây"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} phút {rest} giây" if rest and minutes < 10 else f"{minutes} phút"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} giờ {minutes} phút" if minutes else f"{hours} giờ"


def away(moment: datetime, now: datetime) -> str:
    """How far from now."""
    if moment >= now:
        return f"sau {lasting(moment - now)}"
    return f"{lasting(now - moment)} trước"


def where(zones: Iterable[str], station: Station) -> str:
    """Zones by name; everything is the whole commune."""
    ids = set(zones)
    if EVERYWHERE in ids or ids >= station.reach([EVERYWHERE]):
        return "Toàn xã"
    return ", ".join(zone.name for zone in station.zones if zone.id in ids)


def register(app: Flask) -> None:
    filters = (local_time, local_seconds, long_date, date_and_time, lasting, away, where)
    for words in filters:
        app.add_template_filter(words)
    app.jinja_env.globals.update(
        state_words=STATES, outcome_words=OUTCOMES, rank_words=RANKS, well_words=WELL, role_words=ROLES
    )
