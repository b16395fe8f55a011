"""The power goes at every single moment of a unit's work with its disk, and comes back.

What a power cut may cost, and no more than this:
- the last five seconds of the account of what is on air: they sounded and are not told
- of a clip that is being fetched, what came since its last whole quarter of a megabyte
- that an order was obeyed whose sound had not begun: a stop may be obeyed twice, with the same effect
What was told is never told as something else, what is over does not sound again, and nothing that is half
there is believed.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from broadcaster.domain.asrun import AsRunEntry
from broadcaster.domain.names import ClipId
from broadcaster.domain.programme import LatePolicy
from broadcaster.link.identity import Identity
from broadcaster.link.messages import Stop
from broadcaster.unit.cache import Cache
from broadcaster.unit.home import Member, UnitHome
from broadcaster.unit.obeying import Obeying
from broadcaster.unit.records import Records
from tests.unit.box import speech, tone
from tests.unit.fakespeed import FakeSpeedLoop, at_fake_speed
from tests.unit.hubdoor import named
from tests.unit.pole import cue
from tests.unit.powercut import Point, Trace, World, laid_out
from tests.unit.village import Village

BEGAN = 1000.0


@dataclass(frozen=True, slots=True)
class Known:
    """What was known at a point outside of the unit: the second, whether it had joined, what the hub was
    told."""

    seconds: float
    joined: bool
    told: tuple[AsRunEntry, ...]


@dataclass(slots=True, kw_only=True, repr=False)
class Lived:
    """A day of a unit, with all that was done to its disk."""

    village: Village
    member: Member
    identity: Identity
    points: list[Point]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """It joins, plays, is stopped, is killed, gets another plan, plays and tells."""
    folder = tmp_path_factory.mktemp("unit")
    past: list[Lived] = []

    async def day(loop: FakeSpeedLoop) -> None:
        village, home = Village(loop, folder), UnitHome(folder)
        member, joined = home.member(), False
        assert member is not None
        for path in folder.iterdir():  # joining is part of the story
            path.unlink()
        with Trace(folder, lambda: Known(loop.time() - BEGAN, joined, tuple(village.told))) as trace:
            identity = home.identity
            home.become(member, village.settings)
            joined = True
            await _morning(village)
            await village.kill()
        past.append(Lived(village=village, member=member, identity=identity, points=trace.points))
        await village.over()

    at_fake_speed(day, began=BEGAN)
    return past[0]


async def _morning(village: Village) -> None:
    clips = [village.clip(speech(0.5 + 0.1 * n, seed=n)) for n in range(4)]
    music = village.clip(tone(12), joins=True)
    first = [cue("mot", 10, clips[:2]), cue("nhac", 20, [music], late=LatePolicy.JOIN)]
    village.lay(*first, cue("ba", 45, [clips[2]]))
    await village.hub_up()
    village.boot()
    await village.until(28)
    await village.kill(off_for=1)
    village.boot()
    await village.until(30)
    await village.replan(*first, cue("ba", 45, [clips[3]]), cue("bon", 55, [music]))
    await village.until(57)
    await village.order(Stop(cue=None, by="Cán bộ"))
    await village.until(70)


def cuts(lived: Lived) -> Iterator[tuple[Point, Path]]:
    """Every point with every folder it may leave, each once for what was known then."""
    memory = Path("/dev/shm")  # thousands of folders are made and forgotten
    seen: set[int] = set()
    for point in lived.points:
        for world in point.worlds():
            key = hash((tuple(sorted(world.items())), point.mark.joined, len(point.mark.told)))
            if key not in seen:
                seen.add(key)
                with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
                    yield point, laid_out(world, Path(folder) / "unit")
    assert len(seen) > 200


def test_after_any_power_cut_the_state_loads_and_nothing_half_written_is_believed(lived: Lived) -> None:
    for point, folder in cuts(lived):
        home = UnitHome(folder)
        member, settings = home.member(), home.settings()
        assert member == lived.member if point.mark.joined else member in (None, lived.member)
        assert not point.mark.joined or home.identity.public == lived.identity.public
        if member is None:
            continue
        assert settings == lived.village.settings
        cache = Cache(folder)
        signed = next(cache.signed_plans(), None)
        if signed is not None:
            Obeying(home, member, settings).plan(signed)
        for clip in cache.whole:
            cache.check(clip)
            assert clip not in cache.held or named(cache.path(clip).read_bytes()) == clip


def test_what_was_told_before_a_power_cut_is_never_told_as_something_else_and_never_sounds_again(
    lived: Lived,
) -> None:
    for point, folder in cuts(lived):
        records = Records(folder / "records")
        told = {entry.cue: entry for entry in point.mark.told}
        over = {closed.cue for closed in records.closed()}
        assert told.keys() <= over
        assert not over & {airing.cue.id for airing in records.found_open()}
        assert all(entry == told.get(entry.cue, entry) for entry in records.unsent())


def test_a_cue_that_has_begun_is_open_or_closed_after_every_power_cut(lived: Lived) -> None:
    sure: set[str] = set()
    for point in lived.points:
        worlds = [_recorded(world) for world in point.worlds()]
        assert all(sure <= recorded for recorded in worlds)
        sure |= set.intersection(*worlds)
    assert len(sure) == 4


def _recorded(world: World) -> set[str]:
    """The cues of which there is any record."""
    files = (Path(path) for path in world if path.startswith("records/"))
    return {path.name for path in files if path.suffix == ".json"}


@pytest.mark.parametrize("seed", range(8))
def test_after_a_power_cut_the_unit_goes_on_and_every_cue_has_one_line(
    lived: Lived, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    point = chance.choice([point for point in lived.points if point.mark.joined])
    world = chance.choice(list(point.worlds()))

    async def evening(loop: FakeSpeedLoop) -> None:
        village = _later(lived.village, loop, tmp_path)
        village._folder = laid_out(world, tmp_path / "unit")
        village.told = list(point.mark.told)
        await village.hub_up()
        village.boot()
        opened = _opened_by(village)
        await village.until(110)
        await village.over()
        lines = {entry.cue: entry for entry in village.told}
        assert [entry for entry in village.told if entry != lines[entry.cue]] == []
        assert {cue.programme for cue in lines} == {"mot", "nhac", "ba", "bon"}
        if any(entry.cue.programme == "mot" for entry in point.mark.told):
            assert opened.isdisjoint({named(speech(0.5 + 0.1 * n, seed=n).tobytes()) for n in (0, 1)})

    at_fake_speed(evening, began=BEGAN + point.mark.seconds + 3)


def _later(before: Village, loop: FakeSpeedLoop, scratch: Path) -> Village:
    """The same hub, and a machine that has been without power."""
    village = Village(loop, scratch)
    village._noon, village.machine_started = BEGAN, "another start"
    village.key, village.door, village.plan = before.key, before.door, before.plan
    village._revision, village._seq = before._revision, before._seq
    return village


def _opened_by(village: Village) -> set[ClipId]:
    """The clips that will be opened to be played."""
    opened: set[ClipId] = set()
    trust = village.agent._cache.trust

    def noted(clip: ClipId) -> Path:
        opened.add(clip)
        return trust(clip)

    village.agent._cache.trust = noted  # type: ignore[method-assign]
    return opened
