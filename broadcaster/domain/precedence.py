"""What gives way to what, as a table.

Laws
1. `TABLE` names every pair of what is on air and what comes; a test proves it total and as designed.
2. Only a newcomer asks: what resumes after losing the air waits like a soft start of its rank.
3. Whoever cuts at the clock (a hard start) ends its victim for good; every other victim resumes.

Read into the table where it leaves room:
- A priority programme waits for the item on air to end. Music and relays (clips that join) are taken
  over at once, for they lose nothing by being joined again; so is everything when the newcomer is live
  (a person speaking, a relay): that cannot wait.
- A hard start of priority rank takes over what is ordinary at once: it cannot be weaker than an
  ordinary hard start, and ordinary is not what outranks it.
- Of two hard starts the one that fell due later cuts the other; due at the same time, the second
  waits. Otherwise each could cut the other for ever.
- An emergency is never "hard": what it displaces resumes.
- A newer version of an alert takes the air from the older one for good, however grave that was: people must
  not go on hearing what is not so any more. But a drill takes it from no alert that is meant.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from broadcaster.domain.air import Airing, Claim
from broadcaster.domain.alert import is_drill
from broadcaster.domain.plan import PlannedCue
from broadcaster.domain.programme import Rank, StartMode

__all__ = ["TABLE", "Answer", "Newcomer", "answer", "cuts", "gives_way", "replaces", "strongest"]


class Newcomer(StrEnum):
    """What asks for the air."""

    FILL = "fill"
    ORDINARY_SOFT = "ordinary, soft"
    ORDINARY_HARD = "ordinary, hard"
    PRIORITY = "priority"
    PRIORITY_AT_ONCE = "priority, live or hard"
    EMERGENCY = "emergency"
    GRAVER = "emergency, graver or a newer version"


class Answer(StrEnum):
    """What it gets."""

    WAIT = "wait"
    AFTER_ITEM = "after the item"
    TAKE_OVER = "take over"


TABLE: dict[tuple[Rank, Newcomer], Answer] = {
    (Rank.FILL, Newcomer.FILL): Answer.WAIT,
    (Rank.FILL, Newcomer.ORDINARY_SOFT): Answer.TAKE_OVER,
    (Rank.FILL, Newcomer.ORDINARY_HARD): Answer.TAKE_OVER,
    (Rank.FILL, Newcomer.PRIORITY): Answer.TAKE_OVER,
    (Rank.FILL, Newcomer.PRIORITY_AT_ONCE): Answer.TAKE_OVER,
    (Rank.FILL, Newcomer.EMERGENCY): Answer.TAKE_OVER,
    (Rank.FILL, Newcomer.GRAVER): Answer.TAKE_OVER,
    (Rank.ORDINARY, Newcomer.FILL): Answer.WAIT,
    (Rank.ORDINARY, Newcomer.ORDINARY_SOFT): Answer.WAIT,
    (Rank.ORDINARY, Newcomer.ORDINARY_HARD): Answer.TAKE_OVER,
    (Rank.ORDINARY, Newcomer.PRIORITY): Answer.AFTER_ITEM,
    (Rank.ORDINARY, Newcomer.PRIORITY_AT_ONCE): Answer.TAKE_OVER,
    (Rank.ORDINARY, Newcomer.EMERGENCY): Answer.TAKE_OVER,
    (Rank.ORDINARY, Newcomer.GRAVER): Answer.TAKE_OVER,
    (Rank.PRIORITY, Newcomer.FILL): Answer.WAIT,
    (Rank.PRIORITY, Newcomer.ORDINARY_SOFT): Answer.WAIT,
    (Rank.PRIORITY, Newcomer.ORDINARY_HARD): Answer.WAIT,
    (Rank.PRIORITY, Newcomer.PRIORITY): Answer.WAIT,  # a person set the order
    (Rank.PRIORITY, Newcomer.PRIORITY_AT_ONCE): Answer.WAIT,
    (Rank.PRIORITY, Newcomer.EMERGENCY): Answer.TAKE_OVER,
    (Rank.PRIORITY, Newcomer.GRAVER): Answer.TAKE_OVER,
    (Rank.EMERGENCY, Newcomer.FILL): Answer.WAIT,
    (Rank.EMERGENCY, Newcomer.ORDINARY_SOFT): Answer.WAIT,
    (Rank.EMERGENCY, Newcomer.ORDINARY_HARD): Answer.WAIT,
    (Rank.EMERGENCY, Newcomer.PRIORITY): Answer.WAIT,
    (Rank.EMERGENCY, Newcomer.PRIORITY_AT_ONCE): Answer.WAIT,
    (Rank.EMERGENCY, Newcomer.EMERGENCY): Answer.WAIT,
    (Rank.EMERGENCY, Newcomer.GRAVER): Answer.TAKE_OVER,
}


def answer(on_air: PlannedCue, claim: Claim) -> Answer:
    """What the table says to `claim` while `on_air` sounds."""
    return TABLE[on_air.rank, _newcomer(on_air, claim)]


def gives_way(airing: Airing, claim: Claim, moment: datetime) -> bool:
    """Whether what is on air leaves it to `claim` at this very moment."""
    match answer(airing.cue, claim):
        case Answer.TAKE_OVER:
            return True
        case Answer.WAIT:
            return False
        case Answer.AFTER_ITEM:
            point = airing.point_at(moment)
            between_items = point.offset == 0 and moment > airing.since
            return between_items or airing.cue.clips[point.clip].joins


def replaces(cue: PlannedCue, other: PlannedCue) -> bool:
    """Whether it is a newer version of the same alert. No drill replaces what is meant."""
    both = cue.rank is Rank.EMERGENCY and other.rank is Rank.EMERGENCY
    newer = both and cue.id.programme == other.id.programme and cue.version > other.version
    return newer and (is_drill(other) or not is_drill(cue))


def cuts(claim: Claim) -> bool:
    """Whether what it displaces is cut short for good: a hard start that comes for the first time."""
    return _hard(claim) and claim.cue.rank is not Rank.EMERGENCY


def strongest(claims: Iterable[Claim]) -> Claim:
    """Who goes first: by rank (gravity among emergencies), due time, id.

    But nobody is begun only to be cut in the same instant: a hard start that would take over the first
    goes before it.
    """
    waiting = sorted(claims, key=_order)
    first = waiting[0]
    while stronger := [claim for claim in waiting if answer(first.cue, claim) is Answer.TAKE_OVER]:
        first = stronger[0]
    return first


def _order(claim: Claim) -> tuple[int, int, datetime, str]:
    return -claim.cue.rank, -claim.cue.severity, claim.cue.start, claim.cue.id


def _hard(claim: Claim) -> bool:
    return claim.begun is None and claim.cue.mode is StartMode.HARD


def _newcomer(on_air: PlannedCue, claim: Claim) -> Newcomer:
    cue = claim.cue
    match cue.rank:
        case Rank.FILL:
            return Newcomer.FILL
        case Rank.ORDINARY:
            missed = on_air.mode is StartMode.HARD and cue.start <= on_air.start
            return Newcomer.ORDINARY_HARD if _hard(claim) and not missed else Newcomer.ORDINARY_SOFT
        case Rank.PRIORITY:
            return Newcomer.PRIORITY_AT_ONCE if cue.live or _hard(claim) else Newcomer.PRIORITY
        case Rank.EMERGENCY:
            graver = cue.severity > on_air.severity and not replaces(on_air, cue)
            return Newcomer.GRAVER if graver or replaces(cue, on_air) else Newcomer.EMERGENCY
