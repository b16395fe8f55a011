"""How what was typed is said."""

import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.words import MOST_LETTERS
from broadcaster.speech import Request, sayable
from broadcaster.speech.parts import parts
from broadcaster.speech.reading import NothingToSay, TooLong, Unreadable, reading

MORSELS = """
UBND HĐND đ/c Đ/c: TP. TP.HCM QL1A ĐT: & < > [ [[ ]] <speak> </speak> <b &lt; &#60; ' " “ ” - – — • * … ...
! , . : 17h30 7h - 8h30 07:30 20/11/2026 20-25/11 30/4 1/2 0912 345 678 0912345678 113 113/114 gọi 15.000đ
/kg % 37,5°C 3-5 m km/h báo động II quý IV cấp 3-4 tháng 4 thứ 1 0 / 🔥 Kính bà con H'Hen ½ ² １ 𝐓 a
""".split()  # noqa: SIM905 - as a list it would be a page long
HIDDEN = [
    " ",
    "\n",
    "\r\n",
    "\t",
    "\x00",
    "\x01",
    "\u200b",
    "\u200d",
    "\u2028",
    "\ue001",
    "\ud800",
    "e\u0302\u0301",
]
COMMUNE = st.lists(st.sampled_from(MORSELS) | st.just(" ") | st.sampled_from(HIDDEN)).map("".join)


@given(st.text(max_size=200) | COMMUNE)
def test_whatever_is_typed_is_refused_or_becomes_words_a_voice_may_get(text: str) -> None:
    try:
        words = reading(text)
    except Unreadable:
        return
    assert all(sayable(sign) for sign in words.replace("\n", ""))
    assert not set(words) & set('[]<>{}|\\^`~_*#"“”')
    assert words == unicodedata.normalize("NFC", words)
    assert all(line == line.strip() and line for line in words.split("\n"))
    for part in parts(words):
        Request(words=part, language="vi")


@given(st.text(max_size=200) | COMMUNE)
def test_reading_what_was_read_changes_nothing(text: str) -> None:
    try:
        words = reading(text)
    except Unreadable:
        return
    assert reading(words) == words


@given(st.text(alphabet="abcđấ ,.!?\n", max_size=200))
def test_no_letter_is_lost(text: str) -> None:
    letters = "".join(filter(str.isalpha, text))
    if letters:
        assert "".join(filter(str.isalpha, reading(text))) == letters


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "...",
        "🔥🔥",
        "\x00\x01",
        "<b></b>",
        "&nbsp;",
        "[]",
        "-",
        "«»",
        "\u200b",
        "<speak><break time='9s'/></speak>",
    ],
)
def test_nothing_to_say_is_told(text: str) -> None:
    with pytest.raises(NothingToSay, match="nothing to say"):
        reading(text)


def test_a_text_of_fifty_thousand_characters_is_the_longest() -> None:
    assert reading("a " * (MOST_LETTERS // 2))
    with pytest.raises(TooLong, match=r"50,001 letters; at most 50,000 are spoken"):
        reading("a" * (MOST_LETTERS + 1))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Xin chào", "Xin chào."),
        ("xin\x00 ch\u200bào", "xin chào."),
        ("Xin\u00a0chào  bà\tcon !", "Xin chào bà con!"),
        ("e\u0302\u0301", "ế."),
        ("Mời bà con!!!!! Nhanh.....", "Mời bà con! Nhanh."),
        ("🔥 KHẨN 🔥: mưa to ☔️", "KHẨN: mưa to."),
        ("1️⃣ Dọn vệ sinh", "1 Dọn vệ sinh."),
        ("<p>Xin <b>chào</b></p>", "Xin chào."),
        ("&lt;speak&gt;Xin chào", "Xin chào."),
        ("＜speak＞Xin chào", "Xin chào."),
        ("Kính gửi <Thắng>", "Kính gửi Thắng."),
        ("**Quan trọng**: [xem ở đây]", "Quan trọng: xem ở đây."),
        ("“Nhà sạch” là 'đẹp'", "Nhà sạch là đẹp."),
        ("Bà H’Hen ở Đắk R'lấp", "Bà H'Hen ở Đắk R'lấp."),
        ("𝐓𝐡ông báo", "Thông báo."),
        ("Diện tích 50 m²", "Diện tích 50 mét vuông."),
        ("Nội dung:\n- Họp thôn\n• Thu phí\n", "Nội dung:\nHọp thôn.\nThu phí."),
        ("Mời bà con ra\nnhà văn hóa\nĐúng giờ", "Mời bà con ra nhà văn hóa.\nĐúng giờ."),
        ("Một\r\nHai\rBa\u2028Bốn", "Một.\nHai.\nBa.\nBốn."),
        ("-# 5 hộ", "5 hộ."),
        ("lúc 17# h30", "lúc 17 giờ 30 phút."),
        ("Thôn Bến – xã Đồng Tiến", "Thôn Bến, xã Đồng Tiến."),
    ],
)
def test_what_is_not_said_goes_out_and_what_is_said_stays(typed: str, said: str) -> None:
    assert reading(typed) == said


def test_a_bulletin_as_communes_write_it() -> None:
    typed = (
        "🔔 THÔNG BÁO\n"
        "UBND xã kính mời bà con đúng 17h30' ngày 20/11/2026 tại NVH thôn Bến,\n"
        "đến dự họp – đ/c Thắng chủ trì!!!\n"
        "- Mức thu: 15.000đ/kg\n"
        "• ĐT: 0912 345 678, gọi 113/114"
    )
    assert reading(typed) == (
        "THÔNG BÁO.\n"
        "Ủy ban nhân dân xã kính mời bà con đúng 17 giờ 30 phút ngày 20 tháng 11 năm 2026 tại nhà văn hóa "
        "thôn Bến, đến dự họp, đồng chí Thắng chủ trì!\n"
        "Mức thu: 15000 đồng một ki-lô-gam.\n"
        "điện thoại: 0 9 1 2, 3 4 5, 6 7 8, gọi 1 1 3, 1 1 4."
    )


def test_other_languages_are_cleaned_and_not_read_as_vietnamese() -> None:
    assert reading("<b>UBND</b> at 17h30", "en") == "UBND at 17h30."
    assert reading("UBND", "vi-VN") == "Ủy ban nhân dân."


@pytest.mark.parametrize(
    "morsel",
    [
        "[",
        "<",
        "<a ",
        "<!--",
        "\n",
        "- ",
        " -",
        "-",
        "&",
        "1.",
        "0",
        "1/",
        " ",
        "\u200c",
        "đ/c ",
        "12h",
        "'",
        ". ",
        "🔥",
    ],
)
def test_no_text_keeps_the_reading_busy_for_long(morsel: str) -> None:
    with suppress(
        NothingToSay
    ):  # a pattern that tries all ways would need hours: the tests' time limit ends it
        reading((morsel * MOST_LETTERS)[:MOST_LETTERS])
