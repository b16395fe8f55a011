"""Plan and clips on a unit's disk.

    plan.signed            the plan in force, as the hub signed it
    plan.signed.spare      the same once more: without it a worn card would mean silence until the hub is back
    clips/<sha256>         whole clips
    clips/<sha256>.part    one that is being fetched

Laws
1. A clip is held only when all its bytes were read and give its name: since it came, or since this start. One
   that has changed on the disk since then is not opened.
2. What is half there is called `.part` and goes on where it stopped. After a power cut a file may have its
   length and not its bytes: so a part is forced to the disk a piece at a time (`http.FORCED_EVERY`), and
   after a start only its whole pieces count.
3. The disk is never filled by clips: a reserve is left for records. What goes is decided by `room`.
4. What lies here is counted as it comes and goes; the disk is looked through only at the start.
5. What came with an alert itself is lent (`lend`): it is in memory, under its own name, and needs no disk.
"""

import hashlib
import logging
import os
import shutil
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from broadcaster.domain.names import BadName, ClipId
from broadcaster.files import make_folder, settle, write_whole
from broadcaster.sound.codec import ClipReader
from broadcaster.unit.http import FORCED_EVERY

__all__ = ["Cache", "Corrupt", "Size"]

_RESERVE = 64 << 20
"""Bytes left free for everything else."""
_MOST = 8 << 30
"""Bytes of clips that are kept at most unless somebody says otherwise; seven days of three hours of music
each day are 0.6 GB."""
_SHARE = 4
"""And no more than this part of the disk."""

_MOST_LENT = 8 << 20
"""Bytes of lent sounds at most: forty alerts of spoken words."""

_logger = logging.getLogger(__name__)


class Corrupt(Exception):
    """What was fetched is not the clip that was asked for. It is gone; fetch it again."""


class Size(NamedTuple):
    """What the cache holds."""

    clips: int
    bytes: int


class Cache:
    """Plan and clips below `folder`. `reserve` bytes of the disk stay free; `most` are taken at most, by
    default a quarter of the disk and not more than 8 GB. Raises OSError only here."""

    def __init__(self, folder: Path, *, reserve: int = _RESERVE, most: int | None = None) -> None:
        self._plan, self._spare = folder / "plan.signed", folder / "plan.signed.spare"
        self._folder = folder / "clips"
        make_folder(self._folder)
        self._reserve = reserve
        self._most = min(shutil.disk_usage(folder).total // _SHARE, _MOST) if most is None else most
        self._turn = threading.Lock()
        self._read: dict[ClipId, tuple[int, ...]] = {}
        """The clips known to be whole, and how their files looked then."""
        self._whole: dict[ClipId, int] = {}
        self._parts: dict[ClipId, int] = {}
        self._lent: dict[ClipId, tuple[int, int]] = {}
        """Sounds in memory: an open file that no disk holds, and its bytes."""
        self._look_through()

    @property
    def held(self) -> frozenset[ClipId]:
        """The clips known to be whole."""
        with self._turn:
            return frozenset((*self._read, *self._lent))

    @property
    def size(self) -> Size:
        """What is held, and all bytes that are taken, those of parts too. Never looks at the disk."""
        with self._turn:
            return Size(len(self._read), sum(self._whole.values()) + sum(self._parts.values()))

    @property
    def whole(self) -> Mapping[ClipId, int]:
        """Bytes of the clips that lie here under their names, read or not."""
        with self._turn:
            return dict(self._whole)

    @property
    def parts(self) -> Mapping[ClipId, int]:
        """Bytes of what is half there."""
        with self._turn:
            return dict(self._parts)

    def signed_plans(self) -> Iterator[bytes]:
        """The plan kept here, as it came, and the same from its spare; nothing when there is none."""
        for path in (self._plan, self._spare):
            try:
                yield path.read_bytes()
            except FileNotFoundError:
                continue
            except OSError as fault:
                _logger.error("the plan on the disk cannot be read: %s", fault)

    def keep_plan(self, signed: bytes) -> None:
        """Raises OSError, and then the plan that was kept still is."""
        write_whole(self._plan, signed)
        with suppress(OSError):  # a full disk
            write_whole(self._spare, signed)

    def open(self, clip: ClipId) -> ClipReader:
        """The clip, to be read. Raises BadSound, OSError: also when its file is not the one that was read
        whole. That takes a look at the file and no more: this may be the thread that feeds the horn."""
        return ClipReader(self.trust(clip))

    def lend(self, clip: ClipId, sound: bytes) -> bool:
        """Hold these bytes in memory, under their own name, until they are given back. Whether they are held:
        not when they are something else, when there are too many already, or no memory."""
        if hashlib.sha256(sound).hexdigest() != clip:
            return False
        with self._turn:
            if clip in self._lent:
                return True
            if sum(size for _, size in self._lent.values()) + len(sound) > _MOST_LENT:
                return False
            try:
                opened = os.memfd_create(clip)
                with open(opened, "wb", closefd=False) as file:
                    file.write(sound)
            except OSError as fault:
                _logger.error("clip=%s there is no memory for it: %s", clip, fault)
                return False
            self._lent[clip] = opened, len(sound)
        return True

    def give_back(self, clips: Iterable[ClipId]) -> None:
        """Forget these lent sounds. Whoever has one open may read it to its end."""
        with self._turn:
            for clip in clips:
                if clip in self._lent:
                    os.close(self._lent.pop(clip)[0])

    def trust(self, clip: ClipId) -> Path:
        """The file of a clip that may be played. Raises OSError."""
        path = self.path(clip)
        with self._turn:
            if clip in self._lent:
                return Path(f"/proc/self/fd/{self._lent[clip][0]}")
            read = self._read.get(clip)
        if read != _look_of(path):
            raise OSError(f"the clip {clip[:12]}… has changed on the disk since it was read whole")
        return path

    def path(self, clip: ClipId) -> Path:
        return self._folder / clip

    def part(self, clip: ClipId) -> Path:
        """Where a clip grows while it is fetched."""
        return self._folder / f"{clip}.part"

    @property
    def free(self) -> int:
        """Free bytes on the disk. Raises OSError."""
        return shutil.disk_usage(self._folder).free

    @property
    def room(self) -> int:
        """Bytes that clips and parts may take in all. Raises OSError."""
        taken = self.size.bytes
        return min(self._most, taken + self.free - self._reserve)

    def check(self, clip: ClipId) -> bool:
        """Whether the clip is there and whole; if it is there and broken it is deleted."""
        if clip in self._lent:
            return True
        try:
            look = _look_of(self.path(clip))
            whole = _name_of(self.path(clip)) == clip
        except FileNotFoundError:
            whole = False
        except OSError as fault:
            _logger.error("clip=%s cannot be read: %s", clip, fault)
            whole = False
        if whole:
            self._count(clip, look)
        else:
            self.drop(clip)
        return whole

    def take_in(self, clip: ClipId) -> None:
        """Give the fetched `.part` its name. Raises Corrupt, OSError."""
        part = self.part(clip)
        found = _name_of(part)
        if found != clip:
            self._forget_part(clip)
            raise Corrupt(f"{clip[:12]}… was fetched, {found[:12]}… is what came")
        with part.open("rb") as file:
            os.fsync(file.fileno())
        try:
            settle(part, self.path(clip))
        finally:
            self.grown(clip)
        self._count(clip, _look_of(self.path(clip)))

    def taken_out(self, clip: ClipId) -> bytes:
        """The bytes of a fetched `.part` that is not to be kept. Raises Corrupt, OSError."""
        fetched = self.part(clip).read_bytes()
        self._forget_part(clip)
        found = hashlib.sha256(fetched).hexdigest()
        if found != clip:
            raise Corrupt(f"{clip[:12]}… was fetched, {found[:12]}… is what came")
        return fetched

    def grown(self, clip: ClipId) -> int:
        """The bytes of its part, which has grown or gone."""
        try:
            size = self.part(clip).stat().st_size
        except OSError:
            size = 0
        with self._turn:
            self._parts.pop(clip, None)
            if size:
                self._parts[clip] = size
        return size

    def drop(self, clip: ClipId) -> None:
        """Forget a clip that turned out to be broken, or is not needed."""
        with suppress(OSError):  # a disk that lets nothing be deleted either
            self.path(clip).unlink(missing_ok=True)
        with self._turn:
            self._read.pop(clip, None)
            self._whole.pop(clip, None)

    def evict(self, clips: Iterable[ClipId]) -> None:
        """Delete these, whole or not, to make room."""
        for clip in clips:
            self.drop(clip)
            self._forget_part(clip)
            _logger.info("clip=%s deleted to make room", clip)

    def clear_parts(self, keep: Collection[ClipId]) -> None:
        """Delete the parts of what nobody wants any more."""
        for clip in self.parts.keys() - set(keep):
            self._forget_part(clip)

    def _count(self, clip: ClipId, look: tuple[int, ...]) -> None:
        with self._turn:
            self._read[clip] = look
            self._whole[clip] = look[0]

    def _forget_part(self, clip: ClipId) -> None:
        with suppress(OSError):
            self.part(clip).unlink(missing_ok=True)
        self.grown(clip)

    def _look_through(self) -> None:
        for path in self._folder.iterdir():
            try:
                clip = ClipId(path.name.removesuffix(".part"))
            except BadName:
                continue
            try:
                size = path.stat().st_size
                if path.suffix == ".part":
                    os.truncate(path, size - size % FORCED_EVERY)
                    self.grown(clip)
                else:
                    self._whole[clip] = size
            except OSError as fault:  # a bad sector, a read-only disk: the rest of it plays
                _logger.error("%s cannot be used: %s", path, fault)
                self._forget_part(clip)


def _look_of(path: Path) -> tuple[int, ...]:
    """What changes when a file does: its size first. Raises OSError."""
    seen = path.stat()
    return seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino


def _name_of(path: Path) -> ClipId:
    """The SHA-256 of a file's bytes. Raises OSError."""
    with path.open("rb") as file:
        return ClipId(hashlib.file_digest(file, "sha256").hexdigest())
