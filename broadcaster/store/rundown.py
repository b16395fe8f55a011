"""The rundown as it was last published, so that what was meant is still known after files change."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broadcaster.domain.instants import Spell
from broadcaster.domain.names import AlertId, CueId, UnitId, ZoneId
from broadcaster.domain.programme import Rank
from broadcaster.store.columns import from_list, from_micros, moment, stamp, to_list, to_micros
from broadcaster.store.file import Row, StoreFile, Value

__all__ = ["CueLine", "Published"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CueLine:
    """What was meant: a cue, where, when, how long. `withdrawn`: when it was taken out, before its start.
    `units`: those of the zones that were to sound it; empty for all."""

    cue: CueId
    zones: frozenset[ZoneId]
    start: datetime
    title: str
    rank: Rank
    asked: timedelta
    withdrawn: datetime | None = None
    units: frozenset[UnitId] = frozenset()


class Published:
    """Cue lines by cue."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def publish(self, lines: Iterable[CueLine], span: Spell, at: datetime) -> tuple[CueLine, ...]:
        """Put on record what is meant within `span`; returns the lines that are withdrawn by it.

        Lines within `span` that start after `at` and are not named any more are withdrawn; what has
        started stays as it was. What should have started and was put off has not. Alerts are no part of it:
        see `expect`.
        """
        meant = {line.cue: line for line in lines}
        with self._file.writing():
            known = {line.cue: line for line in self.planned(span)}
            for cue, line in meant.items():
                before = known.get(cue) or self.find(cue)
                if before is None or (before != line and max(before.start, line.start) > at):
                    self._put(line)
            withdrawn = tuple(
                replace(line, withdrawn=at)
                for line in known.values()
                if line.cue not in meant and line.start > at and line.withdrawn is None
                if line.rank is not Rank.EMERGENCY
            )
            for line in withdrawn:
                self._put(line)
        return withdrawn

    def expect(self, alert: AlertId, lines: Iterable[CueLine], at: datetime) -> None:
        """These are the rounds of an alert that are meant. What is known of it, starts after `at` and is not
        among them is withdrawn."""
        meant = {line.cue: line for line in lines}
        with self._file.writing():
            known = {line.cue: line for line in self.of(alert)}
            for line in meant.values():
                if line != known.get(line.cue):
                    self._put(line)
            for line in known.values():
                if line.cue not in meant and line.start > at and line.withdrawn is None:
                    self._put(replace(line, withdrawn=at))

    def of(self, alert: AlertId) -> tuple[CueLine, ...]:
        """The rounds of an alert, withdrawn ones too, by start."""
        rows = self._file.rows(
            "SELECT * FROM rundown WHERE cue >= ? AND cue < ? ORDER BY start", f"{alert}@", f"{alert}A"
        )
        return tuple(_line(row) for row in rows)

    def planned(self, span: Spell) -> tuple[CueLine, ...]:
        """The lines that start within `span`, withdrawn ones too, by start."""
        rows = self._file.rows(
            "SELECT * FROM rundown WHERE start >= ? AND start < ? ORDER BY start, cue",
            stamp(span.begin),
            stamp(span.end),
        )
        return tuple(_line(row) for row in rows)

    def find(self, cue: CueId) -> CueLine | None:
        """The line of that cue."""
        row = self._file.row("SELECT * FROM rundown WHERE cue = ?", cue)
        return None if row is None else _line(row)

    def _put(self, line: CueLine) -> None:
        row: dict[str, Value] = {
            "cue": line.cue,
            "zones": to_list(sorted(line.zones)),
            "start": stamp(line.start),
            "title": line.title,
            "rank": int(line.rank),
            "asked": to_micros(line.asked),
            "withdrawn": stamp(line.withdrawn),
            "units": to_list(sorted(line.units)),
        }
        self._file.upsert("rundown", "cue", row)


def _line(row: Row) -> CueLine:
    return CueLine(
        cue=CueId(row["cue"]),
        zones=frozenset(ZoneId(zone) for zone in from_list(row["zones"])),
        start=moment(row["start"]),
        title=row["title"],
        rank=Rank(row["rank"]),
        asked=from_micros(row["asked"]),
        withdrawn=moment(row["withdrawn"]),
        units=frozenset(UnitId(unit) for unit in from_list(row["units"])),
    )
