"""What one unit has on air: a pure state machine, and `step` is the whole of it.

Laws
1. Total: any happening at any time is taken, and nothing is raised.
2. Time may be cut into steps of any size, the decisions are the same. So a unit looks ahead by stepping
   to a later instant and throwing that state away.
3. Never two at once: a `Begin` comes only when the air is free.
4. Each cue whose time has come ends in exactly one `Close`, and what is closed never begins again.
5. Nothing but an emergency that is meant sounds outside the plan's open spells.
6. Nothing but an emergency begins or resumes while a round of one is about to start (`KEPT`).

The values are in `air`, who gives way to whom in `precedence`, waiting and lateness in `lateness`, what
a happening changes in `changes` and, of alerts, in `raising`, the single moves in `moves`. Here is the order
of things: what ends, what falls due, who gets the air, who has waited too long.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import NamedTuple

from broadcaster.domain.air import (
    TOP,
    Airing,
    Begin,
    Cease,
    Claim,
    Cleared,
    ClipsHeld,
    ClockTrusted,
    Close,
    Closed,
    Decision,
    Faulted,
    FoundOpen,
    Happening,
    Onward,
    PlanArrived,
    Playout,
    Point,
    Raised,
    StopOrdered,
)
from broadcaster.domain.alert import is_drill
from broadcaster.domain.asrun import Ending
from broadcaster.domain.changes import applied, in_hours
from broadcaster.domain.instants import until_of
from broadcaster.domain.lateness import (
    FAR,
    due_claim,
    emergency_claim,
    has_sound,
    later,
    longest,
    onward,
    sounding,
)
from broadcaster.domain.moves import (
    Made,
    begun,
    close,
    close_pending,
    knows_schedule,
    newer_than,
    patient,
    revision_of,
    shifted,
    waited,
)
from broadcaster.domain.plan import PlannedCue
from broadcaster.domain.precedence import Answer, answer, gives_way, replaces, strongest
from broadcaster.domain.programme import Rank
from broadcaster.domain.raising import next_round_came

__all__ = [
    "KEPT",
    "Airing",
    "Begin",
    "Cease",
    "Claim",
    "Cleared",
    "ClipsHeld",
    "ClockTrusted",
    "Close",
    "Closed",
    "Decision",
    "Faulted",
    "FoundOpen",
    "Happening",
    "Onward",
    "PlanArrived",
    "Playout",
    "Point",
    "Raised",
    "StopOrdered",
    "fresh",
    "next_instant",
    "step",
]


KEPT = timedelta(seconds=20)
"""A gap up to this long before a round of an emergency is silence. Otherwise a programme would say half a
sentence between two rounds, and people who listen for what comes next would hear music."""


class _Limit(NamedTuple):
    """Until when a cue may wait, and why it is closed then."""

    moment: datetime
    ending: Ending
    reason: str


_ENDLESS = _Limit(FAR, Ending.LATE, "")


def fresh(now: datetime, closed: Iterable[Closed] = ()) -> Playout:
    """The state of a unit that has just started: no plan, clock not trusted, nothing on air.

    `closed`: what this unit has recorded before (8 days back suffice); none of it will sound again.
    """
    return Playout(now=now, closed=tuple(closed))


def step(
    state: Playout, now: datetime, happening: Happening | None = None
) -> tuple[Playout, tuple[Decision, ...]]:
    """Work off all that is due up to and at `now`, in order of time, then what happens at `now`.

    Decisions come in order of time, each dated with its exact instant. A `now` before the state's own
    (a clock slewed back) counts as the state's own: nothing is due twice.
    """
    made: Made = []
    if isinstance(happening, ClockTrusted):
        state = shifted(state, happening.shift)
    now = max(now, state.now)
    while (due := next_instant(state)) is not None and due <= now:
        state = _settled(replace(state, now=max(due, state.now)), made)
    state = replace(state, now=now)
    if happening is not None:
        state = _settled(applied(state, made, happening), made)
    return state, tuple(made)


def next_instant(state: Playout) -> datetime | None:
    """When something is due next if nothing happens before; None when nothing is."""
    return min(_instants(state), default=None)


def _instants(state: Playout) -> Iterator[datetime]:
    if state.pending and knows_schedule(state):
        yield state.pending[0].start
    if state.raised:
        yield state.raised[0].due
        begins = (later(coming.due, -KEPT) for coming in state.raised)
        yield from islice((moment for moment in begins if moment > state.now), 1)
    if state.on_air is not None:
        yield from (moment for moment, _ in _ends(state, state.on_air))
        yield from _item_end(state, state.on_air)
    for claim in state.claims:
        yield from (limit.moment for limit in _limits(state, claim))


def _settled(state: Playout, made: Made) -> Playout:
    """The state when all that is due at its `now` has been worked off."""
    before = None
    while state is not before:
        before = state
        state = _ended(state, made)
        state = _fallen_due(state, made)
        state = _kept(state)
        state = _given_air(state, made)
        state = _given_up(state, made)
    return state


def _ended(state: Playout, made: Made) -> Playout:
    airing = state.on_air
    if airing is None:
        return state
    moment, ending = min(_ends(state, airing), key=lambda end: end[0])
    return close(state, made, airing, ending) if moment <= state.now else state


def _ends(state: Playout, airing: Airing) -> Iterator[tuple[datetime, Ending]]:
    """All that can take it off the air in time; of two at the same instant the first counts."""
    yield airing.end, Ending.ENDED
    yield longest(airing.begun, airing.cue), Ending.OVER_MAX
    if _keeps_hours(airing.cue):
        yield until_of(state.open, state.now) or state.now, Ending.HOURS_OVER


def _item_end(state: Playout, airing: Airing) -> Iterator[datetime]:
    """The end of the item on air, if somebody waits for just that."""
    awaited = any(answer(airing.cue, claim) is Answer.AFTER_ITEM for claim in state.claims)
    if awaited:
        yield airing.end_of(airing.point_at(state.now).clip)


def _keeps_hours(cue: PlannedCue) -> bool:
    """Whether it may sound in the open spells only."""
    return cue.rank is not Rank.EMERGENCY or is_drill(cue)


def _fallen_due(state: Playout, made: Made) -> Playout:
    while knows_schedule(state) and state.pending and state.pending[0].start <= state.now:
        cue = state.pending[0]
        if newer := newer_than(state, cue):
            state = close_pending(state, made, cue, Ending.CANCELLED, f"replaced by version {newer}")
        elif not in_hours(state, cue, state.now):
            state = close_pending(state, made, cue, Ending.OUTSIDE_HOURS)
        else:
            claim = due_claim(cue, revision_of(state, cue), state.now)
            state = replace(state, pending=state.pending[1:], claims=(*state.claims, claim))
    while state.raised and state.raised[0].due <= state.now:
        state = _round_due(state, made, state.raised[0].cue)
    return state


def _round_due(state: Playout, made: Made, cue: PlannedCue) -> Playout:
    if not in_hours(state, cue, state.now):
        reason = "" if knows_schedule(state) else "it is a drill, and the allowed hours are not known here"
        return close_pending(state, made, cue, Ending.OUTSIDE_HOURS, reason)
    state = next_round_came(replace(state, raised=state.raised[1:]), made, cue)
    claim = emergency_claim(cue, cue.version, state.now, in_step=state.trusted)
    return replace(state, claims=(*state.claims, claim))


def _kept(state: Playout) -> Playout:
    """The state that knows since when emergencies keep the air; the patience of those who wait did not run
    meanwhile."""
    if _is_kept(state) == (state.kept is not None):
        return state
    if state.kept is None:
        return replace(state, kept=state.now)
    claims = (waited(claim, state.kept, state.now) for claim in state.claims)
    return replace(state, kept=None, claims=tuple(claims))


def _is_kept(state: Playout) -> bool:
    """Whether the air is an emergency's: on it, or in the short gap before a round."""
    if state.on_air is None:
        return _round_is_near(state)
    return state.on_air.cue.rank is Rank.EMERGENCY


def _round_is_near(state: Playout) -> bool:
    """Whether a round that will sound, as far as is known, is about to start."""
    near = takewhile(lambda coming: coming.due <= later(state.now, KEPT), state.raised)
    return any(
        in_hours(state, coming.cue, coming.due) and any(clip.id in state.held for clip in coming.cue.clips)
        for coming in near
    )


def _given_air(state: Playout, made: Made) -> Playout:
    while wanting := _wanting(state):
        claim = strongest(wanting)
        state = begun(state, made, claim, _point(state, claim))
    return state


def _wanting(state: Playout) -> list[Claim]:
    """Those who may have the air now, and get it. What a newer version of itself is about to replace keeps it
    from nobody: a graver alert that waited behind it comes first."""
    able = [claim for claim in state.claims if _may_sound(state, claim)]
    airing = state.on_air
    if airing is None or any(replaces(claim.cue, airing.cue) for claim in able):
        return able
    return [claim for claim in able if gives_way(airing, claim, state.now)]


def _may_sound(state: Playout, claim: Claim) -> bool:
    """Whether it may have the air now, if the air is free."""
    cue = claim.cue
    if state.trusted and cue.expires is not None and cue.expires <= state.now:
        return False
    if not has_sound(claim, state.held, state.now):
        return False
    if cue.rank is Rank.EMERGENCY:
        return in_hours(state, cue, state.now)
    return knows_schedule(state) and in_hours(state, cue, state.now) and not _round_is_near(state)


def _point(state: Playout, claim: Claim) -> Point | None:
    """Where it goes on; None when its time is over, which an emergency's never is."""
    elapsed = state.now - (claim.lost or state.now)
    point = onward(claim.cue.clips, claim.point, elapsed, claim.onward)
    if claim.cue.rank is not Rank.EMERGENCY:
        return point
    heard = point is not None and sounding(claim.cue, point, state.held) is not None
    return point if heard else TOP


def _given_up(state: Playout, made: Made) -> Playout:
    for claim in state.claims:
        moment, ending, reason = min(_limits(state, claim), key=lambda limit: limit[0], default=_ENDLESS)
        if moment <= state.now:
            state = close(state, made, claim, ending, reason)
    return state


def _limits(state: Playout, claim: Claim) -> Iterator[_Limit]:
    """How long it may wait, and for what it is closed then; of two at the same instant the first counts.

    The time of one who is patient stands still while an emergency holds the air. While the clock is not
    trusted nothing scheduled is closed for waiting: it is judged when the time is known again.
    """
    cue = claim.cue
    if _keeps_hours(cue) and not knows_schedule(state):
        return
    if state.trusted and cue.expires is not None:
        yield _Limit(cue.expires, Ending.EXPIRED, "it expired while it waited")
    if _keeps_hours(cue):
        end = until_of(state.open, state.now) or state.now
        yield _Limit(end, Ending.HOURS_OVER, "the allowed hours ended while it waited")
    if not (_is_kept(state) and patient(claim)):
        yield _patience(state, claim)


def _patience(state: Playout, claim: Claim) -> _Limit:
    if claim.begun is not None:
        return _Limit(claim.until, Ending.OVER_MAX, "its longest time on air was over before it could resume")
    if not has_sound(claim, state.held, state.now):
        return _Limit(claim.until, Ending.NOTHING_HELD, "")
    return _Limit(claim.until, Ending.LATE, "it waited for the air as long as it may")
