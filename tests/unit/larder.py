"""A cache being filled over a paper door, at fake speed."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from broadcaster.domain.names import ClipId
from broadcaster.unit.cache import Cache
from broadcaster.unit.fetching import Fetching
from broadcaster.unit.room import Wanted
from tests.unit.hubdoor import PaperDoor

__all__ = ["Larder", "in_order"]


def in_order(*clips: ClipId, keep: Iterable[ClipId] = (), size: int = 0) -> Wanted:
    """These are wanted, and likely to have so many bytes each."""
    order = tuple(dict.fromkeys(clips))
    return Wanted(order=order, keep=frozenset(keep), likely=dict.fromkeys(order, size))


class Larder:
    """A cache being filled over a paper door, at fake speed."""

    def __init__(self, folder: Path, *, most: int = 1 << 30) -> None:
        self.now = 0.0
        self.door = PaperDoor()
        self.cache = Cache(folder, reserve=0, most=most)
        self.fetching = Fetching(
            self.cache, self.door, self.door.base, clock=lambda: self.now, chance=lambda: 1.0
        )

    def steps(self, number: int) -> list[bool]:
        async def some() -> list[bool]:
            return [await self.fetching.step() for _ in range(number)]

        return asyncio.run(some())
