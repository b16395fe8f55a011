"""A commune with a panel; founded once, and copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.commune import Commune


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commune")
    Commune.founded(folder).station.store.close()
    return folder


@pytest.fixture
def commune(founded: Path, tmp_path: Path) -> Iterator[Commune]:
    here = Commune(shutil.copytree(founded, tmp_path / "commune"))
    yield here
    here.station.store.close()
