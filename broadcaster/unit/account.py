"""The account of one cue on one unit: what has sounded of it, and the entry that comes of that.

Law: only what the player tells counts, frames that were laid and sounded; nothing is taken from the plan but
what was asked for.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from broadcaster.domain.asrun import AsRunEntry, Stretch, outcome_of
from broadcaster.domain.health import SILENT_BELOW
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import UnitId
from broadcaster.domain.plan import FRAME_RATE, PlannedCue
from broadcaster.domain.playout import Close
from broadcaster.horn.player import Heard

__all__ = ["CueAccount"]

_JUDGED = timedelta(seconds=1)
"""Less sound than this is not called silent: a level is taken of a second."""

_ZEROS = -115.0
"""dBFS: below lie zeros, however softly a unit is set."""


@dataclass(slots=True, kw_only=True)
class CueAccount:
    """What has sounded of `cue`: stretches of before a crash, and runs the player tells of.

    `level`: its loudest second in dBFS (RMS); `faults`: runs whose broken sound was told; `written`: when its
    progress was put on the disk last.
    """

    cue: PlannedCue
    before: tuple[Stretch, ...] = ()
    runs: dict[int, tuple[Stretch, bool]] = field(default_factory=dict)
    faults: set[int] = field(default_factory=set)
    level: float | None = None
    written: datetime | None = None
    _latest: Heard | None = field(default=None, init=False)
    _loudest: float | None = field(default=None, init=False)
    """Its loudest second as it was before the volume."""

    def __post_init__(self) -> None:
        if self.before:  # how loud the unit was set then is not known any more
            zeros = self.level is not None and self.level < _ZEROS
            self._loudest = self.level if zeros else 0.0

    def take(self, heard: Heard) -> None:
        """What the player tells of a run of it."""
        self.runs[heard.first] = (Stretch(begin=heard.begin, length=heard.length), heard.done)
        self._latest = heard
        if heard.loudest is not None:
            self.level = heard.loudest if self.level is None else max(self.level, heard.loudest)
            clean = heard.loudest - heard.passage.gain
            self._loudest = clean if self._loudest is None else max(self._loudest, clean)

    def sound_due(self, span: Spell) -> float | None:
        """The gain in dB at which it should have been heard all the time within `span`; None if it should
        not, or if some of it is a pause."""
        heard = self._latest
        if heard is None or heard.done or span.begin < heard.begin:
            return None
        passage = heard.passage
        first, last = (
            passage.skip + (moment - passage.begin) // timedelta(microseconds=1) * FRAME_RATE // 1_000_000
            for moment in (span.begin, span.end)
        )
        frame = 0
        for clip in self.cue.clips:
            if clip.silent and frame < last and first < frame + clip.frames:
                return None
            frame += clip.frames
        return passage.gain if last <= frame else None

    @property
    def silent(self) -> bool:
        """Whether nothing came out of what was meant to be heard of it, as far as it got."""
        pauses = sum((clip.length for clip in self.cue.clips if clip.silent), timedelta(0))
        sound = self.cue.whole - pauses
        if not sound or self.played - pauses < min(_JUDGED, sound / 2) or self._loudest is None:
            return False
        return self._loudest < SILENT_BELOW

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """What really sounded, by time."""
        sounded = (s for s, _ in self.runs.values() if s.length > timedelta(0))
        return (*self.before, *sorted(sounded, key=lambda s: s.begin))

    @property
    def played(self) -> timedelta:
        return sum((stretch.length for stretch in self.stretches), timedelta(0))

    @property
    def sounding(self) -> bool:
        """Whether it is being heard now."""
        return any(not done and run.length for run, done in self.runs.values())

    @property
    def drained(self) -> bool:
        """Whether the device has sounded all that was laid."""
        return all(done for _, done in self.runs.values())

    def move(self, shift: timedelta) -> None:
        """The clock was set by `shift`: what sounded since this start did so at another time."""
        for first, (stretch, done) in self.runs.items():
            self.runs[first] = (replace(stretch, begin=stretch.begin + shift), done)

    def entry(self, unit: UnitId, close: Close) -> AsRunEntry:
        """The line of the as-run log, now that `close` says why it is over."""
        stretches = self.stretches
        outcome, reason = outcome_of(
            close.ending,
            asked=close.asked,
            played=self.played,
            missing=close.cue.missing,
            passed=close.passed,
            reason=close.reason,
            silent=self.silent,
        )
        return AsRunEntry(
            unit=unit,
            cue=close.cue.id,
            title=close.cue.title,
            revision=close.revision,
            outcome=outcome,
            planned=close.cue.start,
            ended=max(close.at, stretches[-1].end) if stretches else close.at,
            asked=close.asked,
            stretches=stretches,
            reason=reason,
            level=self.level,
        )
