"""Which bulletins go into which slot of a programme, in order."""

from datetime import date

from broadcaster.domain.bulletin import Bulletin, State
from broadcaster.domain.names import BulletinId, CueId
from broadcaster.store.bulletins import bulletin_of
from broadcaster.store.file import StoreFile

__all__ = ["Bookings"]


class Bookings:
    """Bulletins by the cue they are booked into. A bulletin stands in a cue once."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def of(self, cue: CueId) -> tuple[BulletinId, ...]:
        """What is booked into the cue, approved or not, in the order people gave."""
        rows = self._file.rows("SELECT bulletin FROM bookings WHERE cue = ? ORDER BY place", cue)
        return tuple(BulletinId(row["bulletin"]) for row in rows)

    def cues_of(self, bulletin: BulletinId) -> tuple[CueId, ...]:
        """Where the bulletin is booked, earliest first."""
        rows = self._file.rows("SELECT cue FROM bookings WHERE bulletin = ? ORDER BY day, cue", bulletin)
        return tuple(CueId(row["cue"]) for row in rows)

    def approved(self, first: date, last: date) -> dict[CueId, tuple[Bulletin, ...]]:
        """What may be aired on local dates `first` to `last` (included): approved bulletins only,
        priority ones first, then as people ordered them. This is what planning takes."""
        rows = self._file.rows(
            "SELECT bookings.cue, bulletins.* FROM bookings JOIN bulletins ON bulletins.id = bulletin "
            "WHERE day >= ? AND day <= ? AND state = ? ORDER BY cue, rank DESC, place",
            first.isoformat(),
            last.isoformat(),
            State.APPROVED.value,
        )
        booked: dict[CueId, list[Bulletin]] = {}
        for row in rows:
            booked.setdefault(CueId(row["cue"]), []).append(bulletin_of(row))
        return {cue: tuple(bulletins) for cue, bulletins in booked.items()}

    def arrange(self, cue: CueId, bulletins: tuple[BulletinId, ...]) -> None:
        """Make `bulletins`, in this order, all that is booked into the cue."""
        day = cue.day.isoformat()
        with self._file.writing():
            self._file.run("DELETE FROM bookings WHERE cue = ?", cue)
            self._file.insert(
                "bookings",
                [
                    {"cue": cue, "day": day, "place": place, "bulletin": bulletin}
                    for place, bulletin in enumerate(bulletins)
                ],
            )
