"""What a unit says of itself: a sign of life every ten seconds, and its whole state when that is news.

Laws
1. SIM cards are paid by the megabyte. A heartbeat says only that the unit lives and that its last `Vitals`
   still hold; those are told, like entries, until the hub has them. Whatever else a unit says to the hub is a
   heartbeat too, and takes the place of one.
2. Vitals are said on every new connection, as soon as something changes that somebody waits for (`news`),
   and every `AGAIN`. What only creeps (a temperature, free bytes) waits for one of these.
3. A stolen key may say anything: no text in here is without end.
"""

from datetime import datetime, timedelta
from typing import Annotated

import msgspec

from broadcaster.domain.health import Fault, Pulse, Supply, faults_of
from broadcaster.domain.instants import instant
from broadcaster.domain.names import CueId

__all__ = ["AGAIN", "SIGN", "NowPlaying", "Vitals"]

AGAIN = timedelta(minutes=10)
"""So often vitals are said though nothing is new."""

SIGN = b""
"""A heartbeat: the subject says whose it is, and the broker has seen to that. What may be in it is not read,
so that one of any version is one."""

_Title = Annotated[str, msgspec.Meta(max_length=2000)]
_Words = Annotated[str, msgspec.Meta(max_length=300)]
_Reason = Annotated[str, msgspec.Meta(max_length=40)]
_Reasons = Annotated[dict[_Reason, int], msgspec.Meta(max_length=40)]
_Sum = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]


class NowPlaying(msgspec.Struct, frozen=True, kw_only=True):
    """What samples are being written for. Not from the plan."""

    cue: CueId
    title: _Title
    since: datetime
    played: timedelta

    def __post_init__(self) -> None:
        instant(self.since)


class Vitals(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The whole state of a unit at `at`, by its own clock. What it does not know is None."""

    v: int
    at: datetime
    software: _Words
    plan: int
    """Revision of the plan in force; 0 for none."""
    missing: int = 0
    """Clips of the plan that are not on the unit yet."""
    clips: int = 0
    """Whole clips that are there."""
    cache: int = 0
    """Bytes they take."""
    playing: NowPlaying | None = None
    clock_trusted: bool = True
    clock_error: float
    """Seconds: the most that station time can be off."""
    round_trip: float | None = None
    """Seconds from a question to the hub to its answer."""
    lead: float | None = None
    """Seconds from a decision to the first sample of it under the horn, a cold amplifier included."""
    disk_free: int
    """Bytes."""
    temperature: float | None = None
    """°C: the highest of the last minutes."""
    supply: Supply | None = None
    """The worst of the last minutes."""
    underruns: int = 0
    """Since the unit was started."""
    underruns_lately: int = 0
    """Of the last minutes."""
    level: float | None = None
    """The loudest second of the last ten in dBFS (RMS), before the volume, if sound was due all the time."""
    speaker: _Words
    stand_in: bool = False
    """It speaks through something else than it should."""
    waiting: int = 0
    """As-run entries not handed over yet."""
    refusals: _Reasons = {}
    used: _Sum = 0
    """Bytes that were paid for since this unit began to count; only what it grows by means anything."""

    def __post_init__(self) -> None:
        instant(self.at)

    def pulse(self, heard: datetime) -> Pulse:
        """What is judged of it, when the unit was heard last at `heard`."""
        return Pulse(
            heard=heard,
            clock_trusted=self.clock_trusted,
            clock_error=self.clock_error,
            plan=self.plan,
            missing=self.missing,
            disk_free=self.disk_free,
            level=self.level,
            stand_in=self.stand_in,
            supply=self.supply,
            temperature=self.temperature,
            underruns=self.underruns_lately,
        )

    @property
    def news(self) -> tuple[object, ...]:
        """What somebody waits to see: when it differs from what was said last, it is said at once."""
        playing = None if self.playing is None else self.playing.cue
        faults: tuple[Fault, ...] = faults_of(self.pulse(self.at))
        return playing, self.plan, self.speaker, self.lead, faults
