"""From a rundown and the clips there are to the plan of each zone. Pure.

Laws
1. A plan's content depends on what is meant and on what is ready, never on when it was worked out, so a
   plan that says the same keeps its revision.
2. An item that could not be made is named in `missing`; the rest of its cue is planned all the same.
3. What is held back and what starts later than meant is said by the caller (`announcing`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broadcaster.domain.instants import Spell
from broadcaster.domain.names import CueId, ZoneId
from broadcaster.domain.places import Station
from broadcaster.domain.plan import Clip, Plan, PlannedCue
from broadcaster.domain.programme import Chime, Pause, Playable, Recorded, Relay, Spoken
from broadcaster.domain.rundown import Cue, Rundown

__all__ = [
    "AHEAD",
    "BEHIND",
    "LAYING",
    "Missing",
    "Pending",
    "Ready",
    "called",
    "plan_for",
    "planned",
    "span_at",
]

AHEAD = timedelta(days=7)
BEHIND = timedelta(hours=3)
"""How far back a plan reaches: a unit that comes back may join what is still on air."""

LAYING = timedelta(seconds=4)
"""What it takes to lay a short clip on the units over a poor link. A unit that does not have its
clips by then waits for them as long as the cue's grace, and records NOT_READY after that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """Its clip is being made, or waits to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """It could not be made; why, in words for staff."""

    why: str


Ready = Clip | Pending | Missing
Lookup = Callable[[Playable], Ready]


def span_at(now: datetime) -> Spell:
    """What a plan made now covers. It moves four times a day: SIM cards are paid by the megabyte."""
    quarter = now.replace(hour=now.hour // 6 * 6, minute=0, second=0, microsecond=0)
    return Spell(begin=quarter - BEHIND, end=quarter + AHEAD + timedelta(hours=6))


def planned(cue: Cue, lookup: Lookup, start: datetime | None = None) -> PlannedCue:
    """The cue as units play it, with the clips that are ready; `start` when it had to move."""
    clips: list[Clip] = []
    missing: list[str] = []
    for item in cue.items:
        match lookup(item):
            case Clip() as clip:
                clips.append(replace(clip, silent=isinstance(item, Pause)))
            case Pending():
                missing.append(f"{called(item)}: it was not made yet")
            case Missing(why=why):
                missing.append(f"{called(item)}: {why}")
    if not cue.items:
        missing.append("nothing was booked into it")
    return PlannedCue(
        id=cue.id,
        title=cue.title,
        rank=cue.rank,
        start=cue.start if start is None else start,
        mode=cue.mode,
        grace=cue.grace,
        late=cue.late,
        clips=tuple(clips),
        max=cue.max,
        missing=tuple(missing),
        live=any(isinstance(item, Relay) for item in cue.items),
    )


def is_pending(cue: Cue, lookup: Lookup) -> bool:
    """Whether some of its sound is still being made."""
    return any(isinstance(lookup(item), Pending) for item in cue.items)


def plan_for(
    station: Station,
    zone: ZoneId,
    rundown: Rundown,
    lookup: Lookup,
    starts: Mapping[CueId, datetime],
    held_back: Iterable[CueId],
    span: Spell,
    revision: int,
    keep: Iterable[Playable] = (),
) -> Plan:
    """The plan of the units of `zone`: the cues that reach it, but those held back. `keep`: what they are to
    have whatever is planned."""
    held = frozenset(held_back)
    return Plan(
        station=station.id,
        zone=zone,
        revision=revision,
        span=span,
        open=station.open_for(zone, span),
        caps=station.caps_for(zone, span),
        cues=tuple(
            planned(cue, lookup, starts.get(cue.id))
            for cue in rundown.cues
            if zone in cue.zones and cue.id not in held
        ),
        keep=tuple(dict.fromkeys(clip for item in keep if isinstance(clip := lookup(item), Clip))),
    )


def same_content(one: Plan, other: Plan) -> bool:
    """Whether two plans of a zone tell a unit the same, but for revision."""
    return replace(one, revision=0) == replace(other, revision=0)


def called(item: Playable) -> str:
    """An item as staff would call it."""
    match item:
        case Chime(name=name):
            return f"chime {name}"
        case Spoken(words=words):
            first = " ".join(words.split())
            return f"words “{first[:40]}…”" if len(first) > 40 else f"words “{first}”"
        case Recorded(path=path):
            return f"recording {path}"
        case Relay(url=url):
            return f"relay of {url}"
        case Pause(length=length):
            return f"pause of {length.total_seconds():g} s"
