"""One unit on its pole, for the tests of playout: its plan in short words, and what villagers heard of it.

A fake horn: it does what the decisions say and nothing else, and it complains (AssertionError) about what no
horn could do: two sounds at once, a stop of what does not sound, a second end, a sound after the end.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from broadcaster.domain.asrun import Outcome, outcome_of
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId, CueId, StationId, ZoneId
from broadcaster.domain.plan import FRAME_RATE, Clip, Plan, PlannedCue, length_of
from broadcaster.domain.playout import (
    Begin,
    Cease,
    ClipsHeld,
    ClockTrusted,
    Close,
    Decision,
    Happening,
    PlanArrived,
    Playout,
    Raised,
    fresh,
    step,
)
from broadcaster.domain.programme import LatePolicy, Rank, StartMode

DAY = datetime(2026, 11, 22, tzinfo=UTC)
WEEK = Spell(begin=DAY, end=DAY + timedelta(days=7))


def at(clock: str) -> datetime:
    """`05:10` or `05:10:30.5` of the day."""
    hours, minutes, *seconds = clock.split(":")
    length = timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds[0]) if seconds else 0)
    return DAY + length


def length(text: str) -> timedelta:
    """`30s`, `5m` or `1h`."""
    return timedelta(seconds=float(text[:-1]) * {"s": 1, "m": 60, "h": 3600}[text[-1]])


def hours(begin: str, end: str) -> Spell:
    return Spell(begin=at(begin), end=at(end))


def speech(title: str, long: str) -> Clip:
    return _clip(title, long, joins=False)


def music(title: str, long: str) -> Clip:
    return _clip(title, long, joins=True)


def _clip(title: str, long: str, *, joins: bool) -> Clip:
    name = ClipId(title.encode().hex().ljust(64, "0"))
    frames = length(long) // timedelta(microseconds=1) * FRAME_RATE // 1_000_000
    return Clip(id=name, frames=frames, joins=joins, title=title)


def cue(
    name: str,
    start: str,
    *clips: Clip,
    rank: Rank = Rank.ORDINARY,
    hard: bool = False,
    grace: str = "10m",
    late: LatePolicy = LatePolicy.WHOLE,
    longest: str | None = None,
    severity: int = 0,
    version: int = 1,
    missing: tuple[str, ...] = (),
    live: bool = False,
    expires: str | None = None,
) -> PlannedCue:
    """A cue whose id is `name`; its start may move without changing the id."""
    return PlannedCue(
        id=CueId(f"{name}@2026-11-22T05:00:00"),
        title=name,
        rank=rank,
        start=at(start),
        mode=StartMode.HARD if hard else StartMode.SOFT,
        grace=length(grace),
        late=late,
        clips=clips,
        max=None if longest is None else length(longest),
        missing=missing,
        live=live,
        severity=severity,
        version=version,
        expires=None if expires is None else at(expires),
    )


def alert(
    name: str,
    start: str,
    *clips: Clip,
    severity: int = 3,
    version: int = 1,
    late: LatePolicy = LatePolicy.JOIN,
    expires: str | None = None,
) -> PlannedCue:
    return cue(
        name,
        start,
        *clips,
        rank=Rank.EMERGENCY,
        severity=severity,
        version=version,
        late=late,
        expires=expires,
    )


def plan(*cues: PlannedCue, revision: int = 1, open: Iterable[Spell] = (WEEK,)) -> Plan:
    return Plan(
        station=StationId("dong-tien"),
        zone=ZoneId("thon-ben"),
        revision=revision,
        span=WEEK,
        open=tuple(open),
        cues=cues,
    )


@dataclass
class Sound:
    """What a horn sounded without a break."""

    cue: PlannedCue
    begin: datetime
    end: datetime
    clip: int
    offset: int

    def pieces(self) -> Iterable[str]:
        """One line a clip: `05:00:10 title 0-30`, in seconds of the clip."""
        moment, clip, offset = self.begin, self.clip, self.offset
        while moment < self.end and clip < len(self.cue.clips):
            here = self.cue.clips[clip]
            sounded = min(self.end - moment, length_of(here.frames - offset))
            first = offset / FRAME_RATE
            yield f"{_clock(moment)} {here.title} {first:g}-{first + sounded.total_seconds():g}"
            moment, clip, offset = moment + sounded, clip + 1, 0


@dataclass
class Horn:
    """Sounds what it is told, and keeps account."""

    sounds: list[Sound] = field(default_factory=list)
    closes: dict[CueId, Close] = field(default_factory=dict)
    on: Begin | None = None
    last: datetime = DAY - timedelta(days=365)

    def take(self, decisions: Iterable[Decision]) -> None:
        for decision in decisions:
            assert decision.at >= self.last, "decisions come in order of time"
            self.last = decision.at
            match decision:
                case Begin():
                    self._begin(decision)
                case Cease():
                    self._cease(decision)
                case Close():
                    self._close(decision)

    def _begin(self, begin: Begin) -> None:
        assert self.on is None, f"two at once: {begin.cue.title} while {self.on and self.on.cue.title} is on"
        assert begin.cue.id not in self.closes, f"{begin.cue.title} sounds again after its end"
        assert 0 <= begin.offset < begin.cue.clips[begin.clip].frames
        self.on = begin

    def _cease(self, cease: Cease) -> None:
        assert self.on is not None
        assert self.on.cue == cease.cue, f"{cease.cue.title} is not what sounds"
        assert cease.at <= self._end(self.on)
        self._silent(cease.at)

    def _close(self, close: Close) -> None:
        assert close.cue.id not in self.closes, f"{close.cue.title} ends twice"
        self.closes[close.cue.id] = close
        if self.on is not None and self.on.cue == close.cue:
            assert close.at == self._end(self.on), "what sounds is ceased, or ends with its last clip"
            self._silent(close.at)

    def _silent(self, moment: datetime) -> None:
        assert self.on is not None
        self.sounds.append(
            Sound(cue=self.on.cue, begin=self.on.at, end=moment, clip=self.on.clip, offset=self.on.offset)
        )
        self.on = None

    @staticmethod
    def _end(begin: Begin) -> datetime:
        frames = sum(clip.frames for clip in begin.cue.clips[begin.clip :]) - begin.offset
        return begin.at + length_of(frames)

    def played(self, name: CueId) -> timedelta:
        lengths = (sound.end - sound.begin for sound in self.sounds if sound.cue.id == name)
        return sum(lengths, timedelta(0))


class OneUnit:
    """A unit that is switched on, knows the time and has `laid` with all its clips, at 04:00."""

    def __init__(self, laid: Plan | None = None, *, trusted: bool = True, on: str = "04:00") -> None:
        self.state: Playout = fresh(at(on))
        self.horn = Horn()
        if trusted:
            self.when(on, ClockTrusted(trusted=True))
        if laid is not None:
            self.when(on, PlanArrived(plan=laid, held=laid.clips))

    def when(self, clock: str, happening: Happening | None = None) -> None:
        self.state, decisions = step(self.state, at(clock), happening)
        assert all(decision.at <= self.state.now for decision in decisions)
        self.horn.take(decisions)

    def raise_alert(self, clock: str, name: str, long: str, *, severity: int = 3, version: int = 1) -> None:
        """An alert that starts at once, its sound brought with it."""
        raised = alert(name, clock, speech(name, long), severity=severity, version=version)
        self.when(clock, ClipsHeld(held=self.state.held | {raised.clips[0].id}))
        self.when(clock, Raised(cue=raised))

    def until(self, clock: str) -> "OneUnit":
        self.when(clock)
        return self

    @property
    def heard(self) -> list[str]:
        """All that villagers have heard that is over: `05:00:10 title 0-30`."""
        return [piece for sound in self.horn.sounds for piece in sound.pieces()]

    @property
    def playing(self) -> str | None:
        return None if self.horn.on is None else self.horn.on.cue.title

    def told(self, name: str) -> tuple[Outcome, str]:
        """The outcome of the cue and its reason. Raises LookupError while it has not come to its end."""
        for close in self.horn.closes.values():
            if close.cue.title == name:
                return outcome_of(
                    close.ending,
                    asked=close.asked,
                    played=self.horn.played(close.cue.id),
                    missing=close.cue.missing,
                    passed=close.passed,
                    reason=close.reason,
                )
        raise LookupError(f"{name} has not come to its end")

    def became(self, name: str) -> Outcome:
        return self.told(name)[0]

    def ended(self, name: str) -> datetime:
        return next(close.at for close in self.horn.closes.values() if close.cue.title == name)


def _clock(moment: datetime) -> str:
    text = (moment - DAY + datetime(2000, 1, 1, tzinfo=UTC)).strftime("%H:%M:%S.%f")
    return text.rstrip("0").rstrip(".")
