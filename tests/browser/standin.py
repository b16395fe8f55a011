"""A hub and twelve units, as far as a panel sees them: what a store holds when they work, or do not.

It does what the hub's own tests prove of the real one: fires at `fires_at` unless it was taken back, marks
what was sent, and enters receipts, lines and heartbeats. Nothing sounds.
"""

import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from broadcaster import clock
from broadcaster.domain.alert import Alert, Message
from broadcaster.domain.asrun import AsRunEntry, Outcome, Stretch
from broadcaster.domain.names import AlertId, CueId, ProgrammeId, UnitId
from broadcaster.domain.places import EVERYWHERE
from broadcaster.store import StoreFault
from tests.web.commune import Commune

ROUND = timedelta(seconds=2)
"""How long one round is here."""

_STEP = 0.03
_BEAT = timedelta(seconds=1)
_LEAD = timedelta(milliseconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A receipt."""

    order: str
    alert: AlertId
    version: int
    received: datetime
    started: datetime | None
    lacks: int = 0
    why: str = ""


class StandInHub:
    """Runs beside a panel until `close`. `working` False: a hub that is not there. `time_stands`: no second
    passes on the panel's clock. `deaf`: units without a network; `slow`: units that have it and do not begin;
    `mute`: units that say why they cannot."""

    def __init__(self, commune: Commune) -> None:
        self.commune = commune
        self.working = True
        self.time_stands = False
        self.deaf: set[str] = set()
        self.slow: set[str] = set()
        self.mute: dict[str, str] = {}
        self.sent: list[Alert] = []
        self._reached: dict[tuple[str, int], list[str]] = {}
        self._told: set[tuple[str, int, str]] = set()
        self._beaten = datetime.min.replace(tzinfo=UTC)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stand-in hub")
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_STEP):
            with suppress(StoreFault):
                self._step(clock.now())

    def _step(self, now: datetime) -> None:
        if self.time_stands:
            return
        self.commune.present = now
        if now - self._beaten > _BEAT:
            self._beaten = now
            self.commune.beats(*(unit for unit in self._units() if unit not in self.deaf), ago=0)
        if not self.working:
            return
        alerts = self.commune.station.store.alerts
        for alert in alerts.waiting(now):
            due = alert.fires_at is not None and alert.fires_at <= now
            if due and alerts.fire(alert.id, alert.version, now):
                self._send(alert, now)
        for alert in self.sent:
            self._rounds(alert, now)

    def _send(self, alert: Alert, now: datetime) -> None:
        alerts = self.commune.station.store.alerts
        start = now + _LEAD
        alerts.mark_sent(alert.id, alert.version, start=start, at=now)
        found = alerts.find(alert.id, alert.version)
        assert found is not None
        self.sent.append(found)
        receipts = []
        self._reached[alert.id, alert.version] = self._targets(alert)
        for unit in self._targets(alert):
            quiet = unit in self.slow or unit in self.mute or alert.message is Message.STOP
            receipt = Answered(
                order=f"{alert.id}-{alert.version}",
                alert=alert.id,
                version=alert.version,
                received=now,
                started=None if quiet else start,
                why=self.mute.get(unit, ""),
            )
            receipts.append((UnitId(unit), receipt))
        alerts.receive(receipts, now)

    def _rounds(self, alert: Alert, now: datetime) -> None:
        """The line of the first round, when it is over."""
        over = alert.start is not None and now > alert.start + ROUND
        newest = not any(other.id == alert.id and other.version > alert.version for other in self.sent)
        if not over or not newest or alert.message is Message.STOP:
            return
        for unit in self._reached[alert.id, alert.version]:
            key = (alert.id, alert.version, unit)
            if key in self._told or unit in self.slow or unit in self.mute:
                continue
            self._told.add(key)
            self._tell(alert, unit)

    def _tell(self, alert: Alert, unit: str) -> None:
        assert alert.start is not None
        local = alert.start.astimezone(self.commune.station.station.timezone)
        entry = AsRunEntry(
            unit=UnitId(unit),
            cue=CueId.of(ProgrammeId(alert.id), local.date(), local.time().replace(microsecond=0)),
            title=alert.title,
            revision=0,
            outcome=Outcome.AIRED,
            planned=alert.start,
            ended=alert.start + ROUND,
            asked=ROUND,
            stretches=(Stretch(begin=alert.start, length=ROUND),),
            reason="",
        )
        self.commune.station.store.asrun.record((entry,), alert.start + ROUND)

    def _targets(self, alert: Alert) -> list[str]:
        station = self.commune.station.station
        known = {EVERYWHERE, *(zone.id for zone in station.zones)}
        zones = station.reach(zone for zone in alert.zones if zone in known)
        there = [unit for unit, zone in self._units().items() if zone in zones and unit not in self.deaf]
        return [unit for unit in there if not alert.units or unit in alert.units]

    def _units(self) -> dict[str, str]:
        units = self.commune.station.store.units.all()
        return {joined.unit.id: joined.unit.zone for joined in units}
