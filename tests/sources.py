"""The project's own files as its house rules see them: text, syntax tree, names, imports, clocks read."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

__all__ = ["ROOT", "Source", "kept_files", "python_files", "words_of"]

ROOT = Path(__file__).parent.parent
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file; `path` from the root, with slashes."""

    path: str
    text: str
    tree: ast.Module

    @property
    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and full name of each thing imported: `from time import sleep` is `time.sleep`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)

    def libraries(self) -> set[str]:
        return {name.split(".")[0] for _, name in self.imports}

    @property
    def definitions(self) -> Iterator[tuple[int, str]]:
        """Line and name of everything this file gives a name to."""
        yield 1, Path(self.path).stem
        for node in ast.walk(self.tree):
            match node:
                case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    yield node.lineno, name
                case ast.arg(arg=name):
                    yield node.lineno, name
                case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                    yield node.lineno, name
                case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                    yield node.lineno, name
                case ast.Import(names=names) | ast.ImportFrom(names=names):
                    yield from ((node.lineno, alias.asname) for alias in names if alias.asname)
                case _:
                    pass

    def calls(self, function: str) -> Iterator[int]:
        """The lines that call the plain name `function`."""
        for node in ast.walk(self.tree):
            match node:
                case ast.Call(func=ast.Name(id=name)) if name == function:
                    yield node.lineno
                case _:
                    pass

    def uses(self) -> Iterator[tuple[int, str]]:
        """Line and full name of what is used of the modules it imports: `t.time` after `import time as t`
        is `time.time`, `now` after `from datetime import datetime` is `datetime.datetime.now`."""
        known: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                known |= {alias.asname or alias.name: alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                spelt = ast.unparse(node)
                first, _, rest = spelt.partition(".")
                if first in known:
                    yield node.lineno, f"{known[first]}.{rest}" if rest else known[first]


def words_of(name: str) -> list[str]:
    """`lastEventId` and `last_event_id` are both last, event, id."""
    return [word.lower() for word in _WORD.findall(name)]


@cache
def kept_files() -> tuple[Path, ...]:
    """Every file that git would keep: what .gitignore names is left out, tracked or not yet."""
    ignored = (ROOT / ".gitignore").read_text().split()
    folders = [pattern.strip("/") for pattern in ignored if pattern.endswith("/")] + [".git"]
    files = [pattern for pattern in ignored if not pattern.endswith("/")]

    def below(folder: Path) -> Iterator[Path]:
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not path.is_symlink():
                if not any(fnmatch(path.name, pattern) for pattern in folders):
                    yield from below(path)
            elif path.is_file() and not any(fnmatch(path.name, pattern) for pattern in files):
                yield path

    return tuple(below(ROOT))


def python_files(*folders: str) -> tuple[Source, ...]:
    """The Python files of these folders; of all that have any when none is named."""
    return tuple(s for s in _python_files() if not folders or s.path.split("/")[0] in folders)


@cache
def _python_files() -> tuple[Source, ...]:
    found = []
    for path in kept_files():
        if path.suffix == ".py":
            name, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
            found.append(Source(name, text, ast.parse(text, filename=name)))
    return tuple(found)
