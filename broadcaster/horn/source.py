"""The frames of a passage: its clips one after another, joined to the sample.

Opening a clip takes milliseconds that are not there when it falls due, so `prepare` opens ahead, in another
thread than the one that pulls. A clip that was not prepared is opened when it is needed.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import FRAME_RATE, Clip
from broadcaster.sound.codec import BadSound, Samples

__all__ = ["Opener", "Reader", "Source"]

_SHORT = FRAME_RATE // 4
"""Frames that are read sooner than they are leapt over: 0.6 ms here, and a leap takes 1.7."""


class Reader(Protocol):
    """An open clip; `broadcaster.sound.codec.ClipReader` is one."""

    def read(self, frames: int) -> Samples: ...

    def seek(self, frame: int) -> None: ...

    def close(self) -> None: ...


Opener = Callable[[ClipId], Reader]
"""Opens a clip of that name. Raises BadSound or OSError, as do the reader's own methods."""


class Source:
    """`clips` without their first `skip` frames."""

    def __init__(self, clips: tuple[Clip, ...], skip: int, opener: Opener) -> None:
        self._clips = clips
        self._opener = opener
        self._ready: dict[int, tuple[Reader, int]] = {}
        self._reader: Reader | None = None
        self._number, self._within = _place(clips, skip)
        self.position = skip
        """Frames from the first of all clips to the next one that `pull` gives."""
        self._closed = False
        self.fault: BadSound | OSError | None = None

    @property
    def within(self) -> int:
        """How many frames of its clip come before the next one that `pull` gives."""
        return self._within

    @property
    def is_open(self) -> bool:
        """Whether it can still be read: until `close`."""
        return not self._closed

    def go_on(self, position: int) -> None:
        """Give that frame next. What was opened is used: the feeder has no time to open it again."""
        number, within = _place(self._clips, position)
        if self._reader is not None and number == self._number:
            self._move(self._reader, within)
        elif self._reader is not None:
            self._reader.close()
            self._reader = None
        self._number, self._within = number, within
        self.position = position

    def _move(self, reader: Reader, within: int) -> None:
        """A short way by reading, which is sooner done than to seek."""
        try:
            if 0 <= within - self._within <= _SHORT:
                reader.read(within - self._within)
            else:
                reader.seek(within)
        except (BadSound, OSError) as fault:
            self.fault = fault

    def prepare(self, ahead: int, *, leaving_out: int = 0) -> None:
        """Open the clips that begin within the next `ahead` frames, or are under way by then.

        `leaving_out`: as if so many frames were already gone. Raises BadSound, OSError.
        """
        if self._closed:
            return
        number, start = self._number, self._within
        if leaving_out:
            number, start = _place(self._clips, self.position + leaving_out)
        if self._reader is not None:
            ahead -= self._clips[number].frames - start
            number, start = number + 1, 0
        while number < len(self._clips) and ahead > 0:
            if number not in self._ready:
                self._ready[number] = _opened(self._opener, self._clips[number], start), start
            ahead -= self._clips[number].frames - start
            number, start = number + 1, 0

    def pull(self, frames: int) -> Samples:
        """The next `frames` frames; fewer at the end, which a broken clip is too: then `fault` says why."""
        parts: list[Samples] = []
        while frames > 0 and self._number < len(self._clips) and self.fault is None:
            try:
                part = self._pull_within(frames)
            except (BadSound, OSError) as fault:
                self.fault = fault
            else:
                frames -= len(part)
                parts.append(part)
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def close(self) -> None:
        self._closed = True
        for reader, _ in list(self._ready.values()):
            reader.close()
        self._ready.clear()
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _pull_within(self, frames: int) -> Samples:
        clip = self._clips[self._number]
        if self._reader is None:
            self._reader = self._reader_at(clip, self._within)
        wanted = min(frames, clip.frames - self._within)
        part = self._reader.read(wanted)
        if len(part) < wanted:  # shorter than the plan says: the next clip keeps its place in time
            part = np.concatenate([part, np.zeros(wanted - len(part), np.float32)])
        self._within += wanted
        self.position += wanted
        if self._within == clip.frames:
            self._reader.close()
            self._reader = None
            self._number, self._within = self._number + 1, 0
        return part

    def _reader_at(self, clip: Clip, start: int) -> Reader:
        """The clip that is due, at that frame."""
        reader, at = self._ready.pop(self._number, (None, 0))
        if reader is None:
            return _opened(self._opener, clip, start)
        if at != start:
            reader.seek(start)
        return reader


def _opened(opener: Opener, clip: Clip, start: int) -> Reader:
    reader = opener(clip.id)
    if start:
        reader.seek(start)
    return reader


def _place(clips: tuple[Clip, ...], skip: int) -> tuple[int, int]:
    """Which clip the frame number `skip` is in, and where."""
    for number, clip in enumerate(clips):
        if skip < clip.frames:
            return number, skip
        skip -= clip.frames
    return len(clips), 0
