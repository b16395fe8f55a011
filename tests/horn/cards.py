"""Sound cards with crystals of their own, at fake speed, and the measure of what they make of a tone."""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.ring import Ring
from broadcaster.horn.sampleclock import SampleClock
from broadcaster.sound.codec import Samples

__all__ = ["HERTZ", "Card", "TonedClip", "added", "lag"]

HERTZ = 1000.0
_BLOCK = 960
_BUFFERED = 0.08
"""Seconds that lie in the card's own buffer."""
_NOTCH = 10
"""Hz on either side of a tone that count as the tone: 4 are the window's own, and a pitch that moves by a
fiftieth of a Hz within seconds stays within."""


class Card:
    """A card that runs `ppm` fast by the true time `now`, and says what real ones say of when frames sound.

    jitter: of each saying, seconds (standard deviation); wander: of all of them together, within seconds,
    which is a lie: frames sound when the crystal says.
    """

    def __init__(
        self,
        sink: Callable[[Samples], None],
        now: Callable[[], float],
        *,
        ppm: float,
        jitter: float = 0.0,
        wander: float = 0.0,
        seed: int = 1,
    ) -> None:
        self.ring = Ring()
        self.ahead = FRAME_RATE * 8 // 100
        self._sink = sink
        self._now = now
        self._rate = FRAME_RATE * (1 + ppm * 1e-6)
        self._clock = SampleClock()
        self._dice = np.random.default_rng(seed)
        self._jitter = jitter
        self._wander = wander
        self._began = now()
        self._block: Samples = np.zeros(_BLOCK, np.float32)
        self.refit = self._clock.refit
        self.sounds_at = self._clock.sounds_at
        self.frame_at = self._clock.frame_at

    @property
    def name(self) -> str:
        return "a card of its own mind"

    @property
    def stand_in(self) -> bool:
        return False

    @property
    def lost(self) -> None:
        """Never."""

    def start(self) -> None:
        """It runs from when it is made."""

    def stop(self) -> None:
        """It is never stopped."""

    def truly(self, frame: float) -> float:
        """The second at which a frame is heard under the horn, whatever the card says."""
        return self._began + _BUFFERED + frame / self._rate

    def keep_pace(self) -> None:
        """Take the blocks that have come due, and say for each when it will sound."""
        while self._now() >= self.truly(self.ring.taken) - _BUFFERED:
            self._say()
            self.ring.take(self._block)
            self._sink(self._block)

    def _say(self) -> None:
        truly = self.truly(self.ring.taken)
        lie = self._dice.normal(0, self._jitter) + self._wander * np.sin(truly) * np.sin(truly / 3)
        now = truly - _BUFFERED
        waited = 0.004 * self._dice.random() if self._dice.random() < 0.7 else 0.0  # for its turn
        self._clock.note(self.ring.taken, truly + lie, now, now + waited)


class TonedClip:
    """A clip that is a tone of 1 kHz at half scale, however long; read as a clip on the disk is."""

    def __init__(self) -> None:
        self._at = 0

    def read(self, frames: int) -> Samples:
        at = np.arange(self._at, self._at + frames)
        self._at += frames
        return (0.5 * np.cos(2 * np.pi * HERTZ * at / FRAME_RATE)).astype(np.float32)

    def seek(self, frame: int) -> None:
        self._at = frame

    def close(self) -> None:
        """There is nothing to let go of."""


def added(second: Samples) -> float:
    """THD+N of a tone in dB: all that is not within 10 Hz of it, against it. Best over a whole second.

    The window is Blackman and Harris' of four terms: 92 dB down four bins away.
    """
    spectrum = np.square(np.abs(np.fft.rfft(second * _window(len(second)))))
    hertz = np.fft.rfftfreq(len(second), 1 / FRAME_RATE)
    tone = np.abs(hertz - hertz[int(np.argmax(spectrum))]) <= _NOTCH
    rest = spectrum[~tone & (hertz > _NOTCH)]
    return 10 * float(np.log10(rest.sum() / spectrum[tone].sum()))


def lag(second: Samples, wanted_at: float) -> float:
    """By how many seconds a stretch of the tone is late, if its first frame was to be that second of the
    tone; a period of it, 1 ms, is not told from none."""
    there = np.angle(np.sum(second * _turning(len(second))))
    turns = (there - 2 * np.pi * HERTZ * wanted_at) / (2 * np.pi)
    return float(round(turns) - turns) / HERTZ


@cache
def _turning(frames: int) -> NDArray[np.complex128]:
    turns: NDArray[np.complex128] = np.exp(-2j * np.pi * HERTZ * np.arange(frames) / FRAME_RATE)
    return turns * np.hanning(frames)


@cache
def _window(frames: int) -> NDArray[np.float64]:
    turns = 2 * np.pi * np.arange(frames) / frames
    window: NDArray[np.float64] = (
        0.35875 - 0.48829 * np.cos(turns) + 0.14128 * np.cos(2 * turns) - 0.01168 * np.cos(3 * turns)
    )
    return window
