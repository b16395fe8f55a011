"""Waiting and lateness: how long a cue may wait for the air, and where it begins when it is late.

To wait is to be due while the unit works: `grace` bounds it (a hard start: one minute), and what has
waited sounds from its beginning. To be late is to be due while the unit could not know or do it: it was
off, its plan came later, or its clock was not trusted. Then `late` decides:

- join: where it would be by now, in step with the other units; over when nothing is left of it. Speech
  that would be in its middle is begun at its first word, so that nobody hears half a sentence; what
  follows it comes later than on other units by that much.
- whole: from the beginning, if it is not later than its grace, or than its own length if that is more
  ("power came back in the middle" of it). Found open after a crash, it starts over within the same.
- skip: not at all; but 5 s count as in time, for a plan takes a moment to arrive.

Whoever is due and has no clip on the unit yet waits for the first one as for the air, within the same bounds,
and keeps nobody else from the air meanwhile. When it comes the cue is late, and `late` decides again. Clips
that come after it has begun are left out, and told: what sounds is never put in another order.

Power that flickers makes a cue with `whole` start over each time, for its grace at most (its length, if that
is more): people hear its first words more than once, rather than never all of it. What is not whole by then
is told as abandoned.

An emergency is never too late, only expired: with `join` it is joined to the very frame, to sound as
one with the other units, and begun whole when that is over.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from broadcaster.domain.air import TOP, Claim, FoundOpen, Onward, Point, frames_in
from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import Clip, PlannedCue
from broadcaster.domain.programme import LatePolicy, Rank, StartMode

__all__ = [
    "FAR",
    "HARD_WAIT",
    "due_claim",
    "emergency_claim",
    "ended_before",
    "found_claim",
    "frames_between",
    "has_sound",
    "late_claim",
    "later",
    "longest",
    "onward",
    "sounding",
    "sounding_late",
]

FAR = datetime.max.replace(tzinfo=UTC)
"""No limit."""

HARD_WAIT = timedelta(minutes=1)
"""The longest a hard start waits behind what it may not cut."""

EMERGENCY_WAIT = timedelta(days=1)
"""The longest an emergency without an expiry waits, for the air or for its first clip."""

PUNCTUAL = timedelta(seconds=5)


def later(moment: datetime, length: timedelta) -> datetime:
    """`moment` + `length`, within what a calendar holds."""
    try:
        return min(moment + length, FAR)
    except OverflowError:
        return FAR if length > timedelta(0) else datetime.min.replace(tzinfo=UTC)


def longest(begun: datetime, cue: PlannedCue) -> datetime:
    """When `max` takes it off the air: wall time from its first sample, however often it resumes."""
    return FAR if cue.max is None else later(begun, cue.max)


def onward(clips: tuple[Clip, ...], point: Point, elapsed: timedelta, way: Onward) -> Point | None:
    """Where `clips` go on when they were at `point` and `elapsed` has passed since; None: nothing is left."""
    if way is Onward.STILL:
        return point
    left = max(0, frames_in(elapsed))
    offset = point.offset
    for number in range(point.clip, len(clips)):
        clip = clips[number]
        if way is Onward.RESUME and not clip.joins:
            return Point(number, 0)
        rest = max(0, clip.frames - offset)
        if left < rest:
            exact = clip.joins or way is Onward.IN_STEP
            return Point(number, offset + left if exact else 0)
        left, offset = left - rest, 0
    return None


def frames_between(clips: tuple[Clip, ...], first: Point, last: Point | None) -> int:
    """The frames from `first` up to `last` (the end when None); nothing when that lies behind."""
    last = last or Point(len(clips), 0)
    between = sum(clip.frames for clip in clips[first.clip : last.clip]) - first.offset + last.offset
    return max(0, between)


def has_sound(claim: Claim, held: frozenset[ClipId], now: datetime) -> bool:
    """Whether it need not wait for its clips: one that could still sound now is held.

    What has begun waits for none any more, and what has none at all has nothing to wait for: these have their
    turn, and are closed then. As time goes on this only ever turns from yes to no.
    """
    clips = claim.cue.clips
    if claim.begun is not None or not clips:
        return True
    if claim.cue.rank is Rank.EMERGENCY:
        return any(clip.id in held for clip in clips)
    point = onward(clips, claim.point, now - (claim.lost or now), claim.onward)
    first = len(clips) - 1 if point is None else point.clip
    return any(clip.id in held for clip in clips[first:])


def sounding_late(claim: Claim, now: datetime, *, in_step: bool) -> Claim | None:
    """A claim whose first clip has come now, though it could have had the air before: it is late, and its
    policy decides; None: that says no."""
    if claim.cue.rank is Rank.EMERGENCY:
        return emergency_claim(claim.cue, claim.revision, now, in_step=in_step)
    match claim.cue.late:
        case LatePolicy.JOIN:
            return replace(claim, lost=claim.lost or claim.since, onward=Onward.JOIN)
        case LatePolicy.WHOLE:
            return claim
        case LatePolicy.SKIP:
            return claim if now - claim.since <= PUNCTUAL else None


def sounding(cue: PlannedCue, point: Point, held: frozenset[ClipId]) -> tuple[PlannedCue, Point] | None:
    """The cue without the clips that are not held, named in `missing`, and the same point in what is left.

    None when nothing from `point` on is held.
    """
    if not any(clip.id in held for clip in cue.clips[point.clip :]):
        return None
    clips = tuple(clip for clip in cue.clips if clip.id in held)
    gone = tuple(
        clip.title or f"item {number}" for number, clip in enumerate(cue.clips, 1) if clip.id not in held
    )
    before = sum(clip.id in held for clip in cue.clips[: point.clip])
    offset = point.offset if cue.clips[point.clip].id in held else 0
    return replace(cue, clips=clips, missing=cue.missing + gone), Point(before, offset)


def due_claim(cue: PlannedCue, revision: int, now: datetime) -> Claim:
    """A planned cue that falls due now."""
    if cue.rank is Rank.EMERGENCY:
        return emergency_claim(cue, revision, now, in_step=True)
    wait = HARD_WAIT if cue.mode is StartMode.HARD else cue.grace
    return Claim(cue=cue, revision=revision, since=now, until=later(now, wait), asked=cue.whole)


def emergency_claim(cue: PlannedCue, revision: int, now: datetime, *, in_step: bool) -> Claim:
    """An emergency that may sound from now on. `in_step`: this unit knows the time."""
    joined = in_step and cue.late is LatePolicy.JOIN and cue.start < now < later(cue.start, cue.length)
    return Claim(
        cue=cue,
        revision=revision,
        since=now,
        until=later(now, EMERGENCY_WAIT),
        asked=cue.whole,
        lost=cue.start,
        onward=Onward.IN_STEP if joined else Onward.STILL,
    )


def late_claim(cue: PlannedCue, revision: int, now: datetime) -> Claim | None:
    """A planned cue whose start has passed without this unit; None: its late policy says no."""
    if cue.rank is Rank.EMERGENCY:
        return emergency_claim(cue, revision, now, in_step=True)
    claim = due_claim(cue, revision, now)
    match cue.late:
        case LatePolicy.SKIP:
            return claim if now - cue.start <= PUNCTUAL else None
        case LatePolicy.WHOLE:
            return _whole(claim, now)
        case LatePolicy.JOIN:
            end = later(cue.start, cue.length)
            if now >= end or onward(cue.clips, TOP, now - cue.start, Onward.JOIN) is None:
                return None
            return replace(claim, until=_no_hurry(claim, end), lost=cue.start, onward=Onward.JOIN)


def found_claim(found: FoundOpen, now: datetime, *, in_step: bool) -> Claim | None:
    """An airing found open after a crash or a power cut; None: its late policy says no."""
    cue = found.cue
    if cue.rank is Rank.EMERGENCY:
        return emergency_claim(cue, found.revision, now, in_step=in_step)
    claim = due_claim(cue, found.revision, now)
    match cue.late:
        case LatePolicy.SKIP:
            return None
        case LatePolicy.WHOLE:
            return _whole(claim, now)
        case LatePolicy.JOIN:
            point, until = Point(found.clip, found.offset), longest(found.begun, cue)
            if now >= until or onward(cue.clips, point, now - found.last, Onward.JOIN) is None:
                return None
            return replace(
                claim, until=until, begun=found.begun, point=point, lost=found.last, onward=Onward.JOIN
            )


def ended_before(found: FoundOpen) -> bool:
    """Whether all of it had sounded when it was broken off."""
    clips = found.cue.clips
    last = len(clips) - 1
    return found.clip > last or (found.clip == last and found.offset >= clips[last].frames)


def _whole(claim: Claim, now: datetime) -> Claim | None:
    last = later(claim.cue.start, max(claim.cue.grace, claim.cue.length))
    return replace(claim, until=_no_hurry(claim, last)) if now <= last else None


def _no_hurry(claim: Claim, until: datetime) -> datetime:
    """A late soft start waits as long as it still makes sense; a late hard start its minute from now."""
    return claim.until if claim.cue.mode is StartMode.HARD else until
