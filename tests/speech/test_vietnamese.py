"""What communes write, and how it is said: every example of the table, and what must be left alone."""

import pytest

from broadcaster.speech.vietnamese import ABBREVIATIONS, RULES, Rule, as_said


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.example[0])
def test_every_rule_says_its_own_example(rule: Rule) -> None:
    written, said = rule.example
    assert as_said(written) == said
    assert as_said(said) == said


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.example[0])
def test_no_example_is_said_right_without_its_rule(rule: Rule) -> None:
    text = rule.example[0]
    for other in RULES:
        if other is not rule:
            text = other.written.sub(other.said, text)
    assert text != rule.example[1]


@pytest.mark.parametrize("short", ABBREVIATIONS)
def test_every_abbreviation_is_said_at_length_and_only_as_a_whole_word(short: str) -> None:
    assert as_said(f"Theo {short}, mời bà con") == f"Theo {ABBREVIATIONS[short]}, mời bà con"
    assert as_said(f"X{short}X") == f"X{short}X"
    assert not any(other in ABBREVIATIONS[short] for other in ABBREVIATIONS)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("17h", "17 giờ"),
        ("17g30", "17 giờ 30 phút"),
        ("08:00", "8 giờ"),
        ("7 giờ 05", "7 giờ 5 phút"),
        ("7 giờ 30 phút", "7 giờ 30 phút"),
        ("từ 7h00 - 11h30", "từ 7 giờ đến 11 giờ 30 phút"),
        ("Ngày 05/03/2026", "Ngày 5 tháng 3 năm 2026"),
        ("thứ Sáu, 20-11-2026", "thứ Sáu, ngày 20 tháng 11 năm 2026"),
        ("Ngày 20-25/11", "ngày 20 đến ngày 25 tháng 11"),
        ("Từ 01/3 đến 15/3", "từ ngày 1 tháng 3 đến ngày 15 tháng 3"),
        ("dịp 30/4 và 1/5", "dịp ngày 30 tháng tư và 1/5"),
        ("tháng 4", "tháng tư"),
        ("0221.386.1234", "0 2 2 1, 3 8 6, 1 2 3 4"),
        ("0912345678", "0 9 1 2, 3 4 5, 6 7 8"),
        ("1900 9095", "1 9 0 0, 9 0 9 5"),
        ("Gọi số 115", "Gọi số 1 1 5"),
        ("15.000 VNĐ", "15000 đồng"),
        ("gió giật cấp 8, cấp 9-10", "gió giật cấp 8, cấp 9 đến cấp 10"),
        ("Báo động II", "Báo động 2"),
        ("khóa XIV, kỳ họp thứ IX", "khóa 14, kỳ họp thứ 9"),
        ("60 km/h", "60 ki-lô-mét trên giờ"),
        ("2,5 ha", "2,5 héc-ta"),
        ("Đ/c Thắng", "đồng chí Thắng"),
        ("đ/c số 5 đường Trần Phú", "địa chỉ số 5 đường Trần Phú"),
        ("đ/c chủ tịch", "đồng chí chủ tịch"),
        ("UBND-HĐND xã", "Ủy ban nhân dân, Hội đồng nhân dân xã"),
        ("UBND/MTTQ", "Ủy ban nhân dân/Mặt trận Tổ quốc"),
        ("KT-XH, QP-AN", "kinh tế xã hội, quốc phòng an ninh"),
        ("TPHCM", "thành phố Hồ Chí Minh"),
    ],
)
def test_the_ways_communes_write(written: str, said: str) -> None:
    assert as_said(written) == said


@pytest.mark.parametrize(
    "text",
    [
        "1/2 tấn",
        "3/4 số hộ",
        "tỷ lệ 1:10",
        "tỉ số 2:30",
        "24/24 giờ",
        "đường 3/2",
        "lớp 10/2",
        "Nghị định 15/2020/NĐ-CP",
        "Quyết định 29/2021/QĐ-UBND",
        "32/13/2026",
        "25:61",
        "500g thịt",
        "cấp cứu 115 người",
        "113 người",
        "thứ tư",
        "số 4",
        "địa chỉ",
        "khối ta",
        "H'Hen",
        "tòa A&B",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert as_said(text) == text
