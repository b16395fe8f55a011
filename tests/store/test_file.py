"""Transactions, threads and faults of the one SQLite file."""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.store.faults import StoreBusy, StoreFault, StoreFull
from broadcaster.store.file import StoreFile
from broadcaster.store.migrations import Migration

SLIPS = (
    Migration("slips of paper", ("CREATE TABLE slips (id TEXT PRIMARY KEY NOT NULL, words TEXT NOT NULL)",)),
)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[StoreFile]:
    opened = StoreFile(tmp_path / "slips.db", migrations=SLIPS, busy_timeout=0.2)
    yield opened
    opened.close()


def slips(file: StoreFile) -> list[str]:
    return [row["id"] for row in file.rows("SELECT id FROM slips ORDER BY id")]


def add(file: StoreFile, *ids: str) -> None:
    with file.writing():
        file.insert("slips", [{"id": id, "words": id} for id in ids])


def add_and_fail(file: StoreFile, *ids: str) -> None:
    with file.writing():
        add(file, *ids)
        raise ZeroDivisionError


def fill_the_disk(file: StoreFile) -> None:
    with file.writing():
        file.run("PRAGMA max_page_count = 4")
        for number in range(1_000):
            file.insert("slips", [{"id": f"b{number}", "words": "x" * 500}])


def test_writes_of_one_transaction_are_all_there_or_none(file: StoreFile) -> None:
    with pytest.raises(ZeroDivisionError):
        add_and_fail(file, "a", "b")
    assert slips(file) == []
    with file.writing():
        add(file, "a")
        add(file, "b")
    assert slips(file) == ["a", "b"]


def test_the_library_s_insert_does_not_end_the_transaction(file: StoreFile) -> None:
    other = StoreFile(file.path, migrations=SLIPS)
    with file.writing():
        add(file, "a")
        assert slips(other) == [], "half a transaction was seen from outside"
    assert slips(other) == ["a"]
    other.close()


def test_a_part_that_fails_is_undone_alone(file: StoreFile) -> None:
    with file.writing():
        add(file, "a")
        with pytest.raises(ZeroDivisionError):
            add_and_fail(file, "b")
        add(file, "c")
    assert slips(file) == ["a", "c"]


def test_a_write_outside_a_transaction_is_our_own_fault(file: StoreFile) -> None:
    with pytest.raises(RuntimeError, match="inside writing"):
        file.insert("slips", [{"id": "a", "words": "a"}])
    with pytest.raises(RuntimeError, match="inside writing"):
        file.run("DELETE FROM slips")


def test_a_write_among_reads_is_our_own_fault(file: StoreFile) -> None:
    with file.reading(), pytest.raises(RuntimeError, match="reading"), file.writing():
        pass


def test_no_table_and_no_column_is_ever_made_in_passing(file: StoreFile) -> None:
    with file.writing():
        with pytest.raises(StoreFault, match="no such table: papers"):
            file.insert("papers", [{"id": "a"}])
        with pytest.raises(StoreFault, match="no column named colour"):
            file.insert("slips", [{"id": "a", "words": "a", "colour": "red"}])
    assert [row["name"] for row in file.rows("SELECT name FROM sqlite_master WHERE type = 'table'")] == [
        "slips"
    ]


def test_an_upsert_does_not_pass_over_what_a_column_forbids(file: StoreFile) -> None:
    with file.writing():
        file.upsert("slips", "id", {"id": "a", "words": "first"})
        file.upsert("slips", "id", {"id": "a", "words": "second"})
        with pytest.raises(StoreFault, match="NOT NULL"):
            file.upsert("slips", "id", {"id": "a", "words": None})
    assert file.rows("SELECT * FROM slips") == [{"id": "a", "words": "second"}]


def test_foreign_keys_hold_and_every_commit_reaches_the_disk(file: StoreFile) -> None:
    assert file.row("PRAGMA foreign_keys") == {"foreign_keys": 1}
    assert file.row("PRAGMA synchronous") == {"synchronous": 2}
    assert file.row("PRAGMA journal_mode") == {"journal_mode": "wal"}


def test_only_its_owner_can_read_the_file(file: StoreFile) -> None:
    add(file, "a")
    for path in file.path.parent.glob("slips.db*"):
        assert path.stat().st_mode & 0o077 == 0, path


def test_reads_together_see_one_state(file: StoreFile) -> None:
    other = StoreFile(file.path, migrations=SLIPS)
    with file.reading():
        assert slips(file) == []
        add(other, "a")
        with file.reading():
            assert slips(file) == []
    assert slips(file) == ["a"]
    other.close()


def test_changes_move_with_everybody_s_commits_and_rest_without(file: StoreFile) -> None:
    other = StoreFile(file.path, migrations=SLIPS)
    seen = [file.changes()]
    assert file.changes() == seen[-1]
    for writer in (file, other, other, file):
        add(writer, f"{len(seen)}")
        seen.append(file.changes())
        slips(file)
        assert file.changes() == seen[-1]
    assert seen == sorted(set(seen))
    other.close()


def test_a_store_that_is_held_too_long_is_busy_in_plain_words(file: StoreFile) -> None:
    other = StoreFile(file.path, migrations=SLIPS, busy_timeout=0.05)
    with file.writing():
        with pytest.raises(StoreBusy, match="in use by another process: try again") as told:
            add(other, "a")
        assert "locked" not in str(told.value)
        assert slips(other) == [], "readers do not wait"
    add(other, "a")
    assert slips(file) == ["a"]
    other.close()


def test_threads_each_have_a_connection_and_lose_nothing(tmp_path: Path) -> None:
    file = StoreFile(tmp_path / "slips.db", migrations=SLIPS)

    def write(name: str) -> None:
        for number in range(25):
            add(file, f"{name}{number:02}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert slips(file) == [f"{name}{number:02}" for name in "abcd" for number in range(25)]
    file.close()


def test_connections_of_threads_that_ended_are_let_go(file: StoreFile) -> None:
    def open_files() -> int:
        return sum(
            "slips.db" in str(link.readlink())
            for link in Path("/proc/self/fd").iterdir()
            if link.is_symlink()
        )

    for _ in range(20):
        thread = threading.Thread(target=slips, args=(file,))
        thread.start()
        thread.join()
    assert open_files() <= 9, "three files for this thread, for the last one, and a spare"


def test_a_forked_process_uses_no_connection_of_its_parent(file: StoreFile) -> None:
    add(file, "parent")
    read, write = os.pipe()
    with file.reading():  # which the child must not find itself in
        child = os.fork()
        if child == 0:  # no assertion can be told from in here: the pipe tells
            try:
                add(file, "child")
                os.write(write, ",".join(slips(file)).encode())
            finally:
                os._exit(0)
        os.close(write)
        with os.fdopen(read) as told:
            assert told.read() == "child,parent"
        os.waitpid(child, 0)
    add(file, "parent again")
    assert slips(file) == ["child", "parent", "parent again"]


def test_a_file_that_another_process_is_just_making_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "slips.db"
    maker = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    maker.execute("BEGIN IMMEDIATE")
    maker.execute("CREATE TABLE one (id)")  # SQLite does not wait for this when it turns WAL on
    release = threading.Timer(0.1, maker.close)
    release.start()
    file = StoreFile(path, migrations=SLIPS)
    add(file, "a")
    assert slips(file) == ["a"]
    release.join()
    file.close()


def test_who_cannot_wait_says_how_long_and_others_wait_as_before(tmp_path: Path) -> None:
    file = StoreFile(tmp_path / "slips.db", migrations=SLIPS, busy_timeout=30.0)
    other = sqlite3.connect(file.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    before = time.monotonic()
    with pytest.raises(StoreBusy), file.writing(timedelta(milliseconds=20)):
        pass
    assert time.monotonic() - before < 15
    release = threading.Timer(0.1, other.close)
    release.start()
    add(file, "a")  # this one waits until it is let in
    release.join()
    with file.writing(timedelta(milliseconds=20)):
        add(file, "b")
    assert slips(file) == ["a", "b"]
    file.close()


def test_a_full_disk_is_told_and_leaves_what_was_there(file: StoreFile) -> None:
    add(file, "a")
    with pytest.raises(StoreFull, match="full or takes no writes: free some space"):
        fill_the_disk(file)
    assert slips(file) == ["a"]
    with file.writing():
        file.run("PRAGMA max_page_count = 100000")
    add(file, "c")
    assert slips(file) == ["a", "c"]


def test_after_a_transaction_ended_by_a_fault_nothing_slips_in_behind_it(file: StoreFile) -> None:
    def go_on_all_the_same() -> None:
        with file.writing():
            file.run("ROLLBACK")  # as SQLite does by itself for some faults
            with pytest.raises(StoreFault, match="ended early"):
                file.insert("slips", [{"id": "late", "words": ""}])
            with pytest.raises(StoreFault, match="ended early"):
                add(file, "later")

    with pytest.raises(StoreFault, match="no transaction is active"):
        go_on_all_the_same()
    assert slips(file) == []
    add(file, "a")
    assert slips(file) == ["a"]


def test_a_file_that_is_no_store_is_told(tmp_path: Path) -> None:
    path = tmp_path / "slips.db"
    path.write_bytes(b"this is a shopping list, not a database " * 200)
    with pytest.raises(StoreFault, match=r"damaged .* put back a backup"):
        StoreFile(path, migrations=SLIPS)
    assert path.read_bytes().startswith(b"this is a shopping list")


def test_a_path_that_cannot_be_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="cannot be opened: Is a directory"):
        StoreFile(tmp_path, migrations=SLIPS)


def test_a_file_that_may_not_be_written_is_told(
    tmp_path: Path, file: StoreFile, as_nobody: Callable[[], AbstractContextManager[None]]
) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    file.path.chmod(0o644)
    with as_nobody(), pytest.raises(StoreFault, match="cannot be opened: Permission denied"):
        StoreFile(file.path, migrations=SLIPS)
