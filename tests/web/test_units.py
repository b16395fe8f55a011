"""Cụm loa: how they are, letting one in, loudness, test chime."""

import pytest

from broadcaster.domain.health import Supply
from broadcaster.domain.names import UnitId
from broadcaster.domain.people import Role
from broadcaster.link.envelope import Refusal
from broadcaster.store.orders import TryChime, TurnVolume
from tests.web.commune import TONIGHT, Commune
from tests.web.test_today import words
from web.facts import REFUSALS, SUPPLIES, size


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


def test_all_that_a_box_says_of_itself_is_there_to_be_read(commune: Commune) -> None:
    commune.three_units()
    commune.beats(
        "thon-ben-1",
        clips=120,
        cache=83_000_000,
        clock_error=0.0042,
        round_trip=0.081,
        temperature=84.5,
        supply=Supply.LOW,
        underruns=31,
        underruns_lately=2,
        level=-17.5,
        refusals={"expired": 2, "lạ": 1},
        stand_in=True,
    )
    month = commune.present.astimezone(commune.station.station.timezone).date().replace(day=1)
    commune.station.store.units.count_used(UnitId("thon-ben-1"), month, 43_400_000)
    text = words(commune.at_desk().get("/cum-loa/").text)
    for told in (
        *("Tháng này: 43 MB", "120 đoạn, 83 MB", "Chỗ trống 10 GB", "lệch nhiều nhất 4,2 ms", "đi về 81 ms"),
        *("84,5 °C", "đang yếu", "Mức tiếng −17,5 dB", "31 lần, 5 phút qua 2 lần"),
        *("2 đã hết hạn, 1 lạ", "Loa chính không nhận tiếng", "Điện yếu", "Máy quá nóng"),
    ):
        assert told in text, told


def test_a_box_that_never_spoke_has_nothing_to_say(commune: Commune) -> None:
    commune.three_units()
    text = words(commune.at_desk().get("/cum-loa/").text)
    assert "Máy tự báo" not in text
    assert "Tháng này" not in text


def test_everything_a_box_can_report_has_words() -> None:
    assert set(SUPPLIES) == set(Supply)
    assert set(REFUSALS) == set(Refusal)


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 MB"), (400_000, "0,4 MB"), (43_400_000, "43 MB"), (12_400_000_000, "12,4 GB")]
)
def test_bytes_are_told_as_they_are_sold(count: int, told: str) -> None:
    assert size(count) == told


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
