"""schedules/alerts/*.toml: one alert template a file, its id the file's name."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from broadcaster.domain.alert import AlertTemplate
from broadcaster.domain.names import AlertId
from broadcaster.domain.places import Station
from broadcaster.folder.documents import Document, Unreadable
from broadcaster.folder.faults import Fault
from broadcaster.folder.items import Surroundings
from broadcaster.folder.listing import Found, Kind, look, opened, over
from broadcaster.folder.schedules import SCHEDULES, around
from broadcaster.folder.sections import Section
from broadcaster.folder.templates import read_template

__all__ = [
    "ALERTS",
    "AlertReading",
    "Alerts",
    "alert_file",
    "alert_mark",
    "read_alert",
    "read_alerts",
    "read_each_alert",
]

ALERTS = f"{SCHEDULES}/alerts"

_TEMPLATES = Kind(folder=ALERTS, named=AlertId, what="template", like="lu-lut", optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """What schedules/alerts/ says: the good templates by id, and all that is wrong with the others.

    `broken` are those whose file is there and cannot be used. `listed` is False when the folder is there and
    cannot be looked into; a station without the folder has no templates, and no fault.
    """

    templates: tuple[AlertTemplate, ...]
    problems: tuple[Fault, ...] = ()
    broken: frozenset[AlertId] = frozenset()
    listed: bool = True

    def over(
        self, last_good: Iterable[AlertTemplate], away: Iterable[AlertId] = ()
    ) -> tuple[AlertTemplate, ...]:
        """The templates in force: as `Schedules.over`."""
        return over(self.templates, last_good, self.broken.union(away)) if self.listed else tuple(last_good)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReading:
    """What became of one file: its template with the document it is written in, or its faults."""

    id: AlertId | None
    faults: tuple[Fault, ...] = ()
    template: AlertTemplate | None = None
    document: Document | None = None


def read_alerts(folder: Path, station: Station) -> Alerts:
    """Read every template of the folder. A file with a fault is left out and told about; never raises."""
    try:
        readings = read_each_alert(folder, around(folder, station))
    except Unreadable as unreadable:
        return Alerts(templates=(), problems=(unreadable.fault,), listed=False)
    return Alerts(
        templates=tuple(reading.template for reading in readings if reading.template is not None),
        problems=tuple(fault for reading in readings for fault in reading.faults),
        broken=frozenset(r.id for r in readings if r.id is not None and r.template is None),
    )


def read_alert(folder: Path, station: Station, file: str, text: str) -> AlertTemplate | tuple[Fault, ...]:
    """The template that `text` would be as the content of `file` (`schedules/alerts/ID.toml`), or what is
    wrong with it. Never raises."""
    reading = _judged(opened(_TEMPLATES, file, text), around(folder, station))
    return reading.faults if reading.template is None else reading.template


def read_each_alert(folder: Path, surroundings: Surroundings) -> list[AlertReading]:
    """Every file of schedules/alerts/, in order of name; none when there is no such folder. Raises Unreadable
    when it cannot be listed."""
    return [_judged(found, surroundings) for found in look(folder, _TEMPLATES)]


def alert_file(id: AlertId) -> str:
    """The file of a template, below the station folder."""
    return f"{ALERTS}/{id}.toml"


def alert_mark(folder: Path, id: AlertId) -> str | None:
    """What its file holds now, as a text to compare: for `write_alert`. None when there is none. Raises
    OSError."""
    try:
        return hashlib.sha256((folder / alert_file(id)).read_bytes()).hexdigest()
    except FileNotFoundError:
        return None


def _judged(found: Found[AlertId], surroundings: Surroundings) -> AlertReading:
    if found.id is None or found.document is None:
        return AlertReading(id=found.id, faults=found.faults)
    faults: list[Fault] = []
    template = read_template(Section(found.document, faults), found.id, surroundings)
    if faults:
        return AlertReading(id=found.id, faults=tuple(sorted(faults)))
    return AlertReading(id=found.id, template=template, document=found.document)
