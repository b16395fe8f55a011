"""Whom to call when the horns cannot be reached: people of station.toml, and the country's own numbers."""

from collections.abc import Iterable

from broadcaster.domain.alert import Hazard
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.folder import Contact

__all__ = ["SHORT_NUMBERS", "by_zone", "nearest", "short_numbers"]

SHORT_NUMBERS: dict[str, str] = {
    "112": "Tìm kiếm, cứu nạn",
    "113": "Công an",
    "114": "Cứu hoả, cứu hộ",
    "115": "Cấp cứu",
}
"""Vietnam's, which any telephone reaches free of charge."""

_FIRST: dict[Hazard, str] = {Hazard.FIRE: "114", Hazard.EPIDEMIC: "115"}


def nearest(contacts: Iterable[Contact], station: Station, zones: Iterable[str]) -> list[Contact]:
    """Those who can do something in `zones`: who looks after the whole first, then each in its order."""
    known = {EVERYWHERE, *(zone.id for zone in station.zones)}
    reached = station.reach(zone for zone in zones if zone in known)

    def near(contact: Contact) -> bool:
        return contact.zone == EVERYWHERE or bool(station.reach([contact.zone]) & reached)

    found = [contact for contact in contacts if contact.zone in known and near(contact)]
    return sorted(found, key=lambda contact: contact.zone != EVERYWHERE)


def by_zone(contacts: Iterable[Contact]) -> dict[str, list[Contact]]:
    """Who looks after one zone and no more: who can go and see, or knock at doors."""
    found: dict[str, list[Contact]] = {}
    for contact in contacts:
        if contact.zone != EVERYWHERE:
            found.setdefault(contact.zone, []).append(contact)
    return found


def short_numbers(hazard: Hazard | None) -> list[tuple[str, str]]:
    """Number and name, the one for this hazard first; 112 otherwise."""
    first = _FIRST.get(hazard, "112") if hazard is not None else "112"
    return sorted(SHORT_NUMBERS.items(), key=lambda number: (number[0] != first, number[0]))
