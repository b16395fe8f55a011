"""The real wire where it goes wrong: rights overstepped, silent lines, brokers that hang, wrong keys."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from nats.aio.client import Client

from broadcaster.domain.names import UnitId
from broadcaster.link.connection import Pace, UnitLink
from broadcaster.link.fromdesk import wake
from broadcaster.link.identity import Identity
from broadcaster.link.rights import MAX_PAYLOAD
from broadcaster.link.wire import Fault, NoAnswer, NotConnected
from tests.link.proxy import Proxy
from tests.link.villages import BEN, QUICK, STATION, RealVillage, alive, free_port, until

pytestmark = pytest.mark.wire


def live(folder: Path, day: Callable[[RealVillage], Awaitable[None]]) -> None:
    async def whole() -> None:
        village = RealVillage(folder)
        await village.open()
        try:
            await day(village)
        finally:
            await village.close()

    asyncio.run(whole())


class Rogue:
    """Somebody who has stolen a key and speaks to the broker without our rules."""

    def __init__(self, url: str, key: Identity, inbox: str = "_INBOX") -> None:
        self._url, self._key, self._inbox = url, key, inbox
        self.client = Client()
        self.complaints: list[str] = []

    async def __aenter__(self) -> "Rogue":
        async def complain(fault: Exception) -> None:
            self.complaints.append(str(fault))

        await self.client.connect(
            self._url, nkeys_seed_str=self._key.seed, inbox_prefix=self._inbox, error_cb=complain
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()

    async def is_refused(self, act: Awaitable[object]) -> bool:
        """Whether the broker says no. It says so on the side: the act itself raises nothing."""
        before = len(self.complaints)
        await act
        await self.client.flush()  # nats-py's ping overtakes what waits to be sent; the second one cannot
        await self.client.flush()
        return any("permissions violation" in words for words in self.complaints[before:])


NOT_TO_BE_SAID_BY_A_UNIT = (
    "dong-tien.order",
    "dong-tien.live.1",
    "dong-tien.ask.loa-cho",
    "dong-tien.tell.loa-cho",
    "dong-tien.beat.loa-cho",
    "dong-tien.ask.loa-ben.x",
    "dong-tien.desk.wake",
    "dong-tien.desk.alert",
    "_INBOX.loa-cho.x",
    "_INBOX._panel.x",
    "_INBOX.loa-ben.x",
    "thai-binh.order",
)
NOT_TO_BE_HEARD_BY_A_UNIT = (
    ">",
    "dong-tien.>",
    "dong-tien.ask.*",
    "dong-tien.tell.loa-cho",
    "dong-tien.desk.>",
    "_INBOX.>",
    "_INBOX._panel.>",
    "_INBOX.loa-cho.>",
    "_INBOX.loa-ben",
    "$SYS.>",
)


def test_a_unit_can_say_and_hear_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    async def day(village: RealVillage) -> None:
        async with Rogue(village.broker.url, village.ben_key) as rogue:
            for subject in NOT_TO_BE_SAID_BY_A_UNIT:
                assert await rogue.is_refused(rogue.client.publish(subject, b"")), subject
            for subject in NOT_TO_BE_HEARD_BY_A_UNIT:
                assert await rogue.is_refused(rogue.client.subscribe(subject)), subject
            for subject in ("dong-tien.ask.loa-ben", "dong-tien.tell.loa-ben", "dong-tien.beat.loa-ben"):
                assert not await rogue.is_refused(rogue.client.publish(subject, b"")), subject
            for subject in ("dong-tien.order", "dong-tien.live.>", "_INBOX.loa-ben.>"):
                assert not await rogue.is_refused(rogue.client.subscribe(subject)), subject

    live(tmp_path, day)


def test_the_panel_can_wake_the_hub_and_hand_over_alerts_and_nothing_else(tmp_path: Path) -> None:
    async def day(village: RealVillage) -> None:
        async with Rogue(village.broker.url, village.panel) as rogue:
            for subject in (
                "dong-tien.order",
                "dong-tien.ask.loa-ben",
                "_INBOX.loa-ben.x",
                "dong-tien.live.1",
            ):
                assert await rogue.is_refused(rogue.client.publish(subject, b"")), subject
            for subject in (">", "dong-tien.order", "dong-tien.desk.>", "_INBOX.>", "_INBOX.loa-ben.>"):
                assert await rogue.is_refused(rogue.client.subscribe(subject)), subject
            assert not await rogue.is_refused(rogue.client.publish("dong-tien.desk.alert", b""))
            assert not await rogue.is_refused(rogue.client.subscribe("_INBOX._panel.>"))
            assert not await rogue.is_refused(rogue.client.publish("dong-tien.desk.wake", b""))
            assert not await rogue.is_refused(rogue.client.publish("dong-tien.desk.live.7", b""))

    live(tmp_path, day)


def test_what_is_handed_over_is_answered_in_the_panels_inbox_and_nowhere_else(tmp_path: Path) -> None:
    taken: list[bytes] = []

    async def take(raw: bytes) -> None:
        taken.append(raw)

    async def day(village: RealVillage) -> None:
        village.hub.on_handed_over(take)
        async with alive(village.hub.run), Rogue(village.broker.url, village.panel) as rogue:
            await village.hub.ready()
            for reply in ("dong-tien.order", "_INBOX.loa-ben.x", "_INBOX._panelx.y", ""):
                await rogue.client.publish("dong-tien.desk.alert", b"raise", reply=reply)
            await until(lambda: village.hub.faults[Fault.MISDIRECTED] >= 4)
            assert taken == []
            await village.hand_over(b"raise")
            assert taken == [b"raise"]

    live(tmp_path, day)


def test_the_hub_cannot_be_made_to_answer_in_another_place(tmp_path: Path) -> None:
    orders: list[bytes] = []
    asked: list[UnitId] = []

    async def order(envelope: bytes) -> None:
        orders.append(envelope)

    async def serve(unit: UnitId, _: bytes) -> bytes:
        asked.append(unit)
        return b"an answer that would be an order"

    async def day(village: RealVillage) -> None:
        village.hub.on_ask(serve)
        village.cho.on_order(order)
        elsewhere = ("dong-tien.order", "_INBOX.loa-cho.x", "_INBOX.loa-ben.>", "_INBOX.loa-ben", "")
        async with alive(village.hub.run, village.cho.run):
            await village.hub.ready()
            await village.cho.ready()
            async with Rogue(village.broker.url, village.ben_key) as rogue:
                for reply in elsewhere:
                    await rogue.client.publish("dong-tien.ask.loa-ben", b"", reply=reply)
                await rogue.client.flush()
                await until(lambda: village.hub.faults[Fault.MISDIRECTED] == len(elsewhere))
            await village.hub.order(b"a true one")
            await until(lambda: orders == [b"a true one"])
            assert asked == []

    live(tmp_path, day)


def test_a_refusal_by_the_broker_is_counted_on_the_unit(tmp_path: Path) -> None:
    async def day(village: RealVillage) -> None:
        mistaken = UnitLink(village.broker.url, village.ben_key, STATION, UnitId("loa-cho"), pace=QUICK)
        async with alive(mistaken.run):
            await mistaken.ready()
            await mistaken.beat(b"as somebody else")
            await until(lambda: mistaken.faults[Fault.NOT_PERMITTED] == 1)
            assert "loa-cho" in mistaken.last_fault
            with pytest.raises(NoAnswer):
                await mistaken.ask(b"as somebody else")

    live(tmp_path, day)


def test_a_unit_without_a_broker_says_so_and_goes_on_trying(tmp_path: Path) -> None:
    async def day() -> None:
        port = free_port()
        unit = UnitLink(f"nats://127.0.0.1:{port}", Identity.create(), STATION, BEN, pace=QUICK)
        async with alive(unit.run):
            await until(lambda: unit.faults[Fault.UNREACHABLE] >= 3)
            with pytest.raises(NotConnected, match=str(port)):
                await unit.ask(b"")
            assert not unit.connected

    asyncio.run(day())


def test_a_line_gone_silent_is_found_and_replaced_whatever_is_still_in_it(tmp_path: Path) -> None:
    async def day(village: RealVillage) -> None:
        async with Proxy(village.broker.url) as proxy:
            ben = UnitLink(proxy.url, village.ben_key, STATION, BEN, pace=QUICK)
            async with alive(ben.run):
                await ben.ready()
                proxy.freeze()  # no FIN, no RST: a mobile network that forgot the connection
                reports = [ben.tell(b"x" * MAX_PAYLOAD) for _ in range(12)]
                answers = await asyncio.gather(*reports, return_exceptions=True)
                assert {type(answer) for answer in answers} <= {NoAnswer, NotConnected}
                await until(lambda: proxy.accepted >= 2 and ben.connected)
                assert ben.faults[Fault.LOST] == 1

    live(tmp_path, day)


def hangs(pid: int | None) -> bool:
    """Whether every thread of the process is stopped; a signal takes its time to reach them all."""
    states = [(thread / "stat").read_text().rpartition(")")[2].split()[0] for thread in threads(pid)]
    return set(states) == {"T"}


def threads(pid: int | None) -> list[Path]:
    return list(Path(f"/proc/{pid}/task").iterdir())


def test_an_order_a_hanging_broker_did_not_take_can_be_given_again(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def order(envelope: bytes) -> None:
        heard.append(envelope)

    async def day(village: RealVillage) -> None:
        village.ben.on_order(order)
        async with alive(village.hub.run, village.ben.run):
            await village.hub.ready()
            await village.ben.ready()
            assert village.broker.pid is not None
            os.kill(village.broker.pid, signal.SIGSTOP)
            try:
                await until(lambda: hangs(village.broker.pid))
                with pytest.raises(NotConnected):
                    await village.hub.order(b"1")
            finally:
                os.kill(village.broker.pid, signal.SIGCONT)
            await until(lambda: village.hub.connected)
            await village.hub.order(b"2")
            await until(lambda: heard[-1:] == [b"2"])

    live(tmp_path, day)


def test_what_a_hanging_listener_lets_lie_is_lost_and_counted_and_the_line_stays(tmp_path: Path) -> None:
    async def hang(_: bytes) -> None:
        await asyncio.Event().wait()

    async def day(village: RealVillage) -> None:
        village.ben.on_order(hang)
        async with alive(village.hub.run, village.ben.run):
            await village.hub.ready()
            await village.ben.ready()
            for _ in range(10):
                await village.hub.order(b"x" * MAX_PAYLOAD)
            await until(lambda: village.ben.faults[Fault.TOO_SLOW] > 0)
            assert village.ben.connected

    live(tmp_path, day)


def test_a_wake_that_cannot_be_sent_does_no_harm_and_takes_no_time(tmp_path: Path) -> None:
    begun = time.monotonic()
    wake(f"nats://127.0.0.1:{free_port()}", STATION, Identity.create())
    assert time.monotonic() - begun < 2

    async def day(village: RealVillage) -> None:
        await asyncio.to_thread(wake, village.broker.url, STATION, Identity.create())  # a key nobody knows

    live(tmp_path, day)


def test_a_unit_whose_key_is_not_known_asks_ever_less_often(tmp_path: Path) -> None:
    """Each refusal costs two kilobytes, and a unit that was taken off the list may hang there for years."""

    async def day(village: RealVillage) -> None:
        async with Proxy(village.broker.url) as proxy:
            pace = Pace(first_wait=0.02, longest_wait=0.04, refused_wait=60)
            stranger = UnitLink(proxy.url, Identity.create(), STATION, BEN, pace=pace)
            async with alive(stranger.run):
                await until(lambda: stranger.faults[Fault.NOT_ADMITTED] >= 6)
                await asyncio.sleep(0.5)
            assert proxy.accepted <= 9
            assert not stranger.connected

    live(tmp_path, day)
