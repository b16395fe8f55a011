"""One unit's way to the horn in a process of its own: `python -m tests.bench._horn HORN FIRST STEP COUNT`.

It plays a click COUNT times, STEP seconds apart, from second FIRST of the monotonic clock on, which is
station time here: all units of this machine share it, so they differ by the placing on the card alone. A
fifth argument is the latency in seconds with which the card is opened.
"""

import sys
import time
from datetime import UTC, datetime, timedelta

import numpy as np

from broadcaster.clock import monotonic
from broadcaster.domain.names import ClipId, CueId
from broadcaster.domain.plan import FRAME_RATE, Clip
from broadcaster.horn.passage import Passage
from broadcaster.horn.player import Player
from broadcaster.sound.codec import Samples

__all__ = ["CLICK", "click"]

CLICK = FRAME_RATE // 25
"""Frames."""
_ZERO = datetime(2026, 1, 1, tzinfo=UTC)


def click() -> Samples:
    """40 ms of noise below 8 kHz: where it begins can be told to a part of a frame."""
    spectrum = np.fft.rfft(np.random.default_rng(7).normal(0, 1, CLICK))
    spectrum[8000 * CLICK // FRAME_RATE :] = 0
    sound = np.fft.irfft(spectrum, CLICK)
    sounded: Samples = (0.5 * sound / np.max(np.abs(sound))).astype(np.float32)
    return sounded


class _Shared:
    """Station time of all units of this machine."""

    monotonic = staticmethod(monotonic)

    def instant_at(self, second: float) -> datetime:
        return _ZERO + timedelta(seconds=second)

    def monotonic_at(self, instant: datetime) -> float:
        return (instant - _ZERO).total_seconds()


class _Click:
    """The click as an open clip."""

    def __init__(self) -> None:
        self._sound = click()
        self._at = 0

    def read(self, frames: int) -> Samples:
        part = self._sound[self._at : self._at + frames]
        self._at += len(part)
        return part

    def seek(self, frame: int) -> None:
        self._at = frame

    def close(self) -> None:
        """Nothing is open."""


def play(horn: str, first: float, step: float, count: int, latency: float | None) -> None:
    """Play them all, and end."""
    from broadcaster.horn.soundcard import SoundCard  # which looks for cards when it is first imported

    card = SoundCard(horn) if latency is None else SoundCard(horn, latency=latency)
    station = _Shared()
    clip = Clip(id=ClipId("0" * 64), frames=CLICK, joins=False)
    player = Player(card, station, lambda _: _Click())
    card.start()
    player.start()
    player.follow(
        [
            Passage(
                cue=CueId("ban-tin@2026-11-21T05:00:00"),
                begin=station.instant_at(first + number * step),
                clips=(clip,),
            )
            for number in range(count)
        ]
    )
    while monotonic() < first + count * step:
        player.prepare()
        player.heard()
        time.sleep(0.1)
    player.stop()
    card.stop()


if __name__ == "__main__":
    play(
        sys.argv[1],
        float(sys.argv[2]),
        float(sys.argv[3]),
        int(sys.argv[4]),
        float(sys.argv[5]) if len(sys.argv) > 5 else None,
    )
