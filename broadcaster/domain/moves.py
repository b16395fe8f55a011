"""The single moves of playout: to begin, to cease, to close, to lose the air, each state to state.

Every decision is made here, dated with the state's own `now`. Law: nothing is closed twice, and what is
closed is remembered for `MEMORY`, longer than any plan reaches back.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from broadcaster.domain.air import (
    Airing,
    Begin,
    Cease,
    Claim,
    Close,
    Closed,
    Decision,
    FoundOpen,
    Onward,
    Playout,
    Point,
    Standing,
)
from broadcaster.domain.alert import is_drill
from broadcaster.domain.asrun import Ending
from broadcaster.domain.lateness import frames_between, later, longest, sounding
from broadcaster.domain.names import CueId, ProgrammeId
from broadcaster.domain.plan import PlannedCue, length_of
from broadcaster.domain.precedence import cuts, replaces
from broadcaster.domain.programme import Rank, StartMode

__all__ = [
    "MEMORY",
    "begun",
    "broken_off",
    "close",
    "close_pending",
    "gone_on",
    "knows_schedule",
    "newer_than",
    "patient",
    "revision_of",
    "shifted",
    "standing_of",
    "waited",
]

MEMORY = timedelta(days=8)
"""How long back a planned start is remembered; a plan that names an older cue is not believed."""

Made = list[Decision]
"""The decisions of one step so far; every move adds its own."""


def knows_schedule(state: Playout) -> bool:
    """Whether scheduled cues can be judged: there is a plan, and the time is known."""
    return state.trusted and state.span is not None


def patient(claim: Claim) -> bool:
    """Whether its waiting time stands still while an emergency holds the air: a soft start's grace does,
    a hard start's minute and `max` do not."""
    soft = claim.cue.mode is StartMode.SOFT and claim.cue.rank is not Rank.EMERGENCY
    return soft and claim.begun is None


def revision_of(state: Playout, cue: PlannedCue) -> int:
    return cue.version if cue.rank is Rank.EMERGENCY else state.revision


def standing_of(state: Playout, alert: ProgrammeId) -> Standing | None:
    """What was heard of that alert."""
    return next((standing for standing in state.alerts if standing.alert == alert), None)


def newer_than(state: Playout, cue: PlannedCue) -> int:
    """The version that this unit has been told to sound instead of that round of an emergency; 0: none."""
    standing = standing_of(state, cue.id.programme) if cue.rank is Rank.EMERGENCY else None
    if standing is None or standing.version <= cue.version:
        return 0
    return standing.version if standing.meant or is_drill(cue) else 0


def close(
    state: Playout, made: Made, part: Airing | Claim, ending: Ending, reason: str = "", *, passed: int = 0
) -> Playout:
    """Bring what is on air or waits to its end; from the air it goes with a `Cease` unless it ENDED."""
    if isinstance(part, Airing):
        if ending is not Ending.ENDED:
            made.append(Cease(cue=part.cue, at=state.now))
        state = replace(state, on_air=None)
    else:
        state = replace(state, claims=_without(state, part.cue.id))
    made.append(
        Close(
            cue=part.cue,
            at=state.now,
            ending=ending,
            reason=reason,
            revision=part.revision,
            asked=part.asked,
            passed=length_of(part.passed + passed),
        )
    )
    return _remembered(state, part.cue, part.revision)


def close_pending(
    state: Playout, made: Made, cue: PlannedCue, ending: Ending, reason: str = "", revision: int | None = None
) -> Playout:
    """Bring a cue to its end that neither sounds nor waits: it never began here, or began before a crash."""
    revision = revision_of(state, cue) if revision is None else revision
    made.append(
        Close(cue=cue, at=state.now, ending=ending, reason=reason, revision=revision, asked=cue.whole)
    )
    state = replace(
        state,
        pending=tuple(other for other in state.pending if other.id != cue.id),
        raised=tuple(coming for coming in state.raised if coming.cue.id != cue.id),
    )
    return _remembered(state, cue, revision)


def begun(state: Playout, made: Made, claim: Claim, point: Point | None) -> Playout:
    """Give the air to `claim` from `point` of its clips (None: nothing is left of it), or close it when
    there is nothing to sound. What is on air is displaced only if it does begin."""
    clips = claim.cue.clips
    passed = frames_between(clips, claim.point, point)
    if point is None:
        ending = Ending.LATE if claim.begun is None else Ending.PASSED
        return close(state, made, claim, ending, passed=passed)
    found = sounding(claim.cue, point, state.held)
    if found is None:
        return close(state, made, claim, Ending.NOTHING_HELD)
    cue, start = found
    if state.on_air is not None:
        state = _displaced(state, made, state.on_air, claim)
    airing = Airing(
        cue=cue,
        revision=claim.revision,
        begun=claim.begun or state.now,
        since=state.now,
        point=start,
        asked=claim.asked,
        passed=claim.passed + passed,
        late=claim.begun is None and claim.since > claim.cue.start,
    )
    made.append(Begin(cue=cue, at=state.now, clip=start.clip, offset=start.offset, revision=claim.revision))
    return replace(state, on_air=airing, claims=_without(state, cue.id))


def gone_on(state: Playout, made: Made, airing: Airing, broke: datetime) -> Playout | None:
    """Leave out the clip at which it broke, which is not held any more, and go on with what comes after.

    None when no clip was lost, or nothing comes after it.
    """
    clips = airing.cue.clips
    rest = range(airing.point_at(broke).clip, len(clips))
    lost = next((number for number in rest if clips[number].id not in state.held), None)
    found = None if lost is None else sounding(airing.cue, Point(lost, 0), state.held)
    if found is None:
        return None
    cue, point = found
    made.append(Cease(cue=airing.cue, at=state.now))
    made.append(Begin(cue=cue, at=state.now, clip=point.clip, offset=point.offset, revision=airing.revision))
    return replace(state, on_air=replace(airing, cue=cue, since=state.now, point=point))


def broken_off(state: Playout, made: Made, found: FoundOpen, ending: Ending, reason: str = "") -> Playout:
    """Close an airing of before a crash."""
    state = replace(state, found=tuple(other for other in state.found if other is not found))
    return close_pending(state, made, found.cue, ending, reason, found.revision)


def shifted(state: Playout, shift: timedelta) -> Playout:
    """The state by a clock that has been set by `shift`: what sounds and what waits moves along, and how far
    off rounds are. Planned cues stay at their instants, and whether they are late is to be judged anew."""
    if not shift:
        return state
    airing = state.on_air
    if airing is not None:
        airing = replace(airing, begun=later(airing.begun, shift), since=later(airing.since, shift))
    return replace(
        state,
        now=later(state.now, shift),
        trusted=False,
        on_air=airing,
        claims=tuple(_claim_shifted(claim, shift) for claim in state.claims),
        raised=tuple(coming._replace(due=later(coming.due, shift)) for coming in state.raised),
        kept=state.kept and later(state.kept, shift),
    )


def _without(state: Playout, cue: CueId) -> tuple[Claim, ...]:
    return tuple(claim for claim in state.claims if claim.cue.id != cue)


def _claim_shifted(claim: Claim, shift: timedelta) -> Claim:
    return replace(
        claim,
        since=later(claim.since, shift),
        until=later(claim.until, shift),
        begun=claim.begun and later(claim.begun, shift),
        lost=claim.lost and later(claim.lost, shift),
    )


def waited(claim: Claim, since: datetime, now: datetime) -> Claim:
    """The claim, its patience longer by the time for which emergencies kept the air."""
    if not patient(claim):
        return claim
    return replace(claim, until=later(claim.until, now - max(since, claim.since)))


def _displaced(state: Playout, made: Made, airing: Airing, newcomer: Claim) -> Playout:
    """What is on air ceases, for good or to resume."""
    if cuts(newcomer):
        return close(state, made, airing, Ending.TAKEN_OVER, f"gave way at the clock to {newcomer.cue.title}")
    newer = newcomer.cue.version if replaces(newcomer.cue, airing.cue) else newer_than(state, airing.cue)
    if newer:
        return close(state, made, airing, Ending.CANCELLED, f"replaced by version {newer}")
    made.append(Cease(cue=airing.cue, at=state.now))
    victim = Claim(
        cue=airing.cue,
        revision=airing.revision,
        since=state.now,
        until=longest(airing.begun, airing.cue),
        asked=airing.asked,
        begun=airing.begun,
        point=airing.point_at(state.now),
        lost=state.now,
        onward=Onward.RESUME,
        passed=airing.passed,
    )
    return replace(state, on_air=None, claims=(*state.claims, victim))


def _remembered(state: Playout, cue: PlannedCue, revision: int) -> Playout:
    closed = (*state.closed, Closed(cue=cue.id, revision=revision, start=cue.start))
    if state.trusted:  # a wrong clock must not make it forget
        closed = tuple(one for one in closed if one.start >= later(state.now, -MEMORY))
    return replace(state, closed=closed)
