"""Plan and clips on a unit's disk.

    plan.signed            the plan in force, as the hub signed it
    clips/<sha256>         whole clips
    clips/<sha256>.part    one that is being fetched

Laws
1. A clip is held only when all its bytes were read and give its name: since it came, or since this start. A
   worn-out card is found before a clip is due, not when it is.
2. What is half there is called `.part` and goes on where it stopped, also after a power cut.
3. The disk is never filled by clips: a reserve is left for records, and what no plan names goes first.
"""

import hashlib
import logging
import os
import shutil
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from broadcaster.domain.names import BadName, ClipId
from broadcaster.domain.plan import Plan
from broadcaster.files import settle, write_whole
from broadcaster.sound.codec import ClipReader

__all__ = ["Cache", "Corrupt", "needed"]

_RESERVE = 64 << 20
"""Bytes left free for everything else."""
_MOST = 4 << 30
"""Bytes of clips that are kept at most."""

_logger = logging.getLogger(__name__)


class Corrupt(Exception):
    """What was fetched is not the clip that was asked for. It is gone; fetch it again."""


def needed(plan: Plan, now: datetime) -> tuple[ClipId, ...]:
    """The clips of the plan, each once, in the order in which they will be needed; what is over last."""
    coming = sorted((cue.start + cue.length < now, cue.start, cue.id, cue.clips) for cue in plan.cues)
    return tuple(dict.fromkeys(clip.id for *_, clips in coming for clip in clips))


class Cache:
    """Plan and clips below `folder`. `reserve` bytes of the disk stay free, `most` are taken at most."""

    def __init__(self, folder: Path, *, reserve: int = _RESERVE, most: int = _MOST) -> None:
        self._plan = folder / "plan.signed"
        self._folder = folder / "clips"
        self._reserve = reserve
        self._most = most
        self._folder.mkdir(parents=True, exist_ok=True)
        self.held: frozenset[ClipId] = frozenset()
        """The clips known to be whole."""

    def signed_plan(self) -> bytes | None:
        """The plan kept here, as it came; None when there is none."""
        try:
            return self._plan.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as fault:
            _logger.error("the plan on the disk cannot be read: %s", fault)
            return None

    def keep_plan(self, signed: bytes) -> None:
        """Raises OSError, and then the plan that was kept still is."""
        write_whole(self._plan, signed)

    def open(self, clip: ClipId) -> ClipReader:
        """The clip, to be read. Raises BadSound, OSError."""
        return ClipReader(self.path(clip))

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
    def has_room(self) -> bool:
        return self.free > self._reserve and self._taken() < self._most

    def check(self, clip: ClipId) -> bool:
        """Whether the clip is there and whole; if it is there and broken it is deleted."""
        try:
            whole = _name_of(self.path(clip)) == clip
        except FileNotFoundError:
            whole = False
        except OSError as fault:
            _logger.error("clip=%s cannot be read: %s", clip, fault)
            whole = False
        if whole:
            self.held |= {clip}
        else:
            self.drop(clip)
        return whole

    def take_in(self, clip: ClipId) -> None:
        """Give the fetched `.part` its name. Raises Corrupt, OSError."""
        part = self.part(clip)
        found = _name_of(part)
        if found != clip:
            part.unlink(missing_ok=True)
            raise Corrupt(f"{clip[:12]}… was fetched, {found[:12]}… is what came")
        with part.open("rb") as file:
            os.fsync(file.fileno())
        settle(part, self.path(clip))
        self.held |= {clip}

    def taken_out(self, clip: ClipId) -> bytes:
        """The bytes of a fetched `.part` that is not to be kept. Raises Corrupt, OSError."""
        part = self.part(clip)
        fetched = part.read_bytes()
        part.unlink()
        found = hashlib.sha256(fetched).hexdigest()
        if found != clip:
            raise Corrupt(f"{clip[:12]}… was fetched, {found[:12]}… is what came")
        return fetched

    def drop(self, clip: ClipId) -> None:
        """Forget a clip that turned out to be broken."""
        self.held -= {clip}
        with suppress(OSError):  # a disk that lets nothing be deleted either
            self.path(clip).unlink(missing_ok=True)

    def make_room(self, keep: Collection[ClipId]) -> None:
        """Delete clips not in `keep`, those longest unused first, until there is room. Raises OSError."""
        for path in self._others(keep):
            if self.has_room:
                return
            path.unlink(missing_ok=True)
            self.held = frozenset(clip for clip in self.held if clip != path.name)
            _logger.info("clip=%s deleted: no plan names it", path.name)

    def _others(self, keep: Collection[ClipId]) -> Iterable[Path]:
        found = [path for path in self._files() if path.name.removesuffix(".part") not in keep]
        return sorted(found, key=lambda path: path.stat().st_mtime)

    def _files(self) -> Iterable[Path]:
        for path in self._folder.iterdir():
            try:
                ClipId(path.name.removesuffix(".part"))
            except BadName:
                continue
            yield path

    def _taken(self) -> int:
        return sum(path.stat().st_size for path in self._files())


def _name_of(path: Path) -> ClipId:
    """The SHA-256 of a file's bytes. Raises OSError."""
    with path.open("rb") as file:
        return ClipId(hashlib.file_digest(file, "sha256").hexdigest())
