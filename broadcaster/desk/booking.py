"""Bulletins into the slots of programmes, or at a time of their own."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from broadcaster.desk import entries
from broadcaster.desk.bulletins import BulletinVerbs
from broadcaster.desk.counter import Act
from broadcaster.desk.faults import BadEntry, NotFound
from broadcaster.desk.rights import Verb
from broadcaster.domain.bulletin import State
from broadcaster.domain.instants import to_utc
from broadcaster.domain.names import BadName, BulletinId, CueId, ProgrammeId
from broadcaster.domain.people import Person
from broadcaster.domain.programme import Programme
from broadcaster.domain.rundown import frozen_at
from broadcaster.domain.timetable import falls_on, wall_time
from broadcaster.store.announcements import AnnouncementSheet

__all__ = ["BookingVerbs"]


class BookingVerbs(BulletinVerbs):
    """Verbs about bookings. A bulletin may be booked before it is approved; unapproved, it is not aired."""

    def book(self, who: Person, bulletin: str, cue: str) -> tuple[BulletinId, ...]:
        """Book into a programme's slot, at the end; returns all of the slot. Again: changes nothing.

        BadEntry codes: no-slot (that programme takes no bulletins, or is not on then), slot-closed.
        """
        with self.act(who, Verb.BOOK) as act:
            slot, booked, mine = self._slot(act, bulletin, cue)
            self._check_open(slot, act.now)
            if mine in booked:
                act.nothing()
                return booked
            return self._arrange(act, slot, mine, (*booked, mine))

    def unbook(self, who: Person, bulletin: str, cue: str) -> tuple[BulletinId, ...]:
        """Take it out of the slot; returns what is left. Again: changes nothing.

        BadEntry code slot-closed: then `return_` it, which takes it off everywhere.
        """
        with self.act(who, Verb.UNBOOK) as act:
            slot, booked, mine = self._slot(act, bulletin, cue)
            if mine not in booked:
                act.nothing()
                return booked
            if self._programme(slot) is not None:  # a slot that is gone can be tidied up at any time
                self._check_open(slot, act.now)
            return self._arrange(act, slot, mine, tuple(other for other in booked if other != mine))

    def move_booking(self, who: Person, bulletin: str, cue: str, place: int) -> tuple[BulletinId, ...]:
        """Put it at `place` of the slot, 0 being first. BadEntry codes: slot-closed, bad-place."""
        with self.act(who, Verb.MOVE_BOOKING) as act:
            slot, booked, mine = self._slot(act, bulletin, cue)
            if mine not in booked:
                raise NotFound("booking", f"{bulletin} in {cue}")
            self._check_open(slot, act.now)
            if not 0 <= place < len(booked):
                raise BadEntry(
                    "place",
                    f"the slot has no place {place}",
                    f"choose 0 to {len(booked) - 1}",
                    code="bad-place",
                )
            others = [other for other in booked if other != mine]
            order = (*others[:place], mine, *others[place:])
            if order == booked:
                act.nothing()
                return booked
            return self._arrange(act, slot, mine, order)

    def book_at(
        self,
        who: Person,
        bulletin: str,
        *,
        at: datetime,
        zones: Iterable[str],
        id: str | None = None,
    ) -> AnnouncementSheet:
        """Book at a time of its own (aware; any zone of time) for `zones` (ids, or `all`).

        BadEntry codes: past, too-far, outside-hours, no-zones, unknown-zone, bad-id, id-taken.
        """
        station = self.folder.station
        where = entries.zones(station, zones)
        with self.act(who, Verb.BOOK_AT) as act:
            booked = self.needed_bulletin(bulletin).bulletin
            act.only_own(mine=booked.author == act.who.login, what="a bulletin")
            act.only_own_zone(station, where)
            fresh = AnnouncementSheet(
                id=ProgrammeId(entries.checked_id(id, booked.title)),
                title=booked.title,
                words=booked.words,
                recording=booked.recording,
                language=booked.language,
                bulletin=booked.id,
                ready=booked.state is State.APPROVED,
                zones=where,
                start=entries.as_instant(at),
                rank=booked.rank,
                by=act.who.login,
                asked=act.now,
            )
            return self.announce(act, fresh)

    def announce(self, act: Act, fresh: AnnouncementSheet) -> AnnouncementSheet:
        """Enter an announcement, or give the one that is there when this is the same sent twice."""
        known = self.store.announcements.find(fresh.id)
        if known is not None and _same(known, fresh):
            act.nothing()
            return known
        if known is not None or fresh.id in self.folder.programmes:
            raise BadEntry(
                "id",
                f"{fresh.id} belongs to another announcement or programme",
                "choose another id",
                code="id-taken",
            )
        station = self.folder.station
        entries.still_to_come(fresh.start, act.now, station)
        entries.open_somewhere(station, fresh.zones, fresh.start)
        self.store.announcements.put(fresh)
        where = ", ".join(fresh.zones)
        act.note(
            fresh.id,
            after=f"{wall_time(fresh.start, station.timezone)} in {where}: {fresh.words or fresh.recording}",
        )
        return fresh

    def _slot(self, act: Act, bulletin: str, cue: str) -> tuple[CueId, tuple[BulletinId, ...], BulletinId]:
        """The slot, what is booked there, and the bulletin: all there, and within the person's right."""
        sheet = self.needed_bulletin(bulletin)
        act.only_own(mine=sheet.bulletin.author == act.who.login, what="a bulletin")
        try:
            slot = CueId(cue)
        except BadName:
            raise NotFound("slot", cue) from None
        programme = self._programme(slot)
        if programme is not None:
            act.only_own_zone(self.folder.station, programme.zones)
        return slot, self.store.bookings.of(slot), sheet.bulletin.id

    def _programme(self, slot: CueId) -> Programme | None:
        """The programme that is on then, by its present file."""
        programme = self.folder.programmes.get(slot.programme)
        if programme is None or not falls_on(programme, slot.day):
            return None
        return programme if slot.at in programme.at else None

    def _check_open(self, slot: CueId, now: datetime) -> None:
        programme = self._programme(slot)
        place = None if programme is None else programme.bulletins
        if place is None:
            raise BadEntry(
                "cue",
                f"no programme takes bulletins at {slot}",
                'choose a slot of a programme that has bulletins = "booked"',
                code="no-slot",
            )
        timezone = self.folder.station.timezone
        closed = frozen_at(to_utc(slot.nominal, timezone), place.closes)
        if now >= closed:
            raise BadEntry(
                "cue",
                f"the list of {slot} closed at {wall_time(closed, timezone)}",
                "choose the next slot",
                code="slot-closed",
            )

    def _arrange(
        self, act: Act, slot: CueId, mine: BulletinId, order: tuple[BulletinId, ...]
    ) -> tuple[BulletinId, ...]:
        before = self.store.bookings.of(slot)
        self.store.bookings.arrange(slot, order)
        act.note(mine, before=f"{slot}: {', '.join(before)}", after=f"{slot}: {', '.join(order)}")
        return order


def _same(known: AnnouncementSheet, again: AnnouncementSheet) -> bool:
    """Whether this is the same wish sent twice; what happened to it meanwhile does not count."""
    first = replace(known, asked=again.asked, ready=again.ready, cancelled_by=None, cancelled_at=None)
    return first == again
