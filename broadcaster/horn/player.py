"""The player: keeps the ring as full as the speaker wants it of what the timeline says sounds then.

Laws of this file
1. The timeline is a list of passages; whoever decides may replace all of it at any time, but for what the
   device has taken already. What is on the air and is not wanted any more is silent within 50 ms.
2. What is told (`heard`) is what was laid and what of it the device has sounded, not what was planned.
3. Clips are opened ahead, by other threads than the feeder's (`prepare`, `follow`).
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.domain.names import ClipId, CueId
from broadcaster.domain.plan import FRAME_RATE, length_of
from broadcaster.horn.heads import Heads
from broadcaster.horn.laying import Laying, StationClock, Waiting
from broadcaster.horn.passage import Passage
from broadcaster.horn.reach import Reach
from broadcaster.horn.sounding import Account
from broadcaster.horn.source import Opener, Source
from broadcaster.horn.speaker import Speaker
from broadcaster.horn.takingback import QUICK
from broadcaster.sound.codec import BadSound

__all__ = ["Heard", "Player", "StationClock"]

_EVERY = 0.02
"""Seconds between two looks at the ring, of which the shortest holds four times as much."""
_REFIT_EVERY = 12
"""Blocks: a quarter of a second, as the sample clock wants it."""
_DECIDING = FRAME_RATE // 50
"""Frames the device may go on while a decision is being made and handed over: 20 ms, of which a PC needs 1 to
5 and `course.SAFE` another 5."""
_UNSETTLED = 0.4
"""Seconds ahead of which nothing is decided while nobody knows yet when frames sound."""
_PREPARE = 5 * FRAME_RATE
"""Frames for which clips are opened ahead."""
_AT_ONCE = FRAME_RATE // 2
"""Frames: what is due within them is opened by whoever says that it is to sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A run of sound without a break, as far as the device has sounded it.

    `first`: the number of its first frame, its name; `begin`: station time of that frame. `laid` counts also
    what is still on its way to the horn. `done`: nothing more comes and the device has drained. `fault`: what
    ended it, if a clip could not be read; told when the device has taken all before it.
    """

    passage: Passage
    first: int
    begin: datetime
    length: timedelta
    laid: int
    loudest: float | None
    done: bool
    fault: Exception | None

    @property
    def cue(self) -> CueId:
        return self.passage.cue


class Player:
    """Plays passages through `speaker` at their instants by `clock`; `opener` opens clips by name."""

    def __init__(self, speaker: Speaker, clock: StationClock, opener: Opener) -> None:
        self._speaker = speaker
        self._clock = clock
        self._opener = Heads(opener)
        self._lock = threading.Lock()
        self._laying = Laying(speaker, clock, self._opener)
        self._reach = Reach()
        self._blocks = 0
        self._stop = threading.Event()
        self._feeder = threading.Thread(target=self._run, name="feeder", daemon=True)

    def start(self) -> None:
        """Feed the ring from a thread of its own until `stop`."""
        self._feeder.start()

    def stop(self) -> None:
        self._stop.set()
        if self._feeder.is_alive():
            self._feeder.join()

    def shifted(self, shift: timedelta, set_clock: Callable[[], None]) -> None:
        """Have the clock set, which moves station time by `shift`, and leave what sounds where it is."""
        with self._lock:
            set_clock()
            self._laying.shift(shift)

    @property
    def ratio(self) -> float:
        """Frames of the clips that are played for one frame of the card, by now."""
        return self._laying.ratio

    @property
    def through(self) -> str:
        """What it speaks through, and what is wrong with it, for people."""
        return self._speaker.name

    @property
    def alive(self) -> bool:
        """Whether the feeder runs; when it does not, only silence comes out of the horn."""
        return self._feeder.is_alive()

    @property
    def lead(self) -> timedelta | None:
        """From a decision to the first sample of it under the horn, at most as far as the last seconds tell;
        None while nobody knows yet when frames sound."""
        if self._speaker.frame_at(self._clock.monotonic()) is None:
            return None
        return length_of(self._reach.most + _DECIDING + QUICK)

    def follow(self, passages: Sequence[Passage]) -> None:
        """Play these, in this order, from now on, instead of all that the device has not taken yet.

        A run of sound that is on the air and in `passages` goes on; one that is not is faded out.
        """
        opened = self._opened(passages)
        ring = self._speaker.ring
        with self._lock:
            laid = ring.laid
            unneeded = self._laying.follow(passages, opened)
            while ring.laid < laid and self._lacks():  # what was taken back leaves a hole
                self._lay()
        for source in unneeded:
            source.close()

    def _opened(self, passages: Sequence[Passage]) -> list[Waiting]:
        """Those that are new, each with its source.

        Due before `prepare` comes by, its clips are opened here and now: otherwise the feeder had to,
        who may not wait; a long clip takes longer than the ring lasts.
        """
        with self._lock:
            new = [passage for passage in passages if not self._laying.is_known(passage)]
        sources = [(passage, Source(passage.clips, passage.skip, self._opener)) for passage in new]
        self._open(sources, _AT_ONCE)
        return sources

    def ready(self, clips: Iterable[ClipId]) -> None:
        """Keep the beginnings of these clips in memory, of no others, and open them without a wait.

        Reads one of those that are missing; call it again for the next. From any thread but the feeder's.
        """
        self._opener.ready(clips)

    def prepare(self) -> None:
        """Open the clips that will be needed within seconds; from any thread but the feeder's.

        A clip that cannot be opened is found again, and told of, when it is due.
        """
        with self._lock:
            on_air, upcoming = self._laying.on_air, list(self._laying.upcoming)
        if on_air is not None:
            with suppress(BadSound, OSError):
                on_air.prepare(_PREPARE)
        self._open(upcoming, _PREPARE)
        self._opener.prepare()

    def _open(self, upcoming: Sequence[Waiting], ahead: int) -> None:
        """Open the clips of those that are due within `ahead` frames, where they will be played from."""
        front = self._clock.instant_at(self._front())
        for passage, source in upcoming:
            gone = round((front - passage.begin).total_seconds() * FRAME_RATE)
            if -ahead <= gone < passage.frames:
                with suppress(BadSound, OSError):
                    source.prepare(_PREPARE, leaving_out=max(gone, 0))

    def front(self) -> float:
        """The monotonic second from which on it can still be decided what sounds."""
        return self._front()

    def _front(self) -> float:
        """The same without an amplifier."""
        now = self._clock.monotonic()
        sounds = self._speaker.frame_at(now)
        if sounds is None:
            return now + _UNSETTLED
        taken = max(sounds + self._reach.most, self._speaker.ring.taken)
        fade = QUICK if self._laying.on_air is not None else 0
        front = self._speaker.sounds_at(round(taken) + _DECIDING + fade)
        return now + _UNSETTLED if front is None else front

    def heard(self) -> tuple[Heard, ...]:
        """Every run of sound since the last time; one that is done is told of for the last time."""
        now = self._speaker.frame_at(self._clock.monotonic())
        with self._lock:
            course = self._laying.course
            course.listen()
            told = tuple(self._told(account, now) for account in course.accounts)
            left = zip(course.accounts, told, strict=True)
            course.accounts = deque(account for account, run in left if not run.done)
        return told

    def level_since(self) -> float | None:
        """RMS of the loudest second taken since this was asked last, in dBFS; None when nothing was."""
        with self._lock:
            self._laying.course.listen()
            return self._laying.course.meter.since()

    def feed(self) -> None:
        """Lay what the ring lacks. The thread's one step; tests call it themselves."""
        while self._lacks():
            if self._blocks % _REFIT_EVERY == 0:
                self._speaker.refit()
            with self._lock:
                self._lay()
        now = self._clock.monotonic()
        sounds = self._speaker.frame_at(now)
        if sounds is not None:
            self._reach.note(self._speaker.ring.taken - sounds, now)

    def _lacks(self) -> bool:
        ring = self._speaker.ring
        return ring.head - ring.taken < self._speaker.ahead

    def _lay(self) -> None:
        self._blocks += 1
        self._laying.lay()
        self._laying.course.listen()

    def _run(self) -> None:
        while not self._stop.wait(_EVERY):
            self.feed()

    def _told(self, account: Account, now: float | None) -> Heard:
        taken = self._speaker.ring.taken
        all_taken = taken >= account.end
        reached = taken if now is None else int(now)
        sounded = min(max(reached - account.first, 0), account.frames)
        return Heard(
            passage=account.passage,
            first=account.first,
            begin=account.begin,
            length=length_of(sounded),
            laid=account.frames,
            loudest=account.loudest,
            done=account.done and all_taken and now is not None and sounded == account.frames,
            fault=account.fault if all_taken else None,
        )
