"""A commune whose alerts are timed: hub and broker, real units and light ones, and a person at the desk.

Instants are seconds of `clock.monotonic`, which all processes of a machine share.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np

from broadcaster import clock
from broadcaster.clock import monotonic
from broadcaster.domain.alert import Alert, Message, Severity, Status
from broadcaster.domain.names import AlertId, UnitId, ZoneId
from broadcaster.domain.places import Unit
from broadcaster.link.connection import HubLink
from broadcaster.link.identity import Identity
from broadcaster.store import StoreFault
from broadcaster.store.units import JoinedUnit
from tests.bench._lightunits import BARE, Crowd, Heard, Members
from tests.days.warned import Warned, second_of

__all__ = ["AlertOffice", "Aloud"]

_CROWDS = 2
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Aloud:
    """An alert that was raised. `fires`: when its countdown was over. `typed_at`: when its row was committed,
    if it had none. `light`: how the light units heard it."""

    id: str
    fires: float
    began: float
    light: Heard | None = None


class AlertOffice:
    """`horns`: real units, each with its device. `light`: so many light ones, whose horns take `lead`."""

    def __init__(
        self, folder: Path, *, horns: Mapping[str, str] | None = None, light: int = 0, lead: float = 0.0
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.horns = horns or {}
        self.light = light
        self.lead = lead
        self._folder = folder
        self.commune = Warned(folder, self.horns)
        self._crowds: list[Crowd] = []
        self._names = self._bare = 0

    def start(self) -> None:
        with self.commune.station.store.writing():
            members = [self._let_in(f"loa-nhe-{number}", number) for number in range(self.light)]
        if self.horns:
            self.commune.start()
        else:
            self.commune.start_hub()
            self.commune.until("the broker answers", self.commune.broker_answers)
        station = self.commune.station
        each = -(-self.light // _CROWDS) or 1
        for first in range(0, self.light, each):
            crowd = Members(
                url=station.broker_url,
                station=station.station.id,
                verify_key=str(station.hub_key.verify),
                lead=self.lead,
                units=members[first : first + each],
            )
            self._crowds.append(Crowd(self._folder / f"crowd-{first}", crowd))
        self._until("every sound of the alerts is made", self._all_made)
        self._until("all light units have told how they are", lambda: all(c.ready for c in self._crowds))

    def stop(self) -> None:
        for crowd in self._crowds:
            crowd.stop()
        self.commune.stop()

    def name(self, kind: str = "kc") -> str:
        """A new one for an alert."""
        self._names += 1
        return f"{kind}-{self._names:04d}"

    # -- what people do ------------------------------------------------------------------------------

    def raised(self, **more: object) -> Aloud:
        """The desk's verb; on air when its countdown is over."""
        began = monotonic()
        alert = self.commune.warn(self.name(), **more)
        assert alert.fires_at is not None
        return Aloud(id=alert.id, fires=second_of(alert.fires_at), began=began)

    def typed_without_a_countdown(self, words: str) -> Aloud:
        """What the desk's verb commits, but to be fired at once: no voice gets ahead in the countdown."""
        station, began, now = self.commune.station, monotonic(), clock.now()
        alert = Alert(
            id=AlertId(self.name()),
            version=1,
            status=Status.ACTUAL,
            message=Message.ALERT,
            title="Khẩn cấp",
            severity=Severity.SEVERE,
            zones=("all",),
            by="bench",
            asked=now,
            expires=now + timedelta(hours=1),
            fires_at=now,
            words=words,
        )
        station.store.alerts.put(alert)
        station.wake()
        return Aloud(id=alert.id, fires=began, began=began)

    def stopped(self, aloud: Aloud) -> None:
        """Silence, for the next one."""
        with suppress(StoreFault):
            self.commune.silence(aloud.id)

    # -- looking -------------------------------------------------------------------------------------

    def told(self, aloud: Aloud) -> dict[UnitId, float]:
        """When the first sample sounded, as each real unit told; those that told."""
        started = self.commune.started(aloud.id)
        return {unit: second_of(moment) for unit, moment in started.items()}

    def all_told(self, alerts: Sequence[Aloud]) -> None:
        """Wait for the receipts."""
        self._until(
            "every unit has told when it sounded",
            lambda: all(len(self.told(aloud)) >= len(self.horns) for aloud in alerts),
        )

    def heard_by_light(self, names: Sequence[str]) -> dict[str, Heard]:
        """By name of a bare publish, or id of an alert: what all crowds heard of it together."""
        wanted = list(names)
        self._until(
            f"the crowds have heard {wanted}",
            lambda: all(any(_is(name, h) for h in c.heard()) for c in self._crowds for name in wanted),
        )
        found = {}
        for name in wanted:
            parts = [next(h for h in crowd.heard() if _is(name, h)) for crowd in self._crowds]
            found[name] = _together(parts)
        return found

    def bare(self, size: int, times: int, every: float = 0.4) -> list[float]:
        """The broker's own fan-out, in seconds: from a publish of so many bytes, under the hub's nkey, to the
        last receipt at the light units; `times` of them."""
        names = [f"{number:8d}" for number in range(self._bare, self._bare + times)]
        self._bare += times
        sent = asyncio.run(self._publish(names, size, every))
        heard = self.heard_by_light([name.strip() for name in names])
        for name, at in zip(names, sent, strict=True):
            assert len(heard[name.strip()].arrived) == self.light, "a bare publish was lost"
            assert max(heard[name.strip()].arrived) > at
        return [max(heard[name.strip()].arrived) - at for name, at in zip(names, sent, strict=True)]

    async def _publish(self, names: Sequence[str], size: int, every: float) -> list[float]:
        station = self.commune.station
        identity = Identity.load_or_create(station.state / "hub.nkey")
        link = HubLink(station.broker_url, identity, station.station.id)
        running = asyncio.ensure_future(link.run())
        sent = []
        try:
            await link.ready()
            for name in names:
                await asyncio.sleep(every)
                sent.append(monotonic())
                await link.order((BARE + name.encode()).ljust(size, b"."))
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        return sent

    def _all_made(self) -> bool:
        laid = self.commune.station.store.readiness.laid()
        return bool(laid) and not any(each.pending for each in laid)

    def _let_in(self, name: str, number: int) -> tuple[str, str]:
        station, key = self.commune.station, Identity.create()
        zones = [zone.id for zone in station.station.zones[1:]]
        place = Unit(id=UnitId(name), name=name, zone=ZoneId(zones[number % len(zones)]))
        joined = JoinedUnit(unit=place, nkey=key.public, joined=clock.now() - timedelta(days=1))
        station.store.units.put(joined)
        return name, key.seed

    def _until(self, what: str, come: Callable[[], bool]) -> None:
        ends = monotonic() + _PATIENCE
        while not come():
            if monotonic() > ends:
                raise TimeoutError(f"waited {_PATIENCE:g} s in vain until {what}")
            time.sleep(0.05)


def _is(name: str, heard: Heard) -> bool:
    """An order's id begins with the alert's id and its version."""
    return heard.name == name or heard.name.startswith(f"{name}-1")


def _together(parts: Sequence[Heard]) -> Heard:
    whole = parts[0]
    for part in parts[1:]:
        whole.arrived += part.arrived
        whole.acted += part.acted
        whole.refused += part.refused
        whole.why = whole.why or part.why
    return whole


def middle(values: Sequence[float]) -> float:
    """The median, of seconds, in ms."""
    return 1000 * float(np.median(values))
