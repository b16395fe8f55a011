"""`units`: what boxes there are and how they are; letting one in or shutting one out."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadcaster.cli.base import local, opened, printed_table

if TYPE_CHECKING:
    from broadcaster.desk.board import UnitReport

__all__ = ["units"]


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def units(context: click.Context, as_json: bool) -> None:
    """Show the units and how they are; or admit, forbid one."""
    if context.invoked_subcommand is not None:
        return
    from broadcaster import clock
    from broadcaster.desk.board import Board

    with opened(context.obj) as station:
        reports = Board(station.store, station.desk.folder).units(clock.now())
        waiting = station.store.joining.waiting(clock.now())
        timezone = station.station.timezone
    if as_json:
        click.echo(json.dumps([_plain(report) for report in reports], ensure_ascii=False, indent=1))
        return
    rows = [
        [
            report.joined.unit.id,
            report.joined.unit.name,
            report.joined.unit.zone,
            report.health.wellness.value,
            "never" if report.heard is None else local(report.heard, timezone),
            "-" if report.playing is None else report.playing.title,
            "; ".join(report.health.faults) or "-",
        ]
        for report in reports
    ]
    printed_table(["unit", "name", "zone", "state", "last heard", "playing", "faults"], rows)
    for request in waiting:
        click.echo(
            f"Waits to be let in: {request.wish} (type the digits it speaks: broadcaster units admit …)"
        )


def _plain(report: "UnitReport") -> dict[str, Any]:
    beat = report.beat
    return {
        "unit": report.joined.unit.id,
        "name": report.joined.unit.name,
        "zone": report.joined.unit.zone,
        "state": report.health.wellness.value,
        "faults": list(report.health.faults),
        "heard": None if report.heard is None else report.heard.isoformat(),
        "volume_db": report.joined.volume,
        "playing": None if report.playing is None else report.playing.cue,
        "plan": None if beat is None else beat.plan,
        "missing_clips": None if beat is None else beat.missing,
        "clock_trusted": None if beat is None else beat.clock_trusted,
        "clock_error_ms": None if beat is None else round(beat.clock_error * 1000, 3),
        "disk_free": None if beat is None else beat.disk_free,
        "underruns": None if beat is None else beat.underruns,
        "waiting_records": None if beat is None else beat.waiting,
        "refusals": None if beat is None else beat.refusals,
        "speaker": None if beat is None else beat.speaker,
        "software": None if beat is None else beat.software,
    }


@units.command()
@click.argument("digits")
@click.option("--name", required=True, help="What people call the box.")
@click.option("--zone", required=True, help="The zone it stands in.")
@click.option("--id", "unit_id", help="Its id; made from the zone if left out.")
@click.pass_obj
def admit(folder: Path, digits: str, name: str, zone: str, unit_id: str | None) -> None:
    """Let in the unit that speaks these six DIGITS."""
    with opened(folder) as station:
        joined = station.desk.pair_unit(
            station.desk.local_admin(), digits, name=name, zone=zone, unit=unit_id
        )
        station.wake()
    click.echo(f"{joined.unit.id} ({joined.unit.name}) belongs to {joined.unit.zone} now.")


@units.command()
@click.argument("unit_id", metavar="UNIT")
@click.pass_obj
def forbid(folder: Path, unit_id: str) -> None:
    """Shut a unit out: stolen, given away."""
    with opened(folder) as station:
        station.desk.forbid_unit(station.desk.local_admin(), unit_id)
        station.wake()
    click.echo(f"{unit_id} may not connect any more.")


@units.command()
@click.argument("unit_id", metavar="UNIT")
@click.pass_obj
def readmit(folder: Path, unit_id: str) -> None:
    """Let a unit in again that was shut out."""
    with opened(folder) as station:
        station.desk.readmit_unit(station.desk.local_admin(), unit_id)
        station.wake()
    click.echo(f"{unit_id} may connect again.")


@units.command()
@click.argument("unit_id", metavar="UNIT")
@click.option("--name", help="What people call the box from now on.")
@click.option("--zone", help="The zone it stands in from now on.")
@click.pass_obj
def change(folder: Path, unit_id: str, name: str | None, zone: str | None) -> None:
    """Give a unit another name, or tell that it stands in another zone."""
    if name is None and zone is None:
        raise click.UsageError("say --name, --zone, or both")
    with opened(folder) as station:
        who = station.desk.local_admin()
        joined = station.desk.needed_unit(unit_id)
        if name is not None:
            joined = station.desk.rename_unit(who, unit_id, name)
        if zone is not None:
            joined = station.desk.move_unit(who, unit_id, zone)
        station.wake()
    click.echo(f"{joined.unit.id} ({joined.unit.name}) belongs to {joined.unit.zone}.")
