"""The rounds of alerts as lines of the rundown: what is meant is on record before it is heard, so that a unit
that never tells of it is found out.

A newer version takes the lines of the older ones that have not begun; one for some units only adds its own.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from broadcaster.domain.alert import AlertCall, rounds
from broadcaster.domain.names import AlertId, CueId, UnitId, ZoneId
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.domain.programme import Rank
from broadcaster.link.messages import Body, RaiseAlert, RaiseDrill
from broadcaster.store.rundown import CueLine

__all__ = ["Lines", "Meant"]

_KINDS = ("zone", "unit")

Meant = tuple[datetime, tuple[CueLine, ...]]
"""Since when which lines are meant."""


class Lines:
    """By alert. `owed` is what the store does not have yet."""

    def __init__(self) -> None:
        self._meant: dict[AlertId, dict[CueId, CueLine]] = {}
        self._names: dict[AlertId, set[CueId]] = {}
        self.owed: dict[AlertId, Meant] = {}

    def names(self, alert: AlertId) -> frozenset[CueId]:
        """The names of all rounds there ever were of it."""
        return frozenset(self._names.get(alert, ()))

    def add(
        self,
        alert: AlertId,
        orders: Iterable[tuple[Body, tuple[str, ...]]],
        zones_of: Callable[[UnitId], ZoneId | None],
        station: Station,
        at: datetime,
    ) -> None:
        """What the orders of one version (their bodies and targets), signed at `at`, mean for its lines."""
        fresh: dict[CueId, CueLine] = {}
        covered: set[ZoneId] = set()
        for body, to in orders:
            zones, units = _reached(to, zones_of, station)
            covered |= zones if not units else frozenset()
            if isinstance(body, RaiseAlert | RaiseDrill):
                fresh |= _lines(body.call, zones, units)
        meant = self._meant.get(alert, {})
        kept = {cue: left for cue, line in meant.items() if (left := _left(line, covered, at)) is not None}
        self._meant[alert] = kept | fresh
        self._names.setdefault(alert, set()).update(fresh)
        self.owed[alert] = at, tuple(self._meant[alert].values())

    def settled(self, owed: Mapping[AlertId, Meant]) -> None:
        """The store has these."""
        for alert, meant in owed.items():
            if self.owed.get(alert) == meant:
                del self.owed[alert]

    def forget(self, alerts: Container[AlertId]) -> None:
        """Know nothing any more of alerts but these."""
        for alert in [known for known in self._meant if known not in alerts and known not in self.owed]:
            del self._meant[alert], self._names[alert]


def _left(line: CueLine, covered: set[ZoneId], at: datetime) -> CueLine | None:
    """What is left of a line when a newer version speaks to these zones."""
    zones = line.zones - covered
    if line.start <= at or zones == line.zones:
        return line
    return replace(line, zones=zones) if zones else None


def _reached(
    to: tuple[str, ...], zones_of: Callable[[UnitId], ZoneId | None], station: Station
) -> tuple[frozenset[ZoneId], frozenset[UnitId]]:
    """Zones and, when only some units are meant, those. What the station has no more is in neither."""
    if EVERYWHERE in to:
        return station.reach([EVERYWHERE]), frozenset()
    named = {kind: [id for k, _, id in (each.partition(":") for each in to) if k == kind] for kind in _KINDS}
    units = {UnitId(unit): zones_of(UnitId(unit)) for unit in named["unit"]}
    known = {zone.id for zone in station.zones} & {ZoneId(zone) for zone in named["zone"]}
    return frozenset(known.union(zone for zone in units.values() if zone is not None)), frozenset(units)


def _lines(call: AlertCall, zones: frozenset[ZoneId], units: frozenset[UnitId]) -> dict[CueId, CueLine]:
    return {
        cue.id: CueLine(
            cue=cue.id,
            zones=zones,
            start=cue.start,
            title=cue.title,
            rank=Rank.EMERGENCY,
            asked=cue.whole,
            units=units,
        )
        for cue in rounds(call, call.start)
    }
