"""Alerts while something is wrong: a store that takes nothing, a full disk, a hung voice, a busy hub."""

import asyncio
import hashlib
import os
import signal
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster import clock
from broadcaster.domain.alert import Message
from broadcaster.hub.hub import Hub, Outgoing
from broadcaster.link.messages import (
    WIRE_VERSION,
    ClearAlert,
    HandedOver,
    HandedStop,
    Order,
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
from tests.days.troubles import full_disk
from tests.hub.alarms import FLOOD, a_stop_of, an_alert
from tests.hub.ears import BEN, PROMPT, SOON, Ear, live, raised, warned_station
from tests.hub.test_service import hub_listens
from tests.link.villages import until
from tests.speech.tone import ToneVoice

pytestmark = pytest.mark.wire


@pytest.fixture
def station(tmp_path: Path) -> StationFolder:
    return warned_station(tmp_path / "station")


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


@pytest.mark.parametrize("kind", ["waiting", "reckoning"])
def test_a_hub_that_is_busy_planning_delays_no_alert(
    station: StationFolder, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> tuple[Outgoing, ...]:
        until = time.monotonic() + 2
        while time.monotonic() < until:
            if kind == "waiting":
                time.sleep(0.1)
        return ()

    async def day(ear: Ear) -> None:
        monkeypatch.setattr(Hub, "step", busy)
        await asyncio.sleep(0.5)
        alert = raised(station, after=timedelta(seconds=0.7))
        await ear.hears()
        assert alert.fires_at is not None
        assert ear.heard[0][0] - alert.fires_at <= PROMPT

    live(station, day)


def test_an_alert_waits_for_a_broker_that_was_killed_and_is_told_as_soon_as_it_is_back(
    station: StationFolder,
) -> None:
    async def day(ear: Ear) -> None:
        pid = int((station.state / "broker" / "nats-server.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        raised(station, after=timedelta(0))
        assert (await ear.is_written()).trouble == ""
        await ear.unit.ready()
        await hub_listens(ear.unit)
        assert [order.id for order in await ear.kept()] == ["kc-lu-1"]  # who was back too late has to ask

    live(station, day)


def test_a_hub_that_restarts_tells_who_asks_what_was_signed_before_and_sends_it_to_nobody_again(
    station: StationFolder,
) -> None:
    """The same folder, two lives of the hub: the second tells who asks what the first one signed."""
    told: list[Order] = []

    async def first(ear: Ear) -> None:
        raised(station, after=timedelta(0))
        await ear.hears()
        await ear.is_written()
        await until(lambda: (station.state / "alerts" / "kc-lu-1").exists())
        told.extend(await ear.kept())

    async def second(ear: Ear) -> None:
        assert await ear.kept() == told
        await asyncio.sleep(0.5)
        assert ear.heard == [], "it was sent before"

    live(station, first)
    live(station, second)
