"""Ways to the horn, and the choice between them.

`Speaker` is what every way promises. A sound card is in `soundcard`; here are the one that keeps time by a
clock alone and gives its frames to whoever wants them (a WAV file, a test), and the copy that can be taken
of any of them.

All keep the stream going from `start` to `stop`, whether there is something to say or not: a stream that is
opened for each programme loses its first words.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np

from broadcaster.clock import monotonic
from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.ring import Ring
from broadcaster.sound.codec import Samples
from broadcaster.sound.wav import WavWriter

__all__ = ["DEAD_DEVICE", "Copied", "NoSpeaker", "PacedSpeaker", "Speaker", "WavSpeaker"]

DEAD_DEVICE = 70
"""Exit code of a unit whose device is dead: it is started again, and joins what is on air."""

_BLOCK = 480
_PACE = 0.01
_PACED_AHEAD = FRAME_RATE * 16 // 100
"""As much as lies ready for a sound card in the ring and in the card together."""
_COPY_EVERY = 0.1
_LONGEST_FILE = 6 * 3600 * FRAME_RATE
"""A WAV file ends at 4 GiB; after six hours (2 GB) it is begun anew."""

_logger = logging.getLogger(__name__)


class NoSpeaker(Exception):
    """There is no way to the horn. The text says what was looked for, what is there and what to do."""


class Speaker(Protocol):
    """A way to the horn.

    Promises: between `start` and `stop` it takes frames from `ring` at 48,000 a second, at its own pace, in
    order, each once; silence where the ring is empty, counted in `ring.underruns`. Nothing it does waits for
    the one who lays. `sounds_at` and `frame_at` are each other's reverse.
    """

    @property
    def name(self) -> str:
        """For people: what the unit speaks through."""
        ...

    @property
    def ring(self) -> Ring: ...

    @property
    def ahead(self) -> int:
        """Frames that should lie in the ring: a feeder that is late by less is not heard."""
        ...

    @property
    def stand_in(self) -> bool:
        """Whether it speaks through something else than it was told to."""
        ...

    @property
    def lost(self) -> str | None:
        """Why what it takes is not heard any more, in words; None while it is, as far as anybody can tell.

        It does not come back: end the process, to be started again. That it hangs is not told here, but by
        frames that are not taken.
        """
        ...

    def start(self) -> None:
        """Begin to take frames. Raises NoSpeaker."""
        ...

    def stop(self) -> None:
        """Take no more. Safe to call twice."""
        ...

    def refit(self) -> None:
        """Look again at when frames sound; the feeder calls it a few times a second."""
        ...

    def sounds_at(self, frame: int) -> float | None:
        """The monotonic second (`broadcaster.clock`) at which `frame` is heard; None while unknown."""
        ...

    def frame_at(self, moment: float) -> float | None:
        """The frame, with its fraction, heard at that monotonic second; None while unknown."""
        ...


class PacedSpeaker:
    """Takes frames as a perfect card would by `clock`, whenever `keep_pace` is called, into `sink`.

    With a clock set by hand it is the speaker of days at fake speed.
    """

    def __init__(
        self, sink: Callable[[Samples], None], *, name: str, clock: Callable[[], float] = monotonic
    ) -> None:
        self._sink = sink
        self._name = name
        self._clock = clock
        self._ring = Ring()
        self.ahead = _PACED_AHEAD
        self._began: float | None = None
        self._block: Samples = np.zeros(_BLOCK, np.float32)

    @property
    def name(self) -> str:
        return self._name

    @property
    def ring(self) -> Ring:
        return self._ring

    @property
    def stand_in(self) -> bool:
        return False

    @property
    def lost(self) -> None:
        """Never: it is nothing but paper."""

    def start(self) -> None:
        self._began = self._clock()

    def stop(self) -> None:
        self._began = None

    def keep_pace(self) -> None:
        """Take the blocks that have come due; each is taken one block's length before it sounds."""
        while self._began is not None and self._clock() >= self._began + self._ring.taken / FRAME_RATE:
            self._ring.take(self._block)
            self._sink(self._block)

    def refit(self) -> None:
        """Nothing to look at: it is exact."""

    def sounds_at(self, frame: int) -> float | None:
        return None if self._began is None else self._began + (frame + _BLOCK) / FRAME_RATE

    def frame_at(self, moment: float) -> float | None:
        return None if self._began is None else (moment - self._began) * FRAME_RATE - _BLOCK


class _Repeat:
    """A thread that does one thing again and again until told to stop."""

    def __init__(self, act: Callable[[], None], *, every: float, name: str) -> None:
        self._act = act
        self._every = every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            self._act()


class _Copy:
    """The WAV file somebody listens to afterwards. A disk that is full ends the copy, not the sound."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: WavWriter | None = None

    def open(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = WavWriter(self._path)
        except OSError as fault:
            raise NoSpeaker(f"cannot write {self._path}: {fault.strerror or fault}") from fault

    def write(self, samples: Samples) -> None:
        if self._file is None:
            return
        try:
            self._file.write(samples)
            if self._file.frames >= _LONGEST_FILE:
                self._file.close()
                self._file = WavWriter(self._path)
        except OSError as fault:
            _logger.error("copy=%s stopped: %s", self._path, fault)
            self._file = None

    def close(self) -> None:
        if self._file is not None:
            try:
                self._file.close()
            except OSError as fault:
                _logger.error("copy=%s not closed: %s", self._path, fault)
            self._file = None


class WavSpeaker(PacedSpeaker):
    """Speaks into a WAV file: exactly what a card would have got, silences too, as it would have got it."""

    def __init__(self, path: Path) -> None:
        self._copy = _Copy(path)
        super().__init__(self._copy.write, name=f"wav {path.name}")
        self._pacer = _Repeat(self.keep_pace, every=_PACE, name="wav-pace")

    def start(self) -> None:
        self._copy.open()
        super().start()
        self._pacer.start()

    def stop(self) -> None:
        if self._began is not None:
            self._pacer.stop()
            super().stop()
            self._copy.close()


class Copied:
    """Any speaker, with a copy of what it took in a WAV file."""

    def __init__(self, speaker: Speaker, path: Path) -> None:
        self._speaker = speaker
        self._copy = _Copy(path)
        self._copied = 0
        self._copier = _Repeat(self._catch_up, every=_COPY_EVERY, name="wav-copy")
        self._running = False

    @property
    def name(self) -> str:
        return self._speaker.name

    @property
    def ring(self) -> Ring:
        return self._speaker.ring

    @property
    def ahead(self) -> int:
        return self._speaker.ahead

    @property
    def stand_in(self) -> bool:
        return self._speaker.stand_in

    @property
    def lost(self) -> str | None:
        return self._speaker.lost

    def refit(self) -> None:
        self._speaker.refit()

    def sounds_at(self, frame: int) -> float | None:
        return self._speaker.sounds_at(frame)

    def frame_at(self, moment: float) -> float | None:
        return self._speaker.frame_at(moment)

    def start(self) -> None:
        self._copy.open()
        self._speaker.start()
        self._copier.start()
        self._running = True

    def stop(self) -> None:
        if self._running:
            self._running = False
            self._speaker.stop()
            self._copier.stop()
            self._catch_up()
            self._copy.close()

    def _catch_up(self) -> None:
        """Copy what was taken since. The ring has it for two seconds; if the disk hangs longer, the copy is
        wrong there, and the sound is not."""
        taken = self.ring.taken
        while self._copied < taken:
            block = np.zeros(min(taken - self._copied, FRAME_RATE // 2), np.float32)
            self.ring.read(self._copied, block)
            self._copy.write(block)
            self._copied += len(block)
