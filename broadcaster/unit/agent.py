"""The agent as a process: the wire, the timers, and the loop that feeds the watchdog.

The loop steps the box ten times a second whatever the network does: nothing in it waits for anybody. All
that waits (asking, fetching, telling) runs beside it, and is begun again when it breaks.

Crash-only: a device that takes no frames, or a feeder that is gone, ends the process at once, without tidying
up what may hang. It is started again and joins what is on air.
"""

import asyncio
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any, NoReturn

from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import Clip, Plan
from broadcaster.domain.playout import ClipsHeld, StopOrdered
from broadcaster.link.envelope import Refused
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
    TestChime,
    write,
)
from broadcaster.link.timesync import Exchange, StationTime
from broadcaster.link.wire import AskRefused, NoAnswer, UnitEnd
from broadcaster.sdnotify import notify
from broadcaster.unit.box import Box
from broadcaster.unit.cache import Cache, Corrupt, needed
from broadcaster.unit.clock import UnitClock
from broadcaster.unit.fetching import Fetching, rest_after
from broadcaster.unit.home import Member, Settings, UnitHome
from broadcaster.unit.http import Http, HubHttp, NotFetched
from broadcaster.unit.obeying import Obeying
from broadcaster.unit.passage import Passage
from broadcaster.unit.player import Player
from broadcaster.unit.records import Records
from broadcaster.unit.reporting import Reporting
from broadcaster.unit.source import Opener
from broadcaster.unit.speaker import Speaker

__all__ = ["DEAD_DEVICE", "Agent"]

DEAD_DEVICE = 70
"""Exit code; systemd starts us again, and we join what is on air."""

_PASS = 0.1
_HUNG = 2.0
"""Seconds without a frame taken after which the device counts as dead."""
_ASK_EVERY = 60.0
_SETTLING = (0.5, 0.5, 0.5, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds between the first questions after a connection: station time gets better with each."""
_LOOK_EVERY = 5.0
_SET = timedelta(seconds=1)
"""A clock that moves by more was set; by less, it was wrong, and what sounds is brought in step."""
_BEGIN_AGAIN = 5.0
_TOUCHES = timedelta(minutes=10)
_FADE_OUT = 0.4

_logger = logging.getLogger(__name__)


class Agent:
    """A unit at work. `speaker` is not started yet; `end` ends the process on the spot."""

    def __init__(
        self,
        home: UnitHome,
        member: Member,
        settings: Settings,
        speaker: Speaker,
        *,
        link: UnitEnd,
        clock: UnitClock,
        http: Callable[[], AbstractAsyncContextManager[Http]] = HubHttp,
        player: Callable[[Speaker, UnitClock, Opener], Player] = Player,
        end: Callable[[int], NoReturn] = os._exit,
    ) -> None:
        self._home = home
        self._unit = member.unit
        self._obeying = Obeying(home, member, settings)
        self._clock = clock
        self._cache = Cache(home.folder)
        self._speaker = speaker
        self._player = player(speaker, clock, self._cache.open)
        self._records = Records(home.folder / "records")
        self._box = Box(
            unit=member.unit,
            records=self._records,
            player=self._player,
            now=self._front,
            broken=self._recheck,
        )
        self._box.volume = settings.volume
        self._plan: Plan | None = None
        self._wanted: PlanRef | None = None
        self._chimes: dict[ClipId, tuple[int, datetime]] = {}
        self._link = link
        self._reporting = Reporting(member.unit, link, self._records, clock)
        self._http = http
        self._end = end
        self._fetch_now = asyncio.Event()
        self._ask_now = asyncio.Event()
        self._version = version("village-broadcaster")
        self._beside: dict[str, asyncio.Task[None]] = {}

    @property
    def _front(self) -> datetime:
        """The instant from which on it can still be decided what sounds."""
        return self._clock.instant_at(self._player.front())

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set. Raises NoSpeaker."""
        self._link.on_order(self._on_order)
        self._link.on_connected(self._on_connected)
        self._speaker.start()
        self._player.start()
        self._take_kept_plan()
        async with self._http() as http:
            base = self._obeying.settings.clips_url
            self._fetching = Fetching(self._cache, http, base, clock=self._clock.monotonic)
            try:
                await self._loop(stop)
                self._box.write_down(self._front)
                self._player.follow(())
                await asyncio.sleep(_FADE_OUT)
            finally:
                notify("STOPPING=1")
                for running in self._beside.values():
                    running.cancel()
                await asyncio.gather(*self._beside.values(), return_exceptions=True)
                self._player.stop()
                self._speaker.stop()

    # -- the loop ------------------------------------------------------------------------------------

    async def _loop(self, stop: asyncio.Event) -> None:
        """The unit's loop: the one place where anything at all is caught."""
        state = "READY=1\nWATCHDOG=1"
        looked = took = self._clock.monotonic()
        frames = self._speaker.ring.taken
        while not stop.is_set():
            at = self._clock.monotonic()
            if self._speaker.ring.taken != frames:
                frames, took = self._speaker.ring.taken, at
            if at - took > _HUNG or not self._player.alive:
                self._die()
            try:
                if at - looked >= _LOOK_EVERY:
                    looked = at
                    self._go_by(self._clock.looked())
                    self._records.mend()
                self._pass()
                self._keep_up()
                notify(state)
                state = "WATCHDOG=1"
            except Exception as fault:
                _logger.exception("a pass of the unit failed; it goes on with the next")
                self._box.fail(f"{type(fault).__name__}: {fault}", self._front)
            with suppress(TimeoutError):
                async with asyncio.timeout(_PASS):
                    await stop.wait()

    def _pass(self) -> None:
        playing, waiting = self._box.now_playing(), self._records.waiting
        self._box.trust(self._clock.trusted, self._front)
        self._box.tick(self._front)
        if self._records.waiting > waiting:
            self._reporting.tell_now.set()
        after = self._box.now_playing()
        if (playing and playing.cue) != (after and after.cue):
            self._reporting.beat_now.set()

    def _keep_up(self) -> None:
        """Start what runs beside the loop, and start it again when it broke."""
        works: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "wire": self._link.run,
            "fetching": self._fetch,
            "telling": self._reporting.tell,
            "heartbeat": lambda: self._reporting.beat(self._heartbeat),
            "preparing": self._prepare,
        }
        for name, work in works.items():
            running = self._beside.get(name)
            if running is None:
                self._beside[name] = asyncio.create_task(work(), name=name)
            elif running.done():
                _logger.error("%s broke; begun again", name, exc_info=running.exception())
                self._beside[name] = asyncio.create_task(_later(_BEGIN_AGAIN, work), name=name)

    def _die(self) -> NoReturn:
        _logger.critical("speaker=%s takes no sound; ending, to be started again", self._speaker.name)
        self._box.write_down(self._front)
        self._end(DEAD_DEVICE)

    def _go_by(self, time: StationTime) -> None:
        """Go by `time`. If that sets the clock, what sounds goes on as if nothing had happened."""
        shift = self._clock.shift_to(time)
        if abs(shift) <= _SET:
            self._clock.adopt(time)
            return
        _logger.warning("station time set by %s", shift)
        self._player.shifted(shift, lambda: self._clock.adopt(time))
        self._box.trust(self._clock.trusted, self._front, shift)

    # -- plans and clips -----------------------------------------------------------------------------

    def _take_kept_plan(self) -> None:
        """What lies on the disk holds until the hub says otherwise; what is needed about now is checked."""
        signed = self._cache.signed_plan()
        if signed is None:
            return
        try:
            kept = self._obeying.plan(signed)
        except Refused:
            return
        now = self._clock.now()
        about = Spell(begin=now - _TOUCHES, end=now + _TOUCHES)
        touched = (cue for cue in kept.cues if cue.start < about.end and about.begin < cue.start + cue.length)
        for clip in {clip.id for cue in touched for clip in cue.clips}:
            self._cache.check(clip)
        self._put_plan(kept)

    def _put_plan(self, plan: Plan) -> None:
        self._plan = plan
        self._box.put_plan(plan, self._cache.held, self._front)
        self._fetch_now.set()
        self._reporting.beat_now.set()

    def _want_plan(self, ref: PlanRef | None) -> None:
        newer = self._plan is None or (ref is not None and ref.revision > self._plan.revision)
        if ref is not None and newer:
            self._wanted = ref
            self._fetch_now.set()

    async def _fetch(self) -> None:
        """Get the plan that is wanted and the clips it needs, for ever."""
        tries = 0
        while True:
            self._fetching.base = self._obeying.settings.clips_url
            if self._wanted is not None:
                try:
                    await self._fetch_plan(self._wanted)
                    tries = 0
                except (NotFetched, Corrupt, OSError, Refused) as fault:
                    tries += 1
                    _logger.warning("the plan did not come tries=%d: %s", tries, fault)
                    await asyncio.sleep(rest_after(tries, 0.5))
            self._fetching.want(self._needed())
            held = self._cache.held
            got = await self._fetching.step()
            if self._cache.held != held:
                self._box.happen(ClipsHeld(held=self._cache.held), self._front)
                self._sound_chimes()
                if not self._fetching.missing:
                    self._reporting.beat_now.set()
            if not got:
                self._fetch_now.clear()
                await self._fetching.idle(self._fetch_now)

    def _needed(self) -> tuple[ClipId, ...]:
        now = self._clock.now()
        planned = () if self._plan is None else needed(self._plan, now)
        return (*self._chimes, *planned)

    async def _fetch_plan(self, ref: PlanRef) -> None:
        """Fetch the plan and put it in force. One that is refused is not wanted any more."""
        signed = await self._fetching.plan(ref)
        self._wanted = None
        plan = self._obeying.plan(signed)
        self._cache.keep_plan(signed)
        self._obeying.holding(plan)
        self._put_plan(plan)

    def _recheck(self, passage: Passage) -> None:
        """Its sound broke: what is damaged is deleted, and fetched again."""
        for clip in passage.clips:
            self._cache.check(clip.id)
        self._fetch_now.set()

    def _sound_chimes(self) -> None:
        for clip, (frames, expires) in list(self._chimes.items()):
            if clip in self._cache.held:
                del self._chimes[clip]
                if self._clock.now() < expires:
                    self._box.try_chime(Clip(id=clip, frames=frames, joins=False), self._front)

    async def _prepare(self) -> None:
        """Open ahead what will be played."""
        while True:
            await asyncio.to_thread(self._player.prepare)
            await asyncio.sleep(2 * _PASS)

    # -- the wire ------------------------------------------------------------------------------------

    async def _on_connected(self) -> None:
        """Ask for the whole present state, soon again while station time settles, then now and then."""
        asked = 0
        self._fetching.hurry()
        self._reporting.tell_now.set()
        self._reporting.beat_now.set()
        while True:
            self._ask_now.clear()
            try:
                await self._ask()
            except (NoAnswer, AskRefused, Refused, BadMessage, ValueError, OSError) as fault:
                _logger.warning("asking failed: %s", fault)
            with suppress(TimeoutError):
                async with asyncio.timeout(_SETTLING[asked] if asked < len(_SETTLING) else _ASK_EVERY):
                    await self._ask_now.wait()
            asked += 1

    async def _ask(self) -> None:
        nonce = secrets.token_hex(8)
        sent = self._clock.monotonic()
        ask = Ask(v=WIRE_VERSION, unit=self._unit, nonce=nonce, sent=sent, software=self._version)
        raw = await self._link.ask(write(ask))
        arrived = self._clock.monotonic()
        present = self._obeying.present(raw, nonce)
        exchange = Exchange(sent=sent, received=present.received, answered=present.answered, arrived=arrived)
        self._go_by(self._clock.after(exchange))
        self._settle(present)
        self._clock.keep()

    def _settle(self, present: Present) -> None:
        """Take over what the hub says of this unit, and the orders it missed."""
        if present.zone != self._obeying.settings.zone:
            self._plan = None  # another zone's plan is wanted, whatever its revision
        self._obeying.set_to(
            Settings(zone=present.zone, name=present.name, clips_url=present.clips_url, volume=present.volume)
        )
        self._box.volume = present.volume
        for envelope in present.orders:
            self._do(self._obeying.order(envelope, present.answered, trusted=True))
        self._want_plan(present.plan)

    async def _on_order(self, raw: bytes) -> None:
        trusted = self._clock.trusted
        self._do(self._obeying.order(raw, self._clock.now(), trusted=trusted))
        if not trusted:
            self._ask_now.set()

    def _do(self, order: Order | None) -> None:
        match order and order.body:
            case PlanChanged(plans=plans):
                self._want_plan(plans.get(self._obeying.settings.zone))
            case Stop(cue=cue, by=by):
                self._box.happen(StopOrdered(cue=cue, by=by), self._front)
            case SetVolume(decibels=decibels):
                self._obeying.turn_to(decibels)
                self._box.volume = self._obeying.settings.volume
            case TestChime(clip=clip, frames=frames) if order is not None:
                self._chimes[clip] = (frames, order.expires)
                self._sound_chimes()
                self._fetch_now.set()

    def _heartbeat(self) -> Beat:
        plan = self._plan
        return Beat(
            v=WIRE_VERSION,
            unit=self._unit,
            at=self._clock.now(),
            software=self._version,
            plan=self._box.revision,
            missing=0 if plan is None else len(plan.clips - self._cache.held),
            playing=self._box.now_playing(),
            clock_trusted=self._clock.trusted,
            clock_error=min(self._clock.error, 1e9),
            disk_free=shutil.disk_usage(self._home.folder).free,
            underruns=self._speaker.ring.underruns,
            speaker=self._speaker.name,
            waiting=self._records.waiting,
            refusals=dict(self._obeying.refusals),
        )


async def _later(seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    await asyncio.sleep(seconds)
    await work()
