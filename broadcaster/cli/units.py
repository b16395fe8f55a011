"""`units`: what boxes there are and how they are; letting one in or shutting one out."""

import json
from pathlib import Path

import click

from broadcaster.cli.base import local, opened, printed_table

__all__ = ["units"]


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True)
@click.pass_context
def units(context: click.Context, as_json: bool) -> None:
    """Show the units and how they are; or admit, forbid one."""
    if context.invoked_subcommand is not None:
        return
    with opened(context.obj) as station:
        reports = station.unit_reports()
        waiting = station.waiting_units()
        timezone = station.station.timezone
    if as_json:
        click.echo(json.dumps([report.plain() for report in reports], ensure_ascii=False, indent=1))
        return
    rows = [
        [
            report.unit.id,
            report.unit.name,
            report.unit.zone,
            report.state,
            "never" if report.heard is None else local(report.heard, timezone),
            report.playing or "-",
            "; ".join(report.faults) or "-",
        ]
        for report in reports
    ]
    printed_table(["unit", "name", "zone", "state", "last heard", "playing", "faults"], rows)
    for name in waiting:
        click.echo(f"Waits to be let in: {name} (it speaks its six digits; broadcaster units admit DIGITS …)")


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
