"""What really sounded: one line for each cue of each unit, and the comparison with what was meant."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from broadcaster.domain.instants import instant
from broadcaster.domain.names import CueId, UnitId

__all__ = ["AsRunEntry", "Ending", "Outcome", "Stretch"]


class Outcome(StrEnum):
    """The one end each cue comes to on each unit."""

    AIRED = "aired"
    PARTLY_AIRED = "partly-aired"  # some of what was asked did not sound
    CUT_SHORT = "cut-short"  # something stronger, a stop or the window's end took the air
    SKIPPED = "skipped"  # late past its policy
    NOT_READY = "not-ready"  # there was nothing to play: no voice, no recording, no clip on the unit
    REFUSED = "refused"  # outside allowed hours, expired, or not signed
    FAILED = "failed"
    CANCELLED = "cancelled"  # taken out by a person before it sounded
    ABANDONED = "abandoned"  # found open after a crash and not continued
    NOT_REPORTED = "not-reported"  # the unit stayed silent for 8 days


class Ending(StrEnum):
    """Why playout was done with a cue. With what really sounded it makes the outcome: `outcome_of`."""

    ENDED = "ended"  # its last clip came to its end, or would have by the time the air was free
    OVER_MAX = "over-max"  # faded out when it had lasted its longest
    HOURS_OVER = "hours-over"  # the allowed hours ended while it sounded or waited
    OUTSIDE_HOURS = "outside-hours"  # it fell due when nothing but emergencies may sound
    EXPIRED = "expired"
    TAKEN_OVER = "taken-over"  # a hard start took the air for good
    STOPPED = "stopped"  # by a person
    CANCELLED = "cancelled"  # taken out of the plan while it waited
    LATE = "late"  # past its grace, its minute or its late policy
    NOTHING_HELD = "nothing-held"  # none of its clips was on the unit
    FAULTED = "faulted"
    NOT_CONTINUED = "not-continued"  # found open after a crash, and its late policy says no


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Sound without a break, from samples written: when the first one sounded and for how long."""

    begin: datetime
    length: timedelta

    def __post_init__(self) -> None:
        instant(self.begin)
        if self.length < timedelta(0):
            raise ValueError("a stretch cannot last less than nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsRunEntry:
    """What became of one cue on one unit.

    `revision` is the plan's that played; `asked` the length the plan wanted; `stretches` what sounded;
    `reason` a short English phrase for anything but AIRED; `level` the loudest second in dBFS (RMS).
    """

    unit: UnitId
    cue: CueId
    title: str
    revision: int
    outcome: Outcome
    planned: datetime
    ended: datetime
    asked: timedelta
    stretches: tuple[Stretch, ...] = ()
    reason: str = ""
    level: float | None = None

    def __post_init__(self) -> None:
        instant(self.planned)
        instant(self.ended)
        if self.outcome is not Outcome.AIRED and not self.reason:
            raise ValueError(f"a cue that is {self.outcome} has a reason")
        if self.outcome in (Outcome.AIRED, Outcome.PARTLY_AIRED) and not self.stretches:
            raise ValueError(f"a cue that is {self.outcome} has sounded")

    @property
    def played(self) -> timedelta:
        return sum((stretch.length for stretch in self.stretches), timedelta(0))

    @property
    def started(self) -> datetime | None:
        return self.stretches[0].begin if self.stretches else None
