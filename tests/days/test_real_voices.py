"""The sample commune with its real voice, its real recordings and, around a programme, its real player."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from broadcaster.domain.asrun import Outcome
from broadcaster.domain.instants import Spell
from broadcaster.hub.hub import Hub
from broadcaster.sound.codec import read_blocks
from broadcaster.station import StationFolder
from tests.days.hours import Time, local
from tests.days.loud import LoudHorn
from tests.days.village import Village, sample_commune
from tests.sound.hearing import level

DAY = Spell(begin=local("00:00"), end=local("00:00") + timedelta(days=1))


def as_installed(opened: StationFolder, time: Time, lengths: object, fails: object) -> Hub:
    """The hub as a process makes it."""
    return opened.make_hub()


@pytest.fixture(scope="module")
def spoken() -> Iterator[Path]:
    """The sample commune when its words are spoken and its recordings taken in."""
    with TemporaryDirectory(prefix="commune-") as folder:
        commune = sample_commune(Path(folder) / "station")
        station = commune / "station.toml"
        station.write_text(station.read_text().replace('["gtts", "espeak-ng"]', '["espeak-ng"]'))
        village = Village(commune, Path(folder), DAY.begin, units={}, compose=as_installed)
        village.run_for(seconds=2)
        village.office.kill()
        yield commune


@pytest.fixture
def commune(spoken: Path, disks: Path) -> Path:
    return Path(shutil.copytree(spoken, disks / "station"))


def test_a_whole_day_with_the_real_voice_is_heard_as_it_was_meant(commune: Path, disks: Path) -> None:
    village = Village(commune, disks, DAY.begin, compose=as_installed)
    village.run_until(DAY.end)
    assert len(village.asrun()) == 5 * 3
    for entry in village.asrun():
        assert (entry.outcome, entry.started, entry.reason) == (Outcome.AIRED, entry.planned, "")
        assert entry.played == entry.asked > timedelta(seconds=4)
    assert village.discrepancies(DAY) == ()


def test_two_units_sound_the_morning_bulletin_on_the_same_frame_and_as_it_was_made(
    commune: Path, disks: Path
) -> None:
    units = {"loa-ben": "thon-ben", "loa-dinh": "thon-dinh"}
    village = Village(commune, disks, local("04:58"), units=units, compose=as_installed, horn=LoudHorn)
    village.run_until(local("05:03"))
    lines = village.lines("ban-tin-sang")
    assert set(lines) == set(units)
    heard = []
    for pole in village.poles.values():
        line = lines[pole.unit]
        assert (line.outcome, line.started) == (Outcome.AIRED, local("05:00"))
        assert isinstance(pole.horn, LoudHorn)
        heard.append(pole.horn.sound(local("04:59:59"), line.asked + timedelta(seconds=2)))
    assert np.array_equal(heard[0], heard[1])
    hub = village.office.hub
    assert hub is not None
    (cue, *_) = (cue for cue in hub.rundown.cues if cue.start == local("05:00"))
    clips = [hub.preparation.clip(item) for item in cue.items]
    files = [hub.find_file(clip.id) for clip in clips if clip is not None]
    meant = np.concatenate([block for file in files if file is not None for block in read_blocks(file)])
    second = np.zeros(48_000, np.float32)
    wanted = np.concatenate([second, meant, second])
    assert len(heard[0]) == len(wanted)
    assert level(heard[0] - wanted) < level(wanted) - 35
