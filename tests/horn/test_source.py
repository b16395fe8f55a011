"""Clips one after the other, joined to the sample."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.plan import Clip
from broadcaster.horn.source import Source
from tests.unit.box import Shelf, speech


@given(
    lengths=st.lists(st.integers(1, 2000), min_size=1, max_size=4),
    blocks=st.lists(st.integers(1, 1500), max_size=8),
    drawn=st.data(),
)
def test_clips_follow_each_other_to_the_sample_however_they_are_pulled(
    lengths: list[int], blocks: list[int], drawn: st.DataObject
) -> None:
    shelf = Shelf()
    clips = tuple(shelf.add(speech(1, seed=n)[:length]) for n, length in enumerate(lengths))
    whole = np.concatenate([shelf.samples[clip.id] for clip in clips])
    skip = drawn.draw(st.integers(0, len(whole) - 1))
    source = Source(clips, skip, shelf)
    got = [np.zeros(0, np.float32)]
    for block in blocks:
        if drawn.draw(st.booleans()):
            source.prepare(drawn.draw(st.integers(0, 3000)))
        got.append(source.pull(block))
        assert source.position == skip + sum(map(len, got))
    assert np.array_equal(np.concatenate(got), whole[skip : skip + sum(blocks)])
    source.close()
    assert not any(reader.open for reader in shelf.opened)


def test_what_was_prepared_is_not_opened_again() -> None:
    shelf = Shelf()
    clips = (shelf.add(speech(0.1, seed=1)), shelf.add(speech(0.1, seed=2)))
    source = Source(clips, 0, shelf)
    source.prepare(ahead=10_000)
    source.pull(9600)
    assert len(shelf.opened) == 2


def test_only_what_is_needed_soon_is_opened() -> None:
    shelf = Shelf()
    clips = (shelf.add(speech(0.2, seed=1)), shelf.add(speech(0.1, seed=2)))
    source = Source(clips, 0, shelf)
    source.prepare(ahead=4800)
    assert len(shelf.opened) == 1


def test_a_clip_shorter_than_the_plan_says_does_not_pull_the_next_one_forward() -> None:
    shelf = Shelf()
    short = shelf.add(speech(0.1, seed=1))
    clips = (Clip(id=short.id, frames=6000, joins=False), shelf.add(speech(0.1, seed=2)))
    sound = Source(clips, 0, shelf).pull(20_000)
    assert not sound[4800:6000].any()
    assert np.array_equal(sound[6000:], shelf.samples[clips[1].id])


def test_a_clip_that_cannot_be_opened_says_so_when_it_is_due() -> None:
    shelf = Shelf()
    clips = (shelf.add(speech(0.1, seed=1)), shelf.add(speech(0.1, seed=2)))
    shelf.broken[clips[1].id] = OSError("gone")
    source = Source(clips, 0, shelf)
    assert len(source.pull(4800)) == 4800
    assert source.fault is None
    assert len(source.pull(1)) == 0
    assert str(source.fault) == "gone"


def test_what_came_before_a_broken_clip_is_not_lost_with_it() -> None:
    shelf = Shelf()
    clips = (shelf.add(speech(0.1, seed=1)), shelf.add(speech(0.1, seed=2)))
    shelf.broken[clips[1].id] = OSError("gone")
    assert np.array_equal(Source(clips, 0, shelf).pull(9600), speech(0.1, seed=1))


def test_joined_late_what_was_opened_for_that_is_used_and_nothing_else_was_opened() -> None:
    shelf = Shelf()
    clips = tuple(shelf.add(speech(0.2, seed=n)) for n in range(3))
    source = Source(clips, 0, shelf)
    source.prepare(ahead=1000, leaving_out=10_000)
    source.go_on(10_050)
    assert np.array_equal(source.pull(1000), speech(0.2, seed=1)[450:1450])
    assert source.position == 11_050
    assert source.within == 1450
    assert len(shelf.opened) == 1


def test_opened_for_its_beginning_and_begun_elsewhere_it_is_wound_there() -> None:
    shelf = Shelf()
    clips = (shelf.add(speech(0.2)),)
    source = Source(clips, 0, shelf)
    source.prepare(ahead=1000)
    source.go_on(300)
    assert np.array_equal(source.pull(100), speech(0.2)[300:400])
    assert len(shelf.opened) == 1
