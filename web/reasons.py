"""Why something was not heard whole, or will not be: phrases of the as-run log and problems of a rundown.

The log's phrases are English and mostly of a small stable set. What is not in it is handed back as it is,
so that a page can show it apart, for whoever mends things.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta

from broadcaster.domain.asrun import OUTCOMES, SILENCE, Ending
from broadcaster.domain.cues import Cue
from broadcaster.domain.names import CueId
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.domain.problems import Problem, ProblemKind
from web.words import clock_time, lasting, where

__all__ = ["ENDINGS", "problem_words", "reason_words"]

ENDINGS: dict[Ending, str] = {
    Ending.ENDED: "loa không nhận tiếng",
    Ending.PASSED: "hết giờ của mình trong lúc nhường chương trình khác",
    Ending.OVER_MAX: "đã đủ thời lượng dài nhất cho phép",
    Ending.HOURS_OVER: "hết giờ được phép phát",
    Ending.OUTSIDE_HOURS: "ngoài giờ được phép phát",
    Ending.EXPIRED: "đã hết hạn",
    Ending.TAKEN_OVER: "nhường chương trình phải phát đúng giờ",
    Ending.STOPPED: "có người bấm dừng",
    Ending.CANCELLED: "đã lấy ra khỏi lịch",
    Ending.LATE: "đã trễ quá",
    Ending.NOTHING_HELD: "cụm loa chưa có âm thanh",
    Ending.FAULTED: "âm thanh hỏng giữa chừng",
    Ending.NOT_CONTINUED: "mất điện hoặc máy tắt giữa chừng, không phát tiếp",
}

_ALERTS = {
    "it had expired when it came here": "lệnh đến khi tin đã hết hiệu lực",
    "a newer version of it was here before it": "đã có bản mới hơn",
    "it is a drill that is called an alert, or an alert that is called a drill": (
        "lệnh không rõ là thật hay diễn tập"
    ),
    "it is a drill, and these are no allowed hours": "diễn tập ngoài giờ được phép phát",
    "it is a drill, and nobody knows here the allowed hours": (
        "diễn tập, mà cụm loa chưa biết giờ được phép phát"
    ),
    "none of its sound is here yet": "cụm loa chưa có âm thanh của tin",
    "it was on air before it was known that it had been taken back": (
        "tin đã lên loa trước khi lệnh huỷ tới nơi"
    ),
    "it was silenced at once": "đã cho im ngay",
    "it was not sent: somebody else did something to it at the same time": (
        "chưa gửi đi: có người làm việc khác với tin này cùng lúc"
    ),
    "it was not sent: a drill keeps to the allowed hours, and they are over wherever it was meant for": (
        "chưa gửi đi: diễn tập chỉ chạy trong giờ được phép phát"
    ),
    "it was not sent: it expires before it could be heard": "chưa gửi đi: tin hết hiệu lực quá sớm",
    "it was not sent: the hub could not send it before it expired": (
        "chưa gửi đi: trung tâm không gửi kịp trước khi tin hết hiệu lực"
    ),
    "it was not sent: no second person said yes before it expired": (
        "chưa gửi đi: chưa có người thứ hai đồng ý thì tin đã hết hiệu lực"
    ),
    "it was not sent: nobody it was meant for is part of this station any more": (
        "chưa gửi đi: nơi nhận không còn thuộc đài này"
    ),
    "it was not sent: none of its sounds is ready, not even a signal": (
        "chưa gửi đi: chưa có âm thanh nào, kể cả tín hiệu"
    ),
    "it was not sent: it is meant, and its sound says that it is a drill": (
        "chưa gửi đi: tin phát thật mà lời lại nói là diễn tập"
    ),
    "it was not sent: a drill begins with words that say so, and they are not ready": (
        "chưa gửi đi: chưa tạo xong câu nói rõ đây là diễn tập"
    ),
    "it was not sent: this alert has too many rounds to tell them apart": (
        "chưa gửi đi: tin này đã đọc quá nhiều lượt"
    ),
    "raise a new one": "hãy phát tin mới",
    "its own words were not ready in time: the signal went first, and they follow": (
        "chưa kịp đọc lời vừa gõ: tín hiệu và lời có sẵn phát trước, lời vừa gõ phát ngay sau"
    ),
    "the next round of it came while it waited": "chưa tới lượt thì đã đến lượt sau",
    "it was not sent: a fault of the program itself": "chưa gửi đi: lỗi của máy",
    "the words of the hub tell which": "xem nhật ký của trung tâm",
    "it does not know the time": "chưa biết giờ",
    "its loudspeaker takes no sound": "loa không nhận tiếng",
    "it speaks through a stand-in, not through its own loudspeaker": "đang phát qua đường khác",
}
"""What the hub and units say of alerts."""

_EXACT = (
    {OUTCOMES[ending].words: words for ending, words in ENDINGS.items()}
    | {SILENCE: "phát ra mà không có tiếng"}
    | _ALERTS
)

_NUMBER = r"(\d+(?:\.\d+)?)"

_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (
        re.compile(rf"{_NUMBER} of {_NUMBER} s sounded"),
        lambda found: f"phát được {_lasting(found[1])} trên {_lasting(found[2])}",
    ),
    (re.compile(rf"{_NUMBER} s jumped over"), lambda found: f"bỏ qua {_lasting(found[1])}"),
    (re.compile(r"(?:stopped|cleared) by (.+)"), lambda found: f"{found[1]} đã bấm dừng"),
    (re.compile(r"taken back by (.+)"), lambda found: f"{found[1]} đã huỷ"),
    (
        re.compile(r"the unit told nothing of it for (\d+) days"),
        lambda found: f"cụm loa không báo về suốt {found[1]} ngày",
    ),
    (
        re.compile(r"(\d+) of (\d+) sounds are not here whole"),
        lambda found: f"thiếu {found[1]} trên {found[2]} âm thanh",
    ),
    (re.compile(r"replaced by version \d+"), lambda _: "đã có bản mới hơn thay"),
    (
        re.compile(r"it was not sent: version \d+ of it came first"),
        lambda _: "chưa gửi đi: đã có bản mới hơn",
    ),
    (re.compile(r"(\S+) is no unit of this station"), lambda found: f"đài không còn cụm loa {found[1]}"),
    (re.compile(r"left out: (.+)", re.DOTALL), lambda found: f"thiếu {_items(found[1])}"),
)

_ITEMS = (
    (re.compile(r"\bwords (“[^”]*”)"), r"lời đọc \1"),
    (re.compile(r"\brecording (\S+)"), r"bản ghi \1"),
    (re.compile(r"\bchime (\S+)"), r"nhạc hiệu \1"),
    (re.compile(r"\brelay of (\S+)"), r"tiếp âm \1"),
    (re.compile(r"\bitem (\d+)\b"), r"đoạn \1"),
    (re.compile(r"it was not made yet"), "chưa kịp tạo âm thanh"),
    (re.compile(r"nothing was booked into it"), "chưa xếp bản tin nào"),
)


def reason_words(reason: str) -> tuple[str, str]:
    """The reason of an as-run entry in Vietnamese, and what of it is known in English only."""
    told: list[str] = []
    rest: list[str] = []
    for part in reason.split("; "):
        words = _EXACT.get(part) or _matched(part)
        if words is None:
            rest.append(part)
        else:
            told.append(words)
    return "; ".join(told), "; ".join(part for part in rest if part)


def _matched(part: str) -> str | None:
    for pattern, words in _PATTERNS:
        found = pattern.fullmatch(part)
        if found:
            return words(found)
    return None


def _items(text: str) -> str:
    for pattern, words in _ITEMS:
        text = pattern.sub(words, text)
    return text


def _lasting(seconds: str) -> str:
    return lasting(timedelta(seconds=float(seconds)))


def problem_words(problem: Problem, cues: Mapping[CueId, Cue], station: Station) -> str:
    """A problem of a rundown, told with the names and times of what it concerns."""
    named = [_named(cues.get(cue), cue, station) for cue in problem.cues]
    told = _told(problem, named, cues, station)
    if problem.zones >= station.reach([EVERYWHERE]):
        return told
    return f"{told} ({where(problem.zones, station)})"


def _told(problem: Problem, named: list[str], cues: Mapping[CueId, Cue], station: Station) -> str:
    first, at = named[0], clock_time(problem.at, station)
    match problem.kind:
        case ProblemKind.CLASH:
            weaker = (
                _named(cues.get(problem.gives_way), problem.gives_way, station) if problem.gives_way else ""
            )
            return f"{named[-1]} bắt đầu lúc {first} chưa xong: {weaker} phải nhường."
        case ProblemKind.OVERRUN if _is_own_limit(problem, cues):
            return f"{first} dài quá thời lượng cho phép; đến {at} sẽ nhỏ dần rồi dừng."
        case ProblemKind.OVERRUN:
            return f"{first} chưa xong thì đã hết giờ được phát; đến {at} sẽ nhỏ dần rồi dừng."
        case ProblemKind.OUTSIDE_HOURS:
            return f"{first} nằm ngoài giờ được phép phát, sẽ không phát."
        case ProblemKind.QUIET:
            return f"{first} rơi vào lúc phải giữ yên lặng, sẽ không phát ở đó."
        case ProblemKind.DEAD_AIR:
            return f"{first} không có gì để phát."
        case ProblemKind.UNKNOWN_ZONE:
            return f"{first} ghi một nơi phát không có trong station.toml."
        case ProblemKind.SAME_NAME:
            return f"{first} trùng mã với một chương trình khác, nên bị bỏ."


def _is_own_limit(problem: Problem, cues: Mapping[CueId, Cue]) -> bool:
    cue = cues.get(problem.cues[0])
    return cue is not None and cue.max is not None and problem.at == cue.start + cue.max


def _named(cue: Cue | None, id: CueId, station: Station) -> str:
    return id if cue is None else f"“{cue.title}” {clock_time(cue.start, station)}"
