"""`check` and `rundown`: is what people wrote right, and what would play."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadcaster.cli.base import local, opened, plainly, printed_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from broadcaster.domain.rundown import Cue, Lengths, Rundown

__all__ = ["check", "rundown"]

_CHECKED_DAYS = 8
_Day = click.DateTime(["%Y-%m-%d", "%d/%m/%Y"])


@click.command()
@click.pass_obj
def check(folder: Path) -> None:
    """Judge station.toml and schedules/: everything that is wrong, at once."""
    from broadcaster.folder import check as judged
    from broadcaster.sound.intake import judge

    with plainly():
        today = _today(folder)
        faults = judged(
            folder,
            today=today,
            lengths=_known_lengths(folder, today),
            judge_audio=judge,
            speaks=_speaks(folder),
        )
    for fault in faults:
        click.echo(str(fault))
    if faults:
        raise click.ClickException(
            f"{len(faults)} things to put right" if len(faults) > 1 else "one thing to put right"
        )
    click.echo("Everything is right.")


@click.command()
@click.option("--date", "day", type=_Day, help="The first day; today if it is left out.")
@click.option("--days", type=click.IntRange(1, 366), default=1, show_default=True)
@click.option("--unit", "unit_id", help="Only what this unit plays.")
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def rundown(folder: Path, day: datetime | None, days: int, unit_id: str | None, as_json: bool) -> None:
    """Print what would play, with clashes: the dry run."""
    from broadcaster import clock

    with opened(folder) as station_folder:
        station = station_folder.station
        first = day.date() if day else clock.now().astimezone(station.timezone).date()
        found, lengths = station_folder.dry_run(first, days)
        zone = None if unit_id is None else station_folder.desk.needed_unit(unit_id).unit.zone
    lines = [_line(cue, found, lengths) for cue in found.cues if zone is None or zone in cue.zones]
    if as_json:
        click.echo(json.dumps(lines, ensure_ascii=False, indent=1))
        return
    rows = [
        [
            local(datetime.fromisoformat(line["start"]), station.timezone),
            str(timedelta(seconds=round(line["duration_s"]))),
            line["rank"],
            line["title"],
            " ".join(line["zones"]),
        ]
        for line in lines
    ]
    printed_table(["start", "length", "rank", "title", "zones"], rows)
    for problem in found.problems:
        if zone is None or zone in problem.zones:
            click.echo(f"! {problem.sentence}")


def _today(folder: Path) -> date:
    """The date at the station; of this machine when station.toml does not tell where that is."""
    from broadcaster import clock
    from broadcaster.folder import BadFolder, read_station

    try:
        return clock.now().astimezone(read_station(folder).timezone).date()
    except BadFolder:
        return clock.now().date()


def _speaks(folder: Path) -> "Callable[[str], bool] | None":
    """Whether the station has a voice for a language; None when it cannot be told which voices it has."""
    from broadcaster.folder import BadFolder, read_station
    from broadcaster.speech.chain import Voices
    from broadcaster.speech.engines import UnknownVoice, by_name

    try:
        return Voices([by_name(name) for name in read_station(folder).voices], folder).speaks
    except (BadFolder, UnknownVoice):
        return None


def _known_lengths(folder: Path, today: date) -> "Lengths | None":
    """How long things sound that the hub has made; None before a hub ran here, or when it cannot be told."""
    from broadcaster.folder import BadFolder
    from broadcaster.station import StationFolder
    from broadcaster.store import StoreFault

    if not (folder / "state").is_dir():
        return None
    try:
        return StationFolder(folder).dry_run(today, _CHECKED_DAYS)[1]
    except (BadFolder, StoreFault):
        return None


def _line(cue: "Cue", found: "Rundown", lengths: "Lengths") -> dict[str, Any]:
    return {
        "cue": cue.id,
        "start": cue.start.isoformat(),
        "programme": cue.programme,
        "title": cue.title,
        "zones": sorted(cue.zones),
        "rank": cue.rank.word,
        "duration_s": cue.asked(lengths).total_seconds(),
        "items": len(cue.items),
        "problems": [problem.sentence for problem in found.problems if cue.id in problem.cues],
    }
