"""A village with a desk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.desk.village import Village


@pytest.fixture
def village(tmp_path: Path) -> Iterator[Village]:
    here = Village(tmp_path)
    yield here
    here.store.close()
