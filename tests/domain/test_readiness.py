"""Who is ready for which alert: a unit that may not be ready is never shown as ready."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.names import AlertId, ClipId, UnitId, ZoneId
from broadcaster.domain.readiness import Answer, Lack, Laid, Readiness, Standing, Unready, ready
from tests.domain.readymade import template

BEN, DINH = ZoneId("thon-ben"), ZoneId("thon-dinh")
LOA = UnitId("loa-ben")
LAID_AT = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)
NOW = LAID_AT + timedelta(hours=5)
LAID = Laid(template=AlertId("lu"), zone=BEN, clips=(ClipId("a" * 64),), revision=7, at=LAID_AT)
WELL = Standing(unit=LOA, zone=BEN, reachable=True, plan=7)


def asked(
    after: timedelta = timedelta(hours=1), *, answers: bool = True, lacks: int = 0, why: str = ""
) -> Answer:
    """The newest test, asked so long after the sounds were laid."""
    at = LAID_AT + after
    received = at + timedelta(seconds=1) if answers else None
    return Answer(asked=at, received=received, lacks=lacks, why=why)


def judged(unit: Standing, laid: Laid | None = LAID, now: datetime = NOW) -> Readiness:
    return ready(template(), [BEN], [] if laid is None else [laid], [unit], now)


def lack(unit: Standing, laid: Laid | None = LAID, now: datetime = NOW) -> Unready:
    (unready,) = judged(unit, laid, now).unready
    return unready


def test_a_unit_with_the_plan_and_all_its_clips_is_ready() -> None:
    found = judged(WELL)
    assert (found.ready, found.unready, found.of) == ((LOA,), (), 1)
    assert judged(replace(WELL, plan=9)).ready == (LOA,)


@pytest.mark.parametrize(
    ("unit", "laid", "why", "words"),
    [
        (replace(WELL, reachable=False, answer=asked()), LAID, Lack.SILENT, ""),
        (WELL, None, Lack.UNMADE, ""),
        (WELL, replace(LAID, pending=2), Lack.UNMADE, ""),
        (WELL, replace(LAID, unmade=("a", "b")), Lack.UNMADE, "a; b"),
        (replace(WELL, plan=6), LAID, Lack.NOT_LAID, ""),
        (replace(WELL, missing=3), LAID, Lack.FETCHING, "3"),
        (replace(WELL, answer=asked(lacks=2)), LAID, Lack.LACKING, "2"),
        (replace(WELL, answer=asked(why="no card")), LAID, Lack.UNFIT, "no card"),
        (replace(WELL, answer=asked(answers=False)), LAID, Lack.UNANSWERED, ""),
    ],
)
def test_who_is_not_ready_is_told_why(unit: Standing, laid: Laid | None, why: Lack, words: str) -> None:
    assert lack(unit, laid) == Unready(unit=LOA, lack=why, words=words)


def test_what_the_unit_said_itself_counts_before_what_its_plan_lets_guess() -> None:
    assert judged(replace(WELL, missing=3, answer=asked())).ready == (LOA,)
    assert judged(replace(WELL, plan=6, answer=asked())).ready == (LOA,)


def test_an_answer_from_before_the_words_were_saved_says_nothing_of_them() -> None:
    before = asked(timedelta(hours=-1))
    assert lack(replace(WELL, plan=6, answer=before)).lack is Lack.NOT_LAID
    assert lack(replace(WELL, missing=1, answer=before)).lack is Lack.FETCHING
    assert judged(replace(WELL, answer=replace(before, received=None))).ready == (LOA,)


def test_a_unit_that_said_it_has_no_card_is_not_ready_for_words_saved_since_either() -> None:
    assert lack(replace(WELL, answer=asked(timedelta(hours=-1), why="no card"))).lack is Lack.UNFIT


def test_a_test_that_was_asked_just_now_says_nothing_before_it_is_answered() -> None:
    unit = replace(WELL, answer=asked(answers=False))
    assert judged(unit, now=LAID_AT + timedelta(hours=1, seconds=29)).ready == (LOA,)
    assert lack(unit, now=LAID_AT + timedelta(hours=1, seconds=31)).lack is Lack.UNANSWERED


def test_only_the_units_of_the_zones_count_each_by_what_lies_in_its_own() -> None:
    other = Standing(unit=UnitId("loa-dinh"), zone=DINH, reachable=True, plan=7)
    both = ready(template(), [BEN, DINH], [LAID], [WELL, other], NOW)
    assert both.ready == (LOA,)
    assert [unready.unit for unready in both.unready] == ["loa-dinh"]
    assert ready(template(), [BEN], [LAID], [WELL, other], NOW).of == 1
    strange = replace(LAID, template=AlertId("bao"))
    assert ready(template(), [BEN], [strange], [WELL], NOW).ready == ()


ANSWERS = st.builds(
    asked,
    st.timedeltas(timedelta(hours=-2), timedelta(hours=4)),
    answers=st.booleans(),
    lacks=st.integers(0, 2),
    why=st.sampled_from(["", "no card"]),
)


@given(
    unit=st.builds(
        Standing,
        unit=st.just(LOA),
        zone=st.just(BEN),
        reachable=st.booleans(),
        plan=st.integers(0, 9),
        missing=st.integers(0, 2),
        answer=st.none() | ANSWERS,
    ),
    pending=st.integers(0, 1),
    unmade=st.sampled_from([(), ("x",)]),
)
def test_whoever_is_ready_has_everything_as_far_as_anybody_knows(
    unit: Standing, pending: int, unmade: tuple[str, ...]
) -> None:
    found = judged(unit, replace(LAID, pending=pending, unmade=unmade))
    assert found.of == 1
    if found.ready:
        said_so = (
            unit.answer is not None and unit.answer.asked >= LAID_AT and unit.answer.received is not None
        )
        assert unit.reachable
        assert not pending
        assert not unmade
        assert said_so or (unit.plan >= LAID.revision and not unit.missing)
        assert unit.answer is None or unit.answer.received is None or not unit.answer.why
        assert not said_so or (unit.answer is not None and not unit.answer.lacks)
