"""[[allowed]] and [[quiet]] of station.toml: when ordinary sound may be heard."""

from collections.abc import Iterable
from datetime import time

from broadcaster.domain.instants import WEEKDAYS
from broadcaster.domain.names import ZoneId
from broadcaster.domain.places import EVERYWHERE
from broadcaster.domain.quiet import AllowedHours, QuietSpell
from broadcaster.folder.faults import did_you_mean, quoted
from broadcaster.folder.sections import Section

__all__ = ["read_allowed", "read_quiet"]

_MIDNIGHT = time(0)


def read_allowed(top: Section) -> tuple[AllowedHours, ...]:
    """The windows that are well written; faults in the others are noted."""
    windows = [_window(section) for section in top.tables("allowed")]
    return tuple(window for window in windows if window is not None)


def read_quiet(top: Section, zones: tuple[ZoneId, ...]) -> tuple[QuietSpell, ...]:
    """The quiet spells that are well written; `all` is spread out to `zones`."""
    spells = [_spell(section, zones) for section in top.tables("quiet")]
    return tuple(spell for spell in spells if spell is not None)


def _window(section: Section) -> AllowedHours | None:
    days = section.choices("days", WEEKDAYS)
    begin = section.clock_time("from", required='a time of day, like from = "05:00"')
    end = section.closing_time("to", required='a time of day, like to = "21:00"')
    section.leftovers()
    if days == ():
        section.wrong("days", "names no day", 'name at least one, or leave "days" out for every day')
        return None
    if begin is None or end is None:
        return None
    if end != _MIDNIGHT and end <= begin:
        wrong = f"{end:%H:%M} is not after from, which is {begin:%H:%M}"
        section.wrong("to", wrong, 'a window past midnight is written as two, the first up to "24:00"')
        return None
    return AllowedHours(days=frozenset(WEEKDAYS if days is None else days), begin=begin, end=end)


def _spell(section: Section, known: tuple[ZoneId, ...]) -> QuietSpell | None:
    zones = section.names("zones", required='zone ids, or zones = ["all"]')
    begin = section.moment("from", required="a local date and time, like from = 2026-12-01T00:00:00")
    end = section.moment("to", required="a local date and time, like to = 2026-12-03T12:00:00")
    section.leftovers()
    if zones == ():
        section.wrong("zones", "names no zone", 'expected zone ids, or ["all"]')
    unknown = [zone for zone in zones or () if zone != EVERYWHERE and zone not in known]
    for zone in unknown:
        expected = did_you_mean(zone, (*known, EVERYWHERE))
        section.wrong("zones", f"there is no zone {quoted(zone)}", expected, (zones or ()).index(zone))
    if begin is not None and end is not None and begin >= end:
        section.wrong("to", f"{end} is not after from, which is {begin}", "expected a later moment")
        return None
    if not zones or unknown or begin is None or end is None:
        return None
    return QuietSpell(zones=_spread(zones, known), begin=begin, end=end)


def _spread(zones: Iterable[str], known: tuple[ZoneId, ...]) -> tuple[ZoneId, ...]:
    named = tuple(zones)
    return known if EVERYWHERE in named else tuple(zone for zone in known if zone in named)
