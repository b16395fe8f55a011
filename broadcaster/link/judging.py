"""Whether a unit obeys what was truly signed: is it for us, now, and for the first time.

Pure: the time is an argument, and the memory of what was acted on is a value to be kept on the disk.

Laws
1. An order is acted on at most once, across restarts: the memory is on the disk before the sound starts.
   Orders about alerts are acted on first and remembered right after, for a disk may hang: one life of the
   process acts on each once, the next takes up what is still in force (`Memory.for_alert`), and the records
   of what has sounded keep any round from being heard twice.
2. An id is forgotten only when its order has expired, so forgetting never lets one in again. The memory is
   bounded all the same: when it is full, the order given first is folded into `floor`, below which every
   order counts as acted on.
3. Of one thing (the plan, the volume, an alert) only a newer version is taken.
4. A unit that does not know the time cannot know what has expired. It asks the hub, whose answer carries
   the nonce of the question, and judges the orders in that answer by the answer's own time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import assert_never

from broadcaster.domain.alert import DRILL
from broadcaster.domain.instants import instant
from broadcaster.domain.names import StationId, UnitId, ZoneId
from broadcaster.domain.plan import Plan
from broadcaster.link.envelope import Refusal
from broadcaster.link.messages import (
    WIRE_VERSION,
    Body,
    ClearAlert,
    Order,
    PlanChanged,
    Present,
    RaiseAlert,
    RaiseDrill,
    SetVolume,
    Stop,
    TestChime,
    TestReadiness,
    are_for,
)

__all__ = [
    "AHEAD",
    "CAPACITY",
    "MOST_ALERTS",
    "Acted",
    "Memory",
    "is_about_alert",
    "is_drill_or_not",
    "judge",
    "judge_plan",
    "judge_present",
]

AHEAD = timedelta(seconds=60)
"""How far in the future an order may have been issued: more than hub and unit can differ when in step."""

CAPACITY = 512
"""Unexpired orders a unit remembers one by one."""

MOST_ALERTS = 256
"""Alerts of which a unit remembers the newest version; all of them have long expired but the latest few."""

_KEPT = timedelta(hours=1)
"""How long an id is kept beyond its expiry, should the clock be set back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acted:
    """An order that was acted on."""

    id: str
    seq: int
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a unit must not forget over a restart. Travels through `messages.write` and `messages.read`.

    `acted` holds the orders acted on that could still be repeated; every order up to `floor` counts as
    acted on; `versions` holds the newest version taken of each thing.
    """

    acted: tuple[Acted, ...] = ()
    floor: int = 0
    versions: Mapping[str, int] = field(default_factory=dict)

    def knows(self, order: Order) -> bool:
        """Whether it was acted on, as far as can be told."""
        return order.seq <= self.floor or any(order.id == old.id for old in self.acted)

    def after(self, order: Order, *, zone: ZoneId, now: datetime) -> "Memory":
        """The memory once `order` is acted on. Keep it on the disk first, then act."""
        known = [old for old in self.acted if now < old.expires + _KEPT and old.id != order.id]
        known.append(Acted(id=order.id, seq=order.seq, expires=order.expires))
        known.sort(key=lambda old: old.seq)
        folded, kept = known[:-CAPACITY], known[-CAPACITY:]
        floor = max([self.floor, *(old.seq for old in folded)])
        return replace(self, acted=tuple(kept), floor=floor)._with(_version(order, zone))

    def holding_plan(self, plan: Plan) -> "Memory":
        """The memory once this plan is in force."""
        return self._with((_plan_of(plan.zone), plan.revision))

    def for_alert(self) -> "Memory":
        """The memory by which a process judges an order about an alert that it has not acted on itself."""
        return replace(self, acted=(), floor=0)

    def has_heard(self, alert: str, version: int) -> bool:
        """Whether that version of an alert, or a newer one, was acted on."""
        return self.versions.get(_alert(alert), 0) >= version

    def _with(self, version: tuple[str, int] | None) -> "Memory":
        if version is None:
            return self
        thing, number = version
        number = max(number, self.versions.get(thing, number))
        versions = {name: known for name, known in self.versions.items() if name != thing} | {thing: number}
        alerts = [name for name in versions if name.startswith(_alert(""))]
        for oldest in alerts[:-MOST_ALERTS]:
            del versions[oldest]
        return replace(self, versions=versions)

    def is_older(self, version: tuple[str, int] | None) -> bool:
        """Whether something newer is held of the same thing."""
        return version is not None and version[1] < self.versions.get(version[0], version[1])


def judge(
    order: Order,
    memory: Memory,
    *,
    now: datetime,
    station: StationId,
    unit: UnitId,
    zone: ZoneId,
    clock_trusted: bool,
) -> Refusal | None:
    """Why the unit does not obey the order; None: obey. `now` is station time.

    For an order inside a `Present` that passed `judge_present`, `now` is its `answered`, and the clock is
    trusted.
    """
    instant(now)
    if order.v != WIRE_VERSION or not is_drill_or_not(order.body):
        return Refusal.MALFORMED
    if order.station != station:
        return Refusal.OTHER_STATION
    if not are_for(order.to, unit=unit, zone=zone):
        return Refusal.NOT_FOR_US
    if memory.knows(order):
        return Refusal.REPEATED
    if not clock_trusted:
        return Refusal.CLOCK_NOT_TRUSTED
    if order.issued > now + AHEAD:
        return Refusal.FUTURE
    if now >= _expires(order):
        return Refusal.EXPIRED
    return Refusal.OLDER_VERSION if memory.is_older(_version(order, zone)) else None


def is_about_alert(body: Body) -> bool:
    """Whether it is acted on first and remembered after."""
    return isinstance(body, RaiseAlert | RaiseDrill | ClearAlert)


def is_drill_or_not(body: Body) -> bool:
    """Whether it is as grave as its kind says: a drill that is called an alert is neither, nor is an alert
    that is called a drill."""
    match body:
        case RaiseAlert(call=call):
            return call.severity != DRILL
        case RaiseDrill(call=call):
            return call.severity == DRILL
        case _:
            return True


def _expires(order: Order) -> datetime:
    match order.body:
        case RaiseAlert(call=call) | RaiseDrill(call=call):
            return min(order.expires, call.expires)
        case _:
            return order.expires


def judge_present(present: Present, *, station: StationId, unit: UnitId, nonce: str) -> Refusal | None:
    """Why the unit does not take this answer; None: take it. An answer to another question is an old one."""
    if present.v != WIRE_VERSION:
        return Refusal.MALFORMED
    if present.station != station:
        return Refusal.OTHER_STATION
    if present.unit != unit:
        return Refusal.NOT_FOR_US
    return None if present.nonce == nonce else Refusal.REPEATED


def judge_plan(plan: Plan, memory: Memory, *, station: StationId, zone: ZoneId) -> Refusal | None:
    """Why the unit does not put this plan in force; None: it does."""
    if plan.station != station:
        return Refusal.OTHER_STATION
    if plan.zone != zone:
        return Refusal.NOT_FOR_US
    return Refusal.OLDER_VERSION if memory.is_older((_plan_of(zone), plan.revision)) else None


def _plan_of(zone: ZoneId) -> str:
    return f"plan:{zone}"


def _alert(alert: str) -> str:
    return f"alert:{alert}"


def _version(order: Order, zone: ZoneId) -> tuple[str, int] | None:
    """Which thing the order changes, and to which version of it."""
    match order.body:
        case PlanChanged(plans=plans):
            return (_plan_of(zone), plans[zone].revision) if zone in plans else None
        case SetVolume():
            return ("volume", order.seq)
        case RaiseAlert(call=call) | RaiseDrill(call=call):
            return (_alert(call.cue.programme), call.version)
        case ClearAlert(alert=alert, version=version):
            return (_alert(alert), version)
        case Stop() | TestChime() | TestReadiness():
            return None
        case _:
            assert_never(order.body)
