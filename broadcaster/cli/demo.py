"""`demo`: the whole station on this machine, from a sentence to the horns, told as it happens."""

import sys
from pathlib import Path

import click

from broadcaster.cli.base import opened

__all__ = ["demo"]


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
    from broadcaster.cli.demonstration import DemoFailed, Demonstration
    from broadcaster.cli.records import print_entries

    with opened(folder) as original:
        demonstration = Demonstration(original.folder, into.resolve(), click.echo)
        try:
            demonstration.start()
            entries = demonstration.air()
            click.echo("")
            print_entries(entries, original.station.timezone)
            click.echo("")
            for path in demonstration.recordings():
                click.echo(f"Listen: {path}")
            if not once:
                click.echo(f"\nThe panel stays open at {demonstration.panel_url} until Ctrl-C.")
                demonstration.wait()
        except DemoFailed as fault:
            click.echo(f"\nThe demo failed: {fault}", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("\nStopped.")
        finally:
            demonstration.stop()
