"""The journal of what the store did not take: kill -9, torn writes, a disk without one byte left."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcaster.hub.alerts.journal import Journal, JournalFull

ROOT = Path(__file__).parents[3]
SMALL = 8192
"""Two halves of eight sectors."""


def opened(path: Path, size: int = SMALL) -> Journal:
    return Journal(path, size)


def found(path: Path, size: int = SMALL) -> dict[str, bytes]:
    journal = Journal(path, size)
    try:
        return dict(journal.kept)
    finally:
        journal.close()


def test_what_was_kept_is_there_after_a_restart_and_what_was_cleared_is_not(tmp_path: Path) -> None:
    journal = opened(tmp_path / "journal")
    journal.keep("kc-lu 1", b"fired")
    journal.keep("kc-lu 2", "đã gửi".encode())
    journal.keep("kc-lu 1", b"sent")
    assert found(tmp_path / "journal") == {"kc-lu 1": b"sent", "kc-lu 2": "đã gửi".encode()}
    journal.clear()
    assert found(tmp_path / "journal") == {}
    journal.keep("kc-chay 1", b"fired")
    assert found(tmp_path / "journal") == {"kc-chay 1": b"fired"}
    journal.close()


ACTS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from("abcd"), st.binary(max_size=600)),
        st.just(None).map(lambda _: ("", b"")),  # it is cleared
        st.just(None).map(lambda _: ("restart", b"")),
    ),
    max_size=30,
)


@settings(max_examples=80, deadline=None)
@given(acts=ACTS)
def test_the_last_entry_of_every_key_counts_whatever_was_there_before(
    acts: list[tuple[str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("state") / "journal"
    journal = opened(path)
    meant: dict[str, bytes] = {}
    for key, content in acts:
        if key == "":
            journal.clear()
            meant.clear()
        elif key == "restart":
            journal.close()
            journal = opened(path)
        else:
            journal.keep(key, content)
            meant[key] = content
        assert journal.kept == meant
    journal.close()
    assert found(path) == meant


def test_a_journal_that_is_full_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    journal = opened(tmp_path / "journal")
    kept = 0
    while len(journal.kept) * 1024 < SMALL // 2:
        journal.keep(f"alert {kept}", bytes(700))
        kept += 1
    with pytest.raises(JournalFull, match="make the store of this station work again"):
        journal.keep("one more", bytes(700))
    journal.keep("alert 0", b"short")
    journal.close()
    there = found(tmp_path / "journal")
    assert len(there) == kept > 0
    assert there["alert 0"] == b"short"


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 1 << 30))
def test_a_write_that_was_torn_loses_itself_and_nothing_before_it(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The disk took any sectors of what was not forced to it yet."""
    chance = random.Random(seed)
    path = tmp_path_factory.mktemp("state") / "journal"
    journal = opened(path)
    for number in range(chance.randrange(1, 12)):
        journal.keep(chance.choice("abc"), bytes([number]) * chance.randrange(700))
    before, disk = found(path), [path.read_bytes()]
    with pytest.MonkeyPatch.context() as patch, suppress(JournalFull):
        patch.setattr(os, "fdatasync", lambda _: disk.append(path.read_bytes()))
        journal.keep("d", b"x" * chance.randrange(1, 900))
    journal.close()
    wanted = found(path)
    moment = chance.randrange(len(disk))
    torn, coming = bytearray(disk[moment]), disk[min(moment + 1, len(disk) - 1)]
    for at in range(0, len(torn), 512):
        if chance.random() < 0.5:
            torn[at : at + 512] = coming[at : at + 512]
    path.write_bytes(bytes(torn))
    assert found(path) in (before, wanted)


def test_what_stands_there_and_is_no_journal_is_nothing_kept(tmp_path: Path) -> None:
    (tmp_path / "journal").write_bytes(random.Random(1).randbytes(SMALL))
    assert found(tmp_path / "journal") == {}
    (tmp_path / "journal").write_bytes(b"VBJ1" * (SMALL // 4))
    assert found(tmp_path / "journal") == {}


WRITER = """
import sys
from pathlib import Path
from broadcaster.hub.alerts.journal import Journal
journal = Journal(Path(sys.argv[1]), 8192)
for number in range(1_000_000):
    journal.keep(f"alert {number % 3}", str(number).encode() * 20)
    print(number, flush=True)
"""


def test_a_hub_that_is_killed_has_kept_what_it_said_it_kept(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    for _ in range(200):
        said = int(writer.stdout.readline())
    writer.send_signal(signal.SIGKILL)
    said = max([said, *(int(line) for line in writer.stdout.read().split())])
    writer.wait()
    writer.stdout.close()
    there = {key: int(content[: len(content) // 20]) for key, content in found(path).items()}
    assert set(there) == {"alert 0", "alert 1", "alert 2"}
    assert max(there.values()) in (said, said + 1)
    assert sorted(there.values()) == list(range(max(there.values()) - 2, max(there.values()) + 1))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 600 kB, where one may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_a_disk_that_is_full_takes_what_the_journal_has_to_keep(small_disk: Path) -> None:
    journal = Journal(small_disk / "journal")
    fill(small_disk)
    with pytest.raises(OSError, match="No space left"):
        (small_disk / "anything").write_bytes(b"x" * 100)
    for number in range(900):
        journal.keep(f"kc-lu-{number % 100} 1", b"x" * 600)
    journal.close()
    assert len(found(small_disk / "journal", 256 << 10)) == 100


def test_a_disk_that_is_full_before_there_is_a_journal_is_said_at_once(small_disk: Path) -> None:
    fill(small_disk)
    with pytest.raises(OSError, match="No space left"):
        Journal(small_disk / "journal")
