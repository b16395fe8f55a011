"""Two hubs on one station would both sound every cue."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from broadcaster.files import AlreadyRunning, one_only

HOLD = """
import sys
from pathlib import Path
from broadcaster.files import one_only
with one_only(Path(sys.argv[1]), "the hub"):
    print("holds", flush=True)
    input()
"""


def hold(path: Path) -> "subprocess.Popen[str]":
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    assert first.stdout.readline() == "holds\n"
    return first


def test_a_second_hub_is_told_which_process_is_the_first(tmp_path: Path) -> None:
    lock = tmp_path / "hub.lock"
    with hold(lock) as first:
        with (
            pytest.raises(AlreadyRunning, match=rf"^the hub of dong-tien is .* process {first.pid} "),
            one_only(lock, "the hub of dong-tien"),
        ):
            pytest.fail("there are two")
        first.kill()


def test_a_killed_hub_holds_nothing_up(tmp_path: Path) -> None:
    lock = tmp_path / "hub.lock"
    with hold(lock) as first:
        first.kill()
    with one_only(lock, "the hub"):
        assert lock.read_text() == f"{os.getpid()}\n"
    with one_only(lock, "the hub"):
        pass


def test_a_full_disk_keeps_nobody_from_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with one_only(tmp_path / "unit.lock", "the unit"):
        pass


def test_on_a_disk_that_became_read_only_there_is_one_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def worn_out(self: Path, mode: str = "r", *more: Any) -> Any:
        if mode != "r":
            raise OSError(errno.EROFS, "Read-only file system", str(self))
        return opened(self, mode, *more)

    monkeypatch.setattr(Path, "open", worn_out)
    lock = tmp_path / "unit.lock"
    with pytest.raises(OSError, match="Read-only"), one_only(lock, "the unit"):
        pytest.fail("it was never there")
    lock.touch()
    with one_only(lock, "the unit"), pytest.raises(AlreadyRunning), one_only(lock, "the unit"):
        pytest.fail("there are two")
