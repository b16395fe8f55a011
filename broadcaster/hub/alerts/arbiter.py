"""The one arbiter of alerts: what the hub knows of each version, and what follows from it. Pure.

It hears of versions from the store and from what the panel hands over while the store takes nothing; both may
say the same thing twice, late, or in another order, so knowledge is only ever added (`merged`).

Laws
1. A version goes on air once: when its countdown is over, if it was neither taken back nor given up, and no
   newer version for the same units was there first. What went on air cannot be taken back, only silenced.
2. A person's "take it back" that comes to light after the alert went on air silences it at once.
3. Two acts under one number are not one act (`same_act`): the one that was known first stands.
4. Words that were not ready in time follow as a version of the hub's own, with the next number: by the same
   person and asked at the same instant, for it is the same act. When anything newer stands they are too late.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from broadcaster.domain.alert import Alert, Message
from broadcaster.domain.names import AlertId

__all__ = ["Arbiter", "Key", "NotTaken", "follows", "key_of", "merged", "same_act"]

Key = tuple[AlertId, int]
"""A version of an alert."""

_FORGET = timedelta(hours=1)
"""How long after its end an alert is known, should the clock be set back."""

EXPIRED = "it was not sent: the hub could not send it before it expired"
UNSECONDED = "it was not sent: no second person said yes before it expired"
REPLACED = "it was not sent: version {version} of it came first"


class NotTaken(Exception):
    """An act that comes too late, or beside another one. The text begins with a code: `too-late`,
    `changed-meanwhile`."""


def key_of(alert: Alert) -> Key:
    return alert.id, alert.version


def same_act(one: Alert, other: Alert) -> bool:
    """Whether both are one act of one person, whatever became of it."""
    return (one.by, one.asked, one.message, one.words) == (other.by, other.asked, other.message, other.words)


def follows(alert: Alert, before: Alert | None) -> bool:
    """Whether this version is the hub's own: the words of the one before (law 4)."""
    return before is not None and same_act(alert, before)


def merged(one: Alert, other: Alert) -> Alert:
    """What two who know the same version know together. In any order, and as often as one likes."""
    cancelled = min((a for a in (one, other) if a.cancelled_by), key=_taken_back, default=one)
    return replace(
        one,
        fires_at=_first(one.fires_at, other.fires_at),
        seconded_by=min(filter(None, (one.seconded_by, other.seconded_by)), default=None),
        cancelled_by=cancelled.cancelled_by,
        cancelled_at=cancelled.cancelled_at,
        fired=_first(one.fired, other.fired),
        sent=_first(one.sent, other.sent),
        start=_first(one.start, other.start),
        trouble=max(one.trouble, other.trouble, key=lambda words: (len(words), words)),
    )


class Arbiter:
    """What is known. Used by one thread."""

    def __init__(self) -> None:
        self._known: dict[Key, Alert] = {}

    def learn(self, alert: Alert) -> Alert:
        """Add what is known of that version; returns all that is known. Another act of the same number
        changes nothing (law 3)."""
        known = self._known.get(key_of(alert))
        if known is None:
            self._known[key_of(alert)] = alert
        elif same_act(known, alert):
            self._known[key_of(alert)] = merged(known, alert)
        return self._known[key_of(alert)]

    def take(self, alert: Alert) -> Alert:
        """Learn what a person did and was not told of the outcome yet. Raises NotTaken."""
        known = self._known.get(key_of(alert))
        if known is not None and not same_act(known, alert):
            raise NotTaken(f"changed-meanwhile: {known.by} did something else to {alert.id} at the same time")
        if known is not None and alert.cancelled and known.fired is not None and not known.cancelled:
            raise NotTaken(f"too-late: {alert.id} is on air already; stop it instead")
        return self.learn(alert)

    def find(self, key: Key) -> Alert | None:
        return self._known.get(key)

    def versions(self, id: AlertId) -> tuple[Alert, ...]:
        """All that is known of an alert, by version."""
        return tuple(alert for _, alert in sorted(self._known.items()) if alert.id == id)

    def before(self, alert: Alert) -> Alert | None:
        """The version before that one."""
        return self._known.get((alert.id, alert.version - 1))

    def due(self, now: datetime) -> tuple[Alert, ...]:
        """What is to go on air now; stops first, then what was due first."""
        due = (alert for alert in self._waiting() if self._is_due(alert, now))
        right = (alert for alert in due if now < alert.expires and self._replaced_by(alert, now) is None)
        return tuple(sorted(right, key=lambda alert: (alert.message is not Message.STOP, alert.fires_at)))

    def next_due(self, now: datetime) -> datetime | None:
        """The next instant after `now` at which a countdown is over or something waiting expires."""
        moments = (at for alert in self._waiting() for at in (alert.fires_at, alert.expires))
        return min((at for at in moments if at is not None and at > now), default=None)

    def hopeless(self, now: datetime) -> tuple[tuple[Alert, str], ...]:
        """What waits and will never be sent, and why, in words for people."""
        return tuple(
            (alert, why) for alert in self._waiting() if (why := self._why_never(alert, now)) is not None
        )

    def regretted(self) -> tuple[Alert, ...]:
        """What went on air although it had been taken back (law 2)."""
        return tuple(alert for alert in self._known.values() if alert.fired is not None and alert.cancelled)

    def standing(self, now: datetime) -> tuple[Alert, ...]:
        """What units should act on: what went on air, has not expired, and was not replaced."""
        fired = (alert for _, alert in sorted(self._known.items()) if alert.in_force(now))
        return tuple(alert for alert in fired if not self._is_replaced(alert))

    def waits_for_sound(self) -> tuple[Alert, ...]:
        """What may go on air and says words or a recording of its own: its sound is made meanwhile."""
        return tuple(alert for alert in self._waiting() if alert.words or alert.recording)

    def next_version(self, id: AlertId) -> int:
        return max((version for known, version in self._known if known == id), default=0) + 1

    def may_follow(self, alert: Alert, now: datetime) -> bool:
        """Whether the words of that version may still follow it (law 4)."""
        newer = self.next_version(alert.id) > alert.version + 1
        return alert.in_force(now) and not alert.cancelled and not newer

    def forget(self, now: datetime) -> None:
        """Drop what was over long ago."""
        self._known = {key: alert for key, alert in self._known.items() if now < alert.expires + _FORGET}

    def _waiting(self) -> Iterator[Alert]:
        return (alert for alert in self._known.values() if _is_waiting(alert))

    def _is_due(self, alert: Alert, now: datetime) -> bool:
        return alert.fires_at is not None and alert.fires_at <= now

    def _replaced_by(self, alert: Alert, now: datetime) -> Alert | None:
        """A newer version that went on air, or is to do so now, for all who were to hear this one."""
        return next(
            (
                newer
                for newer in self.versions(alert.id)
                if newer.version > alert.version and not newer.units
                if newer.fired is not None or (_is_waiting(newer) and self._is_due(newer, now))
            ),
            None,
        )

    def _is_replaced(self, alert: Alert) -> bool:
        newer = (other for other in self.versions(alert.id) if other.version > alert.version)
        return any(other.fired is not None and not other.units for other in newer)

    def _why_never(self, alert: Alert, now: datetime) -> str | None:
        if now >= alert.expires:
            return UNSECONDED if alert.fires_at is None else EXPIRED
        newer = self._replaced_by(alert, now)
        return None if newer is None else REPLACED.format(version=newer.version)


def _is_waiting(alert: Alert) -> bool:
    return alert.fired is None and not alert.cancelled and not alert.trouble


def _first(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _taken_back(alert: Alert) -> tuple[bool, datetime, str]:
    assert alert.cancelled_by is not None
    return alert.cancelled_at is None, alert.cancelled_at or alert.asked, alert.cancelled_by
