"""schedules/*.toml: one programme a file, its id the file's name."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from broadcaster.domain.names import ProgrammeId
from broadcaster.domain.places import Station
from broadcaster.domain.programme import Programme
from broadcaster.folder.audio import Shelf
from broadcaster.folder.documents import Document, Unreadable
from broadcaster.folder.faults import Fault
from broadcaster.folder.items import Surroundings
from broadcaster.folder.listing import Found, Kind, look, opened, over
from broadcaster.folder.programmes import read_content
from broadcaster.folder.sections import Section

__all__ = ["SCHEDULES", "Reading", "Schedules", "around", "read_each", "read_programme", "read_schedules"]


SCHEDULES = "schedules"

_PROGRAMMES = Kind(folder=SCHEDULES, named=ProgrammeId, what="programme", like="ban-tin")


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
        return over(self.programmes, last_good, self.broken.union(away))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What became of one file: its programme with the document it is written in, or its faults."""

    id: ProgrammeId | None
    faults: tuple[Fault, ...] = ()
    programme: Programme | None = None
    document: Document | None = None


def read_schedules(folder: Path, station: Station) -> Schedules:
    """Read every programme of the folder. A file with a fault is left out and told about; never raises."""
    try:
        readings = read_each(folder, around(folder, station))
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
    reading = _judged(opened(_PROGRAMMES, file, text), around(folder, station))
    return reading.faults if reading.programme is None else reading.programme


def read_each(folder: Path, surroundings: Surroundings) -> list[Reading]:
    """Every file of schedules/, in order of name. Raises Unreadable when the folder cannot be listed."""
    return [_judged(found, surroundings) for found in look(folder, _PROGRAMMES)]


def around(folder: Path, station: Station) -> Surroundings:
    """What the files of that station folder may name."""
    return Surroundings(
        zones=tuple(zone.id for zone in station.zones),
        voices=station.voices,
        shelf=Shelf(folder),
    )


def _judged(found: Found[ProgrammeId], surroundings: Surroundings) -> Reading:
    if found.id is None or found.document is None:
        return Reading(id=found.id, faults=found.faults)
    faults: list[Fault] = []
    programme = read_content(Section(found.document, faults), found.id, surroundings)
    if faults:
        return Reading(id=found.id, faults=tuple(sorted(faults)))
    return Reading(id=found.id, programme=programme, document=found.document)
