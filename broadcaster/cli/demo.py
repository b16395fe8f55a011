"""`demo`: the whole station on this machine, from a sentence to the horns, told as it happens."""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from broadcaster.cli.base import opened

if TYPE_CHECKING:
    from broadcaster.cli.demonstration import Demonstration
    from broadcaster.station import StationFolder

__all__ = ["demo"]

_ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Ways to be told to stop that are like Ctrl-C."""


@click.command()
@click.option("--once", is_flag=True, help="End after every unit aired: exit code 0, or 1 and the reason.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("build/demo"),
    show_default=True,
    help="Where the copy of the station and one WAV file a unit go; emptied first.",
)
@click.pass_obj
def demo(folder: Path, once: bool, into: Path) -> None:
    """Air a short programme on three units of the sample commune."""
    from broadcaster.cli.demonstration import Demonstration
    from broadcaster.cli.sample import DemoFailed, emptied

    with opened(folder) as original:
        try:
            with emptied(into.resolve()):
                demonstration = Demonstration(original.folder, into.resolve(), click.echo)
                _shown(demonstration, original, once)
        except DemoFailed as fault:
            click.echo(f"\nThe demo failed: {fault}", err=True)
            sys.exit(1)


def _shown(demonstration: "Demonstration", original: "StationFolder", once: bool) -> None:
    """Run it until it is over or somebody stops it, and leave nothing running. Raises DemoFailed."""
    from broadcaster.cli.records import print_entries

    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup has its reasons
            signal.signal(number, signal.default_int_handler)
    aired = False
    try:
        demonstration.start()
        entries = demonstration.air()
        aired = True
        click.echo("")
        print_entries(entries, original.station.timezone)
        click.echo("")
        for path in demonstration.recordings():
            click.echo(f"Listen: {path}")
        if not once:
            click.echo(f"\nThe panel stays open at {demonstration.panel_url} until Ctrl-C.")
            demonstration.wait()
    except KeyboardInterrupt:
        click.echo("\nStopped." if aired else "\nStopped before the programme was over.")
    finally:
        for number in (signal.SIGINT, *_ENDING):
            signal.signal(number, signal.SIG_IGN)  # nothing keeps us from ending them all
        demonstration.stop()
    if not aired:
        sys.exit(1)
