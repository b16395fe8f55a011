"""Looking for what is wrong with a rundown. Told, never mended here.

Laws
1. Cues are judged by their nominal start and length. What a cue does after it had to wait is the
   playout's business; a chain of waits is told as the clashes that begin it. Who gives way is asked of
   the playout's own table.
2. A cue that will be refused, because its zone is closed at its start, clashes with nothing there.
3. Zones with the same cues and the same hours are looked at once: a year of a large commune takes
   seconds, not minutes.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from broadcaster.domain.cues import Cue, Lengths, length_of_items
from broadcaster.domain.instants import Spell, in_words, until_of
from broadcaster.domain.lateness import HARD_WAIT
from broadcaster.domain.names import CueId, ZoneId
from broadcaster.domain.places import Station
from broadcaster.domain.precedence import TABLE, Answer, Newcomer
from broadcaster.domain.problems import Notes, ProblemKind
from broadcaster.domain.programme import Pause, Rank, StartMode
from broadcaster.domain.quiet import open_spells
from broadcaster.domain.timetable import wall_time

__all__ = ["examine", "in_order", "takes_over"]

_DAY = timedelta(days=1)


def in_order(cue: Cue) -> tuple[datetime, int, CueId]:
    """The order of a rundown: by start, then the stronger rank, then the name."""
    return cue.start, -cue.rank, cue.id


def takes_over(newcomer: Cue, on_air: Cue) -> bool:
    """Whether `newcomer` gets the air from `on_air`, at once or after the item; otherwise it waits."""
    hard = newcomer.mode is StartMode.HARD
    match newcomer.rank:
        case Rank.ORDINARY:
            both_hard_at_once = on_air.mode is StartMode.HARD and newcomer.start <= on_air.start
            kind = Newcomer.ORDINARY_HARD if hard and not both_hard_at_once else Newcomer.ORDINARY_SOFT
        case Rank.PRIORITY:
            kind = Newcomer.PRIORITY_AT_ONCE if hard else Newcomer.PRIORITY
        case _:
            kind = Newcomer.FILL
    return TABLE[on_air.rank, kind] is not Answer.WAIT


def examine(station: Station, cues: Sequence[Cue], lengths: Lengths, span: Spell, notes: Notes) -> None:
    """Note all that is wrong with `cues`, which are in order and start within `span`."""
    whole = _measured(cues, lengths)
    for cue in cues:
        _examine_alone(cue, whole[cue.id], station.timezone, notes)
    # well past the last cue, so that the end of the span is not taken for the end of a window
    longest = max(whole.values(), default=timedelta(0))
    around = Spell(begin=span.begin, end=span.end + longest + _DAY)
    hours = open_spells(station.allowed, (), station.timezone, around)
    by_zones: defaultdict[frozenset[ZoneId], list[Cue]] = defaultdict(list)
    for cue in cues:
        by_zones[cue.zones].append(cue)
    for zones, addressed in _alike(station, by_zones):
        together = sorted(chain.from_iterable(by_zones[each] for each in addressed), key=in_order)
        air = _Air(zones, station.open_for(min(zones), around), hours, station.timezone, notes)
        for cue in together:
            air.take(cue, whole[cue.id])


def _measured(cues: Iterable[Cue], lengths: Lengths) -> dict[CueId, timedelta]:
    """The whole length of each cue, nothing for one that is dead air. Cues of one programme mostly share
    their items, which are asked for once."""
    known: dict[int, timedelta] = {}
    whole = {}
    for cue in cues:
        same_items = id(cue.items)
        if same_items not in known:
            known[same_items] = timedelta(0) if _is_dead(cue) else length_of_items(cue.items, lengths)
        whole[cue.id] = known[same_items]
    return whole


def _alike(
    station: Station, addressed: Iterable[frozenset[ZoneId]]
) -> Iterator[tuple[frozenset[ZoneId], tuple[frozenset[ZoneId], ...]]]:
    """Zones for which everything is the same (the cues' targets they belong to, their quiet spells), with
    those targets."""
    targets = tuple(addressed)
    alike: defaultdict[object, set[ZoneId]] = defaultdict(set)
    held: dict[object, tuple[frozenset[ZoneId], ...]] = {}
    for zone in station.zones:
        mine = tuple(target for target in targets if zone.id in target)
        key: object = (mine, station.quiet_for(zone.id))
        alike[key].add(zone.id)
        held[key] = mine
    for key, zones in alike.items():
        yield frozenset(zones), held[key]


def _examine_alone(cue: Cue, whole: timedelta, timezone: ZoneInfo, notes: Notes) -> None:
    if _is_dead(cue):
        notes.tell(
            ProblemKind.DEAD_AIR,
            [cue],
            cue.start,
            cue.zones,
            lambda: f"{_named(cue, timezone)} has nothing to play",
        )
    if cue.max is not None and whole > cue.max:
        most = cue.max
        notes.tell(
            ProblemKind.OVERRUN,
            [cue],
            cue.start + most,
            cue.zones,
            lambda: (
                f"{_named(cue, timezone)} lasts {in_words(whole)} and is faded out "
                f"at its max of {in_words(most)}"
            ),
        )


def _is_dead(cue: Cue) -> bool:
    return all(isinstance(item, Pause) for item in cue.items)


class _Air:
    """The air of zones that are all alike, swept from cue to cue in order."""

    def __init__(
        self,
        zones: frozenset[ZoneId],
        window: Sequence[Spell],
        hours: Sequence[Spell],
        timezone: ZoneInfo,
        notes: Notes,
    ) -> None:
        self._zones = zones
        self._window = window
        self._hours = hours
        self._timezone = timezone
        self._notes = notes
        self._at = 0  # the window that is open or next to open
        self._on_air: list[tuple[datetime, Cue]] = []

    def take(self, cue: Cue, whole: timedelta) -> None:
        """Put `cue` on this air and note what is wrong with that."""
        while self._at < len(self._window) and self._window[self._at].end <= cue.start:
            self._at += 1
        if self._at == len(self._window) or cue.start not in self._window[self._at]:
            self._note_closed(cue)
            return
        if self._on_air:
            self._on_air = [(end, other) for end, other in self._on_air if end > cue.start]
        end = cue.start + (whole if cue.max is None else min(whole, cue.max))
        closing = self._window[self._at].end
        if end > closing:
            self._note_overrun(cue, end, closing)
            end = closing
        if end > cue.start:
            for until, other in self._on_air:
                # of two due at once, nobody is begun only to be cut in the same instant
                if other.start == cue.start and takes_over(cue, other):
                    self._note_clash(cue, end, other)
                else:
                    self._note_clash(other, until, cue)
            self._on_air.append((end, cue))

    def _note_closed(self, cue: Cue) -> None:
        quiet = until_of(self._hours, cue.start) is not None
        kind = ProblemKind.QUIET if quiet else ProblemKind.OUTSIDE_HOURS
        where = "in a quiet spell" if quiet else "outside the allowed hours"
        self._notes.tell(
            kind,
            [cue],
            cue.start,
            self._zones,
            lambda: f"{_named(cue, self._timezone)} starts {where} and will not be heard",
        )

    def _note_overrun(self, cue: Cue, end: datetime, closing: datetime) -> None:
        hours_end = until_of(self._hours, cue.start) == closing
        why = "the allowed hours end" if hours_end else "a quiet spell begins"
        self._notes.tell(
            ProblemKind.OVERRUN,
            [cue],
            closing,
            self._zones,
            lambda: (
                f"{_named(cue, self._timezone)} would last until {self._wall(end)} and is faded out at "
                f"{self._wall(closing)}, when {why}"
            ),
        )

    def _note_clash(self, on_air: Cue, until: datetime, newcomer: Cue) -> None:
        weaker = on_air if takes_over(newcomer, on_air) else newcomer
        self._notes.tell(
            ProblemKind.CLASH,
            [on_air, newcomer],
            newcomer.start,
            self._zones,
            lambda: (
                f"{_named(newcomer, self._timezone)} starts while {_named(on_air, self._timezone)} lasts "
                f"until {self._wall(until)}: "
                f"{_quoted(weaker)} gives way and {_fate(on_air, until, newcomer)}"
            ),
            gives_way=weaker,
        )

    def _wall(self, moment: datetime) -> str:
        return wall_time(moment, self._timezone).split(" ")[1]


def _fate(on_air: Cue, until: datetime, newcomer: Cue) -> str:
    """What becomes of the one that gives way."""
    if takes_over(newcomer, on_air):
        return "is cut short" if newcomer.mode is StartMode.HARD else "goes on afterwards"
    wait = until - newcomer.start
    patience = HARD_WAIT if newcomer.mode is StartMode.HARD else newcomer.grace
    if wait > patience:
        return f"is skipped, because it waits at most {in_words(patience)}"
    return f"waits {in_words(wait)}"


def _named(cue: Cue, timezone: ZoneInfo) -> str:
    return f"{_quoted(cue)} of {wall_time(cue.start, timezone)}"


def _quoted(cue: Cue) -> str:
    return f'"{cue.title}"'
