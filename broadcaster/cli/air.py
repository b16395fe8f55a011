"""`say`, `stop`, `speak`: from this terminal to the horns, or to a file."""

from pathlib import Path

import click

from broadcaster.cli.base import local, opened, when

__all__ = ["say", "speak", "stop"]

_ZONES = click.option(
    "--zones",
    required=True,
    metavar="Z[,Z…]",
    help="Zone ids of station.toml, or all; a zone means all below it.",
)


def _listed(zones: str) -> list[str]:
    return [zone.strip() for zone in zones.split(",") if zone.strip()]


@click.command()
@click.argument("text")
@_ZONES
@click.option(
    "--at", "at", metavar="TIME", help="HH:MM or YYYY-MM-DD HH:MM in station time; now if left out."
)
@click.option("--language", help="What language the words are in; the station's if left out.")
@click.pass_obj
def say(folder: Path, text: str, zones: str, at: str | None, language: str | None) -> None:
    """Announce TEXT in these zones, now or at a time."""
    from broadcaster import clock

    with opened(folder) as station:
        timezone = station.station.timezone
        sheet = station.desk.say(
            station.desk.local_admin(),
            text,
            zones=_listed(zones),
            at=None if at is None else when(at, clock.now(), timezone),
            language=language,
            chime="notice",
        )
        station.wake()
        click.echo(
            f"Will be said in {', '.join(sheet.zones)} at {local(sheet.start, timezone)}: {sheet.title}"
        )


@click.command()
@click.option("--zones", default="all", show_default=True, metavar="Z[,Z…]")
@click.option("--cue", help="Only this cue; whatever is on air if left out.")
@click.pass_obj
def stop(folder: Path, zones: str, cue: str | None) -> None:
    """Stop what is on air."""
    with opened(folder) as station:
        station.desk.stop(station.desk.local_admin(), zones=_listed(zones), cue=cue)
        station.wake()
        click.echo(f"Told to stop: {cue or 'whatever is on air'} in {zones}.")


@click.command()
@click.argument("text")
@click.option(
    "-o", "into", required=True, type=click.Path(path_type=Path, dir_okay=False), help="A .wav file."
)
@click.option("--voice", help="Only this voice of station.toml; the first that can if left out.")
@click.option("--language", help="vi, en …; the station's if left out.")
@click.pass_obj
def speak(folder: Path, text: str, into: Path, voice: str | None, language: str | None) -> None:
    """Speak TEXT into a WAV file, as it would be heard."""
    from broadcaster.domain.programme import Spoken
    from broadcaster.sound.codec import read_blocks
    from broadcaster.sound.wav import write_wav

    try:
        item = Spoken(words=text, language=language, voice=voice)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from fault
    if not into.absolute().parent.is_dir():
        raise click.UsageError(f"there is no folder {into.absolute().parent} to write into")
    with opened(folder) as station:
        made = station.maker.make(item)
        write_wav(read_blocks(station.library.path_of(made.clip.id)), into)
    click.echo(f"{into}: {made.clip.length.total_seconds():.1f} s, spoken by {made.voice}.")
    if made.poor:
        click.echo(f"A better voice did not speak: {made.poor}", err=True)
