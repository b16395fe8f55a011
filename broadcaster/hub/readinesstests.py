"""Tests that nobody hears: every unit is asked whether it is ready, each morning and when somebody asks.

Units answer with receipts; what follows from them is in `domain.readiness`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from broadcaster.domain.names import AlertId, ClipId, ZoneId
from broadcaster.domain.places import Station
from broadcaster.hub.airing import Airing
from broadcaster.hub.numbers import Numbers
from broadcaster.link.messages import TestReadiness
from broadcaster.store import Store
from broadcaster.store.readiness import ReadinessTest

__all__ = ["Asked", "ReadinessTests"]

_MORNING = time(7, 0)
"""Local time of the daily test: somebody is at work soon who can look after what it finds."""

_WAIT_FOR_SOUND = timedelta(hours=1)
"""How long the daily test waits for sounds that are still being made."""

_LIFE = timedelta(minutes=10)
"""How late an order may come over a bad line; after that the unit was silent."""

_LAPSED = timedelta(hours=1)
"""A test that could not be sent for so long is nobody's wish any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Envelopes to be published, and the test as it is then."""

    envelopes: tuple[bytes, ...]
    test: ReadinessTest


class ReadinessTests:
    """To be asked in every pass of the hub. Everything raises StoreFault."""

    def __init__(self, store: Store, airing: Airing, numbers: Numbers) -> None:
        self._store = store
        self._airing = airing
        self._numbers = numbers
        self._done: str = ""
        """The daily test that is sent, as far as this process knows."""
        self._waits_since: datetime | None = None

    def due(self, station: Station, now: datetime) -> tuple[Asked, ...]:
        """The tests to be sent now. Sent again, under the same ids, until they are marked."""
        wanted = [
            test
            for test in self._store.readiness.tests()
            if test.sent is None and timedelta(0) <= now - test.at < _LAPSED
        ]
        daily = self._daily(station, now)
        return tuple(self._asked(test, now) for test in (*wanted, *([daily] if daily else [])))

    def sent(self, asked: Asked) -> None:
        """It is on the wire."""
        self._store.readiness.put_test(asked.test)

    def _daily(self, station: Station, now: datetime) -> ReadinessTest | None:
        local = now.astimezone(station.timezone)
        since = local.replace(hour=_MORNING.hour, minute=_MORNING.minute, second=0, microsecond=0)
        id = AlertId(f"kt-{local.date().isoformat()}")
        if local < since or self._done == id:
            return None
        if self._store.readiness.find_test(id) is not None:
            self._done = id
            return None
        laid = self._store.readiness.laid()
        self._waits_since = self._waits_since or now
        if not laid or (any(each.pending for each in laid) and now - self._waits_since < _WAIT_FOR_SOUND):
            return None
        self._waits_since = None
        return ReadinessTest(id=id, by="", at=now, templates=(), units=())

    def _asked(self, test: ReadinessTest, now: datetime) -> Asked:
        laid = self._store.readiness.laid()
        units = {unit: member.zone for unit, member in self._airing.units.items()}
        orders = _together(
            {
                zone: frozenset(clip for each in laid if each.zone == zone for clip in each.clips)
                for zone in frozenset(units.values())
            }
        )
        envelopes = tuple(
            self._airing.order(
                TestReadiness(test=test.id, clips=tuple(sorted(clips))),
                id=test.id if len(orders) == 1 else f"{test.id}-{number}",
                to=tuple(f"zone:{zone}" for zone in sorted(same)),
                seq=self._numbers.next(now),
                now=now,
                expires=now + _LIFE,
            )
            for number, (clips, same) in enumerate(orders.items(), 1)
        )
        templates = tuple(sorted({each.template for each in laid}))
        return Asked(
            envelopes=envelopes,
            test=replace(test, templates=templates, units=tuple(sorted(units)), sent=now),
        )


def _together(zones: Mapping[ZoneId, frozenset[ClipId]]) -> dict[frozenset[ClipId], list[ZoneId]]:
    """Zones in which the same clips lie, in an order that does not change."""
    same: dict[frozenset[ClipId], list[ZoneId]] = {}
    for zone in sorted(zones):
        same.setdefault(zones[zone], []).append(zone)
    return same
