"""Clips by content on the hub's disk: clips/<sha256> and index/<sha256 of the recipe>.json."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from broadcaster.domain.names import ClipId
from broadcaster.domain.plan import Clip

__all__ = ["ClipRecord", "Library", "Made", "NoRoom"]


class NoRoom(Exception):
    """The disk is full (or the quota is). The text says how much is needed and where."""


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


class Library:
    """Clips found by recipe (a stable text of all that went in) and served by id. Safe for several threads."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when it is not there; what a crash left half-written is cleared away."""
        raise NotImplementedError

    def find(self, recipe: str) -> ClipRecord | None:
        """The clip made by this recipe before, or None."""
        raise NotImplementedError

    def make(self, recipe: str, maker: Callable[[Path], Made]) -> ClipRecord:
        """Find the clip, or have `maker` write it to the path it is given and lay it in the library.

        What `maker` raises comes through, and nothing is laid. Raises NoRoom when the disk is full.
        """
        raise NotImplementedError

    def path_of(self, clip: ClipId) -> Path:
        """Where the clip's file is (or would be)."""
        raise NotImplementedError

    def verify(self, clip: ClipId) -> bool:
        """Whether the clip is there and its bytes are those of its name."""
        raise NotImplementedError

    def drop_unused(self, keep: Collection[ClipId]) -> int:
        """Remove every clip not in `keep`, with its recipes; returns the bytes freed."""
        raise NotImplementedError
