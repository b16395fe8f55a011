"""Units: let in, forbid, name, move, loudness, test chime."""

from broadcaster.desk.counter import Counter
from broadcaster.domain.people import Person
from broadcaster.store.orders import DeskOrder
from broadcaster.store.units import JoinedUnit

__all__ = ["UnitVerbs"]


class UnitVerbs(Counter):
    """Verbs about units."""

    def pair_unit(
        self, who: Person, code: str, *, name: str, zone: str, unit: str | None = None
    ) -> JoinedUnit:
        """Let in the unit that speaks `code` (six digits, spaces do not matter). `unit`: the id it gets;
        None makes one of its zone and a number.

        BadEntry codes: bad-code, unknown-code, code-twice, empty, unknown-zone, bad-id, id-taken.
        """
        raise NotImplementedError

    def forbid_unit(self, who: Person, unit: str) -> JoinedUnit:
        """Shut a unit out (stolen, given away). Again: changes nothing."""
        raise NotImplementedError

    def readmit_unit(self, who: Person, unit: str) -> JoinedUnit:
        """Let a forbidden unit in again."""
        raise NotImplementedError

    def rename_unit(self, who: Person, unit: str, name: str) -> JoinedUnit:
        """Give a unit another name; its id stays."""
        raise NotImplementedError

    def move_unit(self, who: Person, unit: str, zone: str) -> JoinedUnit:
        """The unit stands in another zone now."""
        raise NotImplementedError

    def set_volume(self, who: Person, unit: str, decibels: float) -> JoinedUnit:
        """Loudness in dB below full, 0 to -60. BadEntry code bad-volume."""
        raise NotImplementedError

    def test_chime(self, who: Person, unit: str, *, id: str | None = None) -> DeskOrder:
        """Sound the test chime on one unit, once, soon or not at all."""
        raise NotImplementedError
