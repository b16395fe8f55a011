"""A unit whose card runs off, through a long tone: the real player and the real sample clock at fake speed.

What is under the horn is looked at a second at a time and not kept, so that an hour fits.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from broadcaster.domain.names import ClipId, CueId
from broadcaster.domain.plan import FRAME_RATE, Clip
from broadcaster.horn.passage import Passage
from broadcaster.horn.player import Player
from broadcaster.sound.codec import Samples
from tests.horn.cards import HERTZ, Card, TonedClip, added, lag
from tests.unit.box import NOON, Time

__all__ = ["Drifting", "Report", "apart"]

_STEP = 0.02


@dataclass(slots=True)
class Report:
    """What came of it. `lags`: seconds late, one for each second of the tone, by the true time of its frames;
    `thd_n`: the same in dB; `begin`, `end`: seconds by which the first and the last frame were late."""

    lags: list[float] = field(default_factory=list)
    thd_n: list[float] = field(default_factory=list)
    begin: float = 0.0
    end: float = 0.0
    largest_ratio: float = 0.0
    runs: int = 0


def apart(reports: Iterable[Report]) -> NDArray[np.float64]:
    """By how many seconds they are apart in each second of the tone; a fast card has one more in an hour."""
    lags = np.array(list(zip(*(report.lags for report in reports), strict=False)))
    return np.asarray(np.ptp(lags, axis=1), dtype=np.float64)


class Drifting:
    """One unit, whose stream has been open for `warm` seconds, since noon, when the tone begins.

    `meanwhile` is told the seconds since noon every 20 ms, and may move station time.
    """

    def __init__(
        self,
        *,
        ppm: float,
        seconds: float,
        jitter: float = 0.00005,
        wander: float = 0.0,
        warm: float = 30.0,
        seed: int = 1,
    ) -> None:
        self.time = Time()
        self._noon = self.time.noon
        self._seconds = seconds
        self._begin = warm
        self._card = Card(self._hear, self.time.monotonic, ppm=ppm, jitter=jitter, wander=wander, seed=seed)
        self._player = Player(self._card, self.time, lambda _: TonedClip())
        self._heard = 0
        self._first: int | None = None
        self._last = 0
        self._late = 0.0
        self._second: list[Samples] = []
        self.report = Report()

    def run(self, meanwhile: Callable[[float], None] = lambda _: None) -> Report:
        """Play the tone to its end."""
        clip = Clip(id=ClipId("0" * 64), frames=round(self._seconds * FRAME_RATE), joins=True)
        begin = NOON + timedelta(seconds=self._begin)
        passage = Passage(cue=CueId("nhac@2026-11-21T19:00:00"), begin=begin, clips=(clip,))
        began = self.time.seconds
        for step in range(round((self._seconds + self._begin + 1) / _STEP)):
            if step == round((self._begin - 1) / _STEP):
                self._player.follow([passage])
            self._player.feed()
            self.time.seconds = began + step * _STEP
            self._card.keep_pace()
            meanwhile(self.time.seconds - began)
        self._over()
        return self.report

    @property
    def ratio(self) -> float:
        return self._player.ratio

    def _over(self) -> None:
        assert self._first is not None
        due = self.time.noon + self._begin
        self.report.end = self._card.truly(self._last + 1) - due - self._seconds
        self.report.runs = len(self._player.heard())

    def _hear(self, block: Samples) -> None:
        self.report.largest_ratio = max(self.report.largest_ratio, abs(self.ratio - 1))
        sounding = np.flatnonzero(block)
        first, self._heard = self._heard, self._heard + len(block)
        if len(sounding):
            self._last = first + int(sounding[-1])
            if self._first is None:
                self._first = first + int(sounding[0])
                self._late = self._card.truly(self._first) - self.time.noon - self._begin
                self.report.begin = self._late
        if self._first is not None:
            self._second.append(block.copy())
            if len(self._second) * len(block) == FRAME_RATE:
                self._look(first + len(block) - FRAME_RATE)

    def _look(self, first: int) -> None:
        """Judge the second that begins with that frame, unless the tone begins or ends within it."""
        second, self._second = np.concatenate(self._second), []
        assert self._first is not None
        gone = self._card.truly(first) - self._noon - self._begin
        if gone > 0.1 and gone + 1 < self._seconds - 0.1:
            late = lag(second, gone)
            self._late = late + round((self._late - late) * HERTZ) / HERTZ
            self.report.lags.append(self._late - (self.time.noon - self._noon))
            self.report.thd_n.append(added(second))
