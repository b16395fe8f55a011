"""When announcements start: words that a person wants heard now, or at a time of their own.

Laws
1. What is to be said now is held back until its sound is there, and then starts far enough ahead for its
   clips to reach the units: neighbours start together or not at all.
2. Once a plan in force has it, its start is not moved any more, also not by a hub that restarts; as long as
   none has it (the store was locked, the hub was off) its start moves on.
3. After its grace it is not waited for: units get it as it is, and their lines say that it came too late.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from broadcaster.domain.names import CueId, ZoneId
from broadcaster.domain.rundown import Cue
from broadcaster.hub.airing import PlanShelf
from broadcaster.hub.planning import LAYING, Lookup, is_pending

__all__ = ["Announcing", "Timing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Which announcements are not planned yet, and when those start that could not start when meant."""

    held_back: frozenset[CueId]
    starts: Mapping[CueId, datetime]


class Announcing:
    """Knows from the plans in force what lies on the units already."""

    def __init__(self, shelf: PlanShelf) -> None:
        self._shelf = shelf

    def timing(
        self, announced: Iterable[Cue], lookup: Lookup, zones: Collection[ZoneId], now: datetime
    ) -> Timing:
        """When the announcements of a rundown start; `zones` are those that have units."""
        held: set[CueId] = set()
        starts: dict[CueId, datetime] = {}
        for cue in announced:
            laid = self._shelf.laid(cue.id)
            if laid is not None and (laid.clips or laid.start <= now):
                starts[cue.id] = laid.start
            elif now > cue.start + cue.grace:
                continue
            elif is_pending(cue, lookup):
                held.add(cue.id)
            elif now + LAYING > cue.start and not cue.zones.isdisjoint(zones):
                starts[cue.id] = now + LAYING
        return Timing(held_back=frozenset(held), starts=starts)
