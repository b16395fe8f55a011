"""The real nats-server as the hub's child: who is let in, and that it always runs once."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from broadcaster.domain.names import UnitId
from broadcaster.link.broker import Broker, BrokerTrouble, find_program
from broadcaster.link.connection import UnitLink
from broadcaster.link.identity import Identity
from broadcaster.link.wire import Fault
from tests.link.villages import BEN, CHO, QUICK, STATION, alive, free_port, until

pytestmark = pytest.mark.wire

MOI = UnitId("loa-moi")


class Keys:
    """The identities of a station."""

    def __init__(self) -> None:
        self.hub, self.panel, self.ben, self.cho = (Identity.create() for _ in range(4))

    def broker(self, folder: Path, **more: object) -> Broker:
        settings = {"port": free_port(), "units": {BEN: self.ben.public}} | more
        return Broker(folder, STATION, hub=self.hub.public, panel=self.panel.public, **settings)  # type: ignore[arg-type]

    def unit(self, broker: Broker, unit: UnitId, key: Identity | None = None) -> UnitLink:
        return UnitLink(broker.url, key or {BEN: self.ben, CHO: self.cho}[unit], STATION, unit, pace=QUICK)


@asynccontextmanager
async def running(broker: Broker) -> AsyncIterator[Broker]:
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


def test_a_unit_is_let_in_and_cut_off_and_the_others_notice_nothing(tmp_path: Path) -> None:
    keys = Keys()

    async def day() -> None:
        async with running(keys.broker(tmp_path)) as broker:
            ben, cho = keys.unit(broker, BEN), keys.unit(broker, CHO)
            async with alive(ben.run, cho.run):
                await ben.ready()
                await until(lambda: cho.faults[Fault.NOT_ADMITTED] > 0)
                broker.permit(CHO, keys.cho.public)
                await cho.ready()
                refusals = cho.faults[Fault.NOT_ADMITTED]
                broker.forbid(CHO)
                await until(lambda: not cho.connected and cho.faults[Fault.NOT_ADMITTED] > refusals + 1)
                broker.permit(CHO, keys.cho.public)
                await cho.ready()  # a unit that was cut off comes back by itself, once it is let in again
                assert ben.connected
                assert not ben.faults

    asyncio.run(day())


def test_a_unit_with_a_new_key_is_let_in_with_that_one_only(tmp_path: Path) -> None:
    keys, fresh = Keys(), Identity.create()

    async def day() -> None:
        async with running(keys.broker(tmp_path)) as broker:
            old, new = keys.unit(broker, BEN), keys.unit(broker, BEN, fresh)
            async with alive(old.run):
                await old.ready()
                broker.permit(BEN, fresh.public)
                async with alive(new.run):
                    await new.ready()
                    await until(lambda: not old.connected and old.faults[Fault.NOT_ADMITTED] > 0)

    asyncio.run(day())


def test_a_unit_permitted_while_the_broker_starts_is_let_in(tmp_path: Path) -> None:
    keys = Keys()

    async def day() -> None:
        broker = keys.broker(tmp_path)
        starting = asyncio.ensure_future(broker.start())
        while not (tmp_path / "nats-server.pid").exists():  # it has read its configuration, and not greeted
            await asyncio.sleep(0)
        broker.permit(CHO, keys.cho.public)
        await starting
        try:
            cho = keys.unit(broker, CHO)
            async with alive(cho.run):
                await cho.ready()
        finally:
            await broker.stop()

    asyncio.run(day())


def test_a_broker_that_dies_is_started_again_and_the_units_come_back(tmp_path: Path) -> None:
    keys = Keys()

    async def day() -> None:
        async with running(keys.broker(tmp_path)) as broker:
            ben = keys.unit(broker, BEN)
            async with alive(broker.watch, ben.run):
                await ben.ready()
                first = broker.pid
                assert first is not None
                os.kill(first, signal.SIGKILL)
                await until(lambda: broker.pid not in (None, first))
                await until(lambda: ben.connected)
                await broker.check()

    asyncio.run(day())


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path) -> None:
    async def day() -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            broker = Keys().broker(tmp_path, port=port)
            with pytest.raises(BrokerTrouble, match=rf"port {port}: Address already in use.*another port"):
                await broker.start()
            assert broker.pid is None

    asyncio.run(day())


def test_a_stray_broker_of_ours_is_ended_and_a_strangers_process_is_not(tmp_path: Path) -> None:
    async def day() -> None:
        broker = Keys().broker(tmp_path)
        await broker.start()
        await broker.stop()
        conf = str(tmp_path / "nats-server.conf")
        with subprocess.Popen([str(find_program()), "-c", conf]) as stray:
            await until(lambda: (tmp_path / "nats-server.pid").exists())
            await until(lambda: (tmp_path / "nats-server.pid").read_text().strip() == str(stray.pid))
            async with running(broker):
                assert stray.wait(5) == -signal.SIGKILL
        with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
            (tmp_path / "nats-server.pid").write_text(str(stranger.pid))
            async with running(broker):
                assert stranger.poll() is None
            stranger.kill()

    asyncio.run(day())


def test_the_broker_dies_with_a_killed_hub(tmp_path: Path) -> None:
    port = free_port()
    hub = f"""
import asyncio, pathlib, sys
from broadcaster.link.broker import Broker
async def main():
    broker = Broker(pathlib.Path({str(tmp_path)!r}), {str(STATION)!r}, hub={Identity.create().public!r},
                    panel={Identity.create().public!r}, units={{}}, port={port})
    await broker.start()
    print(broker.pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
    with subprocess.Popen([sys.executable, "-c", hub], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        child = os.pidfd_open(int(process.stdout.readline()))
        try:
            process.kill()
            asyncio.run(ended(child))
        finally:
            os.close(child)


async def ended(pidfd: int) -> None:
    over = asyncio.Event()
    asyncio.get_running_loop().add_reader(pidfd, over.set)
    async with asyncio.timeout(5):
        await over.wait()


def test_a_key_that_is_none_or_taken_is_not_let_in(tmp_path: Path) -> None:
    keys = Keys()
    broker = keys.broker(tmp_path)
    mistyped = keys.cho.public[:-1] + ("B" if keys.cho.public.endswith("A") else "A")
    for wrong in ("", "U", keys.ben.seed, mistyped, keys.cho.public.lower()):
        with pytest.raises(ValueError, match="public half"):
            broker.permit(CHO, wrong)
    for taken in (keys.hub, keys.panel, keys.ben):
        with pytest.raises(ValueError, match="already that of"):
            broker.permit(CHO, taken.public)
    assert not (tmp_path / "nats-server.conf").exists()


def test_somebody_elses_broker_is_only_greeted_and_never_started(tmp_path: Path) -> None:
    keys = Keys()
    (tmp_path / "theirs").mkdir()
    (tmp_path / "ours").mkdir()

    async def day() -> None:
        async with running(keys.broker(tmp_path / "theirs")) as theirs:
            ours = keys.broker(tmp_path / "ours", outside=theirs.url)
            await ours.start()
            assert ours.url == theirs.url
            assert ours.pid is None
            ours.permit(CHO, keys.cho.public)
        written = json.loads((tmp_path / "ours" / "nats-server.conf").read_text())
        assert keys.cho.public in [user["nkey"] for user in written["authorization"]["users"]]
        with pytest.raises(BrokerTrouble, match="no broker answers at nats://127"):
            await ours.check()

    asyncio.run(day())


@pytest.mark.parametrize(
    ("says", "complaint"),
    [
        (b"HTTP/1.1 400\r\n", "it is no broker"),
        (b'INFO {"server_name":"thai-binh"}\r\n', "not the broker of"),
    ],
)
def test_what_is_not_our_broker_does_not_pass_for_it(tmp_path: Path, says: bytes, complaint: str) -> None:
    async def day() -> None:
        def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(says)
            writer.close()

        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with server:
            broker = Keys().broker(tmp_path, port=server.sockets[0].getsockname()[1])
            with pytest.raises(BrokerTrouble, match=complaint):
                await broker.check()

    asyncio.run(day())


def test_a_configuration_the_broker_cannot_use_is_told_in_its_own_words(tmp_path: Path) -> None:
    async def day() -> None:
        keys = Keys()
        (tmp_path / "nats-server.log").mkdir()  # it cannot write its log
        broker = keys.broker(tmp_path)
        with pytest.raises(BrokerTrouble, match=r"nats-server does not start: .*log"):
            await broker.start()
        assert broker.pid is None

    asyncio.run(day())


def test_a_broker_that_is_to_be_as_before_starts_without_writing_its_configuration(tmp_path: Path) -> None:
    """So it starts on a full disk too, after a power cut: units without a clock need it to hear the time."""
    keys, port = Keys(), free_port()

    async def start_and_stop(**more: object) -> tuple[int, int]:
        async with running(keys.broker(tmp_path, port=port, **more)):
            seen = (tmp_path / "nats-server.conf").stat()
            return seen.st_ino, seen.st_mtime_ns

    first = asyncio.run(start_and_stop())
    assert asyncio.run(start_and_stop()) == first
    assert asyncio.run(start_and_stop(units={})) != first
