"""The measurements' own arithmetic: what holds, what was not measured, and how it is written down."""

import json
from importlib import import_module
from pathlib import Path

import pytest

from tests.bench.__main__ import known, main, run, table
from tests.bench._figure import Figure


@pytest.mark.parametrize(
    ("value", "hold", "ok"),
    [
        (0.03, "<= 0.05", True),
        (0.05, "<= 0.05", True),
        (0.051, "<= 0.05", False),
        (12, ">= 10", True),
        (9, ">= 10", False),
        (9, "", None),
    ],
)
def test_a_figure_says_whether_it_holds(value: float, hold: str, ok: bool | None) -> None:
    assert Figure(value=value, unit="ms", hold=hold).ok is ok


def test_what_was_not_measured_holds_nothing_and_says_why() -> None:
    assert Figure(value=None, unit="s", hold="<= 1", note="no ffmpeg here").ok is None
    with pytest.raises(ValueError, match="says why"):
        Figure(value=None, unit="s")


def test_the_table_shows_each_figure_with_its_hold() -> None:
    figures = {
        "start": Figure(value=0.0312, unit="ms", hold="<= 0.05"),
        "peer": Figure(value=None, unit="ms", note="not installed"),
    }
    assert table("start", figures).splitlines() == [
        "bench: start",
        "  start  0.0312 ms     hold <= 0.05  holds",
        "  peer   not measured                       not installed",
    ]


def test_every_measurement_can_be_asked_for_by_name() -> None:
    assert {"rundown"} <= set(known())
    for name in known():
        assert callable(import_module(f"tests.bench.{name}").measure), name


def test_an_unknown_measurement_is_told_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weather"]) == 2
    assert "there is no weather; there are: " in capsys.readouterr().err


def test_results_are_written_beside_the_machine_they_came_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rundown = import_module("tests.bench.rundown")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rundown, "measure", lambda: {"year": Figure(value=3.14159, unit="s", hold="<= 2")})
    assert not run("rundown")
    written = json.loads((tmp_path / "build/bench/rundown.json").read_text())
    assert written["figures"] == {"year": {"value": 3.142, "unit": "s", "hold": "<= 2", "ok": False}}
    assert {"cores", "cpu", "memory_gb", "python", "load_before"} <= written["machine"].keys()
