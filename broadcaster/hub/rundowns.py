"""The rundown as store and folder have it: what planning lays on units, and the dry run people see."""

from collections.abc import Iterable
from datetime import timedelta

from broadcaster.domain.instants import Spell
from broadcaster.domain.places import Station
from broadcaster.domain.programme import Playable, Programme
from broadcaster.domain.rundown import Lengths, Rundown, estimated, work_out
from broadcaster.hub.preparation import Preparation
from broadcaster.store import Store

__all__ = ["best_guess", "rundown_within"]


def rundown_within(
    station: Station, programmes: Iterable[Programme], store: Store, span: Spell, lengths: Lengths
) -> Rundown:
    """Programmes, announcements and bookings of `span`, worked out. Raises StoreFault."""
    announcements = store.announcements.planned(span)
    first, last = (moment.astimezone(station.timezone).date() for moment in (span.begin, span.end))
    return work_out(station, programmes, announcements, store.bookings.approved(first, last), span, lengths)


def best_guess(preparation: Preparation) -> Lengths:
    """Lengths of what is made, and guesses for the rest."""

    def length(item: Playable) -> timedelta | None:
        return preparation.length(item) or estimated(item)

    return length
