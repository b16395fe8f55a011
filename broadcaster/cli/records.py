"""`asrun`: what really sounded."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadcaster.cli.base import local, opened, printed_table

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from broadcaster.domain.asrun import AsRunEntry
    from broadcaster.store.asrun import AsRun

__all__ = ["asrun", "print_entries"]


@click.command()
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d", "%d/%m/%Y"]), help="Today if it is left out.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def asrun(folder: Path, day: datetime | None, as_json: bool) -> None:
    """Print the as-run log of a day: what sounded, where, how long, or why not."""
    from broadcaster import clock

    with opened(folder) as station:
        timezone = station.station.timezone
        wanted = day.date() if day else clock.now().astimezone(timezone).date()
        entries = _of_day(station.store.asrun, wanted)
    if as_json:
        click.echo(json.dumps([_plain(entry) for entry in entries], ensure_ascii=False, indent=1))
    else:
        print_entries(entries, timezone)


def _of_day(kept: "AsRun", day: date) -> "tuple[AsRunEntry, ...]":
    """Every line of a local date, oldest planned first."""
    page = kept.page(first=day, last=day)
    entries = [*page.entries]
    while page.older is not None:
        page = kept.page(first=day, last=day, older=page.older)
        entries += page.entries
    return tuple(reversed(entries))


def print_entries(entries: "tuple[AsRunEntry, ...]", timezone: "ZoneInfo") -> None:
    """Print entries as a table in station time."""
    rows = [
        [
            local(entry.planned, timezone),
            entry.title,
            entry.unit,
            entry.outcome,
            "-" if entry.started is None else _to_tenths(entry.started, timezone),
            f"{_seconds(entry.played)}/{_seconds(entry.asked)} s",
            entry.reason or "-",
        ]
        for entry in entries
    ]
    printed_table(["planned", "title", "unit", "outcome", "started", "played", "reason"], rows)


def _to_tenths(moment: datetime, timezone: "ZoneInfo") -> str:
    """A clock time to the nearest tenth of a second: a start is 0.4 ms early as often as late."""
    rounded = moment + timedelta(milliseconds=50)
    return f"{rounded.astimezone(timezone):%H:%M:%S}.{rounded.microsecond // 100_000}"


def _seconds(length: timedelta) -> str:
    return f"{length.total_seconds():.1f}"


def _plain(entry: "AsRunEntry") -> dict[str, Any]:
    return {
        "cue": entry.cue,
        "title": entry.title,
        "unit": entry.unit,
        "outcome": entry.outcome.value,
        "reason": entry.reason,
        "planned": entry.planned.isoformat(),
        "started": None if entry.started is None else entry.started.isoformat(),
        "ended": entry.ended.isoformat(),
        "asked_s": entry.asked.total_seconds(),
        "played_s": entry.played.total_seconds(),
        "level_dbfs": entry.level,
        "revision": entry.revision,
    }
