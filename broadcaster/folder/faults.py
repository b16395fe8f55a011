"""What is wrong with a file, told to the person who wrote it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

__all__ = ["BadFolder", "Fault", "did_you_mean"]


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
    known = tuple(known)
    near = get_close_matches(word.casefold(), known, n=1)
    if near:
        return f"did you mean {near[0]}?"
    return f"it is one of: {', '.join(known)}" if known else ""
