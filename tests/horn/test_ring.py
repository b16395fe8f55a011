"""The ring between feeder and device: what is laid sounds at its own number, or not at all."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
