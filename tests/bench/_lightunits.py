"""Light units that hear alerts as a unit does: a crowd of them is a process of its own.

Each has a connection and an nkey of its own, asks the hub who it is, tells it how it is, verifies and
judges every order and every answer, works out the rounds of an alert, and tells its receipts. It has no horn:
what is written down is when each envelope arrived, and how long it took to judge it; whoever reads it adds
what the horns of real units take.

In a village each unit has a processor to itself, here a thousand share two. So arrivals are noted first, and
judged `_REST` later, each by a stopwatch of its own; and what the crowd takes to read is in the fan-out of a
bare publish as well, which the same units hear by the same way.

`python -m tests.bench._lightunits MEMBERS.json` writes a line of JSON for each envelope that all have heard.
"""

import asyncio
import secrets
import subprocess
import sys
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from broadcaster import clock
from broadcaster.clock import monotonic
from broadcaster.domain.alert import AlertCall, rounds
from broadcaster.domain.names import AlertId, StationId, UnitId, ZoneId
from broadcaster.link.connection import UnitLink
from broadcaster.link.envelope import Refused, VerifyKey, VerifyKeys, opened
from broadcaster.link.identity import Identity
from broadcaster.link.judging import Memory, judge, judge_present
from broadcaster.link.messages import (
    WIRE_VERSION,
    Ask,
    Order,
    Present,
    RaiseAlert,
    RaiseDrill,
    Receipt,
    Tell,
    Vitals,
    write,
)
from broadcaster.link.tied import tied
from broadcaster.link.vitals import SIGN
from broadcaster.link.wire import AskRefused, NoAnswer, NotConnected
from tests.sources import ROOT

__all__ = ["BARE", "Crowd", "Heard", "Members"]

BARE = b"bare publish"
"""How a message begins that is nothing but bytes, to be compared with."""

_REST = 0.4
_GIVEN_UP = 3.0
"""Seconds after the first arrival."""
_BEAT = 10.0
_ASK_EVERY = 60.0


class Members(msgspec.Struct, kw_only=True):
    """A crowd: who they are, and where they speak. `lead`: what their horns take, in seconds."""

    url: str
    station: str
    verify_key: str
    lead: float
    units: list[tuple[str, str]]
    """Id and seed."""


class Heard(msgspec.Struct, kw_only=True):
    """One envelope as a crowd heard it. Instants are seconds of `clock.monotonic`.

    `name`: the order's id, or the number of a bare publish; empty when all refused it. arrived, acted: when
    it had come to each unit, and when that one had judged it and worked out its rounds; `acted` is empty for
    what is no alert. `start`, `issued`: of the first round and of the order. refused: by how many, and `why`.
    """

    name: str
    size: int
    arrived: list[float]
    acted: list[float] = []
    start: float = 0.0
    issued: float = 0.0
    rounds: int = 0
    refused: int = 0
    why: str = ""


class _Hearing:
    """One envelope on its way through the crowd."""

    def __init__(self) -> None:
        self.arrived: list[tuple[_LightUnit, float]] = []
        self.first = monotonic()


class _Crowd:
    def __init__(self, members: Members) -> None:
        self.keys = VerifyKeys.of([VerifyKey.parse(members.verify_key)])
        self.lead = members.lead
        self.station = StationId(members.station)
        self.units = [_LightUnit(self, members.url, UnitId(unit), seed) for unit, seed in members.units]
        self._under_way: dict[bytes, _Hearing] = {}
        self._offset = clock.now(), monotonic()
        self._telling: set[asyncio.Task[None]] = set()

    def arrived(self, unit: "_LightUnit", envelope: bytes, at: float) -> None:
        hearing = self._under_way.setdefault(envelope, _Hearing())
        hearing.arrived.append((unit, at))

    def second_of(self, instant: datetime) -> float:
        now, second = self._offset
        return second + (instant - now).total_seconds()

    async def work(self) -> None:
        """Judge what has come to everybody, and write it down."""
        while True:
            await asyncio.sleep(0.05)
            at = monotonic()
            for envelope, hearing in list(self._under_way.items()):
                late = at - hearing.first > _GIVEN_UP
                if at - hearing.arrived[-1][1] > _REST and (late or len(hearing.arrived) == len(self.units)):
                    del self._under_way[envelope]
                    self._write(self._judged(envelope, hearing))

    def _judged(self, envelope: bytes, hearing: _Hearing) -> Heard:
        heard = Heard(name="", size=len(envelope), arrived=[at for _, at in hearing.arrived])
        if envelope.startswith(BARE):
            heard.name = envelope[len(BARE) : len(BARE) + 8].decode().strip()
            return heard
        for unit, at in hearing.arrived:
            begun = monotonic()
            then = clock.now() - timedelta(seconds=begun - at)  # it is judged later only by this crowd
            order = unit.obeyed(envelope, then, heard)
            call = _call_of(order)
            if order is None or call is None:
                continue
            meant = rounds(call, then)
            heard.acted.append(at + monotonic() - begun)
            heard.name, heard.rounds = order.id, len(meant)
            heard.start, heard.issued = self.second_of(meant[0].start), self.second_of(order.issued)
            self._tell(unit, order, call, at)
        return heard

    def _tell(self, unit: "_LightUnit", order: Order, call: AlertCall, at: float) -> None:
        received = clock.now() - timedelta(seconds=monotonic() - at)
        receipt = Receipt(
            order=order.id, alert=AlertId(call.cue.programme), version=call.version, received=received
        )
        started = msgspec.structs.replace(receipt, started=max(call.start, received))
        for told in (receipt, started):
            telling = asyncio.ensure_future(unit.tell(told))
            self._telling.add(telling)
            telling.add_done_callback(self._telling.discard)

    def _write(self, heard: Heard) -> None:
        sys.stdout.buffer.write(msgspec.json.encode(heard) + b"\n")
        sys.stdout.buffer.flush()


def _call_of(order: Order | None) -> AlertCall | None:
    match order and order.body:
        case RaiseAlert(call=call) | RaiseDrill(call=call):
            return call
    return None


class _LightUnit:
    def __init__(self, crowd: _Crowd, url: str, unit: UnitId, seed: str) -> None:
        self._crowd, self._unit = crowd, unit
        self._zone: ZoneId | None = None
        self._memory = Memory()
        self._round_trip: float | None = None
        self.link = UnitLink(url, Identity._of(seed), crowd.station, unit)
        self.link.on_order(self._on_order)
        self.link.on_connected(self._on_connected)

    async def live(self, after: float) -> None:
        await asyncio.sleep(after)
        running = asyncio.ensure_future(self.link.run())
        while not running.done():
            await asyncio.sleep(_BEAT)
            await self.link.beat(SIGN)

    @property
    def ready(self) -> bool:
        return self._zone is not None and self._round_trip is not None

    def obeyed(self, envelope: bytes, now: datetime, heard: Heard) -> Order | None:
        """The order in it, if this unit obeys."""
        if self._zone is None:
            return None
        try:
            order = opened(envelope, self._crowd.keys, Order)
        except Refused as fault:
            heard.refused, heard.why = heard.refused + 1, str(fault)
            return None
        refusal = judge(
            order,
            self._memory,
            now=now,
            station=self._crowd.station,
            unit=self._unit,
            zone=self._zone,
            clock_trusted=True,
        )
        if refusal is not None:
            heard.refused, heard.why = heard.refused + 1, str(refusal)
            return None
        self._memory = self._memory.after(order, zone=self._zone, now=now)
        return order

    async def tell(self, receipt: Receipt) -> None:
        with suppress(NoAnswer, AskRefused, NotConnected):
            await self.link.tell(write(Tell(v=WIRE_VERSION, unit=self._unit, receipts=(receipt,))))

    async def _on_order(self, envelope: bytes) -> None:
        self._crowd.arrived(self, envelope, monotonic())

    async def _on_connected(self) -> None:
        while True:
            with suppress(NoAnswer, AskRefused, NotConnected):
                await self._ask()
                await self._say_how_it_is()
                await asyncio.sleep(_ASK_EVERY)
            await asyncio.sleep(1.0)

    async def _ask(self) -> None:
        nonce, begun = secrets.token_hex(8), monotonic()
        answer = await self.link.ask(write(Ask(v=WIRE_VERSION, unit=self._unit, nonce=nonce)))
        self._round_trip = monotonic() - begun
        present = opened(answer, self._crowd.keys, Present)
        refusal = judge_present(present, station=self._crowd.station, unit=self._unit, nonce=nonce)
        assert refusal is None, refusal
        self._zone = present.zone

    async def _say_how_it_is(self) -> None:
        vitals = Vitals(
            v=WIRE_VERSION,
            at=clock.now(),
            software="0.1.0",
            plan=0,
            clock_error=0.001,
            disk_free=1 << 30,
            speaker="light",
            round_trip=self._round_trip,
        )
        if "lead" in Vitals.__struct_fields__:
            vitals = msgspec.structs.replace(vitals, lead=self._crowd.lead)
        await self.link.tell(write(Tell(v=WIRE_VERSION, unit=self._unit, vitals=vitals)))


async def _live(members: Members, ready: Path) -> None:
    crowd = _Crowd(members)
    living = [asyncio.ensure_future(unit.live(number * 0.004)) for number, unit in enumerate(crowd.units)]
    living.append(asyncio.ensure_future(crowd.work()))
    words = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(words), sys.stdin)
    while all(not work.done() for work in living):
        if not ready.exists() and all(unit.ready for unit in crowd.units):
            ready.touch()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                if await words.readline() == b"":
                    return
    for work in living:
        if work.done():
            work.result()


class Crowd:
    """Units in a process of its own."""

    def __init__(self, folder: Path, members: Members) -> None:
        folder.mkdir()
        self.size = len(members.units)
        self._says, self._ready = folder / "says.jsonl", folder / "ready"
        self._words = folder / "words.txt"
        (folder / "members.json").write_bytes(write(members))
        with self._says.open("wb") as says, self._words.open("wb") as words:
            self._process = subprocess.Popen(
                tied([sys.executable, "-m", "tests.bench._lightunits", str(folder / "members.json")]),
                stdin=subprocess.PIPE,
                stdout=says,
                stderr=words,
                cwd=ROOT,
            )

    @property
    def ready(self) -> bool:
        """Whether all are connected, were answered and have told how they are."""
        assert self._process.poll() is None, self._words.read_text()
        return self._ready.exists()

    def heard(self) -> list[Heard]:
        """What was heard so far."""
        lines = self._says.read_bytes().rpartition(b"\n")[0].splitlines()
        return [msgspec.json.decode(line, type=Heard) for line in lines]

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def main(members: Path) -> None:
    asyncio.run(_live(msgspec.json.decode(members.read_bytes(), type=Members), members.parent / "ready"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
