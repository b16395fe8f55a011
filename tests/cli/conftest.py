"""A terminal at the hub's machine: commands run in this process, on a copy of the sample commune."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from broadcaster.cli import main

CHECKOUT = Path(__file__).parents[2]

Terminal = Callable[..., Result]


@pytest.fixture
def commune(tmp_path: Path) -> Path:
    """A station folder of our own, with the offline voice only."""
    folder = tmp_path / "station"
    folder.mkdir()
    for part in ("schedules", "audio"):
        shutil.copytree(CHECKOUT / part, folder / part)
    text = (CHECKOUT / "station.toml").read_text(encoding="utf-8")
    offline = text.replace('["gtts", "espeak-ng"]', '["espeak-ng"]')
    assert offline != text
    (folder / "station.toml").write_text(offline, encoding="utf-8")
    return folder


@pytest.fixture
def terminal(commune: Path) -> Terminal:
    """Type a command; no traceback may ever come back."""

    def type_in(*words: str, keys: str | None = None) -> Result:
        result = CliRunner().invoke(main, ["--station", str(commune), *words], input=keys)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return type_in
