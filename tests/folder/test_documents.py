"""Files that are no TOML in UTF-8, and those that are though an editor left its marks."""

import os
from pathlib import Path

import pytest

from broadcaster.domain.programme import Spoken
from broadcaster.folder.documents import LARGEST, Unreadable, read_document
from tests.folder.folders import PROGRAMME, Folder


def wrong_with(folder: Folder, content: bytes | str) -> str:
    folder.programme(content)
    with pytest.raises(Unreadable) as unreadable:
        read_document(folder.path, "schedules/sang.toml")
    return str(unreadable.value)


@pytest.mark.parametrize(
    "content",
    [
        PROGRAMME.encode("utf-8-sig"),
        PROGRAMME.replace("\n", "\r\n").encode(),
        PROGRAMME.replace("\n", "\r\n").encode("utf-8-sig"),
        PROGRAMME.rstrip("\n").encode(),
    ],
)
def test_what_editors_leave_behind_changes_nothing(folder: Folder, content: bytes) -> None:
    folder.programme(PROGRAMME)
    plain = folder.only()
    folder.programme(content)
    assert folder.only() == plain


def test_line_ends_of_either_kind_give_the_same_words(folder: Folder) -> None:
    folder.programme(PROGRAMME.replace('"Kính chào bà con."', '"""Một.\r\nHai."""'))
    assert folder.only().items == (Spoken(words="Một.\nHai."),)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            'title = "a"\nzones = ["xa" "ben"]\n',
            ":2: this is not TOML: Unexpected character: '\"'; look there",
        ),
        (
            'title = "a"\nzones = "xa\nat = []\n',
            ":2: this is not TOML: a quote is not closed on its line; look",
        ),
        (
            'a = 1\nb = """x\n\n\n',
            ":2: this is not TOML: a quote or bracket opened here is never closed; look",
        ),
        ("a = 1\nb = [1,\n\n", ":2: this is not TOML: a quote or bracket opened here is never closed; look"),
        ("a = 1\n\na = 2\n", ":3: a is written twice; write each key once, under its own header"),
        ('[[item]]\nsay = "a"\nsay = "b"\n', ":3: say is written twice; write each key once"),
        ("[hub]\nport = 1\n[hub]\n", ":3: hub is written twice"),
        ("a = 1\nfrom = 2026-02-30\n", ":2: this is not TOML: Invalid date; look there"),
        ("at = [25:00:00]\n", ":1: this is not TOML: Invalid time; look there"),
        ("a = 1\nb\n", ":2: this is not TOML"),
        ("\ntitel: Bản tin\n", ":2: this is not TOML"),
        ('x = "\x00"\n', ":1: this is not TOML: Control characters"),
        ("a = " + "[" * 5_000, ":1: this is not TOML"),
        (b'a = 1\nb = "\xff"\n', ":2: the byte 0xff is not UTF-8 text; save the file as UTF-8"),
        ("a = 'Thôn Bến'".encode("utf-16"), ":1: is saved as UTF-16; save it as UTF-8"),
        ("\n" * (LARGEST + 1), ":1: has 300,001 bytes; at most 300,000 are read: is it the right file?"),
    ],
)
def test_what_is_not_toml_is_told_with_its_line(folder: Folder, content: str | bytes, told: str) -> None:
    assert wrong_with(folder, content).startswith(f"schedules/sang.toml{told}")


def test_a_missing_file_a_folder_a_pipe_and_a_circle_of_links_are_told(folder: Folder) -> None:
    def fault(name: str) -> str:
        with pytest.raises(Unreadable) as unreadable:
            read_document(folder.path, name)
        return str(unreadable.value)

    (folder.path / "a.toml").mkdir()
    os.mkfifo(folder.path / "b.toml")
    (folder.path / "c.toml").symlink_to("c.toml")
    assert fault("none.toml").startswith("none.toml:1: is not there; ")
    assert fault("a.toml") == "a.toml:1: is a folder; a file is expected here"
    assert fault("b.toml") == "b.toml:1: is not a file; a plain text file is expected here"
    assert fault("c.toml").startswith("c.toml:1: cannot be read: ")
    assert fault("x" * 300).startswith(f"{'x' * 200}…:1: cannot be read: File name too long; ")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to the administrator")
def test_a_file_without_the_right_to_read_it_is_told(folder: Folder) -> None:
    folder.programme(PROGRAMME)
    (folder.path / "schedules/sang.toml").chmod(0)
    with pytest.raises(Unreadable, match="Permission denied; check its owner and rights"):
        read_document(folder.path, "schedules/sang.toml")


def test_a_file_that_is_a_link_to_a_good_one_is_read(folder: Folder, tmp_path: Path) -> None:
    elsewhere = tmp_path / "shared.toml"
    elsewhere.write_text(PROGRAMME)
    (folder.path / "schedules/sang.toml").symlink_to(elsewhere)
    assert folder.only().title == "Bản tin sáng"
