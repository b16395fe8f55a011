"""Items to clips, ahead of air.

Laws
1. What is due first is made first, one at a time: the machine is small.
   What is due about now waits four seconds for the best voice, and for nobody's long recording: then it is
   made beside, by the voice that is surest. What a person says now is heard in seconds, network or not.
2. What was made stays known across a restart (prepared.json, a convenience: losing it costs a pass).
3. What could not be made is tried again, ever less often; so is what a poorer voice had to speak.
4. What was made is read again once a day: what a worn-out disk has spoiled is made anew, not at air time but
   while there is time, for units take nothing whose bytes are not those of its name.
"""

import logging
import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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

_ABOUT_NOW = timedelta(seconds=20)
"""What is due within this, or overdue, is urgent."""

_PATIENCE = timedelta(seconds=4)
"""How long what is urgent waits for its turn and the best voice."""

_READ_AGAIN = timedelta(days=1)
_NEVER = datetime.min.replace(tzinfo=UTC)

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

    def make(self, item: Playable, *, quickly: bool = False) -> Product:
        """`quickly`: by the voice that is surest, whichever is best. Raises CannotMake."""
        ...

    def hurries(self, item: Playable) -> bool:
        """Whether `quickly` makes any difference to it."""
        ...

    def holds(self, clip: ClipId) -> bool:
        """Whether the library still has it."""
        ...

    def is_whole(self, clip: ClipId) -> bool:
        """Read it all: whether its bytes are still those of its name. What is spoiled is dropped."""
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
        self._making: frozenset[str] = frozenset()
        self._urgent: dict[str, datetime] = {}
        """What is due about now and not made: since when it waits."""
        self._read: dict[ClipId, datetime] = {}
        """When each clip was last read and found whole."""

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
        """Make the next item that needs it; False when there is none. Slow: for a thread of its own.

        When there is nothing to make a clip is read again; True if it has to be made anew.
        """
        item = self._next(now)
        if item is None:
            return self._found_spoiled(now)
        self._make(item, now, quickly=False)
        return True

    def make_urgent(self, now: datetime) -> bool:
        """Make the next item that is due about now and has waited long enough; False when there is none.

        To be asked every moment, in a thread beside that of `make_next`.
        """
        item = self._next_urgent(now)
        if item is not None:
            self._make(item, now, quickly=True)
        return item is not None

    def _make(self, item: Playable, now: datetime, *, quickly: bool) -> None:
        source = self._maker.source(item)
        why = _OUR_FAULT  # what is raised that nobody foresaw goes on to the hub's loop, but is noted first
        with self._lock:
            beside = source in self._making
            self._making |= {source}
        try:
            product = self._maker.make(item, quickly=quickly)
            why = ""
        except CannotMake as fault:
            why = str(fault)
        finally:
            with self._lock:
                if not beside:
                    self._making -= {source}
            if why and not beside:  # else the other may still make it
                self._note_failure(source, why, now)
        if not why:
            self._note_success(source, product, now)

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
                if source in self._making or (attempt is not None and now < attempt.again):
                    continue
                done = self._done.get(source)
                if done is None or (done.poor and due - now > _NO_CHANGE):
                    return item
        return None

    def _found_spoiled(self, now: datetime) -> bool:
        """Read the next clip whose turn it is; whether it was spoiled."""
        with self._lock:
            later = {self._sources[item] for item, due in self._wanted if due - now > _NO_CHANGE}
            clips = {source: self._done[source].clip.id for source in later & self._done.keys()}
            self._read = {clip: at for clip, at in self._read.items() if clip in clips.values()}
            turn = [(s, c) for s, c in clips.items() if now - self._read.get(c, _NEVER) >= _READ_AGAIN]
        if not turn:
            return False
        source, clip = turn[0]
        if self._maker.is_whole(clip):
            self._read[clip] = now
            return False
        _logger.error("clip=%s is spoiled on the disk; it is made again: look after the disk", clip)
        with self._lock:
            self._done.pop(source, None)
        return True

    def _next_urgent(self, now: datetime) -> Playable | None:
        with self._lock:
            waiting = {
                self._sources[item]: item
                for item, due in self._wanted
                if due - now <= _ABOUT_NOW and self._sources[item] not in self._done.keys() | self._failed
            }
            self._urgent = {source: self._urgent.get(source, now) for source in waiting}
            for source, item in waiting.items():
                if now - self._urgent[source] < _PATIENCE:
                    continue
                if source not in self._making or self._maker.hurries(item):
                    self._urgent[source] = now  # should it fail, it waits again
                    return item
        return None

    def _note_success(self, source: str, product: Product, now: datetime) -> None:
        with self._lock:
            if self._is_laid(source, now):
                return
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

    def _is_laid(self, source: str, now: datetime) -> bool:
        """Whether it was made before and is about to be heard: too late for a better one."""
        due = min((due for item, due in self._wanted if self._sources[item] == source), default=None)
        return source in self._done and due is not None and due - now <= _NO_CHANGE

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
