"""What every test of the wire also proves."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def nothing_is_left_behind(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> Iterator[None]:
    """No asyncio task is forgotten while it runs, and none fails unheard."""
    yield
    if request.node.get_closest_marker("wire") is not None:
        gc.collect()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []
