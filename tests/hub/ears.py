"""A hub as a process runs it, with one unit at the other end of its wire that writes down what it hears."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from broadcaster import clock
from broadcaster.domain.alert import Alert
from broadcaster.domain.names import UnitId, ZoneId
from broadcaster.domain.places import Unit
from broadcaster.link import messages
from broadcaster.link.connection import UnitLink
from broadcaster.link.envelope import VerifyKeys, opened
from broadcaster.link.fromdesk import hand_over
from broadcaster.link.identity import Identity
from broadcaster.link.messages import (
    WIRE_VERSION,
    Ask,
    HandedOver,
    Order,
    PlanChanged,
    Present,
    write,
)
from broadcaster.station import StationFolder
from broadcaster.store.units import JoinedUnit
from tests.days.studio import Studio
from tests.hub.alarms import FLOOD, an_alert, warned_commune
from tests.hub.test_service import hub_listens
from tests.link.villages import QUICK, alive, free_port, until

__all__ = ["BEN", "PROMPT", "SOON", "Day", "Ear", "live", "raised", "warned_station"]

BEN = UnitId("loa-ben")
SOON = timedelta(milliseconds=400)
PROMPT = timedelta(seconds=1)
"""Within which an order about an alert is heard on a machine that does much else; what stands in its way in
these tests lasts two seconds and more. What it really takes is measured by the bench."""


class Ear:
    """A unit that listens."""

    def __init__(self, station: StationFolder, unit: UnitLink) -> None:
        self.station, self.unit = station, unit
        self.keys = VerifyKeys.of([station.hub_key.verify])
        self.heard: list[tuple[datetime, Order]] = []

    async def hear(self, envelope: bytes) -> None:
        order = opened(envelope, self.keys, Order)
        if not isinstance(order.body, PlanChanged | messages.TestReadiness):
            self.heard.append((clock.now(), order))

    async def hears(self, number: int = 1, *, within: float = 10.0) -> list[Order]:
        await until(lambda: len(self.heard) >= number, within=within)
        return [order for _, order in self.heard]

    async def kept(self) -> list[Order]:
        """What a unit that asks is told of alerts."""
        ask = Ask(v=WIRE_VERSION, unit=BEN, nonce="n")
        present = opened(await self.unit.ask(write(ask)), self.keys, Present)
        return [opened(envelope, self.keys, Order) for envelope in present.orders]

    def find(self, version: int = 1) -> Alert:
        alert = self.station.store.alerts.find(FLOOD, version)
        assert alert is not None
        return alert

    async def hand_over(self, handed: HandedOver) -> None:
        url, key = self.station.broker_url, self.station.panel_identity
        await asyncio.to_thread(hand_over, url, self.station.station.id, key, write(handed))

    async def is_written(self, version: int = 1, *, within: float = 10.0) -> Alert:
        def written() -> bool:
            alert = self.station.store.alerts.find(FLOOD, version)
            return alert is not None and alert.sent is not None

        await until(written, within=within)
        return self.find(version)


Day = Callable[[Ear], Coroutine[Any, Any, None]]


def warned_station(folder: Path) -> StationFolder:
    """A station whose alerts are made at once, on ports of its own."""
    ports = f"\n[broker]\nport = {free_port()}\n[hub]\nport = {free_port()}\n"
    station = StationFolder(warned_commune(folder, ports))
    vars(station)["maker"] = Studio(station.library, {}, {})
    return station


def are_ready(station: StationFolder) -> bool:
    """Whether every sound of every alert lies in a plan."""
    laid = station.store.readiness.laid()
    return {each.template for each in laid} == {"lu", "chay"} and not any(each.pending for each in laid)


def live(station: StationFolder, day: Day, *, ready: bool = True) -> None:
    """Run the hub with one unit at its wire; `day` begins when the alerts' sounds are made."""
    key = Identity.create()
    joined = JoinedUnit(
        unit=Unit(id=BEN, name="Loa Bến", zone=ZoneId("thon-ben")), nkey=key.public, joined=clock.now()
    )
    station.store.units.put(joined)

    async def run() -> None:
        stop = asyncio.Event()
        service = station.make_service()
        running = asyncio.create_task(service.run(stop))
        unit = UnitLink(station.broker_url, key, station.station.id, BEN, pace=QUICK)
        ear = Ear(station, unit)
        unit.on_order(ear.hear)
        async with alive(unit.run):
            async with asyncio.timeout(30):
                await unit.ready()
                await hub_listens(unit)
                while ready and not are_ready(station):
                    await asyncio.sleep(0.02)
            await day(ear)
        stop.set()
        await running

    asyncio.run(run())


def raised(station: StationFolder, *, after: timedelta = SOON, **other: object) -> Alert:
    """It is committed, and the hub is woken."""
    now = clock.now()
    alert = an_alert(now, fires_at=now + after, **other)
    station.store.alerts.put(alert)
    return alert
