"""Files are for people: written whole or not at all.

A power cut at any point leaves the old content or the new, never a part of it: the new content goes to a
temporary file in the same folder, is forced to the disk, and takes the name in one step, which is forced
to the disk in turn.
"""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

__all__ = ["settle", "write_whole"]


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


def settle(fresh: Path, path: Path) -> None:
    """Give a finished and fsynced file its name, for good. Raises OSError, and then `fresh` is gone."""
    try:
        fresh.replace(path)
    except OSError:
        _forget(fresh)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _forget(path: Path) -> None:
    with suppress(OSError):
        path.unlink()
