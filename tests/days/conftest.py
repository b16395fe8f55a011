"""A village to live in."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

_MEMORY = Path("/dev/shm")


@pytest.fixture
def disks() -> Iterator[Path]:
    """A folder for every machine of the village, in memory where there is some: a day forces thousands of
    small files to the disk, and it is not the disk that is tested here."""
    quick = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with TemporaryDirectory(prefix="village-", dir=quick) as folder:
        yield Path(folder)
