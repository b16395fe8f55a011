"""Where everything in a TOML text is written."""

from collections.abc import Iterator

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st
from tomlkit.exceptions import TOMLKitError

from broadcaster.folder.lines import KeyPath, find_lines

WHOLE = '''\
title = "Bản tin" # a = 1
zones = [
  "xa",   # "thon-cu",
  'thon-ben',

  "]",
]
"odd key".'dotted' . plain = 1

[broker]
port = 4222
[a.b]
c = {d = 1, e = [2, {f = "}"}]}

[[item]]
say = """
first = "no key"
[[item]]
\\""" still ""words""""
chime = 2026-12-01 05:00:00
[[item]]
say = \'\'\'
it''s \\\'\'\'
[item.deep]
x = 1
[[item.deeper]]
y = 2
[[item.deeper]]
y = 3
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 1),
        (("zones",), 2),
        (("zones", 0), 3),
        (("zones", 1), 4),
        (("zones", 2), 6),
        (("odd key", "dotted", "plain"), 8),
        (("broker",), 10),
        (("broker", "port"), 11),
        (("a", "b", "c", "d"), 13),
        (("a", "b", "c", "e", 1, "f"), 13),
        (("item", 0), 15),
        (("item", 0, "say"), 16),
        (("item", 0, "chime"), 20),
        (("item", 1), 21),
        (("item", 1, "say"), 22),
        (("item", 1, "deep", "x"), 25),
        (("item", 1, "deeper", 0, "y"), 27),
        (("item", 1, "deeper", 1, "y"), 29),
    ],
)
def test_each_key_is_found_on_its_line(path: KeyPath, line: int) -> None:
    tomlkit.parse(WHOLE)  # it is TOML
    assert find_lines(WHOLE).of[path] == line


def test_what_is_not_written_is_told_where_it_belongs() -> None:
    lines = find_lines(WHOLE)
    assert lines.nearest(("item", 1, "chime")) == 21
    assert lines.nearest(("zones", 9)) == 2
    assert lines.nearest(("rank",)) == 1


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\n\nb = 2\na = 3\n", ("a",), 4),
        ("[[item]]\nsay = 'a'\nsay = 'b'\n", ("item", 0, "say"), 3),
        ("[hub]\nport = 1\n[panel]\n[hub]\n", ("hub",), 4),
        ("a.b = 1\na.b = 2\n", ("a", "b"), 2),
    ],
)
def test_what_is_written_twice_is_found_where_it_comes_again(text: str, path: KeyPath, line: int) -> None:
    assert find_lines(text).twice == {path: line}


keys = st.sampled_from(["say", "chime", "a-b", '"with space"', "'q'"])
blanks = st.sampled_from(["", "\n", '  # [[item]] "x" = 1\n', "\t\n\n"])
words = st.text(st.sampled_from("ab\"'\\#[]{}=,\n "), max_size=12)


def basic(text: str) -> str:
    """As a one-line TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def multi(text: str) -> str:
    """As a TOML string over several lines."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""{escaped}"""'


scalars = st.one_of(
    words.map(basic),
    words.map(multi),
    st.sampled_from(["1", "true", "05:00:00", "2026-12-01", "2026-12-01 05:00:00", "-1.5e3", "'l\\'"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.tuples(st.lists(inner, max_size=3), blanks).map(
        lambda parts: "[" + ",".join(f"{parts[1]} {each}" for each in parts[0]) + f"{parts[1]}]"
    ),
    max_leaves=6,
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, dict[KeyPath, int]]:
    """A TOML text, and the line of every key and table as it was put together."""
    text = ""
    lines: dict[KeyPath, int] = {}
    for number in range(draw(st.integers(0, 4))):
        text += draw(blanks)
        lines[("item", number)] = text.count("\n") + 1
        text += draw(st.sampled_from(["[[item]]\n", " [[ item ]] # one\n"]))
        for key in draw(st.lists(keys, unique=True, max_size=4)):
            text += draw(blanks)
            lines["item", number, key.strip("\"'")] = text.count("\n") + 1
            text += f"{key} = {draw(values)}{draw(st.sampled_from(['', ' # x']))}\n"
    return text, lines


@given(documents())
def test_every_key_of_any_file_is_found_on_its_line(document: tuple[str, dict[KeyPath, int]]) -> None:
    text, lines = document
    found = find_lines(text)
    assert {path: found.of.get(path) for path in lines} == lines
    assert found.twice == {}


def paths_of(value: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    yield path
    if isinstance(value, dict):
        for key, each in value.items():
            yield from paths_of(each, (*path, key))
    if isinstance(value, list):
        for position, each in enumerate(value):
            yield from paths_of(each, (*path, position))


@given(documents())
def test_everything_the_library_reads_has_a_line(document: tuple[str, dict[KeyPath, int]]) -> None:
    text, _ = document
    found = find_lines(text).of
    assert set(paths_of(tomlkit.parse(text).unwrap())) - {(), ("item",)} <= found.keys()


@given(st.text(st.sampled_from("ab=[]{}\"'\\#,.\n\r \t1-:é\x00"), max_size=60))
def test_no_text_brings_the_reader_of_lines_down(text: str) -> None:
    lines = find_lines(text)
    last = text.count("\n") + 1
    assert all(1 <= line <= last for line in [*lines.of.values(), *lines.twice.values(), lines.begun])


@given(st.text(st.sampled_from("ab=[]{}\"'\\#,.\n \t1-:"), max_size=40))
def test_where_the_library_reads_any_text_every_value_has_a_line(text: str) -> None:
    try:
        read = tomlkit.parse(text).unwrap()
    except (TOMLKitError, ValueError):
        return
    lines = find_lines(text)
    assert all(lines.nearest(path) >= 1 for path in paths_of(read))
    assert {path for path in paths_of(read) if len(path) == 1} <= {path[:1] for path in lines.of}


def test_brackets_without_end_are_given_up_on() -> None:
    assert find_lines("a = 1\nb = " + "[" * 5_000).begun == 2
