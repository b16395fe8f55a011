"""Items to clips, ahead of air.

Laws
1. What is due first is made first, one at a time: the machine is small, and nothing here is urgent.
2. What was made stays known across a restart (prepared.json, a convenience: losing it costs a pass).
3. What could not be made is tried again, ever less often; so is what a poorer voice had to speak.
"""

import logging
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import Clip
from broadcaster.domain.programme import Pause, Playable
from broadcaster.files import write_whole
from broadcaster.hub.planning import Missing, Pending, Ready
from broadcaster.link.messages import BadMessage, read, write

__all__ = ["CannotMake", "Maker", "Preparation", "Product"]

_AGAIN = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))

_OUR_FAULT = "a fault of the program itself; the words of the hub tell which"

_NO_CHANGE = timedelta(minutes=15)
"""This long before air a clip that is good enough is left alone: units have it already."""

_logger = logging.getLogger(__name__)


class CannotMake(Exception):
    """An item that cannot be made into sound now. The text says why, for staff."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A clip and how it came about. `poor` says why a better voice did not speak: it is tried again."""

    clip: Clip
    voice: str = ""
    poor: str = ""


class Maker(Protocol):
    """Makes one item into a clip of the library; may take minutes."""

    def source(self, item: Playable) -> str:
        """What the clip is made from, as a text that changes whenever the clip would."""
        ...

    def make(self, item: Playable) -> Product:
        """Raises CannotMake."""
        ...

    def holds(self, clip: ClipId) -> bool:
        """Whether the library still has it."""
        ...

    def tidy(self, keep: Collection[ClipId], laid_before: datetime) -> int:
        """Drop clips laid before that instant that are not in `keep`, and what else can be made again;
        returns the bytes of clips freed. Raises OSError."""
        ...


@dataclass(slots=True, kw_only=True)
class _Attempt:
    why: str
    tries: int
    again: datetime


class Preparation:
    """What is ready, and the work of making the rest. Safe for several threads."""

    def __init__(self, maker: Maker, kept: Path) -> None:
        """`kept` is the file that remembers what was made."""
        self._maker = maker
        self._kept = kept
        self._lock = threading.Lock()
        self._done: dict[str, Product] = self._remembered()
        self._failed: dict[str, _Attempt] = {}
        self._sources: dict[Playable, str] = {}
        self._wanted: tuple[tuple[Playable, datetime], ...] = ()

    def lookup(self, item: Playable) -> Ready:
        """The item's clip, if it is ready. Never slow."""
        with self._lock:
            source = self._sources.get(item)
            if source is None:
                return Pending()
            done = self._done.get(source)
            if done is not None:
                return done.clip
            failed = self._failed.get(source)
            return Pending() if failed is None else Missing(why=failed.why)

    def length(self, item: Playable) -> timedelta | None:
        """How long the item sounds, if that is known."""
        if isinstance(item, Pause):
            return item.length
        clip = self.clip(item)
        return None if clip is None else clip.length

    def clip(self, item: Playable) -> Clip | None:
        """The item's clip; None while it is not there."""
        ready = self.lookup(item)
        return ready if isinstance(ready, Clip) else None

    def voice(self, item: Playable) -> str:
        """Who spoke it: the engine's name, empty for what is not speech or not made."""
        with self._lock:
            done = self._done.get(self._sources.get(item, ""))
            return "" if done is None else done.voice

    def want(self, due: Iterable[tuple[Playable, datetime]]) -> None:
        """Have these made, what is due first; takes the place of what was wanted before. A clip that is gone
        from the library is made again."""
        wanted: dict[Playable, datetime] = {}
        for item, at in due:
            wanted[item] = min(at, wanted.get(item, at))
        sources = {item: self._maker.source(item) for item in wanted}
        with self._lock:
            made = {source: self._done[source] for source in set(sources.values()) & self._done.keys()}
        gone = {source: one for source, one in made.items() if not self._maker.holds(one.clip.id)}
        with self._lock:
            for source, product in gone.items():
                if self._done.get(source) is product:
                    del self._done[source]
            self._wanted = tuple(sorted(wanted.items(), key=lambda pair: pair[1]))
            self._sources = sources
            used = frozenset(sources.values())
            self._failed = {source: attempt for source, attempt in self._failed.items() if source in used}

    def make_next(self, now: datetime) -> bool:
        """Make the next item that needs it; False when there is none. Slow: for a thread of its own."""
        item = self._next(now)
        if item is None:
            return False
        source = self._maker.source(item)
        why = _OUR_FAULT  # what is raised that nobody foresaw goes on to the hub's loop, but is noted first
        try:
            product = self._maker.make(item)
            why = ""
        except CannotMake as fault:
            why = str(fault)
        finally:
            if why:
                self._note_failure(source, why, now)
        if not why:
            self._note_success(source, product, now)
        return True

    def clips(self) -> frozenset[ClipId]:
        """The clips of all that is wanted and made."""
        with self._lock:
            made = (self._done.get(source) for source in self._sources.values())
            return frozenset(product.clip.id for product in made if product is not None)

    def tidy(self, in_force: Collection[ClipId], laid_before: datetime) -> int:
        """Have the maker drop what was laid before that instant and neither a plan nor anything wanted needs.
        Raises OSError."""
        return self._maker.tidy(self.clips().union(in_force), laid_before)

    def _next(self, now: datetime) -> Playable | None:
        with self._lock:
            for item, due in self._wanted:
                source = self._sources[item]
                attempt = self._failed.get(source)
                if attempt is not None and now < attempt.again:
                    continue
                done = self._done.get(source)
                if done is None or (done.poor and due - now > _NO_CHANGE):
                    return item
        return None

    def _note_success(self, source: str, product: Product, now: datetime) -> None:
        with self._lock:
            self._done[source] = product
            tries = self._failed.pop(source, _Attempt(why="", tries=0, again=now)).tries
            if product.poor:
                self._failed[source] = _Attempt(why=product.poor, tries=tries + 1, again=now + _wait(tries))
            keep = {source: done for source, done in self._done.items() if source in self._sources.values()}
            keep[source] = product
        try:
            write_whole(self._kept, write(keep))
        except OSError as fault:
            _logger.warning("cannot remember what was made in %s: %s", self._kept, fault)

    def _note_failure(self, source: str, why: str, now: datetime) -> None:
        _logger.warning("an item could not be made: %s", why)
        with self._lock:
            tries = self._failed.get(source, _Attempt(why="", tries=0, again=now)).tries
            self._failed[source] = _Attempt(why=why, tries=tries + 1, again=now + _wait(tries))

    def _remembered(self) -> dict[str, Product]:
        try:
            kept = read(dict[str, Product], self._kept.read_bytes())
        except (OSError, BadMessage):
            return {}
        return {source: product for source, product in kept.items() if self._maker.holds(product.clip.id)}


def _wait(tries: int) -> timedelta:
    return _AGAIN[min(tries, len(_AGAIN) - 1)]
