"""What each happening changes in what one unit knows. When something begins is not decided here.

- A plan that changes or drops a cue: one to come is replaced or silently gone; one that waits is
  replaced, or CANCELLED when the plan covers its time and no longer has it; one that has begun plays on
  as it began, on air or interrupted. Emergencies are ended by `Cleared` and by newer versions of them
  (`raising`), never by a plan.
- What was found open of an alert is over when a newer version of it, or its end, was heard of meanwhile.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from broadcaster.domain.air import (
    Airing,
    Claim,
    Cleared,
    ClipsHeld,
    ClockTrusted,
    Faulted,
    FoundOpen,
    Happening,
    PlanArrived,
    Playout,
    Raised,
    StopOrdered,
)
from broadcaster.domain.alert import is_drill
from broadcaster.domain.asrun import Ending
from broadcaster.domain.instants import merged
from broadcaster.domain.lateness import (
    due_claim,
    ended_before,
    found_claim,
    has_sound,
    late_claim,
    later,
    sounding_late,
)
from broadcaster.domain.moves import (
    MEMORY,
    Made,
    broken_off,
    close,
    close_pending,
    gone_on,
    knows_schedule,
    newer_than,
    revision_of,
    standing_of,
)
from broadcaster.domain.names import ClipId, CueId
from broadcaster.domain.plan import Plan, PlannedCue
from broadcaster.domain.precedence import gives_way
from broadcaster.domain.programme import Rank
from broadcaster.domain.raising import alert_cleared, alert_raised, by_the_clock

__all__ = ["applied", "in_hours"]

_IN_STEP = timedelta(seconds=2)
"""By so much the clocks of a hub and a unit may differ before a stop misses what has only just begun."""


def applied(state: Playout, made: Made, happening: Happening) -> Playout:
    """What is known after `happening`, at the state's `now`."""
    match happening:
        case PlanArrived():
            return _planned(_holding(state, made, happening.held), made, happening.plan)
        case ClipsHeld():
            return _holding(state, made, happening.held)
        case ClockTrusted():
            return _trusted(state, made, happening.trusted)
        case StopOrdered():
            return _stopped(state, made, happening)
        case Raised():
            return alert_raised(state, made, happening)
        case Cleared(alert=alert):
            cleared = alert_cleared if alert is not None else _cleared
            return cleared(state, made, happening)
        case Faulted():
            return _faulted(state, made, happening)
        case FoundOpen():
            return _found(state, made, happening)


def in_hours(state: Playout, cue: PlannedCue, moment: datetime) -> bool:
    """Whether `cue` may sound at `moment`. A drill keeps to the hours, and they have to be known."""
    if cue.rank is Rank.EMERGENCY and not is_drill(cue):
        return True
    known = knows_schedule(state) or not is_drill(cue)
    return known and any(moment in spell for spell in state.open)


def _holding(state: Playout, made: Made, held: frozenset[ClipId]) -> Playout:
    """With these clips. What waited for its first one, and for nothing else, is late now."""
    before, state = state, replace(state, held=held)
    for claim in before.claims:
        came = not has_sound(claim, before.held, state.now) and has_sound(claim, held, state.now)
        if not came or _waits_anyway(before, claim):
            continue
        late = sounding_late(claim, state.now, in_step=state.trusted)
        if late is None:
            state = close(state, made, claim, Ending.LATE, "its sound came to this unit after its time")
        else:
            others = (late if other is claim else other for other in state.claims)
            state = replace(state, claims=tuple(others))
    return state


def _waits_anyway(state: Playout, claim: Claim) -> bool:
    """Whether it would be waiting for the air now if it had had its clips in time."""
    airing = state.on_air
    if airing is None or airing.since > claim.since or claim.cue.rank is Rank.EMERGENCY:
        return False
    return not gives_way(airing, claim, state.now)


def _planned(state: Playout, made: Made, plan: Plan) -> Playout:
    if plan.revision < state.revision:
        return state
    state = replace(state, revision=plan.revision, span=plan.span, open=merged(plan.open))
    cues = {cue.id: cue for cue in plan.cues}
    for claim in state.claims:
        state = _replanned(state, made, claim, cues.get(claim.cue.id))
    taken = {closed.cue for closed in state.closed} | set(_engaged(state))
    pending = _in_order(cue for cue in plan.cues if cue.id not in taken)
    return _judged(replace(state, pending=pending), made)


def _replanned(state: Playout, made: Made, claim: Claim, cue: PlannedCue | None) -> Playout:
    """One that waits, under the new plan (already in force); `cue` is what that makes of it."""
    if claim.begun is not None or claim.cue.rank is Rank.EMERGENCY:
        return state
    if cue is None:
        covered = state.span is not None and claim.cue.start in state.span
        return close(state, made, claim, Ending.CANCELLED) if covered else state
    others = tuple(other for other in state.claims if other is not claim)
    if cue.start > state.now:
        return replace(state, claims=others)  # put off: it waits for its new time like any cue of the plan
    changed = due_claim(cue, revision_of(state, cue), claim.since)
    kept = replace(changed, until=claim.until, lost=claim.lost, onward=claim.onward)
    return replace(state, claims=(*others, kept))


def _engaged(state: Playout) -> Iterator[CueId]:
    """The cues that are past waiting for their time."""
    if state.on_air is not None:
        yield state.on_air.cue.id
    yield from (claim.cue.id for claim in state.claims)
    yield from (coming.cue.id for coming in state.raised)
    yield from (found.cue.id for found in state.found)


def _in_order(cues: Iterable[PlannedCue]) -> tuple[PlannedCue, ...]:
    return tuple(sorted(cues, key=lambda cue: (cue.start, cue.id)))


def _judged(state: Playout, made: Made) -> Playout:
    """Decide what was broken off and what is late, now that the schedule is known (or leave it till then)."""
    if not knows_schedule(state):
        return state
    for found in state.found:
        state = _taken_up(state, made, found)
    late = [cue for cue in state.pending if cue.start < state.now]
    state = replace(state, pending=tuple(cue for cue in state.pending if cue.start >= state.now))
    for cue in late:
        if cue.start >= later(state.now, -MEMORY):
            state = _late(state, made, cue)
    return state


def _late(state: Playout, made: Made, cue: PlannedCue) -> Playout:
    known = state.span is not None and cue.start in state.span
    if known and not in_hours(state, cue, cue.start):
        return close_pending(state, made, cue, Ending.OUTSIDE_HOURS)
    claim = late_claim(cue, revision_of(state, cue), state.now)
    if claim is None:
        return close_pending(
            state, made, cue, Ending.LATE, "its time passed while this unit could not play it"
        )
    return replace(state, claims=(*state.claims, claim))


def _taken_up(state: Playout, made: Made, found: FoundOpen) -> Playout:
    """Continue what a crash or a power cut broke off, or close it."""
    if ended_before(found):
        return broken_off(state, made, found, Ending.ENDED)
    claim = found_claim(found, state.now, in_step=state.trusted)
    if claim is None:
        return broken_off(state, made, found, Ending.NOT_CONTINUED)
    others = tuple(other for other in state.found if other is not found)
    return replace(state, found=others, claims=(*state.claims, claim))


def _found(state: Playout, made: Made, found: FoundOpen) -> Playout:
    if found.cue.rank is Rank.EMERGENCY:
        found = replace(found, revision=found.cue.version)
    if found.cue.id in set(_engaged(state)) or _is_over(state, found.cue, found.revision):
        return state
    standing = standing_of(state, found.cue.id.programme) if found.cue.rank is Rank.EMERGENCY else None
    if newer := newer_than(state, found.cue):
        return broken_off(state, made, found, Ending.CANCELLED, f"replaced by version {newer}")
    if standing is not None and found.cue.version <= standing.silent:
        return broken_off(state, made, found, Ending.STOPPED, "cleared while this unit was off")
    pending = tuple(cue for cue in state.pending if cue.id != found.cue.id)
    state = replace(state, found=(*state.found, found), pending=pending)
    if found.cue.rank is Rank.EMERGENCY:
        return _taken_up(state, made, found)
    return _judged(state, made)


def _trusted(state: Playout, made: Made, trusted: bool) -> Playout:
    if trusted == state.trusted:
        return state
    # What waits for its turn when the time is lost will be late like all that falls due meanwhile.
    waiting = [c for c in state.claims if c.begun is None and c.cue.rank is not Rank.EMERGENCY]
    state = replace(
        state,
        trusted=trusted,
        claims=tuple(claim for claim in state.claims if claim not in waiting),
        pending=_in_order((*state.pending, *(claim.cue for claim in waiting))),
    )
    return _judged(by_the_clock(state) if trusted else state, made)


def _stopped(state: Playout, made: Made, order: StopOrdered) -> Playout:
    if order.cue is None:
        airing = state.on_air
        if airing is None or (order.issued is not None and airing.village_began > order.issued + _IN_STEP):
            return state
        return close(state, made, airing, Ending.STOPPED, f"stopped by {order.by}")
    return _taken_out(state, made, order.cue, f"stopped by {order.by}")


def _cleared(state: Playout, made: Made, order: Cleared) -> Playout:
    parts: tuple[Airing | Claim, ...] = (*((state.on_air,) if state.on_air else ()), *state.claims)
    cues = (*(part.cue for part in parts), *(coming.cue for coming in state.raised))
    for cue in cues:
        if cue.rank is Rank.EMERGENCY and order.cue in (None, cue.id):
            state = _taken_out(state, made, cue.id, f"cleared by {order.by}")
    return state


def _taken_out(state: Playout, made: Made, cue: CueId, reason: str) -> Playout:
    """End every form in which this unit knows `cue`."""
    if state.on_air is not None and state.on_air.cue.id == cue:
        state = close(state, made, state.on_air, Ending.STOPPED, reason)
    for claim in state.claims:
        if claim.cue.id == cue:
            state = close(state, made, claim, Ending.STOPPED if claim.begun else Ending.CANCELLED, reason)
    for found in state.found:
        if found.cue.id == cue:
            state = broken_off(state, made, found, Ending.STOPPED, reason)
    for planned in (*state.pending, *(coming.cue for coming in state.raised)):
        if planned.id == cue:
            state = close_pending(state, made, planned, Ending.CANCELLED, reason)
    return state


def _faulted(state: Playout, made: Made, fault: Faulted) -> Playout:
    airing = state.on_air
    if airing is not None and airing.cue.id == fault.cue:
        gone = gone_on(state, made, airing, fault.at or state.now)
        return gone or close(state, made, airing, Ending.FAULTED, fault.why)
    for claim in state.claims:
        if claim.cue.id == fault.cue and claim.begun is not None:
            return close(state, made, claim, Ending.FAULTED, fault.why)
    return state


def _is_over(state: Playout, cue: PlannedCue, revision: int) -> bool:
    """Whether it is closed here; of an emergency, whether this version or a newer one is."""
    emergency = cue.rank is Rank.EMERGENCY
    return any(one.cue == cue.id and not (emergency and one.revision < revision) for one in state.closed)
