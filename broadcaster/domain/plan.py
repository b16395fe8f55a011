"""What is laid on a unit: seven days of cues made of finished clips, and when it may sound.

A rundown says what is meant (items); a plan says what a unit plays (clips). Nothing in it needs a
voice, a decoder set-up or a database any more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.domain.instants import Spell, instant
from broadcaster.domain.names import ClipId, CueId, StationId, ZoneId
from broadcaster.domain.programme import LatePolicy, Rank, StartMode
from broadcaster.domain.volume import SOFTEST, Cap

__all__ = ["FRAME_RATE", "Clip", "Plan", "PlannedCue", "length_of"]

FRAME_RATE = 48_000
"""Frames a second, everywhere inside; one frame is one mono sample."""


def length_of(frames: int) -> timedelta:
    """The time `frames` take; exact, because 48 kHz frames are 20 5/6 µs and whole seconds divide first."""
    seconds, rest = divmod(frames, FRAME_RATE)
    return timedelta(seconds=seconds, microseconds=rest * 1_000_000 / FRAME_RATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """Finished sound, immutable. `joins`: interrupted or late, it goes on where it would be by now
    (music, relays); otherwise it starts again from its first word (speech). `title` is for people. `silent`:
    it is a pause, and that nothing is heard of it is no fault."""

    id: ClipId
    frames: int
    joins: bool
    title: str = ""
    silent: bool = False

    def __post_init__(self) -> None:
        if self.frames <= 0:
            raise ValueError("a clip has at least one frame")

    @property
    def length(self) -> timedelta:
        return length_of(self.frames)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCue:
    """One dated line of a plan.

    `clips` in order, each played to its end before the next; `missing` says, one text an item, what
    could not be made. `severity` orders emergencies (CAP: 1 minor to 4 extreme; 0 for all else) and
    `version` lets a newer one of the same id replace it.
    """

    id: CueId
    title: str
    rank: Rank
    start: datetime
    mode: StartMode
    grace: timedelta
    late: LatePolicy
    clips: tuple[Clip, ...]
    max: timedelta | None = None
    missing: tuple[str, ...] = ()
    live: bool = False
    severity: int = 0
    version: int = 1
    expires: datetime | None = None
    volume: float = 0.0
    """An emergency's own, in dB below full: it counts instead of what the unit is set to."""

    def __post_init__(self) -> None:
        instant(self.start)
        if self.expires is not None and instant(self.expires) <= self.start:
            raise ValueError("a cue cannot expire before it starts")
        if not self.clips and not self.missing:
            raise ValueError("a cue with nothing to play must say what is missing")
        if (self.severity > 0) != (self.rank is Rank.EMERGENCY):
            raise ValueError("an emergency has a severity of 1 to 4, and nothing else has one")
        if not SOFTEST <= self.volume <= 0:
            raise ValueError(f"a volume is {SOFTEST:g} to 0 dB")

    @property
    def whole(self) -> timedelta:
        """All that is to sound: every clip, even past `max`."""
        return length_of(sum(clip.frames for clip in self.clips))

    @property
    def length(self) -> timedelta:
        """How long it sounds when nothing disturbs it: all clips, or `max` if that is shorter."""
        return self.whole if self.max is None else min(self.whole, self.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that the units of `zone` play within `span`, when anything but an emergency may sound, and how
    loud it may be then."""

    station: StationId
    zone: ZoneId
    revision: int
    span: Spell
    open: tuple[Spell, ...]
    cues: tuple[PlannedCue, ...]
    caps: tuple[Cap, ...] = ()
    keep: tuple[Clip, ...] = ()
    """Always on the units, whatever is planned: what sounds when nothing else can."""

    def __post_init__(self) -> None:
        ids = [cue.id for cue in self.cues]
        if len(ids) != len(set(ids)):
            raise ValueError("a plan names each cue once")

    @property
    def clips(self) -> frozenset[ClipId]:
        """Every clip a unit needs for it."""
        planned = (clip for cue in self.cues for clip in cue.clips)
        return frozenset(clip.id for clip in (*planned, *self.keep))
