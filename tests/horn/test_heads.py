"""Clips whose beginnings are in memory: they sound as the others, and at once."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.plan import FRAME_RATE, Clip
from broadcaster.horn.heads import MOST, Heads
from tests.unit.box import Box, Shelf, same, speech

HEAD = FRAME_RATE // 2


def ready(heads: Heads, *clips: Clip) -> None:
    for _ in clips:
        heads.ready(clip.id for clip in clips)


@given(
    st.sampled_from([0.1, 0.5, 0.6, 2.0]),
    st.lists(st.tuples(st.sampled_from(["read", "seek", "prepare"]), st.integers(0, 40_000)), max_size=12),
)
def test_however_it_is_read_it_is_the_clip(seconds: float, steps: list[tuple[str, int]]) -> None:
    shelf = Shelf()
    whole = speech(seconds)
    clip = shelf.add(whole)
    heads = Heads(shelf)
    ready(heads, clip)
    reader, at = heads(clip.id), 0
    for step, frames in steps:
        if step == "read":
            assert np.array_equal(reader.read(frames), whole[at : at + frames])
            at = min(at + frames, len(whole))
        elif step == "seek":
            at = min(frames, len(whole))
            reader.seek(at)
        else:
            heads.prepare()
    reader.close()
    assert not any(opened.open for opened in shelf.opened)


def test_what_is_ready_needs_no_disk_until_its_head_is_over() -> None:
    shelf = Shelf()
    clip = shelf.add(speech(2))
    heads = Heads(shelf)
    ready(heads, clip)
    shelf.broken[clip.id] = OSError("the card is worn out")
    reader = heads(clip.id)
    heads.prepare()
    assert np.array_equal(reader.read(HEAD), speech(2)[:HEAD])


def test_the_rest_is_opened_ahead_and_not_by_whoever_reads() -> None:
    shelf = Shelf()
    clip = shelf.add(speech(2))
    heads = Heads(shelf)
    ready(heads, clip)
    reader = heads(clip.id)
    opened = len(shelf.opened)
    heads.prepare()
    heads.prepare()
    assert len(shelf.opened) == opened + 1
    assert np.array_equal(reader.read(2 * FRAME_RATE), speech(2))
    assert len(shelf.opened) == opened + 1


def test_one_is_read_at_a_time_and_only_so_many_are_kept() -> None:
    shelf = Shelf()
    clips = [shelf.add(np.full(10, n, np.float32)) for n in range(MOST + 2)]
    heads = Heads(shelf)
    heads.ready(clip.id for clip in clips)
    assert len(shelf.opened) == 1
    for _ in clips:
        heads.ready(clip.id for clip in clips)
    assert len(shelf.opened) == MOST
    ready(heads, clips[-1])
    opened = len(shelf.opened)
    heads(clips[0].id)
    heads(clips[-1].id)
    assert len(shelf.opened) == opened + 1, "what is not wanted any more was let go"


def test_one_that_cannot_be_read_keeps_no_other_from_being_ready() -> None:
    shelf = Shelf()
    bad, good = shelf.add(speech(1, seed=1)), shelf.add(speech(1, seed=2))
    shelf.broken[bad.id] = OSError("the card is worn out")
    heads = Heads(shelf)
    heads.ready([bad.id, good.id])
    shelf.broken[good.id] = OSError("the card is worn out")
    assert np.array_equal(heads(good.id).read(100), speech(1, seed=2)[:100])


def test_an_alert_whose_clips_are_ready_sounds_whole_and_to_the_sample() -> None:
    box = Box()
    signal, words = box.shelf.add(speech(1.5, seed=1)), box.shelf.add(speech(2, seed=2))
    for _ in range(2):
        box.player.ready([signal.id, words.id])
    box.run(1.0)
    opened = len(box.shelf.opened)
    box.player.follow([box.passage(signal, words, at=1.1)])
    assert len(box.shelf.opened) == opened
    for _ in range(20):
        box.run(0.2)
        box.player.prepare()
    assert same(box.at(1.1, 3.5), np.concatenate([speech(1.5, seed=1), speech(2, seed=2)]))
    assert len(box.shelf.opened) == opened + 2
