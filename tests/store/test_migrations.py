"""From nothing and from every older layout to the present one."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from broadcaster.store import NewerStore, Store
from broadcaster.store.file import StoreFile
from broadcaster.store.migrations import MIGRATIONS, Migration
from tests.store.values import NOON, aired, announcement, joined, sheet


def layout(path: Path) -> list[tuple[str, str, str]]:
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        return [(kind, name, sql or "") for kind, name, sql in rows]
    finally:
        connection.close()


def version(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()


@pytest.mark.parametrize("done", range(len(MIGRATIONS) + 1))
def test_every_older_store_comes_to_the_same_layout(tmp_path: Path, done: int) -> None:
    fresh, old = tmp_path / "fresh.db", tmp_path / "old.db"
    Store(fresh).close()
    StoreFile(old, migrations=MIGRATIONS[:done]).close()
    assert version(old) == done
    Store(old).close()
    assert version(old) == len(MIGRATIONS)
    assert layout(old) == layout(fresh)


def test_an_older_store_keeps_what_it_held(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    old = StoreFile(path, migrations=MIGRATIONS[:2])
    with old.writing():
        old.run("INSERT INTO audit VALUES (1, 0, 'lan', 'say', 'hop-dan', '', '')")
        old.run("UPDATE counters SET value = 41 WHERE name = 'seq'")
    old.close()
    store = Store(path)
    assert [line.on for line in store.audit.list()] == ["hop-dan"]
    assert store.counters.next_seq(NOON) > 41
    store.units.put(joined())
    store.bulletins.put(sheet())
    store.announcements.put(announcement())
    store.asrun.record((aired(),), NOON)
    store.close()


def test_a_step_that_fails_leaves_the_store_at_the_step_before(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    steps = (
        Migration("one", ("CREATE TABLE one (id)",)),
        Migration("two", ("CREATE TABLE two (id)", "CREATE TABLE one (id)")),
    )
    with pytest.raises(Exception, match="already exists"):
        StoreFile(path, migrations=steps)
    assert version(path) == 1
    assert [name for _, name, _ in layout(path)] == ["one"]


def test_opening_a_store_that_is_up_to_date_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    Store(path).close()
    copy = tmp_path / "copy.db"
    shutil.copyfile(path, copy)
    Store(path).close()
    assert path.read_bytes() == copy.read_bytes()


def test_a_store_of_a_newer_version_is_explained_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    StoreFile(path, migrations=(*MIGRATIONS, Migration("later", ("CREATE TABLE later (id)",)))).close()
    before = layout(path)
    with pytest.raises(
        NewerStore, match=r"newer version of this program \(its layout is number 12, this one knows 11\)"
    ):
        Store(path)
    assert layout(path) == before
