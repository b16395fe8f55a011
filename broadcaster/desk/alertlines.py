"""What one unit did with an alert, from its receipt, its as-run lines and its last heartbeat. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from broadcaster.desk.alertreports import UnitLine, UnitState
from broadcaster.domain.alert import MOST_ROUNDS, Alert
from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.store.alerts import StoredReceipt
from broadcaster.store.units import JoinedUnit

__all__ = ["Rounds", "Seen", "line_of", "rounds_of"]

_GUESS = timedelta(seconds=30)
"""How long a round is taken to last where the hub did not put it on record: a signal and two sentences."""

_SECOND = timedelta(seconds=1)

_TELLING = timedelta(seconds=20)
"""How long after the last round its line may be on the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """Of one version: how many rounds it has, how many have begun by now, when the last one is over."""

    meant: int
    begun: int
    ends: datetime

    def over(self, now: datetime) -> bool:
        """Whether no round is still to come, nor sounds, where all went as meant."""
        return now >= self.ends


def rounds_of(alert: Alert, long: timedelta | None, now: datetime) -> Rounds:
    """The rounds of a version that was sent; `long` is how long one is, None while nobody knows.

    As `domain.alert.rounds` has them, which units go by.
    """
    first = alert.start or alert.fires_at or alert.asked
    long = _GUESS if long is None else long
    step = max(_SECOND, _whole(long + alert.gap))
    series = alert.repeats * step
    period = series if alert.every is None else max(series, _whole(alert.every))
    end = alert.expires if alert.until is None else min(alert.expires, alert.until)
    starts = [first]
    for number in range(1, MOST_ROUNDS):
        series_number, turn = divmod(number, alert.repeats)
        start = first + series_number * period + turn * step
        if start >= end or (series_number and alert.every is None):
            break
        starts.append(start)
    begun = sum(start <= now for start in starts)
    return Rounds(meant=len(starts), begun=begun, ends=starts[-1] + long)


def _whole(length: timedelta) -> timedelta:
    return -(-length // _SECOND) * _SECOND


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A unit as the board sees it. `playing`: it sounds a round of this alert now. `lost`: not heard of."""

    joined: JoinedUnit
    heard: datetime | None
    lost: bool
    playing: bool


def line_of(
    seen: Seen,
    alert: Alert | None,
    rounds: Rounds | None,
    receipt: StoredReceipt | None,
    entries: Sequence[AsRunEntry],
    now: datetime,
) -> UnitLine:
    """The unit's line. `alert` is the version that was sent to it, and `rounds` its rounds, None when none
    was; `entries` are what the unit told of them, oldest first."""
    unit = seen.joined.unit
    sounded = [entry for entry in entries if entry.started is not None]
    begun = receipt.started if receipt is not None else None
    line = UnitLine(
        unit=unit.id,
        name=unit.name,
        zone=unit.zone,
        state=UnitState.WAITING,
        version=0 if alert is None else alert.version,
        received=None if receipt is None else receipt.received,
        started=begun or (sounded[0].started if sounded else None),
        rounds_done=sum(entry.outcome is Outcome.AIRED for entry in entries),
        rounds_meant=0 if rounds is None else rounds.meant,
        seconds=sum((entry.played for entry in entries), timedelta(0)),
        playing=seen.playing,
        why=_why(receipt, entries),
        heard=seen.heard,
    )
    return replace(line, state=_state(line, rounds, entries, seen.lost, now))


def _state(
    line: UnitLine, rounds: Rounds | None, entries: Sequence[AsRunEntry], lost: bool, now: datetime
) -> UnitState:
    if line.playing:
        return UnitState.SOUNDING
    if rounds is not None and line.sounded:
        told_all = len(entries) >= rounds.meant
        if told_all or (entries and rounds.over(now - _TELLING)):
            return UnitState.DONE
        return UnitState.OFFLINE if lost else UnitState.SOUNDING
    if line.why:
        return UnitState.FAILED
    if lost:
        return UnitState.OFFLINE
    return UnitState.WAITING if line.received is None else UnitState.RECEIVED


def _why(receipt: StoredReceipt | None, entries: Sequence[AsRunEntry]) -> str:
    """What the unit said is wrong. Rounds that a newer version made needless are nothing wrong."""
    if receipt is not None and receipt.why:
        return receipt.why
    wrong = [entry for entry in entries if entry.outcome not in (Outcome.AIRED, Outcome.CANCELLED)]
    return wrong[-1].reason if wrong else ""
