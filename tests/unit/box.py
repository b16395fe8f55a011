"""A loudspeaker box at fake speed: time that is set by hand, clips in memory, a horn that remembers."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np

from broadcaster.domain.names import ClipId, CueId
from broadcaster.domain.plan import FRAME_RATE, Clip
from broadcaster.horn.fading import RAMP
from broadcaster.horn.passage import Passage
from broadcaster.horn.player import Player
from broadcaster.horn.source import Reader
from broadcaster.horn.speaker import PacedSpeaker
from broadcaster.sound.codec import Samples
from tests.sound.hearing import level, murmur

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
STARTED = 1000.0
"""The monotonic second at which the box starts; it is noon then."""


class Time:
    """Monotonic seconds set by hand, and station time that goes with them."""

    def __init__(self) -> None:
        self.seconds = STARTED
        self.noon = STARTED
        """The monotonic second at which it is noon at the station."""

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.instant_at(self.seconds)

    def instant_at(self, monotonic: float) -> datetime:
        return NOON + timedelta(seconds=monotonic - self.noon)

    def monotonic_at(self, instant: datetime) -> float:
        return self.noon + (instant - NOON).total_seconds()


class ReadArray:
    """A clip in memory, read as a clip on the disk is."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._at = 0
        self.open = True

    def read(self, frames: int) -> Samples:
        assert self.open, "a closed clip was read"
        part = self._samples[self._at : self._at + frames]
        self._at += len(part)
        return part

    def seek(self, frame: int) -> None:
        self._at = frame

    def close(self) -> None:
        self.open = False


class Shelf:
    """Clips in memory, by their name."""

    def __init__(self) -> None:
        self.samples: dict[ClipId, Samples] = {}
        self.opened: list[ReadArray] = []
        self.broken: dict[ClipId, Exception] = {}

    def add(self, samples: Samples, *, joins: bool = False) -> Clip:
        name = ClipId(hashlib.sha256(samples.tobytes()).hexdigest())
        self.samples[name] = samples
        return Clip(id=name, frames=len(samples), joins=joins)

    def __call__(self, clip: ClipId) -> Reader:
        if clip in self.broken:
            raise self.broken[clip]
        reader = ReadArray(self.samples[clip])
        self.opened.append(reader)
        return reader


class Box:
    """A player with a horn that remembers every frame it was given, and time that only `run` moves."""

    def __init__(self) -> None:
        self.time = Time()
        self.shelf = Shelf()
        self._blocks: list[Samples] = []
        self.speaker = PacedSpeaker(
            lambda block: self._blocks.append(block.copy()), name="paper cone", clock=self.time.monotonic
        )
        self.player = Player(self.speaker, self.time, self.shelf)
        self.speaker.start()

    def run(self, seconds: float, *, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Let so much time pass, 10 ms at a time: the feeder feeds, the horn takes, `meanwhile` is done."""
        for _ in range(round(seconds * 100)):
            self.player.feed()
            self.time.seconds = round(self.time.seconds + 0.01, 6)
            self.speaker.keep_pace()
            meanwhile()

    @property
    def sound(self) -> Samples:
        """All that the horn was given so far."""
        return np.concatenate(self._blocks) if self._blocks else np.zeros(0, np.float32)

    def at(self, seconds: float, length: float | int) -> Samples:
        """What sounded from so many seconds after noon on: `length` frames, or seconds if a float."""
        first = self.frame(seconds)
        frames = length if isinstance(length, int) else round(length * FRAME_RATE)
        return self.sound[first : first + frames]

    def frame(self, seconds: float) -> int:
        """The frame that sounds so many seconds after noon."""
        frame = self.speaker.frame_at(self.time.noon + seconds)
        assert frame is not None
        return round(frame)

    def passage(
        self, *clips: Clip, at: float, skip: int = 0, until: float | None = None, cue: str = "ban-tin-trua"
    ) -> Passage:
        """A passage of these clips from so many seconds after noon on."""
        return Passage(
            cue=CueId(f"{cue}@2026-11-21T19:00:00"),
            begin=NOON + timedelta(seconds=at),
            clips=clips,
            skip=skip,
            until=None if until is None else NOON + timedelta(seconds=until),
        )


@cache
def speech(seconds: float, *, seed: int = 1) -> Samples:
    """Noise below 1 kHz, half a scale high: no two stretches of it are alike."""
    sound = murmur(seconds, seed=seed, below=1000)
    sound.flags.writeable = False
    return sound


def same(sound: Samples, wanted: Samples) -> bool:
    """Whether it is that sound, frame on frame: half a frame late it is 28 dB of it, a whole one 22.

    The first 5 ms do not count: in them it comes.
    """
    return len(sound) == len(wanted) and level((sound - wanted)[RAMP:]) < level(wanted[RAMP:]) - 26


def tone(seconds: float, *, hertz: float = 440.0, amplitude: float = 0.5) -> Samples:
    """A sine."""
    phase = 2 * np.pi * hertz * np.arange(round(seconds * FRAME_RATE)) / FRAME_RATE
    return (amplitude * np.sin(phase)).astype(np.float32)
