"""Dated lines: what a programme or an announcement becomes once it has a date.

A cue holds what is meant (items), not yet what is played (clips): see `plan` for that.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.domain.instants import instant
from broadcaster.domain.names import CueId, ProgrammeId, ZoneId
from broadcaster.domain.programme import (
    Item,
    LatePolicy,
    Pause,
    Playable,
    Rank,
    Relay,
    Spoken,
    StartMode,
)

__all__ = [
    "ANNOUNCEMENT_GRACE",
    "Announcement",
    "Cue",
    "Lengths",
    "estimated",
    "frozen_at",
    "length_of_items",
]

Lengths = Callable[[Playable], timedelta | None]
"""How long an item sounds, None when that is not known yet. Not asked for relays and pauses."""

ANNOUNCEMENT_GRACE = timedelta(minutes=30)
"""How long an announcement may wait for the air: a person stands there and wants it heard."""

_WORDS_A_MINUTE = 150
"""Newsreaders' pace. Vietnamese writes each syllable as a word of its own, so this errs on the long side."""


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
        """How long it sounds when nothing disturbs it: all items, or `max` if that is shorter."""
        whole = length_of_items(self.items, lengths)
        return whole if self.max is None else min(whole, self.max)

    @property
    def frozen_at(self) -> datetime | None:
        """From this instant on no bulletin is booked into it; None when it takes none at all."""
        return None if self.closes is None else frozen_at(self.start, self.closes)


def length_of_items(items: Iterable[Playable], lengths: Lengths) -> timedelta:
    """The items one after another; what is not known counts as nothing."""
    whole = timedelta(0)
    for item in items:
        match item:
            case Pause(length=length) | Relay(length=length):
                whole += length
            case _:
                whole += lengths(item) or timedelta(0)
    return whole


def estimated(item: Item) -> timedelta | None:
    """A sane guess before there is any sound: words by their number; None for recordings and chimes."""
    match item:
        case Spoken(words=words):
            return timedelta(minutes=len(words.split()) / _WORDS_A_MINUTE)
        case Pause(length=length) | Relay(length=length):
            return length
        case _:
            return None


def frozen_at(start: datetime, closes: timedelta) -> datetime:
    """When the list of bulletins of a cue that starts at `start` freezes."""
    return instant(start) - closes
