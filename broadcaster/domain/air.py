"""The words of the air on one unit: what is known, what happens, what is decided. Values only.

The rules that turn one into the other are in `playout` (which gives all of these names again),
`precedence` (who gives way to whom) and `lateness` (where a cue begins that could not begin in time).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from broadcaster.domain.asrun import Ending
from broadcaster.domain.instants import Spell, instant
from broadcaster.domain.names import ClipId, CueId, ProgrammeId
from broadcaster.domain.plan import FRAME_RATE, Plan, PlannedCue, length_of
from broadcaster.domain.programme import Rank

__all__ = [
    "TOP",
    "Airing",
    "Begin",
    "Cease",
    "Claim",
    "Cleared",
    "ClipsHeld",
    "ClockTrusted",
    "Close",
    "Closed",
    "Coming",
    "Decision",
    "Faulted",
    "FoundOpen",
    "Happening",
    "Onward",
    "PlanArrived",
    "Playout",
    "Point",
    "Raised",
    "Standing",
    "StopOrdered",
    "frames_in",
]


class Point(NamedTuple):
    """A frame of a cue: the `offset`-th of its `clip`-th clip, both counted from 0."""

    clip: int
    offset: int


def frames_in(length: timedelta) -> int:
    """The frames that sound in `length`, to the nearest; undoes `length_of` exactly."""
    micros = length // timedelta(microseconds=1)
    return (micros * FRAME_RATE + 500_000) // 1_000_000


TOP = Point(0, 0)
"""Where a cue begins."""

# What happens. ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanArrived:
    """A plan is in force on this unit. `held`: all clips that lie whole on its disk, of any plan.

    A lower revision than the one in force is passed over (its `held` still counts).
    """

    plan: Plan
    held: frozenset[ClipId]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipsHeld:
    """All clips that now lie whole on this unit: the full set, not what was added."""

    held: frozenset[ClipId]


@dataclass(frozen=True, slots=True, kw_only=True)
class StopOrdered:
    """A person stops `cue`, or whatever is on air when it is None. A cue that waits or is still to come
    is taken out; one that is unknown or over is passed over.

    `issued`: when the order was given (None: now). An order that is heard late, or twice, does not stop what
    began after it.
    """

    cue: CueId | None
    by: str
    issued: datetime | None = None

    def __post_init__(self) -> None:
        if self.issued is not None:
            instant(self.issued)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An emergency for this unit: its first round and those that come later, all of one version.

    It replaces every lower version of the same alert (the programme of its cues); a version that is not newer
    than what this unit has heard of changes nothing. Tell `ClipsHeld` first when its sound came with it: an
    emergency of which nothing is held yet waits for its first clip and then takes the air.

    On a clock that is not trusted the first round sounds at once, and the others keep their distance from it.
    `missed`: rounds that were over before this unit heard of them; each gets its line.
    """

    cue: PlannedCue
    later: tuple[PlannedCue, ...] = ()
    missed: tuple[PlannedCue, ...] = ()

    def __post_init__(self) -> None:
        rounds = (self.cue, *self.later, *self.missed)
        matters = {(cue.rank, cue.id.programme, cue.version) for cue in rounds}
        if self.cue.rank is not Rank.EMERGENCY:
            raise ValueError("only an emergency is raised; everything else is planned")
        if len(matters) > 1:
            raise ValueError("the rounds of an emergency are of one alert, and of one version of it")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """An emergency is over: `cue`, or all of them when it is None. What it displaced resumes.

    `alert`: every round of that alert, up to that `version`; a version that is raised later and is not newer
    stays silent.
    """

    cue: CueId | None
    by: str
    alert: ProgrammeId | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTrusted:
    """Whether this unit knows the time. While it does not, scheduled cues hold and emergencies play.

    `shift`: by how much `now` has just been set (new minus old). What is on air is moved along with the
    clock, so that a unit that boots in 1970 and raises an alert does not think it over in 2026.
    """

    trusted: bool
    shift: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulted:
    """The sound of `cue` broke, at the instant `at` (None: now). `why` for people.

    If a clip was lost (tell `ClipsHeld` first) it goes on with the next one; otherwise it is over.
    """

    cue: CueId
    why: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOpen:
    """An airing that the disk says had begun and not come to its end, found after a crash or power cut.

    `cue` and `revision` as its `Begin` gave them, `begun` its first sample, `last` the instant of the
    last sample known to have been written, `clip` and `offset` the frame that was next then.
    To be told before the plan. It is decided on when there are both a plan and a trusted clock.
    """

    cue: PlannedCue
    revision: int
    begun: datetime
    last: datetime
    clip: int
    offset: int

    def __post_init__(self) -> None:
        instant(self.begun)
        instant(self.last)
        if self.clip < 0 or self.offset < 0:
            raise ValueError("clips and frames are counted from 0")


Happening = PlanArrived | ClipsHeld | StopOrdered | Raised | Cleared | ClockTrusted | Faulted | FoundOpen

# What is decided. ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """From `at` on sound `cue.clips`, from frame `offset` of clip `clip`, one after another without gap,
    to the end of the last one or until a `Cease`.

    `cue` is the cue as it will sound: clips that are not held are taken out of `clips` and named in
    `missing`, so `clip` counts what is left. Keep it with `revision` for `FoundOpen`.
    The air is free at `at`: a `Cease` or the natural end of what was on air has come before it.
    """

    cue: PlannedCue
    at: datetime
    clip: int
    offset: int
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cease:
    """Stop the sound of `cue` at `at`, with the fade of 50 ms. It may begin again later."""

    cue: PlannedCue
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """`cue` has come to its end on this unit: to be recorded exactly once.

    `ending`, `reason`, `asked`, `passed` and `cue.missing`, with the time that sounded (from samples
    written), go into `asrun.outcome_of`. `asked` is all the plan wanted to sound, `passed` the sound it
    jumped over when it was joined. `revision` is the plan's that played, an emergency's own version.
    At a natural end the last sample may still be on its way out at `at`.
    """

    cue: PlannedCue
    at: datetime
    ending: Ending
    reason: str
    revision: int
    asked: timedelta
    passed: timedelta = timedelta(0)


Decision = Begin | Cease | Close

# What is known. -----------------------------------------------------------------------------------


class Onward(StrEnum):
    """How far time that has passed since a point carries a cue on. See `lateness.onward`."""

    STILL = "still"  # not at all: it goes on at the very point
    RESUME = "resume"  # through music and relays, up to the next speech
    JOIN = "join"  # through everything; a speech in its middle is begun at its first word
    IN_STEP = "in-step"  # through everything, to the frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Airing:
    """A cue on air: since `since` from `point`, as `Begin` said. `begun` is its very first sample."""

    cue: PlannedCue
    revision: int
    begun: datetime
    since: datetime
    point: Point
    asked: timedelta
    passed: int = 0
    """Frames jumped over so far."""
    late: bool = False
    """It began when this unit could, after the village had begun to hear it: see `village_began`."""

    @property
    def village_began(self) -> datetime:
        """When it began where nothing was late."""
        return min(self.cue.start, self.begun) if self.late else self.begun

    def point_at(self, moment: datetime) -> Point:
        """The frame that sounds at `moment`; (number of clips, 0) when all have sounded.

        A clip lasts until the very instant `end_of` gives, though its last frame rounds to an earlier one.
        """
        gone = max(0, frames_in(moment - self.since)) + self.point.offset
        for number in range(self.point.clip, len(self.cue.clips)):
            frames = self.cue.clips[number].frames
            if moment < self.end_of(number):
                return Point(number, min(gone, frames - 1))
            gone -= frames
        return Point(len(self.cue.clips), 0)

    def end_of(self, clip: int) -> datetime:
        """The instant at which that clip will have sounded to its end."""
        frames = sum(c.frames for c in self.cue.clips[self.point.clip : clip + 1]) - self.point.offset
        return self.since + length_of(frames)

    @property
    def end(self) -> datetime:
        """The instant at which all of it will have sounded."""
        return self.end_of(len(self.cue.clips) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A cue that wants the air: it is due and waits (`begun` None), or it lost the air and will resume.

    It waits since `since` and no longer than `until`. It will go on from `point`, where it was at `lost`.
    """

    cue: PlannedCue
    revision: int
    since: datetime
    until: datetime
    asked: timedelta
    begun: datetime | None = None
    point: Point = TOP
    lost: datetime | None = None
    onward: Onward = Onward.STILL
    passed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A cue that is over here and will not sound again; from an as-run entry: its `cue`, `revision` and
    `planned`."""

    cue: CueId
    revision: int
    start: datetime


class Coming(NamedTuple):
    """A round of an emergency that is still to come. `due`: its start, while the clock is trusted."""

    cue: PlannedCue
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What this unit has heard of one alert: the newest `version` raised (0: none) and whether that was meant
    and no drill; every version up to `silent` was cleared. `heard`: when it heard of it last."""

    alert: ProgrammeId
    version: int
    meant: bool
    silent: int
    heard: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Playout:
    """All one unit knows about its air at `now`. Make it with `playout.fresh`, change it with `step`.

    `pending`: planned cues not due yet, by start and id. `raised`: rounds of emergencies not due yet, by due
    and id. `claims`: what waits. `found`: airings of before a crash, undecided. `closed`: what is over;
    `alerts`: those that were raised or cleared; both for 8 days. `kept`: since when emergencies keep the air,
    on it or in a short gap.
    """

    now: datetime
    trusted: bool = False
    revision: int = 0
    span: Spell | None = None
    """Of the plan in force; None before the first plan."""
    open: tuple[Spell, ...] = ()
    held: frozenset[ClipId] = frozenset()
    pending: tuple[PlannedCue, ...] = ()
    raised: tuple[Coming, ...] = ()
    on_air: Airing | None = None
    claims: tuple[Claim, ...] = ()
    found: tuple[FoundOpen, ...] = ()
    closed: tuple[Closed, ...] = ()
    alerts: tuple[Standing, ...] = ()
    kept: datetime | None = None
