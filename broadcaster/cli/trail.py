"""`audit`: who did what at the desk."""

from pathlib import Path

import click

from broadcaster.cli.base import local, opened, printed_table

__all__ = ["audit"]


@click.command()
@click.option("--last", type=click.IntRange(1, 1000), default=30, show_default=True, help="How many lines.")
@click.pass_obj
def audit(folder: Path, last: int) -> None:
    """Print who did what at the desk, newest first."""
    with opened(folder) as station:
        lines = station.desk.audit(station.desk.local_admin(), limit=last)
        timezone = station.station.timezone
    rows = [[local(line.at, timezone), line.who, line.verb, line.on, line.after or "-"] for line in lines]
    printed_table(["when", "who", "did", "on what", "then it was"], rows)
