"""Plan and clips on the unit's disk: fetched ahead, whole or not at all, what plays first first.

    plan.signed        the plan in force, as the hub signed it
    clips/<sha256>     whole clips; clips/<sha256>.part  one that is being fetched, and goes on after a cut

Laws
1. A clip has its name only when its bytes have that hash; a part that turns out wrong is begun anew.
2. What a plan needs is never removed for room; what no plan needs goes first, the longest unused first.
3. A full disk or a poor link is told and tried again; neither stops what plays.
"""

import asyncio
import hashlib
import logging
import os
import random
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import aiohttp

from broadcaster.domain.names import BadName, ClipId
from broadcaster.domain.plan import Plan
from broadcaster.files import settle, write_whole
from broadcaster.link.envelope import Refused, VerifyKeys, opened
from broadcaster.sound.codec import ClipReader

__all__ = ["Cache", "Fetching", "needed"]

_LIMIT = 2 * 1024**3
"""Bytes of clips kept at most beyond what the plan needs."""

_STALLED = aiohttp.ClientTimeout(total=None, connect=10, sock_read=20)
_BACK_OFF = (1.0, 2.0, 5.0, 15.0, 30.0)
_CHUNK = 64 * 1024

_words = logging.getLogger(__name__)


def needed(plan: Plan, now: datetime) -> tuple[ClipId, ...]:
    """Every clip of the plan once: what plays next first, what is over last."""
    ahead = sorted(plan.cues, key=lambda cue: (cue.start + cue.length < now, cue.start))
    return tuple(dict.fromkeys(clip.id for cue in ahead for clip in cue.clips))


class Cache:
    """The disk's side."""

    def __init__(self, folder: Path, *, limit: int = _LIMIT) -> None:
        self._plan = folder / "plan.signed"
        self._clips = folder / "clips"
        self._clips.mkdir(parents=True, exist_ok=True)
        self._limit = limit
        self._held = {clip for path in self._clips.iterdir() if (clip := _named(path)) is not None}

    @property
    def held(self) -> frozenset[ClipId]:
        """The clips that lie here whole."""
        return frozenset(self._held)

    def path_of(self, clip: ClipId) -> Path:
        return self._clips / clip

    def open(self, clip: ClipId) -> ClipReader:
        """The clip, to be read. Raises BadSound, OSError."""
        return ClipReader(self.path_of(clip))

    def plan(self, keys: VerifyKeys) -> Plan | None:
        """The plan kept here; None when there is none, or none that our hub signed."""
        try:
            return opened(self._plan.read_bytes(), keys, Plan)
        except FileNotFoundError:
            return None
        except Refused as fault:
            _words.error("the plan on the disk is not believed: %s", fault)
            return None

    def keep_plan(self, signed: bytes) -> None:
        write_whole(self._plan, signed)

    def drop(self, clip: ClipId) -> None:
        """The clip turned out not to be readable: fetch it again."""
        self._held.discard(clip)
        self.path_of(clip).unlink(missing_ok=True)

    def make_room(self, keep: Iterable[ClipId]) -> None:
        """Remove clips that `keep` does not name while they take more than the limit."""
        kept = set(keep)
        idle = [(path.stat(), path) for path in self._clips.iterdir() if path.name[:64] not in kept]
        taken = sum(seen.st_size for seen, _ in idle)
        for seen, path in sorted(idle, key=lambda pair: pair[0].st_mtime):
            if taken <= self._limit:
                return
            self._held.discard(ClipId(path.name[:64]))
            path.unlink(missing_ok=True)
            taken -= seen.st_size

    def begin(self, clip: ClipId) -> "_Part":
        return _Part(self._clips / f"{clip}.part")

    def finish(self, clip: ClipId, part: "_Part") -> bool:
        """Give the part its name if it is the clip; otherwise throw it away."""
        if part.digest() != clip:
            part.path.unlink(missing_ok=True)
            return False
        settle(part.path, self.path_of(clip))
        self._held.add(clip)
        return True


class _Part:
    """A clip that is being fetched."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def digest(self) -> str:
        """The hash of what is there, forced to the disk."""
        with self.path.open("r+b") as file:
            os.fsync(file.fileno())
            return hashlib.file_digest(file, "sha256").hexdigest()


class Fetching:
    """The wire's side: gets clips and plans over HTTP, on from where a cut link left off."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self.bytes_fetched = 0

    async def plan(self, session: aiohttp.ClientSession, url: str, sha256: ClipId) -> bytes:
        """The signed plan of that hash. Raises ClientError, TimeoutError, ValueError (other bytes)."""
        async with session.get(url + sha256, timeout=_STALLED) as answer:
            answer.raise_for_status()
            signed = await answer.read()
        self.bytes_fetched += len(signed)
        if hashlib.sha256(signed).hexdigest() != sha256:
            raise ValueError("the plan that came is not the one that was asked for")
        return signed

    async def clip(self, session: aiohttp.ClientSession, url: str, clip: ClipId) -> bool:
        """Fetch one clip; False when something else came. Raises as `plan`, and OSError."""
        part = self._cache.begin(clip)
        start = part.size
        headers = {"Range": f"bytes={start}-"} if start else {}
        async with session.get(url + clip, headers=headers, timeout=_STALLED) as answer:
            if answer.status == 416:  # the part is as long as the clip, or longer
                return self._cache.finish(clip, part)
            answer.raise_for_status()
            with part.path.open("ab" if answer.status == 206 else "wb") as file:
                async for chunk in answer.content.iter_chunked(_CHUNK):
                    self.bytes_fetched += len(chunk)
                    file.write(chunk)
        return await asyncio.to_thread(self._cache.finish, clip, part)


def back_off(tries: int) -> float:
    """Seconds to wait after so many failures in a row; with jitter, so that not all ask in step."""
    longest = _BACK_OFF[min(tries, len(_BACK_OFF) - 1)]
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret


def _named(path: Path) -> ClipId | None:
    try:
        return ClipId(path.name)
    except BadName:
        return None
