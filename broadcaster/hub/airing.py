"""What units are told: signed plans, signed orders, and the present state when one asks.

Laws
1. Everything here answers from memory: a locked store or a full disk does not keep a unit waiting.
2. A plan gets a new revision only when it tells units something else.
3. Plans are files by hash like clips; which one is in force outlives a restart (current.json).
4. Of one alert a unit that asks is told only the newest version that is for it, or its silence.
"""

import hashlib
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace as _with

from broadcaster.domain.names import AlertId, ClipId, CueId, StationId, UnitId, ZoneId
from broadcaster.domain.plan import Plan, PlannedCue
from broadcaster.files import write_whole
from broadcaster.hub.planning import same_content
from broadcaster.link.envelope import HubKey, Refused, VerifyKeys, opened, seal
from broadcaster.link.messages import (
    WIRE_VERSION,
    Ask,
    BadMessage,
    Body,
    ClearAlert,
    Order,
    PlanChanged,
    PlanRef,
    Present,
    RaiseAlert,
    RaiseDrill,
    TestReadiness,
    are_for,
    read,
    write,
)
from broadcaster.link.packing import packed
from broadcaster.link.timing import AskTime, TimeTold, microseconds
from broadcaster.store.faults import StoreFull

__all__ = ["Airing", "Membership", "PlanShelf"]

_ORDER_LIFE = timedelta(minutes=10)
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_STATE = 12
"""Digits by which a unit names the state it was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """What the hub knows of a unit that has joined. `volume` in dB below full."""

    unit: UnitId
    name: str
    zone: ZoneId
    volume: float


class PlanShelf:
    """The signed plans on the hub's disk: SHA-256 names, the one in force of each zone, some older ones."""

    def __init__(self, folder: Path, key: HubKey) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._key = key
        self._current = self._folder / "current.json"
        self.refs: Mapping[ZoneId, PlanRef] = self._remembered()
        self._plans = {zone: plan for zone in self.refs if (plan := self._plan(zone)) is not None}

    def plan(self, zone: ZoneId) -> Plan | None:
        """The plan in force."""
        return self._plans.get(zone)

    def laid(self, cue: CueId) -> PlannedCue | None:
        """The cue as a plan in force has it."""
        cues = (planned for plan in self._plans.values() for planned in plan.cues)
        return next((planned for planned in cues if planned.id == cue), None)

    @property
    def clips(self) -> frozenset[ClipId]:
        """Every clip that a plan in force names."""
        return frozenset(clip for plan in self._plans.values() for clip in plan.clips)

    def put(self, drafts: Iterable[Plan], next_revision: Callable[[], int]) -> dict[ZoneId, PlanRef]:
        """Put those plans in force that say something new, and tell which. Zones not named have none.

        Raises StoreFull when the disk takes nothing, and then what was in force stays.
        """
        try:
            return self._put(drafts, next_revision)
        except OSError as fault:
            raise StoreFull(self._current) from fault

    def _put(self, drafts: Iterable[Plan], next_revision: Callable[[], int]) -> dict[ZoneId, PlanRef]:
        wanted = {plan.zone: plan for plan in drafts}
        fresh: dict[ZoneId, PlanRef] = {}
        revision = 0
        for zone, draft in wanted.items():
            held = self._plans.get(zone)
            if held is not None and zone in self.refs and same_content(held, draft):
                continue
            revision = revision or next_revision()
            fresh[zone] = self._laid(draft, revision)
        refs = {zone: fresh.get(zone) or self.refs[zone] for zone in wanted}
        if refs != self.refs:
            write_whole(self._current, write(refs))
            self.refs = refs
            self._plans = {zone: plan for zone in refs if (plan := self._plan(zone)) is not None}
            self._clear_old()
        return fresh

    def path_of(self, sha256: ClipId) -> Path:
        return self._folder / sha256

    def _laid(self, draft: Plan, revision: int) -> PlanRef:
        signed = seal(self._key, packed(write(replace(draft, revision=revision))))
        sha256 = ClipId(hashlib.sha256(signed).hexdigest())
        write_whole(self.path_of(sha256), signed)
        return PlanRef(revision=revision, sha256=sha256, size=len(signed))

    def _remembered(self) -> dict[ZoneId, PlanRef]:
        try:
            kept = read(dict[str, PlanRef], self._current.read_bytes())
        except (OSError, BadMessage):
            return {}
        return {ZoneId(zone): ref for zone, ref in kept.items()}

    def _plan(self, zone: ZoneId) -> Plan | None:
        ours = VerifyKeys.of([self._key.verify])
        try:
            return opened(self.path_of(self.refs[zone].sha256).read_bytes(), ours, Plan)
        except (OSError, Refused):
            return None

    def _clear_old(self) -> None:
        """Keep what is in force and the forty youngest others: a slow unit may still be fetching one."""
        in_force = {ref.sha256 for ref in self.refs.values()}
        files = [
            path for path in self._folder.iterdir() if len(path.name) == 64 and path.name not in in_force
        ]
        for path in sorted(files, key=lambda path: path.stat().st_mtime)[:-40]:
            path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _InForce:
    to: tuple[str, ...]
    expires: datetime
    envelope: bytes
    about: tuple[AlertId, tuple[int, bool]] | None
    """Of an alert: which version of it, and whether it silences that one."""


class Airing:
    """Signs orders and answers units. `clips_url` is where they fetch plans and clips, ending in /clips/.

    Orders are given by some threads, units answered by another: what all know is replaced, never changed.
    """

    def __init__(self, *, station: StationId, key: HubKey, shelf: PlanShelf, clips_url: str) -> None:
        self._station = station
        self._key = key
        self._shelf = shelf
        self._clips_url = clips_url
        self._units: Mapping[UnitId, Membership] = {}
        self._in_force: Mapping[str, _InForce] = {}
        self._giving = threading.Lock()

    @property
    def units(self) -> Mapping[UnitId, Membership]:
        """Who has joined."""
        return self._units

    def admit(self, units: Iterable[Membership]) -> None:
        """These are the units there are."""
        self._units = {member.unit: member for member in units}

    def order(
        self, body: Body, *, id: str, to: tuple[str, ...], seq: int, now: datetime, expires: datetime
    ) -> bytes:
        """The signed order; units that ask before it expires are given it too, unless it is about plans, or a
        test: who was away was silent."""
        order = Order(
            v=WIRE_VERSION,
            station=self._station,
            to=to,
            id=id,
            seq=seq,
            issued=now,
            expires=expires,
            body=body,
        )
        envelope = seal(self._key, write(order))
        if not isinstance(body, PlanChanged | TestReadiness):
            self.hold(order, envelope, now)
        return envelope

    def hold(self, order: Order, envelope: bytes, now: datetime) -> None:
        """Give units that ask before it expires this order, which was signed before."""
        fresh = _InForce(to=order.to, expires=order.expires, envelope=envelope, about=_about(order.body))
        with self._giving:
            held = {id: old for id, old in self._in_force.items() if now < old.expires}
            self._in_force = {**held, order.id: fresh}

    def plans_changed(self, plans: Mapping[ZoneId, PlanRef], *, seq: int, now: datetime) -> bytes:
        """The signed order that says there are new plans for these zones."""
        return self.order(
            PlanChanged(plans={str(zone): ref for zone, ref in plans.items()}),
            id=f"plans-{seq}",
            to=tuple(f"zone:{zone}" for zone in sorted(plans)),
            seq=seq,
            now=now,
            expires=now + _ORDER_LIFE,
        )

    def answer(self, ask: Ask, received: datetime, now: Callable[[], datetime]) -> bytes | None:
        """The whole present state of the unit that asks, signed; None when it is not one of ours."""
        member = self._units.get(ask.unit)
        if member is None:
            return None
        present = self._present(member, received)
        return seal(self._key, write(_with(present, nonce=ask.nonce, answered=max(now(), received))))

    def time(
        self, unit: UnitId, ask: AskTime, received: datetime, now: Callable[[], datetime]
    ) -> bytes | None:
        """What time it is, and whether the unit's state is what it was, signed; None like `answer`."""
        member = self._units.get(unit)
        if member is None:
            return None
        told = TimeTold(
            v=WIRE_VERSION,
            nonce=ask.nonce,
            heard=microseconds(received),
            same=ask.state == self._present(member, received).state,
            took=microseconds(max(now() - received, timedelta(0))),
        )
        return seal(self._key, write(told))

    def _present(self, member: Membership, received: datetime) -> Present:
        """The state of a unit, of no question yet."""
        held = [
            held
            for held in self._in_force.values()
            if received < held.expires and are_for(held.to, unit=member.unit, zone=member.zone)
        ]
        newest: dict[AlertId, tuple[int, bool]] = {}
        for alert, version in (each.about for each in held if each.about is not None):
            newest[alert] = max(version, newest.get(alert, version))
        orders = tuple(
            each.envelope for each in held if each.about is None or newest[each.about[0]] == each.about[1]
        )
        present = Present(
            v=WIRE_VERSION,
            station=self._station,
            unit=member.unit,
            nonce="",
            zone=member.zone,
            name=member.name,
            volume=member.volume,
            clips_url=self._clips_url,
            plan=self._shelf.refs.get(member.zone),
            orders=orders,
            received=received,
            answered=received,
        )
        timeless = _with(present, received=_NO_TIME, answered=_NO_TIME)
        return _with(present, state=hashlib.sha256(write(timeless)).hexdigest()[:_STATE])


def _about(body: Body) -> tuple[AlertId, tuple[int, bool]] | None:
    """Which version of which alert it is about, and whether it silences it."""
    match body:
        case RaiseAlert(call=call) | RaiseDrill(call=call):
            return AlertId(call.cue.programme), (call.version, False)
        case ClearAlert(alert=alert, version=version):
            return alert, (version, True)
        case _:
            return None
