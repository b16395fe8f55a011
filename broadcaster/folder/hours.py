"""[[allowed]], [[quiet]] and [[volume]] of station.toml: when ordinary sound may be heard, and how loud."""

from collections.abc import Iterable
from datetime import time

from broadcaster.domain.instants import WEEKDAYS, Weekday
from broadcaster.domain.names import ZoneId
from broadcaster.domain.places import EVERYWHERE
from broadcaster.domain.programme import Rank
from broadcaster.domain.quiet import AllowedHours, QuietSpell
from broadcaster.domain.volume import CAPPED, SofterHours
from broadcaster.folder.faults import did_you_mean, quoted
from broadcaster.folder.sections import Section

__all__ = ["read_allowed", "read_quiet", "read_softer"]

_MIDNIGHT = time(0)


def read_allowed(top: Section) -> tuple[AllowedHours, ...]:
    """The windows that are well written; faults in the others are noted."""
    windows = [_window(section) for section in top.tables("allowed")]
    return tuple(window for window in windows if window is not None)


def read_quiet(top: Section, zones: tuple[ZoneId, ...]) -> tuple[QuietSpell, ...]:
    """The quiet spells that are well written; `all` is spread out to `zones`."""
    spells = [_spell(section, zones) for section in top.tables("quiet")]
    return tuple(spell for spell in spells if spell is not None)


def read_softer(top: Section, zones: tuple[ZoneId, ...]) -> tuple[SofterHours, ...]:
    """The softer hours that are well written; `all`, and no zones at all, are spread out to `zones`."""
    softer = [_softer(section, zones) for section in top.tables("volume")]
    return tuple(hours for hours in softer if hours is not None)


def _window(section: Section) -> AllowedHours | None:
    days = _days(section)
    begin = section.clock_time("from", required='a time of day, like from = "05:00"')
    end = section.closing_time("to", required='a time of day, like to = "21:00"')
    section.leftovers()
    if days is None or begin is None or end is None:
        return None
    if end != _MIDNIGHT and end <= begin:
        wrong = f"{end:%H:%M} is not after from, which is {begin:%H:%M}"
        section.wrong("to", wrong, 'a window past midnight is written as two, the first up to "24:00"')
        return None
    return AllowedHours(days=days, begin=begin, end=end)


def _days(section: Section) -> frozenset[Weekday] | None:
    """The weekdays of a window, every day when none is written; None when what is written is wrong."""
    days = section.choices("days", WEEKDAYS)
    if "days" not in section:
        return frozenset(WEEKDAYS)
    if days == ():
        section.wrong("days", "names no day", 'name at least one, or leave "days" out for every day')
    return frozenset(days) if days else None


def _spell(section: Section, known: tuple[ZoneId, ...]) -> QuietSpell | None:
    zones = section.names("zones", required='zone ids, or zones = ["all"]')
    begin = section.moment("from", required="a local date and time, like from = 2026-12-01T00:00:00")
    end = section.moment("to", required="a local date and time, like to = 2026-12-03T12:00:00")
    section.leftovers()
    meant = _zones(section, zones, known)
    if begin is not None and end is not None and begin >= end:
        section.wrong("to", f"{end} is not after from, which is {begin}", "expected a later moment")
        return None
    if not meant or begin is None or end is None:
        return None
    return QuietSpell(zones=meant, begin=begin, end=end)


def _softer(section: Section, known: tuple[ZoneId, ...]) -> SofterHours | None:
    days = _days(section)
    begin = section.clock_time("from", required='a time of day, like from = "21:00"')
    end = section.closing_time("to", required='a time of day, like to = "06:00"')
    at_most = section.decibels("at_most", required="dB below full, like at_most = -12")
    named = section.names("zones")
    ranks = _ranks(section)
    section.leftovers()
    zones = _zones(section, named if "zones" in section else (EVERYWHERE,), known)
    if begin is not None and begin == end and end != _MIDNIGHT:
        section.wrong("to", f"{end:%H:%M} is from as well", 'a whole day is from "00:00" to "24:00"')
        return None
    if not days or begin is None or end is None or at_most is None or not zones or not ranks:
        return None
    return SofterHours(days=days, begin=begin, end=end, zones=zones, at_most=at_most, ranks=ranks)


def _ranks(section: Section) -> tuple[Rank, ...] | None:
    """The ranks a cap is for, all that can have one when none is written; None when they are wrong."""
    words = {rank.word: rank for rank in CAPPED}
    emergency = Rank.EMERGENCY.word
    named = section.choices("ranks", (*words, emergency))
    if "ranks" not in section:
        return CAPPED
    if named == ():
        section.wrong("ranks", "names no rank", f"expected some of {', '.join(words)}, or leave it out")
    if named and emergency in named:
        wrong = "an emergency is never turned down: lives may hang on it"
        section.wrong("ranks", wrong, f"expected some of {', '.join(words)}", named.index(emergency))
        return None
    return tuple(sorted(words[word] for word in named)) if named else None


def _zones(
    section: Section, zones: tuple[str, ...] | None, known: tuple[ZoneId, ...]
) -> tuple[ZoneId, ...] | None:
    """The zones meant, `all` spread out; None when none is named or one is unknown."""
    if zones is None:
        return None
    if not zones:
        section.wrong("zones", "names no zone", 'expected zone ids, or ["all"]')
    unknown = [zone for zone in zones if zone != EVERYWHERE and zone not in known]
    for zone in unknown:
        expected = did_you_mean(zone, (*known, EVERYWHERE))
        section.wrong("zones", f"there is no zone {quoted(zone)}", expected, zones.index(zone))
    return None if unknown or not zones else _spread(zones, known)


def _spread(zones: Iterable[str], known: tuple[ZoneId, ...]) -> tuple[ZoneId, ...]:
    named = tuple(zones)
    return known if EVERYWHERE in named else tuple(zone for zone in known if zone in named)
