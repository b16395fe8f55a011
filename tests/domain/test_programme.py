"""Programmes and items that cannot be are not built, and say why."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.names import BadName, CueId, ProgrammeId
from broadcaster.domain.programme import Bulletins, Chime, Pause, Rank, Relay, Spoken
from broadcaster.domain.words import MOST_LETTERS, checked_words
from tests.domain.villages import programme


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"title": "  "}, "has a title"),
        ({"rank": Rank.EMERGENCY}, "raise an alert instead"),
        ({"zones": ()}, "at least one zone"),
        ({"at": ()}, "at least one time"),
        ({"at": (time(5, tzinfo=UTC),)}, "local"),
        ({"at": (time(5, 0, 0, 1),)}, "HH:MM"),
        ({"items": ()}, "at least one item"),
        ({"items": (Bulletins(), Chime(name="opening"), Bulletins())}, "heard twice"),
        ({"days": frozenset({"mo"})}, "days must be some of"),
        ({"days": frozenset()}, "needs days"),
        ({"first": date(2026, 2, 2), "last": date(2026, 2, 1)}, "lies before from"),
        ({"excepted": frozenset({date(2026, 2, 2)}), "also": frozenset({date(2026, 2, 2)})}, "both"),
        ({"grace": timedelta(seconds=-1)}, "grace cannot be negative"),
        ({"max": timedelta(0)}, "max must be longer"),
    ],
)
def test_a_programme_that_cannot_be_is_not_built(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        programme("sang", **wrong)


def test_a_programme_may_have_dates_alone_and_a_single_day() -> None:
    only = date(2026, 9, 2)
    assert programme("quoc-khanh", days=frozenset(), also=frozenset({only})).also == {only}
    assert programme("mot-ngay", first=only, last=only).first == only


@pytest.mark.parametrize(
    "make",
    [
        lambda: Pause(length=timedelta(0)),
        lambda: Pause(length=timedelta(seconds=-2)),
        lambda: Bulletins(closes=timedelta(seconds=-1)),
        lambda: Relay(url="ftp://a/b", length=timedelta(minutes=1), otherwise="a.opus"),
        lambda: Relay(url="http://a/b", length=timedelta(0), otherwise="a.opus"),
        lambda: Spoken(words=" \n "),
        lambda: Spoken(words="…!?"),
        lambda: Spoken(words="a" * (MOST_LETTERS + 1)),
        lambda: Spoken(words="Kính chào\x07 bà con"),
    ],
)
def test_an_item_that_cannot_be_is_not_built(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError):
        make()


def test_the_longest_text_and_the_layout_of_a_pasted_one_can_be_said() -> None:
    assert checked_words("a" * MOST_LETTERS)
    assert checked_words("Kính gửi:\r\n\tbà con thôn Bến\n") == "Kính gửi:\r\n\tbà con thôn Bến\n"
    assert checked_words("Ngày 20/11: 113 ☎ 🙂") == "Ngày 20/11: 113 ☎ 🙂"


@given(st.text(max_size=60))
def test_words_are_given_back_untouched_or_refused_with_a_sentence(words: str) -> None:
    try:
        given_back = checked_words(words)
    except ValueError as refused:
        sentence = str(refused)
    else:
        assert given_back == words
        return
    assert sentence.isprintable()
    assert len(sentence) > 20


@given(day=st.dates(), at=st.times().map(lambda at: at.replace(microsecond=0)))
def test_the_name_of_a_cue_can_be_read_back(day: date, at: time) -> None:
    name = CueId.of(ProgrammeId("ban-tin-sang"), day, at)
    assert CueId(str(name)) == name
    assert (name.programme, name.day, name.at) == ("ban-tin-sang", day, at)


def test_a_cue_is_named_to_the_second() -> None:
    moment = datetime(2026, 11, 21, 5, 0, 7, 123456, tzinfo=UTC)
    assert CueId.of(ProgrammeId("a"), moment.date(), moment.time()) == "a@2026-11-21T05:00:07"


@pytest.mark.parametrize(
    "text",
    [
        "ban-tin",
        "Ban@2026-11-21T05:00:00",
        "a@2026-02-30T05:00:00",
        "a@2026-11-21T25:00:00",
        "a@2026-11-21T05:00",
        "a@2026-11-21T05:00:00Z",
        "a@2026-11-21T05:00:00\n",
        "-a@2026-11-21T05:00:00",
    ],
)
def test_what_is_no_name_of_a_cue_is_refused(text: str) -> None:
    with pytest.raises(BadName):
        CueId(text)
