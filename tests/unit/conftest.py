"""Stories of a village told at fake speed."""

import errno
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from broadcaster import files
from tests.unit.fakespeed import at_fake_speed
from tests.unit.village import Story, Village


@pytest.fixture
def told(tmp_path: Path) -> Callable[[Story], None]:
    """Runs a story at fake speed."""

    def run(story: Story) -> None:
        async def whole(loop: Any) -> None:
            village = Village(loop, tmp_path)
            try:
                await story(village)
            finally:
                await village.over()

        at_fake_speed(whole)

    return run


class FullDisk:
    """A disk on which nothing new can be written while it is `full`."""

    def __init__(self) -> None:
        self.full = False


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> FullDisk:
    """The disk of the unit; it is not full yet."""
    disk, really = FullDisk(), tempfile.NamedTemporaryFile

    def opened(*args: Any, **more: Any) -> Any:
        if disk.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return really(*args, **more)

    monkeypatch.setattr(files, "NamedTemporaryFile", opened)
    return disk
