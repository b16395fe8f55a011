"""The wire of the village: the real bytes, both ways, in one process. Cut, it loses what is sent."""

from collections import Counter
from collections.abc import Callable
from typing import Protocol

from broadcaster.domain.names import ClipId, UnitId

__all__ = ["HubSide", "UnitSide", "Wire"]


class HubSide(Protocol):
    """What the hub does with what comes. None: no answer."""

    def asked(self, unit: UnitId, raw: bytes) -> bytes | None: ...

    def told(self, unit: UnitId, raw: bytes) -> bytes | None: ...

    def heard(self, unit: UnitId, raw: bytes) -> None: ...

    def fetched(self, name: ClipId) -> bytes | None: ...


class UnitSide(Protocol):
    """What a unit does with what comes."""

    def ordered(self, raw: bytes) -> None: ...


class Wire:
    """One hub, any number of units. Who is not plugged in hears nothing."""

    def __init__(self) -> None:
        self.hub: HubSide | None = None
        self.session = 0
        """Grows whenever a hub is plugged in: then everybody has to connect anew."""
        self.units: dict[UnitId, UnitSide] = {}
        self.cut_off: set[UnitId] = set()
        self.loses: Callable[[int], bool] = lambda _: False
        """Whether the answer of that number gets lost on its way back: the hub has done what it was asked."""
        self._answers = 0
        self.carried: Counter[str] = Counter()
        """Bytes brought to all units so far: orders, answers, clips and plans."""
        self.letters: list[tuple[str, UnitId, bytes, bytes]] = []
        """What was said so far: the kind, the unit, what it said and what it was answered or brought."""

    def plug_in(self, hub: HubSide) -> None:
        self.hub = hub
        self.session += 1

    def unplug(self) -> None:
        self.hub = None

    def cut(self, *units: UnitId) -> None:
        """Cut these off; all of them when none is named."""
        self.cut_off |= set(units) or self.units.keys()

    def mend(self) -> None:
        self.cut_off.clear()

    def reaches(self, unit: UnitId) -> bool:
        """Whether that unit and the hub hear each other now."""
        return self.hub is not None and unit not in self.cut_off

    def order(self, envelope: bytes) -> None:
        """The hub says something to all units."""
        for unit, side in self.units.items():
            if self.reaches(unit):
                self.carried["orders"] += len(envelope)
                self.letters.append(("orders", unit, b"", envelope))
                side.ordered(envelope)

    def ask(self, unit: UnitId, raw: bytes) -> bytes | None:
        return self._answered(unit, "answers", lambda hub: hub.asked(unit, raw))

    def tell(self, unit: UnitId, raw: bytes) -> bytes | None:
        receipt = self._answered(unit, "answers", lambda hub: hub.told(unit, raw))
        self.letters.append(("tells", unit, raw, receipt or b""))
        return receipt

    def fetch(self, unit: UnitId, name: ClipId, kind: str) -> bytes | None:
        """Bytes by their name; `kind` is "clips" or "plans"."""
        brought = self._answered(unit, kind, lambda hub: hub.fetched(name))
        if kind == "plans":
            self.letters.append((kind, unit, b"", brought or b""))
        return brought

    def beat(self, unit: UnitId, raw: bytes) -> None:
        if self.hub is not None and self.reaches(unit):
            self.hub.heard(unit, raw)

    def _answered(self, unit: UnitId, kind: str, answer: Callable[[HubSide], bytes | None]) -> bytes | None:
        if self.hub is None or not self.reaches(unit):
            return None
        given = answer(self.hub)
        self._answers += 1
        if self.loses(self._answers):
            return None
        self.carried[kind] += len(given or b"")
        return given
