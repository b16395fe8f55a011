"""One line for each cue of each unit, whatever is told, in whatever order, how often."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.domain.asrun import AsRunEntry, Outcome, Stretch
from broadcaster.domain.names import CueId, ProgrammeId, UnitId
from broadcaster.store import Store, StoreFault
from broadcaster.store.asrun import page_query
from broadcaster.store.file import StoreFile
from tests.store.values import MINUTE, NOON, aired, cue, not_aired

instants = st.timedeltas(timedelta(0), timedelta(days=40_000)).map(
    lambda since: datetime(1990, 1, 1, tzinfo=UTC) + since
)
lengths = st.timedeltas(timedelta(0), timedelta(days=2))
stretches = st.builds(Stretch, begin=instants, length=lengths)
entries = st.builds(
    AsRunEntry,
    unit=st.sampled_from([UnitId("thon-ben-1"), UnitId("thon-ben-2")]),
    cue=st.sampled_from([cue(day) for day in (19, 20, 21)] + [cue(20, "17:00:00", "tin-chieu")]),
    title=st.text(),
    revision=st.integers(1, 2**62),  # 0 is the hub itself, whose lines give way
    outcome=st.sampled_from(Outcome),
    planned=instants,
    ended=instants,
    asked=lengths,
    stretches=st.lists(stretches, min_size=1, max_size=3).map(tuple),
    reason=st.text(min_size=1),
    level=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)


@given(st.lists(entries, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_told_each_cue_of_each_unit_has_one_line_and_it_is_the_first_real_one(
    told: list[AsRunEntry],
) -> None:
    with TemporaryDirectory() as folder:
        store = Store(Path(folder) / "station.db")
        fates = [store.asrun.record((entry,), NOON) for entry in told]
        lines = store.asrun.page(limit=100).entries
        conflicts = store.asrun.conflicts()
        tally = store.asrun.tally(date(2026, 11, 1), date(2026, 11, 30))
        store.close()
    by_line = {(line.cue, line.unit): line for line in lines}
    assert len(by_line) == len(lines)
    for cue_of, unit in {(entry.cue, entry.unit) for entry in told}:
        mine = [entry for entry in told if (entry.cue, entry.unit) == (cue_of, unit)]
        real = [entry for entry in mine if entry.outcome is not Outcome.NOT_REPORTED]
        assert by_line[cue_of, unit] == (real or mine)[0]
        others = {entry for entry in real if entry != real[0]}
        assert {c.told for c in conflicts if (c.told.cue, c.told.unit) == (cue_of, unit)} == others
    assert all(conflict.stands == by_line[conflict.told.cue, conflict.told.unit] for conflict in conflicts)
    assert all(len(fate.fresh + fate.known + fate.conflicts) == 1 for fate in fates)
    assert {outcome: sum(line.outcome is outcome for line in lines) for outcome in Outcome} == tally


def test_a_report_delivered_twice_is_one_line(store: Store) -> None:
    first = store.asrun.record((aired(), aired("thon-ben-2")), NOON)
    again = store.asrun.record((aired(), aired("thon-ben-2")), NOON + MINUTE)
    assert (len(first.fresh), len(again.fresh), len(again.known)) == (2, 0, 2)
    assert len(store.asrun.of_cue(cue())) == 2


def test_a_unit_that_speaks_after_all_replaces_not_reported(store: Store) -> None:
    store.asrun.record((not_aired(Outcome.NOT_REPORTED),), NOON)
    assert store.asrun.record((aired(),), NOON).fresh == (aired(),)
    assert store.asrun.of_cue(cue()) == (aired(),)
    assert store.asrun.record((not_aired(Outcome.NOT_REPORTED),), NOON).known
    assert store.asrun.of_cue(cue()) == (aired(),)
    assert store.asrun.conflicts() == ()


def test_what_a_unit_really_played_replaces_what_the_hub_wrote_when_it_was_taken_back(store: Store) -> None:
    by_the_hub = replace(not_aired(Outcome.CANCELLED), revision=0)
    store.asrun.record((by_the_hub,), NOON)
    assert store.asrun.record((aired(),), NOON).fresh == (aired(),)
    assert store.asrun.record((by_the_hub,), NOON).known == (by_the_hub,)
    assert store.asrun.of_cue(cue()) == (aired(),)
    assert store.asrun.conflicts() == ()
    assert store.asrun.tally(cue().day, cue().day)[Outcome.CANCELLED] == 0


def test_a_second_different_line_is_kept_aside_and_told_once(store: Store) -> None:
    other = not_aired(Outcome.FAILED)
    store.asrun.record((aired(),), NOON)
    assert store.asrun.record((other,), NOON + MINUTE).conflicts == (other,)
    assert store.asrun.record((other,), NOON + 2 * MINUTE).known == (other,)
    assert store.asrun.of_cue(cue()) == (aired(),)
    (conflict,) = store.asrun.conflicts()
    assert (conflict.stands, conflict.told, conflict.at) == (aired(), other, NOON + MINUTE)


def test_a_line_that_cannot_be_kept_takes_the_others_of_its_delivery_with_it(store: Store) -> None:
    no_number = replace(aired("thon-ben-2"), revision=2**70)
    with pytest.raises(StoreFault, match="too large"):
        store.asrun.record((aired(), no_number), NOON)
    half_a_letter = replace(aired("thon-ben-2"), title="\ud800")
    with pytest.raises(StoreFault, match="surrogates"):
        store.asrun.record((aired(), half_a_letter), NOON)
    assert store.asrun.of_cue(cue()) == ()


def month(store: Store) -> list[AsRunEntry]:
    """Ten days of two programmes on three units, written in no order; newest first."""
    written = [
        replace(
            aired(unit, cue(day, at, programme)),
            planned=NOON + timedelta(days=day - 21, hours=int(at[:2])),
        )
        for day, (at, programme), unit in product(
            range(11, 21),
            (("05:00:00", "ban-tin-sang"), ("17:00:00", "tin-chieu")),
            ("thon-ben-1", "thon-ben-2", "xa-1"),
        )
    ]
    store.asrun.record(tuple(written[1::2] + written[::2]), NOON)
    return sorted(written, key=lambda entry: (entry.cue.day, entry.planned), reverse=True)


@pytest.mark.parametrize("size", [1, 7, 30, 60, 100])
@pytest.mark.parametrize("unit", [None, UnitId("xa-1")])
@pytest.mark.parametrize("programme", [None, ProgrammeId("tin-chieu")])
@pytest.mark.parametrize(("first", "last"), [(None, None), (13, 13), (13, 17), (None, 12), (19, None)])
def test_pages_laid_end_to_end_are_the_whole_log(
    store: Store,
    size: int,
    unit: UnitId | None,
    programme: ProgrammeId | None,
    first: int | None,
    last: int | None,
) -> None:
    expected = [
        entry
        for entry in month(store)
        if unit in (None, entry.unit)
        and programme in (None, entry.cue.programme)
        and (first or 1) <= entry.cue.day.day <= (last or 30)
    ]
    found: list[AsRunEntry] = []
    older: str | None = None
    while True:
        page = store.asrun.page(
            first=None if first is None else date(2026, 11, first),
            last=None if last is None else date(2026, 11, last),
            unit=unit,
            programme=programme,
            older=older,
            limit=size,
        )
        assert len(page.entries) <= size
        found += page.entries
        older = page.older
        if older is None:
            break
    assert [(e.cue.day, e.planned) for e in found] == [(e.cue.day, e.planned) for e in expected]
    assert set(found) == set(expected)
    assert len(found) == len(expected)


@pytest.mark.parametrize("older", [None, "2026-11-15.1794000000000000.77"])
@pytest.mark.parametrize("unit", [None, UnitId("xa-1")])
@pytest.mark.parametrize("programme", [None, ProgrammeId("tin-chieu")])
@pytest.mark.parametrize("days", [None, date(2026, 1, 1)])
def test_no_page_reads_the_whole_log_or_sorts_it(
    tmp_path: Path, older: str | None, unit: UnitId | None, programme: ProgrammeId | None, days: date | None
) -> None:
    file = StoreFile(tmp_path / "station.db")
    sql, values = page_query(first=days, last=days, unit=unit, programme=programme, older=older, limit=100)
    (step,) = [row["detail"] for row in file.rows(f"EXPLAIN QUERY PLAN {sql}", *values)]
    file.close()
    assert "USING INDEX asrun_by_" in step
    bounds = step.partition("(")[2]
    assert ("planned" in bounds) == (older is not None), f"goes through all newer lines first: {step}"
    narrow = (older, unit, programme, days) != (None, None, None, None)
    assert step.startswith("SEARCH" if narrow else "SCAN")


@pytest.mark.parametrize(
    "place", ["", "x", "2026-11-15", "2026-11-15.1.1; DROP TABLE asrun", "2026-11-15.1.-1"]
)
def test_a_place_that_no_page_gave_is_refused(store: Store, place: str) -> None:
    with pytest.raises(ValueError, match="not a place in the as-run log"):
        store.asrun.page(older=place)


def test_the_tally_counts_local_days_and_leaves_no_outcome_out(store: Store) -> None:
    before = cue(20, "23:59:00")  # a cue belongs to the date in its name, wherever in UTC it falls
    store.asrun.record((aired(), aired("thon-ben-2"), aired(of=before)), NOON)
    store.asrun.record((not_aired(Outcome.NOT_REPORTED, "xa-1"),), NOON)
    day = date(2026, 11, 21)
    assert store.asrun.tally(day, day) == dict.fromkeys(Outcome, 0) | {
        Outcome.AIRED: 2,
        Outcome.NOT_REPORTED: 1,
    }
    store.asrun.record((not_aired(Outcome.SKIPPED, "xa-1"),), NOON)
    assert store.asrun.tally(day, day) == dict.fromkeys(Outcome, 0) | {Outcome.AIRED: 2, Outcome.SKIPPED: 1}
    assert sum(store.asrun.tally(date(2026, 11, 20), day).values()) == 4


def test_what_was_told_is_known_by_cue_and_unit(store: Store) -> None:
    store.asrun.record((aired(), aired(of=cue(20))), NOON)
    today = date(2026, 11, 21)
    assert store.asrun.told(today, today) == {(CueId(cue()), UnitId("thon-ben-1"))}
    assert len(store.asrun.told(date(2026, 11, 20), today)) == 2
