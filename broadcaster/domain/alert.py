"""An alert's life: raised, updated, corrected, all clear, stopped; meant, practised, or only tested.

CAP 1.2 gives the words: a status (Actual, Exercise, Test), a severity, and a newer message that replaces the
older ones of the same alert. Every act upon an alert is a new version of it (`Alert`); the newest that stands
is the one in force.

Laws
1. A newer version replaces all older ones at once: what waits of them, and what is still to come of them.
2. Severity MINOR is kept for exercises. So a real alert is graver than any drill and takes the air from it;
   a drill keeps to the allowed hours, and takes the air from no alert.
3. A drill begins with words that say so, in sound, whatever else goes wrong.
4. What sounds of a version is one round, sounded again: `repeats` times with a `gap` that frees the air, and
   all of that again every `every` until `until`. Each round is a cue of its own, with a line of its own.
5. No round of an alert begins at or after `expires`; one that has begun is said to its end.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from broadcaster.domain.instants import instant
from broadcaster.domain.names import AlertId, CueId, UnitId
from broadcaster.domain.plan import Clip, PlannedCue, length_of
from broadcaster.domain.programme import LatePolicy, Rank, Recorded, Spoken, StartMode
from broadcaster.domain.volume import SOFTEST

__all__ = [
    "COUNTDOWN",
    "DRILL",
    "LONGEST",
    "MOST_ROUNDS",
    "Alert",
    "AlertCall",
    "AlertTemplate",
    "Hazard",
    "Message",
    "Severity",
    "Status",
    "Wording",
    "is_drill",
    "missed",
    "rounds",
]

COUNTDOWN = timedelta(seconds=5)
"""In which one tap takes an alert back before anybody hears it."""

LONGEST = timedelta(days=3)
"""How long an alert may be in force; after that a person has to say it again."""

MOST_ROUNDS = 600
"""Of one version: three every ten minutes for more than a day."""

_SECOND = timedelta(seconds=1)


class Severity(IntEnum):
    """CAP's, without Unknown. MINOR is for drills."""

    MINOR = 1
    MODERATE = 2
    SEVERE = 3
    EXTREME = 4


DRILL = Severity.MINOR


class Status(StrEnum):
    """CAP's: meant, practised, or a test of the machines that nobody hears."""

    ACTUAL = "actual"
    EXERCISE = "exercise"
    TEST = "test"


class Hazard(StrEnum):
    """What is coming."""

    FLOOD = "flood"  # lũ, ngập lụt
    STORM = "storm"  # bão, lốc, mưa đá
    FIRE = "fire"  # cháy
    DAM = "dam-release"  # xả lũ hồ đập
    LANDSLIDE = "landslide"  # sạt lở
    EPIDEMIC = "epidemic"  # dịch bệnh
    OTHER = "other"


class Message(StrEnum):
    """What a version of an alert is for."""

    ALERT = "alert"  # first raised, or said anew with other words
    CORRECTION = "correction"  # phát nhầm: it was a mistake
    ALL_CLEAR = "all-clear"  # it is over
    STOP = "stop"  # silence at once, no words

    @property
    def ends(self) -> bool:
        """Whether the danger is over, or never was."""
        return self is not Message.ALERT


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a template says in one language: words for a voice, or what a person recorded.

    `drill` None: the words of `alert`, between the sentences that say it is a drill. A language without a
    voice needs a recording for it, and is left out of drills otherwise.
    """

    language: str
    alert: Spoken | Recorded
    correction: Spoken | Recorded
    all_clear: Spoken | Recorded
    drill: Spoken | Recorded | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTemplate:
    """An alert made ready: rendered, and laid on every unit. One file of schedules/alerts/, named by `id`.

    signal: a chime by name. zones: where it goes unless somebody chooses otherwise. gap: between two rounds.
    volume: dB below full, 0 is full, whatever the unit is set to. lasts: how long one is in force.
    second_person: another person has to say yes before it goes on air.
    """

    id: AlertId
    title: str
    hazard: Hazard
    severity: Severity
    signal: str
    zones: tuple[str, ...]
    wordings: tuple[Wording, ...]
    repeats: int = 3
    gap: timedelta = timedelta(seconds=10)
    volume: float = 0.0
    lasts: timedelta = timedelta(hours=2)
    second_person: bool = False

    def __post_init__(self) -> None:
        if not self.title.strip():
            raise ValueError("an alert template has a title")
        if self.severity is DRILL:
            raise ValueError("severity minor is kept for drills: use moderate, severe or extreme")
        if not self.zones:
            raise ValueError("an alert template names at least one zone, or all")
        languages = [wording.language for wording in self.wordings]
        if not languages or len(set(languages)) < len(languages):
            raise ValueError("an alert template says its words once in each of its languages")
        if not 1 <= self.repeats <= 20:
            raise ValueError("repeats are 1 to 20")
        if not timedelta(0) <= self.gap <= timedelta(hours=1):
            raise ValueError("a gap is 0 s to 1 h")
        if not SOFTEST <= self.volume <= 0:
            raise ValueError(f"a volume is {SOFTEST:g} to 0 dB")
        if not timedelta(0) < self.lasts <= LONGEST:
            raise ValueError(f"an alert lasts up to {LONGEST.days} days")

    def wording(self, language: str) -> Wording | None:
        """What it says in that language."""
        return next((wording for wording in self.wordings if wording.language == language), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One version of an alert: an act of a person, from 1 on.

    Exactly one of `template` with nothing else to say, `words` (typed) and `recording` (a path below audio/,
    spoken by a person) is what sounds; `template` may stand beside the other two, for signal and settings.
    A STOP has none of them. zones as people wrote them, `units` narrows them down to some units ("phát lại
    cho 2 cụm"). `fires_at`: committed, when the countdown is over; None while a second person is waited for.
    `by`: a login. What became of it: `seconded_by`; `cancelled_by` before it was on air; `fired`, the hub's
    word that nothing can take it back any more; `start`, the instant of the first sample it was given;
    `trouble`, why it was not sent after all, or what was left out.
    """

    id: AlertId
    version: int
    status: Status
    message: Message
    title: str
    severity: Severity
    zones: tuple[str, ...]
    by: str
    asked: datetime
    expires: datetime
    fires_at: datetime | None
    units: tuple[UnitId, ...] = ()
    template: AlertId | None = None
    words: str | None = None
    recording: str | None = None
    language: str | None = None
    repeats: int = 3
    gap: timedelta = timedelta(seconds=10)
    every: timedelta | None = None
    until: datetime | None = None
    volume: float = 0.0
    seconded_by: str | None = None
    cancelled_by: str | None = None
    cancelled_at: datetime | None = None
    fired: datetime | None = None
    sent: datetime | None = None
    start: datetime | None = None
    trouble: str = ""

    def __post_init__(self) -> None:
        if self.version < 1:
            raise ValueError("versions are counted from 1")
        if (self.status is Status.ACTUAL) == (self.severity is DRILL):
            raise ValueError("severity minor is for drills and tests, and for nothing else")
        if instant(self.expires) <= instant(self.asked):
            raise ValueError("an alert cannot expire before it is asked for")
        if (self.every is None) != (self.until is None):
            raise ValueError("what is repeated has an interval and an end")
        silent = self.template is None and self.words is None and self.recording is None
        if silent != (self.message is Message.STOP):
            raise ValueError("an alert says something, and a stop says nothing")

    @property
    def cancelled(self) -> bool:
        return self.cancelled_by is not None

    def in_force(self, now: datetime) -> bool:
        """Whether units should still act on it."""
        return self.fired is not None and now < self.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCall:
    """What units are told to sound of one version. `cue` and `start` are its first round's.

    `clips` are one round. The severity says whether it is a drill (law 2).
    """

    cue: CueId
    version: int
    title: str
    severity: Severity
    start: datetime
    expires: datetime
    clips: tuple[Clip, ...]
    repeats: int = 1
    gap: timedelta = timedelta(0)
    every: timedelta | None = None
    until: datetime | None = None
    volume: float = 0.0

    def __post_init__(self) -> None:
        if instant(self.start) >= instant(self.expires):
            raise ValueError("an alert cannot expire before it starts")
        if not self.clips:
            raise ValueError("an alert has something to sound")
        if self.version < 1 or self.repeats < 1:
            raise ValueError("versions and repeats are counted from 1")
        if self.gap < timedelta(0) or (self.every is not None and self.every < _SECOND):
            raise ValueError("a gap is not negative, and an interval is a second at least")
        if (self.every is None) != (self.until is None):
            raise ValueError("what is repeated has an interval and an end")

    @property
    def step(self) -> timedelta:
        """From the beginning of one round to that of the next: whole seconds, for cues are named by them."""
        long = length_of(sum(clip.frames for clip in self.clips)) + self.gap
        return max(_SECOND, -(-long // _SECOND) * _SECOND)

    @property
    def period(self) -> timedelta:
        """From the beginning of one series of `repeats` rounds to that of the next."""
        series = self.repeats * self.step
        return series if self.every is None else max(series, -(-self.every // _SECOND) * _SECOND)


def rounds(call: AlertCall, now: datetime) -> tuple[PlannedCue, ...]:
    """The rounds a unit is to sound that hears of the alert at `now`, in order of time.

    Those that began in time keep their instants, so that all units are in step. A series that is wholly over
    by `now` is not sounded by a unit that was away, but for the last one if nothing is still to come: an
    alert in force is heard everywhere. That series begins at `now`, its rounds named as they were meant.
    """
    planned = tuple(_meant(call))
    coming = tuple(cue for cue in planned if cue.start + cue.whole > now)
    if coming:
        return coming
    last = planned[-call.repeats :]
    late = now - last[0].start
    moved = (replace(cue, start=cue.start + late) for cue in last if cue.start + late < call.expires)
    return tuple(moved)


def missed(call: AlertCall, now: datetime) -> tuple[PlannedCue, ...]:
    """The rounds that `rounds` leaves out, for they were over when the unit heard of them at `now`."""
    named = {cue.id for cue in rounds(call, now)}
    return tuple(cue for cue in _meant(call) if cue.id not in named and cue.start + cue.whole <= now)


def is_drill(cue: PlannedCue) -> bool:
    """Whether it is only practised: it keeps to the hours, and gives way to every alert that is meant."""
    return cue.rank is Rank.EMERGENCY and cue.severity == DRILL


def _meant(call: AlertCall) -> Iterator[PlannedCue]:
    """All rounds as they were meant, at most `MOST_ROUNDS`."""
    end = call.expires if call.until is None else min(call.expires, call.until)
    for number in range(MOST_ROUNDS):
        series, turn = divmod(number, call.repeats)
        if series and call.every is None:
            return
        after = series * call.period + turn * call.step
        if number and call.start + after >= end:
            return
        yield _round(call, after)


def _round(call: AlertCall, after: timedelta) -> PlannedCue:
    nominal = call.cue.nominal + after
    return PlannedCue(
        id=CueId.of(call.cue.programme, nominal.date(), nominal.time()),
        title=call.title,
        rank=Rank.EMERGENCY,
        start=call.start + after,
        mode=StartMode.HARD,
        grace=timedelta(0),
        late=LatePolicy.JOIN,
        clips=call.clips,
        severity=call.severity,
        version=call.version,
        expires=call.expires,
        volume=call.volume,
    )
