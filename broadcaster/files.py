"""Files are for people: written whole or not at all, and by one process where there may be only one.

A power cut at any point leaves the old content or the new, never a part of it: the new content goes to a
temporary file in the same folder, is forced to the disk, and takes the name in one step, which is forced
to the disk in turn.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TextIO

__all__ = [
    "AlreadyRunning",
    "clear_unfinished",
    "force",
    "held",
    "make_folder",
    "one_only",
    "settle",
    "write_whole",
]


class AlreadyRunning(Exception):
    """Another process does already what only one may do. The text names it and says what to do."""


def write_whole(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Make `content` the whole content of `path`. Raises OSError, and then nothing has changed."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as fresh:
        try:
            fresh.write(content)
            fresh.flush()
            os.fchmod(fresh.fileno(), mode)
            os.fsync(fresh.fileno())
        except BaseException:
            _forget(Path(fresh.name))
            raise
    settle(Path(fresh.name), path)


@contextmanager
def one_only(path: Path, what: str) -> Iterator[None]:
    """Inside, no other process is inside with the same `path`; it holds our process id.

    `what` is the subject of the complaint, like "the hub of dong-tien". The kernel lets go of it when this
    process ends, however it ends, so nothing has to be cleaned up. A full disk, or one that has become
    read-only, is no obstacle where the file is there already. Raises AlreadyRunning, OSError.
    """
    with _to_hold(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read(20).strip() or "unknown"
            raise AlreadyRunning(
                f"{what} is already running as process {holder} (which holds {path}): end that one first"
            ) from None
        with suppress(OSError):  # then only the complaint of a second process names the wrong one
            os.ftruncate(file.fileno(), 0)
            os.pwrite(file.fileno(), f"{os.getpid()}\n".encode(), 0)
        yield


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Inside, nobody else is inside who holds the same folder: who comes second waits. For looking at a file
    and writing it as one act; people's editors do not ask. Raises OSError."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _to_hold(path: Path) -> TextIO:
    """The file, made if need be. Raises OSError."""
    try:
        return path.open("a+")
    except OSError:
        if not path.exists():
            raise
        return path.open()  # a read-only disk: to be held it need not be written


def settle(fresh: Path, path: Path) -> None:
    """Give a finished and fsynced file its name, for good. Raises OSError, and then `fresh` is gone."""
    try:
        fresh.replace(path)
    except OSError:
        _forget(fresh)
        raise
    force(path.parent)


def force(folder: Path) -> None:
    """Have the disk keep the names in `folder` as they are now. Raises OSError."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def make_folder(path: Path, *, mode: int = 0o777) -> None:
    """Make the folder (with that mode) and those above it, for good. Raises OSError.

    A file in a folder whose own name was never forced to the disk is lost with it.
    """
    fresh = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True, mode=mode)
    for folder in reversed(fresh):
        force(folder.parent)


def clear_unfinished(folder: Path) -> None:
    """Delete what `write_whole` had begun in `folder` when the power went. For the one that may write there,
    and before it does."""
    for path in folder.glob(".*.????????"):
        if path.is_file():
            _forget(path)


def _forget(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
