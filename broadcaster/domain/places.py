"""Whom a cue is for: a station, its zones, its units."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from broadcaster.domain.instants import Spell, merged, to_utc
from broadcaster.domain.names import StationId, UnitId, ZoneId
from broadcaster.domain.quiet import AllowedHours, QuietSpell, open_spells
from broadcaster.domain.volume import Cap, SofterHours, caps_within

__all__ = ["EVERYWHERE", "Station", "Unit", "UnknownZone", "Zone"]

EVERYWHERE = "all"
"""The word that always means every zone."""


class UnknownZone(LookupError):
    """A zone that station.toml does not name."""

    def __init__(self, zone: str, known: Iterable[str]) -> None:
        super().__init__(f"there is no zone {zone!r} in station.toml; it has: {', '.join(known)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """An area people address. `languages` in the order they are spoken to; empty means the station's."""

    id: ZoneId
    name: str
    parent: ZoneId | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A networked loudspeaker box on a pole, in exactly one zone."""

    id: UnitId
    name: str
    zone: ZoneId


@dataclass(frozen=True, kw_only=True)
class Station:
    """One commune's broadcaster: what station.toml says. Raises ValueError when zones make no forest."""

    id: StationId
    name: str
    timezone: ZoneInfo
    language: str
    voices: tuple[str, ...]
    zones: tuple[Zone, ...]
    allowed: tuple[AllowedHours, ...] = ()
    quiet: tuple[QuietSpell, ...] = ()
    softer: tuple[SofterHours, ...] = ()
    approval: bool = False

    def __post_init__(self) -> None:
        ids = [zone.id for zone in self.zones]
        if not ids:
            raise ValueError("a station has at least one zone")
        twice = sorted({zone for zone in ids if ids.count(zone) > 1})
        if twice:
            raise ValueError(f"these zones are written twice: {', '.join(twice)}")
        for zone in self.zones:
            self._check_parents(zone)
        for quiet in self.quiet:
            self.reach(quiet.zones)
        for softer in self.softer:
            self.reach(softer.zones)

    def _check_parents(self, zone: Zone) -> None:
        seen = {zone.id}
        while zone.parent is not None:
            if zone.parent in seen:
                raise ValueError(f"zone {zone.id} is its own ancestor")
            seen.add(zone.parent)
            zone = self.zone(zone.parent)

    @cached_property
    def _by_id(self) -> dict[str, Zone]:
        return {zone.id: zone for zone in self.zones}

    def zone(self, zone: str) -> Zone:
        """The zone of that id. Raises UnknownZone."""
        try:
            return self._by_id[zone]
        except KeyError:
            raise UnknownZone(zone, self._by_id) from None

    def reach(self, zones: Iterable[str]) -> frozenset[ZoneId]:
        """Every zone that `zones` mean: each with all below it. Raises UnknownZone."""
        reached: set[ZoneId] = set()
        for wanted in zones:
            if wanted == EVERYWHERE:
                return frozenset(self._by_id[zone].id for zone in self._by_id)
            reached.add(self.zone(wanted).id)
        growing = True
        while growing:
            below = {z.id for z in self.zones if z.parent in reached} - reached
            reached |= below
            growing = bool(below)
        return frozenset(reached)

    def lineage(self, zone: str) -> tuple[ZoneId, ...]:
        """The zone itself and all above it, nearest first. Raises UnknownZone."""
        found = self.zone(zone)
        line = [found.id]
        while found.parent is not None:
            found = self.zone(found.parent)
            line.append(found.id)
        return tuple(line)

    def quiet_for(self, zone: str) -> tuple[QuietSpell, ...]:
        """The quiet spells `zone` lies in, its own and those of all above it. Raises UnknownZone."""
        here = set(self.lineage(zone))
        return tuple(spell for spell in self.quiet if here.intersection(spell.zones))

    def open_for(self, zone: str, span: Spell) -> tuple[Spell, ...]:
        """When within `span` anything but an emergency may sound in `zone`, as UTC. Raises UnknownZone."""
        quiet = merged(
            Spell(begin=begin, end=end)
            for spell in self.quiet_for(zone)
            if (begin := to_utc(spell.begin, self.timezone)) < (end := to_utc(spell.end, self.timezone))
        )
        return open_spells(self.allowed, quiet, self.timezone, span)

    def caps_for(self, zone: str, span: Spell) -> tuple[Cap, ...]:
        """How loud it may be in `zone` within `span`, as UTC. Raises UnknownZone."""
        here = set(self.lineage(zone))
        softer = (hours for hours in self.softer if here.intersection(hours.zones))
        return caps_within(softer, self.timezone, span)
