"""What of the frames that are laid and have not sounded is taken back when something else is to sound.

Laws of this file
1. What sounds already and is not to sound any more is faded out: within 50 ms, or as many as are left until
   the next one begins, but not within less than 5, so that there is no click.
2. What has not sounded yet goes without a trace, if it is not to sound after all or something else is to
   sound before it.
3. What is still to sound as it was laid stays as it is.
4. Nothing is taken back from before `since`: the device may have it any moment.
"""

from collections.abc import Sequence
from typing import NamedTuple

from broadcaster.horn.fading import FADE, RAMP

__all__ = ["QUICK", "Back", "Newcomer", "Run", "back"]

QUICK = RAMP
"""Frames of the shortest fade."""


class Run(NamedTuple):
    """Frames that were laid for one passage: from number `first` until before `end`.

    `place`: of the passage in what is to sound now, None if it is not. `cut`: the frame at which it is to be
    silent by now, None if that has not changed.
    """

    first: int
    end: int
    place: int | None
    cut: int | None = None


class Newcomer(NamedTuple):
    """Something that is to sound and was not begun. `place` as above; `due`: the frame it should begin on."""

    place: int
    due: int


class Back(NamedTuple):
    """The first `whole` runs stay; the next one is faded out over the frames `fade`, if there are any; all
    others go. Frames are laid until before `laid`."""

    whole: int
    fade: tuple[int, int] | None
    laid: int


def back(runs: Sequence[Run], newcomers: Sequence[Newcomer], *, since: int, head: int) -> Back | None:
    """What is to be taken back of `runs`, which are in their order, as are `newcomers`; None for nothing.

    `head`: number after the last frame laid.
    """
    due = min((one.due for one in newcomers), default=None)
    laid = since
    for number, run in enumerate(runs):
        if run.first >= since and any(_before(one, run) for one in newcomers):
            return Back(number, None, laid)
        fade = _fade(run, since, due)
        if fade is not None:
            return Back(number, fade, fade[1]) if fade[1] > fade[0] else Back(number, None, laid)
        laid = max(laid, run.end)
    return None if due is None or max(laid, due) >= head else Back(len(runs), None, max(laid, due))


def _before(one: Newcomer, run: Run) -> bool:
    return run.place is not None and one.place < run.place


def _fade(run: Run, since: int, due: int | None) -> tuple[int, int] | None:
    """From where to where it is faded out; an empty stretch if it goes as a whole, None if it stays."""
    begin = max(since, run.first)
    if run.place is None:
        cut = begin if run.first >= since else since + (FADE if due is None else min(due - since, FADE))
    elif run.cut is None:
        return None
    else:
        cut = run.cut
    if run.first >= since and cut - run.first < QUICK:
        return begin, begin
    end = max(cut, begin + QUICK)
    return None if end >= run.end else (max(begin, end - FADE), end)
