"""A village with a desk."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.village import Village


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A village folder to copy: making the store and its people takes longer than most tests."""
    folder = tmp_path_factory.mktemp("founded")
    Village(folder).store.close()
    return folder


@pytest.fixture
def village(tmp_path: Path, founded: Path) -> Iterator[Village]:
    shutil.copytree(founded, tmp_path, dirs_exist_ok=True)
    here = Village(tmp_path)
    yield here
    here.store.close()
