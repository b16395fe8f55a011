"""Whether this unit could sound an alert now: looked at, and nothing sounded."""

import asyncio
from collections.abc import Callable

from broadcaster.horn.speaker import Speaker
from broadcaster.link.messages import Order, Receipt, TestReadiness
from broadcaster.unit.cache import Cache
from broadcaster.unit.clock import UnitClock

__all__ = ["Readiness"]

_WATCHED = 0.5
"""Seconds for which the device is watched: fifty blocks of frames."""


class Readiness:
    """Answers tests with receipts, which `tell` takes."""

    def __init__(
        self, *, cache: Cache, clock: UnitClock, speaker: Speaker, tell: Callable[[Receipt], None]
    ) -> None:
        self._cache = cache
        self._clock = clock
        self._speaker = speaker
        self._tell = tell

    async def answer(self, order: Order, test: TestReadiness) -> None:
        """Read all of its clips again, watch the device, and say what is wrong; nothing if all is well."""
        received = self._clock.now()
        lacks = 0
        for clip in dict.fromkeys(test.clips):
            lacks += not await asyncio.to_thread(self._cache.check, clip)
        wrong = [f"{lacks} of {len(set(test.clips))} sounds are not here whole"] if lacks else []
        if not self._clock.trusted:
            wrong.append("it does not know the time")
        if not await self._takes_sound():
            wrong.append("its loudspeaker takes no sound")
        elif self._speaker.stand_in:
            wrong.append("it speaks through a stand-in, not through its own loudspeaker")
        self._tell(
            Receipt(
                order=order.id,
                alert=test.test,
                version=0,
                received=received,
                lacks=lacks,
                why="; ".join(wrong),
            )
        )

    async def _takes_sound(self) -> bool:
        before = self._speaker.ring.taken
        await asyncio.sleep(_WATCHED)
        return self._speaker.lost is None and self._speaker.ring.taken > before
