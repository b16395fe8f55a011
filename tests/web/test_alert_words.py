"""What people read of alerts: the scope on a button, what a unit says, whom to call."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broadcaster.desk import BadEntry, alertentries
from broadcaster.desk.alertreports import UnitLine, UnitState
from broadcaster.domain.alert import Hazard, Message
from broadcaster.domain.names import UnitId, ZoneId
from broadcaster.domain.places import Zone
from broadcaster.domain.readiness import Lack
from broadcaster.folder import Contact
from broadcaster.hub.alerts import arbiter, clips, raising
from tests.desk.village import STATION
from web import calls
from web.alerts import HAZARDS, LACKS, MESSAGES, line_words, scope_words, why_words
from web.reasons import reason_words
from web.refusals import refusal

NOW = datetime(2026, 11, 21, 10, 20, tzinfo=UTC)
LINE = UnitLine(unit=UnitId("u"), name="Loa", zone=ZoneId("xa"), state=UnitState.WAITING)


def test_a_button_names_the_whole_a_village_or_counts_them() -> None:
    more = tuple(Zone(id=ZoneId(f"thon-{n}"), name=f"Thôn {n}", parent=ZoneId("xa")) for n in (1, 2, 3))
    station = replace(STATION, zones=(*STATION.zones, *more))
    assert scope_words(["all"], station, 12) == "toàn xã"
    assert scope_words([zone.id for zone in station.zones], station, 12) == "toàn xã"
    assert scope_words(["thon-ben"], station, 3) == "Thôn Bến · 3 cụm loa"
    assert scope_words(["thon-ben", "thon-cho"], station, 5) == "Thôn Bến và Thôn Chợ · 5 cụm loa"
    assert scope_words(["thon-1", "thon-2", "thon-3"], station, 7) == "3 thôn · 7 cụm loa"
    assert scope_words(["thon-1", "thon-2", "xom-tren"], station, 7) == "3 nơi · 7 cụm loa"


@pytest.mark.parametrize(
    ("line", "words", "colour"),
    [
        (LINE, "Chưa trả lời", "wait"),
        (replace(LINE, state=UnitState.RECEIVED), "Đã nhận lệnh, chưa phát", "wait"),
        (replace(LINE, state=UnitState.SOUNDING, playing=True), "Đang phát", "ok"),
        (
            replace(LINE, state=UnitState.SOUNDING, rounds_done=2, rounds_meant=3, seconds=timedelta(0, 48)),
            "Đã phát 2/3 lượt, 48 giây, sắp phát tiếp",
            "ok",
        ),
        (replace(LINE, state=UnitState.DONE, rounds_done=3, rounds_meant=3), "Đã phát 3/3 lượt", "ok"),
        (replace(LINE, state=UnitState.FAILED, why="x"), "Không phát được", "bad"),
        (
            replace(LINE, state=UnitState.OFFLINE, heard=NOW - timedelta(minutes=14)),
            "Mất kết nối 14 phút, chưa phát được",
            "bad",
        ),
    ],
)
def test_each_unit_says_in_a_few_words_how_far_it_is(line: UnitLine, words: str, colour: str) -> None:
    assert line_words(line, NOW)[:2] == (words, colour)


def test_every_hazard_message_and_lack_has_its_words() -> None:
    assert HAZARDS.keys() == set(Hazard)
    assert MESSAGES.keys() == set(Message)
    assert LACKS.keys() == set(Lack)


def test_what_a_unit_says_is_wrong_is_told_in_vietnamese_where_it_is_known() -> None:
    assert why_words("2 of 7 sounds are not here whole; it does not know the time") == (
        "thiếu 2 trên 7 âm thanh; chưa biết giờ"
    )
    assert why_words("the moon is blue") == "the moon is blue"


HUB_SAYS = (
    arbiter.EXPIRED,
    arbiter.UNSECONDED,
    arbiter.REPLACED.format(version=3),
    clips.WORDS_FOLLOW,
    clips._NOBODY,
    clips._NOTHING,
    raising._BACK_TOO_LATE,
    raising._BESIDE,
    raising._CLOSED,
    raising._TOO_LATE,
    raising._OUR_FAULT,
    "replaced by version 2; 5 of 20 s sounded",
    "the next round of it came while it waited",
    "thon-ben-9 is no unit of this station",
)


@pytest.mark.parametrize("said", HUB_SAYS)
def test_nobody_reads_english_of_why_an_alert_was_not_sent_or_not_heard(said: str) -> None:
    assert reason_words(said)[1] == ""


def test_who_types_too_much_in_an_alert_is_told_how_much_an_alert_may_be() -> None:
    with pytest.raises(BadEntry) as told:
        alertentries.words("nước lên " * 200)
    assert "nhiều nhất 1.000 chữ cái" in refusal(told.value, STATION)


def test_who_looks_after_the_whole_is_called_first_and_then_who_is_near() -> None:
    whole = Contact(name="Trực đài", phone="1")
    ben = Contact(name="Trưởng thôn Bến", phone="2", zone="thon-ben")
    cho = Contact(name="Trưởng thôn Chợ", phone="3", zone="thon-cho")
    gone = Contact(name="Ở nơi đã bỏ", phone="4", zone="thon-cu")
    everybody = [cho, ben, gone, whole]
    assert calls.nearest(everybody, STATION, ["thon-ben"]) == [whole, ben]
    assert calls.nearest(everybody, STATION, ["all"]) == [whole, cho, ben]
    assert calls.nearest(everybody, STATION, ["xom-tren"]) == [whole, ben]


def test_the_number_for_this_danger_comes_first() -> None:
    assert [number for number, _ in calls.short_numbers(Hazard.FIRE)] == ["114", "112", "113", "115"]
    assert calls.short_numbers(Hazard.EPIDEMIC)[0][0] == "115"
    assert calls.short_numbers(None)[0][0] == "112"
