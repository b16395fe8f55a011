"""A passage: one unbroken run of a cue's clips on one unit, with the instant of its first sample.

What the playout decides for the near future becomes passages; the player lays them, sample after sample.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broadcaster.domain.air import frames_in
from broadcaster.domain.instants import instant
from broadcaster.domain.names import CueId
from broadcaster.domain.plan import FRAME_RATE, Clip, length_of
from broadcaster.domain.programme import Rank
from broadcaster.domain.volume import SOFTEST

__all__ = ["LOUDNESS", "Passage", "amplitude"]

LOUDNESS: dict[Rank, float] = {
    Rank.FILL: -6.0,
    Rank.ORDINARY: 0.0,
    Rank.PRIORITY: 0.0,
    Rank.EMERGENCY: 0.0,
}
"""dB of each rank against the clip itself. Nothing is ever louder than its clip."""


_ABOUT = FRAME_RATE // 10
"""Frames (0.1 s): what is read runs ahead of what is laid by the resampler's 240 frames and a block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """`clips` joined to the sample, without their first `skip` frames, heard from `begin` on.

    `until`: faded out to be silent at that instant; None plays to the end. `expires`: not begun then or
    later, however late the device is; a set clock does not move it. `gain` in dB, at most 0. `prompt`: at its
    loudness at once, also when joined in the middle (an emergency).
    """

    cue: CueId
    begin: datetime
    clips: tuple[Clip, ...]
    skip: int = 0
    until: datetime | None = None
    expires: datetime | None = None
    gain: float = 0.0
    prompt: bool = False

    def __post_init__(self) -> None:
        instant(self.begin)
        if not 0 <= self.skip < sum(clip.frames for clip in self.clips):
            raise ValueError("a passage has something to play")
        if self.until is not None and instant(self.until) <= self.begin:
            raise ValueError("a passage cannot end before it begins")
        if self.gain > 0:
            raise ValueError("nothing is made louder than its clip")

    @property
    def frames(self) -> int:
        """How many there are to play when it is not cut."""
        return sum(clip.frames for clip in self.clips) - self.skip

    @property
    def end(self) -> datetime:
        """The instant at which it is silent again."""
        whole = self.begin + length_of(self.frames)
        return whole if self.until is None else min(whole, self.until)

    def clips_about(self, moment: datetime) -> tuple[Clip, ...]:
        """The clips that sound within `_ABOUT` of that instant: what is read then is one of them."""
        at, end, found = self.skip + frames_in(moment - self.begin), 0, []
        for clip in self.clips:
            begin, end = end, end + clip.frames
            if begin <= at + _ABOUT and at - _ABOUT < end:
                found.append(clip)
        return tuple(found)

    def moved(self, shift: timedelta) -> "Passage":
        """The same by a clock that was set by `shift`."""
        return replace(self, begin=self.begin + shift, until=self.until and self.until + shift)

    def is_run_of(self, other: "Passage") -> bool:
        """Whether both are the same run of sound, however it ends and however loud it is."""
        return (self.cue, self.begin, self.skip, self.clips) == (
            other.cue,
            other.begin,
            other.skip,
            other.clips,
        )


def amplitude(rank: Rank, volume: float, cap: float = 0.0) -> float:
    """The gain in dB of `rank` on a unit set to `volume` dB (0 to -60), at most `cap`; an emergency is at
    full level, whatever they say."""
    if rank is Rank.EMERGENCY:
        return 0.0
    return min(LOUDNESS[rank] + min(max(volume, SOFTEST), 0.0), cap)
