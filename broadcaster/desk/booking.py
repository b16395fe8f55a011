"""Bulletins into the slots of programmes, or at a time of their own."""

from collections.abc import Iterable
from datetime import datetime

from broadcaster.desk.counter import Counter
from broadcaster.domain.names import BulletinId
from broadcaster.domain.people import Person
from broadcaster.store.announcements import AnnouncementSheet

__all__ = ["BookingVerbs"]


class BookingVerbs(Counter):
    """Verbs about bookings. A bulletin may be booked before it is approved; unapproved, it is not aired."""

    def book(self, who: Person, bulletin: str, cue: str) -> tuple[BulletinId, ...]:
        """Book into a programme's slot, at the end; returns all of the slot. Again: changes nothing.

        BadEntry codes: no-slot (that programme takes no bulletins, or is not on then), slot-closed.
        """
        raise NotImplementedError

    def unbook(self, who: Person, bulletin: str, cue: str) -> tuple[BulletinId, ...]:
        """Take it out of the slot; returns what is left. BadEntry code slot-closed."""
        raise NotImplementedError

    def move_booking(self, who: Person, bulletin: str, cue: str, place: int) -> tuple[BulletinId, ...]:
        """Put it at `place` of the slot, 0 being first. BadEntry codes: slot-closed, bad-place."""
        raise NotImplementedError

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
        raise NotImplementedError
