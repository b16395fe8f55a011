"""The command line: one file a group of commands, each a thin door to what the other packages do.

base                     what every command does: the folder, plain words instead of tracebacks, tables
daemons, children        hub, panel, unit, and all of them at once. doctor: what is wrong with this machine
demo, demonstration      a commune for a few minutes; sample: its folder, lengths: shorter pauses in it
planning                 check and rundown. records: as-run log. trail: audit lines
air                      announcements, and silence
alert                    alerts. alertcounting: the countdown; alertshow: what became of them
people, units            who may do what; which boxes there are

Every command takes `--station DIR` before its name. Imports are made inside the commands, so that a unit
needs nothing but its own extras, and `--help` is quick.
"""

import logging
import os
import sys
from pathlib import Path
from typing import Any

import click

from broadcaster.cli.air import say, speak, stop
from broadcaster.cli.alert import alert
from broadcaster.cli.daemons import hub, panel, run, unit
from broadcaster.cli.demo import demo
from broadcaster.cli.doctor import doctor
from broadcaster.cli.people import person
from broadcaster.cli.planning import check, rundown
from broadcaster.cli.records import asrun
from broadcaster.cli.trail import audit
from broadcaster.cli.units import units

__all__ = ["main"]


class _Commands(click.Group):
    """A command whose packages are not installed says so: a loudspeaker box has only what a unit needs."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ModuleNotFoundError as missing:
            if (missing.name or "").partition(".")[0] in ("broadcaster", "web"):
                raise
            raise click.ClickException(
                f"this is for the hub's machine, and {missing.name} is not installed here: "
                "run make setup in the program's folder, which installs everything"
            ) from missing


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
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
    alert,
    asrun,
    audit,
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
