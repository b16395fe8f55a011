"""The sound of words typed just now, or of what a person recorded just now, for alerts.

Laws
1. Each is made in a thread of its own, from the moment the alert is known: during its countdown, while a
   second person is awaited. A voice that hangs holds up nothing but its own words.
2. What could not be made is tried again as long as somebody wants it.
3. Here it also lies in memory, so that an alert waits for no disk when it is sent.
"""

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import Clip
from broadcaster.domain.programme import Recorded, Spoken
from broadcaster.hub.alerts.atonce import Said
from broadcaster.hub.preparation import CannotMake, Maker

__all__ = ["INLINE", "OwnSounds", "Sayer"]

INLINE = 200_000
"""Bytes of sound that may travel inside an order, in all."""

_AGAIN = 5.0
"""Seconds between two tries."""

_logger = logging.getLogger(__name__)


class Sayer(Protocol):
    """Says words within seconds, without a disk: see `atonce.AtOnce`."""

    def say(self, item: Spoken) -> Said:
        """Raises CannotMake."""
        ...

    def lay(self, said: Said) -> bool:
        """Put it where units fetch it from; whether it is there."""
        ...


@dataclass(slots=True)
class _Making:
    given_up: threading.Event = field(default_factory=threading.Event)
    clip: Clip | None = None
    sound: bytes | None = None


class OwnSounds:
    """What is made and what is being made. Asked by one thread."""

    def __init__(self, sayer: Sayer, maker: Maker, find: Callable[[ClipId], Path | None]) -> None:
        """`maker` makes recordings into clips; `find` gives the file of a clip that was made."""
        self._sayer = sayer
        self._maker = maker
        self._find = find
        self._makings: dict[Spoken | Recorded, _Making] = {}
        self.made: Callable[[], None] = lambda: None
        """Called, from any thread, when something was made."""

    def want(self, items: Collection[Spoken | Recorded]) -> None:
        """Make these, and only these: what is not wanted any more is not tried again."""
        for item in self._makings.keys() - set(items):
            self._makings.pop(item).given_up.set()
        for item in items:
            if item not in self._makings:
                making = self._makings[item] = _Making()
                threading.Thread(
                    target=self._make, args=(item, making), name="alert sound", daemon=True
                ).start()

    def clip(self, item: Spoken | Recorded) -> Clip | None:
        """Its clip; None while there is none."""
        making = self._makings.get(item)
        return None if making is None else making.clip

    def sound(self, clip: ClipId) -> bytes | None:
        """The bytes of a clip that is to travel inside its order; None for one that units fetch."""
        here = (making for making in self._makings.values() if making.clip is not None)
        return next((making.sound for making in here if making.clip and making.clip.id == clip), None)

    def _make(self, item: Spoken | Recorded, making: _Making) -> None:
        while not making.given_up.is_set():
            try:
                self._made(item, making)
                return
            except CannotMake as fault:
                _logger.warning("the sound of an alert could not be made: %s", fault)
                making.given_up.wait(_AGAIN)

    def _made(self, item: Spoken | Recorded, making: _Making) -> None:
        if isinstance(item, Recorded):
            clip = self._maker.make(item, quickly=True).clip
            making.sound = self._small(clip.id)
            making.clip = clip
            self.made()
            return
        said = self._sayer.say(item)
        if len(said.sound) > INLINE and not self._sayer.lay(said):
            raise CannotMake("it is too long to travel inside an order, and the disk does not take it")
        making.sound = said.sound if len(said.sound) <= INLINE else None
        making.clip = said.clip
        self.made()
        self._sayer.lay(said)  # for units that come back when this hub is another one

    def _small(self, clip: ClipId) -> bytes | None:
        path = self._find(clip)
        try:
            if path is None or path.stat().st_size > INLINE:
                return None
            return path.read_bytes()
        except OSError as fault:
            _logger.warning("clip=%s cannot be read and travels over HTTP: %s", clip, fault.strerror)
            return None
