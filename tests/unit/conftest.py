"""Stories of a village told at fake speed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
