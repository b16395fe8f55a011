"""The command line: one file a group of commands, each a thin door to what the other packages do.

Every command takes `--station DIR` before its name. Imports are made inside the commands, so that a unit
needs nothing but its own extras, and `--help` is quick.
"""

import logging
import os
import sys
from pathlib import Path

import click

from broadcaster.cli.air import say, speak, stop
from broadcaster.cli.daemons import hub, panel, run, unit
from broadcaster.cli.demo import demo
from broadcaster.cli.doctor import doctor
from broadcaster.cli.people import person
from broadcaster.cli.planning import check, rundown
from broadcaster.cli.records import asrun
from broadcaster.cli.units import units

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--station",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    metavar="DIR",
    help="The station folder; the working folder if it has a station.toml.",
)
@click.version_option(package_name="village-broadcaster", prog_name="broadcaster")
@click.pass_context
def main(context: click.Context, folder: Path) -> None:
    """Village loudspeakers: bulletins spoken, planned, laid on the units and played in step."""
    logging.basicConfig(
        level=os.environ.get("BROADCASTER_LOG", "WARNING").upper(),
        format="%(levelname)s %(name)s %(message)s",
        stream=sys.stderr,
    )
    context.obj = folder


for _command in (
    asrun,
    check,
    demo,
    doctor,
    hub,
    panel,
    person,
    run,
    rundown,
    say,
    speak,
    stop,
    unit,
    units,
):
    main.add_command(_command)
