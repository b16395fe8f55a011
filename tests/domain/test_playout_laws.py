"""The laws of playout, on random plans, clocks, alerts, stops and power cuts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadcaster.domain.air import frames_in
from broadcaster.domain.alert import is_drill
from broadcaster.domain.instants import Spell, merged
from broadcaster.domain.names import ClipId, CueId
from broadcaster.domain.plan import Clip, Plan, PlannedCue
from broadcaster.domain.playout import (
    KEPT,
    Claim,
    Cleared,
    ClipsHeld,
    ClockTrusted,
    Decision,
    Faulted,
    FoundOpen,
    Happening,
    Onward,
    PlanArrived,
    Playout,
    Raised,
    StopOrdered,
    fresh,
    next_instant,
    step,
)
from broadcaster.domain.programme import LatePolicy, Rank, StartMode
from tests.domain.oneunit import WEEK, Horn, alert, at, plan, speech

START = at("11:58")
LATE = at("12:00") + timedelta(days=3)

Day = Sequence[tuple[datetime, Happening]]

law = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""How fast a busy machine is, is no law."""

NOON = at("12:00")
CLIPS = tuple(ClipId(f"{number:064x}") for number in range(6))
NAMES = tuple(CueId(f"chuong-trinh-{letter}@2026-11-22T12:00:00") for letter in "abcdef")
ALERTS = tuple(CueId(f"khan-cap-{letter}@2026-11-22T12:00:00") for letter in "xyz")

# Coarse times, so that things often fall on the same instant; a few odd ones, so that nothing relies on it.
odd = st.integers(0, 300_000_000).map(lambda n: NOON + timedelta(microseconds=n))
coarse = st.integers(0, 20).map(lambda n: NOON + timedelta(seconds=15 * n))
moments = st.one_of(coarse, coarse, odd)
lengths = st.sampled_from([0, 7, 15, 30, 60, 90, 600, 600]).map(lambda n: timedelta(seconds=n))
frames = st.sampled_from([1, 100_001, *(48_000 * n for n in (15, 15, 30, 30, 45, 60, 90))])
contents = st.lists(
    st.builds(Clip, id=st.sampled_from(CLIPS), frames=frames, joins=st.booleans()), min_size=1, max_size=4
).map(tuple)
ordinary_ranks = st.sampled_from([Rank.FILL, Rank.ORDINARY, Rank.ORDINARY, Rank.PRIORITY])


def seldom(values: st.SearchStrategy[timedelta]) -> st.SearchStrategy[timedelta | None]:
    return st.integers(0, 4).flatmap(lambda n: st.none() if n else values)


@st.composite
def cues(draw: st.DrawFn, name: CueId, rank: Rank | None = None) -> PlannedCue:
    start = draw(moments)
    rank = draw(ordinary_ranks) if rank is None else rank
    content = draw(contents) if draw(st.integers(0, 9)) else ()
    longest, force = draw(seldom(lengths)), draw(seldom(lengths))
    second = timedelta(seconds=1)
    return PlannedCue(
        id=name,
        title=str(name),
        rank=rank,
        start=start,
        mode=draw(st.sampled_from(StartMode)),
        grace=draw(lengths),
        late=draw(st.sampled_from(LatePolicy)),
        clips=content,
        max=None if longest is None else longest + second,
        missing=() if content else ("mat giong doc",),
        live=not draw(st.integers(0, 4)),
        severity=draw(st.integers(1, 3)) if rank is Rank.EMERGENCY else 0,
        version=draw(st.integers(1, 3)) if rank is Rank.EMERGENCY else 1,
        expires=None if force is None else start + force + second,
    )


@st.composite
def spells(draw: st.DrawFn) -> tuple[Spell, ...]:
    if draw(st.integers(0, 2)):
        return (WEEK,)
    bounds = [WEEK.begin, *sorted(set(draw(st.lists(moments, max_size=5))))]
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    return tuple(Spell(begin=begin, end=end) for begin, end in pairs)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=6))
    return plan(*(draw(cues(name)) for name in names), revision=draw(st.integers(1, 4)), open=draw(spells()))


all_clips = st.just(frozenset(CLIPS))
held = st.one_of(all_clips, all_clips, all_clips, st.frozensets(st.sampled_from(CLIPS)))
raised = st.sampled_from(ALERTS).flatmap(lambda name: cues(name, Rank.EMERGENCY))


@st.composite
def raises(draw: st.DrawFn) -> Raised:
    """An alert with some rounds, in any distance, in any order."""
    first = draw(raised)
    gaps = draw(st.lists(st.integers(-2, 40), max_size=3))
    later = []
    for number, seconds in enumerate(gaps, 1):
        gap = timedelta(seconds=seconds)
        nominal = first.id.nominal + timedelta(seconds=number)
        name = CueId.of(first.id.programme, nominal.date(), nominal.time())
        later.append(replace(first, id=name, start=first.start + gap, expires=first.expires and LATE))
    return Raised(cue=first, later=tuple(later))


clears = st.builds(
    Cleared,
    cue=st.none(),
    by=st.just("anh Ba"),
    alert=st.sampled_from([name.programme for name in ALERTS]),
    version=st.integers(1, 3),
)
found = st.builds(
    FoundOpen,
    cue=st.one_of(st.sampled_from(NAMES).flatmap(cues), raised),
    revision=st.integers(1, 4),
    begun=moments,
    last=moments,
    clip=st.integers(0, 4),
    offset=st.integers(0, 2_000_000),
)
anything = st.one_of(
    st.builds(PlanArrived, plan=plans(), held=held),
    st.builds(ClipsHeld, held=held),
    st.builds(StopOrdered, cue=st.none() | st.sampled_from(NAMES + ALERTS), by=st.just("chi Lan")),
    st.builds(Raised, cue=raised),
    raises(),
    raises(),
    st.builds(Cleared, cue=st.none() | st.sampled_from(ALERTS), by=st.just("anh Ba")),
    clears,
    st.builds(ClockTrusted, trusted=st.booleans()),
    st.builds(Faulted, cue=st.sampled_from(NAMES + ALERTS), why=st.just("loa hong")),
    found,
)


@st.composite
def days(draw: st.DrawFn) -> Day:
    """What happens to one unit: mostly a plan and a trusted clock first, and then anything."""
    first: list[tuple[datetime, Happening]] = []
    if draw(st.integers(0, 3)):
        first.append((NOON - timedelta(minutes=1), ClockTrusted(trusted=True)))
        first.append((NOON - timedelta(minutes=1), draw(st.builds(PlanArrived, plan=plans(), held=held))))
    rest = draw(st.lists(st.tuples(moments, anything), max_size=5))
    return first + sorted(rest, key=lambda pair: pair[0])


def lived(day: Day, cuts: Sequence[datetime] = ()) -> tuple[Playout, list[Decision]]:
    """The day worked off, with further steps at `cuts`."""
    state, decisions = fresh(START), list[Decision]()
    todo = [(moment, 0, number, happening) for number, (moment, happening) in enumerate(day)]
    todo_cuts = [(moment, 1, number, None) for number, moment in enumerate(cuts)]
    for moment, _, _, happening in sorted([*todo, *todo_cuts], key=lambda one: one[:3]):
        state, made = step(state, moment, happening)
        decisions.extend(made)
    return state, decisions


@law
@given(days())
def test_one_horn_can_do_what_is_decided_never_two_at_once_and_nothing_after_its_end(day: Day) -> None:
    horn = Horn()
    state, decisions = lived(day, [LATE])
    horn.take(decisions)
    assert horn.on is None or state.on_air is not None


@law
@given(days(), st.lists(moments, max_size=12), st.integers(1, 1000))
def test_time_may_be_cut_into_any_steps(day: Day, cuts: list[datetime], odd: int) -> None:
    cuts = [*cuts, *(cut + timedelta(microseconds=odd) for cut in cuts)]
    assert lived(day, [*cuts, LATE]) == lived(day, [LATE])


@law
@given(days())
def test_going_from_instant_to_instant_is_the_same_as_one_long_step(day: Day) -> None:
    state, _ = lived(day)
    _, at_once = step(state, LATE)
    one_by_one: list[Decision] = []
    while (due := next_instant(state)) is not None and due <= LATE:
        assert due > state.now
        early, nothing = step(state, due - timedelta(microseconds=1))
        assert nothing == ()
        state, made = step(early, due)
        one_by_one.extend(made)
    assert tuple(one_by_one) == at_once


@law
@given(days(), plans())
def test_every_cue_whose_time_has_passed_comes_to_exactly_one_end(day: Day, last: Plan) -> None:
    last = replace(last, revision=9)
    moment = max((moment for moment, _ in day), default=NOON)
    day = [
        *day,
        (moment, PlanArrived(plan=last, held=frozenset(CLIPS))),
        (moment, ClockTrusted(trusted=True)),
    ]
    horn = Horn()
    state, decisions = lived(day, [LATE])
    horn.take(decisions)
    ended = list(horn.closes)
    assert all(ended.count(name) == 1 for name in {cue.id for cue in last.cues})
    assert all(ended.count(name) <= 1 for name in NAMES)
    assert state.on_air is None
    assert (state.claims, state.pending, state.raised, state.found) == ((), (), (), ())


@law
@given(days())
def test_nothing_but_an_emergency_that_is_meant_sounds_outside_the_open_hours(day: Day) -> None:
    horn = Horn()
    _, decisions = lived(day, [LATE])
    horn.take(decisions)
    in_force = _hours_in_force(day)
    for sound in horn.sounds:
        if sound.cue.rank is Rank.EMERGENCY and not is_drill(sound.cue):
            continue
        for begin, end, open in in_force:
            first, last = max(begin, sound.begin), min(end, sound.end)
            inside = any(spell.begin <= first and last <= spell.end for spell in open)
            assert first >= last or inside, f"{sound} between {first} and {last}"


def _hours_in_force(day: Day) -> list[tuple[datetime, datetime, tuple[Spell, ...]]]:
    changes: list[tuple[datetime, tuple[Spell, ...]]] = [(START - timedelta(days=1), ())]
    revision = 0
    for moment, happening in day:
        if isinstance(happening, PlanArrived) and happening.plan.revision >= revision:
            revision = happening.plan.revision
            changes.append((moment, merged(happening.plan.open)))
    ends = [*(moment for moment, _ in changes[1:]), LATE]
    return [(begin, end, open) for (begin, open), end in zip(changes, ends, strict=True)]


@law
@given(days(), moments, st.booleans())
def test_an_alert_has_the_air_at_once_whatever_goes_on(day: Day, moment: datetime, trusted: bool) -> None:
    state, _ = lived([pair for pair in day if pair[0] <= moment])
    state, _ = step(state, moment, ClockTrusted(trusted=trusted))
    storm = replace(alert("bao", "12:00", speech("bao-do-bo", "30s"), severity=4), start=moment)
    state, _ = step(state, moment, ClipsHeld(held=state.held | {storm.clips[0].id}))
    state, decisions = step(state, moment, Raised(cue=storm))
    assert state.on_air is not None
    assert state.on_air.cue == storm
    assert decisions[-1].at == moment


@law
@given(days(), plans(), held)
def test_nobody_waits_while_the_air_is_free(day: Day, last: Plan, held: frozenset[ClipId]) -> None:
    state, _ = lived(day)
    state, _ = step(state, state.now, ClockTrusted(trusted=True))
    state, _ = step(state, state.now, PlanArrived(plan=replace(last, revision=9), held=held))
    free = state.on_air is None and not _is_near(state)
    waiting = [claim for claim in state.claims if free]
    # What has not begun may still wait for its first clip: none that could sound now is held.
    assert all(claim.begun is None and not _could_sound(claim, state.now) & held for claim in waiting)


def _is_near(state: Playout) -> bool:
    return any(state.now <= coming.due <= state.now + KEPT for coming in state.raised)


def _could_sound(claim: Claim, now: datetime) -> set[ClipId]:
    """The clips it would sound from now on; of an emergency all, for that is begun anew."""
    clips = claim.cue.clips
    elapsed = frames_in(now - (claim.lost or now)) if claim.onward is Onward.JOIN else 0
    if claim.cue.rank is Rank.EMERGENCY:
        elapsed = 0
    ends = [sum(clip.frames for clip in clips[: number + 1]) for number in range(len(clips))]
    return {clip.id for clip, end in zip(clips, ends, strict=True) if elapsed < end or clip is clips[-1]}


@law
@given(days(), st.timedeltas(timedelta(days=-20_000), timedelta(days=20_000)), st.booleans())
def test_an_alert_on_air_outlasts_the_setting_of_the_clock(day: Day, shift: timedelta, trusted: bool) -> None:
    storm = alert("bao", "12:00", speech("bao-do-bo", "30s"), severity=4)
    state, _ = lived(day)
    state, _ = step(state, state.now, ClipsHeld(held=frozenset({storm.clips[0].id})))
    state, _ = step(state, state.now, Raised(cue=replace(storm, start=state.now)))
    end = state.now + timedelta(seconds=30) + shift
    state, _ = step(state, state.now + shift, ClockTrusted(trusted=trusted, shift=shift))
    assert state.on_air is not None
    assert (state.on_air.cue.id, state.on_air.end) == (storm.id, end)
