"""Approving with two people, booking into a slot and at a time of its own."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from broadcaster.domain.bulletin import State
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import BulletinId
from broadcaster.domain.people import Role
from broadcaster.store.announcements import AnnouncementSheet
from tests.web.commune import TOMORROW, TONIGHT, Commune, Visitor
from tests.web.test_bulletins import seen_in
from tests.web.test_today import words

PAGE = "/ban-tin/mat-dien"


def state(commune: Commune, id: str = "mat-dien") -> State:
    found = commune.station.store.bulletins.find(BulletinId(id))
    assert found is not None
    return found.state


def announced(commune: Commune) -> tuple[AnnouncementSheet, ...]:
    year = timedelta(days=800)
    span = Spell(begin=commune.present - year, end=commune.present + year)
    return commune.station.store.announcements.within(span)


def forms(visitor: Visitor, path: str = PAGE) -> set[str]:
    """What the page offers to do with the bulletin."""
    return set(re.findall(r'action="/ban-tin/[^/"]+/([^"]+)"', visitor.get(path).text))


def test_where_the_station_asks_for_it_a_bulletin_needs_two_people(commune: Commune) -> None:
    commune.asks_for_approval()
    commune.bulletin()
    editor, leader = commune.at_desk(Role.EDITOR), commune.at_desk(Role.APPROVER)
    assert state(commune) is State.DRAFT
    assert "gui-duyet" in forms(editor)
    assert "duyet" not in forms(leader)
    assert "Đã gửi lãnh đạo duyệt." in sent(editor, "gui-duyet")
    assert state(commune) is State.SUBMITTED
    assert '<span class="n">1<span class="vh"> chờ duyệt</span>' in leader.get("/").text
    assert 'class="n"' not in editor.get("/").text, "only who approves is told to"
    assert forms(editor) == {"sua", "xep", "hen-gio"}
    assert {"duyet", "tra-lai"} <= forms(leader)
    assert "Đã duyệt." in sent(leader, "duyet", seen=seen_in(leader.get(PAGE).text))
    assert state(commune) is State.APPROVED


def sent(visitor: Visitor, verb: str, bulletin: str = "mat-dien", /, **form: object) -> str:
    """Send the form, and read the page it leads to."""
    answer = visitor.post(f"/ban-tin/{bulletin}/{verb}", **form)
    assert answer.status_code == 302, words(answer.text)
    return words(visitor.get(answer.location).text)


def test_a_leader_returns_it_with_the_reason_and_the_editor_reads_it(commune: Commune) -> None:
    commune.asks_for_approval()
    commune.bulletin()
    editor, leader = commune.at_desk(Role.EDITOR), commune.at_desk(Role.APPROVER)
    sent(editor, "gui-duyet")
    assert "Đã trả lại người soạn" in sent(leader, "tra-lai", why="Sai giờ <cắt>, sửa lại.")
    assert state(commune) is State.RETURNED
    assert "Người approver trả lại: Sai giờ &lt;cắt&gt;, sửa lại." in words(editor.get(PAGE).text)
    sent(editor, "sua", title="Điện", words="Mai cắt điện lúc 8h.", seen=seen_in(editor.get(PAGE).text))
    assert state(commune) is State.DRAFT
    sent(editor, "gui-duyet")
    assert state(commune) is State.SUBMITTED


def test_a_return_without_a_reason_is_told_at_its_field(commune: Commune) -> None:
    commune.bulletin()
    answer = commune.at_desk(Role.APPROVER).post(f"{PAGE}/tra-lai", why="  ")
    assert answer.status_code == 400
    assert "Chưa viết lý do trả lại" in answer.text
    assert state(commune) is State.APPROVED


def test_nobody_approves_their_own_words(commune: Commune) -> None:
    commune.asks_for_approval()
    commune.bulletin(Role.APPROVER)
    leader = commune.at_desk(Role.APPROVER)
    sent(leader, "gui-duyet")
    page = leader.get(PAGE).text
    assert "nhờ lãnh đạo khác duyệt" in page
    assert "duyet" not in forms(leader)
    answer = leader.post(f"{PAGE}/duyet", seen=seen_in(page))
    assert answer.status_code == 403
    assert "Không tự duyệt bài của mình" in answer.text
    assert state(commune) is State.SUBMITTED


def test_nobody_approves_words_they_never_saw(commune: Commune) -> None:
    commune.asks_for_approval()
    commune.bulletin()
    editor, leader = commune.at_desk(Role.EDITOR), commune.at_desk(Role.APPROVER)
    sent(editor, "gui-duyet")
    seen = seen_in(leader.get(PAGE).text)
    commune.present += timedelta(minutes=1)
    sent(editor, "sua", title="Điện", words="Chữ khác hẳn.", seen=seen)
    sent(editor, "gui-duyet")
    answer = leader.post(f"{PAGE}/duyet", seen=seen)
    assert answer.status_code == 400
    assert "Có người vừa sửa bản tin này" in answer.text
    assert "Chữ khác hẳn." in answer.text
    assert state(commune) is State.SUBMITTED


def test_where_nobody_asks_for_approval_a_village_still_needs_an_editors_yes(commune: Commune) -> None:
    commune.bulletin(Role.VILLAGE)
    village, editor = commune.at_desk(Role.VILLAGE), commune.at_desk(Role.EDITOR)
    assert "Đã gửi lãnh đạo duyệt." in sent(village, "gui-duyet")
    assert "Cho phép phát" in editor.get(PAGE).text
    assert "Đã cho phép phát." in sent(editor, "gui-duyet")
    assert state(commune) is State.APPROVED


def test_a_step_that_was_taken_already_is_told_and_the_page_shown_as_it_is_now(commune: Commune) -> None:
    commune.bulletin()
    answer = commune.at_desk(Role.EDITOR).post(f"{PAGE}/gui-duyet")
    assert answer.status_code == 400
    assert "Bản tin đang ở bước khác" in answer.text
    assert "Đã duyệt" in answer.text


def test_correcting_an_approved_bulletin_says_that_it_must_be_approved_again(commune: Commune) -> None:
    commune.bulletin()
    commune.asks_for_approval()
    editor = commune.at_desk(Role.EDITOR)
    page = editor.get(PAGE).text
    assert "Sửa xong phải duyệt lại." in page
    assert "phải được duyệt lại" in sent(editor, "sua", title="Điện", words="Khác.", seen=seen_in(page))


def test_the_slots_that_still_take_bulletins_are_offered_the_nearest_first(commune: Commune) -> None:
    commune.bulletin()
    text = words(commune.at_desk().get(PAGE).text)
    assert (
        "Xếp vào buổi 05:00 ngày mai · Bản tin sáng 17:00 ngày mai · Bản tin chiều 05:00 Thứ Hai 23/11"
        in text
    )
    assert "17:00 · Bản tin chiều" not in text, "today's has begun"


def test_a_bulletin_is_booked_into_a_slot_once_and_taken_out_again(commune: Commune) -> None:
    commune.bulletin()
    visitor = commune.at_desk()
    for _ in range(2):
        text = sent(visitor, "xep", cue=TOMORROW)
    assert "Đã xếp vào buổi phát." in text
    assert text.count("05:00 ngày mai · Bản tin sáng") == 1, "it is not offered what it has"
    assert commune.station.store.bookings.of(TOMORROW) == ("mat-dien",)
    assert "Lịch cắt điện" in words(visitor.get("/lich-phat?ngay=2026-11-22").text)
    assert "Đã lấy ra khỏi buổi phát." in sent(visitor, "bo-xep", cue=TOMORROW)
    assert commune.station.store.bookings.of(TOMORROW) == ()


def test_a_slot_tells_how_many_are_booked_before(commune: Commune) -> None:
    commune.bulletin(id="mot")
    commune.bulletin(id="hai")
    visitor = commune.at_desk()
    sent(visitor, "xep", "mot", cue=TOMORROW)
    assert "05:00 ngày mai · Bản tin sáng đã có 1 bản tin" in words(visitor.get("/ban-tin/hai").text)


@pytest.mark.parametrize(
    ("cue", "sentence"),
    [
        (TONIGHT, "Buổi này đã chốt danh sách"),
        ("nhac-que-huong@2026-11-22T06:15:00", "không nhận bản tin"),
        ("khong-co@2026-11-22T06:15:00", "không nhận bản tin"),
        ("linh tinh", "Không tìm thấy buổi phát này"),
        ("", "Không tìm thấy buổi phát này"),
    ],
)
def test_a_slot_that_cannot_be_had_is_told_and_nothing_is_booked(
    commune: Commune, cue: str, sentence: str
) -> None:
    commune.bulletin()
    answer = commune.at_desk().post(f"{PAGE}/xep", cue=cue)
    assert answer.status_code in (400, 404)
    assert sentence in answer.text
    assert commune.station.store.bookings.cues_of(BulletinId("mat-dien")) == ()


def test_a_bulletin_gets_a_time_of_its_own_and_can_be_taken_back(commune: Commune) -> None:
    commune.bulletin()
    visitor = commune.at_desk()
    page = words(visitor.get(PAGE).text)
    assert "Đài được phát 05:00–06:30 và 17:00–19:00 hằng ngày." in page
    form = {"day": "2026-11-21", "time": "18:30", "where": "some"}
    for _ in range(2):
        text = sent(visitor, "hen-gio", id="hg-1", zones=["thon-ben"], **form)
    assert "Đã hẹn phát lúc 18:30." in text
    assert text.count("18:30 · giờ riêng Thôn Bến") == 1, "twice is once"
    (sheet,) = announced(commune)
    assert sheet.start == datetime(2026, 11, 21, 11, 30, tzinfo=UTC)
    answer = visitor.post("/huy-thong-bao", announcement="hg-1", back=PAGE)
    assert answer.location == PAGE
    assert "18:30 · giờ riêng" not in words(visitor.get(PAGE).text)


def test_the_time_that_is_proposed_is_soon_and_allowed(commune: Commune) -> None:
    commune.bulletin()
    visitor = commune.at_desk()
    page = visitor.get(PAGE).text
    assert '<option value="2026-11-21" selected>Hôm nay, Thứ Bảy 21/11</option>' in page
    assert 'name="time" value="17:30"' in page
    commune.present = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
    page = visitor.get(PAGE).text
    assert '<option value="2026-11-22" selected>Ngày mai, Chủ Nhật 22/11</option>' in page
    assert 'name="time" value="05:00"' in page


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("18:05", "18:05"),
        ("18h05", "18:05"),
        ("18 giờ 5 phút", "18:05"),
        ("18 giờ 05 phút", "18:05"),
        ("18h", "18:00"),
        (" 1805 ", "18:05"),
        ("18.05", "18:05"),
        ("6 giờ chiều", None),
    ],
)
def test_a_time_is_understood_as_people_write_it(commune: Commune, typed: str, at: str | None) -> None:
    commune.bulletin()
    answer = commune.at_desk().post(f"{PAGE}/hen-gio", id="hg-1", day="2026-11-21", time=typed, where="all")
    found = [
        f"{sheet.start.astimezone(commune.station.station.timezone):%H:%M}" for sheet in announced(commune)
    ]
    assert found == ([] if at is None else [at])
    assert answer.status_code == (400 if at is None else 302)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"day": "2026-11-21", "time": "17:19"}, "Giờ phát đã qua"),
        ({"day": "2028-11-21", "time": "17:30"}, "Ngày phát xa quá"),
        ({"day": "2026-11-21", "time": "22:00"}, "Giờ này không được phát. Đài được phát 05:00–06:30"),
        ({"day": "", "time": "17:30"}, "Chưa chọn đủ ngày và giờ"),
        ({"day": "2026-11-21", "time": "25:61"}, "Chưa chọn đủ ngày và giờ"),
        ({"day": "9999-12-31", "time": "23:59"}, "Ngày phát xa quá"),
        ({"day": "0001-01-01", "time": "00:00"}, "Chưa chọn đủ ngày và giờ"),
        ({"day": "2026-11-21", "time": "17:30", "where": "some"}, "Chưa chọn nơi phát"),
        (
            {"day": "2026-11-21", "time": "17:30", "where": "some", "zones": "sao-hoa"},
            "không còn trong danh sách",
        ),
    ],
)
def test_a_time_that_cannot_be_had_is_told_at_its_field_and_shown_again(
    commune: Commune, form: dict[str, str], sentence: str
) -> None:
    commune.bulletin()
    answer = commune.at_desk().post(f"{PAGE}/hen-gio", **{"where": "all", "id": "hg-1"} | form)
    assert answer.status_code == 400
    assert sentence in words(answer.text)
    assert f'name="time" value="{form["time"]}"' in answer.text
    chose = form.get("where", "all")
    assert f'name="where" value="{chose}" id="where-{chose}" checked' in answer.text
    assert '<a href="#gio-rieng">' in answer.text, "on a phone the field is far below"
    assert announced(commune) == ()


def test_what_will_go_wrong_with_a_booking_is_told_at_once(commune: Commune) -> None:
    commune.bulletin(words="Mai mất điện. " * 300)
    visitor = commune.at_desk()
    text = sent(visitor, "hen-gio", id="hg-1", day="2026-11-21", time="18:58", where="all")
    assert "Đã hẹn phát lúc 18:58." in text
    assert "“Lịch cắt điện” 18:58 chưa xong thì đã hết giờ được phát; đến 19:00 sẽ nhỏ dần rồi dừng." in text


def test_an_unapproved_booking_says_its_fate(commune: Commune) -> None:
    commune.asks_for_approval()
    commune.bulletin()
    visitor = commune.at_desk()
    assert "Chưa duyệt thì đến giờ sẽ không phát" in sent(visitor, "xep", cue=TOMORROW)
    assert "Chưa duyệt thì không phát" in visitor.get("/lich-phat?ngay=2026-11-22").text


def test_a_village_books_only_its_own_words_in_its_own_place(commune: Commune) -> None:
    commune.bulletin(Role.VILLAGE)
    commune.bulletin(Role.EDITOR, "cua-dai")
    visitor = commune.at_desk(Role.VILLAGE)
    page = visitor.get(PAGE).text
    assert "không còn buổi nào nhận bản tin này" in page, "the slots reach beyond the village"
    assert 'name="where"' not in page
    assert '<input type="checkbox" name="zones" value="thon-ben" checked>' in page
    assert "thon-dinh" not in page
    form = {"day": "2026-11-21", "time": "18:30"}
    assert "giờ riêng Thôn Bến" in sent(visitor, "hen-gio", id="hg-1", zones="thon-ben", **form)
    beyond = visitor.post(f"{PAGE}/hen-gio", id="hg-2", where="all", **form)
    assert beyond.status_code == 403
    assert "địa bàn của mình" in beyond.text
    not_mine = visitor.post("/ban-tin/cua-dai/hen-gio", id="hg-3", zones="thon-ben", **form)
    assert not_mine.status_code == 403
    assert "bài của mình" in not_mine.text
    assert "hen-gio" not in forms(visitor, "/ban-tin/cua-dai")


def test_what_became_of_a_booking_stands_on_its_page(commune: Commune) -> None:
    commune.three_units()
    commune.bulletin()
    visitor = commune.at_desk()
    sent(visitor, "xep", cue=TOMORROW)
    line = commune.planned(TOMORROW, "Bản tin sáng")
    commune.present = line.start + timedelta(hours=1)
    for unit in ("xa-1", "thon-ben-1"):
        commune.told(line, unit)
    text = words(visitor.get(PAGE).text)
    assert "05:00 · Bản tin sáng Toàn xã Thiếu 1/3 cụm" in text
    assert "Lấy ra khỏi buổi" not in text
