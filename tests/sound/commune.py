"""A whole station on this machine: a real hub and real units, each a process of its own, that may be killed.

It is a copy of the sample commune without its hours and its programmes, so that only what a test plans
sounds, at any time of day. The offline voice speaks. No process outlives the tests.
"""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from broadcaster import clock
from broadcaster.domain.asrun import AsRunEntry
from broadcaster.domain.names import CueId, ProgrammeId
from broadcaster.domain.plan import Plan
from broadcaster.domain.programme import Bulletins
from broadcaster.hub.preparation import Preparation
from broadcaster.link.envelope import VerifyKeys, opened
from broadcaster.link.tied import tied
from broadcaster.sound.codec import ClipReader, Samples
from broadcaster.station import StationFolder
from tests.sources import ROOT

__all__ = ["Commune"]

_PATIENCE = 75.0


class Commune:
    """The station in `folder`; `horns` names its units, each with the sound device it speaks through.

    `python`: by which the units run, if not by that of the tests.
    """

    def __init__(self, folder: Path, horns: Mapping[str, str], *, python: str = sys.executable) -> None:
        self._python = python
        self._folder = folder
        self._horns = horns
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.station = StationFolder(_copied(folder / "station"))

    def start(self) -> None:
        """Start the hub, start the units, let them in."""
        self.start_hub()
        for unit in self._horns:
            self.start_unit(unit)
        self.until("every unit has joined", self._all_let_in)

    def stop(self) -> None:
        for child in self._running.values():
            child.terminate()
        for child in self._running.values():
            child.wait(20)

    def start_hub(self) -> None:
        self._start("hub", "--station", str(self.station.folder), "hub")

    def start_unit(self, unit: str) -> None:
        speaker = ("--speaker", "device", self._horns[unit])
        join = ("--hub", self.station.join_url, "--name", unit)
        self._start(unit, "unit", "--home", str(self.home(unit)), *join, *speaker)

    def kill(self, name: str) -> None:
        """As a power cut does: `hub` (its broker dies with it) or a unit."""
        child = self._running.pop(name)
        child.send_signal(signal.SIGKILL)
        child.wait(10)

    @property
    def processes(self) -> dict[str, int]:
        """The number of each process that runs: `hub`, and the units."""
        return {name: child.pid for name, child in self._running.items()}

    def home(self, unit: str) -> Path:
        return self._folder / unit

    def words(self, name: str) -> str:
        """What that process has written."""
        return (self._folder / f"{name}.txt").read_text(errors="replace")

    def plan(self, name: str, due: datetime, items: str, *, late: str = "whole") -> CueId:
        """Write a programme for `due`, wait until it lies on every unit, and give its cue."""
        local = due.astimezone(self.station.station.timezone)
        programme = (
            f'title = "{name}"\nrank = "ordinary"\nzones = ["all"]\nlate = "{late}"\n'
            f'days = []\nalso = [{local.date()}]\nat = ["{local:%H:%M:%S}"]\n{items}'
        )
        (self.station.folder / "schedules" / f"{name}.toml").write_text(programme)
        cue = CueId.of(ProgrammeId(name), local.date(), local.time())
        self.until(f"{cue} lies on every unit", lambda: all(self._lies(cue, unit) for unit in self._horns))
        return cue

    def clips(self, cue: CueId) -> list[Samples]:
        """The clips of a cue's programme, decoded, as the hub made them."""
        items = self.station.current.programmes[cue.programme].items
        preparation = Preparation(self.station.maker, self.station.state / "prepared.json")
        preparation.want((item, clock.now()) for item in items if not isinstance(item, Bulletins))
        made = [preparation.clip(item) for item in items if not isinstance(item, Bulletins)]
        return [_decoded(self.station.library.path_of(clip.id)) for clip in made if clip is not None]

    def entries(self, cue: CueId) -> tuple[AsRunEntry, ...]:
        return self.station.store.asrun.of_cue(cue)

    def untold(self, unit: str) -> int:
        """How many lines that unit still keeps because the hub has not taken them."""
        return len(list((self.home(unit) / "records" / "waiting").iterdir()))

    def broker_answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.station.settings.broker_port), 1).close()
        except ConnectionRefusedError:
            return False
        return True

    def until(self, what: str, come: Callable[[], bool], patience: float = _PATIENCE) -> None:
        """Wait for it. A process that ends meanwhile, or waiting in vain, is no matter of exact time."""
        ends = clock.monotonic() + patience
        while not come():
            for name, child in self._running.items():
                if child.poll() is not None:
                    raise RuntimeError(f"{name} ended by itself:\n{self.words(name)}")
            if clock.monotonic() > ends:
                raise TimeoutError(f"waited {patience:g} s in vain until {what}")
            time.sleep(0.05)

    def _start(self, name: str, *arguments: str) -> None:
        with (self._folder / f"{name}.txt").open("ab") as words:
            self._running[name] = subprocess.Popen(
                tied(
                    [self._python if name in self._horns else sys.executable, "-m", "broadcaster", *arguments]
                ),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                cwd=ROOT,
            )

    def _all_let_in(self) -> bool:
        desk, zones = self.station.desk, [zone.id for zone in self.station.station.zones[1:]]
        for waiting in self.station.store.joining.waiting(clock.now()):
            zone = zones[list(self._horns).index(waiting.wish) % len(zones)]
            desk.pair_unit(desk.local_admin(), waiting.code, name=waiting.wish, zone=zone, unit=waiting.wish)
        return len(self.station.store.units.beats()) == len(self._horns)

    def _lies(self, cue: CueId, unit: str) -> bool:
        """Whether that unit holds a plan with the cue, whole, and every clip of the plan."""
        try:
            signed = (self.home(unit) / "plan.signed").read_bytes()
        except FileNotFoundError:
            return False
        plan = opened(signed, VerifyKeys.of([self.station.hub_key.verify]), Plan)
        made = any(planned.id == cue for planned in plan.cues) and not any(c.missing for c in plan.cues)
        return made and all((self.home(unit) / "clips" / clip).exists() for clip in plan.clips)


def _copied(folder: Path) -> Path:
    folder.mkdir()
    (folder / "schedules").mkdir()
    shutil.copytree(ROOT / "audio", folder / "audio")
    text, allowed, _ = (ROOT / "station.toml").read_text().partition("[[allowed]]")
    assert allowed
    text, changed = re.subn(r"(?m)^voices *=.*$", 'voices = ["espeak-ng"]', text)
    assert changed == 1
    broker, clips = _free_ports(2)
    (folder / "station.toml").write_text(f"{text}\n[broker]\nport = {broker}\n[hub]\nport = {clips}\n")
    return folder


def _free_ports(number: int) -> list[int]:
    probes = [socket.socket() for _ in range(number)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _decoded(path: Path) -> Samples:
    with ClipReader(path) as reader:
        return reader.read(reader.frames)
