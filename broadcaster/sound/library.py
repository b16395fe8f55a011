"""Clips by content on the hub's disk.

    clips/<sha256 of the bytes>          the clips; a name never changes its bytes
    index/<sha256 of the recipe>.json    which clip a recipe gave
    making/                              what is being written; a crash may leave something, opening clears it

Laws
1. What can be found is whole: a clip takes its name in one step, after it was forced to the disk, and its
   recipe is written after it.
2. The index may be thrown away at any time; clips are then made again, and come out with the same names.
3. Several threads and several processes may use one library.
"""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from threading import Lock
from weakref import WeakValueDictionary

import msgspec

from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import Clip
from broadcaster.files import settle, write_whole
from broadcaster.sound.faults import NoRoom

__all__ = ["NO_SPACE", "ClipRecord", "Library", "Made", "NoRoom"]

NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""How a full disk, a used-up quota and a limit on file sizes show."""

_LEAST = 1_000_000  # bytes said to be needed when nobody could tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a maker tells of the clip file it has written. `voice` names the engine; "" for other sound."""

    frames: int
    title: str
    joins: bool
    voice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipRecord:
    """A clip that lies in the library, whole. `size` in bytes."""

    id: ClipId
    frames: int
    size: int
    title: str
    joins: bool
    voice: str = ""

    @property
    def clip(self) -> Clip:
        """As a plan names it."""
        return Clip(id=self.id, frames=self.frames, joins=self.joins, title=self.title)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One file of the index. The recipe is there for people who look into it."""

    recipe: str
    record: ClipRecord


class Library:
    """Clips found by recipe (a stable text of all that went in) and served by id."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when it is not there; what a crash left half-written is cleared away."""
        self._folder = folder
        self._clips, self._index, self._making = (folder / part for part in ("clips", "index", "making"))
        for part in (self._clips, self._index, self._making):
            part.mkdir(parents=True, exist_ok=True)
        self._guard = Lock()
        self._locks: WeakValueDictionary[str, Lock] = WeakValueDictionary()
        self._clear()

    def find(self, recipe: str) -> ClipRecord | None:
        """The clip made by this recipe before, or None."""
        entry = _read(self._entry_path(recipe))
        return entry.record if entry is not None and self._is_whole(entry.record) else None

    def make(self, recipe: str, maker: Callable[[Path], Made], *, needs: int = 0) -> ClipRecord:
        """Find the clip, or have `maker` write it to the path it is given and lay it in the library.

        `needs` is about how many bytes the clip will have. What `maker` raises comes through, and nothing
        is laid. Raises NoRoom when the disk is full; OSError when it cannot be written for other reasons.
        """
        with self._lock_of(recipe):
            found = self.find(recipe)
            if found is not None:
                return found
            if needs > shutil.disk_usage(self._folder).free:
                raise self._no_room(needs)
            fresh = self._making / f"{os.getpid()}-{token_hex(8)}"
            try:
                return self._laid(recipe, fresh, maker(fresh))
            except OSError as error:
                if error.errno in NO_SPACE:
                    raise self._no_room(needs) from error
                raise
            finally:
                fresh.unlink(missing_ok=True)

    def lay(self, clip: ClipId, sound: bytes) -> None:
        """Lay a clip that was made elsewhere, under its name. It has no recipe. Raises ValueError when the
        bytes are not those of the name, OSError when it cannot be written."""
        if hashlib.sha256(sound).hexdigest() != clip:
            raise ValueError("these bytes are not the clip's")
        if not self.path_of(clip).is_file():
            write_whole(self.path_of(clip), sound)

    def path_of(self, clip: ClipId) -> Path:
        """Where the clip's file is (or would be)."""
        return self._clips / clip

    def verify(self, clip: ClipId) -> bool:
        """Whether the clip is there and its bytes are those of its name. Reads it all."""
        try:
            with self.path_of(clip).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == clip
        except FileNotFoundError:
            return False

    def drop_unused(self, keep: Collection[ClipId], *, laid_before: datetime | None = None) -> int:
        """Remove every clip not in `keep`, with its recipes; returns the bytes freed.

        With `laid_before`, only those that were laid before that instant: a clip that was made while
        `keep` was worked out is in no plan yet.
        """
        freed = 0
        for path in list(self._clips.iterdir()):
            seen = path.stat()
            if path.name in keep or (laid_before and seen.st_mtime >= laid_before.timestamp()):
                continue
            path.unlink(missing_ok=True)
            freed += seen.st_size
        for path in list(self._index.iterdir()):
            entry = _read(path)
            if entry is None or not self.path_of(entry.record.id).exists():
                path.unlink(missing_ok=True)
        return freed

    def _laid(self, recipe: str, fresh: Path, made: Made) -> ClipRecord:
        with fresh.open("rb") as file:
            clip = ClipId(hashlib.file_digest(file, "sha256").hexdigest())
            os.fsync(file.fileno())
            size = os.fstat(file.fileno()).st_size
        fresh.chmod(0o644)
        settle(fresh, self.path_of(clip))
        record = ClipRecord(
            id=clip, frames=made.frames, size=size, title=made.title, joins=made.joins, voice=made.voice
        )
        write_whole(
            self._entry_path(recipe), msgspec.json.encode(_Entry(recipe=recipe, record=record), enc_hook=str)
        )
        return record

    def _is_whole(self, record: ClipRecord) -> bool:
        try:
            return self.path_of(record.id).stat().st_size == record.size
        except FileNotFoundError:
            return False

    def _entry_path(self, recipe: str) -> Path:
        return self._index / f"{hashlib.sha256(recipe.encode()).hexdigest()}.json"

    @contextmanager
    def _lock_of(self, recipe: str) -> Iterator[None]:
        """One maker at a time for a recipe; makers of different clips do not wait for each other."""
        with self._guard:
            lock = self._locks.setdefault(recipe, Lock())
        with lock:
            yield

    def _no_room(self, needs: int) -> NoRoom:
        return NoRoom(self._folder, max(needs, _LEAST), shutil.disk_usage(self._folder).free)

    def _clear(self) -> None:
        """Remove what processes that are no more were writing."""
        for path in self._making.iterdir():
            writer = path.name.partition("-")[0]
            if not (writer.isdigit() and Path(f"/proc/{writer}").exists()):
                with suppress(OSError):
                    path.unlink()


def _read(path: Path) -> _Entry | None:
    """An entry of the index; None when it is not there or cannot be believed: the clip is then made anew."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Entry, dec_hook=lambda kind, text: kind(text))
    except (FileNotFoundError, msgspec.MsgspecError, ValueError):
        return None
