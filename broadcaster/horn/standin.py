"""When the wanted device does not sound: another one that does, said loudly, until the wanted one is back.

Laws
1. A unit that can sound sounds: a device that is gone, renamed, held by somebody else or dead is passed over,
   and never becomes a process that starts again and again in silence.
2. It says so, in its name and in its words: a stand-in may be a socket nobody is plugged into.
3. When the wanted device opens and runs again, this speaker is lost: the process ends, is started again, and
   joins what is on air. That costs three seconds of a horn that was perhaps not heard at all. Only a new
   process sees new devices, so a child looks: soon at first, then once a minute.
"""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, repeat

from broadcaster.horn.ring import Ring
from broadcaster.horn.speaker import DEAD_DEVICE, NoSpeaker, PacedSpeaker, Speaker

__all__ = ["OrStandIn", "answering", "is_back"]

_LOOKS = (3.0, 6.0, 12.0, 24.0)
_LOOK_EVERY = 60.0
_LOOKING = 20.0
_ANSWERS = 20.0
"""Seconds for which a sound system that hangs may hold up the start."""

_logger = logging.getLogger(__name__)


class OrStandIn:
    """Speaks through `wanted`, or else through the first of `others` that starts.

    `way` makes the speaker of a name, and raises NoSpeaker; `is_back` says whether the wanted one would sound
    now, asked after each of the seconds in `looks`.
    """

    def __init__(
        self,
        wanted: str,
        others: Sequence[str],
        *,
        way: Callable[[str], Speaker],
        is_back: Callable[[str], bool],
        looks: Iterable[float] | None = None,
    ) -> None:
        self._wanted = wanted
        self._others = others
        self._way = way
        self._is_back = is_back
        self._looks = chain(_LOOKS, repeat(_LOOK_EVERY)) if looks is None else iter(looks)
        self._speaker: Speaker = PacedSpeaker(lambda _: None, name=wanted)  # until it is started
        self._standing_in = False
        self._back: str | None = None
        self._stop = threading.Event()

    @property
    def name(self) -> str:
        standing_in = f" (stand-in for {self._wanted})" if self._standing_in else ""
        return self._speaker.name + standing_in

    @property
    def ring(self) -> Ring:
        return self._speaker.ring

    @property
    def ahead(self) -> int:
        return self._speaker.ahead

    @property
    def stand_in(self) -> bool:
        return self._standing_in

    @property
    def lost(self) -> str | None:
        return self._speaker.lost or self._back

    def start(self) -> None:
        with answering():
            self._start_first_that_sounds()
        if self._standing_in:
            threading.Thread(target=self._look, name="stand-in", daemon=True).start()

    def stop(self) -> None:
        self._stop.set()
        self._speaker.stop()

    def refit(self) -> None:
        self._speaker.refit()

    def sounds_at(self, frame: int) -> float | None:
        return self._speaker.sounds_at(frame)

    def frame_at(self, moment: float) -> float | None:
        return self._speaker.frame_at(moment)

    def _start_first_that_sounds(self) -> None:
        faults: list[NoSpeaker] = []
        for name in dict.fromkeys((self._wanted, *self._others)):
            try:
                speaker = self._way(name)
                speaker.start()
            except NoSpeaker as fault:
                faults.append(fault)
                continue
            self._speaker, self._standing_in = speaker, bool(faults)
            if faults:
                _logger.error("speaking through %r in place of %r: %s", name, self._wanted, faults[0])
            return
        more = "; nothing else here sounds either" if len(faults) > 1 else ""
        raise NoSpeaker(f"{faults[0]}{more}") from faults[0]

    def _look(self) -> None:
        for seconds in self._looks:
            if self._stop.wait(seconds):
                return
            if self._is_back(self._wanted):
                self._back = f"the sound device {self._wanted!r} is back"
                return


def is_back(wanted: str) -> bool:
    """Whether a process started now would find the device, open it and see it run."""
    look = "import sys; from broadcaster.horn.soundcard import sounds; sys.exit(not sounds(sys.argv[1]))"
    try:
        looked = subprocess.run(
            [sys.executable, "-c", look, wanted],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_LOOKING,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as fault:
        _logger.warning("speaker=%s cannot be looked for: %s", wanted, fault)
        return False
    return looked.returncode == 0


@contextmanager
def answering() -> Iterator[None]:
    """What is done within, the sound system has to answer; if it hangs, the process ends on the spot."""
    giving_up = threading.Timer(_ANSWERS, _give_up)
    giving_up.daemon = True
    giving_up.start()
    try:
        yield
    finally:
        giving_up.cancel()


def _give_up() -> None:
    _logger.critical("the sound system has not answered for %g s; ending, to be started again", _ANSWERS)
    logging.shutdown()
    os._exit(DEAD_DEVICE)
