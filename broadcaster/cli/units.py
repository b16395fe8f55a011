"""`units`: what boxes there are and how they are; letting one in or shutting one out."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadcaster.cli.base import local, opened, printed_table

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from broadcaster.desk.board import UnitReport
    from broadcaster.link.vitals import Vitals

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
            "-" if report.used is None else _size(report.used),
            "; ".join(report.health.faults) or "-",
        ]
        for report in reports
    ]
    printed_table(["unit", "name", "zone", "state", "last heard", "playing", "this month", "faults"], rows)
    for request in waiting:
        click.echo(
            f"Waits to be let in: {request.wish} (type the digits it speaks: broadcaster units admit …)"
        )


@units.command()
@click.argument("unit_id", metavar="UNIT")
@click.pass_obj
def show(folder: Path, unit_id: str) -> None:
    """All that one unit says of itself."""
    from broadcaster import clock
    from broadcaster.desk.board import Board

    with opened(folder) as station:
        station.desk.needed_unit(unit_id)
        reports = Board(station.store, station.desk.folder).units(clock.now())
        timezone = station.station.timezone
    for report in reports:
        if report.joined.unit.id == unit_id:
            for name, text in _facts(report, timezone):
                click.echo(f"{name:<14} {text}")
            return
    click.echo(f"{unit_id} may not connect any more.")


def _facts(report: "UnitReport", timezone: "ZoneInfo") -> list[tuple[str, str]]:
    """What is known of a unit, in words. What it cannot measure is left out."""
    unit, vitals = report.joined.unit, report.vitals
    facts = [
        ("unit", f"{unit.id} ({unit.name}), {unit.zone}"),
        ("state", report.health.wellness.value),
        ("faults", "; ".join(report.health.faults) or "none"),
        ("last heard", "never" if report.heard is None else local(report.heard, timezone)),
        ("playing", "-" if report.playing is None else report.playing.title),
        ("volume", f"{report.joined.volume:g} dB"),
    ]
    if vitals is None:
        return facts
    trust = "trusted" if vitals.clock_trusted else "not trusted: programmes are held"
    refusals = ", ".join(f"{reason} {count}" for reason, count in sorted(vitals.refusals.items()))
    measured = [
        ("said", local(vitals.at, timezone)),
        ("this month", None if report.used is None else _size(report.used)),
        ("plan", f"revision {vitals.plan}" if vitals.plan else "none"),
        ("clips", f"{vitals.clips} ({_size(vitals.cache)}), {vitals.missing} missing"),
        ("clock", f"{trust}, off by {_milliseconds(vitals.clock_error)} at most"),
        ("line", vitals.round_trip and f"there and back in {_milliseconds(vitals.round_trip)}"),
        ("disk", f"{_size(vitals.disk_free)} free"),
        ("temperature", vitals.temperature and f"{vitals.temperature:g} °C"),
        ("supply", vitals.supply),
        ("speaker", f"{vitals.speaker}{' (a stand-in)' if vitals.stand_in else ''}"),
        ("level", None if vitals.level is None else f"{vitals.level:g} dBFS before the volume"),
        ("underruns", f"{vitals.underruns}, {vitals.underruns_lately} of them in the last minutes"),
        ("records", f"{vitals.waiting} not handed over"),
        ("refused", refusals or "nothing"),
        ("software", vitals.software),
    ]
    return facts + [(name, str(text)) for name, text in measured if text is not None]


def _size(count: int) -> str:
    """Bytes as SIM cards and disks are sold: 1 MB is 1,000,000."""
    return f"{count / 1e9:.1f} GB" if count >= 10**9 else f"{count / 1e6:.1f} MB"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 10 else "nobody knows how much"


def _plain(report: "UnitReport") -> dict[str, Any]:
    known = {
        "unit": report.joined.unit.id,
        "name": report.joined.unit.name,
        "zone": report.joined.unit.zone,
        "state": report.health.wellness.value,
        "faults": list(report.health.faults),
        "heard": None if report.heard is None else report.heard.isoformat(),
        "volume_db": report.joined.volume,
        "playing": None if report.playing is None else report.playing.cue,
        "used_this_month": report.used,
    }
    return known | {
        name: None if report.vitals is None else tell(report.vitals) for name, tell in _TOLD.items()
    }


_TOLD: "dict[str, Callable[[Vitals], Any]]" = {
    "said": lambda vitals: vitals.at.isoformat(),
    "plan": lambda vitals: vitals.plan,
    "missing_clips": lambda vitals: vitals.missing,
    "clips": lambda vitals: vitals.clips,
    "cache": lambda vitals: vitals.cache,
    "clock_trusted": lambda vitals: vitals.clock_trusted,
    "clock_error_ms": lambda vitals: round(vitals.clock_error * 1000, 3),
    "round_trip_ms": lambda vitals: None if vitals.round_trip is None else round(vitals.round_trip * 1000, 1),
    "disk_free": lambda vitals: vitals.disk_free,
    "temperature_c": lambda vitals: vitals.temperature,
    "supply": lambda vitals: vitals.supply,
    "level_dbfs": lambda vitals: vitals.level,
    "underruns": lambda vitals: vitals.underruns,
    "underruns_lately": lambda vitals: vitals.underruns_lately,
    "waiting_records": lambda vitals: vitals.waiting,
    "refusals": lambda vitals: vitals.refusals,
    "speaker": lambda vitals: vitals.speaker,
    "stand_in": lambda vitals: vitals.stand_in,
    "software": lambda vitals: vitals.software,
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
