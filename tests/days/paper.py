"""A player that sounds nothing and is exact to the frame: what `Player` does in a village, without samples.

It keeps the promises of `contract.py`, which the real player is held to as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.domain.air import frames_in
from broadcaster.domain.plan import length_of
from broadcaster.horn.passage import Passage
from broadcaster.horn.player import Heard

__all__ = ["PaperPlayer"]

_LOUD = -18.0
_WAITED = timedelta(milliseconds=20)
"""A passage that waited no longer for the end of the one before it is played whole."""


@dataclass(slots=True)
class _Run:
    """Sound without a break: `frames` of `passage` from `begin` on, if nothing cuts it."""

    passage: Passage
    first: int
    begin: datetime
    frames: int

    @property
    def end(self) -> datetime:
        whole = self.begin + length_of(self.frames)
        return whole if self.passage.until is None else min(whole, self.passage.until)

    def told(self, now: datetime) -> Heard:
        reached = min(self.end, now)
        whole = reached == self.begin + length_of(self.frames)
        frames = self.frames if whole else max(frames_in(reached - self.begin), 0)
        return Heard(
            passage=self.passage,
            first=self.first,
            begin=self.begin,
            length=length_of(frames),
            laid=frames,
            loudest=_LOUD if frames else None,
            done=self.end <= now,
            fault=None,
        )


class PaperPlayer:
    """Plays passages by `now`, which is set by hand. What was laid up to now stays; the rest may change."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._laid_until = now()
        self._upcoming: list[Passage] = []
        self._on_air: _Run | None = None
        self._runs: list[_Run] = []
        self._finished: list[Passage] = []
        self._all: list[_Run] = []

    def follow(self, passages: Sequence[Passage]) -> None:
        self._lay()
        wanted = [p for p in passages if not any(p.is_run_of(done) for done in self._finished)]
        if self._on_air is not None:
            self._go_on(self._on_air, wanted)
        on_air = self._on_air
        self._upcoming = [p for p in wanted if on_air is None or not p.is_run_of(on_air.passage)]

    def heard(self) -> tuple[Heard, ...]:
        self._lay()
        told = tuple(run.told(self._laid_until) for run in self._runs)
        self._runs = [run for run, heard in zip(self._runs, told, strict=True) if not heard.done]
        return told

    def sounded(self) -> tuple[Heard, ...]:
        """All that has sounded through it since its start, whether anybody was told or not."""
        self._lay()
        return tuple(run.told(self._laid_until) for run in self._all)

    def _go_on(self, on_air: _Run, wanted: Sequence[Passage]) -> None:
        """What is on the air goes on as it is wanted now, or ends here."""
        again = next((p for p in wanted if p.is_run_of(on_air.passage)), None)
        if again is not None:
            on_air.passage = again
        else:
            on_air.frames = frames_in(self._laid_until - on_air.begin)
            self._on_air = None

    def _lay(self) -> None:
        """Play what sounds up to now."""
        now, at = self._now(), self._laid_until
        while self._on_air is not None or self._upcoming:
            if self._on_air is None:
                passage = self._upcoming[0]
                if passage.begin >= now:
                    break
                del self._upcoming[0]
                self._begin(passage, at)
            elif self._on_air.end > now:
                break
            else:
                at = self._on_air.end
                self._finished.append(self._on_air.passage)
                self._on_air = None
        self._laid_until = now

    def _begin(self, passage: Passage, at: datetime) -> None:
        """Begin at its instant; if that is over, in the middle, or not at all when all of it is over."""
        start = max(passage.begin, at)
        late = start - passage.begin
        missed = 0 if late <= _WAITED else frames_in(late)
        in_time = all(limit is None or start < limit for limit in (passage.until, passage.expires))
        if missed < passage.frames and in_time:
            self._on_air = _Run(passage, len(self._all), start, passage.frames - missed)
            self._runs.append(self._on_air)
            self._all.append(self._on_air)
