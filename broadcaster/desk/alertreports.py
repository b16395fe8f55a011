"""What is known of an alert, for people to see: pure, from the versions, receipts and lines that are there.

Laws
1. Only what units said counts as sounded; what was sent is not what was heard.
2. A unit that is missing is named: partly heard is no success.
3. What is shown is of the newest version that stands; while that waits or counts down, the units' lines are
   still those of what is on air.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from broadcaster.domain.alert import Alert, Message
from broadcaster.domain.names import UnitId, ZoneId

__all__ = ["STUCK_AFTER", "AlertReport", "AlertState", "UnitLine", "UnitState", "standing", "state_of"]

STUCK_AFTER = timedelta(seconds=3)
"""A hub that runs sends an alert within milliseconds of its time."""


class AlertState(StrEnum):
    """Where an alert is in its life."""

    AWAITING_SECOND = "awaiting-second"  # another person has to say yes
    COUNTING_DOWN = "counting-down"  # one tap takes it back
    SENDING = "sending"  # its time has come; no unit has begun yet, as far as anybody knows
    ON_AIR = "on-air"  # it sounds, or its next round is still to come
    SOUNDED = "sounded"  # its last round is over, and units sounded it
    STOPPED = "stopped"  # by a person, also when it was taken back in the moment in which it went out
    CANCELLED = "cancelled"  # taken back before anybody heard it
    NOT_SENT = "not-sent"  # the hub gave it up, and says why in `trouble`
    EXPIRED = "expired"  # its time ran out, and nobody heard it


class UnitState(StrEnum):
    """What is known of one unit and an alert."""

    WAITING = "waiting"  # it has not answered
    RECEIVED = "received"  # it has it, and has not begun
    SOUNDING = "sounding"  # it has begun, and is not through
    DONE = "done"
    FAILED = "failed"  # it said why it did not sound it
    OFFLINE = "offline"  # not heard of; it gets the alert when it is back in time


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLine:
    """One unit and the alert. `version`: of which this tells; 0 for none sent yet.

    received: by the unit's clock. started: its first sample. rounds_done: heard whole; of rounds_meant, which
    is 0 while nobody knows. seconds: what sounded, in all its rounds. playing: it sounds right now. why: in
    the unit's words, empty when all is well. heard: its last sign of life, of whatever kind.
    """

    unit: UnitId
    name: str
    zone: ZoneId
    state: UnitState
    version: int = 0
    received: datetime | None = None
    started: datetime | None = None
    rounds_done: int = 0
    rounds_meant: int = 0
    seconds: timedelta = timedelta(0)
    playing: bool = False
    why: str = ""
    heard: datetime | None = None

    @property
    def sounded(self) -> bool:
        """Whether people there have heard anything of it."""
        return self.started is not None or self.playing or self.seconds > timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReport:
    """All that is known of an alert. `alert` is the newest version that was not cancelled, or the newest if
    all were; `versions` all of them. `lines`: every unit it is meant for, by id.

    seconds_left: until it goes on air, while it counts down. round of rounds: which one sounds now, or
    sounded last; both 0 while nobody knows. stuck: its time is over, and no hub has taken it.
    """

    alert: Alert
    versions: tuple[Alert, ...]
    state: AlertState
    lines: tuple[UnitLine, ...]
    seconds_left: int = 0
    round: int = 0
    rounds: int = 0
    stuck: bool = False

    @property
    def received(self) -> int:
        return sum(line.received is not None for line in self.lines)

    @property
    def sounded(self) -> int:
        """How many units really sounded it, or do."""
        return sum(line.sounded for line in self.lines)

    @property
    def done(self) -> int:
        return sum(line.state is UnitState.DONE for line in self.lines)

    @property
    def missing(self) -> tuple[UnitLine, ...]:
        """Units where nobody has heard it, though its time has come: lost, failed, or silent about it."""
        if self.state in (AlertState.AWAITING_SECOND, AlertState.COUNTING_DOWN, AlertState.CANCELLED):
            return ()
        return tuple(line for line in self.lines if not line.sounded)


def standing(versions: tuple[Alert, ...]) -> Alert:
    """The newest version that was not cancelled; the newest when all were. There is at least one."""
    left = [version for version in versions if not version.cancelled]
    return (left or versions)[-1]


def state_of(alert: Alert, lines: tuple[UnitLine, ...], over: bool, now: datetime) -> AlertState:
    """Where this version is. `lines` are its units'; `over`: the time of its last round is past."""
    if alert.cancelled:
        return AlertState.CANCELLED if alert.sent is None else AlertState.STOPPED
    if alert.sent is None:
        return _unsent(alert, now)
    if alert.message is Message.STOP:
        return AlertState.STOPPED
    sounded = any(line.sounded for line in lines)
    if any(line.playing for line in lines) or (sounded and not over):
        return AlertState.ON_AIR
    if sounded:
        return AlertState.SOUNDED
    return AlertState.EXPIRED if now >= alert.expires else AlertState.SENDING


def _unsent(alert: Alert, now: datetime) -> AlertState:
    if alert.trouble:
        return AlertState.NOT_SENT
    if now >= alert.expires:
        return AlertState.EXPIRED
    if alert.fires_at is None:
        return AlertState.AWAITING_SECOND
    return AlertState.COUNTING_DOWN if now < alert.fires_at else AlertState.SENDING
