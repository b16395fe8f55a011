"""Two hubs on one station would both sound every cue."""

import os
import subprocess
import sys
from pathlib import Path

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
