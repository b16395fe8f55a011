"""A bad evening: power, link, hub and people do what they like, and every law holds all the same."""

import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.desk import Desk, DeskFault
from broadcaster.domain.instants import Spell
from broadcaster.domain.people import Person
from broadcaster.domain.programme import Rank
from tests.days.communes import HOURS, commune, schedule
from tests.days.hours import local
from tests.days.laws import assert_never_two_at_once, assert_told_truly, assert_within
from tests.days.office import Death
from tests.days.village import SAMPLE_UNITS, Village

OPEN = Spell(begin=local("17:00"), end=local("19:00"))
EVENING = Spell(begin=local("16:45"), end=local("20:00"))
"""After the hours everything works again, so that everything can be told."""


def programme(at: str, words: str, more: str = "") -> str:
    return f'title = "{words}"\nzones = ["all"]\nat = ["{at}"]\n{more}\n[[item]]\nsay = "{words}"\n'


PROGRAMMES = {
    "tin": programme("17:05", "tin"),
    "uu_tien": programme("17:06", "ưu tiên", 'rank = "priority"'),
    "tiep_am": programme("17:30", "tiếp âm", 'start = "hard"\nlate = "join"'),
    "nhac": programme("18:40", "nhạc", 'rank = "fill"\nlate = "join"'),
    "keo_dai": programme("18:50", "kéo dài", 'late = "skip"'),
}
LENGTHS = {"tin": 180.0, "ưu tiên": 45.0, "tiếp âm": 300.0, "nhạc": 240.0, "kéo dài": 900.0}


class BadEvening:
    """One village, and chance. `seed` makes it the same evening again."""

    def __init__(self, disks: Path, seed: int) -> None:
        self._chance = random.Random(seed)
        self._lengths = dict(LENGTHS)
        folder = commune(disks / "station", HOURS, **PROGRAMMES)
        self.village = Village(folder, disks, EVENING.begin, lengths=self._lengths)
        self._said = 0
        self.village.kill_hub = self._kills_hub
        self.village.kill_units = self._kills_units
        self.village.wire.loses = lambda _: self._happens(0.1)
        for minutes in (17, 22, 30, 46, 47, 51, 60, 90, 114, 116, 124, 130):
            moment = EVENING.begin + timedelta(minutes=minutes + 3 * self._chance.random())
            act = self._chance.choice([self._say, self._say, self._stop, self._cancel, self._edit])
            self.village.at(moment, act)

    def _happens(self, often: float) -> bool:
        return self.village.time.now() < OPEN.end and self._chance.random() < often

    def _kills_hub(self, _: int) -> Death | None:
        return self._chance.choice(list(Death)) if self._happens(0.02) else None

    def _kills_units(self, _: int) -> Iterable[str]:
        units = list(SAMPLE_UNITS)
        if self._happens(0.04):
            self.village.wire.cut(self.village.poles[self._chance.choice(units)].unit)
        if not self._happens(0.96):
            self.village.wire.mend()
        return [self._chance.choice(units)] if self._happens(0.02) else []

    def _say(self) -> None:
        self._said += 1
        id, words = f"nhan-{self._said}", f"Lời nhắn thứ {self._said}."
        self._lengths[words] = self._chance.choice([3.0, 20.0, 120.0])
        rank = self._chance.choice([Rank.ORDINARY, Rank.PRIORITY])
        at = self._chance.choice([None, self.village.time.now() + timedelta(minutes=3)])
        zones = self._chance.choice([["all"], ["thon-ben"], ["thon-dinh", "xa"]])
        self._try(lambda desk, boss: desk.say(boss, words, zones=zones, rank=rank, at=at, id=id))

    def _cancel(self) -> None:
        self._try(lambda desk, boss: desk.cancel_announcement(boss, f"nhan-{self._said}"))

    def _stop(self) -> None:
        now = self.village.time.now()
        near = Spell(begin=now - timedelta(minutes=20), end=now + timedelta(minutes=20))
        cue = self._chance.choice([None, *(line.cue for line in self.village.rundown(near))])
        zones = self._chance.choice([["all"], ["thon-ben"]])
        self._try(lambda desk, boss: desk.stop(boss, zones=zones, cue=cue))

    def _edit(self) -> None:
        name = self._chance.choice(["tin", "nhac"])
        clock = self._chance.choice(["17:06:30", "17:40", "18:41"])
        schedule(self.village.office.folder, name).write_text(programme(clock, "tin"))

    def _try(self, verb: Callable[[Desk, Person], object]) -> None:
        with suppress(DeskFault):  # the desk says no to what makes no sense
            verb(self.village.office.desk, self.village.office.boss)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_on_a_bad_evening_every_law_holds(disks: Path, seed: int) -> None:
    village = BadEvening(disks, seed).village
    village.run_until(EVENING.end)
    asrun = [entry for entry in village.asrun() if entry.planned in EVENING]
    assert village.office.store.asrun.conflicts() == ()
    assert village.discrepancies(EVENING) == ()
    for pole in village.poles.values():
        assert pole.records.waiting == 0
        assert_never_two_at_once(pole.sounded)
        assert_within([OPEN], pole.sounded)
        entries = [entry for entry in asrun if entry.unit == pole.unit]
        assert {run.cue for run in pole.sounded} <= {entry.cue for entry in entries}
        for entry in entries:
            assert_told_truly(entry, [run for run in pole.sounded if run.cue == entry.cue])
