"""The agent as a process: the wire, the timers, and the loop that feeds the watchdog.

The loop steps the box ten times a second whatever the network does: nothing in it waits for anybody. All
that waits (asking, fetching, telling) runs beside it, and starts again by itself.
"""

import asyncio
import logging
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from importlib.metadata import version

import aiohttp

from broadcaster import clock
from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import Clip, Plan
from broadcaster.domain.playout import ClipsHeld, StopOrdered
from broadcaster.link.connection import UnitLink
from broadcaster.link.envelope import Refusal, Refused, opened
from broadcaster.link.judging import judge, judge_plan, judge_present
from broadcaster.link.messages import (
    WIRE_VERSION,
    Ask,
    BadMessage,
    Beat,
    Order,
    PlanChanged,
    PlanRef,
    Present,
    SetVolume,
    Stop,
    Tell,
    TestChime,
    Told,
    read,
    write,
)
from broadcaster.link.timesync import Exchange
from broadcaster.link.wire import AskRefused, NoAnswer
from broadcaster.sdnotify import notify
from broadcaster.unit.box import Box
from broadcaster.unit.cache import Cache, Fetching, back_off, needed
from broadcaster.unit.clock import UnitClock
from broadcaster.unit.home import Member, Settings, UnitHome
from broadcaster.unit.player import Player
from broadcaster.unit.records import Records
from broadcaster.unit.speaker import Speaker

__all__ = ["Agent"]

_PASS = 0.1
_HUNG = 2.0
"""Seconds without a frame taken after which the device counts as dead, and the process ends."""
_BEAT_EVERY = 10.0
_ASK_EVERY = 60.0
_SETTLING = (0.5, 0.5, 0.5, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds between the first questions after a connection: station time gets better with each."""
_LOOK_AT_CLOCK = 5.0
_DEAD_DEVICE = 70
"""Exit code; systemd starts us again, and we join what is on air."""

_words = logging.getLogger(__name__)


class Agent:
    """A unit at work. `speaker` is not started yet."""

    def __init__(self, home: UnitHome, member: Member, settings: Settings, speaker: Speaker) -> None:
        self._home = home
        self._member = member
        self._keys = home.keys(member)
        self._settings = settings
        self._memory = home.memory()
        self._clock = UnitClock(home.time_file)
        self._cache = Cache(home.folder)
        self._fetching = Fetching(self._cache)
        self._speaker = speaker
        self._player = Player(speaker, self._clock, self._cache.open)
        self._records = Records(home.folder / "records")
        self._box = Box(unit=member.unit, records=self._records, player=self._player, now=self._clock.now())
        self._box.volume = settings.volume
        self._plan: Plan | None = None
        self._wanted: PlanRef | None = None
        self._refusals: dict[str, int] = {}
        self._link = UnitLink(member.broker, home.identity, member.station, member.unit)
        self._fetch_now = asyncio.Event()
        self._tell_now = asyncio.Event()
        self._beat_now = asyncio.Event()
        self._version = version("village-broadcaster")

    async def run(self, stop: asyncio.Event) -> int:
        """Work until `stop` is set (exit code 0) or the device is dead. Raises NoSpeaker, OSError."""
        self._take_kept_plan()
        self._link.on_order(self._on_order)
        self._link.on_connected(self._on_connected)
        self._speaker.start()
        self._player.start()
        beside = [
            asyncio.create_task(work)
            for work in (self._link.run(), self._fetch(), self._tell(), self._beat(), self._prepare())
        ]
        try:
            return await self._loop(stop)
        finally:
            notify("STOPPING=1")
            for running in beside:
                running.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            self._player.stop()
            self._speaker.stop()

    # -- the loop ------------------------------------------------------------------------------------

    async def _loop(self, stop: asyncio.Event) -> int:
        """The unit's loop: the one place where anything at all is caught."""
        state = "READY=1\nWATCHDOG=1"
        looked = taken = clock.monotonic()
        frames = self._speaker.ring.taken
        while not stop.is_set():
            at = clock.monotonic()
            if self._speaker.ring.taken != frames:
                frames, taken = self._speaker.ring.taken, at
            if at - taken > _HUNG or not self._player.alive:
                _words.error("speaker=%s takes no sound; ending, to be started again", self._speaker.name)
                return _DEAD_DEVICE
            try:
                if at - looked >= _LOOK_AT_CLOCK:
                    looked = at
                    self._set_clock(lambda: self._clock.adopt(self._clock.looked()))
                self._pass()
                notify(state)
                state = "WATCHDOG=1"
            except Exception as fault:  # noqa: BLE001 - one of the two places where anything is caught
                _words.exception("a pass of the unit failed; it goes on with the next")
                self._box.fail(f"{type(fault).__name__}: {fault}", self._clock.now())
            with suppress(TimeoutError):
                async with asyncio.timeout(_PASS):
                    await stop.wait()
        return 0

    def _pass(self) -> None:
        playing, waiting = self._box.now_playing(), self._records.waiting
        self._box.trust(self._clock.trusted, self._clock.now())
        self._box.tick(self._clock.now())
        if self._records.waiting > waiting:
            self._tell_now.set()
        after = self._box.now_playing()
        if (playing and playing.cue) != (after and after.cue):
            self._beat_now.set()

    def _set_clock(self, set_it: Callable[[], None]) -> None:
        """Set the clock, and tell the box by how much it moved what is on air."""
        at = clock.monotonic()
        before = self._clock.instant_at(at)
        set_it()
        shift = self._clock.instant_at(at) - before
        if abs(shift) > timedelta(seconds=1):
            self._box.trust(self._clock.trusted, self._clock.now(), shift)

    # -- plans and clips -----------------------------------------------------------------------------

    def _take_kept_plan(self) -> None:
        """What lies on the disk holds until the hub says otherwise."""
        kept = self._cache.plan(self._keys)
        if kept is not None and judge_plan(
            kept, self._memory, station=self._member.station, zone=self._settings.zone
        ) in (None, Refusal.OLDER_VERSION):
            self._put_plan(kept)

    def _put_plan(self, plan: Plan) -> None:
        self._plan = plan
        self._box.put_plan(plan, self._cache.held, self._clock.now())
        self._fetch_now.set()
        self._beat_now.set()

    def _want_plan(self, ref: PlanRef | None) -> None:
        if ref is not None and (self._plan is None or ref.revision > self._plan.revision):
            self._wanted = ref
            self._fetch_now.set()

    async def _fetch(self) -> None:
        """Get the plan that is wanted and the clips it needs, one after the other, again after each fault."""
        tries = 0
        async with aiohttp.ClientSession() as session:
            while True:
                try:
                    got = await self._fetch_one(session)
                    tries = 0
                except (aiohttp.ClientError, TimeoutError, ValueError, OSError, Refused) as fault:
                    _words.warning("fetching failed tries=%d: %s", tries, fault or type(fault).__name__)
                    await asyncio.sleep(back_off(tries))
                    tries, got = tries + 1, True
                if not got:
                    self._fetch_now.clear()
                    await self._fetch_now.wait()

    async def _fetch_one(self, session: aiohttp.ClientSession) -> bool:
        """Fetch what is wanted most; False when nothing is."""
        url = self._settings.clips_url
        if self._wanted is not None and (self._plan is None or self._wanted.revision > self._plan.revision):
            await self._fetch_plan(session, url, self._wanted)
            return True
        for clip in needed(self._plan, self._clock.now()) if self._plan is not None else ():
            if clip not in self._cache.held:
                if await self._fetching.clip(session, url, clip):
                    self._box.happen(ClipsHeld(held=self._cache.held), self._clock.now())
                    self._beat_now.set()
                return True
        return False

    async def _fetch_plan(self, session: aiohttp.ClientSession, url: str, ref: PlanRef) -> None:
        signed = await self._fetching.plan(session, url, ref.sha256)
        plan = opened(signed, self._keys, Plan)
        refusal = judge_plan(plan, self._memory, station=self._member.station, zone=self._settings.zone)
        if refusal is not None:
            self._wanted = None
            raise Refused(refusal, f"plan {plan.revision} of {plan.zone}")
        self._cache.keep_plan(signed)
        self._memory = self._memory.holding_plan(plan)
        self._home.keep_memory(self._memory)
        self._put_plan(plan)
        self._cache.make_room(plan.clips)

    async def _prepare(self) -> None:
        """Open ahead what will be played."""
        while True:
            await asyncio.to_thread(self._player.prepare)
            await asyncio.sleep(_PASS * 2)

    # -- the wire ------------------------------------------------------------------------------------

    async def _on_connected(self) -> None:
        """Ask for the whole present state, soon again while station time settles, then now and then."""
        asked = 0
        self._tell_now.set()
        self._beat_now.set()
        while True:
            try:
                await self._ask()
            except (NoAnswer, AskRefused, Refused, BadMessage) as fault:
                _words.warning("asking failed: %s", fault)
            await asyncio.sleep(_SETTLING[asked] if asked < len(_SETTLING) else _ASK_EVERY)
            asked += 1

    async def _ask(self) -> None:
        nonce = secrets.token_hex(8)
        sent = clock.monotonic()
        ask = Ask(v=WIRE_VERSION, unit=self._member.unit, nonce=nonce, sent=sent, software=self._version)
        raw = await self._link.ask(write(ask))
        arrived = clock.monotonic()
        present = opened(raw, self._keys, Present)
        refusal = judge_present(present, station=self._member.station, unit=self._member.unit, nonce=nonce)
        if refusal is not None:
            self._count(refusal)
            return
        exchange = Exchange(sent=sent, received=present.received, answered=present.answered, arrived=arrived)
        self._set_clock(lambda: self._clock.adopt(self._clock.after(exchange)))
        self._clock.keep()
        self._settle(present)

    def _settle(self, present: Present) -> None:
        """Take over what the hub says of this unit, and the orders it missed."""
        settings = Settings(
            zone=present.zone, name=present.name, clips_url=present.clips_url, volume=present.volume
        )
        if settings != self._settings:
            if settings.zone != self._settings.zone:
                self._plan = None  # another zone's plan; what is on air ends with the new one
            self._settings = settings
            self._home.keep_settings(settings)
            self._box.volume = settings.volume
        for envelope in present.orders:
            self._obey(envelope, present.answered, trusted=True)
        self._want_plan(present.plan)

    async def _on_order(self, raw: bytes) -> None:
        self._obey(raw, self._clock.now(), trusted=self._clock.trusted)

    def _obey(self, raw: bytes, now: datetime, *, trusted: bool) -> None:
        """Judge an order, remember it, do it."""
        try:
            order = opened(raw, self._keys, Order)
        except Refused as fault:
            self._count(fault.refusal)
            return
        refusal = judge(
            order,
            self._memory,
            now=now,
            station=self._member.station,
            unit=self._member.unit,
            zone=self._settings.zone,
            clock_trusted=trusted,
        )
        if refusal is not None:
            if refusal not in (Refusal.REPEATED, Refusal.NOT_FOR_US):
                self._count(refusal)
            return
        if not isinstance(order.body, PlanChanged):  # a plan is remembered when it is here
            self._memory = self._memory.after(order, zone=self._settings.zone, now=now)
            self._home.keep_memory(self._memory)
        self._do(order)

    def _do(self, order: Order) -> None:
        match order.body:
            case PlanChanged(plans=plans):
                self._want_plan(plans.get(self._settings.zone))
            case Stop(cue=cue, by=by):
                self._box.happen(StopOrdered(cue=cue, by=by), self._clock.now())
            case SetVolume(decibels=decibels):
                self._box.volume = decibels
            case TestChime(clip=clip, frames=frames):
                chime = asyncio.create_task(self._try_chime(clip, frames))
                chime.add_done_callback(lambda done: done.exception())

    async def _try_chime(self, clip: ClipId, frames: int) -> None:
        if clip not in self._cache.held:
            async with aiohttp.ClientSession() as session:
                await self._fetching.clip(session, self._settings.clips_url, clip)
        self._box.try_chime(Clip(id=clip, frames=frames, joins=False), self._clock.now())

    def _count(self, refusal: Refusal) -> None:
        self._refusals[refusal] = self._refusals.get(refusal, 0) + 1
        _words.warning("refused reason=%s count=%d", refusal, self._refusals[refusal])

    async def _tell(self) -> None:
        """Hand over as-run entries until the hub has all of them."""
        tries = 0
        while True:
            entries = self._records.unsent()
            if not entries:
                self._tell_now.clear()
                await self._tell_now.wait()
                continue
            try:
                raw = await self._link.tell(
                    write(Tell(v=WIRE_VERSION, unit=self._member.unit, entries=entries))
                )
                self._records.told(read(Told, raw).cues)
                tries = 0
            except (NoAnswer, AskRefused, BadMessage, OSError) as fault:
                _words.warning("telling failed waiting=%d: %s", self._records.waiting, fault)
                await asyncio.sleep(back_off(tries))
                tries += 1

    async def _beat(self) -> None:
        """Say that we live: every ten seconds, and at once when what sounds or lies here changes."""
        while True:
            await self._link.ready()
            await self._link.beat(write(self._heartbeat()))
            self._beat_now.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_BEAT_EVERY):
                    await self._beat_now.wait()
            await asyncio.sleep(_PASS)

    def _heartbeat(self) -> Beat:
        plan = self._plan
        error = self._clock.error
        room = os.statvfs(self._home.folder)
        return Beat(
            v=WIRE_VERSION,
            unit=self._member.unit,
            at=self._clock.now(),
            software=self._version,
            plan=self._box.revision,
            missing=0 if plan is None else len(plan.clips - self._cache.held),
            playing=self._box.now_playing(),
            clock_trusted=self._clock.trusted,
            clock_error=min(error, 1e9),
            disk_free=room.f_bavail * room.f_frsize,
            underruns=self._speaker.ring.underruns,
            speaker=self._speaker.name,
            waiting=self._records.waiting,
            refusals=dict(self._refusals),
        )
