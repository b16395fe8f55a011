"""How units are, as the hub hears and keeps it: news at once, the rest once a minute, bytes by the month."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from broadcaster.domain.names import CueId, UnitId, ZoneId
from broadcaster.domain.places import Unit
from broadcaster.hub.collecting import Collecting
from broadcaster.link.messages import WIRE_VERSION, NowPlaying, Vitals, read
from broadcaster.store import Store, open_store
from broadcaster.store.units import JoinedUnit, StoredBeat
from tests.hub.villages import MORNING

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
BEN = UnitId("loa-ben")
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
CUE = CueId("ban-tin-sang@2026-11-22T05:00:00")
NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    place = Unit(id=BEN, name=BEN, zone=ZoneId("thon-ben"))
    opened.units.put(JoinedUnit(unit=place, nkey="U-ben", joined=MORNING - DAY))
    yield opened
    opened.close()


@pytest.fixture
def collecting(store: Store) -> Collecting:
    return Collecting(store, VIETNAM)


def well(*, used: int = 0, playing: NowPlaying | None = None, **said: object) -> Vitals:
    return Vitals(
        v=WIRE_VERSION,
        at=MORNING,
        software="0.1",
        plan=3,
        clock_error=0.001,
        disk_free=1 << 34,
        speaker="auto",
        used=used,
        playing=playing,
        **said,  # type: ignore[arg-type]
    )


def stored(store: Store) -> tuple[datetime, Vitals | None]:
    beat = store.units.beats()[BEN]
    return beat.at, read(Vitals, beat.beat) if beat.beat else None


def test_news_is_stored_at_once_and_a_sign_of_life_once_a_minute(
    store: Store, collecting: Collecting
) -> None:
    collecting.heard(BEN, MORNING, well())
    collecting.keep_news(MORNING)
    assert stored(store) == (MORNING, well())
    collecting.heard(BEN, MORNING + 10 * SECOND)
    collecting.keep_news(MORNING + 10 * SECOND)
    assert stored(store) == (MORNING, well())
    playing = NowPlaying(cue=CUE, title="Bản tin sáng", since=MORNING, played=SECOND)
    collecting.heard(BEN, MORNING + 20 * SECOND, well(playing=playing))
    collecting.keep_news(MORNING + 20 * SECOND)
    assert stored(store) == (MORNING + 20 * SECOND, well(playing=playing))
    collecting.heard(BEN, MORNING + 30 * SECOND)
    collecting.keep_news(MORNING + 30 * SECOND)
    assert stored(store)[0] == MORNING + 20 * SECOND
    collecting.keep_beats()
    assert stored(store) == (MORNING + 30 * SECOND, well(playing=playing))


def test_what_only_creeps_is_no_news(store: Store, collecting: Collecting) -> None:
    collecting.heard(BEN, MORNING, well(temperature=50.0))
    collecting.keep_news(MORNING)
    collecting.heard(BEN, MORNING + SECOND, well(temperature=51.0, used=10, missing=0))
    collecting.keep_news(MORNING + SECOND)
    assert stored(store) == (MORNING, well(temperature=50.0))


def test_a_fault_is_news_and_so_is_its_end(store: Store, collecting: Collecting) -> None:
    for seconds, temperature in ((0, 50.0), (10, 85.0), (20, 50.0)):
        collecting.heard(BEN, MORNING + seconds * SECOND, well(temperature=temperature))
        collecting.keep_news(MORNING + seconds * SECOND)
        assert stored(store) == (MORNING + seconds * SECOND, well(temperature=temperature))


def test_a_hub_that_was_restarted_goes_by_what_was_stored_until_units_say_more(
    store: Store, collecting: Collecting
) -> None:
    collecting.heard(BEN, MORNING, well())
    collecting.keep_news(MORNING)
    again = Collecting(store, VIETNAM)
    again.heard(BEN, MORNING + 30 * SECOND)
    again.keep_beats()
    assert stored(store) == (MORNING + 30 * SECOND, well())


def test_a_unit_that_is_back_after_minutes_of_silence_is_shown_at_once(
    store: Store, collecting: Collecting
) -> None:
    collecting.heard(BEN, MORNING, well())
    collecting.keep_news(MORNING)
    collecting.heard(BEN, MORNING + 5 * MINUTE)
    collecting.keep_news(MORNING + 5 * MINUTE)
    assert stored(store)[0] == MORNING + 5 * MINUTE


def test_a_unit_that_falls_silent_is_late_after_25_seconds_and_well_with_the_next_word(
    store: Store, collecting: Collecting
) -> None:
    collecting.heard(BEN, MORNING, well())
    collecting.keep_news(MORNING)
    collecting.heard(BEN, MORNING + 10 * SECOND)
    collecting.keep_news(MORNING + 34 * SECOND)
    assert not store.units.beats()[BEN].silent
    collecting.keep_news(MORNING + 35 * SECOND)
    assert store.units.beats()[BEN].silent
    assert stored(store) == (MORNING + 10 * SECOND, well())
    collecting.heard(BEN, MORNING + 40 * SECOND)
    collecting.keep_news(MORNING + 40 * SECOND)
    assert not store.units.beats()[BEN].silent
    assert stored(store) == (MORNING + 40 * SECOND, well())


def test_a_hub_that_was_off_calls_nobody_silent_before_it_has_listened(
    store: Store, collecting: Collecting
) -> None:
    collecting.heard(BEN, MORNING, well())
    collecting.keep_news(MORNING)
    again = Collecting(store, VIETNAM)
    again.keep_news(MORNING + 10 * MINUTE)
    again.keep_news(MORNING + 10 * MINUTE + 24 * SECOND)
    assert not store.units.beats()[BEN].silent
    again.keep_news(MORNING + 10 * MINUTE + 25 * SECOND)
    assert store.units.beats()[BEN].silent


def test_a_unit_of_an_older_version_lives_though_nothing_is_known_of_it(
    store: Store, collecting: Collecting
) -> None:
    collecting.heard(BEN, MORNING)
    collecting.keep_news(MORNING)
    assert stored(store) == (MORNING, None)


def test_what_an_older_hub_stored_does_not_trouble_this_one(store: Store) -> None:
    store.units.keep_beats((StoredBeat(unit=BEN, at=MORNING, beat=b"what is this"),))
    again = Collecting(store, VIETNAM)
    again.heard(BEN, MORNING + SECOND, well())
    again.keep_news(MORNING + SECOND)
    assert stored(store) == (MORNING + SECOND, well())


def test_megabytes_are_counted_by_the_months_of_the_station(store: Store, collecting: Collecting) -> None:
    midnight = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
    for at, total in ((MORNING, 1000), (midnight - SECOND, 5000), (midnight, 5500), (midnight + DAY, 7000)):
        collecting.heard(BEN, at, well(used=total))
        collecting.keep_beats()
    assert store.units.used(NOVEMBER) == {BEN: 5000}
    assert store.units.used(DECEMBER) == {BEN: 2000}


def test_a_power_cut_that_lost_some_minutes_of_counting_counts_nothing_twice(
    store: Store, collecting: Collecting
) -> None:
    for minute, total in enumerate((100_000, 140_000, 120_000, 150_000)):
        collecting.heard(BEN, MORNING + minute * MINUTE, well(used=total))
        collecting.keep_beats()
    assert store.units.used(NOVEMBER) == {BEN: 170_000}


def test_what_was_counted_is_not_counted_again_by_a_hub_that_was_restarted(store: Store) -> None:
    for minute in range(3):
        again = Collecting(store, VIETNAM)
        again.heard(BEN, MORNING + minute * MINUTE, well(used=100))
        again.keep_beats()
    assert store.units.used(NOVEMBER) == {BEN: 100}


def test_a_stolen_key_does_not_fill_the_journal(
    collecting: Collecting, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for beat in range(600):
            collecting.warn(BEN, "beats strangely", MORNING + beat * SECOND / 5)
        collecting.warn(UnitId("loa-dinh"), "beats strangely", MORNING)
    assert [record.getMessage() for record in caplog.records] == [
        "unit=loa-ben beats strangely",
        "unit=loa-ben beats strangely (and 299 more before that)",
        "unit=loa-dinh beats strangely",
    ]
