"""The passages a unit's player is handed: what is decided, and what will be within moments.

Laws
1. What is handed over ends where the allowed hours end and is not begun once it has expired, even if nobody
   says another word: the box may hang, the device may take frames late, and no village is woken by that.
   Only an emergency is free of the hours, and a drill is not.
2. How loud it is follows from rank, the unit's volume and the caps at the instant that sounds; nothing is
   remembered, so nothing has to be put back. An alert that is meant is as loud as it says itself, whatever
   the unit is set to; a drill as loud as a priority programme.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from broadcaster.domain.alert import is_drill
from broadcaster.domain.instants import until_of
from broadcaster.domain.names import CueId
from broadcaster.domain.plan import PlannedCue
from broadcaster.domain.playout import Begin, Cease, Decision, Playout
from broadcaster.domain.programme import Rank
from broadcaster.domain.volume import Cap, cap_at
from broadcaster.horn.passage import Passage, amplitude

__all__ = ["applied", "chime_among", "fitted"]


def applied(passages: list[Passage], decision: Decision) -> list[Passage]:
    """The list of passages once `decision` holds."""
    match decision:
        case Begin(cue=cue, at=at, clip=clip, offset=offset):
            skip = sum(c.frames for c in cue.clips[:clip]) + offset
            prompt = cue.rank is Rank.EMERGENCY
            return [*passages, Passage(cue=cue.id, begin=at, clips=cue.clips, skip=skip, prompt=prompt)]
        case Cease(cue=cue, at=at):
            return [p for p in (_ceased(p, cue.id, at) for p in passages) if p is not None]
        case _:
            return passages


def fitted(
    passage: Passage,
    cue: PlannedCue | None,
    *,
    state: Playout,
    caps: Iterable[Cap],
    volume: float,
    now: datetime,
) -> Passage:
    """The passage as it may sound: bounded by hours and expiry, and as loud as it may be by now, or when it
    begins if that is later. `cue` None: the test chime."""
    moment = max(now, passage.begin)
    rank = _rank(cue)
    gain = amplitude(rank, volume, cap_at(caps, rank, moment))
    until, expires = passage.until, None
    if cue is not None and rank is Rank.EMERGENCY:
        gain = cue.volume
    else:
        over = until_of(state.open, moment)
        until = over if until is None else min(until, over or until)
    if cue is not None and state.trusted:  # by a wrong clock nothing has expired
        expires = cue.expires
    return replace(passage, gain=gain, until=until, expires=expires)


def _rank(cue: PlannedCue | None) -> Rank:
    """By which hours and loudness are judged."""
    if cue is None:
        return Rank.ORDINARY
    return Rank.PRIORITY if is_drill(cue) else cue.rank


def chime_among(test: Passage, passages: Iterable[Passage], alive_from: datetime) -> Passage | None:
    """The test chime as far as it may sound: it gives way to everything. None when it was over by then."""
    for passage in passages:
        if passage.begin <= test.begin < passage.end:
            return None
        if test.begin < passage.begin < test.end:
            test = replace(test, until=passage.begin)
    return test if test.end > alive_from else None


def _ceased(passage: Passage, cue: CueId, at: datetime) -> Passage | None:
    if passage.cue != cue or passage.end <= at:
        return passage
    return replace(passage, until=at) if at > passage.begin else None
