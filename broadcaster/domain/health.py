"""Judging units by their heartbeats: is it there, and is something wrong with it.

Laws
1. A unit is WELL, LATE or LOST by the age of its last beat alone; what it last said of its faults stays
   told while it is silent, for that is the best anybody knows.
2. Faults are a table of rules, each over plain values; a fault is told from the first beat that shows it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from broadcaster.domain.instants import instant

__all__ = ["BEAT", "FAULTS", "LATE_AFTER", "LOST_AFTER", "Fault", "Health", "Pulse", "Wellness", "judge"]

BEAT = timedelta(seconds=10)
"""How often a unit beats."""

LATE_AFTER = timedelta(seconds=25)
"""Two beats missed and half of the next: one lost beat on a bad 4G line is nothing to show."""

LOST_AFTER = timedelta(seconds=60)
"""Six beats missed: the unit, its power or its line is gone, and somebody should know."""

LOW_DISK = 300 * 1024 * 1024
"""Bytes: about what a week of programmes takes (15 h of clips at 32-64 kbit/s)."""

SILENT_BELOW = -80.0
"""dBFS (RMS): the quietest recording with breath in it lies above -70, zeros and dither lie below."""


class Wellness(StrEnum):
    """Whether it is there."""

    WELL = "well"
    LATE = "late"
    LOST = "lost"


class Fault(StrEnum):
    """What is wrong with it."""

    CLOCK_NOT_TRUSTED = "clock-not-trusted"  # holds its programmes, plays alerts only
    NO_PLAN = "no-plan"
    MISSING_CLIPS = "missing-clips"  # of the plan in force
    LOW_DISK = "low-disk"
    DIGITAL_SILENCE = "digital-silence"  # it plays, and what it plays is zeros


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """A unit's last beat, heard at `heard` by the hub's clock.

    `plan`: the revision in force, 0 for none. `missing`: clips of it that are not there yet.
    `disk_free` in bytes. `level`: the loudest second since the beat before, in dBFS (RMS); None when
    nothing played or nobody measured.
    """

    heard: datetime
    clock_trusted: bool = True
    plan: int = 1
    missing: int = 0
    disk_free: int = LOW_DISK
    level: float | None = None

    def __post_init__(self) -> None:
        instant(self.heard)


class Health(NamedTuple):
    """The judgement on one unit."""

    wellness: Wellness
    faults: tuple[Fault, ...]


FAULTS: dict[Fault, Callable[[Pulse], bool]] = {
    Fault.CLOCK_NOT_TRUSTED: lambda pulse: not pulse.clock_trusted,
    Fault.NO_PLAN: lambda pulse: pulse.plan == 0,
    Fault.MISSING_CLIPS: lambda pulse: pulse.missing > 0,
    Fault.LOW_DISK: lambda pulse: pulse.disk_free < LOW_DISK,
    Fault.DIGITAL_SILENCE: lambda pulse: pulse.level is not None and pulse.level < SILENT_BELOW,
}


def judge(pulse: Pulse | None, now: datetime) -> Health:
    """How a unit is at `now`; `pulse` is None for one that was never heard: it is LOST, and nothing is
    known of its faults. A beat heard after `now` (the clock was set back) is a fresh one."""
    if pulse is None:
        return Health(Wellness.LOST, ())
    faults = tuple(fault for fault, shows in FAULTS.items() if shows(pulse))
    return Health(_wellness(now - pulse.heard), faults)


def _wellness(age: timedelta) -> Wellness:
    if age < LATE_AFTER:
        return Wellness.WELL
    return Wellness.LATE if age < LOST_AFTER else Wellness.LOST
