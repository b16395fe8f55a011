"""On which instants programmes fall, above all where the clock is put forward or back.

The reference knows nothing of `fold`: it lays the pieces of constant offset of a zone end to end and takes
the first instant whose wall clock has reached the wanted time.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.instants import WEEKDAYS, Spell
from broadcaster.domain.timetable import falls_on, occurrences, wall_time
from tests.domain.villages import BERLIN, HANOI, day, local, programme

HOUR = timedelta(hours=1)
Piece = tuple[datetime, datetime, timedelta]
"""From, to (UTC), and what the wall clock is ahead of UTC in between."""


def offset(moment: datetime, timezone: ZoneInfo) -> timedelta:
    found = moment.astimezone(timezone).utcoffset()
    assert found is not None
    return found


def pieces(timezone: ZoneInfo, span: Spell, step: timedelta) -> Iterator[Piece]:
    """The span cut where the zone's offset changes, found by stepping and then halving."""
    begin = span.begin
    at = begin
    while at < span.end:
        following = min(at + step, span.end)
        if offset(following, timezone) != offset(at, timezone):
            low, high = at, following
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                low, high = (
                    (middle, high) if offset(middle, timezone) == offset(at, timezone) else (low, middle)
                )
            yield begin, high, offset(at, timezone)
            begin = high
        at = following
    yield begin, span.end, offset(begin, timezone)


def first_reached(nominal: datetime, found: Sequence[Piece]) -> datetime:
    """The first instant at which the wall clock shows `nominal` or has jumped past it."""
    wanted = nominal.replace(tzinfo=UTC)
    return min(max(begin, wanted - ahead) for begin, end, ahead in found if max(begin, wanted - ahead) < end)


@lru_cache
def changes(key: str, years: tuple[int, int]) -> tuple[tuple[datetime, tuple[Piece, ...]], ...]:
    """Every change of the zone's clock in those years, with the pieces around it."""
    span = Spell(begin=datetime(years[0], 1, 1, tzinfo=UTC), end=datetime(years[1], 1, 1, tzinfo=UTC))
    timezone = ZoneInfo(key)
    found = tuple(pieces(timezone, span, timedelta(days=5)))
    return tuple((begin, found) for begin, _, _ in found[1:])


def nominal_times_around(change: datetime, timezone: ZoneInfo) -> Iterator[datetime]:
    """Wall clock times before, in and after a gap or fold, to the second at its edges."""
    before = (change - timedelta(seconds=1)).astimezone(timezone).replace(tzinfo=None, fold=0)
    after = change.astimezone(timezone).replace(tzinfo=None, fold=0)
    for edge in (before, after):
        for aside in (-HOUR, -timedelta(seconds=1), timedelta(0), timedelta(seconds=1), HOUR / 2, HOUR):
            yield edge + aside
    yield before + (after - before) / 2


ZONES = sorted(available_timezones() - {"Factory", "localtime"})


@pytest.mark.parametrize("part", range(8))
def test_a_programme_falls_where_the_wall_clock_first_reaches_its_time_in_every_zone_of_the_world(
    part: int,
) -> None:
    judged = 0
    for key in ZONES[part::8]:
        timezone = ZoneInfo(key)
        for change, around in changes(key, (2023, 2027)):
            for nominal in nominal_times_around(change, timezone):
                nominal = nominal.replace(microsecond=0)
                daily = programme(
                    "sang", at=(nominal.time(),), days=frozenset(), also=frozenset({nominal.date()})
                )
                span = Spell(begin=change - 30 * HOUR, end=change + 30 * HOUR)
                (only,) = occurrences(daily, timezone, span)
                assert only.start == first_reached(nominal, around), f"{key} {nominal}"
                assert (only.cue.day, only.cue.at) == (nominal.date(), nominal.time())
                judged += 1
    assert judged > 100


@given(key=st.sampled_from(ZONES), year=st.integers(1970, 2090), aside=st.integers(-7200, 7200))
def test_the_same_holds_for_odd_changes_of_other_years(key: str, year: int, aside: int) -> None:
    timezone = ZoneInfo(key)
    for change, around in changes(key, (year, year + 1)):
        edge = change.astimezone(timezone).replace(tzinfo=None, fold=0)
        nominal = (edge + timedelta(seconds=aside)).replace(microsecond=0)
        daily = programme("sang", at=(nominal.time(),))
        span = Spell(begin=change - 60 * HOUR, end=change + 60 * HOUR)
        starts = {found.cue.day: found.start for found in occurrences(daily, timezone, span)}
        assert starts[nominal.date()] == first_reached(nominal, around)


def test_a_time_that_the_clock_jumps_over_is_heard_once_right_after_the_gap() -> None:
    spring = day("2027-03-28", timezone=BERLIN)
    (only,) = occurrences(programme("sang", "02:30"), BERLIN, spring)
    assert only.start == local("2027-03-28 03:00", BERLIN)
    assert only.cue == "sang@2027-03-28T02:30:00"


def test_a_time_that_the_clock_shows_twice_is_heard_the_first_time_only() -> None:
    autumn = day("2027-10-31", timezone=BERLIN)
    (only,) = occurrences(programme("sang", "02:30"), BERLIN, autumn)
    assert only.start == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert autumn.end - autumn.begin == 25 * HOUR


def test_a_day_that_samoa_left_out_is_heard_as_the_next_one_begins() -> None:
    apia = ZoneInfo("Pacific/Apia")
    morning = programme("sang", "05:00", days=frozenset(), also=frozenset({date(2011, 12, 30)}))
    (only,) = occurrences(morning, apia, day("2011-12-31", timezone=apia))
    assert only.start == local("2011-12-31 00:00", apia)
    assert only.cue.day == date(2011, 12, 30)


def test_a_fold_across_midnight_hides_no_programme_of_the_next_day() -> None:
    """In Beirut the clock goes back from midnight to 23:00, so that the 26th ends twice."""
    beirut = ZoneInfo("Asia/Beirut")
    change = datetime(2024, 10, 26, 21, 0, tzinfo=UTC)
    before_and_after = Spell(begin=change - 2 * HOUR, end=change + 2 * HOUR)
    found = occurrences(programme("dem", "23:30", "00:00", "00:30"), beirut, before_and_after)
    assert [(each.cue.day.day, each.cue.at, each.start) for each in found] == [
        (26, time(23, 30), change - HOUR / 2),
        (27, time(0, 0), change + HOUR),
        (27, time(0, 30), change + HOUR * 3 / 2),
    ]


def test_a_date_that_shows_before_the_day_before_it_is_over_is_not_missed() -> None:
    """In Saint John's of 2010 the clock went back at 00:01 to 23:01: one minute of the 7th, then the 6th."""
    town = ZoneInfo("America/St_Johns")
    change = datetime(2010, 11, 7, 2, 31, tzinfo=UTC)
    assert [(change + step).astimezone(town).day for step in (-HOUR / 60, 0 * HOUR)] == [7, 6]
    ends_on_the_6th = Spell(begin=change - HOUR / 2, end=change + HOUR / 2)
    (only,) = occurrences(programme("dem", "00:00"), town, ends_on_the_6th)
    assert (only.start, only.cue.day) == (change - HOUR / 60, date(2010, 11, 7))


def test_two_times_in_one_gap_keep_their_names_and_fall_together() -> None:
    found = occurrences(programme("sang", "02:15", "02:45"), BERLIN, day("2027-03-28", timezone=BERLIN))
    assert [each.start for each in found] == [local("2027-03-28 03:00", BERLIN)] * 2
    assert [each.cue.at for each in found] == [time(2, 15), time(2, 45)]


def test_midnight_and_the_end_of_the_month_are_nothing_special() -> None:
    around_midnight = Spell(begin=local("2028-02-28 23:00"), end=local("2028-03-01 01:00"))
    found = occurrences(programme("dem", "23:59:59", "00:00"), HANOI, around_midnight)
    assert [each.cue for each in found] == [
        "dem@2028-02-28T23:59:59",
        "dem@2028-02-29T00:00:00",
        "dem@2028-02-29T23:59:59",
        "dem@2028-03-01T00:00:00",
    ]


def test_a_programme_that_begins_on_the_last_instant_of_a_span_belongs_to_the_next() -> None:
    daily = programme("sang", "05:00")
    until_five = Spell(begin=local("2026-11-21 00:00"), end=local("2026-11-21 05:00"))
    from_five = Spell(begin=local("2026-11-21 05:00"), end=local("2026-11-21 05:01"))
    assert occurrences(daily, HANOI, until_five) == ()
    assert len(occurrences(daily, HANOI, from_five)) == 1


def test_days_and_dates_are_kept_to() -> None:
    weekly = programme(
        "hop",
        days=frozenset({"mon", "fri"}),
        first=date(2026, 11, 9),
        last=date(2026, 11, 30),
        excepted=frozenset({date(2026, 11, 20)}),
        also=frozenset({date(2026, 11, 19), date(2026, 12, 24), date(2026, 10, 1)}),
    )
    found = occurrences(weekly, HANOI, day("2026-09-01", days=180))
    assert [str(each.cue.day) for each in found] == [
        "2026-10-01",  # also, though before from
        "2026-11-09",
        "2026-11-13",
        "2026-11-16",
        "2026-11-19",  # also, though a Thursday
        "2026-11-23",
        "2026-11-27",
        "2026-11-30",  # until is included
        "2026-12-24",
    ]


dates = st.dates(date(2026, 10, 1), date(2026, 12, 31))


@given(
    days=st.frozensets(st.sampled_from(WEEKDAYS), min_size=1),
    bounds=st.tuples(dates, dates).map(sorted),
    excepted=st.frozensets(dates, max_size=5),
    also=st.frozensets(dates, max_size=5),
)
def test_a_day_is_a_programmes_own_exactly_when_its_rules_say_so(
    days: frozenset[str], bounds: list[date], excepted: frozenset[date], also: frozenset[date]
) -> None:
    first, last = bounds
    some = programme("sang", days=days, first=first, last=last, excepted=excepted - also, also=also)
    heard = {each.cue.day for each in occurrences(some, HANOI, day("2026-10-01", days=92))}
    whole = [date(2026, 10, 1) + timedelta(days=n) for n in range(92)]
    meant = {each for each in whole if first <= each <= last and each.strftime("%a").lower() in days}
    assert heard == (meant - (excepted - also)) | also
    assert all(falls_on(some, each) == (each in heard) for each in whole)


spans = st.tuples(st.integers(0, 400), st.integers(1, 400)).map(
    lambda hours: Spell(
        begin=datetime(2026, 10, 20, tzinfo=UTC) + hours[0] * HOUR,
        end=datetime(2026, 10, 20, tzinfo=UTC) + (hours[0] + hours[1]) * HOUR,
    )
)
times = st.lists(st.times().map(lambda at: at.replace(microsecond=0)), min_size=1, max_size=4).map(tuple)


@given(span=spans, cut=st.floats(0, 1), at=times)
def test_a_span_cut_in_two_has_the_same_programmes_each_once(
    span: Spell, cut: float, at: tuple[time, ...]
) -> None:
    daily = programme("sang", at=at)
    whole = occurrences(daily, BERLIN, span)
    middle = span.begin + (span.end - span.begin) * cut
    if span.begin < middle < span.end:
        early = occurrences(daily, BERLIN, Spell(begin=span.begin, end=middle))
        late = occurrences(daily, BERLIN, Spell(begin=middle, end=span.end))
        assert early + late == whole
    assert len({each.cue for each in whole}) == len(whole)
    assert all(each.start in span for each in whole)
    assert list(whole) == sorted(whole, key=lambda each: (each.start, each.cue))


def test_people_read_instants_in_their_own_time() -> None:
    assert wall_time(local("2026-11-21 05:00"), HANOI) == "2026-11-21 05:00"
    assert wall_time(local("2026-11-21 05:00:07"), HANOI) == "2026-11-21 05:00:07"
