"""Which bulletins go into which slot of a programme, in order."""

from datetime import date

from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.names import BulletinId, CueId
from broadcaster.store.file import StoreFile

__all__ = ["Bookings"]


class Bookings:
    """Bulletins by the cue they are booked into. A bulletin stands in a cue once."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def of(self, cue: CueId) -> tuple[BulletinId, ...]:
        """What is booked into the cue, approved or not, in the order people gave."""
        raise NotImplementedError

    def cues_of(self, bulletin: BulletinId) -> tuple[CueId, ...]:
        """Where the bulletin is booked, earliest first."""
        raise NotImplementedError

    def approved(self, first: date, last: date) -> dict[CueId, tuple[Bulletin, ...]]:
        """What may be aired on local dates `first` to `last` (included): approved bulletins only,
        priority ones first, then as people ordered them. This is what planning takes."""
        raise NotImplementedError

    def arrange(self, cue: CueId, bulletins: tuple[BulletinId, ...]) -> None:
        """Make `bulletins`, in this order, all that is booked into the cue."""
        raise NotImplementedError
