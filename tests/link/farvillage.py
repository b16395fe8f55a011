"""A whole station with the countryside between hub and unit: real processes, a real link, every vice of it.

The hub and its broker live in the office, the unit in the village. On the road between them stand relays
(`Proxy`) at the ports where the unit finds the hub, so that bytes can be held up or let through in a trickle;
and the road itself can be cut.
"""

import asyncio
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

from broadcaster.link.tied import tied
from tests.link.countryside import OFFICE, ROAD, Countryside
from tests.link.proxy import Proxy
from tests.sound.commune import Commune
from tests.sources import ROOT

__all__ = ["UNIT", "FarCommune", "Relays"]

UNIT = "loa-ben"


class Relays:
    """What stands on the road: one relay for the broker, one for the hub's files. They work in a thread."""

    def __init__(self, land: Countryside, ports: tuple[int, ...]) -> None:
        def listener(port: int) -> socket.socket:
            return land.at(land.road, lambda: socket.create_server((ROAD, port)))

        def connect(port: int) -> Callable[[], socket.socket]:
            return lambda: land.at(land.road, lambda: socket.create_connection((OFFICE, port), 5))

        self._made = [(listener(port), connect(port)) for port in ports]
        self._proxies: list[Proxy] = []
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._work(),))

    @property
    def accepted(self) -> int:
        """Connections to the broker so far."""
        return self._proxies[0].accepted

    def start(self) -> None:
        self._thread.start()
        self._up.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._loop.close()

    def crawl(self, rate: float | None, delay: float = 0.0) -> None:
        """So many bytes a second each way, all connections of a port together; None: no limit."""
        for proxy in self._proxies:
            proxy.rate, proxy.delay, proxy.jitter = rate, delay, delay / 4

    def stall(self) -> None:
        for proxy in self._proxies:
            self._loop.call_soon_threadsafe(proxy.stall)

    def resume(self) -> None:
        for proxy in self._proxies:
            self._loop.call_soon_threadsafe(proxy.resume)

    async def _work(self) -> None:
        async with AsyncExitStack() as stack:
            for seed, (listener, connect) in enumerate(self._made):
                proxy = Proxy(listener=listener, connect=connect, seed=seed)
                self._proxies.append(await stack.enter_async_context(proxy))
            self._up.set()
            await self._over.wait()


class FarCommune(Commune):
    """One unit, `UNIT`, that speaks into a WAV file in the village."""

    def __init__(self, folder: Path, land: Countryside) -> None:
        super().__init__(folder, {UNIT: "wav"})
        self.land = land
        toml = self.station.folder / "station.toml"
        toml.write_text(toml.read_text().replace("[hub]\n", f'[hub]\naddress = "{ROAD}"\n'))
        settings = self.station.settings
        self.relays = Relays(land, (settings.broker_port, settings.clips_port))

    def start(self) -> None:
        self.relays.start()
        super().start()

    def stop(self) -> None:
        super().stop()
        self.relays.stop()

    def start_unit(self, unit: str) -> None:
        speaker = ("--speaker", "wav", str(self._folder / "heard.wav"))
        join = ("--hub", self.station.join_url, "--name", unit)
        self._start(unit, "unit", "--home", str(self.home(unit)), *join, *speaker)

    def kill_broker(self) -> None:
        pid = int((self.station.state / "broker" / "nats-server.pid").read_text())
        os.kill(pid, signal.SIGKILL)

    def faults(self) -> list[str]:
        """What the unit has met on its wire so far, in order."""
        return re.findall(r"wire name=\S+ fault=(\S+)", self.words(UNIT))

    def connected_since(self, since: int) -> bool:
        """Whether the unit has made more connections to the broker than `since`."""
        return self.relays.accepted > since

    def _start(self, name: str, *arguments: str) -> None:
        place = self.land.office if name == "hub" else self.land.village
        there = [str(shutil.which("ip")), "netns", "exec", place, sys.executable, "-m", "broadcaster"]
        with (self._folder / f"{name}.txt").open("ab") as words:
            self._running[name] = subprocess.Popen(
                tied([*there, *arguments]), stdin=subprocess.DEVNULL, stdout=words, stderr=words, cwd=ROOT
            )
