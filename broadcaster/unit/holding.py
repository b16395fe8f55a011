"""The plan and the clips a unit holds: wanted, fetched, put in force, and checked again when in doubt.

Laws
1. What lies on the disk holds until the hub says otherwise; what is needed about now is checked at the start.
2. A plan is in force only when it was believed; one that is refused is not wanted any more.
3. Whatever breaks in fetching, what is held goes on being played.
4. What an alert says is fetched before everything else, and what is on its way is left for it.
5. What is needed within a minute is read again before it is opened, and all that is held once a day: what a
   worn-out card has changed is found while it can be fetched again, and is not played.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import Clip, Plan
from broadcaster.domain.playout import ClipsHeld
from broadcaster.link.envelope import Refused
from broadcaster.link.messages import PlanRef
from broadcaster.unit.box import Box
from broadcaster.unit.cache import Cache, Corrupt, Size
from broadcaster.unit.clock import UnitClock
from broadcaster.unit.fetching import Fetching, rest_after
from broadcaster.unit.http import Http, NotFetched
from broadcaster.unit.obeying import Obeying
from broadcaster.unit.room import Wanted, wanted

__all__ = ["Holding"]

_TOUCHES = timedelta(minutes=10)
_AHEAD = timedelta(minutes=1)
_INSPECT_EVERY = 5.0
_ONE_EVERY = 30.0
"""Seconds between two clips that are read though nothing needs them soon."""
_AGAIN = 600.0
_DAY = 86_400.0

_logger = logging.getLogger(__name__)


class Holding:
    """What `cache` holds, kept as the hub wants it. `front`: from when on it can be decided what sounds;
    `changed` is called when the hub should hear of it."""

    def __init__(
        self,
        cache: Cache,
        http: Http,
        *,
        obeying: Obeying,
        box: Box,
        clock: UnitClock,
        front: Callable[[], datetime],
        changed: Callable[[], None],
    ) -> None:
        self._cache = cache
        self._obeying = obeying
        self._box = box
        self._clock = clock
        self._front = front
        self._changed = changed
        self._fetching = Fetching(cache, http, obeying.settings.clips_url, clock=clock.monotonic)
        self._plan: Plan | None = None
        self._wanted: PlanRef | None = None
        self._chimes: dict[ClipId, tuple[int, datetime]] = {}
        self._alerts: dict[str, tuple[Clip, ...]] = {}
        self._fetch_now = asyncio.Event()
        self._held: frozenset[ClipId] = frozenset()
        """What the box was told is here."""
        self._inspected: dict[ClipId, float] = {}
        """When each clip was read again last, by the monotonic clock."""
        self._looked = clock.monotonic()

    @property
    def missing(self) -> int:
        """Clips that the plan still needs and that are not here."""
        return len(set(self.wanted().order) - self._cache.held)

    @property
    def kept(self) -> tuple[ClipId, ...]:
        """What is always held, whatever is planned, as far as it is here."""
        held = self._cache.held
        return tuple(clip.id for clip in (() if self._plan is None else self._plan.keep) if clip.id in held)

    @property
    def size(self) -> Size:
        """What the cache holds, in clips and bytes."""
        return self._cache.size

    @property
    def spoiled(self) -> int:
        """Clips that came and were not what their names say, and are not here yet."""
        return self._fetching.spoiled

    def take_kept(self) -> None:
        """Put the plan on the disk in force."""
        kept = self._kept_plan()
        if kept is None:
            return
        now = self._clock.now()
        about = Spell(begin=now - _TOUCHES, end=now + _TOUCHES)
        touched = (cue for cue in kept.cues if cue.start < about.end and about.begin < cue.start + cue.length)
        for clip in {clip.id for cue in touched for clip in cue.clips}:
            self._cache.check(clip)
        self._put(kept)

    def _kept_plan(self) -> Plan | None:
        """The plan on the disk, if it is believed."""
        for signed in self._cache.signed_plans():
            with suppress(Refused):
                return self._obeying.plan(signed)
        return None

    def want(self, ref: PlanRef | None) -> None:
        """The hub says that this is the plan."""
        newer = self._plan is None or (ref is not None and ref.revision > self._plan.revision)
        if ref is not None and newer and ref != self._wanted:
            self._wanted = ref
            self._fetching.break_off.set()
            self._fetch_now.set()

    def want_another_zone(self) -> None:
        """The unit is in another zone now: that one's plan is wanted, whatever its revision."""
        self._plan = None

    def hurry(self) -> None:
        """Try everything again at once: the network is back."""
        self._fetching.hurry()
        self._fetch_now.set()

    def want_first(self, alert: str, clips: tuple[Clip, ...]) -> None:
        """These are what that alert says: what is not here is fetched before all else. None: it is over."""
        self._alerts.pop(alert, None)
        if clips:
            self._alerts[alert] = clips
        if any(clip.id not in self._cache.held for clip in clips):
            self._fetching.break_off.set()
            self._fetch_now.set()
        self._tell_held()

    def chime(self, clip: ClipId, frames: int, expires: datetime) -> None:
        """Sound this clip once, as soon as it is here and before it expires."""
        self._chimes[clip] = (frames, expires)
        self._sound_chimes()
        self._fetch_now.set()

    def recheck(self, clips: Iterable[Clip]) -> None:
        """The sound of one of these broke: what is damaged is deleted, and fetched again.

        At once, in the loop: what goes on instead depends on what is still held.
        """
        for clip in clips:
            self._cache.check(clip.id)
        self._tell_held()
        self._fetch_now.set()

    async def inspect(self) -> None:
        """Read again what is needed soon, and all that is held now and then, for ever."""
        while True:
            clip = self._to_inspect()
            if clip is None:
                await asyncio.sleep(_INSPECT_EVERY)
                continue
            self._inspected[clip] = self._clock.monotonic()
            if not await asyncio.to_thread(self._cache.check, clip):
                _logger.error("clip=%s was damaged on the disk, it is fetched again: mind the card", clip)
                self._tell_held()
                self._fetch_now.set()

    def _to_inspect(self) -> ClipId | None:
        """The held clip whose turn it is to be read again."""
        held, now = self._cache.held, self._clock.monotonic()
        self._inspected = {clip: at for clip, at in self._inspected.items() if clip in held}
        for clip in (clip for clip in self._soon() if clip in held):
            if now - self._inspected.get(clip, -_AGAIN) >= _AGAIN:
                return clip
        if now - self._looked < _ONE_EVERY or not held:
            return None
        self._looked = now
        oldest = min(held, key=lambda clip: self._inspected.get(clip, 0.0))
        return oldest if now - self._inspected.get(oldest, -_DAY) >= _DAY else None

    def _soon(self) -> Iterator[ClipId]:
        """What the plan means to begin within the next minute."""
        now = self._clock.now()
        for cue in () if self._plan is None else self._plan.cues:
            begin = cue.start
            for clip in cue.clips:
                if now <= begin < now + _AHEAD:
                    yield clip.id
                begin += clip.length

    def _tell_held(self) -> None:
        """Tell the box what is held if that has changed."""
        held = self._cache.held
        if held != self._held:
            self._held = held
            self._box.happen(ClipsHeld(held=held), self._front())
            self._sound_chimes()

    async def fetch(self) -> None:
        """Get the plan that is wanted and the clips it needs, for ever."""
        tries = 0
        while True:
            self._fetching.base = self._obeying.settings.clips_url
            self._fetching.break_off.clear()
            self._fetch_now.clear()
            if self._wanted is not None:
                try:
                    await self._fetch_plan(self._wanted)
                    tries = 0
                except (NotFetched, Corrupt, OSError, Refused) as fault:
                    tries += 1
                    _logger.warning("the plan did not come tries=%d: %s", tries, fault)
                    await self._rest(rest_after(tries, 0.5))
            self._sound_chimes()
            self._fetching.want(self.wanted())
            held = self._held
            got = await self._fetching.step()
            self._tell_held()
            if self._held != held and not self._fetching.missing:
                self._changed()
            if not got:
                await self._fetching.idle(self._fetch_now)

    async def _rest(self, seconds: float) -> None:
        """Wait, but not when there is reason to try at once."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._fetch_now.wait()

    def wanted(self) -> Wanted:
        """The clips that should be here, what is needed first coming first."""
        first = [clip for clips in self._alerts.values() for clip in clips]
        first += [Clip(id=clip, frames=frames, joins=False) for clip, (frames, _) in self._chimes.items()]
        return wanted(self._plan, self._clock.now(), first)

    async def _fetch_plan(self, ref: PlanRef) -> None:
        signed = await self._fetching.plan(ref)
        if self._wanted == ref:  # or a newer one was told of meanwhile
            self._wanted = None
        plan = self._obeying.plan(signed)
        try:
            self._cache.keep_plan(signed)
        except OSError as fault:  # to fetch it again would cost, and not mend the disk
            _logger.error("plan=%d is in force until a restart, it cannot be kept: %s", plan.revision, fault)
        else:  # what is remembered must be there after a restart: an older plan is not believed then
            self._obeying.holding(plan)
        self._put(plan)

    def _put(self, plan: Plan) -> None:
        self._plan = plan
        said = {clip.id for clips in self._alerts.values() for clip in clips}
        self._cache.clear_parts({*plan.clips, *self._chimes, *said})
        self._held = self._cache.held
        self._box.put_plan(plan, self._held, self._front())
        self._fetch_now.set()
        self._changed()

    def _sound_chimes(self) -> None:
        """Sound those that are here; those that have expired are not waited for."""
        for clip, (frames, expires) in list(self._chimes.items()):
            expired = expires <= self._clock.now()
            if expired or clip in self._cache.held:
                del self._chimes[clip]
                if not expired:
                    self._box.try_chime(Clip(id=clip, frames=frames, joins=False), self._front())
