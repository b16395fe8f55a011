"""The ring between feeder and device: what is laid sounds at its own number, or not at all."""

import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.clock import monotonic
from broadcaster.horn.ring import Ring
from broadcaster.sound.codec import Samples

SIZE = 64


def taken(ring: Ring, frames: int) -> Samples:
    out = np.full(frames, 9.0, np.float32)
    ring.take(out)
    return out


def numbered(first: int, count: int) -> Samples:
    """Frames that carry their own number, from 1 on, so that silence is told apart."""
    return np.arange(first + 1, first + count + 1, dtype=np.float32)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, SIZE))))
def test_every_frame_sounds_at_its_own_number_or_not_at_all(steps: list[tuple[bool, int]]) -> None:
    ring = Ring(SIZE)
    laid: set[int] = set()
    for lays, frames in steps:
        if lays:
            count = min(frames, SIZE - (ring.head - ring.taken))
            first = ring.head
            ring.lay(first, numbered(first, count))
            laid |= set(range(first, first + count))
        else:
            first = ring.taken
            got = taken(ring, frames)
            meant = [n + 1 if n in laid else 0 for n in range(first, first + frames)]
            assert got.tolist() == meant


@given(st.lists(st.tuples(st.booleans(), st.integers(0, SIZE // 2)), max_size=40))
def test_a_copy_of_the_ring_is_what_the_device_got(steps: list[tuple[bool, int]]) -> None:
    ring = Ring(SIZE)
    for lays, frames in steps:
        if lays:
            first = ring.head
            ring.lay(first, numbered(first, min(frames, SIZE // 2 - (first - ring.taken))))
        else:
            first = ring.taken
            got = taken(ring, frames)
            copy = np.full(frames, 9.0, np.float32)
            ring.read(first, copy)
            assert copy.tolist() == got.tolist()


def test_what_comes_too_late_is_left_out_and_the_rest_keeps_its_place() -> None:
    ring = Ring(SIZE)
    ring.lay(0, numbered(0, 10))
    taken(ring, 15)
    assert ring.head == 15
    ring.lay(15, numbered(15, 5))
    assert taken(ring, 5).tolist() == [16, 17, 18, 19, 20]
    assert ring.underruns == 1


def test_silence_before_the_first_block_is_nobodys_fault() -> None:
    ring = Ring(SIZE)
    assert taken(ring, 20).tolist() == [0.0] * 20
    assert ring.underruns == 0


def test_a_block_that_does_not_fit_is_our_own_fault() -> None:
    ring = Ring(SIZE)
    with pytest.raises(ValueError, match="do not fit"):
        ring.lay(0, numbered(0, SIZE + 1))


@given(
    st.lists(st.tuples(st.sampled_from(["lay", "take", "instead"]), st.integers(0, SIZE // 2)), max_size=60)
)
def test_what_is_laid_instead_sounds_and_what_was_taken_back_does_not(steps: list[tuple[str, int]]) -> None:
    ring, version = Ring(SIZE), 0
    course: dict[int, int] = {}
    for step, frames in steps:
        if step == "take":
            first = ring.taken
            assert taken(ring, frames).tolist() == [course.get(n, 0) for n in range(first, first + frames)]
            copy = np.full(frames, 9.0, np.float32)
            ring.read(first, copy)
            assert copy.tolist() == [course.get(n, 0) for n in range(first, first + frames)]
            continue
        version += 1000
        since = ring.head if step == "lay" else ring.taken + frames // 3
        block = numbered(since + version, min(frames, SIZE // 2))
        if step == "lay":
            ring.lay(since, block[: SIZE - (since - ring.taken)])
            course |= {since + n: int(block[n]) for n in range(ring.laid - since)}
        elif ring.instead(since, block):
            course = {n: frame for n, frame in course.items() if n < since}
            course |= {since + n: int(block[n]) for n in range(len(block))}
            ahead = np.zeros(len(block), np.float32)
            ring.ahead(since, ahead)
            assert ahead.tolist() == block.tolist()
        else:
            assert since > ring.laid


def test_where_the_device_came_first_nothing_is_changed() -> None:
    ring = Ring(SIZE)
    ring.lay(0, numbered(0, 20))
    taken(ring, 10)
    assert not ring.instead(9, numbered(100, 5))
    assert not ring.instead(21, numbered(100, 5))
    assert taken(ring, 10).tolist() == [11, 12, 13, 14, 15, 16, 17, 18, 19, 20]
    with pytest.raises(ValueError, match="do not fit"):
        ring.instead(20, numbered(0, SIZE + 1))


@pytest.fixture
def hectic() -> Iterator[None]:
    """Threads take turns a thousand times as often as they do otherwise."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(5e-6)
    yield
    sys.setswitchinterval(before)


def test_however_feeder_and_device_meet_no_frame_is_torn(hectic: None) -> None:
    """A device that never rests against a feeder that keeps changing its mind about what comes next."""
    ring, course = Ring(8192), np.zeros(30_000_000, np.float32)
    sounded: list[Samples] = []
    over = threading.Event()

    def device() -> None:
        dice = np.random.default_rng(1)
        while not over.is_set() and ring.taken < len(course) - 10_000:
            block = np.empty(int(dice.integers(1, 700)), np.float32)
            ring.take(block)
            sounded.append(block)
            if dice.random() < 0.3:
                time.sleep(0.0002)

    taker = threading.Thread(target=device)
    dice, version, outcomes = np.random.default_rng(2), 0, {True: 0, False: 0}
    until = monotonic() + 1.5
    taker.start()
    while (monotonic() < until or min(outcomes.values()) < 20) and taker.is_alive():
        version += 1
        since = ring.taken + int(dice.integers(0, 700))
        block = np.full(int(dice.integers(0, 2000)), version, np.float32)
        done = ring.instead(since, block)
        outcomes[done] += 1
        if done:
            course[since : since + 8192] = 0.0
            course[since : since + len(block)] = block
        while (first := ring.head) - ring.taken < 3000:
            block = np.full(500, version + 0.5, np.float32)
            course[first : first + 500] = block
            ring.lay(first, block)
    over.set()
    taker.join()
    heard = np.concatenate(sounded)  # what came too late is silence
    wrong = np.flatnonzero((heard != course[: len(heard)]) & (heard != 0.0))
    assert wrong.tolist()[:10] == []
    assert min(outcomes.values()) >= 20, outcomes
