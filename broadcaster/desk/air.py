"""Saying something now or at a time, taking it back, stopping what is on air."""

from collections.abc import Iterable
from datetime import datetime

from broadcaster.desk.counter import Counter
from broadcaster.domain.people import Person
from broadcaster.domain.programme import Rank
from broadcaster.store.announcements import AnnouncementSheet
from broadcaster.store.orders import DeskOrder

__all__ = ["AirVerbs"]


class AirVerbs(Counter):
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
        raise NotImplementedError

    def cancel_announcement(self, who: Person, announcement: str) -> AnnouncementSheet:
        """Take an announcement back. Again: changes nothing. What sounds already is stopped by `stop`."""
        raise NotImplementedError

    def stop(
        self, who: Person, *, zones: Iterable[str], cue: str | None = None, id: str | None = None
    ) -> DeskOrder:
        """Stop `cue` in `zones`, or whatever is on air there. BadEntry codes: no-zones, unknown-zone."""
        raise NotImplementedError
