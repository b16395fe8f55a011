"""What a power cut leaves of a folder: what is done to it is noted as it is done, and replayed on paper.

`Trace` notes every name and every byte that changes below a folder, and what is forced to the disk, while
the real code runs. `worlds` gives what the folder may look like after a power cut at one point of it:

- what was forced is there: bytes by fsync of the file, names by fsync of the folder
- of the names changed since, the first few are there, in their order, as a journal keeps them
- of the bytes written since, none, a first half, or all; or the file has its length and zeros in it

The disk is a harder one than ext4 with its defaults is: there a rename waits for the bytes of its file.
"""

import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest

__all__ = ["Point", "Trace", "World", "laid_out"]

World = Mapping[str, bytes | None]
"""Content of every file by its path within the folder; None is a folder."""


@dataclass(frozen=True, slots=True)
class _Named:
    """A name was given to what is called `number` (None: it was taken away), in the folder `where`."""

    path: str
    number: int | None
    before: str | None = None
    """The name it had till then, in a rename."""


@dataclass(frozen=True, slots=True)
class Point:
    """The folder between two things that were done to it.

    `names` and `forced_names`: what is called how now, and after a power cut at worst; `pending`: the changes
    of names that lie between. `written` and `forced_bytes` likewise, by number. `mark`: the caller's.
    """

    forced_names: Mapping[str, int]
    pending: tuple[_Named, ...]
    folders: frozenset[int]
    written: Mapping[int, bytes]
    forced_bytes: Mapping[int, bytes]
    mark: Any

    def worlds(self) -> Iterator[World]:
        """What may be left if the power goes now; each once."""
        seen: set[tuple[tuple[str, bytes | None], ...]] = set()
        for kept in range(len(self.pending) + 1):
            names = dict(self.forced_names)
            for change in self.pending[:kept]:
                _rename(names, change)
            for left in (_none, _half, _zeros, _all):
                world = self._world(names, left)
                key = tuple(sorted(world.items()))
                if key not in seen:
                    seen.add(key)
                    yield world

    def _world(self, names: Mapping[str, int], left: Callable[[bytes, bytes], bytes]) -> World:
        world: dict[str, bytes | None] = {}
        for path, number in sorted(names.items()):
            above = _above(path)
            if above and above not in world:
                continue  # its folder's own name was lost, and it with it
            if number in self.folders:
                world[path] = None
            else:
                world[path] = left(self.forced_bytes.get(number, b""), self.written[number])
        return world


def _above(path: str) -> str:
    return path.rpartition("/")[0]


def _none(forced: bytes, written: bytes) -> bytes:
    return forced


def _half(forced: bytes, written: bytes) -> bytes:
    return written if written == forced else written[: (len(forced) + len(written)) // 2]


def _zeros(forced: bytes, written: bytes) -> bytes:
    return forced[: len(written)] + bytes(max(len(written) - len(forced), 0))


def _all(forced: bytes, written: bytes) -> bytes:
    return written


class Trace:
    """Notes what is done to `folder` until `over`. `mark` is asked at every point for what goes with it."""

    def __init__(self, folder: Path, mark: Callable[[], Any]) -> None:
        self._folder = folder
        self._mark = mark
        self._numbers = itertools.count(1)
        self._inodes: dict[int, int] = {}
        """What is called how by the system, and by us, who never give a number twice."""
        self._names: dict[str, int] = {}
        self._forced_names: dict[str, int] = {}
        self._pending: list[_Named] = []
        self._folders: frozenset[int] = frozenset()
        self._bytes: dict[int, bytes] = {}
        self._forced_bytes: dict[int, bytes] = {}
        self._patch = pytest.MonkeyPatch()
        self.points: list[Point] = []

    def __enter__(self) -> Self:
        self._look()
        self._forced_names, self._forced_bytes = dict(self._names), dict(self._bytes)
        self._pending.clear()
        for name in ("replace", "rename"):
            self._around(name, lambda args: self._renamed(args[0], args[1]))
        self._around("fsync", lambda args: self._forced(args[0]))
        for name in ("unlink", "remove", "mkdir", "rmdir", "truncate", "ftruncate"):
            self._around(name, lambda _: None)
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.undo()
        self._look()

    def _around(self, name: str, after: Callable[[tuple[Any, ...]], None]) -> None:
        really = getattr(os, name)

        def noted(*args: Any, **more: Any) -> Any:
            self._look()
            given = really(*args, **more)
            after(args)
            self._look()
            return given

        self._patch.setattr(os, name, noted)

    def _look(self) -> None:
        """Note what has changed since the last look."""
        found: dict[str, int] = {}
        inodes: dict[int, int] = {}
        for path in sorted(self._folder.rglob("*")):
            inode, name = path.stat().st_ino, str(path.relative_to(self._folder))
            number = found[name] = inodes[inode] = self._inodes.get(inode) or next(self._numbers)
            if path.is_dir():
                self._folders |= {number}
            else:
                written = path.read_bytes()
                if self._bytes.get(number) != written:
                    self._bytes[number] = written
        self._inodes = inodes  # the number of a file that is gone is given to the next one
        for name in sorted(self._names.keys() - found.keys(), reverse=True):
            self._change(_Named(name, None))
        for name, number in found.items():
            if self._names.get(name) != number:
                self._change(_Named(name, number))
        self._note()

    def _renamed(self, old: str | Path, new: str | Path) -> None:
        before, path = (str(Path(name).relative_to(self._folder)) for name in (old, new))
        self._change(_Named(path, self._names[before], before))
        self._note()

    def _forced(self, opened: int) -> None:
        place = Path(f"/proc/self/fd/{opened}").readlink()
        if not place.is_relative_to(self._folder):
            return
        name = "" if place == self._folder else str(place.relative_to(self._folder))
        if name and not place.is_dir():
            number = self._inodes[place.stat().st_ino]
            self._forced_bytes[number] = self._bytes[number]
            return
        kept = []
        for change in self._pending:
            if name in {_above(change.path), _above(change.before or change.path)}:
                _rename(self._forced_names, change)
            else:
                kept.append(change)
        self._pending = kept

    def _change(self, change: _Named) -> None:
        _rename(self._names, change)
        self._pending.append(change)

    def _note(self) -> None:
        point = Point(
            forced_names=dict(self._forced_names),
            pending=tuple(self._pending),
            folders=self._folders,
            written=dict(self._bytes),
            forced_bytes=dict(self._forced_bytes),
            mark=self._mark(),
        )
        if not self.points or point != self.points[-1]:
            self.points.append(point)


def _rename(names: dict[str, int], change: _Named) -> None:
    if change.before is not None:
        names.pop(change.before, None)
    if change.number is None:
        names.pop(change.path, None)
    else:
        names[change.path] = change.number


def laid_out(world: World, folder: Path) -> Path:
    """That world as a folder on the disk."""
    folder.mkdir(parents=True)
    for path, content in sorted(world.items()):
        if content is None:
            (folder / path).mkdir()
        else:
            (folder / path).write_bytes(content)
            (folder / path).chmod(0o600)
    return folder
