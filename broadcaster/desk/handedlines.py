"""Audit lines of acts that went to the hub past the store, for whoever writes those acts down at last.

The desk owes the same lines (`Counter.owe`), but its process may end before the store takes anything:
`Audit.add_once` sees to it that each stands there once, whoever comes first.
"""

from collections.abc import Iterable

from broadcaster.desk.rights import Verb
from broadcaster.domain.alert import COUNTDOWN, Alert, Message, Status
from broadcaster.store.audit import AuditLine

__all__ = ["lines_between"]

_ENDS = {
    Message.CORRECTION: Verb.CORRECT_ALERT,
    Message.ALL_CLEAR: Verb.CLEAR_ALERT,
    Message.STOP: Verb.STOP_ALERT,
}


def lines_between(changes: Iterable[tuple[Alert | None, Alert]]) -> tuple[AuditLine, ...]:
    """What people did between versions as the store had them (None: not at all) and as they are written now.

    What was made comes first: who makes a version takes back, in the same act, what waited before it.
    """
    pairs = tuple(changes)
    made = (_made(after) for before, after in pairs if before is None)
    second = (_seconded(after) for before, after in pairs if before is None or before.seconded_by is None)
    backs = (_taken_back(after) for before, after in pairs if before is None or not before.cancelled)
    return tuple(line for line in (*made, *second, *backs) if line is not None)


def _made(alert: Alert) -> AuditLine:
    where = ", ".join(alert.units or alert.zones)
    said = alert.words or alert.recording or alert.template or "silence"
    return AuditLine(
        at=alert.asked,
        who=alert.by,
        verb=_verb(alert),
        on=alert.id,
        after=f"version {alert.version}, {alert.message.value} in {where}; {alert.title}: {said}; "
        "handed to the hub",
    )


def _verb(alert: Alert) -> Verb:
    if alert.message in _ENDS:
        return _ENDS[alert.message]
    if alert.version == 1:
        return Verb.DRILL if alert.status is Status.EXERCISE else Verb.RAISE_ALERT
    return Verb.REPEAT_ALERT if alert.units else Verb.UPDATE_ALERT


def _seconded(alert: Alert) -> AuditLine | None:
    if alert.seconded_by is None or alert.fires_at is None:
        return None
    after = f"{alert.title}: yes to version {alert.version}; handed to the hub"
    return AuditLine(
        at=alert.fires_at - COUNTDOWN, who=alert.seconded_by, verb=Verb.SECOND_ALERT, on=alert.id, after=after
    )


def _taken_back(alert: Alert) -> AuditLine | None:
    if alert.cancelled_by is None or alert.cancelled_at is None:
        return None
    after = f"{alert.title}: version {alert.version} taken back; handed to the hub"
    return AuditLine(
        at=alert.cancelled_at, who=alert.cancelled_by, verb=Verb.CANCEL_ALERT, on=alert.id, after=after
    )
