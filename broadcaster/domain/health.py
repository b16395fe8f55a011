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

__all__ = [
    "BEAT",
    "FAULTS",
    "LATE_AFTER",
    "LOST_AFTER",
    "SILENT_BELOW",
    "Fault",
    "Health",
    "Pulse",
    "Supply",
    "Wellness",
    "faults_of",
    "judge",
]

BEAT = timedelta(seconds=10)
"""How often a unit beats."""

LATE_AFTER = timedelta(seconds=25)
"""Two beats missed and half of the next: one lost beat on a bad 4G line is nothing to show."""

LOST_AFTER = timedelta(seconds=60)
"""Six beats missed: the unit, its power or its line is gone, and somebody should know."""

LOW_DISK = 300 * 1024 * 1024
"""Bytes: about what a week of programmes takes (15 h of clips at 32-64 kbit/s)."""

SILENT_BELOW = -80.0
"""dBFS (RMS) before the volume: the quietest recording with breath in it lies above -70, zeros and dither lie
below."""

TOO_HOT = 80.0
"""°C: from here on a Raspberry Pi slows itself down (its documentation, "Frequency management")."""

ECHOES_BEYOND = 0.2
"""Seconds a clock may be off: half the round trip of the worst line that is of any use. Neighbours that are
so far apart are heard as an echo."""

MANY_UNDERRUNS = 3
"""Within `Pulse.underruns`: one can come from a card that is opened, more are heard as clicks."""


class Wellness(StrEnum):
    """Whether it is there."""

    WELL = "well"
    LATE = "late"
    LOST = "lost"


class Supply(StrEnum):
    """The voltage a unit lives on."""

    GOOD = "good"
    WAS_LOW = "was-low"  # some time since it was switched on
    LOW = "low"


class Fault(StrEnum):
    """What is wrong with it. The gravest comes first, and is what a unit is shown by."""

    DIGITAL_SILENCE = "digital-silence"  # it plays, and what it plays is zeros
    STAND_IN = "stand-in"  # speaks through something else than it should
    CLOCK_NOT_TRUSTED = "clock-not-trusted"  # holds its programmes, plays alerts only
    NO_PLAN = "no-plan"
    MISSING_CLIPS = "missing-clips"  # of the plan in force
    UNDER_VOLTAGE = "under-voltage"
    TOO_HOT = "too-hot"
    UNDERRUNS = "underruns"  # gaps in what it plays
    CLOCK_OFF = "clock-off"  # trusted, and yet not good enough to be in step
    LOW_DISK = "low-disk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What a unit said last of itself. `heard`: its last sign of life, by the hub's clock.

    `plan`: the revision in force, 0 for none. `missing`: clips of it that are not there yet.
    `clock_error`: seconds its clock may be off. `disk_free` in bytes. `level`: the loudest second of late in
    dBFS (RMS), as it was before the volume; None when nothing that should be heard played, or nobody
    measured. `temperature` in °C; `underruns` of the last minutes.
    """

    heard: datetime
    clock_trusted: bool = True
    clock_error: float = 0.0
    plan: int = 1
    missing: int = 0
    disk_free: int = LOW_DISK
    level: float | None = None
    stand_in: bool = False
    supply: Supply | None = None
    temperature: float | None = None
    underruns: int = 0

    def __post_init__(self) -> None:
        instant(self.heard)


class Health(NamedTuple):
    """The judgement on one unit."""

    wellness: Wellness
    faults: tuple[Fault, ...]


FAULTS: dict[Fault, Callable[[Pulse], bool]] = {
    Fault.DIGITAL_SILENCE: lambda pulse: pulse.level is not None and pulse.level < SILENT_BELOW,
    Fault.STAND_IN: lambda pulse: pulse.stand_in,
    Fault.CLOCK_NOT_TRUSTED: lambda pulse: not pulse.clock_trusted,
    Fault.NO_PLAN: lambda pulse: pulse.plan == 0,
    Fault.MISSING_CLIPS: lambda pulse: pulse.missing > 0,
    Fault.UNDER_VOLTAGE: lambda pulse: pulse.supply is Supply.LOW,
    Fault.TOO_HOT: lambda pulse: pulse.temperature is not None and pulse.temperature >= TOO_HOT,
    Fault.UNDERRUNS: lambda pulse: pulse.underruns >= MANY_UNDERRUNS,
    Fault.CLOCK_OFF: lambda pulse: pulse.clock_trusted and pulse.clock_error > ECHOES_BEYOND,
    Fault.LOW_DISK: lambda pulse: pulse.disk_free < LOW_DISK,
}


def faults_of(pulse: Pulse) -> tuple[Fault, ...]:
    """What is wrong with a unit that says this of itself, the gravest first."""
    return tuple(fault for fault, shows in FAULTS.items() if shows(pulse))


def judge(pulse: Pulse | None, now: datetime) -> Health:
    """How a unit is at `now`; `pulse` is None for one that was never heard: it is LOST, and nothing is
    known of its faults. A beat heard after `now` (the clock was set back) is a fresh one."""
    if pulse is None:
        return Health(Wellness.LOST, ())
    return Health(_wellness(now - pulse.heard), faults_of(pulse))


def _wellness(age: timedelta) -> Wellness:
    if age < LATE_AFTER:
        return Wellness.WELL
    return Wellness.LATE if age < LOST_AFTER else Wellness.LOST
