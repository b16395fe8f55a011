"""Plan and clips on a worn memory card that is nearly full."""

import hashlib
import shutil
from pathlib import Path

import pytest

from broadcaster.domain.names import ClipId
from broadcaster.sound.codec import write_opus
from broadcaster.unit.cache import Cache, Corrupt, Size
from broadcaster.unit.http import FORCED_EVERY
from tests.sound.hearing import level
from tests.unit.box import speech


def named(content: bytes) -> ClipId:
    return ClipId(hashlib.sha256(content).hexdigest())


def laid(cache: Cache, content: bytes) -> ClipId:
    cache.part(named(content)).write_bytes(content)
    cache.take_in(named(content))
    return named(content)


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


def test_a_clip_that_changed_on_the_card_since_it_was_read_is_not_opened(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    clip = laid(cache, b"a clip")
    assert cache.trust(clip).read_bytes() == b"a clip"
    cache.path(clip).write_bytes(b"a cl1p")
    with pytest.raises(OSError, match="changed on the disk"):
        cache.open(clip)
    assert not cache.check(clip)
    with pytest.raises(FileNotFoundError):
        cache.open(clip)


def test_a_clip_nobody_has_read_since_the_start_is_not_opened(tmp_path: Path) -> None:
    clip = laid(Cache(tmp_path), b"a clip")
    with pytest.raises(OSError, match="changed on the disk"):
        Cache(tmp_path).open(clip)


def test_what_is_held_is_counted_as_it_comes_and_goes(tmp_path: Path) -> None:
    cache = Cache(tmp_path, reserve=0, most=1000)
    assert cache.size == Size(clips=0, bytes=0)
    one, two = laid(cache, b"x" * 100), laid(cache, b"y" * 250)
    cache.part(named(b"z")).write_bytes(b"z" * 30)
    assert cache.grown(named(b"z")) == 30
    assert cache.size == Size(clips=2, bytes=380)
    assert Cache(tmp_path).size == Size(clips=0, bytes=350)
    cache.evict([one, named(b"z")])
    assert cache.size == Size(clips=1, bytes=250)
    assert [path.name for path in (tmp_path / "clips").iterdir()] == [two]
    assert cache.room == 1000


def test_a_quarter_of_a_small_disk_is_for_clips_and_the_reserve_is_left_alone(tmp_path: Path) -> None:
    disk = shutil.disk_usage(tmp_path)
    assert Cache(tmp_path, reserve=0).room == min(disk.total // 4, 8 << 30, disk.free)
    assert Cache(tmp_path, reserve=disk.total).room < 0


def test_of_half_a_clip_only_what_was_forced_to_the_disk_counts_after_a_start(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    clip = named(b"long")
    cache.part(clip).write_bytes(bytes(FORCED_EVERY + 5000))
    Cache(tmp_path)
    assert cache.part(clip).stat().st_size == FORCED_EVERY


def test_half_of_what_nobody_wants_any_more_is_deleted(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    wanted, old = named(b"wanted"), named(b"old")
    for clip in (wanted, old):
        cache.part(clip).write_bytes(b"half")
        cache.grown(clip)
    cache.clear_parts([wanted])
    assert [path.name for path in (tmp_path / "clips").iterdir()] == [f"{wanted}.part"]


def test_the_plan_is_kept_as_it_came(tmp_path: Path) -> None:
    assert list(Cache(tmp_path).signed_plans()) == []
    Cache(tmp_path).keep_plan(b"signed")
    assert set(Cache(tmp_path).signed_plans()) == {b"signed"}


def test_a_fetched_plan_is_taken_out_whole_or_not_at_all(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.part(named(b"signed")).write_bytes(b"signed")
    assert cache.taken_out(named(b"signed")) == b"signed"
    cache.part(named(b"signed")).write_bytes(b"signet")
    with pytest.raises(Corrupt):
        cache.taken_out(named(b"signed"))
    assert not cache.part(named(b"signed")).exists()


@pytest.mark.parametrize("ending", ["", ".part"])
def test_what_cannot_be_used_keeps_the_rest_from_nothing(tmp_path: Path, ending: str) -> None:
    clip, rotten = named(b"whole"), named(b"rotten")
    cache = Cache(tmp_path)
    cache.path(clip).write_bytes(b"whole")
    (tmp_path / "clips" / f"{rotten}{ending}").mkdir()
    again = Cache(tmp_path)
    assert again.check(clip)
    assert not again.check(rotten)


def test_what_is_lent_is_read_as_a_clip_is_and_needs_no_disk(tmp_path: Path) -> None:
    made = tmp_path / "made.opus"
    write_opus([speech(1)], made, bitrate=64_000)
    sound, cache = made.read_bytes(), Cache(tmp_path)
    clip = named(sound)
    shutil.rmtree(tmp_path / "clips")
    assert cache.lend(clip, sound)
    assert cache.lend(clip, sound)
    assert cache.held == {clip}
    assert cache.check(clip)
    reader = cache.open(clip)
    assert len(reader.read(48_000)) == 48_000
    again = cache.open(clip)
    cache.give_back([clip])
    again.seek(24_000)
    assert level(again.read(4_800)) > -40
    assert cache.held == frozenset()
    with pytest.raises(OSError, match="clip"):
        cache.open(clip)


def test_nothing_is_lent_under_another_name_and_not_without_end(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert not cache.lend(named(b"one"), b"another")
    big = [bytes([number]) * (1 << 20) for number in range(9)]
    assert [cache.lend(named(sound), sound) for sound in big] == [True] * 8 + [False]
    cache.give_back([named(big[0])])
    assert cache.lend(named(big[8]), big[8])
