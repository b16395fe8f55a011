"""What units tell ends in the store, once; who stays silent for eight days gets his lines all the same."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from broadcaster.domain.asrun import AsRunEntry, Outcome, Stretch
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import CueId, UnitId, ZoneId
from broadcaster.domain.places import Unit
from broadcaster.domain.programme import Rank
from broadcaster.hub.collecting import Collecting, line_of
from broadcaster.link.messages import WIRE_VERSION, Tell
from broadcaster.store import Store, open_store
from broadcaster.store.rundown import CueLine
from broadcaster.store.units import JoinedUnit
from tests.hub.villages import MORNING

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
BEN, DINH = UnitId("loa-ben"), UnitId("loa-dinh")
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
CUE = CueId("ban-tin-sang@2026-11-22T05:00:00")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()


def let_in(store: Store, unit: UnitId, zone: str, at: datetime = MORNING - DAY, **more: bool) -> None:
    place = Unit(id=unit, name=unit, zone=ZoneId(zone))
    store.units.put(JoinedUnit(unit=place, nkey=f"U-{unit}", joined=at, **more))


def heard(unit: UnitId = BEN, at: datetime = MORNING, cue: CueId = CUE) -> AsRunEntry:
    return AsRunEntry(
        unit=unit,
        cue=cue,
        title="Bản tin sáng",
        revision=7,
        outcome=Outcome.AIRED,
        planned=at,
        ended=at + HOUR,
        asked=HOUR,
        stretches=(Stretch(begin=at, length=HOUR),),
    )


def missed(at: datetime, unit: UnitId = BEN) -> AsRunEntry:
    return AsRunEntry(
        unit=unit,
        cue=CUE,
        title="Bản tin sáng",
        revision=7,
        outcome=Outcome.SKIPPED,
        planned=at,
        ended=at + HOUR,
        asked=HOUR,
        reason="its time passed while this unit could not play it",
    )


def telling(*entries: AsRunEntry, unit: UnitId = BEN) -> Tell:
    return Tell(v=WIRE_VERSION, unit=unit, entries=entries)


def published(store: Store, *cues: tuple[str, datetime], zones: tuple[str, ...] = ("thon-ben",)) -> None:
    lines = [
        CueLine(
            cue=CueId(cue),
            zones=frozenset(map(ZoneId, zones)),
            start=start,
            title="Bản tin sáng",
            rank=Rank.ORDINARY,
            asked=HOUR,
        )
        for cue, start in cues
    ]
    span = Spell(begin=MORNING - 400 * DAY, end=MORNING + 400 * DAY)
    store.rundown.publish(lines, span, MORNING - 400 * DAY)


def test_what_a_unit_tells_is_in_the_store_before_it_is_acknowledged(store: Store) -> None:
    let_in(store, BEN, "thon-ben")
    told = Collecting(store, VIETNAM).tell(telling(heard()), MORNING + HOUR)
    assert told.cues == (CUE,)
    assert store.asrun.of_cue(CUE) == (heard(),)


def test_told_again_because_the_answer_was_lost_it_is_acknowledged_and_there_once(store: Store) -> None:
    let_in(store, BEN, "thon-ben")
    collecting = Collecting(store, VIETNAM)
    collecting.tell(telling(heard()), MORNING + HOUR)
    assert collecting.tell(telling(heard()), MORNING + HOUR).cues == (CUE,)
    assert store.asrun.of_cue(CUE) == (heard(),)


def test_two_boxes_with_one_memory_card_are_told_of_by_what_they_are(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    let_in(store, BEN, "thon-ben")
    collecting = Collecting(store, VIETNAM)
    collecting.tell(telling(heard()), MORNING + HOUR)
    assert collecting.tell(telling(missed(MORNING)), MORNING + HOUR).cues == (CUE,)
    assert "is there a second box" in caplog.text


def test_nobody_tells_for_another_unit(store: Store) -> None:
    let_in(store, BEN, "thon-ben")
    told = Collecting(store, VIETNAM).tell(telling(heard(DINH)), MORNING + HOUR)
    assert told.cues == ()
    assert set(told.refused) == {CUE}
    assert store.asrun.of_cue(CUE) == ()


def test_what_was_over_before_a_unit_joined_is_no_loss_of_its_own(store: Store) -> None:
    let_in(store, BEN, "thon-ben", at=MORNING + HOUR)
    told = Collecting(store, VIETNAM).tell(telling(missed(MORNING)), MORNING + HOUR)
    assert told.cues == (CUE,), "or it is told for ever"
    assert store.asrun.of_cue(CUE) == ()


def test_what_a_unit_joined_in_the_middle_of_and_played_is_recorded(store: Store) -> None:
    let_in(store, BEN, "thon-ben", at=MORNING + HOUR / 2)
    Collecting(store, VIETNAM).tell(telling(heard()), MORNING + HOUR)
    assert store.asrun.of_cue(CUE) == (heard(),)


def outcomes(store: Store) -> dict[tuple[str, str], Outcome]:
    entries = store.asrun.page(limit=1000).entries
    return {(entry.cue.day.isoformat(), entry.unit): entry.outcome for entry in entries}


def daily(days: int, *, last: datetime = MORNING) -> tuple[tuple[str, datetime], ...]:
    """The morning bulletin of so many days, the last of which is at `last`."""
    starts = [last - DAY * back for back in range(days)]
    return tuple((f"ban-tin-sang@{(at + 7 * HOUR).date().isoformat()}T05:00:00", at) for at in starts)


def test_after_eight_days_of_silence_a_cue_gets_its_line_on_each_silent_unit(store: Store) -> None:
    let_in(store, BEN, "thon-ben")
    let_in(store, DINH, "thon-dinh")
    published(store, *daily(1), zones=("thon-ben", "thon-dinh"))
    collecting = Collecting(store, VIETNAM)
    collecting.tell(telling(heard(DINH), unit=DINH), MORNING + HOUR)
    assert collecting.close_silent(MORNING + 8 * DAY - SECOND) == 0
    assert collecting.close_silent(MORNING + 8 * DAY + SECOND) == 1
    (line,) = (entry for entry in store.asrun.of_cue(CUE) if entry.unit == BEN)
    assert line.outcome is Outcome.NOT_REPORTED
    assert line.reason == "the unit told nothing of it for 8 days"
    assert collecting.close_silent(MORNING + 9 * DAY) == 0


def test_a_late_report_takes_the_place_of_the_line_that_says_nobody_reported(store: Store) -> None:
    let_in(store, BEN, "thon-ben")
    published(store, *daily(1))
    collecting = Collecting(store, VIETNAM)
    collecting.close_silent(MORNING + 9 * DAY)
    collecting.tell(telling(heard()), MORNING + 10 * DAY)
    assert store.asrun.of_cue(CUE) == (heard(),)
    assert collecting.close_silent(MORNING + 10 * DAY) == 0


def test_a_hub_that_was_off_for_a_month_still_closes_all_that_was_meant_before(store: Store) -> None:
    let_in(store, BEN, "thon-ben", at=MORNING - 10 * DAY)
    published(store, *daily(3))
    assert Collecting(store, VIETNAM).close_silent(MORNING + 38 * DAY) == 3


def test_a_unit_is_not_asked_for_what_was_before_it_joined_elsewhere_taken_back_or_after_it_was_forbidden(
    store: Store,
) -> None:
    let_in(store, BEN, "thon-ben", at=MORNING + HOUR)
    let_in(store, DINH, "thon-dinh")
    let_in(store, UnitId("bi-mat"), "thon-ben", forbidden=True)
    published(store, *daily(1))
    later = Spell(begin=MORNING + 2 * HOUR, end=MORNING + 3 * HOUR)
    taken_back = CueLine(
        cue=CueId("hop-dan@2026-11-22T07:30:00"),
        zones=frozenset({ZoneId("thon-ben")}),
        start=MORNING + 2.5 * HOUR,
        title="Họp dân",
        rank=Rank.ORDINARY,
        asked=HOUR,
    )
    store.rundown.publish([taken_back], later, MORNING)
    store.rundown.publish([], later, MORNING)
    assert Collecting(store, VIETNAM).close_silent(MORNING + 9 * DAY) == 0


def test_the_line_of_a_hub_says_which_day_it_is_about(store: Store) -> None:
    published(store, *daily(1))
    line = store.rundown.find(CUE)
    assert line is not None
    entry = line_of(line, BEN, Outcome.CANCELLED, "taken back by Lan", MORNING)
    assert (entry.cue.day, entry.revision, entry.stretches) == (date(2026, 11, 22), 0, ())
