"""What communes write, and how it is said: a table that grows.

Each rule carries an example, and the tests say every example. Rules are applied in their order, each to the
whole text; whole words only, capitals as written. Numbers stay figures: every engine reads figures. A rule
may be missing, but none may read a thing wrongly that was read rightly without it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["ABBREVIATIONS", "RULES", "Rule", "as_said"]

ABBREVIATIONS: Mapping[str, str] = {
    "ANTT": "an ninh trật tự",
    "ATGT": "an toàn giao thông",
    "ATTP": "an toàn thực phẩm",
    "BHTN": "bảo hiểm thất nghiệp",
    "BHXH": "bảo hiểm xã hội",
    "BHYT": "bảo hiểm y tế",
    "CBCC": "cán bộ công chức",
    "CCCD": "căn cước công dân",
    "CHXHCN": "Cộng hòa xã hội chủ nghĩa",
    "CMND": "chứng minh nhân dân",
    "CNCH": "cứu nạn cứu hộ",
    "DQTV": "dân quân tự vệ",
    "GD&ĐT": "Giáo dục và Đào tạo",
    "GPLX": "giấy phép lái xe",
    "GPMB": "giải phóng mặt bằng",
    "GTVT": "Giao thông vận tải",
    "HTX": "hợp tác xã",
    "HĐND": "Hội đồng nhân dân",
    "KDC": "khu dân cư",
    "KHHGĐ": "kế hoạch hóa gia đình",
    "KT-XH": "kinh tế xã hội",
    "LĐTB&XH": "Lao động Thương binh và Xã hội",
    "MTTQ": "Mặt trận Tổ quốc",
    "NN&PTNT": "Nông nghiệp và Phát triển nông thôn",
    "NTM": "nông thôn mới",
    "NVH": "nhà văn hóa",
    "NVQS": "nghĩa vụ quân sự",
    "PCCC": "phòng cháy chữa cháy",
    "PCTT": "phòng chống thiên tai",
    "QP-AN": "quốc phòng an ninh",
    "SXH": "sốt xuất huyết",
    "SĐT": "số điện thoại",
    "TDP": "tổ dân phố",
    "TDTT": "thể dục thể thao",
    "THCS": "trung học cơ sở",
    "THPT": "trung học phổ thông",
    "TKCN": "tìm kiếm cứu nạn",
    "TN&MT": "Tài nguyên và Môi trường",
    "TNXP": "thanh niên xung phong",
    "TTATGT": "trật tự an toàn giao thông",
    "UBND": "Ủy ban nhân dân",
    "UBMTTQ": "Ủy ban Mặt trận Tổ quốc",
    "VSMT": "vệ sinh môi trường",
    "VSATTP": "vệ sinh an toàn thực phẩm",
    "XHCN": "xã hội chủ nghĩa",
    "ĐBQH": "đại biểu Quốc hội",
}

_UNITS: Mapping[str, str] = {
    "km/h": "ki-lô-mét trên giờ",
    "m/s": "mét trên giây",
    "km2": "ki-lô-mét vuông",
    "m2": "mét vuông",
    "m3": "mét khối",
    "km": "ki-lô-mét",
    "cm": "xen-ti-mét",
    "mm": "mi-li-mét",
    "m": "mét",
    "kg": "ki-lô-gam",
    "ha": "héc-ta",
    "kV": "ki-lô-vôn",
    "%": "phần trăm",
    "°C": "độ C",
    "°": "độ",
}

_DAY = r"(0?[1-9]|[12]\d|3[01])"
_MONTH = r"(0?[1-9]|1[0-2])"
_YEAR = r"([12]\d{3})"
_FREE = r"(?<![\w/.,-])"  # nothing that would make the figures part of something longer
_DONE = r"(?![\w/-]|[.,]\d)"
_TO = r"\s*[-–]\s*"
_COUNTED = r"(?:ngày|tháng|tuổi|năm|người|hộ|giờ|phút|lần|tấn|lít|triệu|đồng|" + "|".join(_UNITS) + ")"
_UPPER = r"(?=[A-ZÀ-ỸĐ])"
_HOLIDAYS = "30/4|30/04|8/3|08/3|08/03|20/10|20/11|22/12|27/7|27/07|19/5|19/05|26/3|26/03"
_SHORT = "|".join(map(re.escape, sorted(ABBREVIATIONS, key=len, reverse=True)))
_ROMAN = {"I": 1, "V": 5, "X": 10}

Said = str | Callable[["re.Match[str]"], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is written, as a pattern; how it is said; and an example of both."""

    written: re.Pattern[str]
    said: Said
    example: tuple[str, str]


def _rule(written: str, said: Said, example: tuple[str, str], flags: int = 0) -> Rule:
    return Rule(written=re.compile(written, flags), said=said, example=example)


def _figures(match: "re.Match[str]") -> str:
    """A telephone number, figure by figure, with a breath between its groups."""
    groups = re.split(r"[ .-]+", match[0])
    if len(groups) == 1:
        groups = [match[0][:4], match[0][4:7], match[0][7:]]
    return ", ".join(" ".join(group) for group in groups)


def _date(match: "re.Match[str]") -> str:
    said, day, month, *year = match.groups()
    before = f"{said} " if said else "ngày "
    return f"{before}{int(day)} tháng {int(month)}" + (f" năm {year[0]}" if year else "")


def _days(match: "re.Match[str]") -> str:
    first, last, month, year = match.groups()
    said = f"ngày {int(first)} đến ngày {int(last)} tháng {int(month)}"
    return said + (f" năm {year}" if year else "")


def _clock(match: "re.Match[str]") -> str:
    hour, minute = int(match[1]), int(match[2])
    return f"{hour} giờ {minute} phút" if minute else f"{hour} giờ"


def _roman(match: "re.Match[str]") -> str:
    values = [_ROMAN[letter] for letter in match[2]]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return f"{match[1]} {sum(-one if one < following else one for one, following in pairs)}"


def _unit(match: "re.Match[str]") -> str:
    return f"{match[1]} {_UNITS[match[2]]}"


_HOUR = r"(?<![\w/.,:])"  # a hyphen may stand before: 7h-8h
_CLOCK = r"(?<!tỷ lệ )(?<!tỉ lệ )(?<!tỷ số )(?<!tỉ số )" + _HOUR + r"([01]?\d|2[0-4])"

RULES: tuple[Rule, ...] = (
    # Telephone numbers first: they look like anything else.
    _rule(
        r"(?<![\d.,/-])(?:0\d(?:[ .-]?\d){8,9}|1[89]00(?:[ .]?\d){4,6})(?![\d/]|[.,-]\d)",
        _figures,
        ("0912 345 678", "0 9 1 2, 3 4 5, 6 7 8"),
    ),
    _rule(
        r"\b(?i:gọi|tổng đài|đường dây nóng|cấp cứu)(?: số)? 11[1-5](?:(?:/|, | hoặc | và )(?:số )?11[1-5])*"
        + _DONE
        + rf"(?!\s?{_COUNTED}(?!\w))",
        lambda match: re.sub(r"11[1-5]", lambda number: " ".join(number[0]), match[0]).replace("/", ", "),
        ("gọi 113/114 hoặc 115", "gọi 1 1 3, 1 1 4 hoặc 1 1 5"),
    ),
    # Dates.
    _rule(
        r"(?:\b(?i:ngày) )?" + _FREE + f"{_DAY}{_TO}{_DAY}/{_MONTH}(?:/{_YEAR})?{_DONE}",
        _days,
        ("từ 20-25/11/2026", "từ ngày 20 đến ngày 25 tháng 11 năm 2026"),
    ),
    _rule(
        r"(?:\b(ngày|mùng|mồng) )?" + _FREE + f"{_DAY}[/.-]{_MONTH}[/.-]{_YEAR}{_DONE}",
        _date,
        ("sáng 20/11/2026", "sáng ngày 20 tháng 11 năm 2026"),
        re.IGNORECASE,
    ),
    _rule(
        rf"\b(?i:từ) (?:ngày )?{_DAY}/{_MONTH} đến (?:hết )?(?:ngày )?{_DAY}/{_MONTH}{_DONE}",
        lambda match: (
            f"từ ngày {int(match[1])} tháng {int(match[2])} đến ngày {int(match[3])} tháng {int(match[4])}"
        ),
        ("từ 01/3 đến 15/3", "từ ngày 1 tháng 3 đến ngày 15 tháng 3"),
    ),
    _rule(
        rf"\b(ngày|mùng|mồng) {_DAY}/{_MONTH}{_DONE}",
        _date,
        ("ngày 05/3", "ngày 5 tháng 3"),
        re.IGNORECASE,
    ),
    _rule(
        rf"\b((?:hôm|sáng|trưa|chiều|tối|đêm|dịp|lễ)) {_DAY}/{_MONTH}{_DONE}",
        lambda match: f"{match[1]} ngày {int(match[2])} tháng {int(match[3])}",
        ("tối 30/4", "tối ngày 30 tháng tư"),
        re.IGNORECASE,
    ),
    _rule(
        _FREE + f"({_HOLIDAYS})" + _DONE,
        lambda match: "{} tháng {}".format(*map(int, match[1].split("/"))),
        ("kỷ niệm 27/7", "kỷ niệm 27 tháng 7"),
    ),
    _rule(
        rf"\b(tháng) {_MONTH}[/-]{_YEAR}{_DONE}",
        lambda match: f"{match[1]} {int(match[2])} năm {match[3]}",
        ("tháng 03/2026", "tháng 3 năm 2026"),
        re.IGNORECASE,
    ),
    # Hours.
    _rule(
        _CLOCK + r"\s?(?:[hg:]|giờ )\s?([0-5]\d)(?:\s?(?:phút|['’′]))?(?![\w:])",
        _clock,
        ("17h30", "17 giờ 30 phút"),
    ),
    _rule(_HOUR + r"(\d{1,3})\s?h(?!\w|/)", lambda match: f"{int(match[1])} giờ", ("lúc 05h", "lúc 5 giờ")),
    _rule(r"(giờ(?: \d+ phút)?)\s*[-–]\s*(?=\d+ giờ)", r"\1 đến ", ("7h-8h30", "7 giờ đến 8 giờ 30 phút")),
    # Money, measures, figures.
    _rule(
        r"(?<![\d.,])(\d{1,3}(?:\.\d{3})+)(?!\d|\.\d)",
        lambda match: match[1].replace(".", ""),
        ("1.250.000 người", "1250000 người"),
    ),
    _rule(r"(?<=\d)\s?(?:đ|vnđ|vnd)(?!\w|/c)", " đồng", ("15.000đ", "15000 đồng"), re.IGNORECASE),
    _rule(r"\bđồng\s?/\s?kg\b", "đồng một ki-lô-gam", ("15.000đ/kg", "15000 đồng một ki-lô-gam")),
    _rule(r"\bđồng\s?/\s?(?=\w)", "đồng một ", ("50.000đ/người", "50000 đồng một người")),
    _rule(
        r"\b((?i:cấp)) (\d{1,2})" + _TO + r"(\d{1,2})" + _DONE,
        r"\1 \2 đến cấp \3",
        ("gió cấp 3-4", "gió cấp 3 đến cấp 4"),
    ),
    _rule(
        _FREE + r"(\d{1,4}(?:,\d+)?)" + _TO + r"(\d{1,4}(?:,\d+)?)" + rf"(?=\s?{_COUNTED}(?!\w))",
        r"\1 đến \2",
        ("trẻ 6-24 tháng", "trẻ 6 đến 24 tháng"),
    ),
    _rule(
        r"(\d)\s?(" + "|".join(_UNITS) + r")(?![\w/])",
        _unit,
        ("37,5°C, 3-5 m", "37,5 độ C, 3 đến 5 mét"),
    ),
    _rule(
        r"\b((?i:báo động|cấp|loại|vùng|quý|khóa|khoá|lần thứ|kỳ họp thứ|hạng|khối)) ([XVI]{1,6})\b",
        _roman,
        ("báo động III, quý IV", "báo động 3, quý 4"),
    ),
    _rule(r"\b([Tt]hứ|[Tt]háng) 0?4\b", r"\1 tư", ("thứ 4", "thứ tư")),
    # Words cut short.
    _rule(
        r"\bđ/c(?=\s*(?::|\d|(?:số|thôn|xóm|ấp|tổ|khu|đường|ngõ|nhà|xã|phường)\b))",
        "địa chỉ",
        ("Đ/c: thôn Bến", "địa chỉ: thôn Bến"),
        re.IGNORECASE,
    ),
    _rule(r"\bđ/c\b\.?", "đồng chí", ("các đ/c Thắng, Hà", "các đồng chí Thắng, Hà"), re.IGNORECASE),
    _rule(r"\bv/v\b", "về việc", ("V/v tiêm phòng", "về việc tiêm phòng"), re.IGNORECASE),
    _rule(r"\bTP\.?\s?HCM\b", "thành phố Hồ Chí Minh", ("TP.HCM", "thành phố Hồ Chí Minh")),
    _rule(r"\bTP\.\s?" + _UPPER, "thành phố ", ("TP. Hà Nội", "thành phố Hà Nội")),
    _rule(r"\bTX\.\s?" + _UPPER, "thị xã ", ("TX. Sơn Tây", "thị xã Sơn Tây")),
    _rule(r"\bQL\.?\s?(?=\d)", "quốc lộ ", ("QL1A", "quốc lộ 1A")),
    _rule(r"\bĐT\.?\s?(?=\d{3}\b)", "đường tỉnh ", ("ĐT.379", "đường tỉnh 379")),
    _rule(r"\bĐT(?=\s?:)", "điện thoại", ("ĐT: 0221 386 1234", "điện thoại: 0 2 2 1, 3 8 6, 1 2 3 4")),
    _rule(
        rf"(?<![\w&-])(?:{_SHORT})(?:-(?:{_SHORT}))*(?![\w&]|-\w)",
        lambda match: ", ".join(ABBREVIATIONS[short] for short in re.findall(_SHORT, match[0])),
        ("UBND xã", "Ủy ban nhân dân xã"),
    ),
    # Signs.
    _rule(r"\s&\s", " và ", ("Đoàn & Hội", "Đoàn và Hội")),
    _rule(r"\s<\s?(?=\d)", " nhỏ hơn ", ("nhiệt độ < 13°C", "nhiệt độ nhỏ hơn 13 độ C")),
    _rule(r"\s>\s?(?=\d)", " lớn hơn ", ("gió > 60 km/h", "gió lớn hơn 60 ki-lô-mét trên giờ")),
)


def as_said(text: str) -> str:
    """`text` with every rule applied."""
    for rule in RULES:
        text = rule.written.sub(rule.said, text)
    return text
