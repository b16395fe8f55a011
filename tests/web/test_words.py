"""The words people read: every state, fault and reason has its own; lengths and dates are as people say."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.desk import BadEntry, NotAllowed, WaitToSignIn
from broadcaster.desk.board import Fate
from broadcaster.domain.asrun import SILENCE, Ending, Outcome, outcome_of
from broadcaster.domain.bulletin import State
from broadcaster.domain.health import Fault
from broadcaster.domain.names import StationId, ZoneId
from broadcaster.domain.people import Person, Role
from broadcaster.domain.places import Station, Zone
from broadcaster.domain.programme import Rank
from broadcaster.domain.quiet import AllowedHours
from broadcaster.hub.preparation import CannotMake
from broadcaster.sound.faults import BadSound
from broadcaster.sound.faults import Fault as SoundFault
from broadcaster.speech import NoVoice
from tests.desk.village import HOURS, STATION
from tests.sources import ROOT
from web import areas, reasons, refusals
from web import words as said
from web.icons import PATHS

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
ENGLISH = re.compile(r"\b(the|is|was|of|by|not|it|and|to|for)\b")


def lasting(**length: float) -> str:
    return said.lasting(timedelta(**length))


def test_everything_that_has_a_state_has_words_a_colour_and_an_icon() -> None:
    for table, kind in ((said.STATES, State), (said.OUTCOMES, Outcome), (said.FATES, Fate)):
        assert set(table) == set(kind)
        for words, _, icon in table.values():
            assert words
            assert icon in PATHS
    assert set(said.RANKS) == set(Rank)
    assert set(said.ROLES) == set(Role)
    assert set(said.UNIT_FAULTS) == set(Fault)
    assert set(refusals.SOUNDS) == set(SoundFault)
    assert set(reasons.ENDINGS) == set(Ending)


def test_every_code_of_the_desk_is_said_in_vietnamese() -> None:
    codes: set[str] = set()
    for path in (ROOT / "broadcaster" / "desk").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        codes |= set(re.findall(r'code="([a-z-]+)"', text))
        codes |= {f"no-such-{what}" for what in re.findall(r'NotFound\("([a-z]+)"', text)}
        codes |= set(re.findall(r'NotAllowed\([^()]*?"([a-z]+-[a-z]+)",?\s*\)', text, re.DOTALL))
    assert {"own-words", "approval-needed", "no-such-bulletin", "slot-closed"} <= codes
    assert codes <= refusals.REFUSALS.keys()
    for words in [*refusals.REFUSALS.values(), *refusals.SOUNDS.values()]:
        assert ENGLISH.search(words) is None, words


def test_a_code_nobody_translated_is_told_as_the_desk_says_it() -> None:
    fault = BadEntry("moon", "it is blue", "wait", code="blue-moon")
    assert refusals.refusal(fault, STATION) == "moon: it is blue; wait"


def test_refusals_are_said_for_their_field() -> None:
    empty = BadEntry("title", "it is empty", "write it", code="empty")
    assert refusals.refusal(empty, STATION) == "Chưa có tiêu đề. Hãy viết một dòng ngắn."
    assert "gõ ít nhất một từ" in refusals.refusal(BadEntry("words", "", "", code="empty"), STATION)
    assert "Chờ 2 phút" in refusals.refusal(WaitToSignIn(120), STATION)
    assert "không được giao" in refusals.refusal(NotAllowed("no"), STATION)
    closed = BadEntry("at", "", "", code="outside-hours")
    assert refusals.refusal(closed, STATION) == "Giờ này không được phát."


def made_of(cause: Exception) -> str:
    fault = CannotMake("english")
    fault.__cause__ = cause
    return refusals.cannot_make(fault)


def test_why_there_is_no_sound_is_said_in_vietnamese() -> None:
    assert "không nghe thấy gì" in made_of(BadSound("x.wav", SoundFault.SILENT))
    assert "Chờ vài phút" in made_of(NoVoice(["gtts: no network"], later=True))
    assert "Hãy gõ lại" in made_of(NoVoice(["espeak-ng: no such language"], later=False))
    assert "Báo cho người quản trị" in made_of(OSError("bad sector"))


@given(
    ending=st.sampled_from(Ending),
    asked=st.integers(1, 7200),
    played=st.integers(0, 7200),
    passed=st.integers(0, 600),
    missing=st.lists(
        st.sampled_from(
            [
                "words “Kính chào bà con”: it was not made yet",
                "recording recordings/a.mp3: it was not made yet",
                "chime opening",
                "relay of https://relay.example/vov1: it was not made yet",
                "item 3",
                "nothing was booked into it",
            ]
        ),
        max_size=3,
    ),
)
def test_every_reason_the_playout_gives_is_said_whole_in_vietnamese(
    ending: Ending, asked: int, played: int, passed: int, missing: list[str]
) -> None:
    _, reason = outcome_of(
        ending,
        asked=timedelta(seconds=asked),
        played=timedelta(seconds=played),
        passed=timedelta(seconds=passed),
        missing=tuple(missing),
    )
    words, rest = reasons.reason_words(reason)
    assert rest == ""
    assert bool(words) == bool(reason)
    assert ENGLISH.search(words) is None, words


@pytest.mark.parametrize(
    ("reason", "words", "rest"),
    [
        ("", "", ""),
        ("stopped by Trần Thị Hoa", "Trần Thị Hoa đã bấm dừng", ""),
        ("taken back by editor", "editor đã huỷ", ""),
        ("the unit told nothing of it for 8 days", "cụm loa không báo về suốt 8 ngày", ""),
        ("too late; the moon was blue", "đã trễ quá", "the moon was blue"),
        ("4.5 s jumped over; 30 of 600 s sounded", "bỏ qua 4 giây; phát được 30 giây trên 10 phút", ""),
        (SILENCE, "phát ra mà không có tiếng", ""),
        ("left out: thông báo mất điện", "thiếu thông báo mất điện", ""),
    ],
)
def test_a_reason_is_said_as_far_as_it_is_known(reason: str, words: str, rest: str) -> None:
    assert reasons.reason_words(reason) == (words, rest)


@given(st.text(max_size=200))
def test_no_reason_however_strange_is_lost(reason: str) -> None:
    words, rest = reasons.reason_words(reason)
    assert bool(words or rest) == bool(reason.replace("; ", ""))


def test_lengths_are_said_as_people_say_them() -> None:
    assert lasting(seconds=0) == "0 giây"
    assert lasting(seconds=59.6) == "1 phút"
    assert lasting(seconds=250) == "4 phút 10 giây"
    assert lasting(minutes=18, seconds=29) == "18 phút"
    assert lasting(hours=2) == "2 giờ"
    assert lasting(hours=2, minutes=5) == "2 giờ 5 phút"
    assert lasting(days=3) == "3 ngày"
    assert lasting(seconds=-5) == "0 giây"


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)))
def test_a_length_never_says_sixty(length: timedelta) -> None:
    assert re.search(r"\b(60 giây|60 phút)", said.lasting(length)) is None


def test_how_far_off_something_is_is_said_in_whole_minutes() -> None:
    assert said.away(NOON + timedelta(minutes=18), NOON) == "sau 18 phút"
    assert said.away(NOON + timedelta(seconds=20), NOON) == "ngay bây giờ"
    assert said.away(NOON - timedelta(seconds=20), NOON) == "vừa xong"
    assert said.away(NOON - timedelta(hours=3), NOON) == "3 giờ trước"


def test_dates_are_those_of_the_station_and_not_of_the_server() -> None:
    late = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
    assert said.long_date(late, STATION) == "Chủ Nhật, 22/11/2026"
    assert said.long_date(date(2026, 11, 21), STATION) == "Thứ Bảy, 21/11/2026"
    assert said.when(late, NOON, STATION) == "01:30 ngày mai"
    assert said.when(NOON, NOON, STATION) == "12:00"
    assert said.when(NOON, late, STATION) == "12:00 hôm qua"
    assert said.when(NOON + timedelta(days=9), NOON, STATION) == "12:00 Thứ Hai 30/11"
    assert said.clock_time(NOON + timedelta(seconds=5), STATION) == "12:00:05"
    assert said.iso_day(late, STATION) == "2026-11-22"


@given(st.integers(946_684_800, 4_102_444_800))
def test_every_moment_belongs_to_a_part_of_the_day(seconds: int) -> None:
    parts = ("Buổi sáng", "Buổi trưa", "Buổi chiều", "Buổi tối")
    assert said.part_of_day(datetime.fromtimestamp(seconds, UTC), STATION) in parts


def test_places_are_named_and_the_whole_is_the_commune() -> None:
    assert said.where(["all"], STATION) == "Toàn xã"
    assert said.where(["xa"], STATION) == "Xã Đồng Tiến"
    assert said.where(STATION.reach(["all"]), STATION) == "Toàn xã"
    assert said.where(["thon-cho", "thon-ben"], STATION) == "Thôn Bến, Thôn Chợ"
    assert said.where(["da-bo"], STATION) == "nơi không còn trong danh sách"


def person(role: Role, zone: str | None = None) -> Person:
    own = None if zone is None else ZoneId(zone)
    return Person(login="ai", name="Ai", roles=frozenset({role}), zone=own)


def test_people_choose_among_the_places_they_were_given() -> None:
    from broadcaster.desk import Verb

    assert areas.choices(STATION, person(Role.EDITOR), Verb.SAY) == [
        ("all", "Toàn xã", 0),
        ("thon-ben", "Thôn Bến", 1),
        ("xom-tren", "Xóm Trên", 2),
        ("thon-cho", "Thôn Chợ", 1),
    ]
    assert areas.choices(STATION, person(Role.VILLAGE, "thon-ben"), Verb.BOOK_AT) == [
        ("thon-ben", "Thôn Bến", 0),
        ("xom-tren", "Xóm Trên", 1),
    ]
    assert areas.choices(STATION, person(Role.TECHNICIAN), Verb.SAY) == []


def station(*allowed: AllowedHours, zones: tuple[Zone, ...] = STATION.zones) -> Station:
    return Station(
        id=StationId("x"),
        name="X",
        timezone=ZoneInfo("Asia/Ho_Chi_Minh"),
        language="vi",
        voices=("espeak-ng",),
        zones=zones,
        allowed=allowed,
    )


def test_where_no_zone_is_above_all_others_each_can_be_chosen() -> None:
    from broadcaster.desk import Verb

    two = (Zone(id=ZoneId("dong"), name="Đông"), Zone(id=ZoneId("tay"), name="Tây"))
    found = areas.choices(station(zones=two), person(Role.EDITOR), Verb.SAY)
    assert [value for value, _, _ in found] == ["all", "dong", "tay"]


def test_hours_are_said_with_their_days() -> None:
    assert areas.hours(station()) == ""
    assert areas.hours(station(*HOURS)) == "05:00–06:30 và 17:00–19:00 hằng ngày"
    weekdays = AllowedHours(days=frozenset(["mon", "fri"]), begin=HOURS[0].begin, end=HOURS[0].end)
    assert areas.hours(station(weekdays)) == "05:00–06:30 (T2, T6)"


@given(st.integers(1_767_225_600, 1_798_761_600))
def test_a_proposed_time_is_to_come_and_allowed(seconds: int) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    here = station(*HOURS)
    found = areas.proposed(here, now)
    assert found is not None
    assert now < found <= now + timedelta(days=1)
    local = found.astimezone(here.timezone)
    assert any(hours.begin <= local.time() < hours.end for hours in HOURS)
    assert (found.minute % 5, found.second, found.microsecond) == (0, 0, 0)
