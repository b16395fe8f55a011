"""Alerts in the hub's hands: from what is known of them to what is signed, and what has to be written down.

No clock, no wire, no threads: `service` has those, and gives this its time.

Laws
1. What sounds of an alert is what is ready when its time comes. Words of its own that are not get three
   seconds from when they were asked for; then its signal and the words of its template go first, and its own
   follow as a version of the hub's (`arbiter`, law 4).
2. Nothing here waits for the store or a disk. What they are to be told is owed until they took it.
3. What was signed before a restart is told again as it was; what was not is signed anew, under the same id.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from broadcaster.domain.alert import Alert, Message, Status
from broadcaster.domain.names import AlertId, UnitId, ZoneId
from broadcaster.hub.airing import Airing
from broadcaster.hub.alerts.arbiter import Arbiter, Key, follows, key_of, same_act
from broadcaster.hub.alerts.books import Kept, Owed
from broadcaster.hub.alerts.clips import WORDS_FOLLOW, AlertClips
from broadcaster.hub.alerts.lines import Lines
from broadcaster.hub.alerts.orders import Raised, Refused, Sounding, cleared, lead_of, may_practise, raised
from broadcaster.hub.alerts.ownsounds import OwnSounds
from broadcaster.hub.folders import Reading
from broadcaster.hub.numbers import Numbers
from broadcaster.link.messages import ClearAlert, HandedStop, Order, RaiseAlert, RaiseDrill, Stop
from broadcaster.link.vitals import Vitals

__all__ = ["Raising"]

_PATIENCE = timedelta(seconds=3)
"""How long sound that is not ready is waited for, from when it was asked for."""

_BACK_TOO_LATE = "it was on air before it was known that it had been taken back; it was silenced at once"
_BESIDE = "it was not sent: somebody else did something to it at the same time"
_CLOSED = "it was not sent: a drill keeps to the allowed hours, and they are over wherever it was meant for"
_TOO_LATE = "it was not sent: it expires before it could be heard"
_OUR_FAULT = "it was not sent: a fault of the program itself; the words of the hub tell which"

_logger = logging.getLogger(__name__)


class Raising:
    """Used by one thread."""

    def __init__(
        self,
        *,
        reading: Reading,
        airing: Airing,
        clips: AlertClips,
        own: OwnSounds,
        numbers: Numbers,
        vitals: Callable[[datetime], Mapping[UnitId, Vitals]],
    ) -> None:
        """`vitals`: of the units that can be heard now."""
        self._reading = reading
        self._airing = airing
        self._clips = clips
        self.own = own
        self.numbers = numbers
        self._vitals = vitals
        self._arbiter = Arbiter()
        self._lines = Lines()
        self._begun: datetime | None = None
        self._signed: dict[Key, dict[str, bytes]] = {}
        self._silenced: set[Key] = set()
        self._owed: dict[Key, None] = {}
        self._owed_stops: dict[str, HandedStop] = {}

    # -- what is known -------------------------------------------------------------------------------

    def begin(
        self,
        now: datetime,
        stored: Iterable[Alert],
        kept: Iterable[Kept],
        laid: Iterable[tuple[Order, bytes]],
    ) -> None:
        """What store, journal and disk knew when the hub started."""
        self._begun = now
        for alert in stored:
            self._arbiter.learn(alert)
        for entry in kept:
            self.numbers.begin_after(entry.seq)
            if entry.alert is not None:
                self._owe(self._arbiter.learn(entry.alert))
            if entry.stop is not None:
                self._owed_stops[entry.stop.id] = entry.stop
        together: dict[Key, list[Order]] = {}
        for order, envelope in sorted(laid, key=lambda pair: pair[0].seq):
            key = _about(order.body)
            if key is not None:
                self.numbers.begin_after(order.seq)
                self._airing.hold(order, envelope, now)
                self._signed.setdefault(key, {})[order.id] = envelope
                together.setdefault(key, []).append(order)
        for (id, _), orders in together.items():
            self._note_lines(id, orders, orders[0].issued)

    def learn(self, alerts: Iterable[Alert]) -> None:
        """What the store knows."""
        for alert in alerts:
            self._arbiter.learn(alert)

    def take(self, alert: Alert) -> None:
        """What a person did and the store did not take. Raises NotTaken."""
        self._owe(self._arbiter.take(alert))

    def take_stop(self, stop: HandedStop, now: datetime) -> bytes | None:
        """A stop the store did not take: the order to be published; None when it was taken before."""
        if stop.id in self._owed_stops or stop.expires <= now:
            return None
        self._owed_stops[stop.id] = stop
        body = Stop(cue=stop.cue, by=stop.by)
        seq = self.numbers.next(now)
        return self._airing.order(body, id=stop.id, to=stop.to, seq=seq, now=now, expires=stop.expires)

    def forget(self, now: datetime) -> None:
        """Once in a while: what was over long ago."""
        self._arbiter.forget(now)
        self._signed = {key: envelopes for key, envelopes in self._signed.items() if self._arbiter.find(key)}
        self._lines.forget({id for id, _ in self._signed})

    # -- what is due ---------------------------------------------------------------------------------

    def tend(self, now: datetime) -> None:
        """Give up what is hopeless, have made what will be needed, let follow what is ready now."""
        for alert, why in self._arbiter.hopeless(now):
            self._give_up(alert, why)
        late = [alert for alert in self._arbiter.standing(now) if self._owes_words(alert, now)]
        wanted = (self._clips.own(alert) for alert in (*self._arbiter.waits_for_sound(), *late))
        self.own.want([item for item in dict.fromkeys(wanted) if item is not None])
        for alert in late:
            if not self._clips.lacks_own(alert):
                self._owe(self._arbiter.learn(self._words_of(alert, now)))

    def due(self, now: datetime) -> tuple[Alert, ...]:
        """What is to go on air now, and has its sound or waited for it long enough."""
        return tuple(alert for alert in self._arbiter.due(now) if self._may_go(alert, now))

    def untold(self, now: datetime) -> tuple[Alert, ...]:
        """What went on air by all that is known, and was not signed since the hub started."""
        standing = (a for a in self._arbiter.standing(now) if key_of(a) not in self._signed)
        return tuple(alert for alert in standing if not alert.cancelled and self._may_go(alert, now))

    def unsent(self, now: datetime) -> tuple[Alert, ...]:
        """What was signed, and may not have been sent: the hub died in between."""
        signed = (a for a in self._arbiter.standing(now) if self._signed.get(key_of(a)))
        return tuple(alert for alert in signed if alert.sent is None and not alert.cancelled)

    def regretted(self) -> tuple[Alert, ...]:
        """What is on air, was taken back, and is to be silenced at once."""
        return tuple(a for a in self._arbiter.regretted() if key_of(a) not in self._silenced)

    def next_instant(self, now: datetime) -> datetime | None:
        """The next instant after `now` at which something may be due."""
        waits = [until for alert in self._arbiter.due(now) if (until := self._waits_until(alert)) > now]
        due = self._arbiter.next_due(now)
        return min([*waits, *([due] if due is not None else [])], default=None)

    # -- what is done --------------------------------------------------------------------------------

    def fire(self, alert: Alert, at: datetime, stored: Alert | None) -> bool:
        """Put it on air at `at`, by what the store knows of it (None: it did not say); whether it is."""
        if stored is not None and not same_act(stored, alert):
            self._give_up(alert, "it was not sent: somebody else did something to it at the same time")
            return False
        known = self._arbiter.learn(alert if stored is None else stored)
        if known.cancelled and known.fired is None:
            return False
        if known.fired is None:
            known = self._arbiter.learn(replace(known, fired=at))
        if stored is None:
            self._owe(known)
        return True

    def sign(self, alert: Alert, now: datetime) -> tuple[bytes, ...]:
        """The orders of a version that is on air, to be published, in force from now on for units that ask.
        None when there is nothing to be said; then it says why."""
        key = key_of(alert)
        alert = self._arbiter.find(key) or alert
        try:
            orders, trouble = self._orders(alert, now)
        except Refused as fault:
            self._signed[key] = {}
            self._give_up(alert, str(fault))
            return ()
        envelopes = {order.id: self._sealed(order, now) for order in orders}
        self._signed[key] = envelopes
        self._note_lines(alert.id, orders, now)
        start = min((o.body.call.start for o in orders if not isinstance(o.body, ClearAlert)), default=now)
        self._owe(self._arbiter.learn(replace(alert, start=start, trouble=trouble)))
        return tuple(envelopes.values())

    def silence(self, alert: Alert, now: datetime) -> bytes:
        """The order that silences what was taken back too late."""
        self._silenced.add(key_of(alert))
        order = cleared(alert, self._reading.station, self._end(alert), mark="-back")
        self._note_lines(alert.id, (order,), now)
        self._owe(self._arbiter.learn(replace(alert, trouble=_BACK_TOO_LATE)))
        return self._sealed(order, now)

    def sent(self, alert: Alert, at: datetime) -> None:
        """The broker has it."""
        known = self._arbiter.find(key_of(alert))
        if known is not None and known.sent is None:
            self._owe(self._arbiter.learn(replace(known, sent=at)))

    def failed(self, alert: Alert) -> None:
        """It met a fault of our own."""
        self._signed.setdefault(key_of(alert), {})
        self._give_up(alert, _OUR_FAULT)

    def envelopes(self, alert: Alert) -> Mapping[str, bytes]:
        """What was signed of it."""
        return self._signed.get(key_of(alert), {})

    # -- what is owed --------------------------------------------------------------------------------

    def owed(self) -> Owed | None:
        """What the store has to be told; None for nothing."""
        alerts = tuple(alert for key in self._owed if (alert := self._arbiter.find(key)) is not None)
        if not alerts and not self._owed_stops and not self._lines.owed:
            return None
        stops = tuple(self._owed_stops.values())
        return Owed(alerts=alerts, lines=dict(self._lines.owed), stops=stops, seq=self.numbers.last)

    def settled(self, owed: Owed, known: Iterable[Alert]) -> None:
        """The store has that, and knows this."""
        for alert in owed.alerts:
            if self._arbiter.find(key_of(alert)) == alert:
                self._owed.pop(key_of(alert), None)
        for stop in owed.stops:
            self._owed_stops.pop(stop.id, None)
        self._lines.settled(owed.lines)
        self.learn(known)

    # -- inside --------------------------------------------------------------------------------------

    def _owe(self, alert: Alert) -> None:
        self._owed[key_of(alert)] = None

    def _give_up(self, alert: Alert, why: str) -> None:
        _logger.error("alert=%s version=%d %s", alert.id, alert.version, why)
        self._owe(self._arbiter.learn(replace(alert, trouble=why)))

    def _orders(self, alert: Alert, now: datetime) -> tuple[tuple[Raised, ...], str]:
        """What is to be signed, and what is left out of it. Raises Refused."""
        station = self._reading.station
        if alert.message is Message.STOP:
            return (cleared(alert, station, self._end(alert)),), ""
        told, trouble = self._clips.told(alert)
        start = alert.start or now + self._lead(told, now)
        if start >= alert.expires:
            raise Refused(_TOO_LATE)
        zones = frozenset(zone for each in told for zone in each.zones)
        if alert.status is not Status.ACTUAL and not may_practise(station, zones, start):
            raise Refused(_CLOSED)
        orders = raised(
            alert,
            told,
            station,
            start,
            taken=self._lines.names(alert.id),
            sound=self._clips.sound,
            mark="-words" if follows(alert, self._arbiter.before(alert)) else "",
        )
        return orders, trouble

    def _lead(self, told: Iterable[Sounding], now: datetime) -> timedelta:
        """See `lead_of`."""
        zones = {zone for each in told for zone in each.zones}
        vitals = [said for unit, said in self._vitals(now).items() if self._zone_of(unit) in zones]
        ways = [said.round_trip / 2 for said in vitals if said.round_trip is not None]
        return lead_of(ways, (said.lead for said in vitals if said.lead is not None))

    def _end(self, alert: Alert) -> datetime:
        """When the last version of it expires."""
        return max(version.expires for version in (alert, *self._arbiter.versions(alert.id)))

    def _may_go(self, alert: Alert, now: datetime) -> bool:
        return now >= self._waits_until(alert)

    def _waits_until(self, alert: Alert) -> datetime:
        """Until when its sound is waited for (law 1). A hub that has just started finds its sounds first."""
        due, patient = alert.fires_at or alert.asked, alert.asked + _PATIENCE
        if alert.message is Message.STOP:
            return due
        if self._clips.lacks_own(alert):
            return max(due, patient)
        assert self._begun is not None
        return max(due, patient, self._begun + _PATIENCE) if self._clips.is_pending(alert) else due

    def _owes_words(self, alert: Alert, now: datetime) -> bool:
        return WORDS_FOLLOW in alert.trouble and self._arbiter.may_follow(alert, now)

    def _words_of(self, alert: Alert, now: datetime) -> Alert:
        """The hub's own version, which says the words that were not ready."""
        fresh = replace(alert, version=alert.version + 1, fires_at=now, fired=None, sent=None, start=None)
        return replace(fresh, trouble="")

    def _note_lines(self, alert: AlertId, orders: Iterable[Raised | Order], at: datetime) -> None:
        said = [(order.body, order.to) for order in orders]
        self._lines.add(alert, said, self._zone_of, self._reading.station, at)

    def _zone_of(self, unit: UnitId) -> ZoneId | None:
        member = self._airing.units.get(unit)
        return None if member is None else member.zone

    def _sealed(self, order: Raised, now: datetime) -> bytes:
        seq = self.numbers.next(now)
        return self._airing.order(
            order.body, id=order.id, to=order.to, seq=seq, now=now, expires=order.expires
        )


def _about(body: object) -> Key | None:
    match body:
        case RaiseAlert(call=call) | RaiseDrill(call=call):
            return AlertId(call.cue.programme), call.version
        case ClearAlert(alert=alert, version=version):
            return alert, version
        case _:
            return None
