"""What may be typed about an alert: each function gives the value meant, or raises BadEntry."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.desk import entries
from broadcaster.desk.faults import BadEntry
from broadcaster.domain.alert import LONGEST, MOST_ROUNDS
from broadcaster.domain.instants import instant
from broadcaster.domain.names import AlertId
from broadcaster.folder.items import LANGUAGE

__all__ = [
    "DRILL_PREFIX",
    "REAL_PREFIX",
    "TEMPLATE_LIMIT",
    "WORDS_LIMIT",
    "Timing",
    "alert_id",
    "gap",
    "language",
    "repeats",
    "timing",
    "words",
]

REAL_PREFIX = "kc-"
"""How the id of an alert that is meant begins (*khẩn cấp*)."""

DRILL_PREFIX = "dt-"
"""How the id of a drill begins (*diễn tập*): a form of the one sent to the other's door is refused."""

WORDS_LIMIT = 1_000
"""Characters of a typed alert: about a minute of speech. More is not listened to in danger, nor sent fast."""

TEMPLATE_LIMIT = 3_000
"""Characters of each text of a template: these lie on the units, and are not typed in a hurry."""

_SHORTEST = timedelta(minutes=1)
_LASTS_ON = timedelta(minutes=5)
"""How much longer than its last repeat an alert is in force, if nobody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long an alert is in force, and how it is repeated."""

    expires: datetime
    every: timedelta | None
    until: datetime | None


def alert_id(text: str, prefix: str) -> AlertId:
    """A client-made id with that beginning. Code: bad-id."""
    if not entries.checked_id(text, "").startswith(prefix):
        other = "a drill" if prefix == REAL_PREFIX else "an alert that is meant"
        raise BadEntry("id", f"{text!r} may be {other}'s", f"ids begin with {prefix} here", code="bad-id")
    return AlertId(text)


def words(text: str, most: int = WORDS_LIMIT) -> str:
    """Words to be said. Codes: empty, alert-too-long, control-characters; too-long far beyond that."""
    typed = entries.words(text)
    if len(typed) > most:
        raise BadEntry(
            "words",
            f"{len(typed)} characters are too long",
            f"write at most {most}: what to do, in a few sentences",
            code="alert-too-long",
        )
    return typed


def language(tag: str | None) -> str | None:
    """What language words are in, as station files write it. Code: bad-language."""
    if tag is not None and LANGUAGE.fullmatch(tag) is None:
        raise BadEntry(
            "language", f"{tag[:40]!r} is not a language", "write a tag like vi or en", code="bad-language"
        )
    return tag


def repeats(count: int) -> int:
    """How many rounds. Code: bad-repeats."""
    if not 1 <= count <= 20:
        raise BadEntry("repeats", f"{count} times is not possible", "choose 1 to 20", code="bad-repeats")
    return count


def gap(length: timedelta) -> timedelta:
    """From the end of a round to the next. Code: bad-gap."""
    if not timedelta(0) <= length <= timedelta(hours=1):
        raise BadEntry("gap", "it is not possible", "choose 0 seconds to one hour", code="bad-gap")
    return length


def timing(
    now: datetime,
    *,
    lasts: timedelta,
    repeats: int,
    every: timedelta | None = None,
    until: datetime | None = None,
    expires: datetime | None = None,
) -> Timing:
    """When it is repeated, and when it is over: after `lasts`, or a little after the last repeat, if
    `expires` is not given. Codes: every-and-until, bad-every, bad-until, too-often, bad-expires."""
    if (every is None) != (until is None):
        raise BadEntry(
            "every",
            "an interval and an end belong together",
            "say how often and until when, or neither",
            code="every-and-until",
        )
    if every is not None and until is not None:
        _check_repeating(now, every, until, repeats)
    ends = min(max(now + lasts, (until or now) + _LASTS_ON), now + LONGEST)
    if expires is not None:
        ends = instant(expires)
        if not max(now + _SHORTEST, until or now) <= ends <= now + LONGEST:
            raise BadEntry(
                "expires",
                "it would be over before it is said, or last too long",
                f"choose a time after the last repeat, within {LONGEST.days} days",
                code="bad-expires",
            )
    return Timing(expires=ends, every=every, until=until)


def _check_repeating(now: datetime, every: timedelta, until: datetime, repeats: int) -> None:
    if not _SHORTEST <= every <= timedelta(days=1):
        raise BadEntry("every", "it is not possible", "choose one minute to one day", code="bad-every")
    if not now < instant(until) <= now + LONGEST:
        raise BadEntry(
            "until",
            "it is over, or too far away",
            f"choose a time within {LONGEST.days} days",
            code="bad-until",
        )
    if repeats * (-((now - until) // every)) > MOST_ROUNDS:
        raise BadEntry(
            "every",
            f"that would be more than {MOST_ROUNDS} times",
            "choose a longer interval, or an earlier end",
            code="too-often",
        )
