"""A whole unit at fake speed: the playout, the player and a horn that remembers, on a disk that outlives it.

`kill` drops everything but the disk, as kill -9 does; `boot` starts it again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from broadcaster.domain.asrun import AsRunEntry
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId, CueId, StationId, UnitId, ZoneId
from broadcaster.domain.plan import FRAME_RATE, Clip, Plan, PlannedCue
from broadcaster.domain.programme import LatePolicy, Rank, StartMode
from broadcaster.domain.volume import CAPPED, Cap
from broadcaster.horn.player import Player
from broadcaster.horn.speaker import PacedSpeaker
from broadcaster.sound.codec import Samples
from broadcaster.unit.box import Box
from broadcaster.unit.records import Records
from tests.unit.box import NOON, Shelf, Time

UNIT = UnitId("loa-xa")
_TICK = 0.2


class Pole:
    """Everything on one pole. `folder` is its disk."""

    def __init__(self, folder: Path, player: Callable[[PacedSpeaker, Time, Shelf], Player] = Player) -> None:
        self._make_player = player
        self.time = Time()
        self.shelf = Shelf()
        self._folder = folder
        self._revision = 0
        self._blocks: list[Samples] = []
        self._began = self.time.seconds
        self.boot()

    def boot(self) -> None:
        """Start the agent on what is on the disk."""
        self.records = Records(self._folder / "records")
        missed = round((self.time.seconds - self._began) * FRAME_RATE) - sum(map(len, self._blocks))
        self._blocks.append(np.zeros(max(missed, 0), np.float32))
        self.speaker = PacedSpeaker(
            lambda block: self._blocks.append(block.copy()), name="paper cone", clock=self.time.monotonic
        )
        self.player = self._make_player(self.speaker, self.time, self.shelf)
        self.box = Box(unit=UNIT, records=self.records, player=self.player, now=self.now)
        self.speaker.start()
        self._next_tick = self.time.seconds
        self.box.trust(True, self.front)

    def kill(self, *, off_for: float) -> None:
        """The power is gone for so long, and what was not on the disk is gone for good."""
        self.time.seconds = round(self.time.seconds + off_for, 6)
        self.boot()

    @property
    def now(self) -> datetime:
        return self.time.now()

    @property
    def front(self) -> datetime:
        """The instant from which on it can still be decided what sounds."""
        return self.time.instant_at(self.player.front())

    def run(self, seconds: float, *, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Let so much time pass; `meanwhile` is done every 10 ms of it."""
        for _ in range(round(seconds * 100)):
            if self.time.seconds >= self._next_tick:
                self._next_tick = self.time.seconds + _TICK
                self.box.tick(self.front)
                self.player.prepare()
            self.player.feed()
            self.time.seconds = round(self.time.seconds + 0.01, 6)
            self.speaker.keep_pace()
            meanwhile()

    def hang(self, seconds: float) -> None:
        """Let so much time pass in which the agent does nothing; only its player goes on by itself."""
        for _ in range(round(seconds * 100)):
            self.player.feed()
            self.time.seconds = round(self.time.seconds + 0.01, 6)
            self.speaker.keep_pace()
        self._next_tick = self.time.seconds

    def stall(self, seconds: float) -> None:
        """Let so much time pass in which the whole machine does nothing."""
        self.time.seconds = round(self.time.seconds + seconds, 6)
        self.speaker.keep_pace()

    def lay(self, *cues: PlannedCue, open_for: float = 86_400, caps: Sequence[Cap] = ()) -> None:
        """Put a plan with these cues in force; all their clips are on the disk."""
        self._revision += 1
        day = Spell(begin=NOON - timedelta(days=1), end=NOON + timedelta(days=6))
        hours = Spell(begin=NOON - timedelta(days=1), end=NOON + timedelta(seconds=open_for))
        plan = Plan(
            station=StationId("dong-tien"),
            zone=ZoneId("xa"),
            revision=self._revision,
            span=day,
            open=(hours,),
            cues=cues,
            caps=tuple(caps),
        )
        self.box.put_plan(plan, self.held, self.front)

    @property
    def held(self) -> frozenset[ClipId]:
        return frozenset(self.shelf.samples)

    def sounded(self, seconds: float, length: float) -> Samples:
        """What the horn was given for so long from so many seconds after noon on."""
        first = round((seconds - (self._began - self.time.noon)) * FRAME_RATE)
        return self.sound[first - 480 :][: round(length * FRAME_RATE)]

    @property
    def sound(self) -> Samples:
        """All that the horn was given."""
        return np.concatenate(self._blocks)

    @property
    def lines(self) -> dict[str, AsRunEntry]:
        """The as-run entries that wait on the disk, by programme."""
        return {entry.cue.programme: entry for entry in Records(self._folder / "records").unsent()}


def cue(
    programme: str,
    at: float,
    clips: Sequence[Clip],
    *,
    rank: Rank = Rank.ORDINARY,
    mode: StartMode = StartMode.SOFT,
    late: LatePolicy = LatePolicy.WHOLE,
    longest: float | None = None,
    expires: float | None = None,
    grace: float = 600,
) -> PlannedCue:
    """A cue due so many seconds after noon."""
    return PlannedCue(
        id=CueId(f"{programme}@2026-11-21T19:00:00"),
        title=programme,
        rank=rank,
        start=NOON + timedelta(seconds=at),
        mode=mode,
        grace=timedelta(seconds=grace),
        late=late,
        clips=tuple(clips),
        max=None if longest is None else timedelta(seconds=longest),
        expires=None if expires is None else NOON + timedelta(seconds=expires),
        severity=3 if rank is Rank.EMERGENCY else 0,
    )


def cap(at_most: float, begin: float, end: float) -> Cap:
    """Softer from so many seconds after noon to so many."""
    spell = Spell(begin=NOON + timedelta(seconds=begin), end=NOON + timedelta(seconds=end))
    return Cap(spell=spell, ranks=CAPPED, at_most=at_most)
