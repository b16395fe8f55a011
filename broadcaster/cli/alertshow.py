"""What became of an alert, on a terminal."""

import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from broadcaster.cli.base import local, printed_table
from broadcaster.desk.alertboard import AlertBoard
from broadcaster.desk.alertreports import AlertReport, AlertState, UnitLine
from broadcaster.desk.board import Board
from broadcaster.desk.faults import NotFound
from broadcaster.domain.readiness import Lack, Unready

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from broadcaster.station import StationFolder

__all__ = ["follow_one", "plain", "print_all", "print_one", "report_of", "reports_of", "unready_in_words"]

_LOOK_EVERY = 0.5

_OVER = (
    AlertState.SOUNDED,
    AlertState.STOPPED,
    AlertState.CANCELLED,
    AlertState.NOT_SENT,
    AlertState.EXPIRED,
)

_LACKS = {
    Lack.SILENT: "not heard of",
    Lack.UNMADE: "sounds are not made yet",
    Lack.NOT_LAID: "not told of the newest sounds yet",
    Lack.FETCHING: "still fetching sounds",
    Lack.LACKING: "sounds are missing there",
    Lack.UNFIT: "not well",
    Lack.UNANSWERED: "no answer to the last test",
}


def reports_of(station: "StationFolder") -> tuple[AlertReport, ...]:
    """Every alert of the last day, newest act first."""
    from broadcaster import clock

    now = clock.now()
    reports = Board(station.store, station.current).units(now)
    return AlertBoard(station.store, station.current).recent(reports, now)


def report_of(station: "StationFolder", id: str) -> AlertReport:
    """What became of one. Raises NotFound."""
    from broadcaster import clock

    now = clock.now()
    reports = Board(station.store, station.current).units(now)
    found = AlertBoard(station.store, station.current).alert(id, reports, now, station.desk.known(id))
    if found is None:
        raise NotFound("alert", id)
    return found


def print_all(reports: Sequence[AlertReport], timezone: "ZoneInfo") -> None:
    """One line an alert."""
    rows = [
        [
            each.alert.id,
            local(each.alert.asked, timezone),
            each.alert.status.value,
            each.alert.message.value,
            each.alert.title,
            ", ".join(each.alert.zones),
            in_words(each),
            f"{each.sounded} of {len(each.lines)}",
        ]
        for each in reports
    ]
    printed_table(["alert", "last act", "status", "message", "title", "zones", "state", "sounded"], rows)


def print_one(report: AlertReport, timezone: "ZoneInfo") -> None:
    """The alert, its versions and its units."""
    shown = report.alert
    click.echo(f"{shown.id} ({shown.status.value}): {shown.title}, in {', '.join(shown.zones)}")
    click.echo(f"{in_words(report)}; {report.sounded} of {len(report.lines)} units sounded it")
    for version in report.versions:
        back = f", taken back by {version.cancelled_by}" if version.cancelled else ""
        second = f", yes by {version.seconded_by}" if version.seconded_by else ""
        click.echo(
            f"  version {version.version}: {version.message.value} by {version.by} "
            f"at {local(version.asked, timezone)}{second}{back}"
        )
    if report.missing:
        click.echo(f"Missing: {', '.join(f'{line.name} ({line.unit})' for line in report.missing)}")
    if report.lines:
        printed_table(
            ["unit", "name", "state", "received", "started", "rounds", "seconds", "why"],
            [_row(line, timezone) for line in report.lines],
        )


def _row(line: UnitLine, timezone: "ZoneInfo") -> list[str]:
    return [
        line.unit,
        line.name,
        line.state.value,
        "-" if line.received is None else local(line.received, timezone),
        "-" if line.started is None else local(line.started, timezone),
        f"{line.rounds_done}/{line.rounds_meant}" if line.rounds_meant else "-",
        f"{line.seconds.total_seconds():.1f}",
        line.why or "-",
    ]


def in_words(report: AlertReport) -> str:
    """Where it is in its life."""
    match report.state:
        case AlertState.COUNTING_DOWN:
            return f"on air in {report.seconds_left} s"
        case AlertState.ON_AIR:
            return f"on air, round {report.round} of {report.rounds}"
        case AlertState.AWAITING_SECOND:
            return "awaits a second person"
        case AlertState.SENDING if report.stuck:
            return "not sent yet: does the hub run?"
        case AlertState.NOT_SENT:
            return f"not sent: {report.alert.trouble}"
        case state:
            return state.value


def unready_in_words(unready: Iterable[Unready]) -> str:
    """Why units are not ready for a template, each reason once, and the units of which it holds."""
    units: dict[str, list[str]] = {}
    for one in unready:
        closely = f" ({one.words})" if one.words else ""
        units.setdefault(f"{_LACKS[one.lack]}{closely}", []).append(one.unit)
    return "; ".join(f"{why}: {', '.join(those)}" for why, those in units.items())


def follow_one(station: "StationFolder", id: str) -> None:
    """Tell each change until it is over; Ctrl-C ends the telling, not the alert."""
    before = ""
    try:
        while True:
            report = report_of(station, id)
            words = f"{in_words(report)}; received {report.received}, sounded {report.sounded}, "
            words += f"through {report.done}, of {len(report.lines)} units"
            if words != before:
                click.echo(words)
            if report.state in _OVER:
                return
            before = words
            time.sleep(_LOOK_EVERY)
    except KeyboardInterrupt:
        click.echo()


def plain(report: AlertReport) -> dict[str, Any]:
    """The report for programs."""
    shown = report.alert
    return {
        "id": shown.id,
        "version": shown.version,
        "status": shown.status.value,
        "message": shown.message.value,
        "title": shown.title,
        "zones": list(shown.zones),
        "by": shown.by,
        "asked": shown.asked.isoformat(),
        "expires": shown.expires.isoformat(),
        "fires_at": None if shown.fires_at is None else shown.fires_at.isoformat(),
        "start": None if shown.start is None else shown.start.isoformat(),
        "trouble": shown.trouble,
        "state": report.state.value,
        "round": report.round,
        "rounds": report.rounds,
        "received": report.received,
        "sounded": report.sounded,
        "missing": [line.unit for line in report.missing],
        "units": [_plain_line(line) for line in report.lines],
    }


def _plain_line(line: UnitLine) -> dict[str, Any]:
    return {
        "unit": line.unit,
        "name": line.name,
        "zone": line.zone,
        "state": line.state.value,
        "received": None if line.received is None else line.received.isoformat(),
        "started": None if line.started is None else line.started.isoformat(),
        "rounds_done": line.rounds_done,
        "rounds_meant": line.rounds_meant,
        "seconds": line.seconds.total_seconds(),
        "why": line.why,
    }
