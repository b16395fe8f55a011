"""Long words are cut where a reader draws breath."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.speech.parts import parts

WORDS = st.text(alphabet="abcđấ1,.!? \n…-", max_size=400)
LIMITS = st.integers(min_value=1, max_value=120)


@given(WORDS, LIMITS)
def test_no_part_is_longer_than_the_limit_and_each_has_something_to_say(words: str, limit: int) -> None:
    for part in parts(words, limit):
        assert len(part) <= limit
        assert any(map(str.isalnum, part))
        assert part == part.strip()


@given(WORDS, LIMITS)
def test_no_letter_is_lost_doubled_or_moved(words: str, limit: int) -> None:
    spoken = "".join(filter(str.isalnum, "".join(parts(words, limit))))
    assert spoken == "".join(filter(str.isalnum, words))


@given(st.text(alphabet="abđ ", min_size=1, max_size=100).filter(str.strip))
def test_words_within_the_limit_are_one_part(words: str) -> None:
    assert parts(words, 100) == (" ".join(words.split()),)


@given(st.lists(st.text(alphabet="abcđ", min_size=1, max_size=20), min_size=1, max_size=60))
def test_a_word_shorter_than_the_limit_is_never_cut(words: list[str]) -> None:
    assert " ".join(parts(" ".join(words), 20)).split() == words


@pytest.mark.parametrize(
    ("words", "cut"),
    [
        ("Mời bà con. Đi họp, đúng giờ nhé bà con", ("Mời bà con.", "Đi họp, đúng giờ nhé bà con")),
        ("Mời bà con đi họp, đúng giờ nhé bà con", ("Mời bà con đi họp,", "đúng giờ nhé bà con")),
        ("Mời bà con đi họp đúng giờ nhé bà con ơi", ("Mời bà con đi họp đúng giờ", "nhé bà con ơi")),
        ("Ông A. mời bà con thôn Bến ra họp", ("Ông A. mời bà con thôn Bến", "ra họp")),
        ("Ông A. " + "x" * 23 + " y", ("Ông A.", "x" * 23 + " y")),
    ],
)
def test_the_end_of_a_sentence_is_better_than_of_a_clause_and_that_better_than_of_a_word(
    words: str, cut: tuple[str, ...]
) -> None:
    assert parts(words, 28) == cut


def test_a_letter_is_not_parted_from_its_marks() -> None:
    khmer = "ស្ថានីយ៍ចាក់ផ្សាយឃុំ"
    for limit in range(3, len(khmer)):
        assert not any(part[0] in "ា៍្ីុំ" for part in parts(khmer, limit))


def test_nothing_to_say_is_no_part() -> None:
    assert parts("") == parts(" \n ") == parts("... !!! " * 300) == ()
