"""Phát khẩn cấp: what is seen before it goes out, raising it once, and what a phone may do afterwards."""

import re
import sqlite3
from datetime import timedelta

import pytest

from broadcaster.domain.alert import Alert, Message, Status
from broadcaster.domain.names import AlertId, CueId, ProgrammeId
from broadcaster.domain.people import Role
from broadcaster.link.messages import HandedOver
from broadcaster.link.wire import NoAnswer
from tests.web.commune import TONIGHT, Commune, Visitor, wav
from tests.web.test_today import words

FIRES = timedelta(seconds=5)


def known(commune: Commune, id: str) -> Alert | None:
    return commune.station.store.alerts.find(AlertId(id))


def form_id(visitor: Visitor, path: str) -> str:
    """The id the page made for its form."""
    found = re.search(r'name="id" value="([a-z]+-[^"]+)"', visitor.get(path).text)
    assert found is not None
    return found[1]


def raised(commune: Commune, visitor: Visitor, **more: object) -> str:
    """Raise the flood alert as the page does; its id."""
    id = form_id(visitor, "/khan-cap/lu")
    form: dict[str, object] = {"id": id, "template": "lu", "zones": "all", "repeats": "3"}
    answer = visitor.post("/khan-cap/phat", **form | more)
    assert answer.status_code == 302, words(answer.text)
    assert answer.location == f"/khan-cap/dang-phat/{id}"
    return id


def on_air(commune: Commune, id: str) -> None:
    """The countdown is over, and the hub has sent what waited."""
    commune.present += FIRES
    alerts = commune.station.store.alerts
    alert = known(commune, id)
    assert alert is not None
    assert alerts.fire(alert.id, alert.version, commune.present)
    alerts.mark_sent(alert.id, alert.version, start=commune.present, at=commune.present)


def act(visitor: Visitor, id: str, verb: str, seen: int = 1, **more: object) -> int:
    return visitor.post(f"/khan-cap/dang-phat/{id}/{verb}", based_on=str(seen), **more).status_code


def test_the_red_button_and_who_is_ready_are_one_tap_from_every_page(commune: Commune) -> None:
    commune.three_units()
    visitor = commune.at_desk(Role.APPROVER)
    for path in ("/", "/lich-phat", "/ban-tin/", "/cum-loa/", "/nhat-ky/", "/mau-khan-cap/"):
        assert 'class="sos" href="/khan-cap/"' in visitor.get(path).text, path
    text = words(visitor.get("/khan-cap/").text)
    assert "Lũ, ngập lụt Sẵn sàng 0/3 cụm" in text
    assert "Xả lũ hồ đập Sẵn sàng 0/2 cụm" in text


def test_the_check_page_says_exactly_where_what_and_over_what(commune: Commune) -> None:
    commune.three_units()
    commune.planned(TONIGHT, "Thời sự 17 giờ", minutes=40)
    commune.beats("xa-1", "thon-ben-1", playing=TONIGHT)
    text = words(commune.at_desk(Role.APPROVER).get("/khan-cap/lu").text)
    assert "Đang có “Thời sự 17 giờ”. Tin khẩn cấp sẽ chen vào, hết tin thì phát tiếp." in text
    assert "Loa sẽ đọc Bà con chú ý! Nước sông đang lên nhanh." in text
    assert "Toàn xã : 2/3 cụm loa có mạng (thiếu Loa thon-dinh-1)" in text
    assert "Tín hiệu chuông báo Âm lượng to nhất Hiệu lực 2 giờ" in text
    assert "Phát ngay toàn xã 2/3 cụm loa có mạng · 5 giây để huỷ" in text


def test_its_button_names_the_places_that_were_chosen(commune: Commune) -> None:
    commune.three_units()
    commune.beats("thon-ben-1")
    visitor = commune.at_desk(Role.APPROVER)
    assert "Phát ngay Thôn Bến · 1 cụm loa 1/1" in words(visitor.get("/khan-cap/lu?noi=thon-ben").text)
    page = visitor.get("/khan-cap/lu?noi=thon-ben&noi=thon-dinh").text
    assert "Phát ngay Thôn Bến và Thôn Đình · 2 cụm loa" in words(page)
    assert re.findall(r'type="hidden" name="zones" value="([^"]+)"', page) == ["thon-ben", "thon-dinh"]


def test_raising_leads_to_a_countdown_with_one_way_back(commune: Commune) -> None:
    commune.three_units()
    visitor = commune.at_desk(Role.APPROVER)
    id = raised(commune, visitor)
    alert = known(commune, id)
    assert alert is not None
    assert (alert.status, alert.by, alert.fires_at) == (Status.ACTUAL, "approver", commune.present + FIRES)
    assert "Loa sẽ phát sau 5 Lũ, ngập lụt Toàn xã, 3 cụm loa, đọc 3 lần Huỷ, không phát" in words(
        visitor.get(f"/khan-cap/dang-phat/{id}").text
    )
    assert act(visitor, id, "huy") == 302
    assert "Đã huỷ, loa không phát" in words(visitor.get(f"/khan-cap/dang-phat/{id}").text)


def test_the_same_form_sent_twice_is_one_alert_also_when_it_is_repeated(commune: Commune) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    id = form_id(visitor, "/khan-cap/lu")
    form = {"id": id, "template": "lu", "zones": "all", "repeats": "3", "every": "10", "until": "60"}
    assert visitor.post("/khan-cap/phat", **form).status_code == 302
    commune.present += timedelta(seconds=2)
    again = visitor.post("/khan-cap/phat", **form)
    assert (again.status_code, again.location) == (302, f"/khan-cap/dang-phat/{id}")
    alert = known(commune, id)
    assert alert is not None
    assert (alert.version, alert.every) == (1, timedelta(minutes=10))


def test_two_officials_at_once_raise_one_unless_they_say_that_they_want_two(commune: Commune) -> None:
    one, other = commune.at_desk(Role.APPROVER), commune.at_desk(Role.ADMIN)
    first = raised(commune, one)
    form = {"id": "kc-khac", "template": "lu", "zones": "all", "repeats": "3"}
    refused = other.post("/khan-cap/phat", **form)
    assert refused.status_code == 409
    assert "Có người vừa phát tin này rồi." in refused.text
    assert f'href="/khan-cap/dang-phat/{first}"' in refused.text
    assert other.post("/khan-cap/phat", **form, anyway="yes").status_code == 302


def test_what_is_typed_is_shown_as_it_will_be_said_before_it_is_sent(commune: Commune) -> None:
    commune.three_units()
    visitor = commune.at_desk(Role.APPROVER)
    page = visitor.post("/khan-cap/xem-lai", words="UBND xã báo: vỡ đê lúc 17h30.", where="all")
    assert "Ủy ban nhân dân xã báo" in words(page.text)
    assert "17 giờ 30" in words(page.text)
    assert commune.station.store.alerts.recent(commune.present - FIRES) == ()
    id = re.search(r'value="(kc-[^"]+)"', page.text)
    assert id is not None
    assert visitor.post("/khan-cap/phat", id=id[1], words="Vỡ đê.", zones="all").status_code == 302
    alert = known(commune, id[1])
    assert alert is not None
    assert (alert.words, alert.template) == ("Vỡ đê.", None)


def test_nothing_typed_is_told_at_its_field(commune: Commune) -> None:
    answer = commune.at_desk(Role.APPROVER).post("/khan-cap/xem-lai", words="  ", where="all")
    assert answer.status_code == 400
    assert "Chưa có nội dung để đọc" in answer.text


def test_what_was_recorded_is_taken_in_and_sent_at_once(commune: Commune) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    id = form_id(visitor, "/khan-cap/ghi-am")
    with wav(commune.folder / "noi.wav").open("rb") as sound:
        answer = visitor.post("/khan-cap/phat", id=id, zones="all", recording=(sound, "ghi-am.webm"))
    assert answer.status_code == 302
    alert = known(commune, id)
    assert alert is not None
    assert alert.recording is not None
    assert alert.recording.startswith("recordings/ghi-am-")


def test_a_form_without_words_template_or_recording_raises_nothing(commune: Commune) -> None:
    answer = commune.at_desk(Role.APPROVER).post("/khan-cap/phat", id="kc-1", zones="all")
    assert answer.status_code == 400
    assert known(commune, "kc-1") is None


def test_a_template_that_is_gone_does_not_turn_into_something_else(commune: Commune) -> None:
    answer = commune.at_desk(Role.APPROVER).post(
        "/khan-cap/phat", id="kc-1", template="khong-co", words="Chạy!", zones="all"
    )
    assert answer.status_code == 404
    assert known(commune, "kc-1") is None


def test_a_tap_that_comes_a_minute_late_raises_nothing(commune: Commune) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    opened = int(commune.present.timestamp() * 1000)
    form: dict[str, object] = {"id": "kc-1", "template": "lu", "zones": "all", "repeats": "3"}
    commune.present += timedelta(seconds=60)
    late = visitor.post("/khan-cap/phat", **form, opened=str(opened), age="3000")
    assert late.status_code == 400
    assert known(commune, "kc-1") is None
    assert visitor.post("/khan-cap/phat", **form, opened=str(opened), age="58000").status_code == 302


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VILLAGE, Role.TECHNICIAN])
def test_who_was_not_given_the_right_is_given_numbers_to_call(commune: Commune, role: Role) -> None:
    visitor = commune.at_desk(role)
    text = visitor.get("/khan-cap/").text
    assert "Bạn chưa được giao quyền phát khẩn cấp." in text
    assert 'href="tel:113"' in text
    refused = visitor.post("/khan-cap/phat", id="kc-1", template="lu", zones="all", repeats="3")
    assert refused.status_code == 403
    assert known(commune, "kc-1") is None


def test_who_may_alert_one_village_is_offered_that_village_alone(commune: Commune) -> None:
    commune.three_units()
    commune.desk.grant_alerts(commune.people[Role.ADMIN], "village", ["thon-ben"])
    visitor = commune.at_desk(Role.VILLAGE)
    page = visitor.get("/khan-cap/lu").text
    assert "Phát ngay Thôn Bến · 1 cụm loa" in words(page)
    assert "Thôn Đình" not in words(page)
    form: dict[str, object] = {"template": "lu", "repeats": "3"}
    assert visitor.post("/khan-cap/phat", id="kc-1", zones="all", **form).status_code == 403
    assert visitor.post("/khan-cap/phat", id="kc-2", zones="thon-ben", **form).status_code == 302


def test_on_air_each_unit_is_told_by_name_and_what_is_missing_is_counted(commune: Commune) -> None:
    commune.three_units()
    commune.beats("xa-1", "thon-ben-1")
    visitor = commune.at_desk(Role.APPROVER)
    id = raised(commune, visitor)
    on_air(commune, id)
    commune.beats("xa-1", playing=CueId.of(ProgrammeId(id), TONIGHT.day, TONIGHT.nominal.time()))
    text = words(visitor.get(f"/khan-cap/dang-phat/{id}").text)
    assert "ĐANG PHÁT THẬT" in text
    assert "1/3 cụm loa xác nhận đang phát Thiếu 2 cụm" in text
    assert "Loa thon-dinh-1 Mất kết nối, chưa phát được" in text
    assert "Loa thon-ben-1 Chưa trả lời" in text
    assert "Phát lại cho 2 cụm" in text
    assert act(visitor, id, "phat-lai", units=["thon-ben-1", "thon-dinh-1"]) == 302
    after = known(commune, id)
    assert after is not None
    assert (after.version, after.units) == (2, ("thon-ben-1", "thon-dinh-1"))


def test_the_moving_part_is_sent_again_only_when_something_changed(commune: Commune) -> None:
    commune.three_units()
    visitor = commune.at_desk(Role.APPROVER)
    id = raised(commune, visitor)
    path = f"/khan-cap/dang-phat/{id}/bay-gio"
    first = visitor.get(path)
    commune.present += timedelta(seconds=1)
    again = visitor.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.text) == (304, "")
    assert int(again.headers["X-Now"]) - int(first.headers["X-Now"]) == 1000
    on_air(commune, id)
    assert visitor.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("verb", "message"),
    [("dung", Message.STOP), ("dinh-chinh", Message.CORRECTION), ("an-toan", Message.ALL_CLEAR)],
)
def test_ending_it_twice_is_one_act(commune: Commune, verb: str, message: Message) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    id = raised(commune, visitor)
    on_air(commune, id)
    assert act(visitor, id, verb) == 302
    assert act(visitor, id, verb) == 302
    alert = known(commune, id)
    assert alert is not None
    assert (alert.version, alert.message) == (2, message)


@pytest.mark.parametrize("digits", ["9" * 12, "9" * 5_000])
def test_no_number_however_long_ends_in_a_fault_of_the_machine(commune: Commune, digits: str) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    id = form_id(visitor, "/khan-cap/lu")
    for field in ({"repeats": digits}, {"every": digits}, {"every": "10", "until": digits}):
        form = {"id": id, "template": "lu", "zones": "all"} | field
        assert visitor.post("/khan-cap/phat", **form).status_code < 500
    for verb in ("dung", "dinh-chinh", "huy"):
        assert visitor.post(f"/khan-cap/dang-phat/{id}/{verb}", based_on=digits).status_code < 500


def test_an_act_upon_what_was_changed_meanwhile_is_shown_what_it_is_now(commune: Commune) -> None:
    one, other = commune.at_desk(Role.APPROVER), commune.at_desk(Role.ADMIN)
    id = raised(commune, one)
    on_air(commune, id)
    assert act(one, id, "an-toan") == 302
    answer = other.post(f"/khan-cap/dang-phat/{id}/dinh-chinh", based_on="1")
    assert answer.status_code == 409
    assert "Có người vừa thay đổi tin này." in answer.text


def test_a_strip_on_every_page_leads_to_what_is_in_force(commune: Commune) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    assert "TIN KHẨN CẤP" not in visitor.get("/").text
    id = raised(commune, visitor)
    assert "SẮP PHÁT KHẨN CẤP: Lũ, ngập lụt · Toàn xã" in words(visitor.get("/cum-loa/").text)
    on_air(commune, id)
    assert "ĐANG CÓ TIN KHẨN CẤP: Lũ, ngập lụt · Toàn xã" in words(visitor.get("/nhat-ky/").text)
    strip = visitor.get("/khan-cap/dang-phat/")
    assert f'href="/khan-cap/dang-phat/{id}"' in strip.text
    act(visitor, id, "dung")
    assert "TIN KHẨN CẤP" not in visitor.get("/").text


def test_a_phone_can_ask_whether_its_tap_arrived(commune: Commune) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    assert visitor.get("/khan-cap/dang-phat/kc-1/co-khong").json == {"to": None}
    id = raised(commune, visitor)
    answer = visitor.get(f"/khan-cap/dang-phat/{id}/co-khong").json
    assert answer == {"to": f"/khan-cap/dang-phat/{id}"}


def test_a_script_is_answered_in_json_and_a_browser_with_pages(commune: Commune) -> None:
    visitor = commune.at_desk(Role.APPROVER)
    answer = visitor.browser.post(
        "/khan-cap/phat",
        data={"csrf_token": visitor.token, "id": "dt-1", "template": "lu", "zones": "all"},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["code"] == "bad-id"


def test_a_store_that_takes_nothing_does_not_keep_a_village_from_being_warned(commune: Commune) -> None:
    handed: list[HandedOver] = []
    commune.desk.hand_over = handed.append
    visitor = commune.at_desk(Role.APPROVER)
    id = form_id(visitor, "/khan-cap/lu")
    other = sqlite3.connect(commune.folder / "state" / "station.db")
    other.execute("BEGIN IMMEDIATE")
    try:
        form = {"id": id, "template": "lu", "zones": "all", "repeats": "3"}
        answer = visitor.post("/khan-cap/phat", **form)
        assert (answer.status_code, [each.alert and each.alert.id for each in handed]) == (302, [id])
        page = visitor.get(answer.location).text
        assert "Loa sẽ phát sau" in page
        assert "Trung tâm đã nhận thẳng lệnh này." in page
        assert act(visitor, id, "huy") == 302
        back = handed[-1].alert
        assert back is not None
        assert back.cancelled_by == "approver"
    finally:
        other.close()


def test_when_store_and_hub_both_take_nothing_it_is_told_as_not_sent(commune: Commune) -> None:
    def silent(handed: HandedOver) -> None:
        raise NoAnswer("silence")

    commune.desk.hand_over = silent
    visitor = commune.at_desk(Role.APPROVER)
    other = sqlite3.connect(commune.folder / "state" / "station.db")
    other.execute("BEGIN IMMEDIATE")
    try:
        answer = visitor.browser.post(
            "/khan-cap/phat",
            data={"csrf_token": visitor.token, "id": "kc-1", "template": "lu", "zones": "all"},
            headers={"Accept": "application/json"},
        )
    finally:
        other.close()
    assert (answer.status_code, answer.json and answer.json["code"]) == (503, "not-sent")
    assert answer.json is not None
    assert "Loa chưa kêu." in answer.json["sentence"]


def test_nobody_signed_in_raises_nothing(commune: Commune) -> None:
    answer = commune.stranger().post("/khan-cap/phat", id="kc-1", template="lu", zones="all")
    assert answer.status_code == 403
    assert known(commune, "kc-1") is None
