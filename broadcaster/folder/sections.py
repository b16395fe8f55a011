"""One table of a TOML file, taken key by key; whatever is wrong is noted with its line and reading goes on.

A method gives the value, or None when the key is absent or wrong. `required` says what is expected when
the key is absent; without it the key may be. Keys nobody asked for are told by `leftovers`, called last.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from broadcaster.folder import values
from broadcaster.folder.documents import Document
from broadcaster.folder.faults import Fault, did_you_mean, quoted, shown
from broadcaster.folder.lines import KeyPath

__all__ = ["Section"]

T = TypeVar("T")


class Section:
    """A table of a document at `path`. `label` names it to people: `item 2`; nothing for the top."""

    def __init__(
        self,
        document: Document,
        faults: list[Fault],
        table: dict[str, object] | None = None,
        path: KeyPath = (),
        label: str = "",
    ) -> None:
        self._document = document
        self._faults = faults
        self._table = document.values if table is None else table
        self._path = path
        self._label = label
        self._asked: dict[str, None] = {}  # in the order asked, for the list of known keys

    def __contains__(self, key: str) -> bool:
        return key in self._table

    @property
    def faulty(self) -> bool:
        """Whether anything is wrong with the file as far as it was read."""
        return bool(self._faults)

    def wrong(self, key: str, wrong: str, expected: str, *position: int) -> None:
        """Note a fault at `key` (empty: the table as a whole), or at one position of its list."""
        path = (*self._path, key, *position) if key else self._path
        self._faults.append(
            Fault(
                file=self._document.file,
                line=self._document.lines.nearest(path),
                key=": ".join(part for part in (self._label, shown(key)) if part),
                wrong=wrong,
                expected=expected,
            )
        )

    def leftovers(self, *known: str) -> None:
        """Note every key that is neither asked for nor `known`."""
        self._asked.update(dict.fromkeys(known))
        for key in self._table:
            if key not in self._asked:
                self.wrong(key, "there is no such key here", did_you_mean(key, self._asked))

    def text(self, key: str) -> str | None:
        """A text of any length and lines."""
        return self._one(key, values.text)

    def line(self, key: str, required: str = "") -> str | None:
        """A text on one line."""
        return self._one(key, values.line, required)

    def choice(self, key: str, words: Collection[str], required: str = "") -> str | None:
        return self._one(key, lambda value: values.choice(value, words), required)

    def count(self, key: str, least: int, most: int) -> int | None:
        """A whole number from `least` to `most`."""
        return self._one(key, lambda value: values.count(value, least, most))

    def yes_or_no(self, key: str) -> bool | None:
        return self._one(key, values.yes_or_no)

    def port(self, key: str) -> int | None:
        return self._one(key, values.port)

    def decibels(self, key: str, required: str = "") -> float | None:
        return self._one(key, values.decibels, required)

    def length(self, key: str, required: str = "") -> timedelta | None:
        return self._one(key, values.length, required)

    def clock_time(self, key: str, required: str = "") -> time | None:
        return self._one(key, values.clock_time, required)

    def closing_time(self, key: str, required: str = "") -> time | None:
        """A time of day at which something ends; 24:00, the day's own end, is midnight."""
        return self._one(key, values.closing_time, required)

    def day(self, key: str) -> date | None:
        return self._one(key, values.day)

    def moment(self, key: str, required: str = "") -> datetime | None:
        return self._one(key, values.moment, required)

    def names(self, key: str, required: str = "") -> tuple[str, ...] | None:
        return self._several(key, values.line, required)

    def choices(self, key: str, words: Collection[str]) -> tuple[str, ...] | None:
        return self._several(key, lambda value: values.choice(value, words))

    def clock_times(self, key: str, required: str = "") -> tuple[time, ...] | None:
        return self._several(key, values.clock_time, required)

    def days(self, key: str) -> tuple[date, ...] | None:
        return self._several(key, values.day)

    def table(self, key: str) -> "Section | None":
        """The table `[key]`."""
        self._asked[key] = None
        found = self._table.get(key)
        if found is None:
            return None
        if not isinstance(found, dict):
            self.wrong(key, f"{quoted(found)} is not a table", f"write [{key}] and its keys below it")
            return None
        return Section(self._document, self._faults, found, (*self._path, key), key)

    def tables(self, key: str, required: str = "") -> Iterator["Section"]:
        """The tables `[[key]]`, in order; `item 1` is the first."""
        self._asked[key] = None
        found = self._table.get(key, [])
        if found == [] and required:
            self.wrong(key, "is missing", f"expected {required}")
        if not isinstance(found, list):
            self.wrong(key, "is not a list", f"write [[{key}]] in double brackets, once for each")
            return
        for position, each in enumerate(found):
            path = (*self._path, key, position)
            if isinstance(each, dict):
                yield Section(self._document, self._faults, each, path, f"{key} {position + 1}")
            else:
                self.wrong(key, f"{quoted(each)} is not a table", f"write [[{key}]] for each", position)

    def _one(self, key: str, take: Callable[[object], T], required: str = "") -> T | None:
        self._asked[key] = None
        if key not in self._table:
            if required:
                self.wrong(key, "is missing", f"expected {required}")
            return None
        try:
            return take(self._table[key])
        except values.Refused as refused:
            self.wrong(key, refused.wrong, refused.expected)
            return None

    def _several(self, key: str, take: Callable[[object], T], required: str = "") -> tuple[T, ...] | None:
        """A list; None when any of its elements is wrong, because part of a list is not what was meant."""
        found = self._one(key, values.listed, required)
        if found is None:
            return None
        taken: list[T] = []
        whole = True
        for position, each in enumerate(found):
            try:
                value = take(each)
            except values.Refused as refused:
                self.wrong(key, refused.wrong, refused.expected, position)
                whole = False
                continue
            if value in taken:
                self.wrong(key, f"{quoted(each)} is written twice", "once is enough", position)
            taken.append(value)
        return tuple(taken) if whole else None
