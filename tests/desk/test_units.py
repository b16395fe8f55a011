"""Units let in by a spoken code, named, moved, turned down, shut out."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from broadcaster.desk import BadEntry, NotFound
from broadcaster.store.orders import TryChime, TurnVolume
from tests.desk.village import Village


def refused(verb: Callable[..., object], *entries: object, **named: object) -> str:
    with pytest.raises((BadEntry, NotFound)) as told:
        verb(*entries, **named)
    return told.value.code


def pair(village: Village, code: str = "123456", zone: str = "thon-ben", unit: str | None = None) -> str:
    return village.desk.pair_unit(village.tuan, code, name="Cột 5", zone=zone, unit=unit).unit.id


def test_the_unit_that_speaks_the_code_is_let_in_and_waits_no_more(village: Village) -> None:
    village.waits("111111", "U-other")
    village.waits("123456", "U-new")
    joined = village.desk.pair_unit(village.tuan, " 123-456 ", name=" Cột  5 ", zone="thon-ben")
    assert (joined.nkey, joined.unit.zone, joined.joined) == ("U-new", "thon-ben", village.present)
    assert village.store.units.find(joined.unit.id) == joined
    assert [request.nkey for request in village.store.joining.waiting(village.present)] == ["U-other"]


def test_units_are_numbered_in_their_zone(village: Village) -> None:
    village.unit("thon-ben-2")
    ids = []
    for number in range(3):
        village.waits(f"00000{number}", f"U-{number}")
        ids.append(pair(village, f"00000{number}"))
    assert ids == ["thon-ben-1", "thon-ben-3", "thon-ben-4"]


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "abcdef", "١٢٣٤٥٦"])
def test_what_is_no_code_is_told(village: Village, code: str) -> None:
    village.waits()
    assert refused(pair, village, code) == "bad-code"


def test_a_code_nobody_speaks_or_no_longer_lets_nobody_in(village: Village) -> None:
    village.waits()
    assert refused(pair, village, "654321") == "unknown-code"
    village.later(minutes=10)
    assert refused(pair, village) == "unknown-code"
    assert village.store.units.all() == ()


def test_two_units_that_speak_the_same_code_are_both_kept_out(village: Village) -> None:
    village.waits(nkey="U-true")
    village.waits(nkey="U-false")
    assert refused(pair, village) == "code-twice"
    assert village.store.units.all() == ()


def test_an_id_in_service_is_not_given_away_but_a_forbidden_one_is(village: Village) -> None:
    old = village.unit("cot-dinh")
    village.store.units.put(replace(old, volume=-9.0))
    village.waits()
    assert refused(pair, village, unit="cot-dinh") == "id-taken"
    village.desk.forbid_unit(village.tuan, "cot-dinh")
    assert pair(village, unit="cot-dinh") == "cot-dinh"
    new = village.desk.needed_unit("cot-dinh")
    assert (new.nkey, new.forbidden, new.volume) == ("U-new", False, -9.0)


def test_a_unit_that_was_known_comes_back_as_itself(village: Village) -> None:
    joined = village.unit("thon-ben-1")
    village.desk.forbid_unit(village.tuan, "thon-ben-1")
    village.waits(nkey=joined.nkey)
    assert pair(village, zone="thon-cho", unit="another") == "thon-ben-1"
    assert village.desk.needed_unit("thon-ben-1").unit.zone == "thon-cho"
    assert not village.desk.needed_unit("thon-ben-1").forbidden


def test_what_is_wrong_with_a_new_unit_is_told_by_field(village: Village) -> None:
    village.waits()
    assert refused(pair, village, zone="thon-la") == "unknown-zone"
    assert refused(pair, village, unit="Cột") == "bad-id"
    assert refused(village.desk.pair_unit, village.tuan, "123456", name="", zone="xa") == "empty"
    assert len(village.store.joining.waiting(village.present)) == 1


def test_a_unit_is_named_moved_and_shut_out_and_each_says_what_was_before(village: Village) -> None:
    village.unit()
    village.desk.rename_unit(village.tuan, "thon-ben-1", "Đình làng")
    village.desk.move_unit(village.tuan, "thon-ben-1", "thon-cho")
    village.desk.set_volume(village.tuan, "thon-ben-1", -6)
    village.desk.forbid_unit(village.tuan, "thon-ben-1")
    assert [(line.before, line.after) for line in reversed(village.trail()[:4])] == [
        ("Cột 3, thon-ben, 0 dB", "Đình làng, thon-ben, 0 dB"),
        ("Đình làng, thon-ben, 0 dB", "Đình làng, thon-cho, 0 dB"),
        ("Đình làng, thon-cho, 0 dB", "Đình làng, thon-cho, -6 dB"),
        ("Đình làng, thon-cho, -6 dB", "Đình làng, thon-cho, -6 dB, forbidden"),
    ]


def test_a_new_volume_is_told_to_that_unit_alone(village: Village) -> None:
    village.unit()
    village.desk.set_volume(village.tuan, "thon-ben-1", -6)
    village.desk.set_volume(village.tuan, "thon-ben-1", -6)
    (order,) = village.store.orders.take(village.present)
    assert (order.to, order.wish) == (("unit:thon-ben-1",), TurnVolume(decibels=-6.0))


@pytest.mark.parametrize("decibels", [0.1, -60.1, math.nan, math.inf, -math.inf])
def test_a_volume_that_is_none_is_told(village: Village, decibels: float) -> None:
    village.unit()
    assert refused(village.desk.set_volume, village.tuan, "thon-ben-1", decibels) == "bad-volume"
    assert village.store.orders.take(village.present) == ()


def test_the_test_chime_sounds_on_one_unit_soon_or_not_at_all(village: Village) -> None:
    village.unit()
    order = village.desk.test_chime(village.tuan, "thon-ben-1")
    assert (order.to, order.wish) == (("unit:thon-ben-1",), TryChime())
    village.later(minutes=1)
    assert village.store.orders.take(village.present) == ()
    assert village.store.orders.unsent(order.asked.replace(year=2025), village.present) == (order,)


def test_a_unit_that_is_not_there_is_told(village: Village) -> None:
    for unit in ("thon-ben-9", "Không có", ""):
        with pytest.raises(NotFound, match="there is no unit"):
            village.desk.forbid_unit(village.tuan, unit)
