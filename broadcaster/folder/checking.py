"""`broadcaster check`: everything that is wrong with a station folder, at once."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

from broadcaster.domain.names import ProgrammeId
from broadcaster.domain.places import Station
from broadcaster.domain.programme import Playable, Programme, Rank
from broadcaster.domain.rundown import Lengths, Problem, ProblemKind, estimated, work_out
from broadcaster.domain.timetable import local_days
from broadcaster.folder import values
from broadcaster.folder.alertchecking import beside
from broadcaster.folder.alerts import AlertReading, read_each_alert
from broadcaster.folder.audio import JudgeAudio, Shelf
from broadcaster.folder.documents import Document, Unreadable
from broadcaster.folder.faults import Fault
from broadcaster.folder.items import Surroundings
from broadcaster.folder.schedules import Reading, read_each
from broadcaster.folder.stations import read_station_file

__all__ = ["CHECKED", "check"]

CHECKED = 8
"""Days for which programmes are laid side by side: a whole week, whatever weekday today is, and a day."""

_REMEDIES = {
    ProblemKind.CLASH: "move or shorten one of them",
    ProblemKind.OVERRUN: "start it earlier, shorten it, or allow more time",
    ProblemKind.OUTSIDE_HOURS: "move it, or add the time to [[allowed]] in station.toml",
    ProblemKind.DEAD_AIR: "give it something to play",
}
"""The problems that are faults of the files. Quiet spells are not: they are put in the way on purpose."""


def check(
    folder: Path,
    *,
    today: date,
    lengths: Lengths | None = None,
    judge_audio: JudgeAudio | None = None,
    speaks: Callable[[str], bool] | None = None,
) -> tuple[Fault, ...]:
    """Every fault of the folder, by file and line: of its files, and of the eight days from `today`.

    `lengths` says how long items sound where that is known; words it does not know are estimated.
    `judge_audio` decodes, if that is wanted. `speaks` says whether the station has a voice for a language, if
    that is known. Raises nothing, whatever the folder holds.
    """
    read = read_station_file(folder)
    around = Surroundings(zones=read.zones, voices=read.voices, shelf=Shelf(folder, judge_audio))
    faults = list(read.faults)
    readings: list[Reading] = []
    alerts: list[AlertReading] = []
    try:
        readings = read_each(folder, around)
        alerts = read_each_alert(folder, around)
    except Unreadable as unreadable:
        faults.append(unreadable.fault)
    faults += [fault for reading in readings for fault in reading.faults]
    faults += [fault for alert in alerts for fault in alert.faults]
    if read.station is not None:
        faults += _side_by_side(read.station, readings, today, lengths)
        faults += beside(folder, read.station, alerts, speaks)
    return tuple(sorted(faults))


def _side_by_side(
    station: Station, readings: Iterable[Reading], today: date, lengths: Lengths | None
) -> Iterator[Fault]:
    """What is wrong with the good programmes once they have dates: each pair and kind once."""
    good = {r.programme.id: (r.programme, r.document) for r in readings if r.programme and r.document}
    span = local_days(today, CHECKED, station.timezone)
    programmes = [programme for programme, _ in good.values()]
    rundown = work_out(replace(station, quiet=()), programmes, (), {}, span, _guessing(lengths))
    problems = [problem for problem in rundown.problems if _is_fault(problem, good)]
    times = Counter(_again(problem) for problem in problems)
    for problem in problems:
        repeated = times.pop(_again(problem), 0)
        if repeated:
            yield _fault(problem, repeated - 1, good[problem.cues[-1].programme][1])


def _guessing(lengths: Lengths | None) -> Lengths:
    def length(item: Playable) -> timedelta | None:
        known = None if lengths is None else lengths(item)
        return estimated(item) if known is None else known

    return length


def _is_fault(problem: Problem, good: Mapping[ProgrammeId, tuple[Programme, Document]]) -> bool:
    programmes = [good[cue.programme][0] for cue in problem.cues]
    match problem.kind:
        case ProblemKind.CLASH:
            # fill is there to be interrupted: one that gives way to what comes is doing what it should
            on_air = problem.cues[0]
            return not (problem.gives_way == on_air and programmes[0].rank is Rank.FILL)
        case ProblemKind.DEAD_AIR:  # bulletins may still be booked
            return programmes[0].bulletins is None
        case kind:
            return kind in _REMEDIES


def _again(problem: Problem) -> tuple[ProblemKind, tuple[tuple[ProgrammeId, time], ...]]:
    """The same for problems that come back on other days."""
    return problem.kind, tuple((cue.programme, cue.at) for cue in problem.cues)


def _fault(problem: Problem, more: int, document: Document) -> Fault:
    cue = problem.cues[-1]
    written = document.values.get("at")
    times = written if isinstance(written, list) else []
    position = next((i for i, each in enumerate(times) if values.clock_time(each) == cue.at), 0)
    again = f", and on {more} more of these days" if more else ""
    return Fault(
        file=document.file,
        line=document.lines.nearest(("at", position)),
        key="at",
        wrong=f"{problem.sentence}{again}",
        expected=_REMEDIES[problem.kind],
    )
