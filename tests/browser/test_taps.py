"""An alert in three taps, and one to take it back, to stop it, two to put it right: counted in a real
browser, on a phone and at a desk, from the page people start from."""

from collections.abc import Callable

import pytest

from broadcaster.domain.alert import Message, Status
from broadcaster.domain.people import Role
from tests.browser.conftest import DESK, PHONE, Served, Tapper

Seat = Callable[..., Tapper]

both = pytest.mark.parametrize("screen", [PHONE, DESK], ids=["phone", "desk"])


def raised(person: Tapper) -> None:
    """On air, three taps after the start page."""
    person.tap("Khẩn cấp" if person.page.viewport_size == PHONE else "Phát khẩn cấp")
    person.tap("Lũ, ngập lụt")
    person.tap("Phát ngay toàn xã")
    person.sees("ĐANG PHÁT THẬT")


@both
def test_three_taps_and_five_seconds_warn_the_whole_commune(
    sit: Seat, served: Served, screen: dict[str, int]
) -> None:
    person = sit(screen=screen)
    raised(person)
    assert person.taps == 3
    (alert,) = served.hub.sent
    assert (alert.status, alert.template, alert.zones, alert.repeats) == (Status.ACTUAL, "lu", ("all",), 3)
    assert alert.fires_at is not None
    assert (alert.fires_at - alert.asked).total_seconds() == 5
    person.sees("12/12")


@both
def test_one_tap_takes_it_back_while_nothing_else_stands_on_the_screen(
    sit: Seat, served: Served, screen: dict[str, int]
) -> None:
    person = sit(screen=screen)
    person.go("/khan-cap/lu")
    served.hub.time_stands = True  # five seconds are few on a machine that does much else
    person.tap("Phát ngay toàn xã")
    person.sees("Loa sẽ phát sau")
    button = person.page.locator("#cancel")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 84
    assert box["y"] + box["height"] <= screen["height"], "reached without scrolling"
    assert person.page.locator("main a:visible, main button:visible").count() == 1
    person.taps = 0
    person.tap("Huỷ, không phát")
    person.sees("Đã huỷ, loa không phát")
    assert person.taps == 1
    served.hub.time_stands = False
    person.page.wait_for_timeout(5100)
    assert not served.hub.sent


def test_one_tap_stops_it_and_for_a_minute_one_more_sounds_it_again(sit: Seat, served: Served) -> None:
    person = sit()
    raised(person)
    person.taps = 0
    person.tap("Dừng phát ngay")
    person.sees("Đã dừng")
    assert person.taps == 1
    person.tap("Phát lại toàn xã")
    person.sees("ĐANG PHÁT THẬT")
    assert person.taps == 2
    assert [alert.message for alert in served.hub.sent] == [Message.ALERT, Message.STOP, Message.ALERT]


def test_two_taps_say_that_it_was_a_mistake(sit: Seat, served: Served) -> None:
    person = sit(screen=DESK)
    raised(person)
    person.taps = 0
    person.tap("Phát nhầm, đọc đính chính")
    person.sees("Tin lũ vừa rồi là phát nhầm")
    person.page.locator("#correct-now").click()
    person.taps += 1
    person.sees("Đính chính: Lũ, ngập lụt")
    assert person.taps == 2
    assert served.hub.sent[-1].message is Message.CORRECTION


def test_two_taps_say_that_it_is_over_and_three_what_is_new(sit: Seat, served: Served) -> None:
    person = sit()
    raised(person)
    person.taps = 0
    person.tap("Cập nhật tình hình")
    person.page.fill("textarea", "Nước đã tràn đê. Bà con Thôn Bến lên đồi ngay.")
    person.tap("Xem lại rồi phát")
    person.sees("Bản này thay ngay bản đang phát.")
    person.tap("Phát bản này toàn xã")
    person.sees("Loa sẽ phát sau")
    person.sees("ĐANG PHÁT THẬT")
    assert person.taps == 3
    assert served.hub.sent[-1].words == "Nước đã tràn đê. Bà con Thôn Bến lên đồi ngay."
    person.tap("Báo đã an toàn")
    person.page.locator("#clear-now").click()
    person.sees("Đã an toàn: Lũ, ngập lụt")
    assert [alert.version for alert in served.hub.sent] == [1, 2, 3]


def test_units_that_miss_it_are_named_and_asked_again_with_one_tap(sit: Seat, served: Served) -> None:
    served.hub.deaf, served.hub.mute = {"thon-dinh-3"}, {"xa-3": "the amplifier is off"}
    person = sit()
    raised(person)
    person.sees("Thiếu 2 cụm")
    person.sees("Nhà văn hoá Thôn Đình")
    person.sees("Trạm y tế")
    person.sees("10/12")
    served.hub.deaf, served.hub.mute = set(), {}
    person.taps = 0
    person.tap("Phát lại cho 2 cụm")
    person.sees("12/12")
    assert person.taps == 1
    assert served.hub.sent[-1].units == ("thon-dinh-3", "xa-3")


def test_four_taps_hold_a_drill_behind_its_own_door(sit: Seat, served: Served) -> None:
    person = sit()
    person.tap("Khẩn cấp")
    person.tap("Diễn tập")
    person.tap("Lũ, ngập lụt")
    person.sees("Đây là buổi diễn tập, không phải báo động thật")
    assert "/dien-tap/" in person.page.url
    person.tap("Chạy diễn tập toàn xã")
    person.sees("ĐANG DIỄN TẬP")
    assert person.taps == 4
    (drill,) = served.hub.sent
    assert drill.status is Status.EXERCISE
    assert drill.id.startswith("dt-")


def test_a_double_tap_is_one_alert(sit: Seat, served: Served) -> None:
    person = sit()
    person.go("/khan-cap/lu")
    person.page.locator("button[form=send]").dblclick()
    person.sees("Loa sẽ phát sau")
    waiting = served.commune.station.store.alerts.recent(served.commune.present.replace(hour=0))
    assert len(waiting) == 1
    assert waiting[0].version == 1


def test_what_is_said_into_the_phone_is_sent_at_once(sit: Seat, served: Served) -> None:
    person = sit(permissions=["microphone"])
    person.tap("Khẩn cấp")
    person.tap("Ghi âm")
    person.tap("Bắt đầu ghi âm")
    person.sees("0:02")
    person.tap("Xong, phát ngay toàn xã")
    person.sees("Loa sẽ phát sau")
    assert person.taps == 4
    (alert,) = served.commune.station.store.alerts.waiting(served.commune.present)
    assert alert.recording is not None
    assert (served.commune.folder / "audio" / alert.recording).stat().st_size > 1000


def test_where_a_page_may_not_listen_the_phones_own_recorder_is_offered(sit: Seat, served: Served) -> None:
    person = sit()
    person.page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
    person.go("/khan-cap/ghi-am")
    person.sees("Ghi bằng máy ghi âm của điện thoại")
    field = person.page.locator("input[type=file]")
    assert field.get_attribute("accept") == "audio/*"
    assert field.get_attribute("capture") is not None
    assert not person.shows("Bắt đầu ghi âm")


def test_a_second_person_says_yes_on_their_own_phone(sit: Seat, served: Served) -> None:
    text = (served.commune.folder / "schedules/alerts/lu.toml").read_text(encoding="utf-8")
    served.commune.template("lu", text.replace("[[text]]", "second-person = true\n[[text]]"))
    one, other = sit(), sit(Role.ADMIN)
    one.go("/khan-cap/lu")
    one.tap("Phát ngay toàn xã")
    one.sees("Chờ người thứ hai đồng ý")
    other.go("/")
    other.tap("Chờ người thứ hai đồng ý phát khẩn cấp")
    other.tap("Đồng ý, phát toàn xã")
    other.sees("Loa sẽ phát sau")
    one.sees("ĐANG PHÁT THẬT")
    assert other.taps == 2
    (alert,) = served.hub.sent
    assert (alert.by, alert.seconded_by) == ("approver", "admin")
