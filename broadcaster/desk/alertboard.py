"""The board's alerts: what is going on, what became of each, who is ready. Reads only, as `board` does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.desk.alertlines import Rounds, Seen, line_of, rounds_of
from broadcaster.desk.alertreports import STUCK_AFTER, AlertReport, AlertState, UnitLine, standing, state_of
from broadcaster.desk.board import UnitReport
from broadcaster.desk.counter import Folder, reached
from broadcaster.domain.alert import COUNTDOWN, Alert, AlertTemplate, Message
from broadcaster.domain.asrun import AsRunEntry
from broadcaster.domain.health import Wellness
from broadcaster.domain.names import AlertId, BadName, ProgrammeId, UnitId, ZoneId
from broadcaster.domain.places import Unit
from broadcaster.domain.readiness import Answer, Readiness, Standing, ready
from broadcaster.store import Store
from broadcaster.store.alerts import StoredReceipt

__all__ = ["AlertBoard", "TemplateReport"]

_LATELY = timedelta(days=1)
_SOON = timedelta(seconds=2)
"""The clocks of hub and unit may differ by so much where both are well."""

_TESTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateReport:
    """A template, and which units are ready for it: "sẵn sàng 11/12", and why the others are not."""

    template: AlertTemplate
    readiness: Readiness


class AlertBoard:
    """What people look at of alerts. Raises StoreFault, and BadFolder while there is no good station.toml.

    `reports` is what `Board.units` gave. `handed`: versions the store does not know of yet
    (`Desk.known`), so that an alert is shown though the disk is full.
    """

    def __init__(self, store: Store, folder: Folder) -> None:
        self._store = store
        self._folder = folder

    def going_on(self, reports: Iterable[UnitReport], now: datetime) -> tuple[AlertReport, ...]:
        """What every page has to show: counts down, waits for a second person, sounds, or was stopped and is
        still in force. Newest act first."""
        alerts = self._store.alerts
        ids = {alert.id for alert in (*alerts.waiting(now), *alerts.in_force(now))}
        return self._reports(ids, tuple(reports), now)

    def recent(
        self, reports: Iterable[UnitReport], now: datetime, since: timedelta = _LATELY
    ) -> tuple[AlertReport, ...]:
        """Alerts and drills that somebody acted upon lately, newest act first."""
        ids = {alert.id for alert in self._store.alerts.recent(now - since)}
        return self._reports(ids, tuple(reports), now)

    def alert(
        self, id: str, reports: Iterable[UnitReport], now: datetime, handed: Sequence[Alert] = ()
    ) -> AlertReport | None:
        """All that is known of one alert; None when there is none of that id."""
        try:
            stored = self._store.alerts.versions(AlertId(id))
        except BadName:
            return None
        versions = {alert.version: alert for alert in (*handed, *stored)}
        versions |= {alert.version: alert for alert in handed}
        if not versions:
            return None
        return self._report(tuple(versions[number] for number in sorted(versions)), tuple(reports), now)

    def readiness(self, reports: Iterable[UnitReport], now: datetime) -> tuple[TemplateReport, ...]:
        """Every template in force and who is ready for it, by title."""
        station, laid = self._folder.station, self._store.readiness.laid()
        answers = self._answers()
        units = tuple(_standing(report, answers.get(report.joined.unit.id)) for report in reports)
        templates = sorted(self._folder.alerts.values(), key=lambda template: (template.title, template.id))
        return tuple(
            TemplateReport(
                template=template,
                readiness=ready(template, reached(station, template.zones), laid, units, now),
            )
            for template in templates
        )

    def _reports(
        self, ids: Iterable[AlertId], reports: tuple[UnitReport, ...], now: datetime
    ) -> tuple[AlertReport, ...]:
        found = (self._report(self._store.alerts.versions(id), reports, now) for id in ids)
        return tuple(
            sorted(found, key=lambda report: (report.versions[-1].asked, report.alert.id), reverse=True)
        )

    def _report(
        self, versions: tuple[Alert, ...], reports: tuple[UnitReport, ...], now: datetime
    ) -> AlertReport:
        alert = standing(versions)
        lines = self._lines(alert, versions, reports, now)
        heard = _heard(alert, versions)
        rounds = None if heard is None else rounds_of(heard, self._long(heard), now)
        sounded = any(line.sounded for line in lines)
        state = state_of(alert, lines, rounds is None or rounds.over(now), now)
        counting = state is AlertState.COUNTING_DOWN and alert.fires_at is not None
        left = alert.fires_at - now if counting and alert.fires_at is not None else timedelta(0)
        late = alert.fires_at is not None and now - alert.fires_at > STUCK_AFTER
        return AlertReport(
            alert=alert,
            versions=versions,
            state=state,
            lines=lines,
            seconds_left=min(-(-left // timedelta(seconds=1)), COUNTDOWN // timedelta(seconds=1)),
            round=0 if rounds is None or not sounded else max(rounds.begun, 1),
            rounds=0 if rounds is None else rounds.meant,
            stuck=state is AlertState.SENDING and alert.sent is None and late,
        )

    def _lines(
        self, alert: Alert, versions: tuple[Alert, ...], reports: tuple[UnitReport, ...], now: datetime
    ) -> tuple[UnitLine, ...]:
        told: dict[tuple[UnitId, int], StoredReceipt] = {
            (receipt.unit, receipt.version): receipt for receipt in self._store.alerts.receipts(alert.id)
        }
        entries = self._entries(versions)
        layers = tuple(self._layer(one, now) for one in _layers(versions))
        lines = []
        for report in reports:
            unit = report.joined.unit
            layer = next((one for one in layers if one.is_for(unit)), None)
            if layer is None:
                continue
            sent = layer.alert if layer.rounds is not None else None
            mine = [entry for entry in entries.get(unit.id, ()) if _is_of(entry, sent, versions)]
            receipt = None if sent is None else told.get((unit.id, sent.version))
            lines.append(line_of(_seen(report, sent), sent, layer.rounds, receipt, mine, now))
        return tuple(lines)

    def _layer(self, alert: Alert, now: datetime) -> "_Layer":
        return _Layer(
            alert=alert,
            zones=reached(self._folder.station, alert.zones),
            rounds=None if alert.sent is None else rounds_of(alert, self._long(alert), now),
        )

    def _entries(self, versions: tuple[Alert, ...]) -> dict[UnitId, list[AsRunEntry]]:
        """The lines of all rounds by unit, oldest first."""
        page = self._store.asrun.page(programme=ProgrammeId(versions[0].id), limit=_MOST_LINES)
        entries: dict[UnitId, list[AsRunEntry]] = {}
        for entry in reversed(page.entries):
            entries.setdefault(entry.unit, []).append(entry)
        return entries

    def _long(self, version: Alert | None) -> timedelta | None:
        """How long one round of the version is, as the hub has put it on record."""
        if version is None or version.start is None:
            return None
        lines = self._store.rundown.of(version.id)
        return next((line.asked for line in lines if line.start >= version.start - _SOON), None)

    def _answers(self) -> dict[UnitId, Answer]:
        """What each unit said to the newest test it was asked in."""
        answers: dict[UnitId, Answer] = {}
        for test in self._store.readiness.tests(_TESTS):
            if test.sent is None:
                continue
            said = {receipt.unit: receipt for receipt in self._store.alerts.receipts(test.id)}
            for unit in test.units:
                if unit not in answers:
                    answers[unit] = _answer(test.sent, said.get(unit))
        return answers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """A version, the zones it reaches, and its rounds if it was sent."""

    alert: Alert
    zones: frozenset[ZoneId]
    rounds: Rounds | None

    def is_for(self, unit: Unit) -> bool:
        return unit.id in self.alert.units if self.alert.units else unit.zone in self.zones


_MOST_LINES = 5_000
"""A hundred units and fifty rounds; of a longer one the newest lines are read."""


def _layers(versions: tuple[Alert, ...]) -> tuple[Alert, ...]:
    """The versions whose sound people may have heard, newest first, down to the newest that was for all of
    the zones; what stands unsent only when nothing was sent."""
    audible = [one for one in versions if one.message is not Message.STOP and not one.cancelled]
    sent = [one for one in audible if one.sent is not None] or audible or list(versions)
    found = []
    for one in reversed(sent):
        found.append(one)
        if not one.units:
            break
    return tuple(found)


def _heard(alert: Alert, versions: tuple[Alert, ...]) -> Alert | None:
    """The version whose rounds count: the newest that was sent and says something."""
    layers = _layers(versions)
    return layers[0] if layers and layers[0].sent is not None else None


def _seen(report: UnitReport, sent: Alert | None) -> Seen:
    playing = report.playing
    return Seen(
        joined=report.joined,
        heard=report.heard,
        lost=report.health.wellness is Wellness.LOST,
        playing=sent is not None and playing is not None and str(playing.cue.programme) == sent.id,
    )


def _is_of(entry: AsRunEntry, alert: Alert | None, versions: tuple[Alert, ...]) -> bool:
    """Whether that round was of this version, going by the time it was planned for."""
    if alert is None or alert.start is None:
        return False
    later = [one.start for one in versions if one.version > alert.version and one.start is not None]
    after = entry.planned >= alert.start - _SOON
    return after and (not later or entry.planned < min(later) or entry.started is not None)


def _standing(report: UnitReport, answer: Answer | None) -> Standing:
    vitals = report.vitals
    return Standing(
        unit=report.joined.unit.id,
        zone=report.joined.unit.zone,
        reachable=report.health.wellness is not Wellness.LOST,
        plan=0 if vitals is None else vitals.plan,
        missing=0 if vitals is None else vitals.missing,
        answer=answer,
    )


def _answer(asked: datetime, said: StoredReceipt | None) -> Answer:
    if said is None:
        return Answer(asked=asked)
    return Answer(asked=asked, received=said.received, lacks=said.lacks, why=said.why)
