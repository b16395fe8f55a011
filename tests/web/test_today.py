"""Hôm nay: what plays, what comes, what became of it, how the units are, and when that is old news."""

import re
from datetime import timedelta

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.names import CueId
from broadcaster.domain.people import Role
from tests.web.commune import EVENING, TONIGHT, Commune

LATER = CueId("nhac-que-huong@2026-11-21T18:45:00")


def words(html: str) -> str:
    """What a person reads, on one line."""
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def today(commune: Commune, role: Role = Role.EDITOR) -> str:
    return words(commune.at_desk(role).get("/").text)


def test_what_plays_is_told_from_heartbeats_with_its_title_its_places_and_its_end(commune: Commune) -> None:
    commune.three_units()
    commune.planned(TONIGHT, "Bản tin chiều", minutes=22)
    commune.beats("xa-1", "thon-ben-1", playing=TONIGHT)
    commune.beats("thon-dinh-1")
    text = today(commune)
    assert "Đang phát 2/3 cụm loa Bản tin chiều Toàn xã 17:18 Còn 20 phút 17:40 Dừng phát" in text
    assert "Đang phát 2/3" in text
    assert "Loa thon-dinh-1 Sẵn sàng" in text


def test_a_plan_alone_is_not_taken_for_sound(commune: Commune) -> None:
    commune.three_units()
    commune.planned(TONIGHT, minutes=40)
    commune.beats("xa-1", "thon-ben-1", "thon-dinh-1")
    text = today(commune)
    assert "Không có gì đang phát" in text
    assert "Chờ báo về 0/3" in text
    assert "Loa vẫn kêu? Dừng phát" in text, "horns can always be stopped"


def test_an_old_heartbeat_tells_nothing_of_what_plays(commune: Commune) -> None:
    commune.three_units()
    commune.planned(TONIGHT, minutes=40)
    commune.beats("xa-1", ago=120, playing=TONIGHT)
    assert "Không có gì đang phát" in today(commune)


def test_a_unit_that_has_told_how_it_ended_plays_it_no_more(commune: Commune) -> None:
    commune.three_units()
    line = commune.planned(TONIGHT)
    commune.beats("xa-1", "thon-ben-1", ago=50, playing=TONIGHT)
    commune.told(line, "xa-1")
    assert "Đang phát 1/3 cụm loa" in today(commune)


def test_something_on_air_that_nobody_planned_is_shown_under_the_units_own_title(commune: Commune) -> None:
    commune.three_units()
    commune.beats("thon-ben-1", playing=CueId("la-lung@2026-11-21T17:00:00"))
    text = today(commune)
    assert "Tên trên loa Thôn Bến Từ 17:18" in text


def test_what_comes_next_is_told_with_its_time_and_how_far_off_that_is(commune: Commune) -> None:
    commune.planned(LATER, "Nhạc quê hương", minutes=3)
    commune.planned(CueId("ban-tin-sang@2026-11-22T05:00:00"), "Bản tin sáng")
    text = today(commune)
    assert "Tiếp theo 18:45, sau 1 giờ 25 phút Nhạc quê hương 3 phút · Toàn xã" in text
    assert "05:00 ngày mai Bản tin sáng" in text


def test_a_line_heard_everywhere_is_told_so(commune: Commune) -> None:
    commune.three_units()
    line = commune.planned(TONIGHT)
    for unit in ("xa-1", "thon-ben-1", "thon-dinh-1"):
        commune.told(line, unit)
    assert "Đã phát đủ 3/3" in today(commune)


def test_a_line_not_heard_somewhere_names_the_units_and_why(commune: Commune) -> None:
    commune.three_units()
    line = commune.planned(TONIGHT)
    commune.told(line, "xa-1")
    commune.told(line, "thon-ben-1", Outcome.NOT_READY, "none of its clips was on the unit")
    commune.present += timedelta(hours=1)
    text = today(commune)
    assert "Thiếu 2/3 cụm" in text
    assert "Loa thon-ben-1: chưa có âm thanh" in text
    assert "Loa thon-dinh-1: không báo về" in text


def test_where_there_is_no_unit_the_line_says_so(commune: Commune) -> None:
    commune.planned(TONIGHT)
    assert "Chưa có cụm loa nào" in today(commune)


def test_lines_stand_under_their_part_of_the_day(commune: Commune) -> None:
    for at, title in (
        ("05:00", "Tin sáng"),
        ("11:30", "Tin trưa"),
        ("17:00", "Tin chiều"),
        ("19:00", "Ca nhạc"),
    ):
        commune.planned(CueId(f"tin@2026-11-21T{at}:00"), title)
    text = today(commune)
    parts = ["Buổi sáng 05:00 Tin sáng", "Buổi trưa 11:30 Tin trưa", "Buổi chiều 17:00 Tin chiều"]
    for part in [*parts, "Buổi tối 19:00 Ca nhạc"]:
        assert part in text


def test_yesterday_and_tomorrow_are_other_days(commune: Commune) -> None:
    commune.planned(CueId("hom-qua@2026-11-20T23:59:59"), "Hôm qua")
    commune.planned(CueId("ngay-mai@2026-11-22T00:00:00"), "Ngày mai")
    text = today(commune).partition("Lịch hôm nay")[2]
    assert "Hôm qua" not in text
    assert "Ngày mai" not in text


def test_faults_stand_before_what_is_well_and_say_what_is_wrong(commune: Commune) -> None:
    commune.three_units()
    commune.unit("thon-dinh-2", "thon-dinh", "Loa mới")
    commune.beats("xa-1")
    commune.beats("thon-ben-1", ago=14 * 60)
    commune.beats("thon-dinh-1", clock_trusted=False)
    text = today(commune).partition("Cụm loa Xem tất cả ")[2]
    assert text.startswith("2 mất 1 cần xem 1 sẵn sàng")
    assert "Loa thon-ben-1 Mất kết nối 14 phút · Thôn Bến" in text
    assert "Loa mới Chưa báo về lần nào · Thôn Đình" in text
    assert "Loa thon-dinh-1 Đồng hồ chưa đúng: lịch phải chờ, khẩn cấp vẫn phát" in text
    places = [text.index(name) for name in ("Loa thon-ben-1", "Loa mới", "Loa thon-dinh-1", "Loa xa-1")]
    assert places == sorted(places), "what is gone first, then what needs a look, then what is well"


def test_a_heartbeat_that_is_a_minute_old_is_the_newest_the_hub_stores(commune: Commune) -> None:
    commune.three_units()
    commune.beats("xa-1", "thon-ben-1", "thon-dinh-1", ago=68)
    assert "3 sẵn sàng" in today(commune)


def test_a_forbidden_unit_is_not_waited_for(commune: Commune) -> None:
    commune.three_units()
    commune.desk.forbid_unit(commune.people[Role.ADMIN], "thon-ben-1")
    line = commune.planned(TONIGHT)
    commune.told(line, "xa-1")
    commune.told(line, "thon-dinh-1")
    text = today(commune)
    assert "Đã phát đủ 2/2" in text
    assert "Loa thon-ben-1" not in text


def test_when_no_unit_is_heard_any_more_the_page_says_it_is_not_the_units(commune: Commune) -> None:
    commune.three_units()
    commune.beats("xa-1", "thon-ben-1", ago=20 * 60)
    assert "Không cụm loa nào báo về từ 17:00" in today(commune)


def test_an_order_no_hub_has_sent_is_told(commune: Commune) -> None:
    visitor = commune.at_desk()
    visitor.post("/dung-phat", where="all", zones="all")
    assert "chưa đến được loa" not in words(visitor.get("/").text), "it has had no time yet"
    commune.present += timedelta(seconds=6)
    assert "Lệnh của Người editor lúc 17:20 chưa đến được loa" in words(visitor.get("/").text)
    commune.present += timedelta(minutes=2)
    assert "chưa đến được loa" in words(visitor.get("/").text), "not even when it is too late for it"
    commune.present += timedelta(hours=1)
    assert "chưa đến được loa" not in words(visitor.get("/").text)


def test_an_announcement_that_waits_can_be_taken_back(commune: Commune) -> None:
    commune.three_units()
    visitor = commune.at_desk()
    commune.bulletin()
    sheet = commune.desk.book_at(
        commune.people[Role.EDITOR], "mat-dien", at=EVENING + timedelta(minutes=30), zones=["all"], id="hen"
    )
    cue = CueId("hen@2026-11-21T17:50:00")
    commune.planned(cue, sheet.title, minutes=1)
    page = visitor.get("/").text
    assert 'href="/ban-tin/mat-dien"' in page
    assert "Huỷ, không phát" in page
    assert "Huỷ, không phát" not in commune.at_desk(Role.TECHNICIAN).get("/").text
    visitor.post("/huy-thong-bao", announcement="hen")
    text = words(visitor.get("/").text)
    assert "Đã huỷ, sẽ không phát" in text
    assert "Lịch cắt điện" in text
    assert "Huỷ, không phát" not in text


def test_the_moving_part_comes_alone_and_asks_to_be_renewed(commune: Commune) -> None:
    visitor = commune.at_desk()
    part = visitor.get("/hom-nay/bay-gio").text
    assert part.count("<div") == part.count("</div>")
    assert "<html" not in part
    assert 'id="present" data-again="/hom-nay/bay-gio" data-seconds="3" data-clock="17:20"' in part
    page = visitor.get("/").text
    assert part.strip() in page
    assert '<script src="/static/now.js" defer></script>' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "Máy chủ không trả lời. Số liệu dưới đây lúc" in page


def test_the_moving_part_does_not_flicker_while_nothing_happens(commune: Commune) -> None:
    commune.three_units()
    commune.beats("xa-1", "thon-ben-1")
    commune.beats("thon-dinh-1", ago=14 * 60)
    commune.planned(LATER)
    visitor = commune.at_desk()
    before = visitor.get("/hom-nay/bay-gio").text
    commune.present += timedelta(seconds=3)
    assert visitor.get("/hom-nay/bay-gio").text == before


def test_a_broken_schedule_file_is_told_and_the_last_good_one_stays(commune: Commune) -> None:
    visitor = commune.at_desk()
    visitor.get("/lich-phat")
    path = commune.folder / "schedules" / "ban-tin-chieu.toml"
    path.write_text(path.read_text() + "\nrank = hỏng\n")
    for page in ("/", "/lich-phat"):
        text = words(visitor.get(page).text)
        assert "Tệp schedules/ban-tin-chieu.toml có lỗi ở dòng" in text
        assert "expected" not in text
    assert "17:00 Bản tin chiều" in words(visitor.get("/lich-phat").text)
