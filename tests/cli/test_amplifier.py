"""What an installer says of card and amplifier on the unit's command line."""

from datetime import timedelta

import click
import pytest

from broadcaster.cli.daemons import unit
from broadcaster.cli.lengths import Length
from tests.cli.conftest import Terminal


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("--lead", "400ms"), "say where it is, --amplifier GPIO17"),
        (("--hold", "30s"), "say where it is, --amplifier GPIO17"),
        (("--amplifier", "GPIO17", "--lead", "400"), "like 400ms, 30s or 2m"),
        (("--amplifier", "GPIO17", "--lead", "-1s"), "is not a length of time"),
        (("--amplifier", "GPIO17", "--lead", "3s"), "--lead can be 2s at most"),
        (("--buffer", "10ms"), "--buffer is 20ms to 500ms"),
    ],
)
def test_a_card_or_an_amplifier_that_cannot_be_is_refused_before_anything_starts(
    terminal: Terminal, words: tuple[str, ...], answer: str
) -> None:
    result = terminal("unit", *words)
    assert result.exit_code == 2
    assert answer in result.output


def test_lengths_are_said_with_their_unit() -> None:
    wanted = {"400ms": 0.4, "2.5s": 2.5, "1m": 60, "0s": 0}
    assert {text: Length().convert(text, None, None) for text in wanted} == {
        text: timedelta(seconds=seconds) for text, seconds in wanted.items()
    }


def test_the_help_says_that_silence_wakes_no_amplifier() -> None:
    words = " ".join(unit.get_help(click.Context(unit)).split())
    assert "silence wakes nothing" in words
