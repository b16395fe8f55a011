"""A store in a folder of its own."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from broadcaster.store import Store, open_store

NOBODY = 65534


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder to copy: making one takes longer than most tests."""
    state = tmp_path_factory.mktemp("founded") / "state"
    open_store(state).close()
    return state


@pytest.fixture
def store(tmp_path: Path, founded: Path) -> Iterator[Store]:
    shutil.copytree(founded, tmp_path / "state")
    opened = open_store(tmp_path / "state")
    yield opened
    opened.close()


@pytest.fixture
def as_nobody() -> Callable[[], AbstractContextManager[None]]:
    """Be another user of the system for a while; only root can, others skip the test."""
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else")

    @contextmanager
    def nobody() -> Iterator[None]:
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)

    return nobody
