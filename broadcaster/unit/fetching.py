"""Getting the clips of the plan onto the disk, what is needed first coming first.

One at a time: a village's connection is thin, and two half clips are worth less than one whole. A clip that
does not come rests, longer each time and by chance, while the others have their turn.

A plan does not wait for the clip that is on its way, for it may be about this very minute: what has come of
the clip stays, and it has its turn again.

What came and was not what its name says is another matter: it was paid for in full. It rests much longer each
time, and a network that comes back does not wake it.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from broadcaster.clock import monotonic
from broadcaster.domain.names import ClipId
from broadcaster.link.messages import PlanRef
from broadcaster.unit.cache import Cache, Corrupt
from broadcaster.unit.http import Http, NotFetched
from broadcaster.unit.room import Wanted, fetchable, never_fits, to_evict

__all__ = ["Fetching", "rest_after"]

_FIRST_REST = 1.0
_LONGEST_REST = 120.0
_LONGEST_SPOILED = 6 * 3600.0
_BIGGEST = 512 << 20
"""Bytes of a clip: four hours of music at twice the bitrate we use."""
_IDLE = 5.0

_logger = logging.getLogger(__name__)


def rest_after(tries: int, chance: float) -> float:
    """Seconds to wait after so many failures; `chance`, 0 to 1, spreads the units of a commune."""
    longest = min(_FIRST_REST * 2.0 ** min(tries - 1, 10), _LONGEST_REST)
    return longest * (0.5 + 0.5 * chance)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest:
    tries: int
    until: float
    spoiled: bool


class Fetching:
    """Fetches what is wanted from `base` (a URL ending in a slash) into `cache`."""

    def __init__(
        self,
        cache: Cache,
        http: Http,
        base: str,
        *,
        clock: Callable[[], float] = monotonic,
        chance: Callable[[], float] = random.random,  # not a secret
    ) -> None:
        self._cache = cache
        self._http = http
        self.base = base
        self._clock = clock
        self._chance = chance
        self._wanted = Wanted()
        self._resting: dict[ClipId, _Rest] = {}
        self._found: dict[ClipId, int] = {}
        """Bytes that came of each: a clip that was bigger than is likely is not taken for small again."""
        self._oversized: frozenset[ClipId] = frozenset()
        self.break_off = asyncio.Event()
        """Set when something is to be fetched at once: the clip on its way is left as it is, and no other is
        begun until it is cleared."""

    def want(self, wanted: Wanted) -> None:
        """This, from now on; what was wanted before counts no more."""
        if wanted.order != self._wanted.order:
            self._resting = {clip: rest for clip, rest in self._resting.items() if clip in wanted.order}
            self._found = {clip: size for clip, size in self._found.items() if clip in wanted.order}
        likely = {clip: max(wanted.likely.get(clip, 0), self._found.get(clip, 0)) for clip in wanted.order}
        self._wanted = replace(wanted, likely=likely)

    @property
    def missing(self) -> Sequence[ClipId]:
        """What is wanted and not held, in order."""
        held = self._cache.held
        return [clip for clip in self._wanted.order if clip not in held]

    @property
    def spoiled(self) -> int:
        """Clips that came and were not what their names say: the hub's disk, or the way, changes bytes."""
        return sum(rest.spoiled for rest in self._resting.values())

    def hurry(self) -> None:
        """Try at once what did not come: the network is back."""
        self._resting = {clip: rest for clip, rest in self._resting.items() if rest.spoiled}

    async def step(self) -> bool:
        """Check or fetch the one clip whose turn it is. Whether there was one to be had."""
        now, whole, in_turn = self._clock(), self._cache.whole, self._in_turn()
        for clip in self.missing:
            if clip in whole:
                await asyncio.to_thread(self._cache.check, clip)
                return True
            rested = clip not in self._resting or self._resting[clip].until <= now
            if rested and clip in in_turn:
                return await self._fetched(clip)
        return False

    async def idle(self, called: asyncio.Event) -> None:
        """Wait until a clip has rested, or `called` is set, or a while."""
        ends = min((rest.until for rest in self._resting.values()), default=self._clock() + _IDLE)
        with suppress(TimeoutError):
            async with asyncio.timeout(min(max(ends - self._clock(), 0.05), _IDLE)):
                await called.wait()

    async def plan(self, ref: PlanRef) -> bytes:
        """The signed plan at `ref`. Raises NotFetched, Corrupt, OSError."""
        if self._cache.free < ref.size:  # or it would be paid for again and again
            raise NotFetched("the disk is full: there is no room for the plan")
        try:
            await self._http.fetch(self.base + ref.sha256, self._cache.part(ref.sha256), most=ref.size)
        finally:
            self._cache.grown(ref.sha256)
        return self._cache.taken_out(ref.sha256)

    def _in_turn(self) -> Collection[ClipId]:
        """What has its place on the disk. What never will is told, once."""
        try:
            room = self._cache.room
        except OSError as fault:
            _logger.error("the disk cannot be looked at: %s", fault)
            return ()
        whole = self._cache.whole
        oversized = frozenset(never_fits(self._wanted, whole, room))
        for clip in oversized - self._oversized:
            _logger.error("clip=%s is bigger than all the room there is for clips: it is not fetched", clip)
        self._oversized = oversized
        return frozenset(fetchable(self._wanted, whole, room))

    async def _fetched(self, clip: ClipId) -> bool:
        try:
            self._make_room(clip)
            try:
                coming = self._http.fetch(self.base + clip, self._cache.part(clip), most=_BIGGEST)
                if not await _unless(self.break_off, coming):
                    return True
            finally:
                came = self._cache.grown(clip)
                self._found[clip] = max(came, self._found.get(clip, 0))
            await asyncio.to_thread(self._cache.take_in, clip)
        except (NotFetched, Corrupt, OSError) as fault:
            self._let_rest(clip, fault)
            return False
        self._resting.pop(clip, None)
        return True

    def _make_room(self, clip: ClipId) -> None:
        """Raises NotFetched when there is none, OSError."""
        parts = self._cache.parts
        needed = self._wanted.likely.get(clip, 0) - parts.get(clip, 0)
        too_many = needed + self._cache.size.bytes - self._cache.room
        if too_many <= 0:
            return
        sizes = {name: size for name, size in parts.items() if name != clip}
        for name, size in self._cache.whole.items():
            sizes[name] = sizes.get(name, 0) + size
        leaving = to_evict(sizes, self._wanted, clip, too_many)
        if not leaving:
            raise NotFetched(f"the disk is full: {too_many >> 20} MB too many for it")
        self._cache.evict(leaving)

    def _let_rest(self, clip: ClipId, fault: Exception) -> None:
        before = self._resting.get(clip)
        tries = 1 if before is None else before.tries + 1
        spoiled = isinstance(fault, Corrupt) or (before is not None and before.spoiled)
        rest = _spoiled_rest(tries) if isinstance(fault, Corrupt) else rest_after(tries, self._chance())
        self._resting[clip] = _Rest(tries=tries, until=self._clock() + rest, spoiled=spoiled)
        _logger.warning("clip=%s tries=%d rests=%.0f %s", clip, tries, rest, fault)


async def _unless(called: asyncio.Event, work: Coroutine[Any, Any, None]) -> bool:
    """Whether `work` came to its end; when `called` is set it is ended before, and waited for."""
    working, calling = asyncio.ensure_future(work), asyncio.ensure_future(called.wait())
    try:
        await asyncio.wait((working, calling), return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
            return True
        return False
    finally:
        working.cancel()
        calling.cancel()
        await asyncio.gather(working, calling, return_exceptions=True)


def _spoiled_rest(tries: int) -> float:
    return min(2.0 * _FIRST_REST * 4.0 ** min(tries - 1, 10), _LONGEST_SPOILED)
