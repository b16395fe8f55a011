"""Hub, panel and command line at once; one of them killed; a disk that is full. Real processes."""

import signal
import sqlite3
import subprocess
import sys
from itertools import groupby
from pathlib import Path

from broadcaster.domain.names import BulletinId
from broadcaster.store import Store, open_store
from tests.store.values import NOON, cue, sheet
from tests.store.writer import COUNTS

ROOT = Path(__file__).parents[2]


def start(state: Path, verb: str) -> subprocess.Popen[str]:
    """A process that is ready to begin."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store.writer", str(state), verb],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def run(*processes: subprocess.Popen[str], end: int = 0) -> list[str]:
    """Let them begin at once; what each said."""
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=60) for process in processes]
    assert [complaint for _, complaint in told if complaint] == []
    assert {process.returncode for process in processes} == {end}
    return [said for said, _ in told]


def check_sound(store: Store, state: Path) -> None:
    """The file is whole, and takes writes again."""
    connection = sqlite3.connect(state / "station.db")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    store.bulletins.put(sheet("after"))
    assert store.bulletins.find(BulletinId("after")) is not None


def test_three_processes_writing_at_once_lose_no_update_and_never_hear_of_locks(tmp_path: Path) -> None:
    state = tmp_path / "state"
    told = run(*(start(state, "count") for _ in range(3)))  # they make the file at once, too
    numbers = [int(line) for said in told for line in said.split()]
    assert len(numbers) == 3 * COUNTS
    assert len(set(numbers)) == len(numbers), "a number was given twice"
    store = open_store(state)
    booked = store.bookings.of(cue())
    assert len(booked) == 3 * COUNTS, "a booking was overwritten"
    writers = [bulletin.rpartition("-")[0] for bulletin in booked]
    assert sum(1 for _ in groupby(writers)) > 3, "they did not write at once"
    assert store.counters.meant() >= 3 * COUNTS
    store.close()


def test_a_writer_killed_in_the_middle_leaves_all_or_nothing(tmp_path: Path) -> None:
    state = tmp_path / "state"
    store = open_store(state)
    before = store.changes()
    assert run(start(state, "die"), end=-signal.SIGKILL) == ["in the middle\n"]
    assert (state / "station.db-wal").stat().st_size > 1_000_000, "half of it is on the disk"
    assert store.bulletins.find(BulletinId("whole")) is not None, "what was committed is there"
    assert store.asrun.of_cue(cue()) == (), "what was not committed is not"
    assert store.texts.all() == ()
    assert store.changes() > before
    check_sound(store, state)
    store.close()
    again = open_store(state)
    check_sound(again, state)
    again.close()


def test_a_disk_that_fills_up_is_told_and_keeps_what_was_committed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    kind, kept, *words = run(start(state, "fill"))[0].split()
    assert kind == "StoreFull"
    assert " ".join(words).endswith("is full or takes no writes: free some space, then try again")
    store = open_store(state)
    assert len(store.texts.all()) == int(kept) > 0
    check_sound(store, state)
    store.close()


def test_a_change_by_another_process_is_noticed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    store = open_store(state)
    seen, meant = store.changes(), store.counters.meant()
    run(start(state, "count"))
    assert store.changes() != seen
    assert store.counters.meant() > meant
    assert store.counters.next_seq(NOON) > 0
    store.close()
