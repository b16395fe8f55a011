"""Hôm nay: what sounds now, what comes, the day so far, and how the units are."""

from datetime import datetime
from itertools import groupby

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from broadcaster.desk.board import UnitReport
from broadcaster.domain.health import Wellness
from broadcaster.domain.places import Station
from web.session import board, here, needs_sign_in, present, station
from web.words import part_of_day, unit_state

pages = Blueprint("today", __name__)

_ORDER = ("bad", "warn", "live", "ok")


@pages.get("/")
@needs_sign_in
def show() -> ResponseReturnValue:
    return render_template("today.html", **_present())


@pages.get("/hom-nay/bay-gio")
@needs_sign_in
def moving() -> ResponseReturnValue:
    """The moving part of the page alone, for the page that renews itself."""
    return render_template("_present.html", **_present())


def _present() -> dict[str, object]:
    now, station_now, wall = present(), here(), board()
    with station().store.reading():
        reports = wall.units(now)
        lines = wall.day(now.astimezone(station_now.timezone).date(), reports, now)
        return {
            "now": now,
            "air": wall.on_air(reports),
            "coming": wall.coming(now),
            "parts": [
                (part, tuple(found))
                for part, found in groupby(lines, lambda each: part_of_day(each.line.start, station_now))
            ],
            "amiss": [
                report
                for colour in ("bad", "warn")
                for report in reports
                if unit_state(report, now)[1] == colour
            ],
            "zones": _by_zone(station_now, reports, now),
            "counts": _counts(reports, now),
            "units": {report.joined.unit.id: report.joined.unit.name for report in reports},
            "silent_since": _silent_since(reports),
            "stuck": wall.stuck(now),
            "broken": station().current.faults,
        }


def _by_zone(
    station_now: Station, reports: tuple[UnitReport, ...], now: datetime
) -> list[tuple[str, list[UnitReport]]]:
    """The units that are well, zone by zone as the station names them."""
    well = [report for report in reports if unit_state(report, now)[1] not in ("bad", "warn")]
    found = [
        (zone.name, [report for report in well if report.joined.unit.zone == zone.id])
        for zone in station_now.zones
    ]
    return [(name, there) for name, there in found if there]


def _counts(reports: tuple[UnitReport, ...], now: datetime) -> list[tuple[str, int]]:
    colours = [unit_state(report, now)[1] for report in reports]
    return [(colour, colours.count(colour)) for colour in _ORDER if colour in colours]


def _silent_since(reports: tuple[UnitReport, ...]) -> datetime | None:
    """When the last unit was heard, if none is there any more: then it is not the units."""
    heard = [report.heard for report in reports if report.heard is not None]
    lost = all(report.health.wellness is Wellness.LOST for report in reports)
    return max(heard) if heard and lost else None
