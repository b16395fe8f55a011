"""Versions of an alert, and the next one: how an act upon it becomes what is to be stored. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from broadcaster.desk import entries
from broadcaster.desk.counter import Act
from broadcaster.desk.faults import BadEntry
from broadcaster.desk.handing import Decision
from broadcaster.domain.alert import Alert, AlertTemplate, Message, Severity, Status

__all__ = [
    "Settings",
    "after_all",
    "dated",
    "made",
    "next_version",
    "real",
    "same",
    "says",
    "settings_of",
    "spoken",
    "taken_back",
    "title_of",
]

_TITLE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a template says of an alert beside its words; so it is where there is none."""

    severity: Severity = Severity.SEVERE
    repeats: int = 3
    gap: timedelta = timedelta(seconds=10)
    volume: float = 0.0
    lasts: timedelta = timedelta(hours=2)
    second_person: bool = False


def settings_of(template: AlertTemplate | None) -> Settings:
    """That template's, or what holds without one."""
    if template is None:
        return Settings()
    return Settings(
        severity=template.severity,
        repeats=template.repeats,
        gap=template.gap,
        volume=template.volume,
        lasts=template.lasts,
        second_person=template.second_person,
    )


def spoken(versions: tuple[Alert, ...]) -> Alert:
    """The newest version that says something and stands; the newest that says something if none stands."""
    audible = [version for version in versions if version.message is not Message.STOP]
    return next((one for one in reversed(audible) if not one.cancelled), audible[-1])


def real(alert: Alert) -> None:
    """Raise BadEntry code only-a-drill unless it is meant."""
    if alert.status is not Status.ACTUAL:
        raise BadEntry("alert", "it is only a drill", "stop it, or let it end", code="only-a-drill")


def taken_back(alert: Alert, act: Act) -> Alert:
    """The version as it is when this person takes it back now."""
    return replace(alert, cancelled_by=act.who.login, cancelled_at=act.now)


def next_version(versions: tuple[Alert, ...], base: Alert, act: Act) -> Alert:
    """The next version, made by this person now; still with all that `base` says, for now without delay."""
    return replace(
        base,
        version=versions[-1].version + 1,
        by=act.who.login,
        asked=act.now,
        expires=max(base.expires, act.now + timedelta(minutes=1)),
        fires_at=act.now,
        seconded_by=None,
        cancelled_by=None,
        cancelled_at=None,
        fired=None,
        sent=None,
        start=None,
        trouble="",
    )


def after_all(
    act: Act, versions: tuple[Alert, ...], fresh: Alert, aired: Callable[[Alert, Act], bool]
) -> Decision:
    """Make that version, and take back those that still wait: nothing older goes on air after it."""
    left = (one for one in versions if not one.cancelled and not one.trouble)
    backs = tuple(taken_back(one, act) for one in left if not aired(one, act))
    decision = made(fresh)
    return replace(decision, puts=(*backs, *decision.puts))


def made(fresh: Alert) -> Decision:
    """Make that version."""
    where = ", ".join(fresh.units or fresh.zones)
    when = "awaits a second person" if fresh.fires_at is None else f"on air at {fresh.fires_at:%H:%M:%S}Z"
    what = fresh.words or fresh.recording or f"template {fresh.template}"
    said = "" if fresh.message is Message.STOP else f": {what}"
    after = f"version {fresh.version}, {fresh.message.value} in {where}, {when}; {fresh.title}{said}"
    return Decision(answer=fresh, puts=(fresh,), after=after)


def dated(fresh: Alert, now: datetime) -> Alert:
    """As if it had been asked for when the store was free, so that five seconds are five."""
    late = now - fresh.asked
    return replace(
        fresh,
        asked=now,
        fires_at=None if fresh.fires_at is None else fresh.fires_at + late,
        expires=fresh.expires + late,
    )


def same(known: Alert, fresh: Alert) -> Alert:
    """The alert that is there, if this is the same one sent twice. BadEntry code id-taken."""
    if (known.by, known.status, known.zones, *says(known)) != (
        fresh.by,
        fresh.status,
        fresh.zones,
        *says(fresh),
    ):
        raise BadEntry("id", f"{known.id} is another alert's", "choose another id", code="id-taken")
    return known


def says(alert: Alert) -> tuple[object, ...]:
    """What people would notice of it."""
    return alert.message, alert.template, alert.words, alert.recording, alert.every, alert.until


def title_of(
    given: str | None, template: AlertTemplate | None, words: str | None, recording: str | None
) -> str:
    """What it is called if nobody says so: as its template, or by its first words."""
    if given is not None:
        return entries.line(given, "title")
    if template is not None:
        return template.title
    line = " ".join((words or PurePosixPath(recording or "").stem).split())
    return line if len(line) <= _TITLE else f"{line[:_TITLE].rpartition(' ')[0] or line[:_TITLE]}…"
