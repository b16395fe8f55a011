"""What is wrong with a file, told to the person who wrote it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = ["BadFolder", "Fault", "did_you_mean", "quoted", "shown"]

_LONGEST_WORD = 100
"""Comparing is slow for long texts, and nobody means a zone by one."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """One thing wrong: the file (below the station folder), the line (from 1), the key as written (`zones`,
    `item 2: say`; empty for the file as a whole), what is wrong, and what was expected or helps."""

    file: str
    line: int
    key: str
    wrong: str
    expected: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: {self.key}: " if self.key else f"{self.file}:{self.line}: "
        return f"{where}{self.wrong}; {self.expected}" if self.expected else f"{where}{self.wrong}"


class BadFolder(ValueError):
    """A station.toml that no station can be made of. `faults` tells all that is wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The expectation to print for an unknown word: the nearest known one, else all of them."""
    by_sound = {each.casefold(): each for each in sorted(known)}
    near = get_close_matches(word[:_LONGEST_WORD].casefold(), by_sound, n=1)
    if near:
        return f"did you mean {by_sound[near[0]]}?"
    return f"expected one of: {', '.join(by_sound.values())}" if by_sound else ""


def quoted(value: object) -> str:
    """A value of a file as a sentence may show it: texts in double quotes, short, on one line."""
    return f'"{shown(value)}"' if isinstance(value, str) else shown(str(value))


def shown(text: str, most: int = 60) -> str:
    """A text from outside, made fit to be printed: short, on one line, without control characters."""
    short = text if len(text) <= most else f"{text[:most]}…"
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in short
    )
