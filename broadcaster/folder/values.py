"""Single values of a TOML file turned into what they mean, or refused with what was expected instead."""

import re
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from broadcaster.domain.volume import SOFTEST
from broadcaster.folder.faults import did_you_mean, quoted

__all__ = [
    "Refused",
    "choice",
    "clock_time",
    "closing_time",
    "count",
    "day",
    "decibels",
    "length",
    "line",
    "listed",
    "moment",
    "port",
    "text",
    "yes_or_no",
]

_LENGTH = re.compile(r"(?:(\d{1,4})h)?(?:(\d{1,4})m)?(?:(\d{1,5})s)?", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_LONGEST_LINE = 200
_LONGEST = timedelta(hours=24)
_YEARS = range(2000, 2200)
"""What a broadcaster plans in. Dates further off are typing mistakes, and the very ends of the calendar
cannot be turned into UTC."""

_A_LENGTH = 'expected a length with its unit, like "10m", "45s" or "1h30m"'
_A_CLOCK_TIME = 'expected a time of day, like "05:00" or "17:30:15"'
_DECIBELS = f"expected dB below full from {SOFTEST:g} to 0, like -12, without quotes"
_A_DAY = "expected a date, like 2026-12-31"
_A_MOMENT = "expected a local date and time, like 2026-12-01T05:00:00"


class Refused(Exception):
    """A value that will not do: what is wrong with it, and what was expected."""

    def __init__(self, wrong: str, expected: str) -> None:
        super().__init__(wrong)
        self.wrong = wrong
        self.expected = expected


def text(value: object) -> str:
    """A text with something in it."""
    if not isinstance(value, str):
        raise Refused(f"{quoted(value)} is not a text", 'expected a text in quotes, like "…"')
    if not value.strip():
        raise Refused("there is nothing between the quotes", "")
    return value


def line(value: object) -> str:
    """A text on one line, as titles and names are."""
    if not text(value).isprintable():
        raise Refused(f"{quoted(value)} has line ends or control characters in it", "expected one plain line")
    if len(text(value)) > _LONGEST_LINE:
        raise Refused(f"it has {len(text(value)):,} letters", f"expected at most {_LONGEST_LINE}")
    return text(value)


def choice(value: object, words: Collection[str]) -> str:
    """One of `words`."""
    if text(value) not in words:
        raise Refused(f"there is no {quoted(value)}", did_you_mean(text(value), words))
    return text(value)


def yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise Refused(f"{quoted(value)} is neither true nor false", "expected true or false, without quotes")
    return value


def port(value: object) -> int:
    """A TCP port one may listen on."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 65_535:
        raise Refused(f"{quoted(value)} is not a port", "expected a number from 1 to 65535, without quotes")
    return value


def count(value: object, least: int, most: int) -> int:
    """A whole number from `least` to `most`."""
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        expected = f"expected a number from {least} to {most}, without quotes"
        raise Refused(f"{quoted(value)} will not do", expected)
    return value


def decibels(value: object) -> float:
    """A loudness below full: a number from -60 to 0."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not SOFTEST <= value <= 0:
        raise Refused(f"{quoted(value)} is no loudness", _DECIBELS)
    return float(value)


def length(value: object) -> timedelta:
    """A length of time from nothing to 24 h, written with units."""
    found = _LENGTH.fullmatch(value) if isinstance(value, str) else None
    if found is None or not any(found.groups()):
        raise Refused(f"{quoted(value)} is not a length of time", _A_LENGTH)
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    whole = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if whole > _LONGEST:
        raise Refused(f"{quoted(value)} is longer than a day", "expected at most 24h")
    return whole


def clock_time(value: object) -> time:
    """A time of day to the second: a text, or a TOML time without quotes."""
    if isinstance(value, time) and value.tzinfo is None and not value.microsecond:
        return time(value.hour, value.minute, value.second)
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Refused(f"{quoted(value)} is not a time of day", _A_CLOCK_TIME)
    hour, minute, second = (int(part or 0) for part in found.groups())
    return time(hour, minute, second)


def closing_time(value: object) -> time:
    """A time of day, or 24:00, which is midnight."""
    return time(0) if value == "24:00" else clock_time(value)


def day(value: object) -> date:
    """A date: TOML's own, or the same in quotes."""
    if isinstance(value, str):
        value = _from_text(date, value)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Refused(f"{quoted(value)} is not a date", _A_DAY)
    if value.year not in _YEARS:
        raise Refused(f"there is no planning for the year {value.year}", _A_DAY)
    return date(value.year, value.month, value.day)


def moment(value: object) -> datetime:
    """A local date and time, naive: TOML's own, or the same in quotes."""
    if isinstance(value, str):
        value = _from_text(datetime, value)
    if not isinstance(value, datetime):
        raise Refused(f"{quoted(value)} is not a date with a time", _A_MOMENT)
    if value.tzinfo is not None:
        raise Refused(f"{quoted(value)} has a time zone", _A_MOMENT)
    if value.year not in _YEARS:
        raise Refused(f"there is no planning for the year {value.year}", _A_MOMENT)
    return datetime.combine(value.date(), value.time())


def listed(value: object) -> list[object]:
    if not isinstance(value, list):
        raise Refused(f"{quoted(value)} is not a list", 'expected a list in square brackets, like ["…", "…"]')
    return value


def _from_text(kind: type[date], value: str) -> object:
    """The date or moment in `value`, or `value` itself when there is none. Only the long form: Python also
    reads 20260101 and 2026-W01-1, which people do not write."""
    try:
        return kind.fromisoformat(value) if re.match(r"\d{4}-\d\d-\d\d", value, re.ASCII) else value
    except ValueError:
        return value
