"""Which of an engine's languages is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.speech.tongues import tongue

KNOWN = ("vi", "vi-vn-x-south", "en-us", "zh-CN", "fr-CA", "fr")


@pytest.mark.parametrize(
    ("wanted", "served"),
    [
        ("vi", "vi"),
        ("vi-VN", "vi"),
        ("VI", "vi"),
        ("vi-vn-x-south", "vi-vn-x-south"),
        ("zh-cn", "zh-CN"),
        ("fr-CA", "fr-CA"),
        ("fr-CH", "fr"),
        ("en", None),
        ("hmn", None),
        ("", None),
        ("-", None),
        ("vi_VN", None),
    ],
)
def test_a_language_is_served_by_itself_or_by_what_it_is_a_kind_of(wanted: str, served: str | None) -> None:
    assert tongue(wanted, KNOWN) == served


@given(st.text())
def test_what_goes_to_an_engine_is_its_own_word_never_ours(wanted: str) -> None:
    assert tongue(wanted, KNOWN) in {None, *KNOWN}
