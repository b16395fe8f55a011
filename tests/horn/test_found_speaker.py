"""A unit finds its speaker when it starts: what is laid is taken back from that one's ring, and no other."""

from datetime import UTC, datetime, timedelta

import numpy as np

from broadcaster.domain.names import ClipId, CueId
from broadcaster.domain.plan import FRAME_RATE, Clip
from broadcaster.horn.passage import Passage
from broadcaster.horn.player import Player
from broadcaster.horn.speaker import PacedSpeaker
from broadcaster.horn.standin import OrStandIn
from broadcaster.sound.codec import Samples
from tests.sound.hearing import level, murmur

_ZERO = datetime(2026, 11, 22, tzinfo=UTC)


class _Clock:
    """Set by hand, for all that asks."""

    def __init__(self) -> None:
        self.second = 0.0

    def monotonic(self) -> float:
        return self.second

    def instant_at(self, second: float) -> datetime:
        return _ZERO + timedelta(seconds=second)

    def monotonic_at(self, instant: datetime) -> float:
        return (instant - _ZERO).total_seconds()


class _Sound:
    """Sound as an open clip."""

    def __init__(self, samples: Samples) -> None:
        self._samples = samples
        self._at = 0

    def read(self, frames: int) -> Samples:
        part = self._samples[self._at : self._at + frames]
        self._at += len(part)
        return part

    def seek(self, frame: int) -> None:
        self._at = frame

    def close(self) -> None:
        """Nothing is open."""


def _passage(name: str, begin: float, seconds: float, **more: datetime) -> Passage:
    clip = Clip(id=ClipId(name[0] * 64), frames=round(seconds * FRAME_RATE), joins=False)
    return Passage(
        cue=CueId(f"{name}@2026-11-22T05:00:00"),
        begin=_ZERO + timedelta(seconds=begin),
        clips=(clip,),
        **more,  # type: ignore[arg-type]
    )


def test_an_alert_takes_the_air_from_what_was_laid_already_in_the_ring_of_the_speaker_that_was_found() -> (
    None
):
    clock, blocks = _Clock(), list[Samples]()
    speaker = OrStandIn(
        "horn",
        (),
        way=lambda name: PacedSpeaker(lambda b: blocks.append(b.copy()), name=name, clock=clock.monotonic),
        is_back=lambda _: False,
        looks=[],
    )
    sounds = {ClipId("b" * 64): murmur(20, seed=1), ClipId("a" * 64): 0.05 * murmur(1, seed=2)}
    player = Player(speaker, clock, lambda clip: _Sound(sounds[clip]))
    speaker.start()

    def live(until: float) -> None:
        while clock.second < until:
            clock.second += 0.01
            found = speaker._speaker
            assert isinstance(found, PacedSpeaker)
            found.keep_pace()
            player.feed()

    music, alert = _passage("ban-nhac", 0.5, 20), _passage("a-lert", 4.08, 1)
    player.follow([music])
    live(4.0)
    player.follow([_passage("ban-nhac", 0.5, 20, until=alert.begin), alert])
    live(5.5)
    speaker.stop()
    sound = np.concatenate(blocks)
    begin = speaker_frame = round(4.08 * FRAME_RATE) - 480
    assert level(sound[begin - FRAME_RATE : begin - FRAME_RATE // 2]) > -30
    assert level(sound[speaker_frame + 480 : speaker_frame + FRAME_RATE // 2]) < -30
