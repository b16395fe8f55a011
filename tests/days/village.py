"""A whole commune at fake speed: office, wire, poles, and what people do at which time.

Time goes in quarters of a second around everything that is due, and in leaps where nothing is.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.domain.asrun import AsRunEntry, Discrepancy, Meant, Outcome, reconcile
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import UnitId
from broadcaster.hub.collecting import expected
from broadcaster.store.rundown import CueLine
from broadcaster.unit.cache import Cache
from broadcaster.unit.home import Member, Settings
from tests.days.hours import TICK, Time
from tests.days.office import Compose, Death, Office, composed
from tests.days.poles import Horn, PaperHorn, Pole
from tests.days.wire import Wire
from tests.sources import ROOT

__all__ = ["SAMPLE_UNITS", "Village", "sample_commune"]

SAMPLE_UNITS = {"loa-xa": "xa", "loa-ben": "thon-ben", "loa-dinh": "thon-dinh"}
"""One unit in each zone of the sample commune."""

_BEFORE = timedelta(milliseconds=500)
_AFTER = timedelta(milliseconds=2500)
"""Decisions are told of 600 ms after them, editors' renames count after seconds."""
_PROGRESS = timedelta(seconds=2)
_QUARTER = timedelta(hours=6)


def sample_commune(folder: Path) -> Path:
    """A copy of the commune in the checkout."""
    folder.mkdir()
    for name in ("schedules", "audio"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "station.toml", folder / "station.toml")
    return folder


class Village:
    """Lives from `begin` on. `commune` is a station folder; its state and the units' disks are in `disks`."""

    def __init__(
        self,
        commune: Path,
        disks: Path,
        begin: datetime,
        *,
        units: Mapping[str, str] = SAMPLE_UNITS,
        lengths: Mapping[str, float] | None = None,
        fails: Mapping[str, str] | None = None,
        compose: Compose = composed,
        horn: Callable[[Time, Cache], Horn] = PaperHorn,
    ) -> None:
        self.time = Time(begin)
        self.wire = Wire()
        self.office = Office(
            commune, self.time, self.wire, lengths=lengths or {}, fails=fails or {}, compose=compose
        )
        self.poles = {unit: self._pole(unit, zone, disks, horn) for unit, zone in units.items()}
        self.steps = 0
        self.kill_hub: Callable[[int], Death | None] = lambda _: None
        """Whether, and when in its pass, the hub dies in the step of that number; it is back a step later."""
        self.kill_units: Callable[[int], Iterable[str]] = lambda _: ()
        """Which units lose their power in the step of that number; they are back a step later."""
        self.in_the_dark: set[str] = set()
        """Units whose power stays off."""
        self.office_closed = False
        """Whether the hub stays off."""
        self._acts: list[tuple[datetime, Callable[[], object]]] = []
        self._busy_until = begin + _AFTER

    def _pole(self, unit: str, zone: str, disks: Path, horn: Callable[[Time, Cache], Horn]) -> Pole:
        joined = self.office.let_in(unit, zone)
        station = self.office.desk.folder.station
        member = Member(
            station=station.id, unit=joined.unit.id, verify_key=self.office.verify_key, broker="nats://x"
        )
        settings = Settings(zone=joined.unit.zone, name=joined.unit.name, clips_url=self.office.clips_url)
        return Pole(disks / unit, member, settings, self.time, self.wire, horn)

    def at(self, moment: datetime, act: Callable[[], object]) -> None:
        """Somebody does that then."""
        self._acts.append((moment, act))
        self._acts.sort(key=lambda planned: planned[0])

    def run_until(self, end: datetime) -> None:
        """Let time pass, up to and with that instant; slowly at first: somebody may have done something."""
        self._busy_until = max(self._busy_until, self.time.now() + _AFTER)
        while True:
            self.step()
            if self.time.now() >= end:
                return
            self.time.pass_by(min(self._stride(), end - self.time.now()))

    def run_for(self, **length: float) -> None:
        """Let so much time pass."""
        self.run_until(self.time.now() + timedelta(**length))

    def step(self) -> None:
        """What happens at this instant."""
        number, now = self.steps, self.time.now()
        self.steps += 1
        while self._acts and self._acts[0][0] <= now:
            _, act = self._acts.pop(0)
            act()
            self._busy_until = now + _AFTER
        self._step_hub(self.kill_hub(number))
        killed = set(self.kill_units(number))
        for unit, pole in self.poles.items():
            if unit in self.in_the_dark:
                continue
            if unit in killed and pole.alive:
                pole.kill()
                self._busy_until = max(self._busy_until, now + TICK)
            elif not pole.alive:
                pole.boot()
            pole.step()

    def _step_hub(self, death: Death | None) -> None:
        if self.office.hub is None and not self.office_closed:
            self.office.boot()
        self.office.step(death)
        if death is not None:
            self.office.kill()

    def _stride(self) -> timedelta:
        now = self.time.now()
        if now < self._busy_until:
            return TICK
        soon = min(self._instants(now))
        if soon - now > _BEFORE + TICK:
            leap = soon - now - _BEFORE
            sounding = any(pole.is_on_air for pole in self.poles.values())
            return min(leap, _PROGRESS) if sounding else leap
        self._busy_until = soon + _AFTER
        return TICK

    def _instants(self, now: datetime) -> Iterable[datetime]:
        """When something is due next."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        yield midnight + ((now - midnight) // _QUARTER + 1) * _QUARTER
        yield from (moment for moment, _ in self._acts[:1])
        due = [pole.next_instant() for pole in self.poles.values()] + [
            self.office.due_next(),
            self.office.resting_until,
        ]
        yield from (moment for moment in due if moment is not None and moment > now)

    def restart_hub(self) -> None:
        """Its process dies, and is started again at once."""
        self.office.kill()
        self.office.boot()

    def switch_off(self, unit: str) -> None:
        """Its power is gone, for long."""
        self.in_the_dark.add(unit)
        self.poles[unit].kill()

    def switch_on(self, unit: str) -> None:
        self.in_the_dark.discard(unit)

    # -- looking -------------------------------------------------------------------------------------

    def rundown(self, span: Spell) -> tuple[CueLine, ...]:
        """What was meant within `span`, as the hub published it."""
        lines = self.office.store.rundown.planned(span)
        return tuple(line for line in lines if line.withdrawn is None)

    def asrun(self) -> tuple[AsRunEntry, ...]:
        """The as-run log, as the hub has it, by planned instant and unit."""
        entries = self.office.store.asrun.page(limit=10_000).entries
        return tuple(sorted(entries, key=lambda entry: (entry.planned, entry.cue, entry.unit)))

    def lines(self, programme: str) -> dict[UnitId, AsRunEntry]:
        """What became of a programme or an announcement that had one cue, by unit."""
        found = [entry for entry in self.asrun() if entry.cue.programme == programme]
        by_unit = {entry.unit: entry for entry in found}
        assert len(by_unit) == len(found), f"{programme} had several cues"
        return by_unit

    def outcomes(self, programme: str) -> dict[str, Outcome]:
        return {unit: entry.outcome for unit, entry in self.lines(programme).items()}

    def discrepancies(self, span: Spell) -> tuple[Discrepancy, ...]:
        """Where rundown and as-run log of `span` do not agree. What was taken out before its start need not
        have a line; but a unit that did not hear of it in time may have played it."""
        units = self.office.store.units.all()
        entries = [entry for entry in self.asrun() if entry.planned in span]
        told = {(entry.unit, entry.cue) for entry in entries}
        meant = (
            Meant(unit=unit, cue=line.cue, planned=line.start, length=line.asked)
            for line in self.office.store.rundown.planned(span)
            for unit in expected(line, units)
            if line.withdrawn is None or (unit, line.cue) in told
        )
        return reconcile(meant, entries, self.time.now())
