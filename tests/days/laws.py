"""What holds on every unit on every day, whatever happens; each raises AssertionError."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise

from broadcaster.domain.asrun import AsRunEntry, Stretch
from broadcaster.domain.instants import Spell
from broadcaster.horn.player import Heard

__all__ = ["UNWRITTEN", "assert_never_two_at_once", "assert_told_truly", "assert_within"]

UNWRITTEN = timedelta(seconds=7.25)
"""Progress is on the disk every five seconds; a step is two at most, and a power cut comes after it."""

_ROUNDING = timedelta(milliseconds=1)


def assert_told_truly(entry: AsRunEntry, heard: Sequence[Heard]) -> None:
    """The line tells of nothing that did not sound, and of all but the last seconds before each power cut."""
    runs = [Stretch(begin=run.begin, length=run.length) for run in heard]
    for stretch in entry.stretches:
        assert any(run.begin == stretch.begin and stretch.end <= run.end for run in runs)
    sounded = sum((run.length for run in runs), timedelta(0))
    assert sounded - UNWRITTEN * len(runs) <= entry.played <= sounded


def assert_never_two_at_once(heard: Iterable[Heard]) -> None:
    """Each run of sound is over when the next one begins."""
    for before, after in pairwise(sorted(heard, key=lambda run: run.begin)):
        assert before.begin + before.length <= after.begin + _ROUNDING


def assert_within(spells: Iterable[Spell], heard: Iterable[Heard]) -> None:
    """Nothing sounds outside these."""
    spells = tuple(spells)
    for run in heard:
        end = run.begin + run.length - _ROUNDING
        assert any(run.begin in spell and end in spell for spell in spells)
