"""What may be typed: each function gives the value meant, or raises BadEntry saying what was expected."""

import secrets
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from broadcaster.desk.faults import BadEntry
from broadcaster.desk.passwords import LONGEST, SHORTEST
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import BadName, ZoneId, is_slug, slug
from broadcaster.domain.people import Login
from broadcaster.domain.places import Station, UnknownZone
from broadcaster.domain.programme import Rank
from broadcaster.domain.timetable import wall_time

__all__ = [
    "TITLE_LIMIT",
    "WORDS_LIMIT",
    "as_instant",
    "checked_id",
    "line",
    "login",
    "open_somewhere",
    "password",
    "rank",
    "still_to_come",
    "words",
    "zone",
    "zones",
]

WORDS_LIMIT = 20_000
"""Characters of one bulletin: about twenty minutes of speech."""

TITLE_LIMIT = 200

_FARTHEST = timedelta(days=366)


def words(text: str) -> str:
    """Words to be said: NFC, line ends as newlines, no white space around them.

    Codes: empty (also when there is no letter or digit to say), too-long, control-characters.
    """
    text = unicodedata.normalize("NFC", "\n".join(text.splitlines())).strip()
    if len(text) > WORDS_LIMIT:
        raise BadEntry(
            "words",
            f"{len(text)} characters are too long",
            f"write at most {WORDS_LIMIT}, or make several bulletins",
            code="too-long",
        )
    _no_control(text, "words", allowed="\n\t")
    if not any(letter.isalnum() for letter in text):
        raise BadEntry("words", "there is nothing to say", "write at least one word", code="empty")
    return text


def line(text: str, field: str) -> str:
    """A title or a name: one line, single spaces. Codes: empty, too-long, control-characters."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    _no_control(text, field, allowed="")
    if not text:
        raise BadEntry(field, "it is empty", f"write the {field}", code="empty")
    if len(text) > TITLE_LIMIT:
        raise BadEntry(
            field, f"{len(text)} characters are too long", f"write at most {TITLE_LIMIT}", code="too-long"
        )
    return text


def _no_control(text: str, field: str, *, allowed: str) -> None:
    """Control characters and halves of characters cannot be said, stored or shown."""
    found = sorted(
        {letter for letter in text if unicodedata.category(letter) in ("Cc", "Cs") and letter not in allowed}
    )
    if found:
        names = ", ".join(f"U+{ord(letter):04X}" for letter in found[:5])
        raise BadEntry(
            field,
            f"it holds characters that are no text ({names})",
            "copy it again as plain text",
            code="control-characters",
        )


def rank(value: Rank) -> Rank:
    """Ordinary or priority. Code: bad-rank."""
    if value not in (Rank.ORDINARY, Rank.PRIORITY):
        raise BadEntry("rank", f"it cannot be {value.word}", "choose ordinary or priority", code="bad-rank")
    return value


def zones(station: Station, wanted: Iterable[str]) -> tuple[str, ...]:
    """Zone ids, or `all`, as written and each once. Codes: no-zones, unknown-zone."""
    found = tuple(dict.fromkeys(text.strip() for text in wanted))
    if not found:
        raise BadEntry("zones", "no zone is chosen", "choose at least one zone, or all", code="no-zones")
    try:
        station.reach(found)
    except UnknownZone as fault:
        raise _unknown(station, "zones", fault) from None
    return found


def zone(station: Station, wanted: str) -> ZoneId:
    """One zone. Code: unknown-zone."""
    try:
        return station.zone(wanted.strip()).id
    except UnknownZone as fault:
        raise _unknown(station, "zone", fault) from None


def _unknown(station: Station, field: str, fault: UnknownZone) -> BadEntry:
    known = ", ".join(zone.id for zone in station.zones)
    what = str(fault).partition(";")[0]
    return BadEntry(field, what, f"choose one of: {known}", code="unknown-zone")


def as_instant(at: datetime) -> datetime:
    """An aware time of any zone of time as an instant. Raises ValueError for a naive one: that is the
    caller's fault, not the person's."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no zone of time")
    return at.astimezone(UTC)


def still_to_come(start: datetime, now: datetime, station: Station) -> None:
    """Whether `start` is not over, and within a year. Codes: past, too-far."""
    local = wall_time(start, station.timezone)
    if start < now:
        later = wall_time(now, station.timezone)
        raise BadEntry("at", f"{local} is over", f"choose a time after {later}", code="past")
    if start > now + _FARTHEST:
        raise BadEntry("at", f"{local} is more than a year away", "choose a nearer time", code="too-far")


def open_somewhere(station: Station, wanted: Iterable[str], start: datetime) -> None:
    """Whether ordinary sound is allowed then in at least one of the zones. Code: outside-hours."""
    span = Spell(begin=start, end=start + timedelta(seconds=1))
    reached = sorted(station.reach(wanted))
    if not any(station.open_for(zone, span) for zone in reached):
        raise BadEntry(
            "at",
            f"{wall_time(start, station.timezone)} is outside the allowed hours, or a quiet time, "
            f"in {', '.join(reached)}",
            "choose a time within the allowed hours; only an alert sounds outside them",
            code="outside-hours",
        )


def login(text: str) -> Login:
    """What somebody signs in with. Code: bad-login."""
    try:
        return Login(text)
    except BadName as fault:
        what, _, expected = str(fault).partition(": ")
        raise BadEntry("login", what, expected, code="bad-login") from None


def password(text: str, login: str) -> str:
    """A new password. Codes: password-short, password-long, password-is-login."""
    if len(text) < SHORTEST:
        raise BadEntry(
            "password", "it is too short", f"use at least {SHORTEST} characters", code="password-short"
        )
    if len(text) > LONGEST:
        raise BadEntry(
            "password", "it is too long", f"use at most {LONGEST} characters", code="password-long"
        )
    if text.strip().lower() == login:
        raise BadEntry(
            "password", "it is the name to sign in with", "use another one", code="password-is-login"
        )
    return text


def checked_id(text: str | None, title: str) -> str:
    """An id a client made, or, when there is none, a new one that begins like the title. Code: bad-id."""
    if text is None:
        return f"{slug(title, 40) or 'x'}-{secrets.token_hex(3)}"
    if not is_slug(text):
        raise BadEntry(
            "id",
            f"{text[:60]!r} cannot be an id",
            "use 1 to 48 lower-case letters a-z, digits and inner hyphens",
            code="bad-id",
        )
    return text
