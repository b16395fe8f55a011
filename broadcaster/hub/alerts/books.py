"""Where the hub reads of alerts and writes down what became of them: store, journal, and what was signed.

    state/alerts.journal      what the store did not take
    state/alerts/<order>      what was signed, for a hub that dies: units that ask later hear the very same

Laws
1. What is written is all that is known of a version, added to what stands there (`arbiter.merged`): in any
   order, twice, or after a restart it comes to the same.
2. An act that was committed is not lost to another one with its number: the first one stands.
3. A disk that takes nothing is said in a sentence, and changes nothing of what is heard.
"""

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from broadcaster.desk.handedlines import lines_between
from broadcaster.domain.alert import Alert, Message
from broadcaster.domain.names import AlertId, CueId
from broadcaster.files import make_folder, write_whole
from broadcaster.hub.alerts.arbiter import EXPIRED, merged, same_act
from broadcaster.hub.alerts.journal import Journal, JournalFull
from broadcaster.hub.alerts.lines import Meant
from broadcaster.link.envelope import Refused, VerifyKeys, opened
from broadcaster.link.messages import BadMessage, HandedStop, Order, read, write
from broadcaster.store import Store
from broadcaster.store.orders import DeskOrder, StopAir

__all__ = ["AlertBooks", "Kept", "Owed", "desk_order"]

_LOOK_BACK = timedelta(days=4)
"""How far a hub that starts looks for alerts it should have sent: no alert is in force for longer."""

_logger = logging.getLogger(__name__)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the journal: one of the two, and the last seq that was given by then."""

    seq: int
    alert: Alert | None = None
    stop: HandedStop | None = None


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """What the store is to be told: versions, the rounds that are meant of alerts, stops that were sent."""

    alerts: tuple[Alert, ...] = ()
    lines: Mapping[AlertId, Meant] = {}
    stops: tuple[HandedStop, ...] = ()
    seq: int = 0


def desk_order(stop: HandedStop, sent: datetime | None) -> DeskOrder:
    """A stop as the outbox has it."""
    return DeskOrder(
        id=stop.id,
        to=stop.to,
        wish=StopAir(cue=None if stop.cue is None else CueId(stop.cue)),
        by=stop.by,
        asked=stop.asked,
        expires=stop.expires,
        sent=sent,
    )


class AlertBooks:
    """Reading, firing, settling and journalling may each be done by another thread."""

    def __init__(self, store: Store, state: Path) -> None:
        self._store = store
        self._path = state / "alerts.journal"
        self._signed = state / "alerts"
        self._journal: Journal | None = None
        self._seen: int | None = None

    # -- the store ----------------------------------------------------------------------------------

    def look(self, now: datetime) -> tuple[Alert, ...]:
        """What waits and what is in force, if anything was committed since the last look; to be asked by one
        thread. Raises StoreFault."""
        changes = self._store.changes()
        if changes == self._seen:
            return ()
        with self._store.reading():
            found = (*self._store.alerts.waiting(now), *self._store.alerts.in_force(now))
        self._seen = changes
        return found

    def missed(self, now: datetime) -> tuple[Alert, ...]:
        """What should have been sent while the hub was off and has expired since, with the reason. Raises
        StoreFault."""
        recent = self._store.alerts.recent(now - _LOOK_BACK, limit=500)
        versions = (version for newest in recent for version in self._store.alerts.versions(newest.id))
        return tuple(
            replace(version, trouble=EXPIRED)
            for version in versions
            if version.expires <= now and version.fires_at is not None and version.message is not Message.STOP
            if version.fired is None and not version.cancelled and not version.trouble
        )

    def fire(self, alert: Alert, at: datetime, patience: timedelta) -> Alert:
        """Mark it as fired at `at`, unless it was taken back; what the store knows of it then. It waits
        `patience` for whoever writes. Raises StoreFault."""
        with self._store.writing(patience):
            stored = self._store.alerts.find(alert.id, alert.version)
            if stored is None:
                stored = replace(alert, fired=at)
                self._store.alerts.put(stored)
                self._account(((None, stored),))
            elif self._store.alerts.fire(alert.id, alert.version, at):
                stored = replace(stored, fired=at)
        return stored

    def settle(self, owed: Owed, now: datetime) -> tuple[Alert, ...]:
        """Write it down; what the store knows of these versions then. Raises StoreFault."""
        with self._store.writing():
            before = tuple(self._store.alerts.find(alert.id, alert.version) for alert in owed.alerts)
            known = tuple(self._entered(alert) for alert in owed.alerts)
            self._account(zip(before, known, strict=True))
            for alert, (since, lines) in owed.lines.items():
                self._store.rundown.expect(alert, lines, since)
            for stop in owed.stops:
                self._store.orders.put(desk_order(stop, now))
                self._store.orders.mark_sent(stop.id, now)
            self._store.counters.keep_seq(owed.seq)
        return known

    def _entered(self, alert: Alert) -> Alert:
        stored = self._store.alerts.find(alert.id, alert.version)
        if stored is not None and not same_act(stored, alert):
            _logger.warning("alert=%s version=%d is another act in the store", alert.id, alert.version)
            return stored
        known = alert if stored is None else merged(stored, alert)
        if known != stored:
            self._store.alerts.put(known)
        return known

    def _account(self, changes: Iterable[tuple[Alert | None, Alert]]) -> None:
        """Audit lines of the acts that the desk could not write down itself."""
        for line in lines_between(changes):
            self._store.audit.add_once(line)

    # -- the journal --------------------------------------------------------------------------------

    def open_journal(self) -> tuple[Kept, ...]:
        """Lay the journal down, or read what the store did not take before. A disk that is full from the
        beginning leaves the hub without one."""
        try:
            self._journal = Journal(self._path)
        except OSError as fault:
            _logger.error("%s cannot be laid down (%s): free some space", self._path, fault.strerror)
            return ()
        kept = []
        for key, content in self._journal.kept.items():
            try:
                kept.append(read(Kept, content))
            except BadMessage as fault:
                _logger.error("what %s keeps of %s cannot be read: %s", self._path, key, fault)
        return tuple(kept)

    def note(self, owed: Owed) -> bool:
        """Keep what the store has not taken; whether it is safe on the disk."""
        if self._journal is None:
            self.open_journal()
        if self._journal is None:
            return False
        try:
            for alert in owed.alerts:
                kept = Kept(seq=owed.seq, alert=alert)
                self._journal.keep(f"{alert.id} {alert.version}", write(kept))
            for stop in owed.stops:
                self._journal.keep(f"stop {stop.id}", write(Kept(seq=owed.seq, stop=stop)))
        except (OSError, JournalFull) as fault:
            _logger.error("the journal of alerts takes nothing: %s", fault)
            return False
        return True

    def close(self) -> None:
        """Let go of the journal, when no thread writes any more. A hub that ends need not."""
        if self._journal is not None:
            self._journal.close()
            self._journal = None

    def clear_journal(self) -> None:
        """The store has it all."""
        try:
            if self._journal is not None:
                self._journal.clear()
        except OSError as fault:  # what is in there is entered once more at the next start, to no effect
            _logger.warning("%s could not be emptied: %s", self._path, fault.strerror)

    # -- what was signed ----------------------------------------------------------------------------

    def lay(self, orders: Mapping[str, bytes]) -> None:
        """Keep these envelopes by their orders' ids."""
        try:
            make_folder(self._signed, mode=0o700)
            for id, envelope in orders.items():
                write_whole(self._signed / id, envelope, mode=0o600)
        except OSError as fault:  # a hub that dies signs them anew
            _logger.warning("what was signed could not be kept in %s: %s", self._signed, fault.strerror)

    def laid(self, keys: VerifyKeys, now: datetime) -> tuple[tuple[Order, bytes], ...]:
        """What was signed before and has not expired. What has, or is not ours, is dropped."""
        found = []
        for path in self._files():
            try:
                envelope = path.read_bytes()
                order = opened(envelope, keys, Order)
            except (OSError, Refused):
                order = None
            if order is not None and now < order.expires:
                found.append((order, envelope))
                continue
            with suppress(OSError):
                path.unlink()
        return tuple(found)

    def _files(self) -> tuple[Path, ...]:
        try:
            return tuple(self._signed.iterdir())
        except OSError:
            return ()
