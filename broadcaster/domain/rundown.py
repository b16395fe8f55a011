"""Programmes, announcements, bookings and dates worked out into cues, with all that is wrong told.

Laws
1. A cue's id is programme, local date and nominal time: planning again, or over another span, gives the
   same ids for the same starts.
2. Nothing is dropped because something is wrong with it: what clashes, overruns, falls outside the hours
   or has nothing to play stays a cue and ends in a record. What is wrong is told beside it, as `Problem`.
3. Only approved bulletins are heard; priority ones first, else in the order they were booked.
4. Unknown lengths count as nothing, so no problem is told on a guess the caller did not make.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.instants import Spell, instant
from broadcaster.domain.names import CueId, ProgrammeId, ZoneId
from broadcaster.domain.places import Station
from broadcaster.domain.programme import (
    Bulletins,
    Item,
    LatePolicy,
    Playable,
    Programme,
    Rank,
    StartMode,
)

__all__ = [
    "ANNOUNCEMENT_GRACE",
    "Announcement",
    "Cue",
    "Lengths",
    "Problem",
    "ProblemKind",
    "Rundown",
    "estimated",
    "frozen_at",
    "next_slot",
    "work_out",
]

Lengths = Callable[[Playable], timedelta | None]
"""How long an item sounds, None when that is not known yet. Not asked for relays and pauses."""

ANNOUNCEMENT_GRACE = timedelta(minutes=30)
"""How long an announcement may wait for the air: a person is standing there and wants it heard."""


class ProblemKind(StrEnum):
    """What can be wrong with cues that are each well made."""

    CLASH = "clash"  # two cues want the same zone at the same time
    OVERRUN = "overrun"  # runs past its own max, or into the end of the hours or a quiet spell
    OUTSIDE_HOURS = "outside-hours"  # starts when no ordinary sound is allowed
    QUIET = "quiet"  # starts while some or all of its zones are quiet
    DEAD_AIR = "dead-air"  # nothing to play
    UNKNOWN_ZONE = "unknown-zone"  # names a zone the station no longer has
    SAME_NAME = "same-name"  # a second cue of the same id; it is left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with a rundown: the cues it concerns (for a clash: the one on air, then the
    newcomer), when it happens, in which zones, and an English sentence in the station's local time.
    `gives_way` is the cue of a clash that does."""

    kind: ProblemKind
    cues: tuple[CueId, ...]
    at: datetime
    zones: frozenset[ZoneId]
    sentence: str
    gives_way: CueId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """One unscheduled message from the desk.

    `id` is a slug no programme has. `zones` are zone ids of the station, or `all`, as in a programme.
    """

    id: ProgrammeId
    title: str
    items: tuple[Playable, ...]
    zones: tuple[str, ...]
    start: datetime
    rank: Rank = Rank.ORDINARY

    def __post_init__(self) -> None:
        instant(self.start)
        if not self.title.strip():
            raise ValueError("an announcement has a title")
        if self.rank is Rank.EMERGENCY:
            raise ValueError("an announcement cannot be an emergency: raise an alert instead")
        if not self.zones:
            raise ValueError("an announcement names at least one zone, or all")
        if not self.items:
            raise ValueError("an announcement has at least one item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One dated line of a rundown.

    `zones` are spread out: every zone meant, by its own id. `items` hold no `Bulletins` any more, but the
    booked bulletins themselves (as Spoken or Recorded with `bulletin` set). `closes` is None when the
    programme takes no bulletins; otherwise its list freezes that long before the start.
    """

    id: CueId
    programme: ProgrammeId
    title: str
    rank: Rank
    start: datetime
    mode: StartMode
    grace: timedelta
    late: LatePolicy
    max: timedelta | None
    zones: frozenset[ZoneId]
    items: tuple[Playable, ...]
    closes: timedelta | None = None

    def __post_init__(self) -> None:
        instant(self.start)

    def asked(self, lengths: Lengths) -> timedelta:
        """How long it wants to sound when nothing disturbs it, up to its `max`."""
        raise NotImplementedError

    @property
    def frozen_at(self) -> datetime | None:
        """From this instant on no bulletin is booked into it; None when it takes none at all."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Rundown:
    """Cues by start, then stronger rank, then id; problems by instant."""

    cues: tuple[Cue, ...]
    problems: tuple[Problem, ...]


def work_out(
    station: Station,
    programmes: Iterable[Programme],
    announcements: Iterable[Announcement],
    booked: Mapping[CueId, Sequence[Bulletin]],
    span: Spell,
    lengths: Lengths,
) -> Rundown:
    """Every cue that starts within `span`, and what is wrong with them.

    `booked` holds what was booked into each cue, in booking order; bulletins that are not approved are
    passed over. A cue that began before `span` is not in the rundown, whatever is still on air.
    """
    raise NotImplementedError


def frozen_at(start: datetime, closes: timedelta) -> datetime:
    """When the list of bulletins of a cue that starts at `start` freezes."""
    return instant(start) - closes


def next_slot(cues: Iterable[Cue], now: datetime) -> Cue | None:
    """The first of `cues` (of one programme, or of several) that still takes a bulletin booked `now`."""
    raise NotImplementedError


def estimated(item: Item) -> timedelta | None:
    """A sane guess before there is any sound: words at 150 a minute; None for recordings and chimes."""
    raise NotImplementedError
