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

from broadcaster.domain.instants import instant

__all__ = ["BEAT", "FAULTS", "LATE_AFTER", "LOST_AFTER", "Fault", "Health", "Presence", "Signs", "judged"]

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


class Presence(StrEnum):
    """Whether it is there."""

    WELL = "well"
    LATE = "late"
    LOST = "lost"


class Fault(StrEnum):
    """What is wrong with it."""

    CLOCK_NOT_TRUSTED = "clock-not-trusted"  # holds its programmes, plays alerts only
    MISSING_CLIPS = "missing-clips"  # of the plan in force
    LOW_DISK = "low-disk"
    DIGITAL_SILENCE = "digital-silence"  # it plays, and what it plays is zeros
    NO_PLAN = "no-plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is known of one unit: its last beat, None if it has never been heard, and what that said.

    `level`: the loudest second since the beat before, in dBFS (RMS), None when nothing played.
    `disk_free` in bytes. `plan`: the revision in force, 0 for none. `missing`: clips not there yet.
    """

    last_beat: datetime | None
    clock_trusted: bool = True
    plan: int = 1
    missing: int = 0
    disk_free: int = LOW_DISK
    level: float | None = None

    def __post_init__(self) -> None:
        if self.last_beat is not None:
            instant(self.last_beat)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The judgement: `age` of the last beat is None for a unit that was never heard."""

    presence: Presence
    age: timedelta | None
    faults: tuple[Fault, ...]

    @property
    def sound(self) -> bool:
        """Nothing to do about this unit."""
        return self.presence is Presence.WELL and not self.faults


FAULTS: dict[Fault, Callable[[Signs], bool]] = {
    Fault.CLOCK_NOT_TRUSTED: lambda signs: not signs.clock_trusted,
    Fault.NO_PLAN: lambda signs: signs.plan == 0,
    Fault.MISSING_CLIPS: lambda signs: signs.missing > 0,
    Fault.LOW_DISK: lambda signs: signs.disk_free < LOW_DISK,
    Fault.DIGITAL_SILENCE: lambda signs: signs.level is not None and signs.level < SILENT_BELOW,
}


def judged(signs: Signs, now: datetime) -> Health:
    """How a unit is at `now`. A beat dated after `now` (clocks differ) is a fresh one."""
    if signs.last_beat is None:
        return Health(presence=Presence.LOST, age=None, faults=())
    age = max(timedelta(0), now - signs.last_beat)
    faults = tuple(fault for fault, shows in FAULTS.items() if shows(signs))
    return Health(presence=_presence(age), age=age, faults=faults)


def _presence(age: timedelta) -> Presence:
    if age < LATE_AFTER:
        return Presence.WELL
    return Presence.LATE if age < LOST_AFTER else Presence.LOST
