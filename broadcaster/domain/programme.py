"""What staff plan, undated: a programme, its items, its rank, and what happens when it is late.

The words are Rivendell's and the law's: hard and soft start times; *thông thường* is `ordinary`,
*ưu tiên* is `priority`, *khẩn cấp* is `emergency`, which no programme can be: it exists only by raising
an alert.
"""

from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import IntEnum, StrEnum

from broadcaster.domain.instants import WEEKDAYS, Weekday
from broadcaster.domain.names import BulletinId, ProgrammeId
from broadcaster.domain.words import checked_words

__all__ = [
    "GRACE",
    "Bulletins",
    "Chime",
    "Item",
    "LatePolicy",
    "Pause",
    "Playable",
    "Programme",
    "Rank",
    "Recorded",
    "Relay",
    "Spoken",
    "StartMode",
]


class Rank(IntEnum):
    """What gives way to what; a higher one is stronger. The table is in `precedence`."""

    FILL = 0
    ORDINARY = 1
    PRIORITY = 2
    EMERGENCY = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class StartMode(StrEnum):
    """`HARD`: at the clock, cutting what it may cut. `SOFT`: when what is on air ends, within `grace`."""

    HARD = "hard"
    SOFT = "soft"


class LatePolicy(StrEnum):
    """When power comes back in the middle: join where it would be by now, play it whole, or skip it."""

    JOIN = "join"
    WHOLE = "whole"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chime:
    """A signal sound of audio/chimes, by name without ending."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Words to be said. `language` None means the station's; `voice` None means the station's chain.

    `chime` is a signal sound of audio/chimes, by name without ending, that calls before the words.
    """

    words: str
    language: str | None = None
    voice: str | None = None
    bulletin: BulletinId | None = None
    chime: str | None = None

    def __post_init__(self) -> None:
        checked_words(self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A sound file, as a path below audio/."""

    path: str
    bulletin: BulletinId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletins:
    """The approved bulletins booked into this slot; the list freezes `closes` before the start."""

    closes: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        _not_negative("closes", self.closes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """A live stream passed on for `length`; `otherwise` (a path below audio/) sounds when it fails."""

    url: str
    length: timedelta
    otherwise: str

    def __post_init__(self) -> None:
        _positive("for", self.length)
        if not self.url.startswith(("http://", "https://")):
            raise ValueError(f"a relay is an http:// or https:// address, not {self.url!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Silence of a given length."""

    length: timedelta

    def __post_init__(self) -> None:
        _positive("pause", self.length)


Playable = Chime | Spoken | Recorded | Relay | Pause
"""What a dated cue is made of."""

Item = Playable | Bulletins
"""What an undated programme is made of."""


GRACE = timedelta(minutes=10)
"""How long a soft start may wait when its programme does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """A titled recurring block, as one file of schedules/ says it. Times are local to the station."""

    id: ProgrammeId
    title: str
    rank: Rank
    zones: tuple[str, ...]
    days: frozenset[Weekday]
    at: tuple[time, ...]
    items: tuple[Item, ...]
    first: date | None = None
    last: date | None = None
    excepted: frozenset[date] = frozenset()
    also: frozenset[date] = frozenset()
    start: StartMode = StartMode.SOFT
    grace: timedelta = GRACE
    late: LatePolicy = LatePolicy.WHOLE
    max: timedelta | None = None

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ValueError("a programme has a title")
        if self.rank is Rank.EMERGENCY:
            raise ValueError("a programme cannot be an emergency: raise an alert instead")
        if not self.zones:
            raise ValueError("a programme names at least one zone, or all")
        if not self.at:
            raise ValueError("a programme has at least one time in at")
        if any(moment.tzinfo is not None or moment.microsecond for moment in self.at):
            raise ValueError("times in at are local, HH:MM or HH:MM:SS")
        if not self.items:
            raise ValueError("a programme has at least one item")
        if len(self._lists) > 1:
            raise ValueError("a programme has one place for bulletins: the same ones would be heard twice")
        if not self.days <= set(WEEKDAYS):
            raise ValueError(f"days must be some of {', '.join(WEEKDAYS)}, not {sorted(self.days)}")
        if not self.days and not self.also:
            raise ValueError("a programme needs days, or dates in also")
        if self.first and self.last and self.first > self.last:
            raise ValueError(f"until ({self.last}) lies before from ({self.first})")
        if self.excepted & self.also:
            raise ValueError("a date cannot be in both except and also")
        _not_negative("grace", self.grace)
        if self.max is not None:
            _positive("max", self.max)

    @property
    def bulletins(self) -> Bulletins | None:
        """Its one place for bulletins; None when it takes none."""
        return next(iter(self._lists), None)

    @property
    def _lists(self) -> list[Bulletins]:
        return [item for item in self.items if isinstance(item, Bulletins)]


def _not_negative(name: str, length: timedelta) -> None:
    if length < timedelta(0):
        raise ValueError(f"{name} cannot be negative, and is {length}")


def _positive(name: str, length: timedelta) -> None:
    if length <= timedelta(0):
        raise ValueError(f"{name} must be longer than nothing, and is {length}")
