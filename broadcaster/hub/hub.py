"""One pass of the daemon at a time: look what changed, plan anew, say what is due. Time is an argument.

Nothing here waits for a network, so that whole days can be run at fake speed. `service` gives it the
clock, the wire and its threads.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId, CueId
from broadcaster.domain.programme import Chime, Playable
from broadcaster.domain.rundown import Cue, Rundown
from broadcaster.hub.airing import Airing, Membership, PlanShelf
from broadcaster.hub.collecting import Collecting, expected, line_of
from broadcaster.hub.folders import Reading
from broadcaster.hub.planning import LAYING, is_pending, plan_for, span_at
from broadcaster.hub.preparation import Preparation
from broadcaster.hub.rundowns import rundown_within
from broadcaster.link.messages import Body, SetVolume, Stop, TestChime
from broadcaster.sound.library import Library
from broadcaster.store import Store
from broadcaster.store.orders import DeskOrder, StopAir, TryChime, TurnVolume
from broadcaster.store.rundown import CueLine

__all__ = ["Hub", "Outgoing"]

TEST_CHIME = Chime(name="test")

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An envelope to be published, and the desk's order it carries, if it is one of those."""

    envelope: bytes
    desk_order: str | None = None


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
        self.rundown = Rundown(cues=(), problems=())
        """As last worked out."""
        self._starts: dict[CueId, datetime] = {}
        self._seen_meant: int | None = None
        self._span: Spell | None = None
        self._made = 0
        self._knows_orders = False

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
        meant = self._store.counters.meant()
        changed = self._reading.look(monotonic)
        fresh = changed or meant != self._seen_meant or made != self._made or span_at(now) != self._span
        out = self._planned(now) if fresh else ()
        self._seen_meant, self._made, self._span = meant, made, span_at(now)
        self.collecting.keep_news()
        return (*out, *self._desk_orders(now))

    def minute(self, now: datetime) -> None:
        """What is done now and then: heartbeats stored, silence recorded, unused clips dropped."""
        self.collecting.keep_beats()
        self.collecting.close_silent(now)

    def due_next(self, now: datetime) -> datetime | None:
        """The next instant at which a plan changes by itself: a list of bulletins freezes."""
        freezes = (cue.frozen_at for cue in self.rundown.cues)
        return min((at for at in freezes if at is not None and at > now), default=None)

    # -- planning ------------------------------------------------------------------------------------

    def _planned(self, now: datetime) -> tuple[Outgoing, ...]:
        span = span_at(now)
        station = self._reading.station
        self.rundown = rundown_within(
            station, self._reading.programmes, self._store, span, self.preparation.length
        )
        self.preparation.want(self._wanted(now))
        held_back = self._hold_back(now)
        self._publish_lines(span, now)
        units = self._store.units.all()
        self.airing.admit(
            Membership(unit=u.unit.id, name=u.unit.name, zone=u.unit.zone, volume=u.volume)
            for u in units
            if not u.forbidden
        )
        zones = sorted({u.unit.zone for u in units if not u.forbidden})
        drafts = [
            plan_for(station, zone, self.rundown, self.preparation.lookup, self._starts, held_back, span, 0)
            for zone in zones
            if zone in station.reach(["all"])
        ]
        fresh = self._shelf.put(drafts, lambda: self._store.counters.next_revision(now))
        if not fresh:
            return ()
        envelope = self.airing.plans_changed(fresh, seq=self._store.counters.next_seq(now), now=now)
        return (Outgoing(envelope=envelope),)

    def _wanted(self, now: datetime) -> Iterable[tuple[Playable, datetime]]:
        yield TEST_CHIME, now + timedelta(days=1)
        for cue in self.rundown.cues:
            if cue.start > now - timedelta(hours=1):
                for item in cue.items:
                    yield item, cue.start

    def _hold_back(self, now: datetime) -> frozenset[CueId]:
        """Announcements whose sound is not there yet; gives those a later start whose sound came late."""
        programmes = {programme.id for programme in self._reading.programmes}
        held: set[CueId] = set()
        for cue in self.rundown.cues:
            if cue.programme in programmes or cue.id in self._starts:
                continue
            if is_pending(cue, self.preparation.lookup):
                held.add(cue.id)
            elif now + LAYING > cue.start and not self._is_laid(cue):
                self._starts[cue.id] = now + LAYING
        known = {cue.id for cue in self.rundown.cues}
        self._starts = {id: start for id, start in self._starts.items() if id in known}
        return frozenset(held)

    def _is_laid(self, cue: Cue) -> bool:
        """Whether a plan in force has the cue already; its start is not moved again (a hub that restarts)."""
        plans = (self._shelf.plan(zone) for zone in cue.zones)
        for planned in (p for plan in plans if plan is not None for p in plan.cues):
            if planned.id == cue.id and planned.clips:
                if planned.start != cue.start:
                    self._starts[cue.id] = planned.start
                return True
        return False

    def _publish_lines(self, span: Spell, now: datetime) -> None:
        lines = (
            CueLine(
                cue=cue.id,
                zones=cue.zones,
                start=cue.start,
                title=cue.title,
                rank=cue.rank,
                asked=cue.asked(self.preparation.length),
            )
            for cue in self.rundown.cues
        )
        self._record_cancelled(self._store.rundown.publish(lines, span, now), now)

    def _record_cancelled(self, withdrawn: Iterable[CueLine], now: datetime) -> None:
        """What a person took back before it sounded gets its line; a changed timetable is no loss."""
        units = self._store.units.all()
        entries = []
        for line in withdrawn:
            sheet = self._store.announcements.find(line.cue.programme)
            if sheet is not None and sheet.cancelled_by is not None:
                why = f"taken back by {sheet.cancelled_by}"
                entries += [line_of(line, u, Outcome.CANCELLED, why, now) for u in expected(line, units)]
        if entries:
            self._store.asrun.record(tuple(entries), now)

    # -- orders --------------------------------------------------------------------------------------

    def _desk_orders(self, now: datetime) -> tuple[Outgoing, ...]:
        return tuple(
            Outgoing(envelope=envelope, desk_order=order.id)
            for order in self._store.orders.take(now)
            if (envelope := self._signed(order, now)) is not None
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
        seq = self._store.counters.next_seq(now)
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
