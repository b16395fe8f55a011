"""A disk on which not everything fits: what is fetched, what goes for it, and what is never paid twice."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.larder import Larder, in_order


def test_a_disk_that_is_too_full_gives_up_what_no_plan_names(tmp_path: Path) -> None:
    larder = Larder(tmp_path, most=1500)
    old, new = larder.door.put(b"o" * 1500), larder.door.put(b"n" * 1000)
    larder.fetching.want(in_order(old, size=1500))
    assert larder.steps(1) == [True]
    larder.fetching.want(in_order(new, size=1000))
    assert larder.steps(1) == [True]
    assert larder.cache.held == {new}


def test_what_is_needed_sooner_takes_the_place_of_what_is_needed_last(tmp_path: Path) -> None:
    larder = Larder(tmp_path, most=300)
    clips = [larder.door.put(bytes([number]) * 100) for number in range(5)]
    larder.fetching.want(in_order(*clips[1:], size=100))
    assert larder.steps(5) == [True, True, True, False, False]
    larder.fetching.want(in_order(*clips, size=100))
    assert larder.steps(3) == [True, False, False]
    assert larder.cache.held == set(clips[:3])
    assert len(larder.door.asked) == 4


def test_what_is_kept_whatever_is_planned_stays_and_is_fetched_though_the_disk_is_full(
    tmp_path: Path,
) -> None:
    larder = Larder(tmp_path, most=300)
    clips = [larder.door.put(bytes([number]) * 100) for number in range(6)]
    larder.fetching.want(in_order(*clips, keep=clips[4:5], size=100))
    assert larder.steps(5) == [True, True, True, False, False]
    assert larder.cache.held == {clips[0], clips[1], clips[4]}
    larder.fetching.want(in_order(clips[5], clips[4], *clips[:4], keep=clips[4:5], size=100))
    assert larder.steps(2) == [True, False]
    assert larder.cache.held == {clips[5], clips[0], clips[4]}


def test_what_can_never_fit_is_told_and_holds_up_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    larder = Larder(tmp_path, most=300)
    huge, small = larder.door.put(b"h" * 400), larder.door.put(b"s" * 100)
    larder.fetching.want(replace(in_order(huge, small), likely={huge: 400, small: 100}))
    assert larder.steps(3) == [True, False, False]
    assert larder.cache.held == {small}
    assert caplog.text.count("bigger than all the room") == 1


def test_a_clip_bigger_than_is_likely_is_fetched_once_and_not_again_and_again(tmp_path: Path) -> None:
    larder = Larder(tmp_path, most=250)
    clips = [larder.door.put(bytes([number]) * 100) for number in range(2)]
    bigger = larder.door.put(b"b" * 200)
    want = in_order(clips[0], bigger, clips[1], size=100)
    larder.fetching.want(want)
    larder.steps(4)
    larder.fetching.want(replace(want, order=(*clips, bigger)))
    for _ in range(20):
        larder.now += 1000
        larder.steps(3)
        larder.fetching.want(replace(want, order=(*clips, bigger)))
    assert larder.cache.held == set(clips)
    assert [name for name, _ in larder.door.asked].count(bigger) == 1
