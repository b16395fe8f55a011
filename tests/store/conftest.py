"""A store in a folder of its own."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from broadcaster.store import Store, open_store

NOBODY = 65534


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
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
