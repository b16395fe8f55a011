"""Which clips lie on a unit's disk when not all of them fit: decided by their next use. Pure.

Laws
1. What is kept whatever is planned is never deleted.
2. Nothing is deleted but for something that is needed sooner, and only if that will then fit. What no plan
   names goes first, then what is over, then what is needed last.
3. What is needed first is fetched first; what does not fit waits until something has been played, and what
   comes after it waits with it. So nothing is fetched only to be deleted before it was used: a SIM card is
   paid by the megabyte.
4. What could not fit if it were alone with what is kept holds up nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import FRAME_RATE, Clip, Plan, PlannedCue

__all__ = ["SOON", "Wanted", "fetchable", "is_over", "likely_size", "never_fits", "to_evict", "wanted"]

SOON = timedelta(hours=1)
"""What is needed within this is fetched before what is to be kept whatever is planned."""

_BYTES_A_SECOND = 8_000
"""Of a clip of music, 64 kbit/s: the most that hubs make."""
_HEAD = 4_096
_MARGIN = 1.05
"""Ogg pages, and bit rates that are meant as a mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What should be on the disk.

    `order`: what is needed, soonest first, each once. `keep`: never to be deleted (some of `order`). `over`:
    needed no more as far as can be told, but of a plan in force. `likely`: bytes, the most a clip may have.
    """

    order: tuple[ClipId, ...] = ()
    keep: frozenset[ClipId] = frozenset()
    over: frozenset[ClipId] = frozenset()
    likely: Mapping[ClipId, int] = field(default_factory=dict)


def wanted(plan: Plan | None, now: datetime, first: Sequence[Clip] = ()) -> Wanted:
    """What `plan` needs from `now` on, after `first`."""
    cues = () if plan is None else sorted(plan.cues, key=lambda cue: (cue.start, cue.id))
    keep = () if plan is None else plan.keep
    coming = [cue for cue in cues if not is_over(cue, now)]
    soon = [clip for cue in coming if cue.start <= now + SOON for clip in cue.clips]
    later = [clip for cue in coming if cue.start > now + SOON for clip in cue.clips]
    clips = {clip.id: clip for clip in (*first, *soon, *keep, *later)}
    return Wanted(
        order=tuple(clips),
        keep=frozenset(clip.id for clip in keep),
        over=frozenset(clip.id for cue in cues for clip in cue.clips if clip.id not in clips),
        likely={name: likely_size(clip) for name, clip in clips.items()},
    )


def is_over(cue: PlannedCue, now: datetime) -> bool:
    """Whether it will hardly sound any more: it may begin late by its grace or its own length, no later."""
    return cue.start + max(cue.grace, cue.length) + cue.length < now


def likely_size(clip: Clip) -> int:
    """The most bytes it is likely to have; the plan says only how long it is."""
    return round(clip.frames / FRAME_RATE * _BYTES_A_SECOND * _MARGIN) + _HEAD


def fetchable(want: Wanted, whole: Mapping[ClipId, int], room: int) -> Iterator[ClipId]:
    """The clips not on the disk that have their place there, in order.

    `whole`: bytes of each clip that lies there whole; `room`: bytes that clips may take in all.
    """
    taken = kept = _kept(want, whole)
    full = False
    for clip in want.order:
        size = _size(clip, want, whole)
        if clip in want.keep:  # its place was counted at once
            if clip not in whole:
                yield clip
        elif clip in whole:
            taken += size
        elif kept + size <= room:
            full = full or taken + size > room
            if not full:
                taken += size
                yield clip


def to_evict(
    sizes: Mapping[ClipId, int], want: Wanted, for_clip: ClipId, too_many: int
) -> tuple[ClipId, ...]:
    """What to delete so that `too_many` bytes less are taken, to make room for `for_clip` of `want.order`.

    `sizes`: bytes on the disk under each name, whole or not. Nothing if that cannot be had.
    """
    behind = want.order[want.order.index(for_clip) + 1 :]
    named = {*want.order, *want.over}
    candidates = (
        *(clip for clip in sizes if clip not in named),
        *(clip for clip in sizes if clip in want.over),
        *(clip for clip in reversed(behind) if clip in sizes),
    )
    chosen: list[ClipId] = []
    for clip in candidates:
        if too_many <= 0:
            break
        if clip not in want.keep:
            chosen.append(clip)
            too_many -= sizes[clip]
    return tuple(chosen) if too_many <= 0 else ()


def never_fits(want: Wanted, whole: Mapping[ClipId, int], room: int) -> Collection[ClipId]:
    """What has no place beside what is kept, even alone: for people to be told of."""
    left = room - _kept(want, whole)
    return [c for c in want.order if c not in whole and c not in want.keep and _size(c, want, whole) > left]


def _kept(want: Wanted, whole: Mapping[ClipId, int]) -> int:
    return sum(_size(clip, want, whole) for clip in want.keep)


def _size(clip: ClipId, want: Wanted, whole: Mapping[ClipId, int]) -> int:
    return whole.get(clip, want.likely.get(clip, 0))
