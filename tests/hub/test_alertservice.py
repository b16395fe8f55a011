"""Alerts as a process runs them: a real broker, a real store, a unit that listens, and what goes wrong."""

import asyncio
import hashlib
import sqlite3
import time
from collections.abc import Callable, Coroutine
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadcaster import clock
from broadcaster.domain.alert import Alert, Message
from broadcaster.domain.instants import Spell
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
    ClearAlert,
    HandedOver,
    HandedStop,
    Order,
    PlanChanged,
    Present,
    RaiseAlert,
    Receipt,
    Stop,
    Tell,
    Told,
    read,
    write,
)
from broadcaster.link.wire import AskRefused
from broadcaster.speech import Request
from broadcaster.speech.chain import Voices
from broadcaster.station import StationFolder
from broadcaster.store.units import JoinedUnit
from tests.days.studio import Studio
from tests.days.troubles import full_disk
from tests.hub.alarms import FLOOD, a_stop_of, an_alert, warned_commune
from tests.hub.test_service import hub_listens
from tests.link.villages import QUICK, alive, free_port, until
from tests.speech.tone import ToneVoice

pytestmark = pytest.mark.wire

BEN = UnitId("loa-ben")
SOON = timedelta(milliseconds=400)
PROMPT = timedelta(milliseconds=250)
"""Within which an order about an alert is heard; what it really takes is measured by the bench."""


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
        orders = [opened(envelope, self.keys, Order) for envelope in present.orders]
        return [order for order in orders if not isinstance(order.body, messages.TestReadiness)]

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


@pytest.fixture
def station(tmp_path: Path) -> StationFolder:
    ports = f"\n[broker]\nport = {free_port()}\n[hub]\nport = {free_port()}\n"
    return with_a_studio(StationFolder(warned_commune(tmp_path / "station", ports)))


def with_a_studio(station: StationFolder) -> StationFolder:
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


def test_an_alert_is_heard_when_its_countdown_is_over_and_not_before(station: StationFolder) -> None:
    async def day(ear: Ear) -> None:
        alert = raised(station)
        (order,) = await ear.hears()
        at = ear.heard[0][0]
        assert alert.fires_at is not None
        assert timedelta(0) <= at - alert.fires_at <= PROMPT
        assert isinstance(order.body, RaiseAlert)
        assert order.id == "kc-lu-1"
        assert order.to == ("all",)
        assert order.expires == alert.expires
        call = order.body.call
        assert timedelta(milliseconds=60) <= call.start - order.issued <= timedelta(seconds=1)
        assert [clip.title for clip in call.clips] == ["alert", "Lũ đang về"]
        assert order.body.sounds == ()
        known = await ear.is_written()
        assert known.fired is not None
        assert known.start == call.start
        assert known.trouble == ""
        assert len(await ear.kept()) == 1
        span = Spell(begin=call.start, end=alert.expires)
        lines = station.store.rundown.planned(span)
        assert [line.start for line in lines] == [call.start + n * call.step for n in range(3)]
        assert [line.cue.programme for line in lines] == [str(FLOOD)] * 3

    live(station, day)


def test_a_stop_silences_at_once_and_is_told_to_who_comes_back(station: StationFolder) -> None:
    async def day(ear: Ear) -> None:
        alert = raised(station, after=timedelta(0))
        await ear.hears()
        stop = a_stop_of(alert, clock.now())
        station.store.alerts.put(stop)
        await asyncio.to_thread(station.wake)
        orders = await ear.hears(2)
        assert orders[1].body == ClearAlert(alert=FLOOD, version=2, by="chu-tich")
        assert ear.heard[1][0] - stop.asked < PROMPT + timedelta(seconds=0.25)
        assert [order.body for order in await ear.kept()] == [orders[1].body]
        await ear.is_written(2)

    live(station, day)


def test_what_was_taken_back_in_time_is_never_heard(station: StationFolder) -> None:
    async def day(ear: Ear) -> None:
        alert = raised(station)
        await asyncio.to_thread(station.wake)
        await asyncio.sleep(0.2)
        assert station.store.alerts.cancel(FLOOD, 1, "chu-tich", clock.now())
        await asyncio.sleep(0.6)  # nobody wakes the hub: it asks the store itself when the time is over
        assert alert.fires_at is not None
        assert clock.now() > alert.fires_at
        assert ear.heard == []
        assert ear.find().fired is None

    live(station, day)


def test_a_writer_that_holds_the_store_for_five_seconds_delays_no_alert(station: StationFolder) -> None:
    async def day(ear: Ear) -> None:
        alert = raised(station)
        with closing(sqlite3.connect(station.state / "station.db", isolation_level=None)) as other:
            await asyncio.sleep(0.3)  # the hub has seen it
            other.execute("BEGIN IMMEDIATE")
            await ear.hears()
            assert alert.fires_at is not None
            assert ear.heard[0][0] - alert.fires_at <= PROMPT
            await asyncio.sleep(4.5)
            assert ear.find().fired is None
            other.execute("ROLLBACK")
        known = await ear.is_written()
        assert known.fired is not None
        assert known.sent is not None
        assert known.sent - alert.fires_at <= PROMPT
        assert len(ear.heard) == 1

    live(station, day)


def test_what_was_taken_back_while_the_store_was_locked_is_silenced_as_soon_as_that_is_known(
    station: StationFolder,
) -> None:
    async def day(ear: Ear) -> None:
        raised(station)
        with closing(sqlite3.connect(station.state / "station.db", isolation_level=None)) as other:
            await asyncio.sleep(0.3)
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE alerts SET cancelled_by = 'pho-chu-tich', cancelled_at = asked")
            await ear.hears()
            other.execute("COMMIT")
        orders = await ear.hears(2)
        assert orders[1].body == ClearAlert(alert=FLOOD, version=1, by="pho-chu-tich")
        assert orders[1].id == "kc-lu-1-back"
        assert [order.id for order in await ear.kept()] == ["kc-lu-1-back"]

    live(station, day)


def test_while_the_disk_is_full_alerts_go_by_the_wire_and_are_entered_afterwards(
    station: StationFolder,
) -> None:
    async def day(ear: Ear) -> None:
        now = clock.now()
        alert = an_alert(now, fires_at=now + SOON)
        with full_disk():
            await ear.hand_over(HandedOver(alert=alert))
            await ear.hand_over(HandedOver(alert=alert))  # a retry is one act
            await ear.hears()
            assert alert.fires_at is not None
            assert ear.heard[0][0] - alert.fires_at <= PROMPT
            with pytest.raises(AskRefused, match="too-late: kc-lu is on air already"):
                await ear.hand_over(HandedOver(alert=replace(alert, cancelled_by="x")))
            stop = a_stop_of(alert, clock.now())
            await ear.hand_over(HandedOver(alert=stop))
            await ear.hears(2)
            with pytest.raises(AskRefused, match="changed-meanwhile"):
                await ear.hand_over(HandedOver(alert=a_stop_of(alert, clock.now(), by="pho-chu-tich")))
            assert station.store.alerts.find(FLOOD) is None
        known = await ear.is_written(2)
        assert known.message is Message.STOP
        assert ear.find(1).fired is not None
        assert len(ear.heard) == 2

    live(station, day)


def test_a_stop_of_whatever_is_on_air_goes_by_the_wire_when_the_store_takes_nothing(
    station: StationFolder,
) -> None:
    async def day(ear: Ear) -> None:
        now = clock.now()
        stop = HandedStop(
            id="stop-1", to=("all",), cue=None, by="Chủ tịch", asked=now, expires=now + timedelta(seconds=30)
        )
        with full_disk():
            await ear.hand_over(HandedOver(stop=stop))
            await ear.hand_over(HandedOver(stop=stop))
            (order,) = await ear.hears()
            assert order.body == Stop(cue=None, by="Chủ tịch")
            assert order.id == "stop-1"
        await until(lambda: station.store.orders.find("stop-1") is not None)
        kept = station.store.orders.find("stop-1")
        assert kept is not None
        assert kept.sent is not None
        await asyncio.sleep(0.6)
        assert len(ear.heard) == 1

    live(station, day)


def test_what_units_answer_is_acknowledged_when_the_store_has_it(station: StationFolder) -> None:
    async def day(ear: Ear) -> None:
        receipt = Receipt(order="kc-lu-1", alert=FLOOD, version=1, received=clock.now())
        report = write(Tell(v=WIRE_VERSION, unit=BEN, receipts=(receipt,)))
        with closing(sqlite3.connect(station.state / "station.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            telling = asyncio.create_task(ear.unit.tell(report))
            await asyncio.sleep(0.3)
            assert not telling.done()
            other.execute("ROLLBACK")
        assert read(Told, await telling).receipts == ("kc-lu-1",)
        (kept,) = station.store.alerts.receipts(FLOOD)
        assert (kept.unit, kept.order, kept.received) == (BEN, "kc-lu-1", receipt.received)

    live(station, day)


class Hung(ToneVoice):
    """A voice that hangs until it is let go."""

    hangs = True

    def speak(self, request: Request, into: Path) -> None:
        while self.hangs:
            time.sleep(0.02)
        super().speak(request, into)


def test_a_voice_that_hangs_lets_the_signal_go_first_and_the_words_follow(station: StationFolder) -> None:
    voice = Hung()
    vars(station)["voices"] = Voices([voice], station.state / "voices")

    async def day(ear: Ear) -> None:
        now = clock.now()
        asked = now - timedelta(seconds=3)
        alert = an_alert(asked, fires_at=now + SOON, words="Vỡ đê ở Thôn Bến.")
        station.store.alerts.put(alert)
        (first,) = await ear.hears()
        assert alert.fires_at is not None
        assert ear.heard[0][0] - alert.fires_at <= PROMPT
        assert isinstance(first.body, RaiseAlert)
        assert [clip.title for clip in first.body.call.clips] == ["alert", "Lũ đang về"]
        voice.hangs = False
        second = (await ear.hears(2))[1]
        assert isinstance(second.body, RaiseAlert)
        signal, words = second.body.call.clips
        assert signal == first.body.call.clips[0]
        assert words.title == "Vỡ đê ở Thôn Bến."
        (sound,) = second.body.sounds
        assert hashlib.sha256(sound).hexdigest() == words.id
        assert (second.id, second.body.call.version) == ("kc-lu-2-words", 2)
        kept = await ear.is_written(2)
        assert (kept.by, kept.asked, kept.words) == (alert.by, alert.asked, alert.words)
        assert ear.find(1).trouble.startswith("its own words were not ready in time")
        assert len(await ear.kept()) == 1

    try:
        live(station, day)
    finally:
        voice.hangs = False


def test_typed_words_travel_inside_their_order(station: StationFolder) -> None:
    vars(station)["voices"] = Voices([ToneVoice()], station.state / "voices")

    async def day(ear: Ear) -> None:
        raised(station, after=timedelta(seconds=2), template=None, words="Vỡ đê ở Thôn Bến.", title="Vỡ đê")
        (order,) = await ear.hears()
        assert isinstance(order.body, RaiseAlert)
        assert [clip.title for clip in order.body.call.clips] == ["alert", "Vỡ đê ở Thôn Bến."]
        assert len(order.body.sounds) == 1
        assert (await ear.is_written()).trouble == ""

    live(station, day)
