"""One pass of the daemon at a time: look what changed, plan anew, say what is due. Time is an argument.

Nothing here waits for a network, so that whole days can be run at fake speed. `service` gives it the
clock, the wire and its threads.
"""

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from broadcaster.domain.alert import AlertTemplate
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId, ProgrammeId, ZoneId
from broadcaster.domain.places import EVERYWHERE
from broadcaster.domain.plan import Plan
from broadcaster.domain.programme import Chime, Playable
from broadcaster.domain.rundown import Rundown
from broadcaster.hub.airing import Airing, Membership, PlanShelf
from broadcaster.hub.announcing import Announcing, Timing
from broadcaster.hub.collecting import Collecting
from broadcaster.hub.folders import Reading
from broadcaster.hub.numbers import Numbers
from broadcaster.hub.planning import plan_for, span_at
from broadcaster.hub.preparation import Preparation
from broadcaster.hub.readinesstests import Asked, ReadinessTests
from broadcaster.hub.rundowns import rundown_within
from broadcaster.hub.standing import kept, lying, standing
from broadcaster.hub.takingback import Stopped, TakingBack
from broadcaster.link.messages import Body, PlanRef, SetVolume, Stop, TestChime
from broadcaster.sound.library import Library
from broadcaster.store import Store
from broadcaster.store.orders import DeskOrder, StopAir, TryChime, TurnVolume
from broadcaster.store.rundown import CueLine

__all__ = ["Hub", "Outgoing"]

TEST_CHIME = Chime(name="test")

_CLIPS_STAY = timedelta(days=8)
"""A unit may be silent so long and still fetch what its plan names."""

_QUIET_HOUR = timedelta(hours=2)
"""After midnight, local time, when nobody is at the desk."""

_STANDING = timedelta(hours=7)
"""Alerts' sounds are made before tomorrow's programmes, and a better voice may still take the place of a
poorer one: all is planned anew within six hours."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An envelope to be published, and the desk's order or the test it carries, if it is one of those."""

    envelope: bytes
    desk_order: str | None = None
    asked: Asked | None = None


class Hub:
    """Everything the daemon decides and keeps, without clock, wire and threads of its own."""

    def __init__(
        self,
        *,
        reading: Reading,
        store: Store,
        library: Library,
        preparation: Preparation,
        shelf: PlanShelf,
        airing: Airing,
        collecting: Collecting,
    ) -> None:
        self._reading = reading
        self._store = store
        self._library = library
        self.preparation = preparation
        self._shelf = shelf
        self.airing = airing
        self.collecting = collecting
        self.numbers = Numbers(store)
        self._tests = ReadinessTests(store, airing, self.numbers)
        self.rundown = Rundown(cues=(), problems=())
        """As last worked out."""
        self._announcing = Announcing(shelf)
        self._taking_back = TakingBack(store, shelf)
        self._state: tuple[object, ...] | None = None
        """What the rundown was worked out from; None when it has to be worked out anew."""
        self._untold: dict[ZoneId, PlanRef] = {}
        self._knows_orders = False
        self._tidied: date | None = None

    @property
    def reading(self) -> Reading:
        """What the station folder says."""
        return self._reading

    def find_file(self, sha256: ClipId) -> Path | None:
        """The file units fetch under that name: a clip or a plan."""
        for path in (self._library.path_of(sha256), self._shelf.path_of(sha256)):
            if path.is_file():
                return path
        return None

    def step(self, now: datetime, monotonic: float, *, made: int = 0) -> tuple[Outgoing, ...]:
        """One pass: what has to be published now. `made` counts the clips made so far.

        Raises StoreFault when the store does not answer; the next pass takes up what this one did not do.
        """
        if not self._knows_orders:
            self._renew_orders(now)
        stopped = self._taking_back.stopped(now)
        state = self._store.counters.meant(), made, span_at(now), stopped
        if self._reading.look(monotonic) or state != self._state:
            self._state = None  # until it is worked out: a pass that fails is taken up by the next
        if self._state is None:
            self._plan(now, stopped)
            self._state = state
        out = self._plans_changed(now)
        self.collecting.keep_news(now)
        return (*out, *self._desk_orders(now), *self._asked(now))

    def minute(self, now: datetime) -> None:
        """What is done now and then: heartbeats stored, silence recorded, once a day the house kept."""
        self.collecting.keep_beats()
        self.collecting.close_silent(now)
        self._record_taken_back(self._taking_back.stopped(now), now)
        night = (now.astimezone(self._reading.station.timezone) - _QUIET_HOUR).date()
        if self._state is not None and night != self._tidied:
            self._tidied = night
            self._night(now)

    def _night(self, now: datetime) -> None:
        """Drop the clips that no plan and nothing wanted needs: the disk is small."""
        try:
            freed = self.preparation.tidy(self._shelf.clips, now - _CLIPS_STAY)
        except OSError as fault:
            _logger.warning("what is not needed any more could not be dropped: %s", fault)
        else:
            _logger.info("freed %d kB of clips nobody needs", freed >> 10)

    def due_next(self, now: datetime) -> datetime | None:
        """The next instant at which a plan changes by itself: a list of bulletins freezes."""
        freezes = (cue.frozen_at for cue in self.rundown.cues)
        return min((at for at in freezes if at is not None and at > now), default=None)

    # -- planning ------------------------------------------------------------------------------------

    def _plan(self, now: datetime, stopped: frozenset[Stopped]) -> None:
        """Work out what is meant, and put the plans in force that follow from it."""
        span, station = span_at(now), self._reading.station
        units = tuple(joined for joined in self._store.units.all() if not joined.forbidden)
        self.airing.admit(
            Membership(unit=u.unit.id, name=u.unit.name, zone=u.unit.zone, volume=u.volume) for u in units
        )
        zones = {joined.unit.zone for joined in units} & station.reach([EVERYWHERE])
        programmes = {programme.id for programme in self._reading.programmes}
        self.rundown = self._in_time(
            rundown_within(station, self._reading.programmes, self._store, span, self.preparation.length),
            programmes,
            now,
        )
        self.preparation.want(self._wanted(now))
        announced = (cue for cue in self.rundown.cues if cue.programme not in programmes)
        timing = self._announcing.timing(announced, self.preparation.lookup, zones, now)
        self._publish(timing, span, now)
        self._record_taken_back(stopped, now)
        drafts = [self._draft(zone, timing, stopped, span) for zone in sorted(zones)]
        self._untold |= self._shelf.put(drafts, lambda: self._store.counters.next_revision(now))
        in_force = [plan for zone in sorted(zones) if (plan := self._shelf.plan(zone)) is not None]
        before = self._store.readiness.laid()
        lookup = self.preparation.lookup
        self._store.readiness.lay(lying(station, in_force, self._templates, lookup, before, now))

    def _draft(self, zone: ZoneId, timing: Timing, stopped: Iterable[Stopped], span: Spell) -> Plan:
        return plan_for(
            self._reading.station,
            zone,
            self.rundown,
            self.preparation.lookup,
            timing.starts,
            timing.held_back.union(stop.cue for stop in stopped if stop.reaches(zone)),
            span,
            0,
            (*self._reading.fallbacks, *self._standing(zone)),
        )

    @property
    def _templates(self) -> tuple[AlertTemplate, ...]:
        return tuple(self._reading.alerts.values())

    def _standing(self, zone: ZoneId) -> tuple[Playable, ...]:
        return kept(self._reading.station, zone, self._templates, self.preparation.lookup)

    def _plans_changed(self, now: datetime) -> tuple[Outgoing, ...]:
        """What is to be said of plans that were put in force."""
        if not self._untold:
            return ()
        seq = self.numbers.kept(now)
        envelope = self.airing.plans_changed(self._untold, seq=seq, now=now)
        self._untold = {}
        return (Outgoing(envelope=envelope),)

    def _in_time(self, rundown: Rundown, programmes: Collection[ProgrammeId], now: datetime) -> Rundown:
        """Without what nobody meant before its time was over: a new time of a programme counts from its next
        day, and a new station owes nothing of the hours before it."""
        past = self._store.rundown.planned(Spell(begin=span_at(now).begin, end=now))
        meant = {line.cue for line in past if line.withdrawn is None}
        cues = (
            cue
            for cue in rundown.cues
            if cue.start >= now or cue.id in meant or cue.programme not in programmes
        )
        return replace(rundown, cues=tuple(cues))

    def _wanted(self, now: datetime) -> Iterable[tuple[Playable, datetime]]:
        always: tuple[Playable, ...] = (TEST_CHIME, *self._reading.fallbacks)
        for item in always:
            yield item, now + timedelta(days=1)
        for item in standing(self._reading.station, self._templates):
            yield item, now + _STANDING
        for cue in self.rundown.cues:
            if cue.start > now - timedelta(hours=1):
                for item in cue.items:
                    yield item, cue.start

    def _publish(self, timing: Timing, span: Spell, now: datetime) -> None:
        lines = (
            CueLine(
                cue=cue.id,
                zones=cue.zones,
                start=timing.starts.get(cue.id, cue.start),
                title=cue.title,
                rank=cue.rank,
                asked=cue.asked(self.preparation.length),
            )
            for cue in self.rundown.cues
        )
        self._store.rundown.publish(lines, span, now)

    def _record_taken_back(self, stopped: frozenset[Stopped], now: datetime) -> None:
        lines = self._taking_back.lines(self._reading.station, stopped, span_at(now), now)
        if lines:
            self._store.asrun.record(lines, now)

    # -- orders --------------------------------------------------------------------------------------

    def _desk_orders(self, now: datetime) -> tuple[Outgoing, ...]:
        return tuple(
            Outgoing(envelope=envelope, desk_order=order.id)
            for order in self._store.orders.take(now)
            if (envelope := self._signed(order, now)) is not None
        )

    def _asked(self, now: datetime) -> tuple[Outgoing, ...]:
        return tuple(
            Outgoing(envelope=envelope, asked=asked)
            for asked in self._tests.due(self._reading.station, now)
            for envelope in asked.envelopes
        )

    def _renew_orders(self, now: datetime) -> None:
        """After a start: what was sent before and is still in force is told to units that ask."""
        for order in self._store.orders.in_force(now):
            self._signed(order, now)
        self._knows_orders = True

    def _signed(self, order: DeskOrder, now: datetime) -> bytes | None:
        body = self._body(order)
        if body is None:
            return None
        seq = self.numbers.kept(now)
        return self.airing.order(body, id=order.id, to=order.to, seq=seq, now=now, expires=order.expires)

    def _body(self, order: DeskOrder) -> Body | None:
        match order.wish:
            case StopAir(cue=cue):
                return Stop(cue=cue, by=order.by)
            case TurnVolume(decibels=decibels):
                return SetVolume(decibels=decibels)
            case TryChime():
                clip = self.preparation.clip(TEST_CHIME)
                if clip is None:
                    _logger.warning("the test chime is not made yet; order=%s waits", order.id)
                    return None
                return TestChime(clip=clip.id, frames=clip.frames)

    def sent(self, outgoing: Outgoing, now: datetime) -> None:
        """It is on the wire."""
        if outgoing.desk_order is not None:
            self._store.orders.mark_sent(outgoing.desk_order, now)
        if outgoing.asked is not None:
            self._tests.sent(outgoing.asked)
