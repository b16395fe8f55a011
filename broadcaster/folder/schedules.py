"""schedules/*.toml: one programme a file."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from broadcaster.domain.names import ProgrammeId
from broadcaster.domain.places import Station
from broadcaster.domain.programme import Programme
from broadcaster.folder.audio import JudgeAudio
from broadcaster.folder.faults import Fault

__all__ = ["Schedules", "read_schedules"]


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
        raise NotImplementedError


def read_schedules(folder: Path, station: Station, *, judge_audio: JudgeAudio | None = None) -> Schedules:
    """Read every programme of the folder. A file with a fault is left out and told about; never raises."""
    raise NotImplementedError
