"""Plan and clips on a worn memory card that is nearly full."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId, StationId, ZoneId
from broadcaster.domain.plan import Clip, Plan, PlannedCue
from broadcaster.unit.cache import Cache, Corrupt, needed
from tests.unit.box import NOON
from tests.unit.pole import cue


def named(content: bytes) -> ClipId:
    return ClipId(hashlib.sha256(content).hexdigest())


def laid(cache: Cache, content: bytes) -> ClipId:
    cache.part(named(content)).write_bytes(content)
    cache.take_in(named(content))
    return named(content)


def plan(*cues: PlannedCue) -> Plan:
    span = Spell(begin=NOON - timedelta(days=1), end=NOON + timedelta(days=6))
    return Plan(
        station=StationId("dong-tien"), zone=ZoneId("xa"), revision=3, span=span, open=(span,), cues=cues
    )


def test_a_clip_has_its_name_only_when_its_bytes_have_it(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    wanted = named(b"the whole clip")
    cache.part(wanted).write_bytes(b"the whole cl")
    with pytest.raises(Corrupt):
        cache.take_in(wanted)
    assert not cache.part(wanted).exists()
    assert cache.held == frozenset()
    assert laid(cache, b"the whole clip") == wanted
    assert cache.held == {wanted}
    assert cache.path(wanted).read_bytes() == b"the whole clip"


def test_after_a_restart_nothing_is_held_until_it_was_read_again(tmp_path: Path) -> None:
    clip = laid(Cache(tmp_path), b"a clip")
    again = Cache(tmp_path)
    assert again.held == frozenset()
    assert again.check(clip)
    assert again.held == {clip}


def test_a_clip_that_rotted_on_the_card_is_deleted(tmp_path: Path) -> None:
    clip = laid(Cache(tmp_path), b"a clip")
    again = Cache(tmp_path)
    again.path(clip).write_bytes(b"a cl1p")
    assert not again.check(clip)
    assert not again.path(clip).exists()
    assert not again.check(clip)


def test_what_no_plan_names_goes_first_and_the_longest_unused_first_of_all(tmp_path: Path) -> None:
    cache = Cache(tmp_path, reserve=0, most=250)
    clips = [laid(cache, bytes([number]) * 100) for number in range(4)]
    for age, clip in enumerate(reversed(clips)):
        os.utime(cache.path(clip), (1e9 - age, 1e9 - age))
    cache.make_room({clips[0]})
    assert cache.held == {clips[0], clips[3]}
    assert {path.name for path in (tmp_path / "clips").iterdir()} == {clips[0], clips[3]}


def test_what_the_plan_names_is_never_deleted_for_room(tmp_path: Path) -> None:
    cache = Cache(tmp_path, reserve=0, most=10)
    clip = laid(cache, b"x" * 100)
    cache.make_room({clip})
    assert cache.held == {clip}
    assert not cache.has_room


def test_what_plays_first_is_needed_first_and_what_is_over_last() -> None:
    clips = {n: Clip(id=named(n.encode()), frames=480_000, joins=False) for n in "abcd"}
    cues = plan(
        cue("mai", 86_400, [clips["c"], clips["b"]]),
        cue("sap-toi", 60, [clips["b"]]),
        cue("qua-roi", -3600, [clips["d"]]),
        cue("dang-phat", -5, [clips["a"]]),
    )
    assert needed(cues, NOON) == tuple(clips[n].id for n in "abcd")


def test_the_plan_is_kept_as_it_came(tmp_path: Path) -> None:
    assert Cache(tmp_path).signed_plan() is None
    Cache(tmp_path).keep_plan(b"signed")
    assert Cache(tmp_path).signed_plan() == b"signed"


def test_a_fetched_plan_is_taken_out_whole_or_not_at_all(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.part(named(b"signed")).write_bytes(b"signed")
    assert cache.taken_out(named(b"signed")) == b"signed"
    cache.part(named(b"signed")).write_bytes(b"signet")
    with pytest.raises(Corrupt):
        cache.taken_out(named(b"signed"))
    assert not cache.part(named(b"signed")).exists()
