"""What really sounded: one line for each cue of each unit, and the comparison with what was meant.

Laws
1. Every cue ends as exactly one `Outcome` on each unit; `outcome_of` is total over every `Ending`.
2. An outcome speaks of what sounded, from samples written, never of what the plan believed.
3. `reconcile` forgets nothing: a line that is missing is told from its time on, for ever, with its age.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from broadcaster.domain.instants import instant
from broadcaster.domain.names import CueId, UnitId

__all__ = [
    "NOT_REPORTED_AFTER",
    "OUTCOMES",
    "SILENCE",
    "AsRunEntry",
    "Discrepancy",
    "Ending",
    "Kind",
    "Meant",
    "Outcome",
    "Stretch",
    "outcome_of",
    "reconcile",
]

NOT_REPORTED_AFTER = timedelta(days=8)
"""So long after its end a cue without a line is given the line NOT_REPORTED: a unit holds seven days."""

_SLACK = timedelta(seconds=1)
"""Two clocks and a drifting sound card agree within this."""


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

    ENDED = "ended"  # its last clip came to its end
    PASSED = "passed"  # its end passed while something else had the air
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


class _Reading(NamedTuple):
    """What an ending comes to if some of the cue sounded, if none did, and in words."""

    sounded: Outcome
    silent: Outcome
    words: str


OUTCOMES: dict[Ending, _Reading] = {
    Ending.ENDED: _Reading(Outcome.AIRED, Outcome.FAILED, "the loudspeaker took no sound"),
    Ending.PASSED: _Reading(
        Outcome.PARTLY_AIRED, Outcome.SKIPPED, "its end passed while it had lost the air"
    ),
    Ending.OVER_MAX: _Reading(Outcome.PARTLY_AIRED, Outcome.FAILED, "faded out at its longest time on air"),
    Ending.HOURS_OVER: _Reading(Outcome.CUT_SHORT, Outcome.REFUSED, "the allowed hours were over"),
    Ending.OUTSIDE_HOURS: _Reading(Outcome.CUT_SHORT, Outcome.REFUSED, "outside the allowed hours"),
    Ending.EXPIRED: _Reading(Outcome.CUT_SHORT, Outcome.REFUSED, "it had expired"),
    Ending.TAKEN_OVER: _Reading(Outcome.CUT_SHORT, Outcome.SKIPPED, "a hard start took the air"),
    Ending.STOPPED: _Reading(Outcome.CUT_SHORT, Outcome.CANCELLED, "stopped"),
    Ending.CANCELLED: _Reading(Outcome.CUT_SHORT, Outcome.CANCELLED, "taken out of the plan"),
    Ending.LATE: _Reading(Outcome.CUT_SHORT, Outcome.SKIPPED, "too late"),
    Ending.NOTHING_HELD: _Reading(
        Outcome.PARTLY_AIRED, Outcome.NOT_READY, "none of its clips was on the unit"
    ),
    Ending.FAULTED: _Reading(Outcome.FAILED, Outcome.FAILED, "its sound broke"),
    Ending.NOT_CONTINUED: _Reading(
        Outcome.ABANDONED, Outcome.ABANDONED, "broken off by a crash or a power cut and not continued"
    ),
}


SILENCE = "what came out was silence"


def outcome_of(
    ending: Ending,
    *,
    asked: timedelta,
    played: timedelta,
    missing: tuple[str, ...] = (),
    passed: timedelta = timedelta(0),
    reason: str = "",
    silent: bool = False,
) -> tuple[Outcome, str]:
    """The outcome and its reason (empty for AIRED only), from what a `Close` says and what was written.

    `played` is the sum of the stretches, so a speech begun again after an alert counts twice; what was
    left out (`missing`) or jumped over (`passed`) therefore counts against AIRED on its own. A shortfall
    of 1 s, or 5 % if that is less, is the sound card's and not the cue's. `silent`: the samples written
    were digital silence where sound was meant, so nobody heard anything.
    """
    reading = OUTCOMES[ending]
    if played <= timedelta(0):
        return reading.silent, _sentence(reason or reading.words, *_left_out(missing))
    allowance = min(_SLACK, asked / 20)
    whole = played >= asked - allowance and passed <= allowance and not missing
    if silent:
        return Outcome.FAILED, _sentence(reason, SILENCE, *_left_out(missing))
    if ending is Ending.ENDED and whole:
        return Outcome.AIRED, ""
    heard = f"{_seconds(min(played, asked))} of {_seconds(asked)} s sounded"
    if ending is Ending.ENDED:
        skipped = (f"{_seconds(passed)} s jumped over",) if passed > allowance else ()
        return Outcome.PARTLY_AIRED, _sentence(reason, heard, *skipped, *_left_out(missing))
    return reading.sounded, _sentence(reason or reading.words, heard, *_left_out(missing))


def _left_out(missing: tuple[str, ...]) -> tuple[str, ...]:
    return (f"left out: {', '.join(missing)}",) if missing else ()


def _sentence(*parts: str) -> str:
    return "; ".join(part for part in parts if part)


def _seconds(length: timedelta) -> str:
    return f"{length.total_seconds():.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Sound without a break, from samples written: when the first one sounded and for how long."""

    begin: datetime
    length: timedelta

    def __post_init__(self) -> None:
        instant(self.begin)
        if self.length < timedelta(0):
            raise ValueError("a stretch cannot last less than nothing")

    @property
    def end(self) -> datetime:
        return self.begin + self.length


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """That this unit should have heard this cue, from `planned` on, `length` long if all went well."""

    unit: UnitId
    cue: CueId
    planned: datetime
    length: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        instant(self.planned)


class Kind(StrEnum):
    """What can be wrong between what was meant and what was recorded."""

    MISSING = "missing"  # its time is over and there is no line
    NOT_REPORTED = "not-reported"  # missing for 8 days: the line NOT_REPORTED is due now
    UNPLANNED = "unplanned"  # a line for what that unit was not meant to hear
    TWICE = "twice"  # different lines for one cue of one unit
    EARLY = "early"  # it sounded more than a second before its time
    TWO_AT_ONCE = "two-at-once"  # two cues sounded together on one unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """One thing that does not agree. `age`: since the line was due, or since the planned start."""

    kind: Kind
    unit: UnitId
    cue: CueId
    age: timedelta
    entries: tuple[AsRunEntry, ...] = ()


def reconcile(
    meant: Iterable[Meant], entries: Iterable[AsRunEntry], now: datetime
) -> tuple[Discrepancy, ...]:
    """All that does not agree between what was meant and what was recorded, oldest first.

    Hand it both for the same units and the same time. A cue that still may sound is not missing yet. The
    same line twice is one line, and NOT_REPORTED gives way to what a unit reports after all.
    """
    wanted = {(one.unit, one.cue): one for one in meant}
    lines: dict[tuple[UnitId, CueId], list[AsRunEntry]] = defaultdict(list)
    for entry in entries:
        if entry not in lines[entry.unit, entry.cue]:
            lines[entry.unit, entry.cue].append(entry)
    found = [
        *_missing((one for key, one in wanted.items() if key not in lines), now),
        *(fault for key, found in lines.items() for fault in _amiss(tuple(found), key in wanted, now)),
        *_together((entry for found in lines.values() for entry in found), now),
    ]
    return tuple(sorted(found, key=lambda fault: (-fault.age, fault.unit, fault.cue, fault.kind)))


def _missing(silent: Iterable[Meant], now: datetime) -> Iterator[Discrepancy]:
    for one in silent:
        age = now - (one.planned + one.length)
        if age >= timedelta(0):
            kind = Kind.NOT_REPORTED if age >= NOT_REPORTED_AFTER else Kind.MISSING
            yield Discrepancy(kind=kind, unit=one.unit, cue=one.cue, age=age)


def _amiss(lines: tuple[AsRunEntry, ...], planned: bool, now: datetime) -> Iterator[Discrepancy]:
    first = lines[0]

    def told(kind: Kind, *about: AsRunEntry) -> Discrepancy:
        return Discrepancy(kind=kind, unit=first.unit, cue=first.cue, age=now - first.planned, entries=about)

    if not planned:
        yield told(Kind.UNPLANNED, *lines)
    reported = tuple(line for line in lines if line.outcome is not Outcome.NOT_REPORTED)
    if len(reported) > 1:
        yield told(Kind.TWICE, *reported)
    for line in lines:
        if line.started is not None and line.started < line.planned - _SLACK:
            yield told(Kind.EARLY, line)


def _together(entries: Iterable[AsRunEntry], now: datetime) -> Iterator[Discrepancy]:
    """Pairs whose sound overlaps: of each stretch, with the one before it that reached furthest."""
    by_unit: dict[UnitId, list[tuple[Stretch, AsRunEntry]]] = defaultdict(list)
    for entry in entries:
        for stretch in entry.stretches:
            by_unit[entry.unit].append((stretch, entry))
    for sounded in by_unit.values():
        sounded.sort(key=lambda pair: (pair[0].begin, pair[1].cue))
        furthest, holder = sounded[0]
        for stretch, entry in sounded[1:]:
            if entry.cue != holder.cue and stretch.begin < furthest.end - _SLACK:
                yield Discrepancy(
                    kind=Kind.TWO_AT_ONCE,
                    unit=entry.unit,
                    cue=entry.cue,
                    age=now - entry.planned,
                    entries=(holder, entry),
                )
            if stretch.end > furthest.end:
                furthest, holder = stretch, entry
