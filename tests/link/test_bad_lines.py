"""Lines that fall silent, crawl, or are cut without a word: noticed in time, and replaced by good ones."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from broadcaster.domain.names import UnitId
from broadcaster.link import reaching
from broadcaster.link.broker import Broker
from broadcaster.link.connection import HubLink, Pace, UnitLink
from broadcaster.link.identity import Identity
from broadcaster.link.wire import Fault, NoAnswer
from tests.link.countryside import OFFICE, Countryside, why_not
from tests.link.proxy import Proxy
from tests.link.villages import BEN, STATION, RealVillage, alive, free_port, until

pytestmark = pytest.mark.wire

_reason = why_not()
on_land = pytest.mark.skipif(bool(_reason), reason=_reason)

HASTY = Pace(quiet=1, reach=4, greeting=6, answer=0.5, first_wait=0.2, longest_wait=0.8, unheard=3)
"""A sixth to a tenth of the true paces, so that a test lasts seconds."""


async def echo(_: UnitId, raw: bytes) -> bytes:
    return raw


async def told(_: UnitId, raw: bytes) -> bytes:
    return b"%d" % len(raw)


def live(folder: Path, day: Callable[[RealVillage, Proxy], Awaitable[None]]) -> None:
    async def whole() -> None:
        village = RealVillage(folder)
        village.hub.on_ask(echo)
        village.hub.on_tell(told)
        await village.open()
        try:
            async with Proxy(village.broker.url, seed=7) as proxy, alive(village.hub.run):
                await village.hub.ready()
                await day(village, proxy)
        finally:
            await village.close()

    asyncio.run(whole())


def ben_at(village: RealVillage, proxy: Proxy, pace: Pace = HASTY) -> UnitLink:
    return UnitLink(proxy.url, village.ben_key, STATION, BEN, pace=pace)


def test_a_stall_that_passes_costs_no_connection(tmp_path: Path) -> None:
    async def day(village: RealVillage, proxy: Proxy) -> None:
        ben = ben_at(village, proxy, Pace(quiet=2, answer=1, first_wait=0.2, longest_wait=0.8))
        async with alive(ben.run):
            await ben.ready()
            proxy.stall()
            asking = asyncio.ensure_future(ben.ask(b"before the tunnel"))
            await asyncio.sleep(0.7)
            proxy.resume()
            assert await asking == b"before the tunnel"
            await asyncio.sleep(0.5)
            assert (proxy.accepted, dict(ben.faults)) == (1, {})

    live(tmp_path, day)


def test_a_stalled_line_is_given_up_after_one_question_and_replaced_when_bytes_flow_again(
    tmp_path: Path,
) -> None:
    async def day(village: RealVillage, proxy: Proxy) -> None:
        ben = ben_at(village, proxy)
        async with alive(ben.run):
            await ben.ready()
            proxy.stall()
            begun = time.monotonic()
            with pytest.raises(NoAnswer):
                await ben.ask(b"is anybody there?")
            await until(lambda: not ben.connected)
            assert time.monotonic() - begun < 2 * HASTY.answer + 1.5
            await asyncio.sleep(2)
            proxy.resume()
            begun = time.monotonic()
            await until(lambda: ben.connected, within=HASTY.longest_wait + 1)
            assert await ben.ask(b"here we are") == b"here we are"
            assert ben.faults[Fault.LOST] == 1

    live(tmp_path, day)


def test_a_stalled_line_nobody_asks_over_is_found_too(tmp_path: Path) -> None:
    async def day(village: RealVillage, proxy: Proxy) -> None:
        ben = ben_at(village, proxy)
        async with alive(ben.run):
            await ben.ready()
            proxy.stall()
            await until(lambda: ben.faults[Fault.LOST] == 1, within=HASTY.quiet + HASTY.answer + 2)

    live(tmp_path, day)


def test_over_a_line_that_crawls_with_two_seconds_round_trip_a_unit_is_greeted_and_tells_and_hears(
    tmp_path: Path,
) -> None:
    """5 kB/s, a second each way: slow is not dead, and a day's records take longer than an answer may."""
    heard: list[bytes] = []

    async def order(envelope: bytes) -> None:
        heard.append(envelope)

    async def day(village: RealVillage, proxy: Proxy) -> None:
        proxy.delay, proxy.jitter, proxy.rate = 0.9, 0.2, 5000
        ben = ben_at(village, proxy, Pace(quiet=4))
        ben.on_order(order)
        async with alive(ben.run):
            async with asyncio.timeout(15):
                await ben.ready()
            records = b"x" * 15_000
            telling = asyncio.ensure_future(ben.tell(records))
            await village.hub.order(b"sound the chime")
            await until(lambda: heard == [b"sound the chime"])
            assert not telling.done()
            async with asyncio.timeout(20):
                assert await telling == b"15000"
            assert (proxy.accepted, dict(ben.faults)) == (1, {})

    live(tmp_path, day)


def test_a_broken_connection_is_replaced_at_once(tmp_path: Path) -> None:
    async def day(village: RealVillage, proxy: Proxy) -> None:
        ben = ben_at(village, proxy)
        async with alive(ben.run):
            for _ in range(5):
                await ben.ready()
                assert await ben.ask(b"a") == b"a"
                proxy.cut()
                await until(lambda: not ben.connected)
            await until(lambda: ben.connected, within=2)

    live(tmp_path, day)


def test_a_unit_that_is_stopped_while_it_is_being_greeted_stops(tmp_path: Path) -> None:
    async def day(village: RealVillage, proxy: Proxy) -> None:
        proxy.delay = 0.01
        for step in range(40):
            ben = ben_at(village, proxy)
            running = asyncio.ensure_future(ben.run())
            await asyncio.sleep(step * 0.003)
            running.cancel()
            async with asyncio.timeout(3):
                await asyncio.gather(running, return_exceptions=True)

    live(tmp_path, day)


def test_a_name_that_cannot_be_looked_up_hangs_in_one_thread_and_the_last_address_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the network gone a resolver hangs half a minute: threads that open clips must not go with it."""
    truly = reaching._looked_up
    hang = threading.Event()
    looking: list[str] = []

    def looked_up(host: str, port: int, flags: int = 0) -> Any:
        if host == "hub.xa" and not flags:
            looking.append(host)
            if len(looking) > 1:
                hang.wait(20)
            return truly("127.0.0.1", port)
        return truly(host, port, flags)

    monkeypatch.setattr(reaching, "_looked_up", looked_up)
    monkeypatch.setattr(reaching, "_LOOKING", 0.2)

    async def day(village: RealVillage, proxy: Proxy) -> None:
        url = proxy.url.replace("127.0.0.1", "hub.xa")
        ben = UnitLink(url, village.ben_key, STATION, BEN, pace=HASTY)
        async with alive(ben.run):
            for _ in range(6):
                await ben.ready()
                proxy.cut()
                await until(lambda: not ben.connected)
            await until(lambda: ben.connected)
        assert len(looking) == 2
        assert len([t for t in threading.enumerate() if t.name == "looking up a name"]) == 1
        hang.set()

    live(tmp_path, day)


@contextmanager
def office(land: Countryside, folder: Path) -> Iterator[tuple[Broker, Identity, list[bytes]]]:
    """A broker and a hub's link in the office, in a thread of their own; the unit's key and its beats."""
    hub, unit, beats = Identity.create(), Identity.create(), list[bytes]()
    broker = Broker(
        folder,
        STATION,
        hub=hub.public,
        panel=Identity.create().public,
        units={BEN: unit.public},
        host=OFFICE,
        port=free_port(),
    )
    up, over = threading.Event(), threading.Event()

    async def hear(_: UnitId, raw: bytes) -> None:
        beats.append(raw)

    async def work() -> None:
        link = HubLink(broker.url, hub, STATION)
        link.on_ask(echo)
        link.on_beat(hear)
        await broker.start()
        try:
            async with alive(link.run):
                await link.ready()
                up.set()
                await asyncio.to_thread(over.wait)
        finally:
            await broker.stop()

    thread = threading.Thread(target=lambda: land.at(land.office, lambda: asyncio.run(work())))
    thread.start()
    try:
        assert up.wait(10)
        yield broker, unit, beats
    finally:
        over.set()
        thread.join()


@on_land
def test_a_link_cut_without_a_word_is_found_by_the_kernel_and_the_unit_is_back_soon_after_it_returns(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    async def day(land: Countryside, link: UnitLink, beats: list[bytes]) -> tuple[float, float]:
        async def beat() -> None:
            while True:
                await link.beat(b"alive")
                await asyncio.sleep(0.5)

        async with alive(link.run):
            beating = asyncio.ensure_future(beat())
            await link.ready()
            assert await link.ask(b"a") == b"a"
            await until(lambda: beats == [b"alive"])
            await asyncio.to_thread(land.cut)
            cut = time.monotonic()
            await until(lambda: not link.connected)
            found = time.monotonic() - cut
            await asyncio.sleep(3)  # some knocks go unanswered
            await asyncio.to_thread(land.mend)
            mended = time.monotonic()
            await until(lambda: link.connected)
            back = time.monotonic() - mended
            assert await link.ask(b"b") == b"b"
            beating.cancel()
            return found, back

    pace = Pace(unheard=2)  # all else at its true pace; the silence is shortened from 12 s
    with Countryside() as land, office(land, tmp_path) as (broker, key, beats):
        link = UnitLink(broker.url, key, STATION, BEN, pace=pace)
        found, back = land.at(land.village, lambda: asyncio.run(day(land, link, beats)))
    record_property("found_s", round(found, 2))
    record_property("back_s", round(back, 2))
    assert found < pace.unheard + 1.5
    assert back < 5
