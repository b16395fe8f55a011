"""One player on a real device, without the unit around it; and how soon it sounds what is decided."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from broadcaster.clock import monotonic
from broadcaster.domain.names import ClipId, CueId
from broadcaster.domain.plan import FRAME_RATE, Clip
from broadcaster.horn.passage import Passage
from broadcaster.horn.player import Heard, Player
from broadcaster.horn.speaker import Speaker
from broadcaster.sound.codec import ClipReader, Samples, write_opus
from tests.sound.hearing import Capture, murmur, whereabouts

__all__ = ["Decided", "Horn", "WallClock", "card"]


def card(name: str) -> Speaker:
    """The sound card of that name. sounddevice looks for cards when it is first imported: not before now."""
    from broadcaster.horn.soundcard import SoundCard

    return SoundCard(name)


class WallClock:
    """Station time that is this machine's."""

    def __init__(self) -> None:
        self._zero = datetime.now(UTC) - timedelta(seconds=monotonic())

    def monotonic(self) -> float:
        return monotonic()

    def instant_at(self, second: float) -> datetime:
        return self._zero + timedelta(seconds=second)

    def monotonic_at(self, instant: datetime) -> float:
        return (instant - self._zero).total_seconds()


class Horn:
    """A player that runs in real time, with real clips from the disk."""

    def __init__(self, speaker: Speaker, folder: Path) -> None:
        self.clock = WallClock()
        self.speaker = speaker
        self._folder = folder
        self.player = Player(speaker, self.clock, lambda clip: ClipReader(folder / clip))
        speaker.start()
        self.player.start()

    def stop(self) -> None:
        self.player.stop()
        self.speaker.stop()

    def clip(self, samples: Samples, number: int) -> tuple[Clip, Samples]:
        """A clip of these samples, and what decoding it gives."""
        name = ClipId(f"{number:064x}")
        frames = write_opus([samples], self._folder / name, bitrate=64_000)
        with ClipReader(self._folder / name) as reader:
            return Clip(id=name, frames=frames, joins=False), reader.read(frames)

    def play(self, *passages: Passage) -> tuple[Heard, ...]:
        """Follow these, wait until the horn has sounded the last of it, and tell what was heard."""
        over: list[Heard] = []
        until = monotonic() + 30
        while len(over) < len(passages):
            self.player.follow(passages)
            self.player.prepare()
            time.sleep(0.1)
            over += [run for run in self.player.heard() if run.done]
            assert monotonic() < until, "the horn does not come to an end"
        return tuple(over)

    def passage(self, *clips: Clip, at: float) -> Passage:
        return Passage(
            cue=CueId("ban-tin@2026-11-21T05:00:00"), begin=self.clock.instant_at(at), clips=tuple(clips)
        )


class Decided:
    """How soon a horn sounds an alert, in silence and in the middle of music. `heard`: seconds from each
    decision to the first sample that was captured; NaN where the alert was not heard.

    A capture knows its time to 10 ms.
    """

    def __init__(self, horn: Horn, capture: Capture) -> None:
        self._horn = horn
        self._capture = capture
        self._dice = np.random.default_rng(1)
        self._alert, self._sound = horn.clip(murmur(0.4, below=8000), 901)
        self._music, _ = horn.clip(np.float32(0.3) * murmur(20, seed=2, below=500), 902)
        horn.player.ready([self._alert.id])

    def in_silence(self, times: int) -> list[float]:
        return self._heard([self._decide(None) for _ in range(times)])

    def in_music(self, times: int) -> list[float]:
        return self._heard([self._decide(self._playing(number)) for number in range(times)])

    def _playing(self, number: int) -> Passage:
        """Music that has begun."""
        music = self._horn.passage(self._music, at=monotonic() + 0.3)
        music = replace(music, cue=CueId(f"nhac-{number}@2026-11-21T05:00:00"))
        self._horn.player.follow([music])
        self._wait(0.8)
        return music

    def _decide(self, music: Passage | None) -> float:
        """Decide it now, and let it sound; the monotonic second of the decision."""
        self._wait(0.3 + 0.2 * self._dice.random())
        player, at = self._horn.player, monotonic()
        alert = replace(self._horn.passage(self._alert, at=player.front()), prompt=True)
        player.follow([alert] if music is None else [replace(music, until=alert.begin), alert])
        self._wait(0.7)
        return at

    def _wait(self, seconds: float) -> None:
        until = monotonic() + seconds
        while monotonic() < until:
            self._horn.player.prepare()
            self._horn.player.heard()
            time.sleep(0.1)

    def _heard(self, decisions: list[float]) -> list[float]:
        found = []
        for at in decisions:
            sound = self._capture.heard(at - 0.05, at + 0.9)[:, 0]
            frame, fit = whereabouts(self._sound[: FRAME_RATE // 5], sound)
            found.append(frame / FRAME_RATE - 0.05 if fit > 0.8 else float("nan"))
        return found
