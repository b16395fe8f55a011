"""What hub and units may rely on, whatever carries it: the same tests in memory and over a real broker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from broadcaster.domain.names import UnitId
from broadcaster.link.rights import MAX_PAYLOAD
from broadcaster.link.wire import AskRefused, Fault, NoAnswer, NotConnected, TooLarge
from tests.link.villages import BEN, CHO, FakeVillage, RealVillage, Village, alive, until

Day = Callable[[Village], Awaitable[None]]
Live = Callable[[Day], None]


@pytest.fixture(params=[FakeVillage, pytest.param(RealVillage, marks=pytest.mark.wire)])
def live(request: pytest.FixtureRequest, tmp_path: Path) -> Live:
    """Live through a day in one of the two villages."""

    def through(day: Day) -> None:
        async def whole() -> None:
            village: Village = request.param(tmp_path)
            await village.open()
            try:
                await day(village)
            finally:
                await village.close()

        asyncio.run(whole())

    return through


@asynccontextmanager
async def connected(village: Village) -> AsyncIterator[None]:
    async with alive(village.hub.run, village.ben.run, village.cho.run):
        await village.hub.ready()
        await village.ben.ready()
        await village.cho.ready()
        yield


async def echo(unit: UnitId, raw: bytes) -> bytes:
    return f"{unit}: ".encode() + raw


async def deaf(_: bytes) -> None:
    """Hear an order and do nothing."""


def test_a_unit_that_asks_is_answered_under_its_own_name(live: Live) -> None:
    async def day(village: Village) -> None:
        village.hub.on_ask(echo)
        village.hub.on_tell(echo)
        async with connected(village):
            assert await village.ben.ask(b"a") == b"loa-ben: a"
            assert await village.cho.ask(b"b") == b"loa-cho: b"
            assert await village.ben.tell(b"c") == b"loa-ben: c"

    live(day)


def test_a_no_of_the_hub_is_told_in_its_own_words(live: Live) -> None:
    async def no(_: UnitId, __: bytes) -> bytes:
        raise AskRefused("cụm loa này đã bị gỡ\r\nkhỏi đài")

    async def day(village: Village) -> None:
        village.hub.on_tell(no)
        async with connected(village):
            with pytest.raises(AskRefused, match="cụm loa này đã bị gỡ"):
                await village.ben.tell(b"")

    live(day)


def test_a_unit_nobody_answers_is_not_kept_waiting(live: Live) -> None:
    async def silence(_: UnitId, __: bytes) -> bytes:
        await asyncio.Event().wait()
        return b""

    async def day(village: Village) -> None:
        village.hub.on_tell(silence)
        async with connected(village), asyncio.timeout(5):
            with pytest.raises(NoAnswer):
                await village.ben.ask(b"nobody serves this")
            with pytest.raises(NoAnswer):
                await village.ben.tell(b"somebody does, but never ends")

    live(day)


def test_every_unit_hears_all_orders_in_the_order_given(live: Live) -> None:
    heard: dict[UnitId, list[bytes]] = {BEN: [], CHO: []}

    async def ben(envelope: bytes) -> None:
        await asyncio.sleep(0)  # a slow listener does not let the next one pass
        heard[BEN].append(envelope)

    async def cho(envelope: bytes) -> None:
        heard[CHO].append(envelope)

    async def day(village: Village) -> None:
        village.ben.on_order(ben)
        village.cho.on_order(cho)
        orders = [str(number).encode() for number in range(200)]
        async with connected(village):
            for order in orders:
                await village.hub.order(order)
            await until(lambda: heard == {BEN: orders, CHO: orders})

    live(day)


def test_heartbeats_and_the_panels_wake_reach_the_hub(live: Live) -> None:
    beats: list[tuple[UnitId, bytes]] = []
    wakes: list[str] = []

    async def beat(unit: UnitId, raw: bytes) -> None:
        beats.append((unit, raw))

    async def woken() -> None:
        wakes.append("up")

    async def day(village: Village) -> None:
        village.hub.on_beat(beat)
        village.hub.on_wake(woken)
        async with connected(village):
            await village.ben.beat(b"tick")
            await village.wake()
            await until(lambda: beats == [(BEN, b"tick")] and wakes == ["up"])

    live(day)


def test_what_the_store_could_not_take_is_handed_over_to_the_hub_which_may_say_no(live: Live) -> None:
    taken: list[bytes] = []

    async def take(raw: bytes) -> None:
        if raw == b"cancel":
            raise AskRefused("it is on air already")
        taken.append(raw)

    async def day(village: Village) -> None:
        with pytest.raises(NoAnswer):
            await village.hand_over(b"nobody is there")
        village.hub.on_handed_over(take)
        async with connected(village):
            await village.hand_over(b"raise")
            assert taken == [b"raise"]
            with pytest.raises(AskRefused, match="it is on air already"):
                await village.hand_over(b"cancel")
            await village.cut()
            with pytest.raises(NoAnswer):
                await village.hand_over(b"into the void")
        assert taken == [b"raise"]

    live(day)


def test_without_a_network_the_hub_knows_that_its_order_was_not_heard(live: Live) -> None:
    async def day(village: Village) -> None:
        with pytest.raises(NotConnected):
            await village.hub.order(b"before it ever ran")
        async with connected(village):
            await village.cut()
            await until(lambda: not village.hub.connected and not village.ben.connected)
            with pytest.raises(NotConnected):
                await village.hub.order(b"into the void")
            with pytest.raises(NoAnswer):
                await village.ben.ask(b"into the void")
            await until(lambda: village.hub.faults[Fault.LOST] == 1)

    live(day)


def test_after_an_outage_everybody_is_back_and_nothing_stale_is_sent(live: Live) -> None:
    beats: list[bytes] = []
    orders: list[bytes] = []
    greetings: list[bytes] = []

    async def beat(_: UnitId, raw: bytes) -> None:
        beats.append(raw)

    async def order(envelope: bytes) -> None:
        orders.append(envelope)

    async def day(village: Village) -> None:
        async def greet() -> None:
            while True:
                with suppress(NoAnswer):  # the unit may be back before the hub
                    greetings.append(await village.ben.ask(b"what is the state?"))
                    return
                await asyncio.sleep(0.01)

        village.hub.on_beat(beat)
        village.hub.on_ask(echo)
        village.ben.on_order(order)
        village.ben.on_connected(greet)
        async with connected(village):
            await until(lambda: len(greetings) == 1)
            await village.cut()
            await until(lambda: not village.ben.connected and not village.hub.connected)
            for number in range(50):
                await village.ben.beat(b"stale %d" % number)
            await village.mend()
            await village.hub.ready()
            await village.ben.ready()
            await village.ben.beat(b"fresh")
            await village.hub.order(b"on with it")
            await until(lambda: beats == [b"fresh"] and orders == [b"on with it"])
            await until(lambda: len(greetings) == 2)

    live(day)


def test_a_listener_that_fails_is_counted_and_hears_the_next_one(live: Live) -> None:
    heard: list[bytes] = []

    async def order(envelope: bytes) -> None:
        if envelope == b"full disk":
            raise OSError("no space left on device")
        if envelope == b"bug":
            raise KeyError(envelope)
        heard.append(envelope)

    async def greet() -> None:
        raise RuntimeError("bug")

    async def day(village: Village) -> None:
        village.ben.on_order(order)
        village.ben.on_connected(greet)
        async with connected(village):
            for envelope in (b"full disk", b"bug", b"good"):
                await village.hub.order(envelope)
            await until(lambda: heard == [b"good"])
            assert village.ben.faults == {Fault.LISTENER: 3}
            assert village.ben.connected

    live(day)


def test_what_is_too_large_to_travel_is_refused_where_it_is_sent(live: Live) -> None:
    heard: list[int] = []

    async def order(envelope: bytes) -> None:
        heard.append(len(envelope))

    async def day(village: Village) -> None:
        village.ben.on_order(order)
        async with connected(village):
            with pytest.raises(TooLarge):
                await village.hub.order(b"x" * (MAX_PAYLOAD + 1))
            with pytest.raises(TooLarge):
                await village.ben.tell(b"x" * (MAX_PAYLOAD + 1))
            await village.hub.order(b"x" * MAX_PAYLOAD)
            await until(lambda: heard == [MAX_PAYLOAD])

    live(day)


def test_what_a_unit_has_used_on_the_wire_only_grows_and_outlives_an_outage(live: Live) -> None:
    async def day(village: Village) -> None:
        village.hub.on_ask(echo)
        assert village.ben.used == 0
        async with connected(village):
            before = village.ben.used
            await village.ben.ask(b"x" * 5000)
            await until(lambda: village.ben.used - before > 2 * 5000)
            assert village.ben.used - before < 2 * 5000 + 20 * 60
            await village.cut()
            await until(lambda: not village.hub.connected and not village.ben.connected)
            spent = village.ben.used
            assert spent > 2 * 5000
            await village.mend()
            await village.hub.ready()
            await village.ben.ready()
            await village.ben.ask(b"x" * 5000)
            await until(lambda: village.ben.used - spent > 2 * 5000)

    live(day)


def test_a_unit_listens_to_nothing_any_more_once_it_is_stopped(live: Live) -> None:
    async def day(village: Village) -> None:
        village.ben.on_order(deaf)
        async with connected(village):
            pass
        assert not village.ben.connected
        assert not village.hub.connected

    live(day)
