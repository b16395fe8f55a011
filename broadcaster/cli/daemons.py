"""`hub`, `panel`, `run`, `unit`: the processes that stay."""

import asyncio
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from broadcaster.cli.base import opened, plainly
from broadcaster.cli.lengths import Length

if TYPE_CHECKING:
    from broadcaster.station import StationFolder
    from broadcaster.unit.starting import Switched

__all__ = ["hub", "panel", "run", "unit"]

_TIDYING = 20.0
"""Seconds hub and panel have to end when they are told to."""
_LEAD = timedelta(milliseconds=400)
"""A relay, and the time for which most amplifiers mute themselves when they are switched on."""
_HOLD = timedelta(seconds=30)
_SHORTEST_BUFFER, _LONGEST_BUFFER = timedelta(milliseconds=20), timedelta(milliseconds=500)


@click.command()
@click.pass_obj
def hub(folder: Path) -> None:
    """Run the hub: plans, prepares, tells the units, collects what was heard."""
    with opened(folder) as station, station.alone():
        asyncio.run(_serve(station))
        _leave()


def _leave() -> NoReturn:
    """End without waiting for a voice that hangs on the network: Python would, for a minute, and the station
    would be without its hub. What is half made is made again at the next start."""
    logging.shutdown()
    sys.stdout.flush()
    os._exit(0)


async def _serve(station: "StationFolder") -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await station.make_service().run(stop)


@click.command()
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Where to listen; nginx with TLS in front."
)
@click.option("--port", type=int, help="[panel] port of station.toml if left out.")
@click.pass_obj
def panel(folder: Path, host: str, port: int | None) -> None:
    """Run the control panel."""
    with opened(folder) as station:
        port = port or station.settings.panel_port
        _refuse_taken_port(host, port)
        command = _gunicorn(station, host, port)
        environment = {**os.environ, "BROADCASTER_STATION": str(station.folder)}
    os.execve(command[0], command, environment)  # noqa: S606 - gunicorn takes our place, pid and all


def _refuse_taken_port(host: str, port: int) -> None:
    """gunicorn would try five times, and tell each time, in its own words."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as fault:
        raise click.ClickException(
            f"the panel cannot listen on {host} port {port}: {os.strerror(fault.errno or 0)}. End the "
            "program that uses it, or give the panel another port in station.toml: [panel] port = …"
        ) from fault


def _gunicorn(station: "StationFolder", host: str, port: int) -> list[str]:
    shelf = station.state / "panel"
    shelf.mkdir(parents=True, exist_ok=True, mode=0o700)
    return [
        *(sys.executable, "-m", "gunicorn", "web:create_app()"),
        *("--bind", f"{host}:{port}", "--worker-class", "gthread", "--workers", "1", "--threads", "16"),
        *("--worker-tmp-dir", str(shelf), "--no-control-socket"),
        *("--log-level", "warning", "--timeout", "120", "--graceful-timeout", "5"),
    ]


@click.command()
@click.pass_obj
def run(folder: Path) -> None:
    """Run broker, hub and panel together, until stopped; if one ends, all end."""
    with opened(folder) as station:
        address = f"http://127.0.0.1:{station.settings.panel_port}/"
        people = station.store.people.all()
    click.echo(f"The panel is at {address}")
    if not people:
        click.echo("Nobody can sign in yet: broadcaster person add LOGIN --name NAME --role admin")
    from broadcaster.link.tied import tied

    command = [sys.executable, "-m", "broadcaster", "--station", str(folder.resolve())]
    sys.exit(_together({part: subprocess.Popen(tied([*command, part])) for part in ("hub", "panel")}))


def _together(parts: Mapping[str, "subprocess.Popen[bytes]"]) -> int:
    """Wait until one part ends or we are told to; then end all. Its exit code if nobody told us; else 0."""
    told = False

    def end(*_: object) -> None:
        nonlocal told
        told = True
        for part in parts.values():
            if part.poll() is None:
                part.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    pid, status = os.wait()
    while pid not in {part.pid for part in parts.values()}:
        pid, status = os.wait()
    name, first = next((name, part) for name, part in parts.items() if part.pid == pid)
    first.returncode = os.waitstatus_to_exitcode(status)
    if told:
        code = 0
    else:
        code = first.returncode if first.returncode >= 0 else 128 - first.returncode  # as a shell tells it
        click.echo(f"The {name} ended by itself (exit code {code}), so everything ends.", err=True)
    end()
    for part in parts.values():
        _ended(part)
    return code


def _ended(part: "subprocess.Popen[bytes]") -> None:
    """Wait for it as long as it may tidy up."""
    try:
        part.wait(timeout=_TIDYING)
    except subprocess.TimeoutExpired:
        part.kill()
        part.wait()


@click.command()
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("unit"),
    show_default=True,
    help="The unit's own folder: who it is, its plan, clips and records.",
)
@click.option("--hub", "hub_url", metavar="URL", help="Where to join, like http://192.168.1.10:8008; once.")
@click.option("--name", help="What the installer calls the box; its host name if left out.")
@click.option("--speaker", type=click.Choice(["auto", "device", "wav"]), default="auto", show_default=True)
@click.argument("what", required=False, metavar="[NAME|FILE]")
@click.option(
    "--copy", type=click.Path(path_type=Path, dir_okay=False), help="Also write what sounds to this WAV."
)
@click.option(
    "--amplifier",
    metavar="PIN",
    help="Switch an amplifier by the relay at this pin, like GPIO17 (GPIO17:low if it closes at 0 V).",
)
@click.option("--lead", type=Length(), help="How long before the first word it is on; 400ms if left out.")
@click.option("--hold", type=Length(), help="How long after the last word it stays on; 30s if left out.")
@click.option(
    "--cache",
    metavar="MB",
    type=click.IntRange(min=1),
    help="Megabytes of clips kept at most; if left out a quarter of the disk, but not more than 8 GB.",
)
@click.option(
    "--buffer",
    type=Length(),
    help="Sound in the card's own buffer, 20ms to 500ms; 60ms if left out. More where the card runs dry, and "
    "what is decided is heard so much later.",
)
def unit(
    home: Path,
    hub_url: str | None,
    name: str | None,
    speaker: str,
    what: str | None,
    copy: Path | None,
    amplifier: str | None,
    lead: timedelta | None,
    hold: timedelta | None,
    cache: int | None,
    buffer: timedelta | None,
) -> None:
    """Run the agent of a loudspeaker box.

    --speaker auto (the sound card), device NAME, or wav FILE. A device that does not sound is stood in for by
    one that does. An amplifier that wakes by itself when it hears something is not helped by --lead, for
    silence wakes nothing: switch its automatic off, or give it a relay.
    """
    from broadcaster.files import AlreadyRunning
    from broadcaster.horn.speaker import NoSpeaker
    from broadcaster.link.identity import KeyTrouble
    from broadcaster.unit.starting import NotJoined
    from broadcaster.unit.starting import run as run_unit

    if (speaker == "auto") != (what is None):
        raise click.UsageError("say --speaker auto, --speaker device NAME, or --speaker wav FILE")
    if buffer is not None and not _SHORTEST_BUFFER <= buffer <= _LONGEST_BUFFER:
        raise click.UsageError("--buffer is 20ms to 500ms")
    logging.getLogger("broadcaster.unit").setLevel(logging.INFO)
    with plainly(AlreadyRunning, KeyTrouble, NoSpeaker, NotJoined):
        sys.exit(
            run_unit(
                home,
                hub_url=hub_url,
                name=name,
                speaker=speaker,
                what=what,
                copy=copy,
                amplifier=_switched(amplifier, lead, hold),
                cache=None if cache is None else cache << 20,
                buffer=buffer,
                tell=click.echo,
            )
        )


def _switched(pin: str | None, lead: timedelta | None, hold: timedelta | None) -> "Switched | None":
    """What of an amplifier is to be switched. Raises UsageError."""
    from broadcaster.horn.amplifier import LONGEST_LEAD
    from broadcaster.unit.starting import Switched

    if pin is None:
        if lead is not None or hold is not None:
            raise click.UsageError("--lead and --hold are about a relay: say where it is, --amplifier GPIO17")
        return None
    lead = _LEAD if lead is None else lead
    if lead > LONGEST_LEAD:
        raise click.UsageError(f"--lead can be {LONGEST_LEAD.total_seconds():g}s at most")
    return Switched(pin=pin, lead=lead, hold=_HOLD if hold is None else hold)
