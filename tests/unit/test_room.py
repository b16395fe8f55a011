"""What lies on a small disk: what is needed soonest, and never paid for twice."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId, CueId, StationId, ZoneId
from broadcaster.domain.plan import FRAME_RATE, Clip, Plan, PlannedCue
from broadcaster.domain.programme import LatePolicy, Rank, StartMode
from broadcaster.unit.room import Wanted, fetchable, is_over, likely_size, never_fits, to_evict, wanted
from tests.unit.box import NOON

NAMES = [ClipId(f"{number:064x}") for number in range(12)]
MINUTES = st.integers(1, 90)


def clip(number: int, minutes: int) -> Clip:
    return Clip(id=NAMES[number], frames=minutes * 60 * FRAME_RATE, joins=True)


def cue(number: int, hours: float, clips: Sequence[Clip], grace: int = 10) -> PlannedCue:
    return PlannedCue(
        id=CueId(f"muc-{number}@2026-11-21T19:00:00"),
        title="mục",
        rank=Rank.ORDINARY,
        start=NOON + timedelta(hours=hours),
        mode=StartMode.SOFT,
        grace=timedelta(minutes=grace),
        late=LatePolicy.WHOLE,
        clips=tuple(clips),
    )


def plan(cues: Iterable[PlannedCue], keep: Iterable[Clip] = ()) -> Plan:
    span = Spell(begin=NOON - timedelta(days=1), end=NOON + timedelta(days=6))
    return Plan(
        station=StationId("dong-tien"),
        zone=ZoneId("xa"),
        revision=3,
        span=span,
        open=(span,),
        cues=tuple(cues),
        keep=tuple(keep),
    )


def test_what_plays_first_is_needed_first_and_what_is_kept_comes_after_the_next_hour() -> None:
    clips = [clip(number, 5) for number in range(6)]
    planned = plan(
        [
            cue(0, 24, [clips[2], clips[1]]),
            cue(1, 0.5, [clips[1]]),
            cue(2, -3, [clips[3]]),
            cue(3, -0.02, [clips[0]]),
        ],
        keep=[clips[4]],
    )
    want = wanted(planned, NOON, [clips[5]])
    assert want.order == tuple(NAMES[number] for number in (5, 0, 1, 4, 2))
    assert want.keep == {NAMES[4]}
    assert want.over == {NAMES[3]}
    assert want.likely[NAMES[0]] == likely_size(clips[0])
    assert wanted(None, NOON).order == ()


def test_five_minutes_of_music_are_taken_for_a_little_more_than_they_have() -> None:
    assert 5 * 60 * 64_000 // 8 < likely_size(clip(0, 5)) < 1.1 * 5 * 60 * 64_000 // 8


def test_what_may_still_begin_late_is_not_over() -> None:
    late = cue(0, 0, [clip(0, 5)], grace=10)
    assert not is_over(late, NOON + timedelta(minutes=14))
    assert is_over(late, NOON + timedelta(minutes=16))


@st.composite
def disks(draw: st.DrawFn) -> tuple[Wanted, dict[ClipId, int]]:
    """What is wanted, and what lies there."""
    order = tuple(draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=8)))
    likely = {name: draw(st.integers(1, 100)) for name in order}
    keep = frozenset(draw(st.sets(st.sampled_from(order)))) if order else frozenset()
    there = draw(st.dictionaries(st.sampled_from(NAMES), st.integers(1, 100)))
    over = frozenset(draw(st.sets(st.sampled_from(NAMES)))) - set(order)
    return Wanted(order=order, keep=keep, over=over, likely=likely), there


@given(disks(), st.integers(0, 600), st.data())
def test_nothing_kept_and_nothing_needed_sooner_is_deleted_and_never_in_vain(
    disk: tuple[Wanted, dict[ClipId, int]], too_many: int, drawn: st.DataObject
) -> None:
    want, there = disk
    if not want.order:
        return
    for_clip = drawn.draw(st.sampled_from(want.order))
    leaving = to_evict(there, want, for_clip, too_many)
    assert not want.keep & set(leaving)
    sooner = want.order[: want.order.index(for_clip) + 1]
    assert not set(sooner) & set(leaving)
    freed = [there[name] for name in leaving]
    assert len(set(leaving)) == len(leaving)
    assert not leaving or sum(freed) >= too_many > sum(freed[:-1])
    if not leaving and too_many > 0:
        movable = there.keys() - want.keep - set(sooner)
        assert sum(there[name] for name in movable) < too_many
    kinds = [2 if name in want.order else 1 if name in want.over else 0 for name in leaving]
    assert kinds == sorted(kinds)
    last_first = [want.order.index(name) for name in leaving if name in want.order]
    assert last_first == sorted(last_first, reverse=True)


@given(disks(), st.integers(0, 600))
def test_what_is_fetched_has_room_without_what_is_needed_later(
    disk: tuple[Wanted, dict[ClipId, int]], room: int
) -> None:
    want, whole = disk
    turn = list(fetchable(want, whole, room))
    assert turn == [name for name in want.order if name in turn]
    assert not set(turn) & whole.keys()
    for name in turn:
        if name in want.keep:
            continue
        sooner = want.order[: want.order.index(name) + 1]
        taken = {*sooner, *want.keep} & {*whole, *turn, *want.keep}
        assert sum(whole.get(each, want.likely[each]) for each in taken) <= room
    for name in never_fits(want, whole, room):
        assert name not in turn


cues_of_a_week = st.lists(
    st.tuples(st.integers(0, 60), st.lists(st.integers(0, 7), min_size=1, max_size=3)),
    min_size=1,
    max_size=12,
)


@given(
    lengths=st.lists(MINUTES, min_size=9, max_size=9),
    week=cues_of_a_week,
    minutes_of_room=st.integers(20, 400),
    kept=st.booleans(),
)
def test_no_clip_is_fetched_a_second_time_before_it_was_used(
    lengths: list[int], week: list[tuple[int, list[int]]], minutes_of_room: int, kept: bool
) -> None:
    clips = [clip(number, minutes) for number, minutes in enumerate(lengths)]
    cues = [cue(n, hours, [clips[c] for c in used]) for n, (hours, used) in enumerate(week)]
    planned = plan(cues, keep=[clips[8]] if kept else [])
    room = minutes_of_room * likely_size(clip(0, 1))
    disk: dict[ClipId, int] = {}
    fetched: dict[ClipId, datetime] = {}
    for half_hours in range(140):
        now = NOON + timedelta(minutes=30 * half_hours)
        for name in _filled(disk, wanted(planned, now), room):
            if name in fetched:
                ended = [c for c in cues if name in {x.id for x in c.clips} and is_over(c, now)]
                assert any(not is_over(c, fetched[name]) for c in ended), "paid for twice, used once"
            fetched[name] = now
        assert sum(disk.values()) <= room
    if kept and likely_size(clips[8]) <= room:
        assert NAMES[8] in disk


def _filled(disk: dict[ClipId, int], want: Wanted, room: int) -> list[ClipId]:
    """Fetch until nothing more is to be had; what came."""
    came: list[ClipId] = []
    while turn := [name for name in fetchable(want, disk, room) if name not in came]:
        size = want.likely[turn[0]]
        too_many = size + sum(disk.values()) - room
        leaving = to_evict(disk, want, turn[0], too_many) if too_many > 0 else ()
        if too_many > 0 and not leaving:
            return came
        for name in leaving:
            del disk[name]
        disk[turn[0]] = size
        came.append(turn[0])
    return came
