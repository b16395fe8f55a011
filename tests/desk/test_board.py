"""The board: what sounds, what became of it, where a bulletin stands. Read from a real store."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from broadcaster.desk.board import Board, DayLine, Fate
from broadcaster.domain.asrun import AsRunEntry, Outcome, Stretch
from broadcaster.domain.health import Wellness
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import BulletinId, CueId, UnitId, ZoneId
from broadcaster.domain.programme import Rank
from broadcaster.link.messages import NowPlaying, Vitals, write
from broadcaster.store.rundown import CueLine
from broadcaster.store.units import StoredBeat
from tests.desk.village import NO_LIST, NOON, TONIGHT, Village

EVENING = CueId(TONIGHT)
STARTS = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def board(village: Village) -> Board:
    return Board(village.store, village.folder)


def planned(village: Village, cue: CueId = EVENING, zones: tuple[str, ...] = ("thon-ben",)) -> CueLine:
    line = CueLine(
        cue=cue,
        zones=frozenset(ZoneId(zone) for zone in zones),
        start=STARTS,
        title="Bản tin",
        rank=Rank.ORDINARY,
        asked=timedelta(minutes=10),
    )
    span = Spell(begin=STARTS - timedelta(days=1), end=STARTS + timedelta(days=1))
    village.store.rundown.publish([line], span, NOON)
    return line


def told(village: Village, unit: str, outcome: Outcome = Outcome.AIRED) -> None:
    sounded = outcome in (Outcome.AIRED, Outcome.PARTLY_AIRED)
    entry = AsRunEntry(
        unit=UnitId(unit),
        cue=EVENING,
        title="Bản tin",
        revision=1,
        outcome=outcome,
        planned=STARTS,
        ended=STARTS + timedelta(minutes=10),
        asked=timedelta(minutes=10),
        stretches=(Stretch(begin=STARTS, length=timedelta(minutes=10)),) if sounded else (),
        reason="" if outcome is Outcome.AIRED else "too late",
    )
    village.store.asrun.record((entry,), village.present)


def beat(
    village: Village,
    unit: str,
    *,
    ago: float = 0,
    plays: bool = False,
    raw: bytes | None = None,
    silent: bool = False,
    **said: object,
) -> None:
    at = village.present - timedelta(seconds=ago)
    playing = NowPlaying(cue=EVENING, title="Trên loa", since=at, played=timedelta(0))
    word = Vitals(
        v=1,
        at=at,
        software="1",
        plan=1,
        playing=playing if plays else None,
        clock_error=0.0,
        disk_free=10**10,
        speaker="x",
        **said,  # type: ignore[arg-type]
    )
    kept = StoredBeat(unit=UnitId(unit), at=at, beat=write(word) if raw is None else raw, silent=silent)
    village.store.units.keep_beats((kept,))


def day_line(village: Village) -> DayLine:
    here = board(village)
    (line,) = here.day(STARTS.date(), here.units(village.present), village.present)
    return line


@pytest.mark.parametrize(
    ("after", "outcome", "plays", "fate"),
    [
        (timedelta(minutes=-1), None, False, Fate.PLANNED),
        (timedelta(minutes=1), None, True, Fate.PLAYING),
        (timedelta(minutes=1), None, False, Fate.AWAITED),
        (timedelta(minutes=24), None, False, Fate.AWAITED),
        (timedelta(minutes=26), None, False, Fate.SHORT),
        (timedelta(minutes=11), Outcome.AIRED, False, Fate.AIRED),
        (timedelta(minutes=11), Outcome.CUT_SHORT, False, Fate.SHORT),
        (timedelta(minutes=-1), Outcome.CANCELLED, False, Fate.CANCELLED),
        (timedelta(minutes=11), Outcome.AIRED, True, Fate.AIRED),
    ],
)
def test_each_line_has_the_fate_its_unit_tells(
    village: Village, after: timedelta, outcome: Outcome | None, plays: bool, fate: Fate
) -> None:
    village.unit()
    planned(village)
    village.present = STARTS + after
    beat(village, "thon-ben-1", plays=plays)
    if outcome is not None:
        told(village, "thon-ben-1", outcome)
    assert day_line(village).fate is fate


def test_one_unit_that_heard_it_and_one_that_did_not_is_short(village: Village) -> None:
    village.unit("thon-ben-1")
    village.unit("thon-ben-2")
    planned(village)
    village.present = STARTS + timedelta(hours=1)
    told(village, "thon-ben-1")
    line = day_line(village)
    assert line.fate is Fate.SHORT
    assert (line.units, line.aired, [joined.unit.id for joined in line.silent]) == (2, 1, ["thon-ben-2"])


def test_a_unit_that_joined_later_is_not_asked_about_the_past(village: Village) -> None:
    village.unit("thon-ben-1")
    planned(village)
    village.present = STARTS + timedelta(hours=1)
    told(village, "thon-ben-1")
    village.waits()
    village.desk.pair_unit(village.tuan, "123456", name="Cột mới", zone="thon-ben")
    assert day_line(village).fate is Fate.AIRED


def test_where_nobody_listens_no_unit_is_missed(village: Village) -> None:
    planned(village)
    village.present = STARTS + timedelta(hours=1)
    assert day_line(village).fate is Fate.NO_UNITS


def test_what_was_taken_back_stays_on_the_board_and_a_changed_timetable_does_not(village: Village) -> None:
    village.unit()
    sheet = village.desk.say(village.lan, "Mời họp.", zones=["all"], at=STARTS, id="moi-hop")
    cue = CueId("moi-hop@2026-11-21T17:00:00")
    planned(village, cue)
    village.desk.cancel_announcement(village.lan, sheet.id)
    span = Spell(begin=STARTS - timedelta(days=1), end=STARTS + timedelta(days=1))
    village.store.rundown.publish([], span, NOON)
    line = day_line(village)
    assert (line.line.cue, line.fate) == (cue, Fate.CANCELLED)
    planned(village, EVENING)
    village.store.rundown.publish([], span, NOON)
    assert day_line(village).line.cue == cue


def test_a_heartbeat_nobody_can_read_is_one_without_words(village: Village) -> None:
    village.unit()
    beat(village, "thon-ben-1", raw=b"{no beat")
    (report,) = board(village).units(village.present)
    assert report.vitals is None
    assert report.playing is None
    assert report.health.wellness is Wellness.WELL
    assert report.health.faults == ()


@pytest.mark.parametrize(
    ("ago", "wellness"), [(0, Wellness.WELL), (75, Wellness.WELL), (90, Wellness.LATE), (125, Wellness.LOST)]
)
def test_the_hub_storing_only_once_a_minute_makes_no_unit_look_lost(
    village: Village, ago: float, wellness: Wellness
) -> None:
    village.unit()
    beat(village, "thon-ben-1", ago=ago)
    (report,) = board(village).units(village.present)
    assert report.health.wellness is wellness


@pytest.mark.parametrize(
    ("ago", "wellness"), [(24, Wellness.WELL), (25, Wellness.LATE), (59, Wellness.LATE), (60, Wellness.LOST)]
)
def test_a_unit_the_hub_knows_to_be_silent_is_judged_by_the_very_second(
    village: Village, ago: float, wellness: Wellness
) -> None:
    village.unit()
    beat(village, "thon-ben-1", ago=ago, silent=True)
    (report,) = board(village).units(village.present)
    assert report.health.wellness is wellness


def test_what_sounds_is_counted_against_all_that_should_hear_it(village: Village) -> None:
    for number, zone in product((1, 2), ("thon-ben", "thon-cho")):
        village.unit(f"{zone}-{number}", zone)
    planned(village, zones=("thon-ben",))
    village.present = STARTS + timedelta(minutes=1)
    beat(village, "thon-ben-1", plays=True)
    beat(village, "thon-cho-1", plays=True)
    here = board(village)
    (air,) = here.on_air(here.units(village.present))
    assert (air.units, air.of, sorted(air.zones)) == (2, 4, ["thon-ben", "thon-cho"])
    assert air.ends == air.since + timedelta(minutes=10)
    assert air.title == "Bản tin", "as it was planned"


def test_slots_are_those_whose_list_is_open_in_order_of_time(village: Village) -> None:
    slots = board(village).slots(NOON, 1)
    assert [slot.cue for slot in slots] == [TONIGHT, "tin-ben@2026-11-21T18:00:00"]
    assert NO_LIST not in [slot.cue for slot in slots]
    assert slots[0].closes == STARTS - timedelta(minutes=5)
    assert slots[1].zones == {"thon-ben", "xom-tren"}
    assert board(village).slots(STARTS - timedelta(minutes=5), 1)[0].cue == "tin-ben@2026-11-21T18:00:00"


def test_what_can_be_booked_is_what_the_board_offers(village: Village) -> None:
    village.bulletin(village.lan)
    for slot in board(village).slots(NOON, 3):
        assert village.desk.book(village.lan, "mat-dien", slot.cue) == ("mat-dien",)
    offered = board(village).slots(NOON, 3)
    assert {slot.booked for slot in offered} == {("mat-dien",)}


def test_a_bulletin_stands_where_it_was_booked_and_no_longer_where_it_was_taken_out(village: Village) -> None:
    village.bulletin(village.lan)
    village.desk.book(village.lan, "mat-dien", TONIGHT)
    at = NOON + timedelta(hours=1)
    village.desk.book_at(village.lan, "mat-dien", at=at, zones=["thon-ben"], id="rieng")
    village.desk.book_at(village.lan, "mat-dien", at=at, zones=["thon-cho"], id="huy")
    village.desk.cancel_announcement(village.lan, "huy")
    evening, own = board(village).places(BulletinId("mat-dien"), NOON)
    assert (evening.cue, evening.title, evening.open) == (TONIGHT, "ban-tin", True)
    assert (own.start, sorted(own.zones), own.open) == (at, ["thon-ben", "xom-tren"], True)
    assert own.day_line is None, "no hub has planned it"
    later = board(village).places(BulletinId("mat-dien"), STARTS)
    assert [place.open for place in later] == [False, False]


def test_a_booking_outlives_its_programme_and_can_then_be_taken_out(village: Village) -> None:
    village.bulletin(village.lan)
    village.desk.book(village.lan, "mat-dien", TONIGHT)
    village.folder.programmes.clear()
    (place,) = board(village).places(BulletinId("mat-dien"), STARTS)
    assert (place.title, place.zones, place.open) == ("ban-tin", frozenset(), True)


def test_orders_are_stuck_when_no_hub_takes_them(village: Village) -> None:
    village.desk.stop(village.lan, zones=["all"], id="dung")
    assert board(village).stuck(village.present) == ()
    village.later(seconds=6)
    assert [order.id for order in board(village).stuck(village.present)] == ["dung"]
    village.store.orders.mark_sent("dung", village.present)
    assert board(village).stuck(village.present) == ()
