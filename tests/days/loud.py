"""A horn that is heard: the real player on a pole at fake speed, every frame of it kept."""

from datetime import datetime, timedelta

import numpy as np

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.player import Heard, Player
from broadcaster.horn.speaker import PacedSpeaker
from broadcaster.sound.codec import Samples
from broadcaster.unit.cache import Cache
from tests.days.hours import Time
from tests.days.poles import Horn

__all__ = ["LoudHorn"]

_FEEDS = timedelta(milliseconds=20)
_PREPARES = 10
"""Feeds between two looks at what will be played; on a pole both have a thread."""


class LoudHorn(Horn):
    """Reads the clips in the unit's cache, and sounds them on frames that a perfect card takes."""

    player: Player

    def __init__(self, time: Time, cache: Cache) -> None:
        self._time = time
        self._began = time.now()
        self._blocks: list[Samples] = []
        self._runs: dict[int, Heard] = {}
        self._fed = 0
        self._speaker = PacedSpeaker(
            lambda block: self._blocks.append(block.copy()), name="loud", clock=time.monotonic
        )
        self.player = Player(self._speaker, time, cache.open)
        self._speaker.start()
        time.every(_FEEDS, self._pass_by)

    @property
    def front(self) -> datetime:
        return self._time.instant_at(self.player.front())

    def sounded(self) -> tuple[Heard, ...]:
        return tuple(self._runs.values())

    def sound(self, begin: datetime, length: timedelta) -> Samples:
        """What was heard from that instant on for so long."""
        first = self._speaker.frame_at(self._time.monotonic_at(begin))
        assert first is not None
        return np.concatenate(self._blocks)[round(first) :][: round(length.total_seconds() * FRAME_RATE)]

    def _pass_by(self) -> None:
        self._speaker.keep_pace()
        if self._fed % _PREPARES == 0:
            self.player.prepare()
        self._fed += 1
        self.player.feed()
