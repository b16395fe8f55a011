"""The account of one cue on one unit: what has sounded of it, and the entry that comes of that.

Law: only what the player tells counts, frames that were laid and sounded; nothing is taken from the plan but
what was asked for.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from broadcaster.domain.asrun import AsRunEntry, Stretch, outcome_of
from broadcaster.domain.names import UnitId
from broadcaster.domain.plan import PlannedCue
from broadcaster.domain.playout import Close
from broadcaster.unit.player import Heard

__all__ = ["CueAccount"]


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

    def take(self, heard: Heard) -> None:
        """What the player tells of a run of it."""
        self.runs[heard.first] = (Stretch(begin=heard.begin, length=heard.length), heard.done)
        if heard.loudest is not None:
            self.level = heard.loudest if self.level is None else max(self.level, heard.loudest)

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
