"""A thousand light units that speak the true protocol over true connections, and the hub they belong to.

A light unit asks for the present state on every new connection and again in growing intervals, tells its
vitals and the records it has not told yet, and beats. It has no speaker, no plan and no disk. A crowd of them
is a process of its own (`python -m tests.link.crowd`), which says on its standard output, twice a second, how
many of them are where; times are those of `clock.monotonic`, which all processes of a machine share.
"""

import asyncio
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from datetime import time as local_time
from pathlib import Path

import msgspec

from broadcaster import clock
from broadcaster.domain.asrun import AsRunEntry, Outcome, Stretch
from broadcaster.domain.names import CueId, ProgrammeId, StationId, UnitId, ZoneId
from broadcaster.domain.places import Unit
from broadcaster.link.connection import UnitLink
from broadcaster.link.identity import Identity
from broadcaster.link.messages import WIRE_VERSION, Ask, Tell, Told, Vitals, read, write
from broadcaster.link.tied import tied
from broadcaster.link.vitals import SIGN
from broadcaster.link.wire import AskRefused, NoAnswer
from broadcaster.store.units import JoinedUnit
from tests.sound.commune import Commune
from tests.sources import ROOT

__all__ = ["RECORDS", "Crowd", "Office", "State"]

RECORDS = 3
_DAY, _DAWN = date(2026, 11, 21), local_time(5)
_BEAT = 10.0
_LONGEST_PAUSE = 60.0


class State(msgspec.Struct, kw_only=True):
    """How a crowd is. Times in seconds of `clock.monotonic`; 0.0: not yet."""

    connected: int = 0
    greeted: list[float] = []
    """When each unit was last answered first on a new connection."""
    told: int = 0
    """Records the hub has acknowledged."""
    slowest_ask: float = 0.0
    """Seconds, since the crowd was last asked to forget."""
    unanswered: int = 0
    orders: dict[str, list[float]] = {}
    """When the first and the last unit heard each order there was, by its last bytes."""
    used: int = 0
    """Bytes on the wire, of all."""


class _LightUnit:
    def __init__(self, url: str, station: StationId, unit: UnitId, seed: str, state: State, at: int) -> None:
        self._unit, self._state, self._at = unit, state, at
        self.link = UnitLink(url, Identity._of(seed), station, unit)
        self.link.on_order(self._on_order)
        self.link.on_connected(self._on_connected)
        self._untold: list[AsRunEntry] = []
        self._number = 0

    def play(self, records: int) -> None:
        """Have that many records to tell."""
        now = clock.now()
        for _ in range(records):
            self._number += 1
            begin = now - timedelta(seconds=10 + self._number)
            self._untold.append(
                AsRunEntry(
                    unit=self._unit,
                    cue=CueId.of(ProgrammeId(f"ban-tin-{self._number}"), _DAY, _DAWN),
                    title="Bản tin sáng",
                    revision=1,
                    outcome=Outcome.AIRED,
                    planned=begin,
                    ended=now,
                    asked=timedelta(seconds=9),
                    stretches=(Stretch(begin=begin, length=timedelta(seconds=9)),),
                )
            )

    async def live(self) -> None:
        running = asyncio.ensure_future(self.link.run())
        await asyncio.sleep(random.uniform(0, _BEAT))
        while not running.done():
            await self.link.beat(SIGN)
            await asyncio.sleep(_BEAT)

    async def _on_connected(self) -> None:
        pause, told = 0.5, False
        while True:
            begun = clock.monotonic()
            try:
                await self.link.ask(write(Ask(v=WIRE_VERSION, unit=self._unit, nonce="n" * 11)))
                ended = clock.monotonic()
                self._state.slowest_ask = max(self._state.slowest_ask, ended - begun)
                if not told:
                    self._state.greeted[self._at] = ended
                    await self._tell()
                    told = True
                pause = min(2 * pause, _LONGEST_PAUSE)
            except (NoAnswer, AskRefused):
                self._state.unanswered += 1
            await asyncio.sleep(pause * random.uniform(2 / 3, 4 / 3))

    async def _tell(self) -> None:
        vitals = Vitals(
            v=WIRE_VERSION,
            at=clock.now(),
            software="0.1.0",
            plan=0,
            clock_error=0.01,
            disk_free=1 << 30,
            speaker="paper",
        )
        report = Tell(v=WIRE_VERSION, unit=self._unit, entries=tuple(self._untold), vitals=vitals)
        answer = read(Told, await self.link.tell(write(report)))
        self._untold = [entry for entry in self._untold if entry.cue not in answer.cues]
        self._state.told += len(answer.cues)

    async def _on_order(self, envelope: bytes) -> None:
        times = self._state.orders.setdefault(envelope[8:16].hex(), [clock.monotonic(), 0.0])
        times[1] = clock.monotonic()


async def _live(url: str, station: StationId, members: Sequence[tuple[str, str]]) -> None:
    state = State(greeted=[0.0] * len(members))
    units = [
        _LightUnit(url, station, UnitId(unit), seed, state, at) for at, (unit, seed) in enumerate(members)
    ]
    for unit in units:
        unit.play(RECORDS)
    living = [asyncio.ensure_future(unit.live()) for unit in units]
    words = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(words), sys.stdin)
    while all(not task.done() for task in living):
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                if await words.readline() == b"":
                    return
                state.slowest_ask, state.unanswered = 0.0, 0
                for unit in units:
                    unit.play(RECORDS)
        state.connected = sum(unit.link.connected for unit in units)
        state.used = sum(unit.link.used for unit in units)
        sys.stdout.buffer.write(msgspec.json.encode(state) + b"\n")
        sys.stdout.buffer.flush()


class Crowd:
    """Units in a process of its own."""

    def __init__(self, folder: Path, url: str, station: str, members: Sequence[tuple[str, str]]) -> None:
        folder.mkdir()
        self._says = folder / "says.jsonl"
        (folder / "members.json").write_text(json.dumps([url, station, list(members)]))
        self.size = len(members)
        with self._says.open("wb") as says, (folder / "words.txt").open("wb") as words:
            self._process = subprocess.Popen(
                tied([sys.executable, "-m", "tests.link.crowd", str(folder / "members.json")]),
                stdin=subprocess.PIPE,
                stdout=says,
                stderr=words,
                cwd=ROOT,
            )

    def state(self) -> State:
        lines = self._says.read_bytes().rpartition(b"\n")[0].rpartition(b"\n")[2]
        return msgspec.json.decode(lines, type=State) if lines else State()

    def play(self) -> None:
        """Forget how slow asks were, and have records to tell when next connected."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Office:
    """A hub in a process of its own, with its broker, to which `size` light units belong."""

    def __init__(self, folder: Path, size: int, *, crowds: int = 2) -> None:
        folder.mkdir(exist_ok=True)
        self.commune = Commune(folder, {})
        shutil.rmtree(self.commune.station.folder / "schedules")
        (self.commune.station.folder / "schedules").mkdir()
        self.size = size
        self._folder = folder
        self._each = -(-size // crowds)
        self._members: list[tuple[str, str]] = []
        zones = [zone.id for zone in self.commune.station.station.zones[1:]]
        joined = clock.now() - timedelta(days=1)
        for number in range(size):
            key, unit = Identity.create(), f"loa-{number}"
            self._members.append((unit, key.seed))
            self.commune.station.store.units.put(
                JoinedUnit(
                    unit=Unit(id=UnitId(unit), name=unit, zone=ZoneId(zones[number % len(zones)])),
                    nkey=key.public,
                    joined=joined,
                )
            )
        self.crowds: list[Crowd] = []

    def start(self) -> None:
        """Start the hub, then the crowds."""
        self.commune.start_hub()
        self.commune.until("the broker answers", self.commune.broker_answers)
        station = self.commune.station
        for first in range(0, self.size, self._each):
            members = self._members[first : first + self._each]
            folder = self._folder / f"crowd-{first}"
            self.crowds.append(Crowd(folder, station.broker_url, station.station.id, members))

    def stop(self) -> None:
        for crowd in self.crowds:
            crowd.stop()
        self.commune.stop()

    def kill_broker(self) -> float:
        """kill -9; the instant."""
        os.kill(self.broker_pid, signal.SIGKILL)
        return clock.monotonic()

    @property
    def broker_pid(self) -> int:
        return int((self.commune.station.state / "broker" / "nats-server.pid").read_text())

    @property
    def hub_pid(self) -> int:
        return self.commune._running["hub"].pid

    def play(self) -> None:
        for crowd in self.crowds:
            crowd.play()

    def states(self) -> list[State]:
        return [crowd.state() for crowd in self.crowds]

    def greeted_since(self, since: float) -> float | None:
        """When the last unit was answered, if all were since then; None while some were not."""
        times = [at for state in self.states() for at in state.greeted]
        return max(times) if len(times) == self.size and min(times) > since else None

    def back(self, since: float, within: float) -> float:
        """Wait until all units were answered after `since`; when the last one was. Raises TimeoutError."""
        until = clock.monotonic() + within
        while (last := self.greeted_since(since)) is None:
            if clock.monotonic() > until:
                connected = sum(state.connected for state in self.states())
                raise TimeoutError(f"{connected} of {self.size} are connected, not all answered")
            time.sleep(0.1)
        return last

    def told(self) -> int:
        return sum(state.told for state in self.states())

    def recorded(self) -> int:
        """Lines in the hub's as-run log."""
        return sum(self.commune.station.store.asrun.tally(_DAY, _DAY).values())


def main(members: Path) -> None:
    url, station, units = json.loads(members.read_text())
    asyncio.run(_live(url, StationId(station), units))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
