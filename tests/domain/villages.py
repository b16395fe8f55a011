"""Small communes and programmes to say things about in tests."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.domain.bulletin import Bulletin, State
from broadcaster.domain.instants import WEEKDAYS, Spell
from broadcaster.domain.names import BulletinId, ProgrammeId, StationId, ZoneId
from broadcaster.domain.places import Station, Zone
from broadcaster.domain.programme import Pause, Playable, Programme, Rank, Spoken
from broadcaster.domain.quiet import AllowedHours, QuietSpell
from broadcaster.domain.rundown import Announcement, Rundown, work_out

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BERLIN = ZoneInfo("Europe/Berlin")
EVERY_DAY = frozenset(WEEKDAYS)


def village(zone: str, parent: str | None = None) -> Zone:
    return Zone(id=ZoneId(zone), name=zone.title(), parent=None if parent is None else ZoneId(parent))


def commune(**other: Any) -> Station:
    """Xã with the villages Bến and Đình; `other` replaces any part of it."""
    whole: dict[str, Any] = {
        "id": StationId("dong-tien"),
        "name": "Đài truyền thanh xã Đồng Tiến",
        "timezone": HANOI,
        "language": "vi",
        "voices": ("espeak-ng",),
        "zones": (village("xa"), village("thon-ben", "xa"), village("thon-dinh", "xa")),
    }
    return Station(**(whole | other))


def hours(begin: str, end: str) -> AllowedHours:
    return AllowedHours(days=EVERY_DAY, begin=time.fromisoformat(begin), end=time.fromisoformat(end))


def quiet(begin: str, end: str, *zones: str) -> QuietSpell:
    return QuietSpell(
        zones=tuple(ZoneId(zone) for zone in zones),
        begin=datetime.fromisoformat(begin),
        end=datetime.fromisoformat(end),
    )


def words_of(minutes: float) -> Spoken:
    """Words that `minute_a_word` takes for so many minutes."""
    return Spoken(words=" ".join(["lời"] * round(minutes)))


def minute_a_word(item: Playable) -> timedelta | None:
    """A slow reader, so that lengths in tests are easy to see. Nothing else is known to them."""
    return timedelta(minutes=len(item.words.split())) if isinstance(item, Spoken) else None


def programme(name: str, *at: str, minutes: float = 10, **other: Any) -> Programme:
    """An ordinary one for all, daily at those times, of so many minutes; `other` replaces any part."""
    whole: dict[str, Any] = {
        "id": ProgrammeId(name),
        "title": name.replace("-", " ").capitalize(),
        "rank": Rank.ORDINARY,
        "zones": ("all",),
        "days": EVERY_DAY,
        "at": tuple(time.fromisoformat(each) for each in at or ("05:00",)),
        "items": (words_of(minutes),),
    }
    return Programme(**(whole | other))


def silence(seconds: float) -> Pause:
    return Pause(length=timedelta(seconds=seconds))


def bulletin(name: str, **other: Any) -> Bulletin:
    """An approved one of two words."""
    whole: dict[str, Any] = {
        "id": BulletinId(name),
        "title": name,
        "words": f"tin {name}",
        "recording": None,
        "author": "lan",
        "written": datetime(2026, 11, 20, tzinfo=UTC),
        "state": State.APPROVED,
    }
    return Bulletin(**(whole | other))


def local(text: str, timezone: ZoneInfo = HANOI) -> datetime:
    """The instant of a local time written as `2026-11-21 05:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=timezone).astimezone(UTC)


def day(text: str, days: int = 1, timezone: ZoneInfo = HANOI) -> Spell:
    """So many local days from midnight on."""
    first = date.fromisoformat(text)
    return Spell(
        begin=local(f"{first} 00:00", timezone), end=local(f"{first + timedelta(days=days)} 00:00", timezone)
    )


SATURDAY = day("2026-11-21")
MINUTE = timedelta(minutes=1)


def rundown(*programmes: Programme, station: Station | None = None, **other: Any) -> Rundown:
    """Saturday's, with a minute a word."""
    whole: dict[str, Any] = {"announcements": (), "booked": {}, "span": SATURDAY, "lengths": minute_a_word}
    return work_out(station or commune(), programmes, **(whole | other))


def announcement(name: str, moment: str, **other: Any) -> Announcement:
    whole: dict[str, Any] = {
        "id": ProgrammeId(name),
        "title": name.capitalize(),
        "items": (words_of(2),),
        "zones": ("all",),
        "start": local(moment),
    }
    return Announcement(**(whole | other))
