"""Whatever is typed, it is taken whole and clean or refused in a sentence."""

import re
import unicodedata
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadcaster.desk import BadEntry, entries
from broadcaster.domain.names import BadName, BulletinId
from broadcaster.domain.people import CONSOLE, Login

T = TypeVar("T")

anything = st.text(alphabet=st.characters(codec=None))


def judged(check: Callable[..., T], *typed: str) -> T | BadEntry:
    try:
        return check(*typed)
    except BadEntry as fault:
        return fault


@given(anything)
def test_words_that_are_taken_can_be_said_stored_and_taken_again(text: str) -> None:
    taken = judged(entries.words, text)
    if isinstance(taken, BadEntry):
        assert taken.code in {"empty", "control-characters", "too-long"}
        assert str(taken).isprintable()
    else:
        taken.encode()
        assert taken == taken.strip()
        assert any(letter.isalnum() for letter in taken)
        assert all(letter in "\n\t" or unicodedata.category(letter) != "Cc" for letter in taken)
        assert entries.words(taken) == taken


@given(anything)
@example("Một\u2028hai")
@example("Một\nhai")
def test_a_title_is_one_line(text: str) -> None:
    taken = judged(entries.line, text, "title")
    if isinstance(taken, BadEntry):
        assert taken.field == "title"
    else:
        assert len(taken.splitlines()) == 1
        assert entries.line(taken, "title") == taken


@given(anything)
def test_every_title_makes_an_id(title: str) -> None:
    first, second = (BulletinId(entries.checked_id(None, title)) for _ in range(2))
    assert first != second


@given(anything | st.from_regex(r"[a-z0-9-]{1,50}", fullmatch=True))
def test_an_id_that_a_browser_made_is_taken_as_it_is_or_refused(text: str) -> None:
    taken = judged(entries.checked_id, text, "")
    if isinstance(taken, BadEntry):
        assert taken.code == "bad-id"
        with pytest.raises(BadName):
            BulletinId(text)
    else:
        assert taken == BulletinId(text)


@given(anything | st.from_regex(r"[A-Za-z0-9. :_-]{1,33}", fullmatch=True))
def test_a_login_is_short_plain_and_never_the_console_s(text: str) -> None:
    taken = judged(entries.login, text)
    if isinstance(taken, BadEntry):
        assert taken.code == "bad-login"
    else:
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,31}", taken)
        assert not taken.startswith(CONSOLE)
        assert Login(taken) == taken


def test_the_longest_words_are_taken_and_one_more_letter_is_not() -> None:
    assert len(entries.words("a" * entries.WORDS_LIMIT)) == entries.WORDS_LIMIT
    with pytest.raises(BadEntry, match="50000 characters are too long; write at most 20000") as told:
        entries.words("ư" * 50_000)
    assert told.value.code == "too-long"


def test_line_ends_of_every_machine_are_one_kind() -> None:
    assert entries.words("Một\r\nhai\rba\n") == "Một\nhai\nba"
