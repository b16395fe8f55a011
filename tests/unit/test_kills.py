"""A unit at work is killed thirty times at moments nobody chose, with kill -9, and goes on each time."""

import multiprocessing
import random
from multiprocessing.process import BaseProcess
from pathlib import Path

from broadcaster.unit.cache import Cache
from broadcaster.unit.home import UnitHome
from broadcaster.unit.records import Records
from tests.unit.hubdoor import named
from tests.unit.mortal import EVERY, live, member, notes

KILLS = 30


def test_thirty_kills_at_random_moments_cost_no_line_and_nothing_half_written_is_played(
    tmp_path: Path,
) -> None:
    home, scratch, journal = tmp_path / "unit", tmp_path / "scratch", tmp_path / "journal"
    home.mkdir()
    scratch.mkdir()
    chance = random.Random(20261121)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.unit.mortal"])
    second, far = 0.0, 1e6
    for life in range(1, KILLS + 2):
        until = far if life <= KILLS else second + 30
        unit = processes.Process(target=live, args=(home, scratch, journal, second, until, life))
        unit.start()
        if life <= KILLS:
            _wait(unit, journal, lines=chance.choice([0, 0, 1, 4, 8, 12]))
            unit.join(chance.uniform(0.0, 0.15))
            unit.kill()
        unit.join()
        assert unit.exitcode == (-9 if life <= KILLS else 0), "it ended by itself"
        _loads(home)
        second = max([second, *(noted.second for noted in notes(journal))]) + 1
    _was_right(journal, second)


def _wait(unit: BaseProcess, journal: Path, lines: int) -> None:
    """Until it has noted so many lines more."""
    wanted = len(notes(journal)) + lines
    while len(notes(journal)) < wanted and unit.is_alive():
        unit.join(0.02)


def _loads(folder: Path) -> None:
    """What is on the disk can be read, and no cue is told and open."""
    home = UnitHome(folder)
    if home.member() is None:
        return  # killed before it had joined
    assert home.member() == member()
    assert home.settings() is not None
    home.memory()
    cache = Cache(folder)
    assert all(cache.check(clip) and named(cache.path(clip).read_bytes()) == clip for clip in cache.whole)
    records = Records(folder / "records")
    over = {closed.cue for closed in records.closed()}
    assert not over & {airing.cue.id for airing in records.found_open()}


def _was_right(journal: Path, second: float) -> None:
    """One line a cue, each the same however often it was told, and none is missing."""
    told = [noted.told for noted in notes(journal) if noted.told is not None]
    lines = {entry.cue: entry for entry in told}
    assert [entry for entry in told if entry != lines[entry.cue]] == []
    due = {f"muc-{number}" for number in range(1, int(second / EVERY) - 2)}
    assert len(due) > KILLS
    assert due <= {cue.programme for cue in lines}
    assert [noted.damaged for noted in notes(journal) if noted.damaged] == []
