"""What a unit's playout makes of alerts that are raised and cleared: rounds, versions, and their names.

Laws
1. A newer version ends what waits and what is to come of every older one at once; what is on air of them ends
   when the new one's first sample sounds, and does not resume.
2. A version that is not newer than one that was raised or cleared changes nothing, whichever came first.
3. No two lines bear one name: a version of which a round would have the name of an older one's has all its
   names put off by the same few seconds.
4. A round that still waits when the next one falls due is over: nobody hears the same words in a row.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

from broadcaster.domain.air import Cleared, Coming, Playout, Raised, Standing
from broadcaster.domain.alert import is_drill
from broadcaster.domain.asrun import Ending
from broadcaster.domain.lateness import has_sound, later
from broadcaster.domain.moves import (
    MEMORY,
    Made,
    broken_off,
    close,
    close_pending,
    revision_of,
    standing_of,
)
from broadcaster.domain.names import CueId, ProgrammeId
from broadcaster.domain.plan import PlannedCue
from broadcaster.domain.programme import Rank

__all__ = ["alert_cleared", "alert_raised", "by_the_clock", "in_order_of_time", "next_round_came"]

_SECOND = timedelta(seconds=1)


def alert_raised(state: Playout, made: Made, order: Raised) -> Playout:
    """The state once `order` is heard, at its `now`."""
    first = order.cue
    alert, version = first.id.programme, first.version
    known = standing_of(state, alert)
    if known is not None and (
        version <= max(known.version, known.silent) or (known.meant and is_drill(first))
    ):
        return state
    heard = Standing(
        alert=alert,
        version=version,
        meant=not is_drill(first),
        silent=0 if known is None else known.silent,
        heard=state.now,
    )
    state = _without_older(_noted(state, heard), made, alert, version)
    named = _named(state, (first, *order.later, *order.missed))
    rounds = [cue for cue in named[: 1 + len(order.later)] if _is_new(state, cue)]
    for cue in named[1 + len(order.later) :]:
        if _is_new(state, cue):
            state = close_pending(state, made, cue, Ending.LATE, "it was over when this unit heard of it")
    for cue in rounds:
        if state.trusted and cue.expires is not None and cue.expires <= state.now:
            state = close_pending(state, made, cue, Ending.EXPIRED)
    coming = [cue for cue in rounds if not _is_closed(state, cue)]
    return replace(state, raised=in_order_of_time((*state.raised, *_due(state, coming))))


def alert_cleared(state: Playout, made: Made, order: Cleared) -> Playout:
    """The state without any version of the order's alert up to its version, now and later."""
    alert = order.alert
    if alert is None:
        return state
    known = standing_of(state, alert)
    silent = max(order.version, 0 if known is None else known.silent)
    if known is None:
        known = Standing(alert=alert, version=0, meant=False, silent=silent, heard=state.now)
    state = _noted(state, replace(known, silent=silent, heard=state.now))
    reason = f"cleared by {order.by}"

    def is_cleared(cue: PlannedCue) -> bool:
        return _is_of(cue, alert) and cue.version <= silent

    if state.on_air is not None and is_cleared(state.on_air.cue):
        state = close(state, made, state.on_air, Ending.STOPPED, reason)
    for claim in [claim for claim in state.claims if is_cleared(claim.cue)]:
        state = close(state, made, claim, Ending.STOPPED if claim.begun else Ending.CANCELLED, reason)
    for found in [found for found in state.found if is_cleared(found.cue)]:
        state = broken_off(state, made, found, Ending.STOPPED, reason)
    return replace(state, raised=tuple(one for one in state.raised if not is_cleared(one.cue)))


def next_round_came(state: Playout, made: Made, cue: PlannedCue) -> Playout:
    """End what still waits of the same version: `cue`, a later round of it, falls due."""
    for claim in state.claims:
        if _is_of(claim.cue, cue.id.programme) and claim.cue.version == cue.version:
            sounds = has_sound(claim, state.held, state.now)
            ending, reason = Ending.LATE, "the next round of it came while it waited"
            state = close(
                state, made, claim, ending if sounds else Ending.NOTHING_HELD, reason if sounds else ""
            )
    return state


def by_the_clock(state: Playout) -> Playout:
    """The rounds to come at the instants they were meant for: the time is known again."""
    return replace(
        state, raised=in_order_of_time(coming._replace(due=coming.cue.start) for coming in state.raised)
    )


def in_order_of_time(coming: Iterable[Coming]) -> tuple[Coming, ...]:
    return tuple(sorted(coming, key=lambda one: (one.due, one.cue.id)))


def _noted(state: Playout, standing: Standing) -> Playout:
    others = (one for one in state.alerts if one.alert != standing.alert)
    if state.trusted:  # a wrong clock must not make it forget
        others = (one for one in others if one.heard >= later(state.now, -MEMORY))
    return replace(state, alerts=(*others, standing))


def _without_older(state: Playout, made: Made, alert: ProgrammeId, version: int) -> Playout:
    """All that waits or is to come of older versions is over; what is on air of them stays till it is taken
    over."""
    reason = f"replaced by version {version}"
    for claim in [claim for claim in state.claims if _is_older(claim.cue, alert, version)]:
        state = close(state, made, claim, Ending.CANCELLED, reason)
    for found in [found for found in state.found if _is_older(found.cue, alert, version)]:
        state = broken_off(state, made, found, Ending.CANCELLED, reason)
    kept = (coming for coming in state.raised if not _is_older(coming.cue, alert, version))
    return replace(state, raised=tuple(kept))


def _named(state: Playout, rounds: tuple[PlannedCue, ...]) -> tuple[PlannedCue, ...]:
    """The rounds under names that no other version bears here."""
    version, taken = rounds[0].version, dict(_names(state))
    for seconds in count():
        names = [_put_off(cue.id, seconds) for cue in rounds]
        if all(taken.get(name, version) == version for name in names):
            break
    return tuple(replace(cue, id=name) for cue, name in zip(rounds, names, strict=True))


def _names(state: Playout) -> Iterator[tuple[CueId, int]]:
    """All names that are borne here, each with the version that bears it."""
    yield from ((closed.cue, closed.revision) for closed in state.closed)
    cues = [*(claim.cue for claim in state.claims), *(coming.cue for coming in state.raised), *state.pending]
    cues += [found.cue for found in state.found]
    cues += [] if state.on_air is None else [state.on_air.cue]
    yield from ((cue.id, revision_of(state, cue)) for cue in cues)


def _put_off(name: CueId, seconds: int) -> CueId:
    if not seconds:
        return name
    nominal = name.nominal + seconds * _SECOND
    return CueId.of(name.programme, nominal.date(), nominal.time())


def _is_new(state: Playout, cue: PlannedCue) -> bool:
    """Whether this round is neither over nor under way, by whatever name, nor older than anything is
    remembered."""
    parts = [claim.cue for claim in state.claims] + [found.cue for found in state.found]
    parts += [] if state.on_air is None else [state.on_air.cue]
    known = [(part.id, part.version, part.start) for part in parts if _is_of(part, cue.id.programme)]
    known += [(one.cue, one.revision, one.start) for one in state.closed]
    same = any(
        name == cue.id or (name.programme, version, start) == (cue.id.programme, cue.version, cue.start)
        for name, version, start in known
    )
    return not same and not (state.trusted and cue.start < later(state.now, -MEMORY))


def _is_closed(state: Playout, cue: PlannedCue) -> bool:
    return any(closed.cue == cue.id for closed in state.closed)


def _due(state: Playout, rounds: list[PlannedCue]) -> Iterator[Coming]:
    """When each falls due: by its start or, if nobody knows what time that is, as long after the first, or
    after what is under way, as it was meant to."""
    if state.trusted or not rounds:
        yield from (Coming(cue, cue.start) for cue in rounds)
        return
    under_way = [claim.cue for claim in state.claims] + ([] if state.on_air is None else [state.on_air.cue])
    starts = [cue.start for cue in under_way if _is_same(cue, rounds[0])]
    anchor: datetime = max(starts, default=rounds[0].start)
    yield from (Coming(cue, later(state.now, cue.start - anchor)) for cue in rounds)


def _is_same(cue: PlannedCue, other: PlannedCue) -> bool:
    return _is_of(cue, other.id.programme) and cue.version == other.version


def _is_older(cue: PlannedCue, alert: ProgrammeId, version: int) -> bool:
    return _is_of(cue, alert) and cue.version < version


def _is_of(cue: PlannedCue, alert: ProgrammeId) -> bool:
    return cue.rank is Rank.EMERGENCY and cue.id.programme == alert
