"""Programmes, announcements, bookings and dates worked out into cues, with all that is wrong told.

Laws
1. A cue's id is programme, local date and nominal time: planning again, or over another span, gives the
   same ids for the same starts.
2. Nothing is dropped because something is wrong with it: what clashes, overruns, falls outside the hours
   or has nothing to play stays a cue and ends in a record. What is wrong is told beside it, as `Problem`.
   (One exception: of two cues with one id only the first stays, an announcement before a programme.)
3. Only approved bulletins are heard; priority ones first, else in the order they were booked.
4. Unknown lengths count as nothing, so no problem is told on a guess the caller did not make.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from broadcaster.domain.bulletin import Bulletin, State
from broadcaster.domain.conflicts import examine, in_order
from broadcaster.domain.cues import (
    ANNOUNCEMENT_GRACE,
    Announcement,
    Cue,
    Lengths,
    estimated,
    frozen_at,
)
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import CueId, ZoneId
from broadcaster.domain.places import EVERYWHERE, Station
from broadcaster.domain.problems import Notes, Problem, ProblemKind
from broadcaster.domain.programme import (
    Bulletins,
    Item,
    LatePolicy,
    Playable,
    Programme,
    Recorded,
    Spoken,
    StartMode,
)
from broadcaster.domain.timetable import named_at, occurrences

__all__ = [
    "Announcement",
    "Cue",
    "Lengths",
    "Problem",
    "ProblemKind",
    "Rundown",
    "estimated",
    "frozen_at",
    "work_out",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rundown:
    """Cues by start, then stronger rank, then id; problems by instant."""

    cues: tuple[Cue, ...]
    problems: tuple[Problem, ...]


def work_out(
    station: Station,
    programmes: Iterable[Programme],
    announcements: Iterable[Announcement],
    booked: Mapping[CueId, Sequence[Bulletin]],
    span: Spell,
    lengths: Lengths,
) -> Rundown:
    """Every cue that starts within `span`, and what is wrong with them.

    `booked` holds what was booked into each cue, in booking order; bulletins that are not approved are
    passed over. A cue that began before `span` is not in the rundown, whatever is still on air.
    """
    notes = Notes(station.reach([EVERYWHERE]))
    wanted: list[Cue] = []
    for announcement in announcements:
        if announcement.start in span:
            zones, unknown = _target(announcement.zones, station)
            cues = [_announced(announcement, zones, station.timezone)]
            _note_unknown(unknown, cues, notes)
            wanted += cues
    for programme in programmes:
        zones, unknown = _target(programme.zones, station)
        cues = list(_dated(programme, zones, station.timezone, booked, span))
        _note_unknown(unknown, cues, notes)
        wanted += cues
    kept = sorted(_each_once(wanted, notes), key=in_order)
    examine(station, kept, lengths, span, notes)
    return Rundown(cues=tuple(kept), problems=notes.problems())


def _announced(announcement: Announcement, zones: frozenset[ZoneId], timezone: ZoneInfo) -> Cue:
    return Cue(
        id=named_at(announcement.id, announcement.start, timezone),
        programme=announcement.id,
        title=announcement.title,
        rank=announcement.rank,
        start=announcement.start,
        mode=StartMode.SOFT,
        grace=ANNOUNCEMENT_GRACE,
        late=LatePolicy.WHOLE,
        max=None,
        zones=zones,
        items=announcement.items,
    )


def _dated(
    programme: Programme,
    zones: frozenset[ZoneId],
    timezone: ZoneInfo,
    booked: Mapping[CueId, Sequence[Bulletin]],
    span: Spell,
) -> Iterator[Cue]:
    slot = programme.bulletins
    plain = tuple(item for item in programme.items if not isinstance(item, Bulletins))
    for occurrence in occurrences(programme, timezone, span):
        bulletins = booked.get(occurrence.cue, ()) if slot is not None else ()
        yield Cue(
            id=occurrence.cue,
            programme=programme.id,
            title=programme.title,
            rank=programme.rank,
            start=occurrence.start,
            mode=programme.start,
            grace=programme.grace,
            late=programme.late,
            max=programme.max,
            zones=zones,
            items=tuple(_filled(programme.items, bulletins)) if bulletins else plain,
            closes=None if slot is None else slot.closes,
        )


def _filled(items: Iterable[Item], bulletins: Sequence[Bulletin]) -> Iterator[Playable]:
    approved = (bulletin for bulletin in bulletins if bulletin.state is State.APPROVED)
    ordered = sorted(approved, key=lambda bulletin: -bulletin.rank)  # stable: else as they were booked
    for item in items:
        if isinstance(item, Bulletins):
            yield from map(_read_out, ordered)
        else:
            yield item


def _read_out(bulletin: Bulletin) -> Playable:
    if bulletin.words is not None:
        return Spoken(words=bulletin.words, language=bulletin.language, bulletin=bulletin.id)
    assert bulletin.recording is not None  # a bulletin is either words or a recording
    return Recorded(path=bulletin.recording, bulletin=bulletin.id)


def _each_once(cues: Iterable[Cue], notes: Notes) -> Iterator[Cue]:
    seen: set[CueId] = set()
    for cue in cues:
        if cue.id not in seen:
            seen.add(cue.id)
            yield cue
        else:
            words = f'"{cue.title}" is left out: another cue is called {cue.id} too'
            notes.tell(ProblemKind.SAME_NAME, [cue], cue.start, cue.zones, words)


def _note_unknown(unknown: Sequence[str], cues: Sequence[Cue], notes: Notes) -> None:
    if unknown and cues:
        named = ", ".join(unknown)
        words = f'"{cues[0].title}" is meant for {named}, which station.toml does not have'
        notes.tell(ProblemKind.UNKNOWN_ZONE, cues, cues[0].start, cues[0].zones, words)


def _target(zones: Iterable[str], station: Station) -> tuple[frozenset[ZoneId], tuple[str, ...]]:
    """All zones meant, and the words that mean none: a target may have been stored before a zone went."""
    here = station.reach([EVERYWHERE])
    unknown = tuple(zone for zone in zones if zone != EVERYWHERE and zone not in here)
    return station.reach(zone for zone in zones if zone not in unknown), unknown
