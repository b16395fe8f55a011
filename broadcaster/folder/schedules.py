"""schedules/*.toml: one programme a file, its id the file's name."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from broadcaster.domain.names import BadName, ProgrammeId, slug
from broadcaster.domain.places import Station
from broadcaster.domain.programme import Programme
from broadcaster.folder.audio import Shelf
from broadcaster.folder.documents import Document, Unreadable, parsed, read_document
from broadcaster.folder.faults import Fault, shown
from broadcaster.folder.items import Surroundings
from broadcaster.folder.programmes import read_content
from broadcaster.folder.sections import Section

__all__ = ["SCHEDULES", "Reading", "Schedules", "read_each", "read_programme", "read_schedules"]


SCHEDULES = "schedules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedules:
    """What schedules/ says: the good programmes by id, and all that is wrong with the others.

    `broken` are the programmes whose file is there and cannot be used. `listed` is False when schedules/
    itself cannot be looked into.
    """

    programmes: tuple[Programme, ...]
    problems: tuple[Fault, ...]
    broken: frozenset[ProgrammeId] = frozenset()
    listed: bool = True

    def over(self, last_good: Iterable[Programme], away: Iterable[ProgrammeId] = ()) -> tuple[Programme, ...]:
        """The programmes in force: these, and the last good ones of files that are broken now or `away`
        (vanished too short a time ago to count as gone, see `Settler.away`); all the last good ones while
        nothing can be listed."""
        if not self.listed:
            return tuple(last_good)
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


def read_schedules(folder: Path, station: Station) -> Schedules:
    """Read every programme of the folder. A file with a fault is left out and told about; never raises."""
    around = _around(folder, station)
    try:
        readings = read_each(folder, around)
    except Unreadable as unreadable:
        return Schedules(programmes=(), problems=(unreadable.fault,), listed=False)
    return Schedules(
        programmes=tuple(reading.programme for reading in readings if reading.programme is not None),
        problems=tuple(fault for reading in readings for fault in reading.faults),
        broken=frozenset(r.id for r in readings if r.id is not None and r.programme is None),
    )


def read_programme(folder: Path, station: Station, file: str, text: str) -> Programme | tuple[Fault, ...]:
    """The programme that `text` would be as the content of `file` (`schedules/NAME.toml`), or what is wrong
    with it: for text kept from earlier, and text about to be saved. Never raises."""
    try:
        programme_id = ProgrammeId(PurePosixPath(file).stem)
        document = parsed(file, text.replace("\r\n", "\n"))
    except BadName:
        return (_misnamed(file),)
    except Unreadable as unreadable:
        return (unreadable.fault,)
    reading = _judged(document, programme_id, _around(folder, station))
    return reading.faults if reading.programme is None else reading.programme


def read_each(folder: Path, around: Surroundings) -> list[Reading]:
    """Every file of schedules/, in order of name. Raises Unreadable when the folder cannot be listed."""
    try:
        names = sorted(path.name for path in (folder / SCHEDULES).iterdir() if path.name[0] != ".")
    except OSError as error:
        wrong = f"cannot be listed: {error.strerror}"
        raise Unreadable(_whole_file(SCHEDULES, wrong, "expected a folder of programmes")) from error
    return [reading for name in names if (reading := _read(folder, name, around)) is not None]


def _read(folder: Path, name: str, around: Surroundings) -> Reading | None:
    """The reading of one file; None for a file that is no programme and not meant as one."""
    file = f"{SCHEDULES}/{name}"
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
    programme = read_content(Section(document, faults), programme_id, around)
    if faults:
        return Reading(id=programme_id, faults=tuple(sorted(faults)))
    return Reading(id=programme_id, programme=programme, document=document)


def _around(folder: Path, station: Station) -> Surroundings:
    return Surroundings(
        zones=tuple(zone.id for zone in station.zones),
        voices=station.voices,
        shelf=Shelf(folder),
    )


def _misnamed(file: str) -> Fault:
    stem = file.rpartition("/")[2].removesuffix(".toml")
    return _whole_file(
        file, "the name of the file cannot name a programme", f"call it {slug(stem) or 'ban-tin'}.toml"
    )


def _whole_file(file: str, wrong: str, expected: str) -> Fault:
    return Fault(file=shown(file, 200), line=1, key="", wrong=wrong, expected=expected)
