"""Nhật ký and Lịch phát: a day as it was, a day as it will be."""

import re

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.names import CueId
from broadcaster.domain.people import Role
from tests.web.commune import TOMORROW, TONIGHT, Commune
from tests.web.test_today import words


def test_the_log_of_a_day_tells_what_was_heard_where_how_long_and_why_not(commune: Commune) -> None:
    commune.three_units()
    line = commune.planned(TONIGHT)
    commune.told(line, "xa-1")
    why = "stopped by Trần Thị Hoa; 40 of 600 s sounded"
    commune.told(line, "thon-ben-1", Outcome.PARTLY_AIRED, why)
    commune.told(line, "thon-dinh-1", Outcome.FAILED, "its sound broke; ALSA underrun 0x3f")
    text = words(commune.at_desk().get("/nhat-ky/").text)
    assert "1 lượt phát đủ 2 lượt chưa đủ" in text
    assert "17:00 Bản tin chiều Loa xa-1 Đã phát đủ 10 phút" in text
    assert "Phát thiếu Trần Thị Hoa đã bấm dừng; phát được 40 giây trên 10 phút" in text
    assert "Hỏng âm thanh hỏng giữa chừng Chi tiết kỹ thuật ALSA underrun 0x3f" in text


def test_another_day_has_its_own_log(commune: Commune) -> None:
    line = commune.planned(CueId("ban-tin-chieu@2026-11-20T17:00:00"))
    commune.told(line, "xa-1")
    visitor = commune.at_desk()
    assert "Ngày này chưa có gì được ghi" in visitor.get("/nhat-ky/").text
    page = visitor.get("/nhat-ky/?ngay=2026-11-20").text
    assert "Thứ Sáu, 20/11/2026" in page
    assert "Đã phát đủ" in page
    assert 'href="/nhat-ky/?ngay=2026-11-19"' in page
    assert 'href="/nhat-ky/?ngay=2026-11-21"' in page


def test_a_long_day_is_turned_page_by_page_and_nothing_is_left_out(commune: Commune) -> None:
    names = [f"xa-{number}" for number in range(1, 61)]
    line = commune.planned(TONIGHT)
    for name in names:
        commune.unit(name, "xa")
        commune.told(line, name)
    visitor = commune.at_desk()
    first = visitor.get("/nhat-ky/").text
    older = re.search(r'href="(/nhat-ky/\?[^"]*cu-hon[^"]*)"', first)
    assert older
    second = visitor.get(older[1].replace("&amp;", "&")).text
    shown = re.findall(r"<td>Loa (xa-\d+)</td>", first + second)
    assert sorted(shown) == sorted(names)
    assert "Về đầu ngày" in second
    assert "cu-hon" not in second


def test_the_log_can_be_printed_and_signed(commune: Commune) -> None:
    page = commune.at_desk().get("/nhat-ky/").text
    assert "Người lập" in page
    assert "Đài truyền thanh xã Đồng Tiến · Thứ Bảy, 21/11/2026" in page


def test_a_day_to_come_is_shown_with_its_lengths_and_bulletins(commune: Commune) -> None:
    commune.bulletin()
    commune.desk.book(commune.people[Role.EDITOR], "mat-dien", TOMORROW)
    page = commune.at_desk().get("/lich-phat?ngay=2026-11-22").text
    text = words(page)
    assert "Buổi sáng 05:00 Bản tin sáng" in text
    assert 'href="/ban-tin/mat-dien"' in page
    assert "Buổi chiều 17:00 Bản tin chiều" in text
    assert "Chưa xếp bản tin nào" in text
    assert "Buổi tối 18:45 Nhạc quê hương" in text
    assert "Tiếp âm" not in text, "not on Sundays"
    assert "Cần xem lại" not in text


def test_what_is_wrong_with_a_day_is_told_in_words(commune: Commune) -> None:
    (commune.folder / "schedules" / "tin-muon.toml").write_text(
        'title = "Tin muộn"\nzones = ["all"]\nrank = "ordinary"\ndays = ["sat"]\nat = ["18:10", "21:00"]\n'
        '[[item]]\nsay = "Tin muộn."\n'
    )
    text = words(commune.at_desk().get("/lich-phat").text)
    assert "Cần xem lại" in text
    assert "“Tin muộn” 18:10 bắt đầu lúc “Tiếp âm thời sự Đài Tiếng nói Việt Nam” 18:00 chưa xong" in text
    assert "“Tin muộn” 18:10 phải nhường." in text
    assert "“Tin muộn” 21:00 nằm ngoài giờ được phép phát, sẽ không phát." in text
    assert "gives way" not in text
