"""What a unit says of its own state: read from its parts, and said when it is news.

Laws
1. What is read every ten seconds and flickers (voltage, temperature, gaps) is told by its worst of five
   minutes: each change is told at once, and a SIM card is paid by the megabyte.
2. A level is told only of sound that was meant to be heard all the time, and as it was before the volume: a
   pause is no fault, nor is a box that was turned down.
3. How long it takes from a decision to its first sample is never the same twice: that it has become longer by
   more than a tenth is told at once, that it is shorter ten minutes later.
"""

import logging
import shutil
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from broadcaster.domain.health import BEAT, Supply
from broadcaster.horn.player import Player
from broadcaster.horn.speaker import Speaker
from broadcaster.link.messages import WIRE_VERSION, Vitals
from broadcaster.link.vitals import AGAIN
from broadcaster.unit import machine
from broadcaster.unit.box import Box
from broadcaster.unit.cache import Cache
from broadcaster.unit.clock import UnitClock
from broadcaster.unit.holding import Holding
from broadcaster.unit.obeying import Obeying
from broadcaster.unit.records import Records
from broadcaster.unit.usage import Usage

__all__ = ["Instruments", "Lead", "Parts", "Saying"]

_UNKNOWN = 1e9
"""Seconds of clock error that stand for no idea at all: JSON has no infinity."""

_LATELY = round(timedelta(minutes=5) / BEAT)
_GRAVITY = (None, Supply.GOOD, Supply.WAS_LOW, Supply.LOW)
_LONGEST_NAME = 300
_LEAD_NEAR = 0.005
"""Seconds."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of one unit that are looked at. `folder` is on the disk that must not fill, `sys` where the
    kernel tells of the machine."""

    software: str
    folder: Path
    box: Box
    cache: Cache
    clock: UnitClock
    holding: Holding
    obeying: Obeying
    player: Player
    records: Records
    speaker: Speaker
    usage: Usage
    sys: Path = Path("/sys")


class _Reading(NamedTuple):
    temperature: float | None
    supply: Supply | None
    underruns: int


class Lead:
    """What is told of how long it takes from a decision to its first sample. Pure."""

    def __init__(self) -> None:
        self._told: float | None = None
        self._at = 0.0

    def told(self, lead: timedelta | None, monotonic: float) -> float | None:
        """In seconds, as it was told before if that is near enough, or has become too much just now."""
        now, told = None if lead is None else round(lead.total_seconds(), 3), self._told
        if now is not None and told is not None:
            near = 0 <= now - told <= max(_LEAD_NEAR, told / 10)
            if near or (now < told and monotonic - self._at < AGAIN.total_seconds()):
                return told
        self._told, self._at = now, monotonic
        return now


class Instruments:
    """Looks at the parts: `look` every `BEAT`, `vitals` whenever something may have to be said."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lately: deque[_Reading] = deque(maxlen=_LATELY)
        self._looked: datetime | None = None
        self._gain: float | None = None
        self._level: float | None = None
        self._lead = Lead()
        self.round_trip: float | None = None
        """Seconds the last question to the hub took, with its answer."""

    def look(self) -> None:
        """Read what is measured over time."""
        parts = self._parts
        self._lately.append(
            _Reading(machine.temperature(parts.sys), machine.supply(parts.sys), parts.speaker.ring.underruns)
        )
        self._level = self._level_of(parts.player.level_since())
        parts.usage.keep_now_and_then()

    def _level_of(self, loudest: float | None) -> float | None:
        """The level before the volume, if sound was due ever since the last look."""
        now = self._parts.clock.now()
        since, self._looked = self._looked, now
        gain, before = self._parts.box.sound_due(now), self._gain
        self._gain = gain
        if loudest is None or gain is None or before is None or since is None:
            return None
        if now - since < BEAT / 2:
            return self._level
        return loudest - min(gain, before)

    def vitals(self) -> Vitals:
        """How the unit is at this moment. Raises OSError when even the disk's state cannot be read."""
        parts, lately = self._parts, self._lately
        underruns = parts.speaker.ring.underruns
        degrees = [reading.temperature for reading in lately if reading.temperature is not None]
        playing = parts.box.now_playing()
        held = parts.cache.size
        return Vitals(
            v=WIRE_VERSION,
            at=parts.clock.now(),
            software=parts.software,
            plan=parts.box.revision,
            missing=parts.holding.missing,
            clips=held.clips,
            cache=held.bytes,
            playing=playing,
            clock_trusted=parts.clock.trusted,
            clock_error=round(min(parts.clock.error, _UNKNOWN), 5),
            round_trip=None if self.round_trip is None else round(self.round_trip, 4),
            lead=self._lead.told(parts.player.lead, parts.clock.monotonic()),
            disk_free=shutil.disk_usage(parts.folder).free,
            temperature=round(max(degrees), 1) if degrees else None,
            supply=max((reading.supply for reading in lately), key=_GRAVITY.index, default=None),
            underruns=underruns,
            underruns_lately=underruns - lately[0].underruns if lately else 0,
            level=None if playing is None or self._level is None else round(self._level, 1),
            speaker=parts.player.through[:_LONGEST_NAME],
            stand_in=parts.speaker.stand_in,
            waiting=parts.records.waiting,
            refusals=dict(parts.obeying.refusals),
            used=parts.usage.total,
        )


class Saying:
    """When vitals are said: on a new connection, when they are news, and every `AGAIN`. Pure."""

    def __init__(self) -> None:
        self._said: tuple[Vitals, float] | None = None

    def forget(self) -> None:
        """Nobody knows what was said last: there is a new connection."""
        self._said = None

    def is_due(self, vitals: Vitals, monotonic: float) -> bool:
        if self._said is None:
            return True
        said, at = self._said
        return vitals.news != said.news or monotonic - at >= AGAIN.total_seconds()

    def heard(self, vitals: Vitals, monotonic: float) -> None:
        """The hub has them."""
        self._said = (vitals, monotonic)
