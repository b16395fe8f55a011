"""What units are told of one version of an alert: one order for all who hear the same clips. Pure.

Laws
1. Nothing that was meant is signed with a drill's words in it, and no drill that does not begin with them:
   a mistake anywhere else, in a template or in the panel, ends here.
2. All orders of a version start at one instant, and no two rounds of an alert, of any version or any clips,
   bear one name: each has a line of its own in the as-run log.
3. An id says which alert, version and clips: the same after a restart, so that units act once.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from broadcaster.domain.alert import Alert, AlertCall, Message, Status, rounds
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId, CueId, ProgrammeId, UnitId, ZoneId
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.domain.plan import Clip
from broadcaster.link.messages import ClearAlert, RaiseAlert, RaiseDrill

__all__ = [
    "LEAST_LEAD",
    "MOST_LEAD",
    "Refused",
    "Sounding",
    "check_drill",
    "cleared",
    "known_zones",
    "lead_of",
    "may_practise",
    "raised",
    "soundings",
]

LEAST_LEAD = timedelta(milliseconds=60)
MOST_LEAD = timedelta(seconds=1)
"""Between them lies the time from an order to its first sample: long enough for all, so that they are in
step, and never so long that somebody waits for one unit on a bad line, which joins late."""

_SLOWEST = 0.95
"""The part of the units whose way is waited for."""

_SECOND = timedelta(seconds=1)
_TRIES = 3600
"""Seconds by which the name of a first round is moved on, at most, until it is nobody else's."""


class Refused(Exception):
    """This must not be signed. The text says why, for staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounding:
    """Who hears the same clips of a version; `units` is empty when it is all units of `zones`."""

    clips: tuple[Clip, ...]
    zones: frozenset[ZoneId]
    units: tuple[UnitId, ...] = ()

    def targets(self, station: Station) -> tuple[str, ...]:
        """As orders name them."""
        if self.units:
            return tuple(f"unit:{unit}" for unit in self.units)
        if self.zones == station.reach([EVERYWHERE]):
            return (EVERYWHERE,)
        return tuple(f"zone:{zone}" for zone in sorted(self.zones))


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """One order to be signed."""

    id: str
    body: RaiseAlert | RaiseDrill | ClearAlert
    to: tuple[str, ...]
    expires: datetime


def known_zones(station: Station, zones: Iterable[str]) -> frozenset[ZoneId]:
    """The zones that are meant, each with all below it; one that is not there any more is passed over."""
    known = {zone.id for zone in station.zones} | {EVERYWHERE}
    return station.reach(zone for zone in zones if zone in known)


def soundings(
    alert: Alert,
    station: Station,
    units: Mapping[UnitId, ZoneId],
    clips_in: Callable[[ZoneId], tuple[Clip, ...]],
) -> tuple[Sounding, ...]:
    """Those who hear the same, together, in an order that does not change. `units` are the station's; a zone
    for which there are no clips is in none of them."""
    named = {unit: units[unit] for unit in alert.units if unit in units}
    zones = frozenset(named.values()) if alert.units else known_zones(station, alert.zones)
    together: dict[tuple[Clip, ...], set[ZoneId]] = {}
    for zone in sorted(zones):
        clips = clips_in(zone)
        if clips:
            together.setdefault(clips, set()).add(zone)
    return tuple(
        Sounding(
            clips=clips,
            zones=frozenset(same),
            units=tuple(sorted(unit for unit, zone in named.items() if zone in same)),
        )
        for clips, same in together.items()
    )


def lead_of(ways: Iterable[float], devices: Iterable[float]) -> timedelta:
    """How long before its first sample an alert is sent: what an order takes to nearly all of its units
    (`ways`, seconds one way) and then the slowest of them to its first sample (`devices`, seconds)."""
    known = sorted(ways)
    way = known[math.ceil(_SLOWEST * len(known)) - 1] if known else 0.0
    needed = timedelta(seconds=way + max(devices, default=0.0))
    return min(max(needed, LEAST_LEAD), MOST_LEAD)


def check_drill(alert: Alert, clips: Iterable[Clip], drill_words: Collection[ClipId]) -> None:
    """Law 1. `drill_words`: the clips that say that it is a drill. Raises Refused."""
    said = [clip.id in drill_words for clip in clips]
    if alert.status is Status.ACTUAL and any(said):
        raise Refused("it was not sent: it is meant, and its sound says that it is a drill")
    if alert.status is not Status.ACTUAL and not (said and said[0]):
        raise Refused("it was not sent: a drill begins with words that say so, and they are not ready")


def may_practise(station: Station, zones: Iterable[ZoneId], start: datetime) -> bool:
    """Whether it may be heard at `start` in one of the zones, as drills keep to the allowed hours."""
    span = Spell(begin=start, end=start + _SECOND)
    return any(station.open_for(zone, span) for zone in zones)


def raised(
    alert: Alert,
    told: tuple[Sounding, ...],
    station: Station,
    start: datetime,
    *,
    taken: Collection[CueId],
    sound: Callable[[Clip], bytes | None],
    mark: str = "",
) -> tuple[Raised, ...]:
    """The orders of a version that says something, to sound at `start`. `taken`: the names of other rounds
    of this alert. `sound`: the bytes of a clip that travels inside its order. `mark` ends the ids."""
    kind = RaiseAlert if alert.status is Status.ACTUAL else RaiseDrill
    names = set(taken)
    orders = []
    for number, sounding in enumerate(told, 1):
        call = _named(_call(alert, sounding.clips, start, station.timezone), names)
        names |= {each.id for each in rounds(call, call.start)}
        inline = (sound(clip) for clip in sounding.clips)
        order = Raised(
            id=f"{alert.id}-{alert.version}{mark}" + (f"-{number}" if len(told) > 1 else ""),
            body=kind(call=call, sounds=tuple(raw for raw in inline if raw is not None)),
            to=sounding.targets(station),
            expires=alert.expires,
        )
        orders.append(order)
    return tuple(orders)


def cleared(alert: Alert, station: Station, expires: datetime, *, mark: str = "") -> Raised:
    """The order that silences an alert up to that version: a person's stop, or one that was taken back too
    late. `expires`: with the alert, so that units that come back hear of it too."""
    zones = known_zones(station, alert.zones)
    everybody = Sounding(clips=(), zones=zones, units=alert.units)
    by = alert.by if alert.message is Message.STOP else alert.cancelled_by or alert.by
    return Raised(
        id=f"{alert.id}-{alert.version}{mark}",
        body=ClearAlert(alert=alert.id, version=alert.version, by=by),
        to=everybody.targets(station),
        expires=expires,
    )


def _call(alert: Alert, clips: tuple[Clip, ...], start: datetime, timezone: ZoneInfo) -> AlertCall:
    nominal = start.astimezone(timezone).replace(microsecond=0, tzinfo=None)
    return AlertCall(
        cue=CueId.of(ProgrammeId(alert.id), nominal.date(), nominal.time()),
        version=alert.version,
        title=alert.title,
        severity=alert.severity,
        start=start,
        expires=alert.expires,
        clips=clips,
        repeats=alert.repeats,
        gap=alert.gap,
        every=alert.every,
        until=alert.until,
        volume=alert.volume,
    )


def _named(call: AlertCall, taken: Collection[CueId]) -> AlertCall:
    """Law 2: the call with the nearest name that gives none of its rounds one of `taken`."""
    if not taken:
        return call
    first, others = call.cue.nominal, {cue.nominal for cue in taken}
    own = tuple(each.id.nominal for each in rounds(call, call.start))
    for later in range(_TRIES):
        if others.isdisjoint(nominal + later * _SECOND for nominal in own):
            named = first + later * _SECOND
            return replace(call, cue=CueId.of(call.cue.programme, named.date(), named.time()))
    raise Refused("it was not sent: this alert has too many rounds to tell them apart; raise a new one")
