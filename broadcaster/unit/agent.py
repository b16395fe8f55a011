"""The agent as a process: the wire, the timers, and the loop that feeds the watchdog.

The loop steps the box ten times a second, and when something falls due, whatever the network does. It waits
for nothing but the disk, and the player knows what sounds meanwhile (`box.LOOK_AHEAD`). All else that waits
(asking, fetching, telling) runs beside it, and is begun again when it breaks.

Crash-only: a device that takes no frames, or a feeder that is gone, ends the process at once, without tidying
up what may hang. It is started again and joins what is on air.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any, NoReturn

from broadcaster.domain.plan import Clip
from broadcaster.horn.player import Player
from broadcaster.horn.source import Opener
from broadcaster.horn.speaker import DEAD_DEVICE, Speaker
from broadcaster.link.timesync import StationTime
from broadcaster.link.wire import UnitEnd
from broadcaster.sdnotify import notify
from broadcaster.unit.alerts import Alerts
from broadcaster.unit.asking import Asking
from broadcaster.unit.box import Box
from broadcaster.unit.cache import Cache
from broadcaster.unit.clock import UnitClock
from broadcaster.unit.holding import Holding
from broadcaster.unit.home import Member, Settings, UnitHome
from broadcaster.unit.http import Http, HubHttp
from broadcaster.unit.obeying import Obeying
from broadcaster.unit.readiness import Readiness
from broadcaster.unit.records import Records
from broadcaster.unit.reporting import Reporting
from broadcaster.unit.usage import Usage
from broadcaster.unit.vitals import Instruments, Parts

__all__ = ["Agent"]

_PASS = 0.1
_SOON = 0.01
"""Seconds between two passes at least."""
_HUNG = 2.0
"""Seconds without a frame taken after which the device counts as dead."""
_LAST_WORDS = 1.5
"""Seconds to write down how far what is on air is, before the process ends all the same: a busy disk was seen
to need more than half a one."""
_LOOK_EVERY = 5.0
_SET = timedelta(seconds=1)
"""A clock that moves by more was set; by less, it was wrong, and what sounds is brought in step."""
_BEGIN_AGAIN = 5.0
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
        self._cache = Cache(home.folder, most=home.cache)
        self._speaker = speaker
        self._player = player(speaker, clock, self._cache.open)
        self._records = Records(home.folder / "records")
        self._box = Box(
            unit=member.unit,
            records=self._records,
            player=self._player,
            now=self._front,
            broken=self._recheck,
            sounds=lambda cue, begin: self._alerts.heard(cue, begin),
        )
        self._box.volume = settings.volume
        self._link = link
        self._reporting = Reporting(member.unit, link, self._records, clock)
        self._http = http
        self._end = end
        self._beside: dict[str, asyncio.Task[None]] = {}

    @property
    def _front(self) -> datetime:
        """The instant from which on it can still be decided what sounds."""
        return self._clock.instant_at(self._player.front())

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set. Raises NoSpeaker."""
        async with self._http() as http:
            self._furnish(http)
            self._speaker.start()
            self._player.start()
            self._holding.take_kept()
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
                self._usage.keep()

    def _furnish(self, http: Http) -> None:
        """Put together what needs the network."""
        software = version("village-broadcaster")
        self._holding = Holding(
            self._cache,
            http,
            obeying=self._obeying,
            box=self._box,
            clock=self._clock,
            front=lambda: self._front,
            changed=self._reporting.tell_now.set,
        )
        self._alerts = Alerts(
            self._home.alerts_folder,
            obeying=self._obeying,
            box=self._box,
            cache=self._cache,
            holding=self._holding,
            clock=self._clock,
            front=lambda: self._front,
            tell=self._reporting.receipt,
        )
        readiness = Readiness(
            cache=self._cache, clock=self._clock, speaker=self._speaker, tell=self._reporting.receipt
        )
        self._asking = Asking(
            self._unit,
            self._link,
            obeying=self._obeying,
            box=self._box,
            holding=self._holding,
            alerts=self._alerts,
            readiness=readiness,
            clock=self._clock,
            front=lambda: self._front,
            go_by=self._on_answer,
            connected=self._on_connected,
        )
        counters = (lambda: self._link.used, lambda: http.used)
        self._usage = Usage(self._home.usage_file, counters, monotonic=self._clock.monotonic)
        self._instruments = Instruments(
            Parts(
                software=software,
                folder=self._home.folder,
                box=self._box,
                cache=self._cache,
                clock=self._clock,
                holding=self._holding,
                obeying=self._obeying,
                player=self._player,
                records=self._records,
                speaker=self._speaker,
                usage=self._usage,
            )
        )
        self._asking.listen()

    async def _loop(self, stop: asyncio.Event) -> None:
        """The unit's loop: the one place where anything at all is caught."""
        state = "READY=1\nWATCHDOG=1"
        looked = took = self._clock.monotonic()
        frames = self._speaker.ring.taken
        while not stop.is_set():
            at = self._clock.monotonic()
            if self._speaker.ring.taken != frames:
                frames, took = self._speaker.ring.taken, at
            if at - took > _HUNG or not self._player.alive or self._speaker.lost:
                self._die()
            try:
                if at - looked >= _LOOK_EVERY or self._clock.was_asleep:
                    looked = at
                    self._go_by(self._clock.looked())
                    self._records.mend()
                    self._alerts.mend()
                self._pass()
                self._keep_up()
                notify(state)
                state = "WATCHDOG=1"
            except Exception as fault:
                _logger.exception("a pass of the unit failed; it goes on with the next")
                self._box.fail(f"{type(fault).__name__}: {fault}", self._front)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause):
                    await stop.wait()

    @property
    def _pause(self) -> float:
        """Seconds until the next pass: what falls due is on the disk before it can be heard."""
        due = self._box.next_instant()
        return _PASS if due is None else min(max((due - self._front).total_seconds(), _SOON), _PASS)

    def _pass(self) -> None:
        playing, waiting = self._box.now_playing(), self._records.waiting
        self._box.trust(self._clock.trusted, self._front)
        self._alerts.look()
        self._box.tick(self._front)
        if self._records.waiting > waiting:
            self._reporting.tell_now.set()
        after = self._box.now_playing()
        if (playing and playing.cue) != (after and after.cue):
            self._reporting.tell_now.set()

    def _keep_up(self) -> None:
        """Start what runs beside the loop, and start it again when it broke."""
        works: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
            "wire": self._link.run,
            "fetching": self._holding.fetch,
            "inspecting": self._holding.inspect,
            "telling": lambda: self._reporting.tell(self._instruments),
            "heartbeat": lambda: self._reporting.beat(self._instruments),
            "preparing": self._prepare,
            "keeping alerts": self._alerts.write,
        }
        for name, work in works.items():
            running = self._beside.get(name)
            if running is None:
                self._beside[name] = asyncio.create_task(work(), name=name)
            elif running.done():
                _logger.error("%s broke; begun again", name, exc_info=running.exception())
                self._beside[name] = asyncio.create_task(_later(_BEGIN_AGAIN, work), name=name)

    def _die(self) -> NoReturn:
        why = self._speaker.lost or ("it takes no sound" if self._player.alive else "its feeder broke")
        _logger.critical("speaker=%s %s; ending, to be started again", self._speaker.name, why)
        patience = threading.Timer(_LAST_WORDS, self._end, (DEAD_DEVICE,))  # the disk may hang as well
        patience.daemon = True
        patience.start()
        try:
            self._box.write_down(self._front)
        finally:
            patience.cancel()
            self._end(DEAD_DEVICE)

    def _go_by(self, time: StationTime) -> None:
        """Go by `time`. If that sets the clock, what sounds goes on as if nothing had happened."""
        shift = self._clock.shift_to(time)
        if abs(shift) <= _SET:
            self._clock.adopt(time)
        else:
            _logger.warning("station time set by %s", shift)
            self._player.shifted(shift, lambda: self._clock.adopt(time))
            self._box.trust(self._clock.trusted, self._front, shift)
        if not self._clock.trusted:
            self._asking.hurry()

    def _on_answer(self, time: StationTime) -> None:
        self._reporting.said()
        self._go_by(time)

    def _on_connected(self) -> None:
        self._holding.hurry()
        self._reporting.connected()

    def _recheck(self, clips: tuple[Clip, ...]) -> None:
        self._holding.recheck(clips)

    async def _prepare(self) -> None:
        """Open ahead what will be played, and have ready what may have to sound at once."""
        while True:
            await asyncio.to_thread(self._player.prepare)
            await asyncio.to_thread(self._player.ready, self._holding.kept)
            await asyncio.sleep(2 * _PASS)


async def _later(seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    await asyncio.sleep(seconds)
    await work()
