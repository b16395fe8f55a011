"""Cụm loa: how they are, letting one in, loudness, test chime."""

import pytest

from broadcaster.domain.names import UnitId
from broadcaster.domain.people import Role
from broadcaster.store.orders import TryChime, TurnVolume
from tests.web.commune import TONIGHT, Commune
from tests.web.test_today import words


def test_each_unit_is_shown_as_it_is_in_the_order_of_the_places(commune: Commune) -> None:
    commune.three_units()
    commune.beats("xa-1", playing=TONIGHT)
    commune.beats("thon-ben-1", missing=4, disk_free=10_000, waiting=30)
    text = words(commune.at_desk().get("/cum-loa/").text)
    assert text.index("Loa xa-1 Xã Đồng Tiến") < text.index("Loa thon-ben-1 Thôn Bến")
    assert "Đang phát: Tên trên loa" in text
    assert "Đang tải âm thanh về, còn thiếu 4 đoạn" in text
    assert "Sắp hết chỗ chứa âm thanh" in text
    assert "Còn 30 dòng nhật ký chưa gửi về" in text
    assert "Chưa báo về lần nào" in text
    assert "Âm lượng" not in text, "an editor turns nothing"


def test_the_six_digits_a_box_speaks_let_it_in(commune: Commune) -> None:
    commune.waits("123456")
    visitor = commune.at_desk(Role.TECHNICIAN)
    assert "Đang chờ: loa-moi" in words(visitor.get("/cum-loa/").text)
    answer = visitor.post("/cum-loa/nhan", code="123 456", name="Cột số 9", zone="thon-dinh")
    assert answer.location == "/cum-loa/"
    text = words(visitor.get("/cum-loa/").text)
    assert "Đã nhận cụm loa Cột số 9" in text
    assert "Cột số 9 Thôn Đình" in text
    assert "Đang chờ: loa-moi" not in text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"code": "654321"}, "Không có cụm loa nào đang đọc mã này"),
        ({"code": "12ab"}, "Mã gồm sáu chữ số"),
        ({"code": ""}, "Mã gồm sáu chữ số"),
        ({"name": " "}, "Chưa có tên"),
        ({"zone": "sao-hoa"}, "Nơi phát này không còn trong danh sách"),
    ],
)
def test_a_box_that_cannot_be_let_in_is_told_at_the_field(
    commune: Commune, typed: dict[str, str], sentence: str
) -> None:
    commune.waits("123456")
    form = {"code": "123456", "name": "Cột số 9", "zone": "thon-dinh"} | typed
    answer = commune.at_desk(Role.TECHNICIAN).post("/cum-loa/nhan", **form)
    assert answer.status_code == 400
    assert f'role="alert">{sentence}' in answer.text
    assert f'value="{form["name"]}"' in answer.text
    assert commune.station.store.units.all() == ()


def test_loudness_is_kept_and_ordered_once(commune: Commune) -> None:
    commune.three_units()
    visitor = commune.at_desk(Role.TECHNICIAN)
    for _ in range(2):
        assert visitor.post("/cum-loa/xa-1/am-luong", decibels="-12").location == "/cum-loa/#xa-1"
    joined = commune.station.store.units.find(UnitId("xa-1"))
    assert joined is not None
    assert joined.volume == -12
    (order,) = commune.station.store.orders.take(commune.present)
    assert (order.wish, order.to) == (TurnVolume(decibels=-12.0), ("unit:xa-1",))
    page = visitor.get("/cum-loa/").text
    assert '<option value="-12" selected>' in page
    assert "Đã đặt âm lượng Loa xa-1: −12 dB" in page


def test_a_loudness_between_the_steps_is_shown_as_it_is(commune: Commune) -> None:
    commune.three_units()
    commune.desk.set_volume(commune.people[Role.ADMIN], "xa-1", -7.0)
    assert '<option value="-7" selected>−7 dB' in commune.at_desk(Role.TECHNICIAN).get("/cum-loa/").text


@pytest.mark.parametrize("decibels", ["5", "-61", "nan", "-inf", "to lên", ""])
def test_a_loudness_there_is_not_is_refused(commune: Commune, decibels: str) -> None:
    commune.three_units()
    answer = commune.at_desk(Role.TECHNICIAN).post("/cum-loa/xa-1/am-luong", decibels=decibels)
    assert answer.status_code == 400
    assert "Âm lượng từ −60 đến 0 dB" in answer.text
    assert commune.station.store.orders.take(commune.present) == ()


def test_a_test_chime_pressed_twice_sounds_once(commune: Commune) -> None:
    commune.three_units()
    visitor = commune.at_desk(Role.TECHNICIAN)
    for _ in range(2):
        visitor.post("/cum-loa/xa-1/thu-chuong", id="thu-1")
    (order,) = commune.station.store.orders.take(commune.present)
    assert (order.wish, order.to) == (TryChime(), ("unit:xa-1",))


@pytest.mark.parametrize("verb", ["am-luong", "thu-chuong"])
def test_a_unit_there_is_not_is_told(commune: Commune, verb: str) -> None:
    for unit in ("khong-co", "KHÔNG"):
        answer = commune.at_desk(Role.TECHNICIAN).post(f"/cum-loa/{unit}/{verb}", decibels="-6")
        assert answer.status_code == 404
        assert "Không tìm thấy cụm loa này" in answer.text
