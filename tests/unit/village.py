"""A hub on paper and one whole agent, at fake speed: signed orders, real judging, real files, no network."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId, StationId, UnitId, ZoneId
from broadcaster.domain.plan import FRAME_RATE, Clip, Plan, PlannedCue
from broadcaster.horn.player import Player
from broadcaster.horn.source import Opener, Reader
from broadcaster.horn.speaker import PacedSpeaker, Speaker
from broadcaster.link.envelope import HubKey, seal
from broadcaster.link.messages import (
    WIRE_VERSION,
    Ask,
    Body,
    Order,
    PlanChanged,
    PlanRef,
    Present,
    Receipt,
    Tell,
    Told,
    Vitals,
    read,
    write,
)
from broadcaster.link.timing import AskTime, TimeTold, asks_time, microseconds
from broadcaster.link.vitals import SIGN
from broadcaster.sound.codec import Samples
from broadcaster.unit.agent import Agent
from broadcaster.unit.clock import UnitClock
from broadcaster.unit.home import Member, Settings, UnitHome
from tests.fakes.wire import FakeWire
from tests.unit.box import NOON, ReadArray
from tests.unit.fakespeed import FakeSpeedLoop
from tests.unit.hubdoor import PaperDoor

STATION, UNIT, ZONE = StationId("dong-tien"), UnitId("loa-xa"), ZoneId("xa")
STEP = 0.01


class HandFed(Player):
    """A player without a thread of its own: the story feeds it."""

    def __init__(self, speaker: Speaker, clock: UnitClock, trusted: Callable[[ClipId], Path]) -> None:
        super().__init__(speaker, clock, lambda clip: _plain(trusted(clip)))
        self.stalled = False

    def start(self) -> None:
        return

    def stop(self) -> None:
        return

    @property
    def alive(self) -> bool:
        return not self.stalled


def _plain(path: Path) -> Reader:
    """Clips in these stories are plain samples."""
    return ReadArray(np.frombuffer(path.read_bytes(), np.float32))


class Ended(BaseException):
    """The process ended itself."""


class Village:
    """The hub, the wire, and the unit whose disk is `folder`. Times are seconds after noon."""

    def __init__(self, loop: FakeSpeedLoop, folder: Path) -> None:
        self.loop = loop
        self._noon = loop.time()
        self._folder = folder
        self.key = HubKey.create()
        self.wire = FakeWire()
        self.door = PaperDoor()
        self.told: list[AsRunEntry] = []
        self.receipts: list[Receipt] = []
        self.takes_receipts = True
        self.beats: list[Vitals] = []
        self.heard: list[float] = []
        """When the hub heard anything of the unit."""
        self.asked = 0
        """How often for everything, and how often for the time alone."""
        self.asked_time = 0
        self.orders: list[bytes] = []
        self.settings = Settings(zone=ZONE, name="Loa xã", clips_url=self.door.base)
        self.plan: PlanRef | None = None
        self._revision = 0
        self._seq = 0
        self.blocks: list[Samples] = []
        self.machine_started = "a start"
        self.system_clock_off = timedelta(0)
        self.hub_clock_off = timedelta(0)
        self.hub_fast = 0.0
        """Seconds a second by which the hub's crystal is faster than the unit's."""
        self.asleep = 0.0
        self.ntp: float | None = None
        self.ended_with: int | None = None
        self.dead_device = False
        self.refuses: dict[str, str] = {}
        home = UnitHome(folder)
        member = Member(station=STATION, unit=UNIT, verify_key=str(self.key.verify), broker="paper")
        home.become(member, self.settings)
        self.wire.hub.on_ask(self._answer)
        self.wire.hub.on_tell(self._take)
        self.wire.hub.on_beat(self._hear)

    # -- the unit ------------------------------------------------------------------------------------

    def boot(self) -> None:
        """Switch the unit on."""
        home = UnitHome(self._folder)
        member, settings = home.member(), home.settings()
        assert member is not None
        assert settings is not None
        missed = round((self.loop.time() - self._noon) * FRAME_RATE) - sum(map(len, self.blocks))
        self.blocks.append(np.zeros(max(missed, 0), np.float32))
        self.speaker = PacedSpeaker(
            lambda block: self.blocks.append(block.copy()), name="paper cone", clock=self.loop.time
        )
        self.clock = UnitClock(
            home.time_file,
            monotonic=self.loop.time,
            now=lambda: self.now + self.system_clock_off,
            slept=lambda: self.asleep,
            held=lambda: self.ntp,
            boot=lambda: self.machine_started,
        )

        def player(speaker: Speaker, clock: UnitClock, _: Opener) -> HandFed:
            self.player = HandFed(speaker, clock, lambda clip: self.agent._cache.trust(clip))
            return self.player

        self.agent = Agent(
            home,
            member,
            settings,
            self.speaker,
            link=self.wire.unit(UNIT),
            clock=self.clock,
            http=lambda: self.door,
            player=player,
            end=self._end,
        )
        self._stop = asyncio.Event()
        self._runs = [
            asyncio.create_task(self.agent.run(self._stop)),
            asyncio.create_task(self._time_passes()),
        ]

    async def switch_off(self) -> None:
        """SIGTERM."""
        self._stop.set()
        await self._runs[0]
        self._runs[1].cancel()
        await asyncio.gather(self._runs[1], return_exceptions=True)

    async def kill(self, *, off_for: float = 0.0) -> None:
        """kill -9: nothing is tidied up, nothing is written."""
        for running in (*self._runs, *self.agent._beside.values()):
            running.cancel()
        await asyncio.gather(*self._runs, *self.agent._beside.values(), return_exceptions=True)
        self.wire.units.clear()
        await asyncio.sleep(off_for)

    def _end(self, code: int) -> NoReturn:
        self.ended_with = code
        raise Ended

    async def _time_passes(self) -> None:
        while True:
            if not self.player.stalled:
                self.player.feed()
            await asyncio.sleep(STEP)
            if not self.dead_device:
                self.speaker.keep_pace()

    # -- the hub -------------------------------------------------------------------------------------

    async def hub_up(self) -> None:
        self._hub = asyncio.create_task(self.wire.hub.run())
        await self.wire.hub.ready()

    async def over(self) -> None:
        """End everything."""
        await self.kill()
        if hasattr(self, "_hub"):
            self._hub.cancel()
            await asyncio.gather(self._hub, return_exceptions=True)

    @property
    def now(self) -> datetime:
        """Station time."""
        return NOON + timedelta(seconds=self.loop.time() - self._noon)

    def clip(self, samples: Samples, *, joins: bool = False) -> Clip:
        """A clip that the hub has."""
        name = self.door.put(samples.tobytes())
        return Clip(id=name, frames=len(samples), joins=joins)

    def lay(
        self,
        *cues: PlannedCue,
        key: HubKey | None = None,
        revision: int | None = None,
        keep: Iterable[Clip] = (),
        open_until: float = 6 * 86_400.0,
    ) -> PlanRef:
        """Make a plan of these cues the present one, the hours open until so many seconds after noon; `keep`
        lies on the unit whatever is planned."""
        self._revision = self._revision + 1 if revision is None else revision
        span = Spell(begin=NOON - timedelta(days=1), end=NOON + timedelta(days=6))
        plan = Plan(
            station=STATION,
            zone=self.settings.zone,
            revision=self._revision,
            span=span,
            open=(Spell(begin=span.begin, end=NOON + timedelta(seconds=open_until)),),
            cues=cues,
            keep=tuple(keep),
        )
        signed = seal(key or self.key, write(plan))
        self.plan = PlanRef(revision=self._revision, sha256=self.door.put(signed), size=len(signed))
        return self.plan

    async def order(self, body: Body, *, keep: bool = False, **more: Any) -> bytes:
        """Give an order as `sealed` writes it; `keep` it for who asks later."""
        envelope = self.sealed(body, **more)
        if keep:
            self.orders.append(envelope)
        await self.wire.hub.order(envelope)
        return envelope

    def sealed(
        self,
        body: Body,
        *,
        id: str | None = None,
        to: Iterable[str] = ("all",),
        key: HubKey | None = None,
        age: float = 0,
        station: StationId = STATION,
    ) -> bytes:
        """An order, good for ten minutes from `age` seconds ago."""
        self._seq += 1
        order = Order(
            v=WIRE_VERSION,
            station=station,
            to=tuple(to),
            id=id or f"order-{self._seq}",
            seq=self._seq,
            issued=self.hub_now - timedelta(seconds=age),
            expires=self.hub_now + timedelta(seconds=600 - age),
            body=body,
        )
        return seal(key or self.key, write(order))

    async def replan(self, *cues: PlannedCue) -> None:
        """Lay these cues and tell the units."""
        await self.order(PlanChanged(plans={self.settings.zone: self.lay(*cues)}))

    async def _answer(self, unit: UnitId, raw: bytes) -> bytes:
        self._note()
        if asks_time(raw):
            return self._time(read(AskTime, raw))
        ask = read(Ask, raw)
        self.asked += 1
        present = Present(
            v=WIRE_VERSION,
            station=STATION,
            unit=unit,
            nonce=ask.nonce,
            zone=self.settings.zone,
            name=self.settings.name,
            volume=self.settings.volume,
            clips_url=self.settings.clips_url,
            plan=self.plan,
            orders=tuple(self.orders),
            received=self.hub_now,
            answered=self.hub_now,
            state=self._state,
        )
        return seal(self.key, write(present))

    def _time(self, ask: AskTime) -> bytes:
        self.asked_time += 1
        heard = microseconds(self.hub_now)
        same = ask.state == self._state
        return seal(
            self.key, write(TimeTold(v=WIRE_VERSION, nonce=ask.nonce, heard=heard, took=0, same=same))
        )

    @property
    def _state(self) -> str:
        return str(hash((self.settings, self.plan, tuple(self.orders))))

    @property
    def hub_now(self) -> datetime:
        """What the hub's clock shows."""
        gained = timedelta(seconds=self.hub_fast * (self.loop.time() - self._noon))
        return self.now + self.hub_clock_off + gained

    async def _take(self, _: UnitId, raw: bytes) -> bytes:
        self._note()
        told = read(Tell, raw)
        entries = told.entries
        self.beats += [told.vitals] if told.vitals is not None else []
        fine = [entry for entry in entries if entry.cue not in self.refuses]
        self.told += fine
        refused = {str(e.cue): self.refuses[e.cue] for e in entries if e.cue in self.refuses}
        self.receipts += told.receipts
        named = tuple(receipt.order for receipt in told.receipts if self.takes_receipts)
        return write(Told(cues=tuple(entry.cue for entry in fine), refused=refused, receipts=named))

    async def _hear(self, _: UnitId, raw: bytes) -> None:
        assert raw == SIGN
        self._note()

    def _note(self) -> None:
        self.heard.append(self.loop.time() - self._noon)

    # -- what was heard ------------------------------------------------------------------------------

    async def until(self, seconds: float) -> None:
        """Let time pass until so many seconds after noon."""
        await asyncio.sleep(self._noon + seconds - self.loop.time())

    def sounded(self, seconds: float, length: float) -> Samples:
        """What the horn was given for so long from so many seconds after noon on."""
        whole = np.concatenate(self.blocks) if self.blocks else np.zeros(0, np.float32)
        first = round(seconds * FRAME_RATE) - 480
        return whole[first : first + round(length * FRAME_RATE)]


def outcomes(village: Village) -> dict[str, Outcome]:
    return {entry.cue.programme: entry.outcome for entry in village.told}


Story = Callable[[Village], Coroutine[Any, Any, None]]
