"""What the station folder says, kept up to date: a bad file leaves the last good one in force.

The last good text of each schedule file and each alert template lies in the store, so that it outlives a
restart too.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from broadcaster.domain.alert import AlertTemplate
from broadcaster.domain.names import AlertId, BadName, ProgrammeId
from broadcaster.domain.places import Station
from broadcaster.domain.programme import Programme, Recorded
from broadcaster.folder import (
    BadFolder,
    Fault,
    Settler,
    find_fallbacks,
    fingerprint,
    read_alert,
    read_alerts,
    read_programme,
    read_schedules,
    read_station,
)
from broadcaster.folder.alerts import ALERTS, alert_file
from broadcaster.folder.schedules import SCHEDULES
from broadcaster.store import Store, StoreFault

__all__ = ["Reading", "kept_alerts", "kept_programmes"]

_logger = logging.getLogger(__name__)


class Reading:
    """The station, its programmes and its alert templates as they are in force. Raises BadFolder when it is
    made, and only then: a station.toml that breaks later leaves the one before in force."""

    def __init__(self, folder: Path, store: Store, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._store = store
        self._now = now
        self._settler = Settler(fingerprint(folder))
        self.station: Station = read_station(folder)
        self.faults: tuple[Fault, ...] = ()
        self.programmes: tuple[Programme, ...] = kept_programmes(folder, self.station, store)
        self.alerts: Mapping[AlertId, AlertTemplate] = kept_alerts(folder, self.station, store)
        self._read()

    @property
    def fallbacks(self) -> tuple[Recorded, ...]:
        """What units always have, whatever is planned: the sounds of audio/fallback."""
        return tuple(Recorded(path=path) for path in find_fallbacks(self._folder))

    def look(self, monotonic: float) -> bool:
        """Look at the folder; whether something else is in force now."""
        change = self._settler.look(fingerprint(self._folder), monotonic)
        if change is None:
            return False
        before = self.station, self.programmes, self.alerts
        self._read()
        for path in change.gone:
            self._forget(path)
        return before != (self.station, self.programmes, self.alerts)

    def _read(self) -> None:
        faults: tuple[Fault, ...] = ()
        try:
            self.station = read_station(self._folder)
        except BadFolder as fault:
            faults = fault.faults
        schedules = read_schedules(self._folder, self.station)
        away = {id for path in self._settler.away if (id := _programme_of(path)) is not None}
        self.programmes = schedules.over(self.programmes, away)
        alerts = read_alerts(self._folder, self.station)
        alerts_away = {name for path in self._settler.away if (name := _template_of(path)) is not None}
        in_force = alerts.over(self.alerts.values(), alerts_away)
        self.alerts = {template.id: template for template in in_force}
        self.faults = (*faults, *schedules.problems, *alerts.problems)
        for problem in self.faults:
            _logger.warning("%s", problem)
        self._keep_good(f"{SCHEDULES}/{programme.id}.toml" for programme in schedules.programmes)
        self._keep_good(alert_file(template.id) for template in alerts.templates)

    def _keep_good(self, good: Iterable[str]) -> None:
        for path in good:
            try:
                text = (self._folder / path).read_text(encoding="utf-8-sig")
                self._store.texts.keep(path, text, self._now())
            except (OSError, UnicodeDecodeError, StoreFault) as fault:
                _logger.warning("the good text of %s could not be kept: %s", path, fault)

    def _forget(self, path: str) -> None:
        try:
            self._store.texts.forget(path)
        except StoreFault as fault:
            _logger.warning("%s could not be forgotten: %s", path, fault)


def kept_programmes(folder: Path, station: Station, store: Store) -> tuple[Programme, ...]:
    """The programmes of the last good texts, of files that are there still, whatever is in them now.

    Raises StoreFault.
    """
    found = []
    for kept in store.texts.all():
        if _programme_of(kept.path) is not None and (folder / kept.path).exists():
            programme = read_programme(folder, station, kept.path, kept.text)
            found += [programme] if isinstance(programme, Programme) else []
    return tuple(found)


def kept_alerts(folder: Path, station: Station, store: Store) -> dict[AlertId, AlertTemplate]:
    """The alert templates of the last good texts, of files that are there still, whatever is in them now.

    Raises StoreFault.
    """
    found = {}
    for kept in store.texts.all():
        if _template_of(kept.path) is not None and (folder / kept.path).exists():
            template = read_alert(folder, station, kept.path, kept.text)
            if isinstance(template, AlertTemplate):
                found[template.id] = template
    return found


def _programme_of(path: str) -> ProgrammeId | None:
    folder, _, name = path.rpartition("/")
    try:
        return ProgrammeId(name.removesuffix(".toml")) if folder == SCHEDULES else None
    except BadName:
        return None


def _template_of(path: str) -> AlertId | None:
    folder, _, name = path.rpartition("/")
    try:
        return AlertId(name.removesuffix(".toml")) if folder == ALERTS else None
    except BadName:
        return None
