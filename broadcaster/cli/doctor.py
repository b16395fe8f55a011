"""`doctor`: what an installer would check, and what to do about what is wrong."""

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import click

from broadcaster.cli.base import opened

__all__ = ["doctor"]

_ROOM = 2 * 1024**3
"""Bytes a station should have free: a month of clips and some uploads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`well` None: it could not be told. `remedy` says what to do when it is not well."""

    what: str
    well: bool | None
    seen: str
    remedy: str = ""


@click.command()
@click.pass_obj
def doctor(folder: Path) -> None:
    """Check what an installer would: sound, clock, disk, broker, ports, audio, voices."""
    findings: list[Finding] = []
    for finding in chain(_machine(), _folder(folder)):  # told as found: a folder that is none ends it
        findings.append(finding)
        mark = {True: "ok  ", False: "BAD ", None: "?   "}[finding.well]
        click.echo(f"{mark} {finding.what}: {finding.seen}")
        if not finding.well and finding.remedy:
            click.echo(f"       → {finding.remedy}")
    bad = sum(finding.well is False for finding in findings)
    if bad:
        raise click.ClickException(f"{bad} of {len(findings)} checks failed")


def _machine() -> Iterator[Finding]:
    yield from _sound()
    yield _program("espeak-ng", "the offline voice", "apt-get install espeak-ng")
    yield _broker_program()
    yield _clock()


def _sound() -> Iterator[Finding]:
    try:
        from broadcaster.horn.soundcard import outputs
    except (ImportError, OSError) as fault:
        yield Finding(what="PortAudio", well=False, seen=str(fault), remedy="apt-get install libportaudio2")
        return
    names = outputs()
    yield Finding(what="PortAudio", well=True, seen="loads")
    yield Finding(
        what="sound devices",
        well=None if not names else True,
        seen=", ".join(names) or "none",
        remedy="a hub needs none; for a loudspeaker box see aplay -l, and whether its user is in group audio",
    )


def _program(name: str, what: str, remedy: str) -> Finding:
    found = shutil.which(name)
    return Finding(what=what, well=found is not None, seen=found or f"no {name} on PATH", remedy=remedy)


def _broker_program() -> Finding:
    from broadcaster.link.broker import BrokerTrouble, find_program

    try:
        return Finding(what="broker program", well=True, seen=str(find_program()))
    except BrokerTrouble as fault:
        return Finding(what="broker program", well=False, seen="not found", remedy=str(fault))


def _clock() -> Finding:
    """Whether somebody disciplines this machine's clock; asked of systemd, where there is one."""
    remedy = "start a time service: timedatectl set-ntp true, or apt-get install chrony"
    if shutil.which("timedatectl") is None:
        return Finding(what="clock", well=None, seen="cannot tell without timedatectl", remedy=remedy)
    asked = subprocess.run(
        ["timedatectl", "show", "--property=NTPSynchronized", "--value"],
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    answer = asked.stdout.strip()
    if answer not in ("yes", "no"):
        return Finding(what="clock", well=None, seen="timedatectl gives no answer", remedy=remedy)
    seen = "kept by a time service" if answer == "yes" else "not kept by any time service"
    return Finding(what="clock", well=answer == "yes", seen=seen, remedy=remedy)


def _folder(folder: Path) -> Iterator[Finding]:
    from broadcaster import clock
    from broadcaster.folder import check

    with opened(folder) as station:
        today = clock.now().astimezone(station.station.timezone).date()
        faults = check(station.folder, today=today)
        yield Finding(
            what="station folder",
            well=not faults,
            seen="everything is right"
            if not faults
            else f"{len(faults)} things to put right; first: {faults[0]}",
            remedy="broadcaster check tells all of them",
        )
        fallback = [p for p in (station.folder / "audio" / "fallback").glob("*") if p.is_file()]
        yield Finding(
            what="fallback audio",
            well=bool(fallback),
            seen=f"{len(fallback)} files",
            remedy="put a spoken file into audio/fallback: it sounds when a relay does not",
        )
        room = station.room()
        yield Finding(
            what="disk",
            well=room >= _ROOM,
            seen=f"{room / 1024**3:.1f} GiB free",
            remedy="make room: clips and uploads need 2 GiB",
        )
        ports = station.settings
        yield from _ports(
            station.is_running(),
            [("broker", ports.broker_port), ("clips", ports.clips_port), ("panel", ports.panel_port)],
        )
        yield _people(station.store.people.all)


def _ports(running: bool, wanted: list[tuple[str, int]]) -> Iterator[Finding]:
    for name, port in wanted:
        taken = _taken(port)
        yield Finding(
            what=f"port {port} ({name})",
            well=running or not taken,
            seen=("in use" + (" by this station" if running else " by something else")) if taken else "free",
            remedy=f"end what uses it, or give the {name} another port in station.toml",
        )


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _people(everybody: Callable[[], tuple[object, ...]]) -> Finding:
    number = len(everybody())
    return Finding(
        what="accounts",
        well=number > 0,
        seen=f"{number}",
        remedy="broadcaster person add LOGIN --name NAME --role admin",
    )
