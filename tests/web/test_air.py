"""Announcing at once, and stopping what sounds: looked over first, done once."""

import re
from datetime import timedelta

import pytest

from broadcaster.domain.instants import Spell
from broadcaster.domain.names import CueId
from broadcaster.domain.people import Role
from broadcaster.store.announcements import AnnouncementSheet
from broadcaster.store.orders import DeskOrder, StopAir
from tests.web.commune import TONIGHT, Commune, Visitor
from tests.web.test_bulletins import id_in
from tests.web.test_today import words

WORDS = "UBND xã mời bà con họp lúc 19h30."


def announced(commune: Commune) -> tuple[AnnouncementSheet, ...]:
    hour = timedelta(hours=1)
    span = Spell(begin=commune.present - hour, end=commune.present + hour)
    return commune.station.store.announcements.within(span)


def orders(commune: Commune) -> tuple[DeskOrder, ...]:
    return commune.station.store.orders.take(commune.present)


def test_an_announcement_is_looked_over_and_then_said_once(commune: Commune) -> None:
    commune.three_units()
    visitor = commune.at_desk()
    form = {"id": id_in(visitor.get("/thong-bao").text), "words": WORDS, "where": "all"}
    check = visitor.post("/thong-bao", **form)
    assert check.status_code == 200
    assert "Phát ở 3 cụm loa" in words(check.text)
    assert "19 giờ 30" in check.text, "as it will be said"
    assert announced(commune) == (), "nothing is said before they are sure"
    sure = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', check.text)) | {"sure": "yes"}
    for _ in range(2):
        assert visitor.post("/thong-bao", **sure).location == "/"
    (sheet,) = announced(commune)
    assert (sheet.words, sheet.zones, sheet.chime, sheet.by) == (WORDS, ("all",), "notice", "editor")
    assert sheet.start == commune.present
    assert "Loa ở Toàn xã sẽ đọc trong ít phút" in words(visitor.get("/").text)


def test_its_voice_is_made_while_it_is_looked_over(commune: Commune) -> None:
    commune.at_desk().post("/thong-bao", id="tb-1", words=WORDS, where="all")
    before = set((commune.folder / "state" / "library").rglob("*.json"))
    commune.making.go()
    assert set((commune.folder / "state" / "library").rglob("*.json")) > before


def test_one_village_ticked_is_one_village_told(commune: Commune) -> None:
    commune.three_units()
    visitor = commune.at_desk()
    form = {"id": "tb-1", "words": WORDS, "where": "some", "zones": "thon-ben"}
    check = words(visitor.post("/thong-bao", **form).text)
    assert "Ở Thôn Bến" in check
    assert "Phát ở 1 cụm loa" in check
    visitor.post("/thong-bao", **form, sure="yes")
    assert announced(commune)[0].zones == ("thon-ben",)


def test_looking_it_over_one_can_go_back_with_the_words(commune: Commune) -> None:
    answer = commune.at_desk().post(
        "/thong-bao", id="tb-1", words=WORDS, where="some", zones="thon-dinh", sure="no"
    )
    assert answer.status_code == 200
    assert WORDS in answer.text
    assert 'value="thon-dinh" checked' in answer.text
    assert 'value="tb-1"' in answer.text
    assert announced(commune) == ()


@pytest.mark.parametrize("sure", ["", "yes"])
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"words": "  ", "where": "all"}, "Chưa có nội dung để đọc"),
        ({"words": WORDS, "where": "some"}, "Chưa chọn nơi phát"),
        ({"words": WORDS, "where": "some", "zones": "sao-hoa"}, "Nơi phát này không còn trong danh sách"),
    ],
)
def test_what_cannot_be_announced_is_told_with_the_words_kept(
    commune: Commune, typed: dict[str, str], sentence: str, sure: str
) -> None:
    answer = commune.at_desk().post("/thong-bao", id="tb-1", sure=sure, **typed)
    assert answer.status_code == 400
    assert f'role="alert">{sentence}' in answer.text
    assert typed["words"].strip() in answer.text
    assert announced(commune) == ()


def test_outside_the_hours_people_are_told_when_they_may(commune: Commune) -> None:
    commune.present += timedelta(hours=5)
    answer = commune.at_desk().post("/thong-bao", id="tb-1", words=WORDS, where="all")
    assert answer.status_code == 400
    assert "Giờ này không được phát. Đài được phát 05:00–06:30 và 17:00–19:00 hằng ngày." in words(
        answer.text
    )
    assert WORDS in answer.text


def test_where_approval_is_asked_for_the_door_is_shown_to_who_approves_only(commune: Commune) -> None:
    commune.asks_for_approval()
    editor, leader = commune.at_desk(Role.EDITOR), commune.at_desk(Role.APPROVER)
    assert 'href="/thong-bao"' in leader.get("/").text
    assert 'href="/thong-bao"' not in editor.get("/").text
    assert "<textarea" not in editor.get("/thong-bao").text
    answer = editor.post("/thong-bao", id="tb-1", words=WORDS, where="all", sure="yes")
    assert answer.status_code == 400
    assert "phải duyệt trước khi phát" in answer.text
    assert WORDS in answer.text, "to be copied into a bulletin"
    assert announced(commune) == ()


def test_a_station_without_the_notice_chime_announces_without_it(commune: Commune) -> None:
    (commune.folder / "audio" / "chimes" / "notice.opus").unlink()
    commune.at_desk().post("/thong-bao", id="tb-1", words=WORDS, where="all", sure="yes")
    assert announced(commune)[0].chime is None


def test_taking_back_what_is_not_there_is_told(commune: Commune) -> None:
    answer = commune.at_desk().post("/huy-thong-bao", announcement="khong-co")
    assert answer.status_code == 404
    assert "Không tìm thấy thông báo này" in answer.text


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", ""])
def test_taking_back_never_leads_to_another_site(commune: Commune, back: str) -> None:
    visitor = commune.at_desk()
    visitor.post("/thong-bao", id="tb-1", words=WORDS, where="all", sure="yes")
    assert visitor.post("/huy-thong-bao", announcement="tb-1", back=back).location == "/"


def on_air(commune: Commune) -> None:
    commune.three_units()
    commune.planned(TONIGHT, "Bản tin chiều", minutes=40)
    commune.beats("xa-1", "thon-ben-1", playing=TONIGHT)
    commune.beats("thon-dinh-1")


def stop(visitor: Visitor, path: str) -> None:
    """Go to the confirmation and press its button, twice."""
    page = visitor.get(path).text
    form = re.findall(r'type="hidden" name="(id|cue|zones)" value="([^"]*)"', page)
    fields = {name: [value for named, value in form if named == name] for name, _ in form}
    for _ in range(2):
        assert visitor.post("/dung-phat", **fields).location == "/"


def test_the_button_that_stops_names_the_act_and_the_number(commune: Commune) -> None:
    on_air(commune)
    visitor = commune.at_desk()
    assert f'href="/dung-phat?cue={TONIGHT}"' in visitor.get("/").text
    text = words(visitor.get(f"/dung-phat?cue={TONIGHT}").text)
    assert "Dừng phát? Bản tin chiều Toàn xã Dừng ở 2 cụm loa Không dừng, cứ để phát" in text


def test_a_stop_pressed_twice_leaves_one_order(commune: Commune) -> None:
    on_air(commune)
    stop(commune.at_desk(), f"/dung-phat?cue={TONIGHT}")
    (order,) = orders(commune)
    assert order.wish == StopAir(cue=TONIGHT)
    assert order.to == ("all",)
    assert order.by == "Người editor"


def test_everything_can_be_stopped_though_nothing_seems_to_play(commune: Commune) -> None:
    commune.three_units()
    visitor = commune.at_desk(Role.TECHNICIAN)
    assert "Dừng ở 3 cụm loa" in visitor.get("/dung-phat").text
    stop(visitor, "/dung-phat")
    (order,) = orders(commune)
    assert (order.wish, order.to) == (StopAir(cue=None), ("all",))


def test_what_has_ended_meanwhile_is_not_stopped(commune: Commune) -> None:
    commune.three_units()
    for cue in (TONIGHT, "khong-co@2026-11-21T17:00:00", "linh tinh"):
        page = commune.at_desk().get("/dung-phat", query_string={"cue": cue}).text
        assert "Không còn phát" in page
        assert '<button class="btn stop' not in page


def test_a_village_stops_its_own_horns_only(commune: Commune) -> None:
    on_air(commune)
    visitor = commune.at_desk(Role.VILLAGE)
    text = words(visitor.get(f"/dung-phat?cue={TONIGHT}").text)
    assert "Thôn Bến Dừng ở 1 cụm loa" in text
    stop(visitor, f"/dung-phat?cue={TONIGHT}")
    assert orders(commune)[0].to == ("zone:thon-ben",)
    answer = visitor.post("/dung-phat", zones="all")
    assert answer.status_code == 403
    assert "địa bàn của mình" in answer.text
    assert len(orders(commune)) == 1


def test_a_village_is_told_that_what_plays_elsewhere_is_not_its_own(commune: Commune) -> None:
    commune.three_units()
    cue = CueId("tin-dinh@2026-11-21T17:00:00")
    commune.beats("thon-dinh-1", playing=cue)
    text = words(commune.at_desk(Role.VILLAGE).get(f"/dung-phat?cue={cue}").text)
    assert "không phát ở địa bàn của bạn" in text


@pytest.mark.parametrize("form", [{}, {"zones": "sao-hoa"}, {"zones": "all", "cue": "linh tinh"}])
def test_a_stop_that_makes_no_sense_stops_nothing(commune: Commune, form: dict[str, str]) -> None:
    answer = commune.at_desk().post("/dung-phat", **form)
    assert answer.status_code in (400, 404)
    assert orders(commune) == ()
