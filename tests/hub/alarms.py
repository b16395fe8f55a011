"""Alerts for the tests of the hub, as the desk would write them, and a commune that has templates."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.domain.alert import DRILL, Alert, Message, Severity, Status
from broadcaster.domain.names import AlertId
from tests.days.communes import HOURS, alert_template, commune

__all__ = ["FLOOD", "a_drill", "a_stop_of", "a_version", "an_alert", "warned_commune"]

FLOOD = AlertId("kc-lu")
_HOUR = timedelta(hours=1)


def an_alert(asked: datetime, **other: object) -> Alert:
    """A flood alert for everybody, asked for then, on air five seconds later."""
    alert = Alert(
        id=FLOOD,
        version=1,
        status=Status.ACTUAL,
        message=Message.ALERT,
        title="Lũ đang về",
        severity=Severity.EXTREME,
        zones=("all",),
        by="chu-tich",
        asked=asked,
        expires=asked + _HOUR,
        fires_at=asked + timedelta(seconds=5),
        template=AlertId("lu"),
        gap=timedelta(seconds=1),
    )
    return replace(alert, **other)  # type: ignore[arg-type]


def a_version(alert: Alert, asked: datetime, **other: object) -> Alert:
    """The next version of it: another act, with no countdown."""
    fresh = replace(alert, version=alert.version + 1, asked=asked, fires_at=asked, fired=None, sent=None)
    return replace(replace(fresh, start=None, trouble=""), **other)  # type: ignore[arg-type]


def a_stop_of(alert: Alert, asked: datetime, **other: object) -> Alert:
    """Silence at once."""
    silent = {"message": Message.STOP, "template": None, "words": None, "recording": None, **other}
    return a_version(alert, asked, **silent)


def a_drill(asked: datetime, **other: object) -> Alert:
    """The same, practised."""
    practised = {"id": AlertId("dt-lu"), "status": Status.EXERCISE, "severity": DRILL, **other}
    return an_alert(asked, **practised)


def warned_commune(folder: Path, more: str = "", *, hours: bool = False) -> Path:
    """A station folder with the alerts `lu` and `chay`."""
    made = commune(folder, (HOURS if hours else "") + more)
    alert_template(made, "lu", "Lũ đang về", severity="extreme")
    alert_template(made, "chay", "Cháy chợ Bến", severity="severe")
    return made
