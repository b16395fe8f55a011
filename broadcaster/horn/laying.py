"""What is laid next: passages begun on their frames, held in step, and ended.

For one thread at a time. It waits for nothing but a clip that nobody has opened ahead.

Laws of this file
1. A passage's first sample is put on the frame that sounds at its instant. If it is late, what should have
   sounded by then is left out, so that from there on it is in step with the other units.
2. Once begun, frames follow each other; the device's clock is compared with station time, and the clips are
   played so much faster or slower that they stay together (`pace`). A leap of either clock is leapt after.
3. Never two at once: a passage begins when the one before it is silent.
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

import numpy as np

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.course import Course
from broadcaster.horn.pace import Pace
from broadcaster.horn.passage import Passage
from broadcaster.horn.sounding import Account, Sounding
from broadcaster.horn.source import Opener, Source
from broadcaster.horn.speaker import Speaker
from broadcaster.sound.codec import Samples

__all__ = ["Laying", "StationClock", "Waiting"]

_BLOCK = FRAME_RATE // 50
"""Frames laid at a time."""
_WAITED = FRAME_RATE // 50
"""A passage that waited for the last frames of the one before it is played whole."""
_SPAN = 20
"""Seconds."""
_LEAP = 0.025
"""Seconds beyond which a passage breaks off and begins again where it should be: to be mended unheard it
would take minutes, and from 30 ms on two horns are heard as two."""

Waiting = tuple[Passage, Source]
"""A passage that is to sound, and where its frames come from."""


class StationClock(Protocol):
    """Station time and this machine's monotonic seconds, each from the other."""

    def monotonic(self) -> float: ...

    def instant_at(self, monotonic: float) -> datetime: ...

    def monotonic_at(self, instant: datetime) -> float: ...


class Laying:
    """Lays passages into the ring of `speaker`; `course` is what was laid."""

    def __init__(self, speaker: Speaker, clock: StationClock, opener: Opener) -> None:
        self._speaker = speaker
        self._clock = clock
        self._opener = opener
        self.on_air: Sounding | None = None
        self.upcoming: deque[Waiting] = deque()
        self.course = Course(speaker, self._frame_of)
        self._ended_at = -1
        self._broke_off: tuple[Passage, float] | None = None
        self._pace = Pace()

    @property
    def ratio(self) -> float:
        """Frames of the clips that are played for one frame of the card, by now."""
        return self._pace.ratio

    def is_known(self, passage: Passage) -> bool:
        """Whether it was laid, or is about to be."""
        return self.course.has_begun(passage) or any(passage.is_run_of(one) for one, _ in self.upcoming)

    def shift(self, shift: timedelta) -> None:
        """The clock was set by `shift`; what sounds stays where it is."""
        self.course.shift(shift)
        self.upcoming = deque((passage.moved(shift), source) for passage, source in self.upcoming)

    def follow(self, passages: Sequence[Passage], opened: Sequence[Waiting]) -> list[Source]:
        """Lay these, in this order, from now on, instead of all that has not sounded. `opened`: what is new
        of them. Gives what is not needed any more, to be closed.

        A run of sound that is on the air and among them goes on; one that is not is faded out.
        """
        waiting = [*self.upcoming, *opened, *self._taken_back(passages)]
        wanted = [p for p in passages if not self.course.has_finished(p)]
        if self.on_air is not None:
            wanted = self._continued(self.on_air, wanted)
        self.upcoming = deque((p, self._source(p, waiting)) for p in wanted)
        kept = {id(source) for _, source in self.upcoming}
        return [source for _, source in waiting if id(source) not in kept]

    def _taken_back(self, passages: Sequence[Passage]) -> list[Waiting]:
        """Take back what was laid and is not to sound; what of it may have to be begun again."""
        gone = self.course.take_back(passages)
        if gone:
            self._ended_at = gone[0].account.end
        if self.on_air is not None and self.on_air in gone:
            self.on_air = None
        return [(run.passage, run.source) for run in gone if run.account.frames == 0 and run.source.is_open]

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

    def _source(self, passage: Passage, waiting: list[Waiting]) -> Source:
        for known, source in waiting:
            if known.is_run_of(passage):
                return source
        return Source(passage.clips, passage.skip, self._opener)

    def lay(self) -> None:
        """Lay one more block."""
        ring = self._speaker.ring
        first, block = ring.head, np.zeros(_BLOCK, np.float32)
        at = 0
        while at < len(block):
            if self.on_air is None:
                start = self._next_start(first + at, first + len(block))
                if start is None:
                    break
                at = start - first
                self._begin(start)
            else:
                at += self._continue(self.on_air, first + at, block[at:])
        ring.lay(first, block)

    def _next_start(self, first: int, limit: int) -> int | None:
        """The frame on which the next passage begins, if before `limit`; missed passages are left out."""
        while self.upcoming:
            passage, source = self.upcoming[0]
            due = self._frame_of(passage.begin)
            if due is None or due >= limit:
                return None
            if self.course.over(passage, due) > first:
                return max(due, first)
            self.upcoming.popleft()
            source.close()
        return None

    def _begin(self, start: int) -> None:
        passage, source = self.upcoming.popleft()
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
        self.on_air = Sounding(passage, source, account, missed=self._missed(passage, source))
        self.course.begin(self.on_air)
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
        if on_air.account.end != first:  # it ran dry meanwhile
            on_air.again = True
            on_air.close()
        else:
            self._keep_time(on_air, first, len(into))
            filled = on_air.fill(first, into)
        if on_air.ended:
            self._ended(on_air, first + filled)
        return filled

    def _ended(self, on_air: Sounding, at: int) -> None:
        self.on_air = None
        self._ended_at = at
        passage = on_air.passage
        if on_air.again and on_air.account.fault is None:
            self.upcoming.appendleft((passage, on_air.source))
            self._broke_off = passage, on_air.position
            self._ended_at = -1
        elif not on_air.unwanted:
            self.course.finish(passage)

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

    def _frame_of(self, moment: datetime) -> int | None:
        """The frame that sounds at `moment`; None while that is unknown."""
        frame = self._speaker.frame_at(self._clock.monotonic_at(moment))
        return None if frame is None else round(frame)
