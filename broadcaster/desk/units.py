"""Units: let in, forbid, name, move, loudness, test chime."""

import math
import re
from dataclasses import replace
from datetime import timedelta

from broadcaster.desk import entries
from broadcaster.desk.counter import Act, Counter
from broadcaster.desk.faults import BadEntry, NotFound
from broadcaster.desk.rights import Verb
from broadcaster.domain.names import BadName, UnitId, ZoneId
from broadcaster.domain.people import Person
from broadcaster.domain.places import Unit
from broadcaster.store.joining import JoinRequest
from broadcaster.store.orders import DeskOrder, TryChime, TurnVolume
from broadcaster.store.units import JoinedUnit

__all__ = ["QUIETEST", "UnitVerbs"]

QUIETEST = -60.0
"""dB below full; the loudest is 0."""

_CHIME_HOLDS = timedelta(minutes=1)
_VOLUME_HOLDS = timedelta(minutes=10)
"""A unit that hears of it later reads its volume in the present state it asks for."""


class UnitVerbs(Counter):
    """Verbs about units."""

    def pair_unit(
        self, who: Person, code: str, *, name: str, zone: str, unit: str | None = None
    ) -> JoinedUnit:
        """Let in the unit that speaks `code` (six digits, spaces do not matter). `unit`: the id it gets;
        None makes one of its zone and a number. A forbidden unit's id can be given to a new box, which then
        takes its place.

        BadEntry codes: bad-code, unknown-code, code-twice, empty, unknown-zone, bad-id, id-taken.
        """
        name = entries.line(name, "name")
        zone_id = entries.zone(self.folder.station, zone)
        with self.act(who, Verb.PAIR_UNIT) as act:
            request = self._spoken(act, code)
            known = self.store.units.by_nkey(request.nkey)
            id = known.unit.id if known is not None else self._place(unit, zone_id)
            before = self.store.units.find(id)
            joined = JoinedUnit(
                unit=Unit(id=id, name=name, zone=zone_id),
                nkey=request.nkey,
                joined=act.now,
                volume=0.0 if before is None else before.volume,
            )
            self.store.units.put(joined)
            self.store.joining.settle(request.nkey)
            act.note(id, before="" if before is None else _told(before), after=_told(joined))
            return joined

    def forbid_unit(self, who: Person, unit: str) -> JoinedUnit:
        """Shut a unit out (stolen, given away). Again: changes nothing."""
        with self.act(who, Verb.FORBID_UNIT) as act:
            joined = self.needed_unit(unit)
            return self._put(act, joined, replace(joined, forbidden=True))

    def readmit_unit(self, who: Person, unit: str) -> JoinedUnit:
        """Let a forbidden unit in again. Again: changes nothing."""
        with self.act(who, Verb.READMIT_UNIT) as act:
            joined = self.needed_unit(unit)
            return self._put(act, joined, replace(joined, forbidden=False))

    def rename_unit(self, who: Person, unit: str, name: str) -> JoinedUnit:
        """Give a unit another name; its id stays."""
        name = entries.line(name, "name")
        with self.act(who, Verb.RENAME_UNIT) as act:
            joined = self.needed_unit(unit)
            return self._put(act, joined, replace(joined, unit=replace(joined.unit, name=name)))

    def move_unit(self, who: Person, unit: str, zone: str) -> JoinedUnit:
        """The unit stands in another zone now."""
        zone_id = entries.zone(self.folder.station, zone)
        with self.act(who, Verb.MOVE_UNIT) as act:
            joined = self.needed_unit(unit)
            return self._put(act, joined, replace(joined, unit=replace(joined.unit, zone=zone_id)))

    def set_volume(self, who: Person, unit: str, decibels: float) -> JoinedUnit:
        """Loudness in dB below full, 0 to -60. Again: changes nothing. BadEntry code bad-volume."""
        if not math.isfinite(decibels) or not QUIETEST <= decibels <= 0:
            raise BadEntry(
                "volume",
                f"{decibels} dB is no volume",
                f"choose 0 (full) to {QUIETEST:.0f}",
                code="bad-volume",
            )
        with self.act(who, Verb.SET_VOLUME) as act:
            joined = self.needed_unit(unit)
            turned = self._put(act, joined, replace(joined, volume=float(decibels)))
            if turned != joined:
                self.store.orders.put(
                    DeskOrder(
                        id=entries.checked_id(None, f"volume-{joined.unit.id}"),
                        to=(f"unit:{joined.unit.id}",),
                        wish=TurnVolume(decibels=float(decibels)),
                        by=act.who.name,
                        asked=act.now,
                        expires=act.now + _VOLUME_HOLDS,
                    )
                )
            return turned

    def test_chime(self, who: Person, unit: str, *, id: str | None = None) -> DeskOrder:
        """Sound the test chime on one unit, once, soon or not at all."""
        with self.act(who, Verb.TEST_CHIME) as act:
            joined = self.needed_unit(unit)
            order = DeskOrder(
                id=entries.checked_id(id, "chime"),
                to=(f"unit:{joined.unit.id}",),
                wish=TryChime(),
                by=act.who.name,
                asked=act.now,
                expires=act.now + _CHIME_HOLDS,
            )
            return self.send(act, order, on=joined.unit.id)

    def needed_unit(self, unit: str) -> JoinedUnit:
        """The unit of that id. Raises NotFound."""
        try:
            joined = self.store.units.find(UnitId(unit))
        except BadName:
            joined = None
        if joined is None:
            raise NotFound("unit", unit)
        return joined

    def _spoken(self, act: Act, code: str) -> JoinRequest:
        digits = re.sub(r"[\s.-]", "", code)
        if re.fullmatch(r"[0-9]{6}", digits) is None:
            raise BadEntry(
                "code", "it is not six digits", "type the six digits the unit speaks", code="bad-code"
            )
        found = [request for request in self.store.joining.waiting(act.now) if request.code == digits]
        if not found:
            raise BadEntry(
                "code",
                "no unit that waits speaks this code",
                "listen again: the code changes when the unit begins anew",
                code="unknown-code",
            )
        if len(found) > 1:
            raise BadEntry(
                "code",
                "two units speak the same code",
                "switch one of them off and on, and listen again",
                code="code-twice",
            )
        return found[0]

    def _place(self, unit: str | None, zone: ZoneId) -> UnitId:
        """The id a new box gets: the one wished for, if it is free, or the zone's next number."""
        if unit is not None:
            id = UnitId(entries.checked_id(unit, ""))
            there = self.store.units.find(id)
            if there is not None and not there.forbidden:
                raise BadEntry(
                    "id",
                    f"the unit {id} is in service",
                    "choose another id, or forbid that unit first to give its place to this box",
                    code="id-taken",
                )
            return id
        taken = {joined.unit.id for joined in self.store.units.all()}
        number = 1
        while (id := UnitId(f"{zone[:_ZONE_PART].rstrip('-')}-{number}")) in taken:
            number += 1
        return id

    def _put(self, act: Act, before: JoinedUnit, after: JoinedUnit) -> JoinedUnit:
        if after == before:
            act.nothing()
            return before
        self.store.units.put(after)
        act.note(after.unit.id, before=_told(before), after=_told(after))
        return after


_ZONE_PART = 42
"""Characters of the zone's id in a unit's, so that a number fits behind."""


def _told(joined: JoinedUnit) -> str:
    forbidden = ", forbidden" if joined.forbidden else ""
    return f"{joined.unit.name}, {joined.unit.zone}, {joined.volume:g} dB{forbidden}"
