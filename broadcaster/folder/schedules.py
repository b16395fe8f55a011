"""schedules/*.toml: one programme a file, its id the file's name."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path, PurePosixPath

from broadcaster.domain.instants import WEEKDAYS, Weekday
from broadcaster.domain.names import BadName, ProgrammeId
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.domain.programme import Bulletins, Item, LatePolicy, Programme, Rank, StartMode
from broadcaster.folder.audio import JudgeAudio, Shelf
from broadcaster.folder.documents import Document, Unreadable, parsed, read_document
from broadcaster.folder.faults import Fault, did_you_mean, quoted, shown
from broadcaster.folder.items import Surroundings, read_item
from broadcaster.folder.sections import Section

__all__ = ["Reading", "Schedules", "read_each", "read_programme", "read_schedules"]

_GRACE = timedelta(minutes=10)
_RANKS = {rank.word: rank for rank in Rank if rank is not Rank.EMERGENCY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedules:
    """What schedules/ says: the good programmes by id, and all that is wrong with the others.

    `broken` are the programmes whose file is there and cannot be used.
    """

    programmes: tuple[Programme, ...]
    problems: tuple[Fault, ...]
    broken: frozenset[ProgrammeId] = frozenset()

    def over(self, last_good: Iterable[Programme], away: Iterable[ProgrammeId] = ()) -> tuple[Programme, ...]:
        """The programmes in force: these, and the last good ones of files that are broken now or `away`
        (vanished too short a time ago to count as gone, see `Settler.away`)."""
        held = self.broken.union(away)
        chosen = {programme.id: programme for programme in last_good if programme.id in held}
        chosen.update((programme.id, programme) for programme in self.programmes)
        return tuple(chosen[name] for name in sorted(chosen))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of one file: its programme with the document it is written in, or its faults."""

    id: ProgrammeId | None
    faults: tuple[Fault, ...] = ()
    programme: Programme | None = None
    document: Document | None = None


def read_schedules(folder: Path, station: Station, *, judge_audio: JudgeAudio | None = None) -> Schedules:
    """Read every programme of the folder. A file with a fault is left out and told about; never raises."""
    around = _around(folder, station, judge_audio)
    readings = read_each(folder, around)
    return Schedules(
        programmes=tuple(reading.programme for reading in readings if reading.programme is not None),
        problems=tuple(fault for reading in readings for fault in reading.faults),
        broken=frozenset(r.id for r in readings if r.id is not None and r.programme is None),
    )


def read_programme(
    folder: Path, station: Station, file: str, text: str, *, judge_audio: JudgeAudio | None = None
) -> Programme | tuple[Fault, ...]:
    """The programme that `text` would be as the content of `file` (`schedules/NAME.toml`), or what is wrong
    with it: for text kept from earlier, and text about to be saved. Never raises."""
    try:
        programme_id = ProgrammeId(PurePosixPath(file).stem)
        document = parsed(file, text.replace("\r\n", "\n"))
    except BadName:
        return (_misnamed(file),)
    except Unreadable as unreadable:
        return (unreadable.fault,)
    reading = _judged(document, programme_id, _around(folder, station, judge_audio))
    return reading.faults if reading.programme is None else reading.programme


def read_each(folder: Path, around: Surroundings) -> list[Reading]:
    """Every file of schedules/, in order of name."""
    try:
        names = sorted(path.name for path in (folder / "schedules").iterdir() if path.name[0] != ".")
    except OSError as error:
        wrong = f"cannot be listed: {error.strerror}"
        return [
            Reading(id=None, faults=(_whole_file("schedules", wrong, "expected a folder of programmes"),))
        ]
    return [reading for name in names if (reading := _read(folder, name, around)) is not None]


def _read(folder: Path, name: str, around: Surroundings) -> Reading | None:
    """The reading of one file; None for a file that is no programme and not meant as one."""
    file = f"schedules/{name}"
    stem = name.removesuffix(".toml")
    if stem == name:
        if not name.lower().endswith((".toml", ".toml.txt")):
            return None
        return Reading(id=None, faults=(_whole_file(file, "is not read", "let the name end in .toml"),))
    try:
        programme_id = ProgrammeId(stem)
    except BadName:
        return Reading(id=None, faults=(_misnamed(file),))
    try:
        document = read_document(folder, file)
    except Unreadable as unreadable:
        return Reading(id=programme_id, faults=(unreadable.fault,))
    return _judged(document, programme_id, around)


def _judged(document: Document, programme_id: ProgrammeId, around: Surroundings) -> Reading:
    faults: list[Fault] = []
    programme = _programme(Section(document, faults), programme_id, around)
    if faults:
        return Reading(id=programme_id, faults=tuple(sorted(faults)))
    return Reading(id=programme_id, programme=programme, document=document)


def _around(folder: Path, station: Station, judge_audio: JudgeAudio | None) -> Surroundings:
    return Surroundings(
        zones=tuple(zone.id for zone in station.zones),
        voices=station.voices,
        shelf=Shelf(folder, judge_audio),
    )


def _programme(top: Section, programme_id: ProgrammeId, around: Surroundings) -> Programme | None:
    """The programme of a whole file; what it gives is of use only when no fault was noted."""
    title = top.line("title", required='a title, like title = "Bản tin sáng"')
    rank = _rank(top)
    zones = _zones(top, around)
    when = _when(top)
    start = top.choice("start", tuple(StartMode))
    grace = top.length("grace")
    late = top.choice("late", tuple(LatePolicy))
    longest = top.length("max")
    if longest == timedelta(0):
        top.wrong("max", "allows no time at all", 'expected a length, like "45m"')
    items = _items(top, around)
    top.leftovers()
    if title is None or rank is None or not zones or when is None or not items:
        return None
    try:
        return Programme(
            id=programme_id,
            title=title,
            rank=rank,
            zones=zones,
            days=when.days,
            at=when.at,
            items=items,
            first=when.first,
            last=when.last,
            excepted=when.excepted,
            also=when.also,
            start=StartMode(start or StartMode.SOFT),
            grace=_GRACE if grace is None else grace,
            late=LatePolicy(late or LatePolicy.WHOLE),
            max=longest,
        )
    except ValueError as error:  # a rule of the domain that no line above tells better
        top.wrong("", str(error), "")
        return None


def _rank(top: Section) -> Rank | None:
    if "rank" not in top:
        return Rank.ORDINARY
    word = top.line("rank")
    if word == Rank.EMERGENCY.word:
        top.wrong("rank", "a programme cannot be an emergency", "raise an alert instead")
    elif word is not None and word not in _RANKS:
        top.wrong("rank", f"there is no rank {quoted(word)}", did_you_mean(word, _RANKS))
    return _RANKS.get(word or "")


def _zones(top: Section, around: Surroundings) -> tuple[str, ...] | None:
    zones = top.names("zones", required='zone ids of station.toml, or zones = ["all"]')
    if zones == ():
        top.wrong("zones", "names no zone", 'expected zone ids of station.toml, or ["all"]')
    for position, zone in enumerate(zones or ()):
        if around.zones is not None and zone != EVERYWHERE and zone not in around.zones:
            expected = did_you_mean(zone, (*around.zones, EVERYWHERE))
            top.wrong("zones", f"there is no zone {quoted(zone)}", expected, position)
    return zones


@dataclass(frozen=True, slots=True, kw_only=True)
class _When:
    days: frozenset[Weekday]
    at: tuple[time, ...]
    first: date | None
    last: date | None
    excepted: frozenset[date]
    also: frozenset[date]


def _when(top: Section) -> _When | None:
    days = top.choices("days", WEEKDAYS)
    at = top.clock_times("at", required='times of day, like at = ["05:00"]')
    first, last = top.day("from"), top.day("until")
    excepted, also = top.days("except") or (), top.days("also") or ()
    if at == ():
        top.wrong("at", "names no time", 'expected times of day, like ["05:00"]')
    if days == () and not also:
        top.wrong("days", "names no day", "name days, or dates in also")
    if first and last and first > last:
        top.wrong("until", f"{last} lies before from, which is {first}", "expected that day or a later one")
    for position, each in enumerate(also):
        if each in excepted:
            top.wrong("also", f"{each} stands in except too", "leave it in one of them", position)
    if not at:
        return None
    return _When(
        days=frozenset(WEEKDAYS if days is None else days),
        at=at,
        first=first,
        last=last,
        excepted=frozenset(excepted),
        also=frozenset(also),
    )


def _items(top: Section, around: Surroundings) -> tuple[Item, ...]:
    items: list[Item] = []
    written = 0
    for section in top.tables("item"):
        written += 1
        item = read_item(section, around)
        if isinstance(item, Bulletins) and any(isinstance(other, Bulletins) for other in items):
            section.wrong("bulletins", "stands in two items", "once: the same ones would be heard twice")
        if item is not None:
            items.append(item)
    if not written:
        top.wrong("item", "is missing", "expected at least one [[item]] with something to play")
    return tuple(items)


def _misnamed(file: str) -> Fault:
    stem = file.rpartition("/")[2].removesuffix(".toml")
    return _whole_file(file, "the name of the file cannot name a programme", f"call it {_slug(stem)}.toml")


def _whole_file(file: str, wrong: str, expected: str) -> Fault:
    return Fault(file=shown(file, 200), line=1, key="", wrong=wrong, expected=expected)


def _slug(text: str) -> str:
    """The nearest name a programme may have: without tone marks, in lower case, joined by hyphens."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    letters = (
        letter if letter.isascii() and letter.isalnum() else "-"
        for letter in plain
        if letter.isalnum() or letter in " _-."
    )
    return "-".join("".join(letters).replace("-", " ").split())[:48].strip("-") or "ban-tin"
