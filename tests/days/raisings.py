"""The hub's alerts at fake speed: the real `Raising` and its books, stepped as `AlertService` does."""

from collections.abc import Callable
from datetime import datetime, timedelta

from broadcaster.domain.alert import Alert
from broadcaster.domain.names import UnitId
from broadcaster.domain.programme import Spoken
from broadcaster.hub.alerts.arbiter import NotTaken
from broadcaster.hub.alerts.atonce import Said
from broadcaster.hub.alerts.books import AlertBooks, Owed
from broadcaster.hub.alerts.clips import AlertClips
from broadcaster.hub.alerts.ownsounds import OwnSounds
from broadcaster.hub.alerts.raising import Raising
from broadcaster.hub.hub import Hub
from broadcaster.hub.preparation import CannotMake, Maker
from broadcaster.link.envelope import VerifyKeys
from broadcaster.link.messages import HandedOver, Receipt
from broadcaster.link.wire import AskRefused
from broadcaster.station import StationFolder
from broadcaster.store import StoreFault

__all__ = ["Raisings"]

_NO_TIME = timedelta(milliseconds=1)


class _Mute:
    """No words are typed in these villages."""

    def say(self, item: Spoken) -> Said:
        raise CannotMake(f"nobody speaks here: {item.words}")

    def lay(self, said: Said) -> bool:
        return False


class Raisings:
    """Alerts of one life of the hub. `publish` says an envelope to all units."""

    def __init__(
        self, opened: StationFolder, hub: Hub, maker: Maker, publish: Callable[[bytes], None]
    ) -> None:
        self._store = opened.store
        self._books = AlertBooks(opened.store, opened.state)
        self._publish = publish
        own = OwnSounds(_Mute(), maker, hub.find_file)
        self._raising = Raising(
            reading=hub.reading,
            airing=hub.airing,
            clips=AlertClips(reading=hub.reading, airing=hub.airing, lookup=hub.preparation.lookup, own=own),
            own=own,
            numbers=hub.numbers,
            vitals=hub.collecting.vitals,
        )
        self._keys = VerifyKeys.of([opened.hub_key.verify])
        self._begun = False

    def _begin(self, now: datetime) -> None:
        """What store, journal and disk know when the hub starts."""
        stored: tuple[Alert, ...] = ()
        missed: tuple[Alert, ...] = ()
        try:
            stored, missed = self._books.look(now), self._books.missed(now)
        finally:
            kept = self._books.open_journal()
            self._raising.begin(now, stored, kept, self._books.laid(self._keys, now))
            for alert in missed:
                self._raising.take(alert)
            self._begun = True

    def close(self) -> None:
        """The hub's process has ended, and all it held open with it."""
        self._books.close()

    def next_instant(self, now: datetime) -> datetime | None:
        return self._raising.next_instant(now) if self._begun else None

    def hand_over(self, handed: HandedOver) -> None:
        """What the panel hands over while the store takes nothing. Raises AskRefused."""
        assert handed.alert is not None
        try:
            self._raising.take(handed.alert)
        except NotTaken as fault:
            raise AskRefused(str(fault)) from fault
        self._books.note(self._raising.owed() or Owed())

    def turn(self, now: datetime, *, says: bool = True, marks: bool = True) -> None:
        """What is due now, and what the store is owed. A hub that dies before it `says` what is on air by
        its books, or before it `marks` what it said as sent, ends there. Raises StoreFault, when the rest is
        done."""
        fault: StoreFault | None = None
        try:
            if not self._begun:
                self._begin(now)
            self._raising.learn(self._books.look(now))
        except StoreFault as met:
            fault = met
        self._raising.tend(now)
        for alert in self._raising.regretted():
            self._publish(self._raising.silence(alert, now))
        for alert in self._raising.due(now):
            if self._raising.fire(alert, now, self._fired(alert, now)) and says:
                self._raising.sign(alert, now)
                self._send(alert, now, marks=marks)
        for alert in self._raising.untold(now) if says else ():
            self._raising.sign(alert, now)
            self._send(alert, now, marks=marks)
        for alert in self._raising.unsent(now) if says else ():
            self._send(alert, now, marks=marks)
        if says and marks:
            self._settle(now)
        if fault is not None:
            raise fault

    def receive(self, unit: UnitId, receipts: tuple[Receipt, ...], now: datetime) -> tuple[str, ...]:
        """What a unit answered; the ids of what is in the store. Raises StoreFault."""
        self._store.alerts.receive([(unit, receipt) for receipt in receipts], now)
        return tuple(receipt.order for receipt in receipts)

    def _fired(self, alert: Alert, now: datetime) -> Alert | None:
        try:
            return self._books.fire(alert, now, _NO_TIME)
        except StoreFault:
            return None

    def _send(self, alert: Alert, now: datetime, *, marks: bool) -> None:
        envelopes = self._raising.envelopes(alert)
        for envelope in envelopes.values():
            self._publish(envelope)
        if envelopes and marks:
            self._raising.sent(alert, now)
            self._books.lay(envelopes)

    def _settle(self, now: datetime) -> None:
        owed = self._raising.owed()
        if owed is None:
            return
        try:
            known = self._books.settle(owed, now)
        except StoreFault:
            self._books.note(owed)
            raise
        self._raising.settled(owed, known)
        if self._raising.owed() is None:
            self._books.clear_journal()
