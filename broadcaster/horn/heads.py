"""Clips whose beginnings are in memory, so that what must sound at once waits for no disk and no decoder.

A PC opens a clip and decodes its first tenth of a second in 2 ms, a small box with a slow card takes ten
times as long and more. What an alert begins with is always held, so its beginning is decoded ahead.
"""

import threading
from collections.abc import Iterable
from contextlib import suppress
from weakref import WeakSet

import numpy as np

from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import FRAME_RATE
from broadcaster.horn.source import Opener, Reader
from broadcaster.sound.codec import BadSound, Samples

__all__ = ["MOST", "Heads"]

_HEAD = FRAME_RATE // 2
"""Frames: longer than it takes until `prepare` comes by and opens the rest."""
MOST = 64
"""Clips whose beginnings are kept: 6 MB."""


class Heads:
    """An opener of clips, by way of `opener`: those that are `ready` are open at once."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._heads: dict[ClipId, Samples] = {}
        self._opened: WeakSet[_Headed] = WeakSet()

    def __call__(self, clip: ClipId) -> Reader:
        head = self._heads.get(clip)
        if head is None:
            return self._opener(clip)
        reader = _Headed(clip, head, self._opener)
        self._opened.add(reader)
        return reader

    def ready(self, clips: Iterable[ClipId]) -> None:
        """Keep the beginnings of the first `MOST` of these, and read one that is not here yet.

        One that cannot be read is passed over: it is told of when it is due.
        """
        wanted = list(dict.fromkeys(clips))[:MOST]
        heads = {clip: self._heads[clip] for clip in wanted if clip in self._heads}
        for clip in wanted:
            if clip not in heads:
                with suppress(BadSound, OSError):
                    heads[clip] = self._read(clip)
                    break
        self._heads = heads

    def prepare(self) -> None:
        """Open the rest of what was opened at its beginning."""
        for reader in list(self._opened):
            with suppress(BadSound, OSError):
                reader.prepare()

    def _read(self, clip: ClipId) -> Samples:
        reader = self._opener(clip)
        try:
            return reader.read(_HEAD).copy()
        finally:
            reader.close()


class _Headed:
    """A clip that begins with `head`; the rest is opened when it is needed, or before."""

    def __init__(self, clip: ClipId, head: Samples, opener: Opener) -> None:
        self._clip = clip
        self._head = head
        self._opener = opener
        self._at = 0
        self._rest: Reader | None = None
        self._rest_at = 0
        self._closed = False
        self._lock = threading.Lock()

    @property
    def _whole(self) -> bool:
        """Whether there is nothing after the head."""
        return len(self._head) < _HEAD

    def read(self, frames: int) -> Samples:
        part = self._head[self._at : self._at + frames]
        self._at += len(part)
        if len(part) == frames or self._whole:
            return part
        with self._lock:
            rest = self._open()
            if self._rest_at != self._at:
                rest.seek(self._at)
            more = rest.read(frames - len(part))
            self._at = self._rest_at = self._at + len(more)
        return np.concatenate([part, more]) if len(part) else more

    def seek(self, frame: int) -> None:
        self._at = frame

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._rest is not None:
                self._rest.close()

    def prepare(self) -> None:
        """Open the rest. Raises BadSound, OSError."""
        with self._lock:
            if not self._closed and not self._whole:
                self._open()

    def _open(self) -> Reader:
        if self._rest is None:
            rest = self._opener(self._clip)
            at = max(self._at, len(self._head))
            rest.seek(at)
            self._rest, self._rest_at = rest, at
        return self._rest
