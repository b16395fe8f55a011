"""Getting the clips of the plan onto the disk, what is needed first coming first.

One at a time: a village's connection is thin, and two half clips are worth less than one whole. A clip that
does not come rests, longer each time and by chance, while the others have their turn.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from broadcaster.clock import monotonic
from broadcaster.domain.names import ClipId
from broadcaster.link.messages import PlanRef
from broadcaster.unit.cache import Cache, Corrupt
from broadcaster.unit.http import Http, NotFetched

__all__ = ["Fetching", "rest_after"]

_FIRST_REST = 1.0
_LONGEST_REST = 120.0
_BIGGEST = 512 << 20
"""Bytes of a clip: four hours of music at twice the bitrate we use."""
_IDLE = 5.0

_logger = logging.getLogger(__name__)


def rest_after(tries: int, chance: float) -> float:
    """Seconds to wait after so many failures; `chance`, 0 to 1, spreads the units of a commune."""
    longest = min(_FIRST_REST * 2.0 ** min(tries - 1, 10), _LONGEST_REST)
    return longest * (0.5 + 0.5 * chance)


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
        self._wanted: tuple[ClipId, ...] = ()
        self._resting: dict[ClipId, tuple[int, float]] = {}

    def want(self, clips: Iterable[ClipId]) -> None:
        """These, in this order; what was wanted before counts no more."""
        wanted = tuple(dict.fromkeys(clips))
        if wanted != self._wanted:
            self._wanted = wanted
            self._resting = {clip: rest for clip, rest in self._resting.items() if clip in wanted}

    @property
    def wanted(self) -> tuple[ClipId, ...]:
        return self._wanted

    @property
    def missing(self) -> Sequence[ClipId]:
        """What is wanted and not held, in order."""
        return [clip for clip in self._wanted if clip not in self._cache.held]

    def hurry(self) -> None:
        """Try everything again at once: the network is back."""
        self._resting.clear()

    async def step(self) -> bool:
        """Check or fetch the one clip whose turn it is. Whether there was one to be had."""
        now = self._clock()
        for clip in self.missing:
            if self._cache.path(clip).exists() and await asyncio.to_thread(self._cache.check, clip):
                return True
            _, until = self._resting.get(clip, (0, 0.0))
            if until <= now:
                return await self._fetched(clip)
        return False

    async def idle(self, called: asyncio.Event) -> None:
        """Wait until a clip has rested, or `called` is set, or a while."""
        ends = min((until for _, until in self._resting.values()), default=self._clock() + _IDLE)
        with suppress(TimeoutError):
            async with asyncio.timeout(min(max(ends - self._clock(), 0.05), _IDLE)):
                await called.wait()

    async def plan(self, ref: PlanRef) -> bytes:
        """The signed plan at `ref`. Raises NotFetched, Corrupt, OSError."""
        await self._http.fetch(self.base + ref.sha256, self._cache.part(ref.sha256), most=ref.size)
        return self._cache.taken_out(ref.sha256)

    async def _fetched(self, clip: ClipId) -> bool:
        try:
            if not self._cache.has_room:
                self._cache.make_room(frozenset(self._wanted))
                if not self._cache.has_room:
                    raise NotFetched(f"the disk is full: {self._cache.free >> 20} MB are left")
            await self._http.fetch(self.base + clip, self._cache.part(clip), most=_BIGGEST)
            await asyncio.to_thread(self._cache.take_in, clip)
        except (NotFetched, Corrupt, OSError) as fault:
            tries = self._resting.get(clip, (0, 0.0))[0] + 1
            self._resting[clip] = tries, self._clock() + rest_after(tries, self._chance())
            _logger.warning("clip=%s tries=%d %s", clip, tries, fault)
            return False
        self._resting.pop(clip, None)
        return True
