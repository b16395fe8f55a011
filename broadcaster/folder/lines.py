"""On which line of a TOML text each key and each element of a list is written.

The TOML library gives values without places, so this reads the skeleton of the text (keys, strings,
brackets) and nothing of its meaning. It is meant for text that is valid; in text that is not it finds
what it can and stops, and it never raises.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass, field

__all__ = ["KeyPath", "Lines", "find_lines"]

KeyPath = tuple[str | int, ...]
"""Keys and positions from the top: `("item", 1, "say")` is `say` of the second `[[item]]`."""

_DEEPEST = 100  # the TOML library goes no deeper either
_BLANK = re.compile(r"[ \t]*")
_BLANK_LINES = re.compile(r"(?:[ \t\r\n]|#[^\n]*+)*+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n#]+")
_BASIC = re.compile(r'"((?:[^"\\\n]|\\.)*+)"')
_LITERAL = re.compile(r"'([^'\n]*)'")
_BASIC_MULTI_END = re.compile(r'(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}', re.DOTALL)
_LITERAL_MULTI_END = re.compile(r"(?:[^']|'{1,2}(?!'))*+'{3,5}")


@dataclass(slots=True)
class Lines:
    """`of` has the first line (from 1) of each path; `twice` the lines of keys and tables written a second
    time; `begun` the line of the last key or header reached, which matters when the text breaks off."""

    of: dict[KeyPath, int] = field(default_factory=dict)
    twice: dict[KeyPath, int] = field(default_factory=dict)
    begun: int = 1

    def nearest(self, path: KeyPath) -> int:
        """The line of `path`, or of the nearest thing above it that has one; 1 for the whole."""
        while path and path not in self.of:
            path = path[:-1]
        return self.of.get(path, 1)


def find_lines(text: str) -> Lines:
    """Find the line of everything in `text`."""
    skeleton = _Skeleton(text)
    try:
        skeleton.read()
    except _Lost:
        return skeleton.lines
    return skeleton.lines


class _Lost(Exception):
    """The text is not the TOML it was taken for."""


class _Skeleton:
    def __init__(self, text: str) -> None:
        self.lines = Lines()
        self._text = text
        self._at = 0
        self._counted = 0  # so far newlines were counted
        self._line = 1
        self._tables: Counter[KeyPath] = Counter()  # how many [[...]] of each name so far
        self._headers: set[KeyPath] = set()  # tables opened by [...]

    def read(self) -> None:
        table: KeyPath = ()
        while self._past(_BLANK_LINES) < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table, depth=0)
            self._past(_BLANK)
            if self._text[self._at : self._at + 1] not in ("", "\n", "\r", "#"):
                raise _Lost

    def _header(self) -> KeyPath:
        line = self.lines.begun = self._line_here()
        several = self._text.startswith("[[", self._at)
        self._at += 2 if several else 1
        keys = self._key()
        self._expect("]]" if several else "]")
        path: KeyPath = ()
        for key in keys[:-1]:
            path = self._latest((*path, key))
        path = (*path, keys[-1])
        if several:
            self._tables[path] += 1
            self.lines.of.setdefault(path, line)
        path = self._latest(path)
        if path in self._headers:
            self.lines.twice[path] = line
        self._headers.add(path)
        self.lines.of.setdefault(path, line)
        return path

    def _latest(self, path: KeyPath) -> KeyPath:
        """`path` itself, or its newest element when it is a list of tables."""
        return (*path, self._tables[path] - 1) if path in self._tables else path

    def _pair(self, table: KeyPath, depth: int) -> None:
        line = self.lines.begun = self._line_here()
        path = (*table, *self._key())
        (self.lines.twice if path in self.lines.of else self.lines.of)[path] = line
        self._expect("=")
        self._past(_BLANK)
        self._value(path, depth)

    def _value(self, path: KeyPath, depth: int) -> None:
        if depth > _DEEPEST:
            raise _Lost
        match self._text[self._at : self._at + 1]:
            case "[":
                self._list(path, depth)
            case "{":
                self._inline_table(path, depth)
            case '"' | "'":
                self._string()
            case _:
                self._need(_SCALAR)

    def _list(self, path: KeyPath, depth: int) -> None:
        self._at += 1
        position = 0
        while self._after_blank_lines() != "]":
            self.lines.of[*path, position] = self._line_here()
            self._value((*path, position), depth + 1)
            position += 1
            if self._after_blank_lines() == ",":
                self._at += 1
        self._at += 1

    def _inline_table(self, path: KeyPath, depth: int) -> None:
        self._at += 1
        while self._after_blank_lines() != "}":
            self._pair(path, depth + 1)
            if self._after_blank_lines() == ",":
                self._at += 1
        self._at += 1

    def _key(self) -> tuple[str, ...]:
        keys: list[str] = []
        while len(keys) < _DEEPEST:
            self._past(_BLANK)
            if self._text[self._at : self._at + 1] in ('"', "'"):
                keys.append(self._string())
            else:
                keys.append(self._need(_BARE_KEY).group())
            self._past(_BLANK)
            if not self._text.startswith(".", self._at):
                return tuple(keys)
            self._at += 1
        raise _Lost

    def _string(self) -> str:
        quote = self._text[self._at]
        if self._text.startswith(quote * 3, self._at):
            self._at += 3
            return self._need(_BASIC_MULTI_END if quote == '"' else _LITERAL_MULTI_END).group()
        if quote == "'":
            return self._need(_LITERAL).group(1)
        return _unescaped(self._need(_BASIC).group())

    def _after_blank_lines(self) -> str:
        """Go past blanks, comments and line ends, and give the next character. The text must go on."""
        if self._past(_BLANK_LINES) >= len(self._text):
            raise _Lost
        return self._text[self._at]

    def _expect(self, token: str) -> None:
        self._past(_BLANK)
        if not self._text.startswith(token, self._at):
            raise _Lost
        self._at += len(token)

    def _past(self, pattern: re.Pattern[str]) -> int:
        found = pattern.match(self._text, self._at)
        self._at = found.end() if found else self._at
        return self._at

    def _need(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self._text, self._at)
        if found is None:
            raise _Lost
        self._at = found.end()
        return found

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line


def _unescaped(quoted: str) -> str:
    """A one-line string as a key is compared; TOML escapes as JSON does, but for two rare ones."""
    try:
        return str(json.loads(quoted))
    except ValueError:
        return quoted[1:-1]
