"""What one unit has on air, and what gives way to what: a pure state machine.

`step` is the whole of it. It is total (any happening, any time), reads no clock, and time may be cut
into steps of any size: the decisions are the same. So a unit may look ahead, by stepping to a later
instant and throwing the state away.
"""

from collections.abc import Iterable
from datetime import datetime

from broadcaster.domain.air import (
    Airing,
    Begin,
    Cease,
    Claim,
    Cleared,
    ClipsHeld,
    ClockTrusted,
    Close,
    Closed,
    Decision,
    Faulted,
    FoundOpen,
    Happening,
    Onward,
    PlanArrived,
    Playout,
    Point,
    Raised,
    StopOrdered,
)

__all__ = [
    "Airing",
    "Begin",
    "Cease",
    "Claim",
    "Cleared",
    "ClipsHeld",
    "ClockTrusted",
    "Close",
    "Closed",
    "Decision",
    "Faulted",
    "FoundOpen",
    "Happening",
    "Onward",
    "PlanArrived",
    "Playout",
    "Point",
    "Raised",
    "StopOrdered",
    "fresh",
    "next_instant",
    "step",
]


def fresh(now: datetime, closed: Iterable[Closed] = ()) -> Playout:
    """The state of a unit that has just started: no plan, clock not trusted, nothing on air.

    `closed`: what this unit has recorded before (8 days back suffice); none of it will sound again.
    """
    return Playout(now=now, closed=tuple(closed))


def next_instant(state: Playout) -> datetime | None:
    """When something is due next if nothing happens before; None when nothing is."""
    raise NotImplementedError


def step(
    state: Playout, now: datetime, happening: Happening | None = None
) -> tuple[Playout, tuple[Decision, ...]]:
    """Work off all that is due up to and at `now`, in order of time, then what happens at `now`.

    Decisions come in order of time, each dated with its exact instant. A `now` before the state's own
    (a clock slewed back) counts as the state's own: nothing is due twice.
    """
    raise NotImplementedError
