"""The real nats-server as the hub's child."""

import asyncio
import signal
import socket
from pathlib import Path

import nats
import pytest

from broadcaster.domain.names import StationId, UnitId
from broadcaster.link.broker import Broker
from broadcaster.link.identity import Identity

pytestmark = pytest.mark.wire

STATION = StationId("dong-tien")
BEN, CHO = UnitId("loa-ben"), UnitId("loa-cho")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_unit_is_let_in_and_cut_off_and_nobody_else_notices(tmp_path: Path) -> None:
    hub, panel, ben, cho = (Identity.create() for _ in range(4))
    broker = Broker(
        tmp_path, STATION, hub=hub.public, panel=panel.public, units={BEN: ben.public}, port=free_port()
    )
    met: list[str] = []

    async def lost() -> None:
        met.append("lost")

    async def cut_off() -> None:
        met.append("cut off")

    async def fault(_: Exception) -> None:
        pass

    async def day() -> None:
        await broker.start()
        old = await nats.connect(broker.url, nkeys_seed_str=ben.seed, disconnected_cb=lost)
        with pytest.raises(nats.errors.Error, match="Authorization"):
            await nats.connect(broker.url, nkeys_seed_str=cho.seed, allow_reconnect=False, error_cb=fault)
        broker.permit(CHO, cho.public)
        for _ in range(100):
            try:
                new = await nats.connect(
                    broker.url,
                    nkeys_seed_str=cho.seed,
                    allow_reconnect=False,
                    closed_cb=cut_off,
                    error_cb=fault,
                )
                break
            except nats.errors.Error:
                await asyncio.sleep(0.01)
        await new.flush()
        broker.forbid(CHO)
        for _ in range(200):
            if new.is_closed:
                break
            await asyncio.sleep(0.01)
        await old.flush()
        print(met)
        await old.close()
        await broker.stop()

    asyncio.run(day())
    assert met == ["cut off", "lost"]
