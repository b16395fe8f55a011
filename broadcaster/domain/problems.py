"""What can be wrong with cues that are each well made, as values to show; found in `conflicts`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from broadcaster.domain.cues import Cue
from broadcaster.domain.names import CueId, ZoneId

__all__ = ["Notes", "Problem", "ProblemKind"]

_FEW_ZONES = 3
"""So many are named one by one in a sentence."""


class ProblemKind(StrEnum):
    """Names for the panel, which says each in its reader's language."""

    CLASH = "clash"  # two cues want the same zone at the same time
    OVERRUN = "overrun"  # runs past its own max, or into the end of the hours or a quiet spell
    OUTSIDE_HOURS = "outside-hours"  # starts when no ordinary sound is allowed
    QUIET = "quiet"  # starts while some or all of its zones are quiet
    DEAD_AIR = "dead-air"  # nothing to play
    UNKNOWN_ZONE = "unknown-zone"  # names a zone the station does not have
    SAME_NAME = "same-name"  # a second cue of the same id; it is left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong with a rundown: the cues it concerns (of a clash: the one on air, then the newcomer),
    when it happens, in which zones, and an English sentence in the station's local time. `gives_way` is
    the cue of a clash that does, by the table of the playout."""

    kind: ProblemKind
    cues: tuple[CueId, ...]
    at: datetime
    zones: frozenset[ZoneId]
    sentence: str
    gives_way: CueId | None = None


class Notes:
    """Problems found zone by zone, put together so that each is told once, with all its zones."""

    def __init__(self, everywhere: frozenset[ZoneId]) -> None:
        self._everywhere = everywhere
        self._found: dict[tuple[ProblemKind, tuple[CueId, ...], datetime], Problem] = {}

    def tell(
        self,
        kind: ProblemKind,
        cues: Sequence[Cue],
        at: datetime,
        zones: Iterable[ZoneId],
        words: str | Callable[[], str],
        gives_way: Cue | None = None,
    ) -> None:
        """Note a problem. `words` may be a function, asked only when it is new: a year of them is costly."""
        ids = tuple(cue.id for cue in cues)
        known = self._found.get((kind, ids, at))
        self._found[kind, ids, at] = (
            replace(known, zones=known.zones.union(zones))
            if known is not None
            else Problem(
                kind=kind,
                cues=ids,
                at=at,
                zones=frozenset(zones),
                sentence=words if isinstance(words, str) else words(),
                gives_way=None if gives_way is None else gives_way.id,
            )
        )

    def problems(self) -> tuple[Problem, ...]:
        """All that was noted, by instant, each sentence ending with where."""
        told = (replace(p, sentence=f"{p.sentence} ({self._where(p.zones)})") for p in self._found.values())
        return tuple(sorted(told, key=lambda p: (p.at, p.kind, p.cues)))

    def _where(self, zones: frozenset[ZoneId]) -> str:
        if zones == self._everywhere:
            return "everywhere"
        if len(zones) > _FEW_ZONES:
            return f"{len(zones)} zones"
        return ", ".join(sorted(zones)) or "nowhere"
