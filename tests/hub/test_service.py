"""The hub as a process runs it: its own broker, its HTTP server, a unit at the other end of the wire."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Never

import pytest
from aiohttp import ClientSession

from broadcaster import clock
from broadcaster.desk.board import Board
from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.domain.health import Fault, Health, Wellness
from broadcaster.domain.names import CueId, UnitId, ZoneId
from broadcaster.domain.places import Unit
from broadcaster.hub import clips
from broadcaster.link.broker import Broker
from broadcaster.link.connection import UnitLink
from broadcaster.link.envelope import VerifyKeys, opened
from broadcaster.link.identity import Identity
from broadcaster.link.messages import WIRE_VERSION, Ask, Present, Tell, Told, Vitals, read, write
from broadcaster.link.pairing import Joining, JoinOffer
from broadcaster.link.timing import AskTime, TimeTold
from broadcaster.link.vitals import SIGN
from broadcaster.link.wire import AskRefused, NoAnswer, NotConnected
from broadcaster.station import StationFolder
from broadcaster.store.units import JoinedUnit
from tests.days.communes import commune
from tests.days.troubles import full_disk
from tests.link.villages import QUICK, alive, free_port

pytestmark = pytest.mark.wire

BEN = UnitId("loa-ben")
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@pytest.fixture
def station(tmp_path: Path) -> StationFolder:
    ports = f"\n[broker]\nport = {free_port()}\n[hub]\nport = {free_port()}\n"
    return StationFolder(commune(tmp_path / "station", ports))


def with_a_unit(station: StationFolder, day: Callable[[UnitLink], Coroutine[Any, Any, None]]) -> None:
    """Run the hub, let a unit in, and do `day` while it is connected."""
    key = Identity.create()
    place = Unit(id=BEN, name=BEN, zone=ZoneId("thon-ben"))
    station.store.units.put(JoinedUnit(unit=place, nkey=key.public, joined=clock.now() - HOUR))

    async def run() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(station.make_service().run(stop))
        unit = UnitLink(station.broker_url, key, station.station.id, BEN, pace=QUICK)
        async with alive(unit.run):
            async with asyncio.timeout(20):
                await unit.ready()
                await hub_listens(unit)
            await day(unit)
        stop.set()
        await running

    asyncio.run(run())


async def hub_listens(unit: UnitLink) -> None:
    """Wait until the hub answers, if only that it was asked nothing."""
    while True:
        with suppress(NoAnswer, NotConnected):
            with pytest.raises(AskRefused):
                await unit.ask(b"")
            return
        await asyncio.sleep(0.05)


def entry() -> AsRunEntry:
    now = clock.now()
    return AsRunEntry(
        unit=BEN,
        cue=CueId("ban-tin-sang@2026-11-22T05:00:00"),
        title="Bản tin sáng",
        revision=1,
        outcome=Outcome.NOT_READY,
        planned=now,
        ended=now,
        asked=SECOND,
        reason="none of its clips was on the unit",
    )


def test_a_full_disk_is_said_in_a_sentence_to_the_unit_that_tells_and_once_a_minute_to_us(
    station: StationFolder, caplog: pytest.LogCaptureFixture
) -> None:
    report = write(Tell(v=WIRE_VERSION, unit=BEN, entries=(entry(),)))

    async def day(unit: UnitLink) -> None:
        with full_disk():
            for _ in range(3):
                with pytest.raises(AskRefused, match="is full or takes no writes: free some space"):
                    await unit.tell(report)
        assert read(Told, await unit.tell(report)).cues == (entry().cue,)

    with caplog.at_level(logging.WARNING):
        with_a_unit(station, day)
    assert sum("is full or takes no writes" in record.message for record in caplog.records) == 1
    assert not any(record.exc_info for record in caplog.records)


def test_the_time_is_told_over_the_real_wire_and_with_it_that_nothing_has_changed(
    station: StationFolder,
) -> None:
    keys = VerifyKeys.of([station.hub_key.verify])

    async def day(unit: UnitLink) -> None:
        ask = Ask(v=WIRE_VERSION, unit=BEN, nonce="all")
        while (present := opened(await unit.ask(write(ask)), keys, Present)).plan is None:
            await asyncio.sleep(0.05)
        for state in (present.state, "another"):
            sent = clock.now()
            question = AskTime(v=WIRE_VERSION, nonce="time", state=state)
            told = opened(await unit.ask(write(question)), keys, TimeTold)
            assert sent <= told.received <= told.answered <= clock.now()
            assert told.nonce == "time"
            assert told.same is (state == present.state)

    with_a_unit(station, day)


def test_a_box_that_knocks_over_http_is_met(station: StationFolder) -> None:
    async def day(_: UnitLink) -> None:
        box = Joining.begin(Identity.create().public, name="loa mới")
        async with ClientSession() as http:
            async with http.post(f"{station.join_url}/join/request", data=write(box.request)) as answer:
                box.code(read(JoinOffer, await answer.read()))
            async with http.post(f"{station.join_url}/join/reveal", data=write(box.reveal)) as answer:
                assert answer.status == 200
        (waiting,) = station.store.joining.waiting(clock.now())
        assert waiting.wish == "loa mới"

    with_a_unit(station, day)


def test_who_knocks_and_then_says_nothing_is_shown_the_door_without_a_traceback(
    station: StationFolder, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clips, "_PATIENCE", 0.2)

    async def day(_: UnitLink) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", station.settings.clips_port)
        writer.write(b"POST /join/request HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{")
        assert b" 408 " in await reader.readline()
        writer.close()
        await writer.wait_closed()

    with caplog.at_level(logging.WARNING):
        with_a_unit(station, day)
    assert not any(record.exc_info for record in caplog.records)


class TiredBroker(Broker):
    """A broker whose watch ends by a fault nobody foresaw."""

    async def watch(self) -> Never:
        raise RuntimeError("the watch is over")


def test_a_hub_whose_broker_nobody_watches_any_more_ends_and_is_started_again(
    station: StationFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broadcaster.station.Broker", TiredBroker)

    async def run() -> None:
        async with asyncio.timeout(20):
            await station.make_service().run(asyncio.Event())

    with pytest.raises(RuntimeError, match="the watch is over"):
        asyncio.run(run())


def test_how_a_unit_is_stands_on_the_board_within_a_second(station: StationFolder) -> None:
    vitals = Vitals(
        v=WIRE_VERSION,
        at=clock.now(),
        software="1",
        plan=1,
        clock_error=0.001,
        disk_free=1 << 34,
        speaker="hw:0",
        temperature=91.0,
        used=5_000_000,
    )

    async def day(unit: UnitLink) -> None:
        told = read(Told, await unit.tell(write(Tell(v=WIRE_VERSION, unit=BEN, vitals=vitals))))
        assert told.cues == ()
        await unit.beat(SIGN)
        board = Board(station.store, station.desk.folder)
        async with asyncio.timeout(3):
            while True:
                (report,) = board.units(clock.now())
                if report.vitals == vitals:
                    break
                await asyncio.sleep(0.05)
        assert report.health == Health(Wellness.WELL, (Fault.TOO_HOT,))
        assert report.used == 5_000_000

    with_a_unit(station, day)
