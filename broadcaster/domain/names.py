"""Names that cannot be wrong: ids of stations, zones, units, programmes, bulletins, cues and clips.

Each is a `str`, so it prints, sorts and travels as one; building it from a bad text raises `BadName`.
Slugs are what is safe in a file name, a URL, a broker subject and a mouth at once.
"""

import re
import unicodedata
from datetime import date, datetime, time
from typing import Self

__all__ = [
    "AlertId",
    "BadName",
    "BulletinId",
    "ClipId",
    "CueId",
    "ProgrammeId",
    "StationId",
    "UnitId",
    "ZoneId",
    "is_slug",
    "slug",
]

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_CUE = re.compile(r"(?P<programme>[a-z0-9-]+)@(?P<nominal>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)")


def is_slug(text: str) -> bool:
    """Whether it can be an id as it stands."""
    return _SLUG.fullmatch(text) is not None


def slug(text: str, most: int = 48) -> str:
    """The nearest id to a text people wrote: its words joined by hyphens, marks left off, at most `most`
    characters. Empty when no letter a-z and no digit is left."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:most].strip("-")


class BadName(ValueError):
    """A text that cannot be the name it was meant to be."""


class _Slug(str):
    """Lower-case letters, digits and inner hyphens; 1 to 48 characters."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if not is_slug(text):
            raise BadName(
                f"{text!r} cannot be the id of a {cls.__name__.removesuffix('Id').lower()}: "
                "use 1 to 48 lower-case letters a-z, digits and hyphens, like thon-ben"
            )
        return super().__new__(cls, text)


class StationId(_Slug):
    """One commune's broadcaster; the prefix of every broker subject."""

    __slots__ = ()


class ZoneId(_Slug):
    """An area people address: commune, village or hamlet. `all` is a word, not an id: see `Station.reach`."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if text == "all":
            raise BadName("'all' always means every zone and cannot be the id of one")
        return super().__new__(cls, text)


class UnitId(_Slug):
    """A networked loudspeaker box."""

    __slots__ = ()


class ProgrammeId(_Slug):
    """A recurring block; the name of its file in schedules/ without .toml."""

    __slots__ = ()


class AlertId(_Slug):
    """An alert that was raised, or the template of one; the programme of its cues."""

    __slots__ = ()


class BulletinId(_Slug):
    """Words or a recording written by staff."""

    __slots__ = ()


class ClipId(str):
    """SHA-256 of a clip's bytes, 64 hexadecimal digits."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        if _HEX64.fullmatch(text) is None:
            raise BadName(f"{text[:80]!r} is not a clip id: 64 hexadecimal digits are expected")
        return super().__new__(cls, text)


class CueId(str):
    """`programme@local-date-T-nominal-time`: the same cue keeps its id through every replan."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        match = _CUE.fullmatch(text)
        if match is None:
            raise BadName(f"{text!r} is not a cue id, which looks like ban-tin-sang@2026-11-21T05:00:00")
        ProgrammeId(match["programme"])
        try:
            datetime.fromisoformat(match["nominal"])
        except ValueError:
            raise BadName(f"{text!r} is not a cue id: there is no such date and time") from None
        return super().__new__(cls, text)

    @classmethod
    def of(cls, programme: ProgrammeId, day: date, at: time) -> Self:
        """Name the cue of `programme` on local date `day` at nominal local time `at`."""
        # made of parts that are right already, so not looked at again: a year has hundreds of thousands
        return str.__new__(cls, f"{programme}@{day.isoformat()}T{at.isoformat('seconds')}")

    @property
    def programme(self) -> ProgrammeId:
        return ProgrammeId(self.partition("@")[0])

    @property
    def nominal(self) -> datetime:
        """The local date and time it is planned for, whether or not the clock shows that time on that day."""
        return datetime.fromisoformat(self.partition("@")[2])

    @property
    def day(self) -> date:
        """The local date it is planned on, wherever in UTC it falls."""
        return self.nominal.date()

    @property
    def at(self) -> time:
        """The local time it is planned for."""
        return self.nominal.time()
