"""A folder of TOML files that each hold one thing, whose id is the file's name."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Generic, Protocol, TypeVar

from broadcaster.domain.names import BadName, slug
from broadcaster.folder.documents import Document, Unreadable, parsed, read_document
from broadcaster.folder.faults import Fault, shown

__all__ = ["Found", "Kind", "Named", "look", "opened", "over", "whole_file"]

Id = TypeVar("Id", bound=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[Id]):
    """What the files of `folder` (below the station folder) hold: `named` makes an id of a file's name or
    raises BadName, `what` is in words, `like` the name of one. `optional`: a station may do without."""

    folder: str
    named: Callable[[str], Id]
    what: str
    like: str
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[Id]):
    """One file: its id and its document, or what is wrong with it as a whole."""

    id: Id | None
    document: Document | None = None
    faults: tuple[Fault, ...] = ()


class Named(Protocol):
    """What one file holds."""

    @property
    def id(self) -> str: ...


Thing = TypeVar("Thing", bound=Named)


def look(folder: Path, kind: Kind[Id]) -> Iterator[Found[Id]]:
    """Every file that is one of the kind or was meant as one, in order of name. Raises Unreadable when the
    folder cannot be listed."""
    try:
        names = sorted(path.name for path in (folder / kind.folder).iterdir() if path.name[0] != ".")
    except OSError as error:
        if kind.optional and isinstance(error, FileNotFoundError):
            return iter(())
        wrong = f"cannot be listed: {error.strerror}"
        raise Unreadable(whole_file(kind.folder, wrong, f"expected a folder of {kind.what}s")) from error
    return (found for name in names if (found := _file(folder, kind, name)) is not None)


def opened(kind: Kind[Id], file: str, text: str) -> Found[Id]:
    """What `text` would be as the content of `file`."""
    id = _id(kind, file)
    if id is None:
        return Found(id=None, faults=(_misnamed(kind, file),))
    try:
        return Found(id=id, document=parsed(file, text.replace("\r\n", "\n")))
    except Unreadable as unreadable:
        return Found(id=id, faults=(unreadable.fault,))


def over(good: Iterable[Thing], last_good: Iterable[Thing], held: Iterable[str]) -> tuple[Thing, ...]:
    """What is in force, by id: what is good, and of the last good ones those that are `held`."""
    holding = frozenset(held)
    chosen = {each.id: each for each in last_good if each.id in holding}
    chosen.update((each.id, each) for each in good)
    return tuple(chosen[name] for name in sorted(chosen))


def whole_file(file: str, wrong: str, expected: str) -> Fault:
    return Fault(file=shown(file, 200), line=1, key="", wrong=wrong, expected=expected)


def _file(folder: Path, kind: Kind[Id], name: str) -> Found[Id] | None:
    """None for a file that is not of the kind and not meant as one."""
    file = f"{kind.folder}/{name}"
    if not name.endswith(".toml"):
        if not name.lower().endswith((".toml", ".toml.txt")):
            return None
        return Found(id=None, faults=(whole_file(file, "is not read", "let the name end in .toml"),))
    id = _id(kind, file)
    if id is None:
        return Found(id=None, faults=(_misnamed(kind, file),))
    try:
        return Found(id=id, document=read_document(folder, file))
    except Unreadable as unreadable:
        return Found(id=id, faults=(unreadable.fault,))


def _id(kind: Kind[Id], file: str) -> Id | None:
    try:
        return kind.named(PurePosixPath(file).stem)
    except BadName:
        return None


def _misnamed(kind: Kind[Id], file: str) -> Fault:
    wrong = f"the name of the file cannot name a {kind.what}"
    return whole_file(file, wrong, f"call it {slug(PurePosixPath(file).stem) or kind.like}.toml")
