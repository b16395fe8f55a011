"""Files that need no disk: for sound that is wanted within the second, whatever state the disk is in.

A card that is full, worn or busy takes tenths of a second for what memory does at once. What lies there is
gone with the process, and what a killed process left is cleared away by the next.
"""

import os
import shutil
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from weakref import finalize

__all__ = ["fleeting"]

_MEMORY = Path("/dev/shm")  # noqa: S108 - only for a folder in it that nobody else may enter
"""A file system in memory, on every Linux."""

_PREFIX = "village-sound-"


def fleeting(owner: object) -> Path:
    """A new folder, in memory where there is such a place, that is gone when `owner` is. Raises OSError."""
    place = _MEMORY if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) else Path(gettempdir())
    for left in place.glob(f"{_PREFIX}*-*"):
        maker = left.name.removeprefix(_PREFIX).partition("-")[0]
        if maker.isdigit() and not Path(f"/proc/{maker}").exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=place))
    finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return folder
