"""Clips over a connection that breaks, and back-off that gives every clip its turn."""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from broadcaster.link.messages import PlanRef
from broadcaster.unit.cache import Corrupt
from broadcaster.unit.fetching import rest_after
from broadcaster.unit.http import FORCED_EVERY, Http, HubHttp, NotFetched
from tests.unit.hubdoor import DoorOnLoopback, PaperDoor, named
from tests.unit.larder import Larder, in_order

LONG = bytes(range(256)) * 1000
MOST = 1 << 20

Door = DoorOnLoopback | PaperDoor
Story = Callable[[Door, Http, Path], Awaitable[None]]


@asynccontextmanager
async def opened(kind: str) -> AsyncIterator[tuple[Door, Http]]:
    if kind == "paper":
        async with PaperDoor() as paper:
            yield paper, paper
    else:
        async with DoorOnLoopback() as door, HubHttp(silence=2.0) as http:
            yield door, http


@pytest.fixture(params=["paper", "loopback"])
def told(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Story], None]:
    """Runs a story with a hub's door and the way to it: the contract of `Http`."""

    def run(story: Story) -> None:
        async def whole() -> None:
            async with opened(request.param) as (door, http):
                await story(door, http, tmp_path / "x.part")

        asyncio.run(whole())

    return run


def test_a_file_comes_whole(told: Callable[[Story], None]) -> None:
    async def story(door: Door, http: Http, part: Path) -> None:
        await http.fetch(door.base + door.put(LONG), part, most=MOST)
        assert part.read_bytes() == LONG

    told(story)


def test_what_it_cost_is_counted_and_what_broke_off_was_paid_for_too(told: Callable[[Story], None]) -> None:
    async def story(door: Door, http: Http, part: Path) -> None:
        assert http.used == 0
        await http.fetch(door.base + door.put(LONG), part, most=MOST)
        whole = http.used
        assert len(LONG) <= whole < 1.3 * len(LONG)
        part.unlink()
        door.breaks_after = 100_000
        with pytest.raises(NotFetched):
            await http.fetch(door.base + door.put(LONG), part, most=MOST)
        assert http.used - whole >= 100_000

    told(story)


def test_after_a_break_only_the_rest_is_fetched(told: Callable[[Story], None]) -> None:
    async def story(door: Door, http: Http, part: Path) -> None:
        url = door.base + door.put(LONG)
        door.breaks_after = 100_000
        with pytest.raises(NotFetched):
            await http.fetch(url, part, most=MOST)
        came = part.stat().st_size
        assert 0 < came <= 100_000
        await http.fetch(url, part, most=MOST)
        assert part.read_bytes() == LONG
        assert door.asked[-1] == (named(LONG), f"bytes={came}-")

    told(story)


def test_a_hub_that_cannot_go_on_in_the_middle_begins_again(told: Callable[[Story], None]) -> None:
    async def story(door: Door, http: Http, part: Path) -> None:
        door.ranges = False
        part.write_bytes(b"something that came before and is longer than nothing")
        await http.fetch(door.base + door.put(LONG), part, most=MOST)
        assert part.read_bytes() == LONG

    told(story)


@pytest.mark.parametrize("more", [b"", b"more"])
def test_a_part_of_which_the_hub_has_no_more_is_left_as_it_is(
    told: Callable[[Story], None], more: bytes
) -> None:
    async def story(door: Door, http: Http, part: Path) -> None:
        part.write_bytes(LONG + more)
        await http.fetch(door.base + door.put(LONG), part, most=MOST)
        assert part.read_bytes() == LONG + more

    told(story)


def test_more_than_was_agreed_is_not_taken(told: Callable[[Story], None]) -> None:
    async def story(door: Door, http: Http, part: Path) -> None:
        with pytest.raises(NotFetched, match="more than"):
            await http.fetch(door.base + door.put(LONG), part, most=1000)
        assert not part.exists()

    told(story)


@pytest.mark.parametrize("status", [404, 403, 500, 503])
def test_a_hub_that_says_no_is_told_of(told: Callable[[Story], None], status: int) -> None:
    async def story(door: Door, http: Http, part: Path) -> None:
        door.says = status
        with pytest.raises(NotFetched, match=str(status)):
            await http.fetch(door.base + door.put(LONG), part, most=MOST)

    told(story)


def test_a_hub_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    async def story() -> None:
        async with DoorOnLoopback() as door:
            nobody = door.base
        async with HubHttp() as http:
            with pytest.raises(NotFetched):
                await http.fetch(nobody + named(LONG), tmp_path / "x.part", most=MOST)
            with pytest.raises(NotFetched):
                await http.post(nobody, b"{}")

    asyncio.run(story())


def test_a_hub_that_falls_silent_is_given_up(tmp_path: Path) -> None:
    async def story() -> None:
        over = asyncio.Event()

        async def silent(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await over.wait()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with HubHttp(silence=0.1) as http:
            with pytest.raises(NotFetched):
                await http.fetch(f"http://127.0.0.1:{port}/x", tmp_path / "x.part", most=MOST)
        over.set()
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0)

    asyncio.run(story())


@pytest.fixture
def larder(tmp_path: Path) -> Larder:
    return Larder(tmp_path)


def test_what_is_wanted_first_comes_first(larder: Larder) -> None:
    first, second = larder.door.put(b"plays at five"), larder.door.put(b"plays at six")
    larder.fetching.want(in_order(first, second, first))
    assert larder.steps(3) == [True, True, False]
    assert [name for name, _ in larder.door.asked] == [first, second]
    assert larder.cache.held == {first, second}
    assert larder.fetching.missing == []


def test_a_clip_that_does_not_come_rests_while_the_others_have_their_turn(larder: Larder) -> None:
    gone, here = named(b"nowhere"), larder.door.put(b"here")
    larder.fetching.want(in_order(gone, here))
    assert larder.steps(3) == [False, True, False]
    assert larder.cache.held == {here}
    assert larder.fetching.missing == [gone]
    larder.now += rest_after(1, 1.0) - 0.01
    assert larder.steps(1) == [False]
    assert len(larder.door.asked) == 2
    larder.door.put(b"nowhere")
    larder.now += 0.01
    assert larder.steps(1) == [True]


def test_when_the_network_is_back_nothing_rests(larder: Larder) -> None:
    gone = named(b"nowhere")
    larder.fetching.want(in_order(gone))
    larder.steps(3)
    larder.door.put(b"nowhere")
    larder.fetching.hurry()
    assert larder.steps(1) == [True]


def test_a_clip_that_came_wrong_is_fetched_again_and_not_at_once(larder: Larder) -> None:
    clip = larder.door.put(b"right")
    larder.door.clips[clip] = b"wrong"
    larder.fetching.want(in_order(clip))
    assert larder.steps(2) == [False, False]
    assert len(larder.door.asked) == 1
    larder.door.clips[clip] = b"right"
    larder.now += 5
    assert larder.steps(1) == [True]
    assert larder.cache.path(clip).read_bytes() == b"right"


def test_half_a_clip_goes_on_where_it_stopped_also_after_a_restart(larder: Larder, tmp_path: Path) -> None:
    longer = LONG * 2
    clip = larder.door.put(longer)
    larder.door.breaks_after = FORCED_EVERY + 1000
    larder.fetching.want(in_order(clip))
    assert larder.steps(1) == [False]
    again = Larder(tmp_path)
    again.door.put(longer)
    again.fetching.want(in_order(clip))
    assert again.steps(1) == [True]
    assert again.door.asked == [(clip, f"bytes={FORCED_EVERY}-")]
    assert again.cache.path(clip).read_bytes() == longer


def test_no_byte_of_a_clip_is_written_before_the_pieces_ahead_of_it_are_forced_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, forced, fsync = tmp_path / "x.part", [0], os.fsync

    def noted(opened: int) -> None:
        size = os.fstat(opened).st_size
        assert size <= forced[-1] + FORCED_EVERY
        fsync(opened)
        forced.append(size)

    async def story() -> None:
        async with DoorOnLoopback() as door, HubHttp(silence=2.0) as http:
            await http.fetch(door.base + door.put(LONG * 4), part, most=MOST)

    monkeypatch.setattr(os, "fsync", noted)
    asyncio.run(story())
    assert part.stat().st_size == len(LONG) * 4
    assert forced == [0, FORCED_EVERY, 2 * FORCED_EVERY, 3 * FORCED_EVERY, len(LONG) * 4]


def test_what_is_on_the_disk_already_is_only_read(tmp_path: Path) -> None:
    clip = named(b"here already")
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / clip).write_bytes(b"here already")
    larder = Larder(tmp_path)
    larder.fetching.want(in_order(clip))
    assert larder.steps(2) == [True, False]
    assert larder.door.asked == []


def test_what_rotted_on_the_card_is_fetched_again(larder: Larder) -> None:
    clip = larder.door.put(b"as it was")
    larder.fetching.want(in_order(clip))
    assert larder.steps(1) == [True]
    larder.cache.path(clip).write_bytes(b"as it is.")
    assert not larder.cache.check(clip)
    assert larder.steps(1) == [True]
    assert larder.cache.path(clip).read_bytes() == b"as it was"


def test_what_keeps_coming_wrong_is_paid_for_a_few_times_a_day_and_told(larder: Larder) -> None:
    clip = larder.door.put(b"right")
    larder.door.clips[clip] = b"wrong"
    larder.fetching.want(in_order(clip))
    for _ in range(24 * 60 * 4):
        larder.fetching.hurry()  # and the network comes and goes
        larder.steps(1)
        larder.now += 15
    assert larder.fetching.spoiled == 1
    assert len(larder.door.asked) <= 12
    larder.door.clips[clip] = b"right"
    larder.now += 6 * 3600
    assert larder.steps(1) == [True]
    assert larder.fetching.spoiled == 0


def test_a_full_disk_is_told_and_tried_again(
    larder: Larder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clip = larder.door.put(b"a clip")
    larder.fetching.want(in_order(clip))
    with monkeypatch.context() as disk:

        def full(_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        disk.setattr(larder.cache, "take_in", full)
        assert larder.steps(1) == [False]
    assert "No space left on device" in caplog.text
    larder.now += 5
    assert larder.steps(1) == [True]


def test_rests_grow_and_are_spread() -> None:
    assert [rest_after(tries, 1.0) for tries in (1, 2, 3)] == [1.0, 2.0, 4.0]
    assert rest_after(50, 1.0) == 120.0
    assert rest_after(3, 0.0) == 2.0


def test_a_plan_comes_whole_or_not_at_all(larder: Larder) -> None:
    async def plan(ref: PlanRef) -> bytes:
        return await larder.fetching.plan(ref)

    content = b"signed"
    ref = PlanRef(revision=1, sha256=larder.door.put(content), size=len(content))
    assert asyncio.run(plan(ref)) == content
    larder.door.clips[ref.sha256] = b"signet"
    with pytest.raises(Corrupt):
        asyncio.run(plan(ref))
    with pytest.raises(NotFetched):
        asyncio.run(plan(PlanRef(revision=1, sha256=ref.sha256, size=3)))
