"""The feeder: keeps the ring as full as the speaker wants it of what the timeline says sounds then.

Laws of this file
1. The timeline is a list of passages; whoever decides may replace all of it that is not laid yet, at any
   time. What is laid stays, so little is laid ahead.
2. A passage's first sample is put on the frame that sounds at its instant. If it is late, what should have
   sounded by then is left out, so that from there on it is in step with the other units.
3. Once begun, frames follow each other; the device's clock is compared with station time, and the clips are
   played so much faster or slower that they stay together (`pace`). A leap of either clock is leapt after.
4. Never two at once: a passage begins when the one before it is silent.
5. What is told (`heard`) is what was laid and what of it the device has sounded, not what was planned.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np

from broadcaster.domain.names import CueId
from broadcaster.domain.plan import FRAME_RATE, length_of
from broadcaster.horn.fading import FADE
from broadcaster.horn.level import Meter
from broadcaster.horn.pace import Pace
from broadcaster.horn.passage import Passage
from broadcaster.horn.sounding import Account, Sounding
from broadcaster.horn.source import Opener, Source
from broadcaster.horn.speaker import Speaker
from broadcaster.sound.codec import BadSound, Samples

__all__ = ["Heard", "Player", "StationClock"]

_BLOCK = FRAME_RATE // 50
"""Frames laid at a time."""
_EVERY = 0.02
"""Seconds between two looks at the ring, of which the shortest holds four times as much."""
_REFIT_EVERY = 12
"""Blocks: a quarter of a second, as the sample clock wants it."""
_DECIDING = FRAME_RATE // 20
"""Frames the ring may go on while a decision is being made and handed over."""
_UNSETTLED = 0.4
"""Seconds ahead of which nothing is decided while nobody knows yet when frames sound."""
_PREPARE = 5 * FRAME_RATE
"""Frames for which clips are opened ahead."""
_AT_ONCE = FRAME_RATE // 2
"""Frames: what is due within them is opened by whoever says that it is to sound."""
_REMEMBERED = 8
"""Passages that are over and may still be asked for: whoever decides drops one a second after its end."""
_WAITED = FRAME_RATE // 50
"""A passage that waited for the last frames of the one before it is played whole."""
_SPAN = 20
"""Seconds."""
_LEAP = 0.025
"""Seconds beyond which a passage breaks off and begins again where it should be: to be mended unheard it
would take minutes, and from 30 ms on two horns are heard as two."""


class StationClock(Protocol):
    """Station time and this machine's monotonic seconds, each from the other."""

    def monotonic(self) -> float: ...

    def instant_at(self, monotonic: float) -> datetime: ...

    def monotonic_at(self, instant: datetime) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A run of sound without a break, as far as the device has sounded it.

    `first`: the number of its first frame, its name; `begin`: station time of that frame. `laid` counts also
    what is still on its way to the horn. `done`: nothing more comes and the device has drained. `fault`: what
    ended it, if a clip could not be read.
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
        self._opener = opener
        self._lock = threading.Lock()
        self._on_air: Sounding | None = None
        self._upcoming: deque[tuple[Passage, Source]] = deque()
        self._finished: deque[Passage] = deque(maxlen=_REMEMBERED)
        self._accounts: deque[Account] = deque()
        self._ended_at = -1
        self._broke_off: tuple[Passage, float] | None = None
        self._pace = Pace()
        self._meter = Meter()
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
            if self._on_air is not None:
                self._on_air.become(self._on_air.passage.moved(shift))
            self._upcoming = deque((passage.moved(shift), source) for passage, source in self._upcoming)
            self._finished = deque((p.moved(shift) for p in self._finished), maxlen=_REMEMBERED)
            for account in self._accounts:
                account.passage = account.passage.moved(shift)
                account.begin += shift

    @property
    def ratio(self) -> float:
        """Frames of the clips that are played for one frame of the card, by now."""
        return self._pace.ratio

    @property
    def through(self) -> str:
        """What it speaks through, and what is wrong with it, for people."""
        return self._speaker.name

    @property
    def alive(self) -> bool:
        """Whether the feeder runs; when it does not, only silence comes out of the horn."""
        return self._feeder.is_alive()

    def follow(self, passages: Sequence[Passage]) -> None:
        """Play these, in this order, from now on, instead of all that was not laid yet.

        A run of sound that is on the air and in `passages` goes on; one that is not is faded out.
        """
        opened = self._opened(passages)
        with self._lock:
            waiting = [*self._upcoming, *opened]
            wanted = [p for p in passages if not any(p.is_run_of(done) for done in self._finished)]
            if self._on_air is not None:
                wanted = self._continued(self._on_air, wanted)
            self._upcoming = deque((p, self._source(p, waiting)) for p in wanted)
            kept = {id(source) for _, source in self._upcoming}
        for _, source in waiting:
            if id(source) not in kept:
                source.close()

    def _opened(self, passages: Sequence[Passage]) -> list[tuple[Passage, Source]]:
        """Those that are new, each with its source.

        Due before `prepare` comes by, its clips are opened here and now: otherwise the feeder had to,
        who may not wait; a long clip takes longer than the ring lasts.
        """
        with self._lock:
            known = [*self._finished, *(passage for passage, _ in self._upcoming)]
            known += [] if self._on_air is None else [self._on_air.passage]
        new = [p for p in passages if not any(p.is_run_of(one) for one in known)]
        sources = [(passage, Source(passage.clips, passage.skip, self._opener)) for passage in new]
        self._open(sources, _AT_ONCE)
        return sources

    def prepare(self) -> None:
        """Open the clips that will be needed within seconds; from any thread but the feeder's.

        A clip that cannot be opened is found again, and told of, when it is due.
        """
        with self._lock:
            on_air, upcoming = self._on_air, list(self._upcoming)
        if on_air is not None:
            with suppress(BadSound, OSError):
                on_air.prepare(_PREPARE)
        self._open(upcoming, _PREPARE)

    def _open(self, upcoming: Sequence[tuple[Passage, Source]], ahead: int) -> None:
        """Open the clips of those that are due within `ahead` frames, where they will be played from."""
        front = self._clock.instant_at(self.front())
        for passage, source in upcoming:
            gone = round((front - passage.begin).total_seconds() * FRAME_RATE)
            if -ahead <= gone < passage.frames:
                with suppress(BadSound, OSError):
                    source.prepare(_PREPARE, leaving_out=max(gone, 0))

    def front(self) -> float:
        """The monotonic second from which on it can still be decided what sounds."""
        fade = FADE if self._on_air is not None else 0
        sounds = self._speaker.sounds_at(self._speaker.ring.head + fade + _DECIDING)
        return self._clock.monotonic() + _UNSETTLED if sounds is None else sounds

    def heard(self) -> tuple[Heard, ...]:
        """Every run of sound since the last time; one that is done is told of for the last time."""
        with self._lock:
            accounts = list(self._accounts)
        now = self._speaker.frame_at(self._clock.monotonic())
        told = tuple(self._told(account, now) for account in accounts)
        done = {id(account) for account, run in zip(accounts, told, strict=True) if run.done}
        with self._lock:
            self._accounts = deque(a for a in self._accounts if id(a) not in done)
        return told

    def level_since(self) -> float | None:
        """RMS of the loudest second laid since this was asked last, in dBFS; None when nothing was laid."""
        with self._lock:
            return self._meter.since()

    def feed(self) -> None:
        """Lay what the ring lacks. The thread's one step; tests call it themselves."""
        ring = self._speaker.ring
        while (first := ring.head) - ring.taken < self._speaker.ahead:
            if self._blocks % _REFIT_EVERY == 0:
                self._speaker.refit()
            self._blocks += 1
            block = np.zeros(_BLOCK, np.float32)
            with self._lock:
                self._fill(first, block)
            ring.lay(first, block)

    def _run(self) -> None:
        while not self._stop.wait(_EVERY):
            self.feed()

    def _fill(self, first: int, block: Samples) -> None:
        at = 0
        while at < len(block):
            if self._on_air is None:
                start = self._next_start(first + at, first + len(block))
                if start is None:
                    return
                at = start - first
                self._begin(start)
            else:
                at += self._continue(self._on_air, first + at, block[at:])

    def _next_start(self, first: int, limit: int) -> int | None:
        """The frame on which the next passage begins, if before `limit`; missed passages are left out."""
        while self._upcoming:
            passage, source = self._upcoming[0]
            due = self._frame_of(passage.begin)
            if due is None or due >= limit:
                return None
            over = due + passage.frames
            if passage.until is not None:
                over = min(over, self._frame_of(passage.until) or over)
            if passage.expires is not None:
                over = min(over, self._frame_of(passage.expires) or over)
            if over > first:
                return max(due, first)
            self._upcoming.popleft()
            source.close()
        return None

    def _begin(self, start: int) -> None:
        passage, source = self._upcoming.popleft()
        due = self._frame_of(passage.begin)
        began = self._speaker.sounds_at(start)
        assert due is not None
        assert began is not None
        late = start - due
        if late <= _WAITED and start == self._ended_at:
            late = 0
        if source.position != passage.skip + late:
            source.go_on(passage.skip + late)
        account = Account(passage, start, self._clock.instant_at(began))
        self._accounts.append(account)
        self._on_air = Sounding(passage, source, account, missed=self._missed(passage, source))
        self._pace.begin(self._slow(start, began))

    def _missed(self, passage: Passage, source: Source) -> float:
        """How many frames of what begins now nobody was given: since it broke off, or of its clip."""
        broke_off, self._broke_off = self._broke_off, None
        if broke_off is not None and passage.is_run_of(broke_off[0]):
            return abs(source.position - broke_off[1])
        return source.within

    def _continue(self, on_air: Sounding, first: int, into: Samples) -> int:
        """Lay what `on_air` has for the frames from `first` on; how many it had."""
        filled = 0
        if on_air.account.first + on_air.account.frames != first:  # it ran dry meanwhile
            on_air.again = True
            on_air.close()
        else:
            self._keep_time(on_air, first, len(into))
            filled = on_air.fill(first, into)
            self._meter.add(into[:filled])
        if on_air.ended:
            self._over(on_air, first + filled)
        return filled

    def _over(self, on_air: Sounding, at: int) -> None:
        self._on_air = None
        self._ended_at = at
        passage = on_air.passage
        if on_air.again and on_air.account.fault is None:
            self._upcoming.appendleft((passage, on_air.source))
            self._broke_off = passage, on_air.position
            self._ended_at = -1
        elif not on_air.unwanted:
            self._finished.append(passage)

    def _keep_time(self, on_air: Sounding, first: int, frames: int) -> None:
        """End it when it must end, and hold it in step till then."""
        if on_air.unwanted or on_air.again:
            on_air.cut(first)
            return
        passage = on_air.passage
        on_air.cut(None if passage.until is None else self._frame_of(passage.until))
        sounds = self._speaker.sounds_at(first)
        if sounds is not None:
            gone = (self._clock.instant_at(sounds) - passage.begin).total_seconds()
            behind = gone - (on_air.position - passage.skip) / FRAME_RATE
            on_air.again = abs(behind) > _LEAP
            on_air.ratio = self._pace.follow(behind, self._slow(first, sounds), frames / FRAME_RATE)

    def _slow(self, first: int, sounds: float) -> float:
        """Seconds of station time by which the card is known to take longer than one for a second of frames.

        Looked at over a span, for instants are rounded to microseconds.
        """
        later = self._speaker.sounds_at(first + _SPAN * FRAME_RATE)
        if later is None:
            return 0.0
        length = self._clock.instant_at(later) - self._clock.instant_at(sounds)
        return length.total_seconds() / _SPAN - 1.0

    def _continued(self, on_air: Sounding, wanted: list[Passage]) -> list[Passage]:
        """What is wanted after what is on the air, which goes on if it is wanted too."""
        for number, passage in enumerate(wanted):
            if passage.is_run_of(on_air.passage):
                on_air.become(passage)
                on_air.unwanted = False
                return wanted[:number] + wanted[number + 1 :]
        on_air.unwanted = True
        on_air.again = False
        return wanted

    def _source(self, passage: Passage, waiting: list[tuple[Passage, Source]]) -> Source:
        for known, source in waiting:
            if known.is_run_of(passage):
                return source
        return Source(passage.clips, passage.skip, self._opener)

    def _frame_of(self, moment: datetime) -> int | None:
        frame = self._speaker.frame_at(self._clock.monotonic_at(moment))
        return None if frame is None else round(frame)

    def _told(self, account: Account, now: float | None) -> Heard:
        reached = self._speaker.ring.taken if now is None else int(now)
        sounded = min(max(reached - account.first, 0), account.frames)
        return Heard(
            passage=account.passage,
            first=account.first,
            begin=account.begin,
            length=length_of(sounded),
            laid=account.frames,
            loudest=account.loudest,
            done=account.done and now is not None and sounded == account.frames,
            fault=account.fault,
        )
