"""[[contact]]: whom to call when the horns cannot be reached."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from broadcaster.domain.places import EVERYWHERE
from broadcaster.folder.faults import did_you_mean, quoted
from broadcaster.folder.sections import Section

__all__ = ["Contact", "contacts_of"]

_NUMBER = re.compile(r"\+?[0-9]{3,15}")
_BETWEEN = re.compile(r"[ .-]")
_EXAMPLE = 'a number, like phone = "0912 345 678"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody with a telephone. `phone` is digits with at most a + before them; `zone` is where they can
    do something: a zone's id, or `all`."""

    name: str
    phone: str
    zone: str = EVERYWHERE


def contacts_of(top: Section, zones: Collection[str]) -> tuple[Contact, ...]:
    """The contacts that are well written, in their order; faults in the others are noted."""
    return tuple(found for each in top.tables("contact") if (found := _contact(each, zones)) is not None)


def _contact(section: Section, zones: Collection[str]) -> Contact | None:
    name = section.line("name", required='a name, like name = "Bác Tư, trưởng thôn Bến"')
    phone = section.line("phone", required=_EXAMPLE)
    zone = section.line("zone") or EVERYWHERE
    section.leftovers()
    number = _BETWEEN.sub("", phone or "")
    if phone is not None and _NUMBER.fullmatch(number) is None:
        section.wrong("phone", f"{quoted(phone)} is no telephone number", f"expected {_EXAMPLE}")
        return None
    if zone != EVERYWHERE and zone not in zones:
        section.wrong("zone", f"there is no zone {quoted(zone)}", did_you_mean(zone, {*zones, EVERYWHERE}))
        return None
    return None if name is None or phone is None else Contact(name=name, phone=number, zone=zone)
