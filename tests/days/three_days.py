"""Three days of a commune in which power, link, hub and clocks fail at random, and all that must hold then.

The faults crowd around what is on air, for there they hurt. In the last hours everything works again, so that
everything can be told.
"""

import gc
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.desk import DeskFault
from broadcaster.domain.asrun import Outcome
from broadcaster.domain.instants import Spell
from tests.days.hours import MONDAY, local
from tests.days.laws import assert_never_two_at_once, assert_told_truly, assert_within
from tests.days.poles import Pole
from tests.days.village import SAMPLE_UNITS, Village, sample_commune

__all__ = ["ThreeDays"]

_DAYS = [MONDAY + timedelta(days=number) for number in range(3)]
SPAN = Spell(begin=local("00:00"), end=local("00:00") + timedelta(hours=72))
_WELL_AGAIN = SPAN.end - timedelta(hours=2)
_AIRTIMES = ("05:00", "05:10", "06:15", "17:00", "17:20", "18:00", "18:05", "18:30", "18:31")

_CUTS = (1, 5, 60, 600, 6 * 3600)
_DARK = (0, 1, 30, 90, 1200, 3 * 3600)
_CLOSED = (0, 0, 60, 900, 5 * 3600)
"""Seconds for which the link is cut, the power is off, the hub is dead."""


class ThreeDays:
    """One village and chance; `seed` makes them the same three days again. `faults`: so many of each kind."""

    def __init__(self, disks: Path, seed: int, *, faults: int = 25) -> None:
        self._chance = random.Random(seed)
        self.village = Village(sample_commune(disks / "station"), disks, SPAN.begin)
        self.village.wire.loses = lambda _: self._happens(0.05)
        for pole in self.village.poles.values():
            pole.has_battery = self._chance.random() < 0.5
        for _ in range(faults):
            for fault in (self._cut, self._darken, self._close, self._lose_the_time, self._say):
                self.village.at(self._moment(), fault)
        self.village.at(_WELL_AGAIN, self._mend)

    def run(self, look: Callable[[datetime], None] = lambda _: None) -> None:
        """Live through them, and judge every hour; `look` is called at every midnight."""
        files, threads = _open_files(), threading.active_count()
        for hour in range(1, 73):
            self.village.run_until(SPAN.begin + timedelta(hours=hour))
            for pole in self.village.poles.values():
                _assert_small(pole)
            if hour % 24 == 0:
                look(self.village.time.now())
        gc.collect()
        assert threading.active_count() == threads
        assert _open_files() <= files + 2  # the store may hold its journal open
        self._judge()

    # -- what happens ----------------------------------------------------------------------------------

    def _happens(self, often: float) -> bool:
        return self.village.time.now() < _WELL_AGAIN and self._chance.random() < often

    def _moment(self) -> datetime:
        day = self._chance.choice(_DAYS)
        near = local(self._chance.choice(_AIRTIMES), day) + timedelta(seconds=self._chance.uniform(-90, 600))
        anywhen = SPAN.begin + (_WELL_AGAIN - SPAN.begin) * self._chance.random()
        return min(self._chance.choice([near, near, anywhen]), _WELL_AGAIN)

    def _later(self, lengths: Iterable[int], act: Callable[[], object]) -> None:
        length = timedelta(seconds=self._chance.choice(list(lengths)))
        self.village.at(min(self.village.time.now() + length, _WELL_AGAIN), act)

    def _unit(self) -> str:
        return self._chance.choice(list(SAMPLE_UNITS))

    def _cut(self) -> None:
        pole = self.village.poles[self._unit()]
        cut = [pole.unit] if self._chance.random() < 0.7 else []
        self.village.wire.cut(*cut)
        self._later(_CUTS, self.village.wire.mend)

    def _darken(self) -> None:
        unit = self._unit()
        if unit not in self.village.in_the_dark:
            self.village.switch_off(unit)
            self._later(_DARK, lambda: self.village.switch_on(unit))

    def _close(self) -> None:
        if self.village.office.hub is not None:
            self.village.office_closed = True
            self.village.office.kill()
            self._later(_CLOSED, self._open)

    def _open(self) -> None:
        self.village.office_closed = False

    def _lose_the_time(self) -> None:
        pole = self.village.poles[self._unit()]
        if pole.alive:
            pole.lose_the_time()

    def _say(self) -> None:
        desk, boss = self.village.office.desk, self.village.office.boss
        zones = self._chance.choice([["all"], ["thon-ben"], ["thon-dinh", "xa"]])
        id = f"nhan-{self.village.time.now():%d-%H%M%S}"
        with suppress(DeskFault):  # the desk says no to what makes no sense: outside the hours, for example
            desk.say(boss, f"Lời nhắn {id}.", zones=zones, id=id)

    def _mend(self) -> None:
        self.village.wire.mend()
        self.village.office_closed = False
        for unit in list(self.village.in_the_dark):
            self.village.switch_on(unit)

    # -- what must hold --------------------------------------------------------------------------------

    @property
    def outcomes(self) -> Counter[Outcome]:
        return Counter(entry.outcome for entry in self.village.asrun())

    def _judge(self) -> None:
        village = self.village
        asrun = village.asrun()
        zones = {
            pole.unit: zone for pole, zone in zip(village.poles.values(), SAMPLE_UNITS.values(), strict=True)
        }
        meant = {
            (line.cue, unit)
            for line in village.rundown(SPAN)
            for unit, zone in zones.items()
            if zone in line.zones
        }
        told = {(entry.cue, entry.unit) for entry in asrun}
        assert len(asrun) == len(told), "exactly one line for each"
        assert told <= meant
        # What was said and over while a unit was out of reach it can tell nothing of: NOT_REPORTED in 8 days.
        unheard_of = {(cue, unit) for cue, unit in meant if cue not in village.poles[unit].heard_of}
        assert meant - told <= unheard_of
        assert {(fault.cue, fault.unit) for fault in village.discrepancies(SPAN)} == meant - told
        assert village.office.store.asrun.conflicts() == ()
        for pole in village.poles.values():
            assert pole.records.waiting == 0
            assert_never_two_at_once(pole.sounded)
            assert_within(village.office.desk.folder.station.open_for(zones[pole.unit], SPAN), pole.sounded)
            entries = [entry for entry in asrun if entry.unit == pole.unit]
            assert {run.cue for run in pole.sounded} <= {entry.cue for entry in entries}
            for entry in entries:
                assert_told_truly(entry, [run for run in pole.sounded if run.cue == entry.cue])


def _assert_small(pole: Pole) -> None:
    """Nothing in the unit grows with the days: what is remembered is bounded, on the disk and in memory."""
    if not pole.alive:
        return
    state = pole.box.state
    assert len(state.closed) <= 8 * 12, "what was over in the last eight days"
    assert len(state.pending) <= 8 * 12, "what comes in the seven days of a plan"
    assert len(state.claims) + len(state.raised) + len(state.found) <= 8
    assert len(pole.cache.held) <= 60
    assert len(pole.records.found_open()) <= 2


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
