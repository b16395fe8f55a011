"""The as-run log: one line for each cue of each unit."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from itertools import chain

from broadcaster.domain.asrun import AsRunEntry, Outcome, Stretch
from broadcaster.domain.names import CueId, ProgrammeId, UnitId
from broadcaster.store.columns import from_micros, moment, stamp, to_micros
from broadcaster.store.file import Row, StoreFile, Value

__all__ = ["AsRun", "AsRunPage", "Conflict", "Recorded", "page_query"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of entries handed to `record`; all of them are safely kept, whichever way.

    `fresh` are new; `known` were told before, or are the hub's own about a unit that has spoken; `conflicts`
    say something else than the line that stands, and are kept aside (it still stands).
    """

    fresh: tuple[AsRunEntry, ...]
    known: tuple[AsRunEntry, ...]
    conflicts: tuple[AsRunEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AsRunPage:
    """Some lines, newest planned first. `older` is what to ask for the next page with; None at the end."""

    entries: tuple[AsRunEntry, ...]
    older: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two lines for one cue of one unit: `stands` is in the log, `told` came after it, `at`."""

    stands: AsRunEntry
    told: AsRunEntry
    at: datetime


class _Fate(Enum):
    """The fields of Recorded."""

    FRESH = "fresh"
    KNOWN = "known"
    CONFLICTS = "conflicts"


class AsRun:
    """Lines are added, never changed, but that a unit's own report replaces what the hub wrote for it (of
    revision 0: no plan was played)."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def record(self, entries: tuple[AsRunEntry, ...], at: datetime) -> Recorded:
        """Keep the entries, in one transaction. Telling the same again changes nothing."""
        by_fate: dict[_Fate, list[AsRunEntry]] = {fate: [] for fate in _Fate}
        with self._file.writing():
            for entry in entries:
                by_fate[self._keep(entry, at)].append(entry)
        return Recorded(**{fate.value: tuple(found) for fate, found in by_fate.items()})

    def page(
        self,
        *,
        first: date | None = None,
        last: date | None = None,
        unit: UnitId | None = None,
        programme: ProgrammeId | None = None,
        older: str | None = None,
        limit: int = 100,
    ) -> AsRunPage:
        """Lines of local dates `first` to `last` (both included), of one unit, of one programme.

        Raises ValueError when `older` is not a page's.
        """
        sql, values = page_query(
            first=first, last=last, unit=unit, programme=programme, older=older, limit=limit + 1
        )
        rows = self._file.rows(sql, *values)
        end = rows[limit - 1] if len(rows) > limit else None
        return AsRunPage(
            entries=tuple(entry_of(row) for row in rows[:limit]),
            older=None if end is None else f"{end['day']}.{end['planned']}.{end['id']}",
        )

    def of_cue(self, cue: CueId) -> tuple[AsRunEntry, ...]:
        """What became of the cue, unit by unit."""
        rows = self._file.rows("SELECT * FROM asrun WHERE cue = ? ORDER BY unit", cue)
        return tuple(entry_of(row) for row in rows)

    def told(self, first: date, last: date) -> frozenset[tuple[CueId, UnitId]]:
        """Which cues of local dates `first` to `last` have a line, for which unit."""
        rows = self._file.rows(
            "SELECT cue, unit FROM asrun WHERE day >= ? AND day <= ?", first.isoformat(), last.isoformat()
        )
        return frozenset((CueId(row["cue"]), UnitId(row["unit"])) for row in rows)

    def tally(self, first: date, last: date) -> dict[Outcome, int]:
        """How many lines of local dates `first` to `last` have which outcome; none is left out."""
        rows = self._file.rows(
            "SELECT outcome, sum(lines) AS lines FROM asrun_tally "
            "WHERE day >= ? AND day <= ? GROUP BY outcome",
            first.isoformat(),
            last.isoformat(),
        )
        return dict.fromkeys(Outcome, 0) | {Outcome(row["outcome"]): int(row["lines"]) for row in rows}

    def conflicts(self, limit: int = 100) -> tuple[Conflict, ...]:
        """The newest conflicts first."""
        rows = self._file.rows(
            "SELECT asrun.*, entry, c.told AS told_again FROM asrun_conflicts AS c "
            "JOIN asrun USING (cue, unit) ORDER BY c.id DESC LIMIT ?",
            limit,
        )
        return tuple(
            Conflict(
                stands=entry_of(row), told=entry_of(json.loads(row["entry"])), at=moment(row["told_again"])
            )
            for row in rows
        )

    def _keep(self, entry: AsRunEntry, at: datetime) -> _Fate:
        row = self._file.row("SELECT * FROM asrun WHERE cue = ? AND unit = ?", entry.cue, entry.unit)
        if row is None:
            self._file.insert("asrun", [columns_of(entry) | {"told": stamp(at)}])
            return _Fate.FRESH
        stands = entry_of(row)
        if stands == entry or _by_the_hub(entry):
            return _Fate.KNOWN  # what the hub believes is no news about a unit that has spoken
        if _by_the_hub(stands):
            self._file.run("DELETE FROM asrun WHERE id = ?", row["id"])
            self._file.insert("asrun", [columns_of(entry) | {"told": stamp(at)}])
            return _Fate.FRESH
        added = self._file.run(
            "INSERT OR IGNORE INTO asrun_conflicts (cue, unit, entry, told) VALUES (?, ?, ?, ?)",
            entry.cue,
            entry.unit,
            json.dumps(columns_of(entry), ensure_ascii=False),
            stamp(at),
        )
        return _Fate.CONFLICTS if added else _Fate.KNOWN


def _by_the_hub(entry: AsRunEntry) -> bool:
    """Whether the hub wrote it, for a unit that had not spoken."""
    return entry.revision == 0 or entry.outcome is Outcome.NOT_REPORTED


def page_query(
    *,
    first: date | None,
    last: date | None,
    unit: UnitId | None,
    programme: ProgrammeId | None,
    older: str | None,
    limit: int,
) -> tuple[str, tuple[Value, ...]]:
    """The query behind `AsRun.page`, and its values: it goes on from a place in an index, so the last page
    of a million lines costs no more than the first."""
    wheres: dict[str, tuple[Value, ...]] = {}
    if unit is not None:
        wheres["unit = ?"] = (unit,)
    if programme is not None:
        wheres["programme = ?"] = (programme,)
    if first is not None:
        wheres["day >= ?"] = (first.isoformat(),)
    if older is not None:
        wheres["(day, planned, id) < (?, ?, ?)"] = _place(older)
    elif last is not None:  # a place is before `last` already, and a second bound would hide it
        wheres["day <= ?"] = (last.isoformat(),)
    sql = (
        f"SELECT * FROM asrun WHERE {' AND '.join(wheres) or 'TRUE'} "  # noqa: S608 - ours, all of it
        "ORDER BY day DESC, planned DESC, id DESC LIMIT ?"
    )
    return sql, (*chain.from_iterable(wheres.values()), limit)


def columns_of(entry: AsRunEntry) -> dict[str, Value]:
    """The entry as it lies in the table."""
    return {
        "cue": entry.cue,
        "unit": entry.unit,
        "programme": entry.cue.programme,
        "day": entry.cue.day.isoformat(),
        "title": entry.title,
        "revision": entry.revision,
        "outcome": entry.outcome.value,
        "planned": stamp(entry.planned),
        "ended": stamp(entry.ended),
        "asked": to_micros(entry.asked),
        "stretches": json.dumps([(stamp(s.begin), to_micros(s.length)) for s in entry.stretches]),
        "reason": entry.reason,
        "level": entry.level,
    }


def entry_of(row: Row) -> AsRunEntry:
    """The entry that lies in the row."""
    return AsRunEntry(
        unit=UnitId(row["unit"]),
        cue=CueId(row["cue"]),
        title=row["title"],
        revision=row["revision"],
        outcome=Outcome(row["outcome"]),
        planned=moment(row["planned"]),
        ended=moment(row["ended"]),
        asked=from_micros(row["asked"]),
        stretches=tuple(
            Stretch(begin=moment(begin), length=from_micros(length))
            for begin, length in json.loads(row["stretches"])
        ),
        reason=row["reason"],
        level=row["level"],
    )


def _place(older: str) -> tuple[str, int, int]:
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)\.(-?\d{1,18})\.(\d{1,18})", older)
    if match is None:
        raise ValueError(f"{older[:60]!r} is not a place in the as-run log")
    return match[1], int(match[2]), int(match[3])
