"""Saying something now or at a time, taking it back, stopping what is on air."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from broadcaster.desk import entries
from broadcaster.desk.booking import BookingVerbs
from broadcaster.desk.counter import PATIENCE, Act
from broadcaster.desk.faults import BadEntry, NotAllowed, NotFound
from broadcaster.desk.rights import Verb, may
from broadcaster.domain.names import BadName, CueId, ProgrammeId
from broadcaster.domain.people import Person
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.domain.programme import Rank
from broadcaster.folder.audio import BadAudio, find_chime
from broadcaster.link.messages import HandedOver, HandedStop
from broadcaster.store import StoreFault
from broadcaster.store.announcements import AnnouncementSheet
from broadcaster.store.orders import DeskOrder, StopAir

__all__ = ["AirVerbs"]

_STOP_NOW = timedelta(seconds=30)
"""How long a stop of whatever is on air holds: later it would take something else off the air."""

_STOP_CUE = timedelta(hours=6)
"""How long a stop of one cue holds: a unit that comes back must not go on with it."""

_TITLE = 60


class AirVerbs(BookingVerbs):
    """Verbs about the air."""

    def say(
        self,
        who: Person,
        words: str,
        *,
        zones: Iterable[str],
        at: datetime | None = None,
        title: str | None = None,
        language: str | None = None,
        rank: Rank = Rank.ORDINARY,
        chime: str | None = None,
        id: str | None = None,
    ) -> AnnouncementSheet:
        """Announce `words` in `zones` (ids, or `all`), as soon as it can be or at `at` (aware).

        `title` None: the first words. `chime` (a name of audio/chimes) sounds first. Where the station asks
        for approval, only who may approve may say (NotAllowed approval-needed).
        BadEntry codes: empty, too-long, control-characters, past, too-far, outside-hours, no-zones,
        unknown-zone, bad-rank, no-such-chime, bad-id, id-taken.
        """
        station = self.folder.station
        words = entries.words(words)
        title = entries.line(_first(words) if title is None else title, "title")
        where = entries.zones(station, zones)
        self._check_chime(chime)
        with self.act(who, Verb.SAY) as act:
            if station.approval and not may(act.who, Verb.APPROVE):
                raise NotAllowed(
                    "this station asks for approval: write a bulletin, submit it, and book it for its time",
                    "approval-needed",
                )
            act.only_own_zone(station, where)
            announcement = ProgrammeId(entries.checked_id(id, title))
            fresh = AnnouncementSheet(
                id=announcement,
                title=title,
                words=words,
                recording=None,
                language=language,
                chime=chime,
                zones=where,
                start=self._soonest(announcement, act.now) if at is None else entries.as_instant(at),
                rank=entries.rank(rank),
                by=act.who.login,
                asked=act.now,
            )
            return self.announce(act, fresh)

    def cancel_announcement(self, who: Person, announcement: str) -> AnnouncementSheet:
        """Take an announcement back. Again: changes nothing. What sounds already is stopped by `stop`."""
        with self.act(who, Verb.CANCEL_ANNOUNCEMENT) as act:
            sheet = self._needed_announcement(announcement)
            act.only_own(mine=sheet.by == act.who.login, what="an announcement")
            if sheet.cancelled_by is not None:
                act.nothing()
                return sheet
            cancelled = replace(sheet, cancelled_by=act.who.login, cancelled_at=act.now)
            self.store.announcements.put(cancelled)
            act.note(sheet.id, before=sheet.title, after="cancelled")
            return cancelled

    def stop(
        self, who: Person, *, zones: Iterable[str], cue: str | None = None, id: str | None = None
    ) -> DeskOrder:
        """Stop `cue` in `zones`, or whatever is on air there; through the hub if the store takes nothing.

        BadEntry codes: no-zones, unknown-zone. NotSent when the hub does not take it either.
        """
        station = self.folder.station
        where = entries.zones(station, zones)
        order_id = entries.checked_id(id, "stop")
        on = cue or "whatever is on air"

        def decided(act: Act) -> DeskOrder:
            act.only_own_zone(station, where)
            return DeskOrder(
                id=order_id,
                to=_targets(station, where),
                wish=StopAir(cue=None if cue is None else _cue(cue)),
                by=act.who.name,
                asked=act.now,
                expires=act.now + (_STOP_NOW if cue is None else _STOP_CUE),
            )

        try:
            with self.act(who, Verb.STOP, PATIENCE) as act:
                return self.send(act, decided(act), on=on)
        except StoreFault as fault:
            if self.hand_over is None:
                raise
            act = self.acting(who, Verb.STOP)
            order = decided(act)
            self.give(_handed(order), fault)
            act.note(on, after=f"order {order.id} to {', '.join(order.to)}; handed to the hub")
            self.owe(act, fault)
            return order

    def _soonest(self, announcement: ProgrammeId, now: datetime) -> datetime:
        """The next whole second, or, when this was sent before, the second it was given then."""
        known = self.store.announcements.find(announcement)
        if known is not None:
            return known.start
        return now if now.microsecond == 0 else now.replace(microsecond=0) + timedelta(seconds=1)

    def _check_chime(self, chime: str | None) -> None:
        if chime is None:
            return
        try:
            find_chime(self.folder.audio.parent, chime)
        except BadAudio as fault:
            raise BadEntry("chime", fault.wrong, fault.expected, code="no-such-chime") from None

    def _needed_announcement(self, announcement: str) -> AnnouncementSheet:
        try:
            sheet = self.store.announcements.find(ProgrammeId(announcement))
        except BadName:
            sheet = None
        if sheet is None:
            raise NotFound("announcement", announcement)
        return sheet


def _first(words: str) -> str:
    """The first words, as a title."""
    line = " ".join(words.split())
    return line if len(line) <= _TITLE else f"{line[:_TITLE].rpartition(' ')[0] or line[:_TITLE]}…"


def _handed(order: DeskOrder) -> HandedOver:
    assert isinstance(order.wish, StopAir)
    stop = HandedStop(
        id=order.id,
        to=order.to,
        cue=order.wish.cue,
        by=order.by,
        asked=order.asked,
        expires=order.expires,
    )
    return HandedOver(stop=stop)


def _targets(station: Station, zones: Iterable[str]) -> tuple[str, ...]:
    """Zones as orders name them: spread out, or `all`."""
    reached = station.reach(zones)
    if reached == station.reach([EVERYWHERE]):
        return (EVERYWHERE,)
    return tuple(f"zone:{zone}" for zone in sorted(reached))


def _cue(cue: str) -> CueId:
    try:
        return CueId(cue)
    except BadName:
        raise NotFound("cue", cue) from None
