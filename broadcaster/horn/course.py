"""What was laid: the runs of sound on their way to the horn, the accounts of them, and how to take them back.

Laws of this file
1. What is changed of what was laid is changed in the account of it as well.
2. A passage that was begun and has not sounded may be begun again elsewhere, as if nothing had been.
"""

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np

from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.level import Meter
from broadcaster.horn.passage import Passage
from broadcaster.horn.ring import Ring
from broadcaster.horn.sounding import Account, Sounding
from broadcaster.horn.speaker import Speaker
from broadcaster.horn.takingback import Back, Newcomer, Run, back
from broadcaster.sound.codec import Samples

__all__ = ["SAFE", "Course"]

SAFE = FRAME_RATE // 200
"""Frames (5 ms) before those that may be taken back: the device may take them meanwhile."""
_TRIES = 4
"""How often the device may come first."""
_REMEMBERED = 8
"""Passages that are over and may still be asked for: whoever decides drops one a second after its end."""


class Course:
    """What was laid in the ring of `speaker`, which may be another one from its start on.

    `frame_of`: the frame that sounds at an instant, None while that is unknown. `accounts`: of every run
    that was begun, until somebody drops it; `meter`: of all that the device took.
    """

    def __init__(self, speaker: Speaker, frame_of: Callable[[datetime], int | None]) -> None:
        self._speaker = speaker
        self._frame_of = frame_of
        self._runs: deque[Sounding] = deque()
        """Those of which the device may not have taken all, in their order."""
        self._finished: deque[Passage] = deque(maxlen=_REMEMBERED)
        self.accounts: deque[Account] = deque()
        self.meter = Meter()

    @property
    def _ring(self) -> Ring:
        return self._speaker.ring

    def begin(self, run: Sounding) -> None:
        """It is laid from now on."""
        taken = self._ring.taken
        while self._runs and self._runs[0].ended and self._runs[0].account.end <= taken:
            self._runs.popleft()
        self._runs.append(run)
        self.accounts.append(run.account)

    def finish(self, passage: Passage) -> None:
        """All of it is laid, or as much as was to sound."""
        self._finished.append(passage)

    def has_finished(self, passage: Passage) -> bool:
        return any(passage.is_run_of(one) for one in self._finished)

    def has_begun(self, passage: Passage) -> bool:
        """Whether some of it was laid of late, or all of it."""
        return self.has_finished(passage) or any(passage.is_run_of(run.passage) for run in self._runs)

    def over(self, passage: Passage, due: int) -> int:
        """The frame from which on there is nothing of it to begin with, if it should begin on frame `due`."""
        over = due + passage.frames
        for moment in (passage.until, passage.expires):
            over = over if moment is None else min(over, self._frame_of(moment) or over)
        return over

    def shift(self, shift: timedelta) -> None:
        """The clock was set by `shift`; what sounds stays where it is."""
        for run in self._runs:
            run.become(run.passage.moved(shift))
        self._finished = deque((p.moved(shift) for p in self._finished), maxlen=_REMEMBERED)
        for account in self.accounts:
            account.passage = account.passage.moved(shift)
            account.begin += shift

    def listen(self) -> None:
        """Take the level of what the device has taken; to be done once a second at least."""
        for account in self.accounts:
            account.listen(self._ring, self.meter)

    def take_back(self, passages: Sequence[Passage]) -> tuple[Sounding, ...]:
        """Take back what is not to sound any more, now that `passages` are to; the runs that are over by it.

        A device that keeps coming first has the old ones: what is on air is then faded out behind all of it.
        """
        for _ in range(_TRIES):
            since = self._ring.taken + SAFE
            runs = [run for run in self._runs if run.account.end > since]
            found = back(
                [self._run(run, passages) for run in runs],
                self._newcomers(passages, since),
                since=since,
                head=self._ring.head,
            )
            if found is None:
                break
            if self._ring.instead(found.laid if found.fade is None else found.fade[0], self._faded(found)):
                return self._without(runs, found, passages)
        self._agree(passages)
        return ()

    def _run(self, run: Sounding, passages: Sequence[Passage]) -> Run:
        place, cut = _place(run.passage, passages), None
        until = None if place is None else passages[place].until
        if until is not None and until != run.passage.until:
            cut = self._frame_of(until)
        return Run(run.account.first, run.account.end, place, cut)

    def _newcomers(self, passages: Sequence[Passage], since: int) -> list[Newcomer]:
        """What of them was not begun, and still can be."""
        newcomers = []
        for place, passage in enumerate(passages):
            due = self._frame_of(passage.begin)
            if due is not None and not self.has_begun(passage) and self.over(passage, due) > max(due, since):
                newcomers.append(Newcomer(place, due))
        return newcomers

    def _faded(self, found: Back) -> Samples:
        """What sounds in place of what was laid."""
        if found.fade is None:
            return np.zeros(0, np.float32)
        first, end = found.fade
        faded = np.empty(end - first, np.float32)
        self._ring.ahead(first, faded)
        return faded * np.linspace(1, 0, len(faded), dtype=np.float32)

    def _without(
        self, runs: list[Sounding], found: Back, passages: Sequence[Passage]
    ) -> tuple[Sounding, ...]:
        """The ring has lost what `found` says: so do the accounts."""
        gone = runs[found.whole :]
        for run in gone:
            place = _place(run.passage, passages)
            run.unwanted = place is None
            cut = found.fade is not None and run is gone[0]
            run.take_back(found.laid if cut else run.account.first)
            if place is not None and cut and not self.has_finished(run.passage):
                self.finish(passages[place])
            elif not cut:
                self._forget(run)
        self._agree(passages)
        return tuple(gone)

    def _forget(self, run: Sounding) -> None:
        """It was never begun."""
        self._runs.remove(run)
        kept = [passage for passage in self._finished if not passage.is_run_of(run.passage)]
        self._finished = deque(kept, maxlen=_REMEMBERED)

    def _agree(self, passages: Sequence[Passage]) -> None:
        """Runs end as they are wanted to by now."""
        for run in self._runs:
            place = _place(run.passage, passages)
            if place is not None:
                run.become(passages[place])


def _place(known: Passage, passages: Sequence[Passage]) -> int | None:
    """Where that run of sound stands in what is to sound."""
    return next((place for place, passage in enumerate(passages) if passage.is_run_of(known)), None)
