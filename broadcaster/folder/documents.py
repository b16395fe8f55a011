"""A TOML file as plain values with the line of each: the only file that knows the TOML library.

What people's editors leave behind is taken as it comes: a byte order mark, line ends of either kind.
Everything else that is not TOML in UTF-8 is a fault with its line. What is written by the panel goes into the
file people wrote, and what they wrote beside it stays.
"""

import stat
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import InvalidControlChar, ParseError, TOMLKitError, UnexpectedEofError
from tomlkit.items import AoT, Item, Table

from broadcaster.folder.faults import Fault, shown
from broadcaster.folder.lines import Lines, find_lines

__all__ = ["LARGEST", "Document", "Unreadable", "Values", "parsed", "read_document", "rewritten"]

LARGEST = 300_000
"""Bytes a file may have. The longest text to be spoken fits twice; and the library takes seconds for files of
this size and minutes for those ten times as long, when they are made of nothing but line ends."""

Values = Mapping[str, object]
"""What a file says: texts, numbers, lists, and lists of tables."""

_HINT = "look there and just above for a missing quote, bracket or comma"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Document:
    """A readable file: its name below the station folder, its values, and where each is written."""

    file: str
    values: dict[str, object]
    lines: Lines


class Unreadable(Exception):
    """A file that is no TOML at all, with its one fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def read_document(folder: Path, file: str) -> Document:
    """Read `file` below `folder`. Raises Unreadable."""
    return parsed(file, _decoded(file, _content(folder / file, file)))


def parsed(file: str, text: str) -> Document:
    """The document that `text` would be as the content of `file`. Raises Unreadable."""
    if len(text) > LARGEST:
        raise _too_large(file, len(text))
    try:
        values = tomlkit.parse(text).unwrap()
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise Unreadable(_syntax_fault(file, text, error)) from error
    return Document(file, values, find_lines(text))


def rewritten(text: str, before: Values, wanted: Values) -> str:
    """`text`, which says `before`, made to say `wanted`: only what differs is written, comments stay.

    `before` may say what is not written, for it goes without saying. Tables of a list are told apart by their
    first key. A text that is no TOML is written anew.
    """
    try:
        whole = tomlkit.parse(text)
    except (TOMLKitError, ValueError, RecursionError):
        whole, before = tomlkit.document(), {}
    _rewrite(whole, before, wanted)
    return tomlkit.dumps(whole)


def _rewrite(table: MutableMapping[str, Any], before: Values, wanted: Values) -> None:
    for key in [key for key in table if key not in wanted]:
        del table[key]
    for key, value in wanted.items():
        if key in before and before[key] == value:
            continue
        if isinstance(value, list) and value and isinstance(value[0], dict):
            _rewrite_tables(table, key, before.get(key), value)
        else:
            table[key] = _written(value)


def _rewrite_tables(
    table: MutableMapping[str, Any], key: str, before: object, wanted: list[dict[str, object]]
) -> None:
    """The tables of `wanted` in their order; those that were there already with their comments."""
    by = next(iter(wanted[0]))
    there = table.get(key)
    known = {each.get(by): each for each in there} if isinstance(there, AoT) else {}
    said = {each[by]: each for each in before} if isinstance(before, list) else {}
    for values in wanted:
        one: Table = known.setdefault(values[by], tomlkit.table())
        _rewrite(one, said.get(values[by], {}), values)
    if not isinstance(there, AoT) or [each.get(by) for each in there] != [values[by] for values in wanted]:
        tables = tomlkit.aot()
        for values in wanted:
            tables.append(known[values[by]])
        table[key] = tables


def _written(value: object) -> Item:
    """Long words stand between triple quotes, as people write them."""
    if isinstance(value, str) and "\n" in value:
        escaped = tomlkit.string(value, multiline=True).as_string()[3:-3].lstrip("\n")
        return tomlkit.value(f'"""\n{escaped}\n"""')
    return tomlkit.item(value)


def _content(path: Path, file: str) -> bytes:
    try:
        state = path.stat()
        if stat.S_ISDIR(state.st_mode):
            raise _whole_file(file, "is a folder", "a file is expected here")
        if not stat.S_ISREG(state.st_mode):  # opening a pipe would wait for ever
            raise _whole_file(file, "is not a file", "a plain text file is expected here")
        if state.st_size > LARGEST:
            raise _too_large(file, state.st_size)
        return path.read_bytes()
    except FileNotFoundError:
        raise _whole_file(file, "is not there", "see the README for what a station folder holds") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: links that go round in circles
        why = getattr(error, "strerror", None) or str(error)
        raise _whole_file(file, f"cannot be read: {why}", "check its owner and rights") from error


def _decoded(file: str, content: bytes) -> str:
    if content.startswith(_UTF16_MARKS):
        raise _whole_file(file, "is saved as UTF-16", "save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        wrong = f"the byte 0x{content[error.start]:02x} is not UTF-8 text"
        raise Unreadable(_fault(file, line, wrong, "save the file as UTF-8")) from None
    return text.replace("\r\n", "\n")


def _syntax_fault(file: str, text: str, error: Exception) -> Fault:
    """The library's complaint in plainer words. It is a line late about what is written twice, and names
    the last line when something never closes, so for these the line is our own."""
    lines = find_lines(text)
    if "already exists" in str(error) and lines.twice:
        path, line = next(iter(lines.twice.items()))
        wrong, expected = (
            f"{shown(str(path[-1]))} is written twice",
            "write each key once, under its own header",
        )
        return _fault(file, line, wrong, expected)
    breaks_off = "'\\x00'" in str(error) and "\0" not in text  # how it shows the end of the text
    if isinstance(error, UnexpectedEofError) or breaks_off:
        return _fault(
            file, lines.begun, "this is not TOML: a quote or bracket opened here is never closed", _HINT
        )
    line = error.line if isinstance(error, ParseError) else lines.begun
    if isinstance(error, InvalidControlChar) and "\\u000a" in str(error):
        return _fault(file, line, "this is not TOML: a quote is not closed on its line", _HINT)
    return _fault(file, line, f"this is not TOML: {shown(str(error).partition(' at line ')[0], 200)}", _HINT)


def _too_large(file: str, size: int) -> Unreadable:
    return _whole_file(file, f"has {size:,} bytes", f"at most {LARGEST:,} are read: is it the right file?")


def _whole_file(file: str, wrong: str, expected: str) -> Unreadable:
    return Unreadable(_fault(file, 1, wrong, expected))


def _fault(file: str, line: int, wrong: str, expected: str) -> Fault:
    return Fault(file=shown(file, 200), line=line, key="", wrong=wrong, expected=expected)
