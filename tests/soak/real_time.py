"""Twenty real minutes: hub, broker and two units on a real sound server, a programme every minute, and the
broker killed -9 every third. What must stay flat: memory, threads and open files of the units and the hub.

`MINUTES=60 make soak-real_time` for longer.
"""

import os
import signal
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from broadcaster import clock
from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.domain.names import CueId, ProgrammeId
from tests.bench._figure import Figure, Figures
from tests.sound.commune import Commune
from tests.sound.hearing import HORNS, Capture, SoundServer, level

__all__ = ["measure"]

_MINUTES = int(os.environ.get("MINUTES", "22"))
_LOOK_EVERY = 5.0
_SETTLED = timedelta(minutes=4)
"""Pools, caches and the first reconnections have had their turn by then."""
_STRETCH = timedelta(minutes=3)
"""What is compared: the median of the first and of the last so many minutes after settling. A broker that is
killed within them gives a moment of more files and threads."""
_BROKER_DIES_EVERY = timedelta(minutes=3)
_PROGRAMME = ProgrammeId("phat-moi-phut")
_ITEMS = (
    '[[item]]\nchime = "opening"\n'
    '[[item]]\nsay = "Kính chào bà con. Đây là bản tin của xã."\n'
    '[[item]]\nplay = "recordings/khuc-nhac-dong-tien.opus"\n'
)


@dataclass(frozen=True, slots=True)
class _Look:
    """One process, so long after the start: resident kilobytes, threads, open files."""

    passed: timedelta
    memory: int
    threads: int
    files: int


def measure() -> Figures:
    """Run it all. Raises AssertionError when a process ends by itself."""
    with tempfile.TemporaryDirectory() as folder:
        server = SoundServer(Path(folder))
        server.start()
        os.environ.update(server.environ)
        capture = Capture(server)
        capture.start()
        units = {f"loa-{number}": horn for number, horn in enumerate(HORNS, 1)}
        commune = Commune(Path(folder), units)
        try:
            commune.start()
            times = _planned(commune)
            looks = _live(commune)
            commune.until("every line is told", lambda: not any(map(commune.untold, units)))
            entries = tuple(entry for moment in times for entry in commune.entries(_cue(commune, moment)))
            loudest = [_loudness(capture, moment) for moment in times]
        finally:
            commune.stop()
            capture.stop()
            server.stop()
    return _figures(looks, entries, len(times) * len(units), min(loudest))


def _planned(commune: Commune) -> list[datetime]:
    """A programme at every minute, from the one after next on; when each begins."""
    first = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=2)
    times = [first + timedelta(minutes=number) for number in range(_MINUTES - 3)]
    local = [moment.astimezone(commune.station.station.timezone) for moment in times]
    days = ", ".join(sorted({f"{moment.date()}" for moment in local}))
    at = ", ".join(f'"{moment:%H:%M}"' for moment in local)
    (commune.station.folder / "schedules" / f"{_PROGRAMME}.toml").write_text(
        f'title = "Phát mỗi phút"\nrank = "ordinary"\nzones = ["all"]\ndays = []\nalso = [{days}]\n'
        f"at = [{at}]\n{_ITEMS}"
    )
    return times


def _cue(commune: Commune, moment: datetime) -> CueId:
    local = moment.astimezone(commune.station.station.timezone)
    return CueId.of(_PROGRAMME, local.date(), local.time())


def _live(commune: Commune) -> dict[str, list[_Look]]:
    """Look at every process while the minutes pass, and kill the broker now and then."""
    began = killed = clock.now()
    looks: dict[str, list[_Look]] = {name: [] for name in commune.processes}
    while (passed := clock.now() - began) < timedelta(minutes=_MINUTES):
        for name, number in commune.processes.items():
            looks[name].append(_looked(number, passed))
        if clock.now() - killed >= _BROKER_DIES_EVERY:
            killed = clock.now()
            os.kill(_broker_of(commune.processes["hub"]), signal.SIGKILL)
        time.sleep(_LOOK_EVERY)
    return looks


def _looked(process: int, passed: timedelta) -> _Look:
    place = Path("/proc") / str(process)
    status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines() if ":" in line)
    return _Look(
        passed=passed,
        memory=int(status["VmRSS"].split()[0]),
        threads=int(status["Threads"]),
        files=len(list((place / "fd").iterdir())),
    )


def _broker_of(hub: int) -> int:
    children = (Path("/proc") / str(hub) / "task" / str(hub) / "children").read_text().split()
    names = {int(child): (Path("/proc") / child / "comm").read_text().strip() for child in children}
    return next(child for child, name in names.items() if name == "nats-server")


def _loudness(capture: Capture, moment: datetime) -> float:
    """How loud the quieter horn was in the ten seconds from then on, dBFS."""
    begin = clock.monotonic() - (clock.now() - moment).total_seconds()
    heard = capture.heard(begin, begin + 10)
    return min(level(heard[:, side]) for side in range(heard.shape[1]))


def _figures(
    looks: dict[str, list[_Look]], entries: tuple[AsRunEntry, ...], expected: int, quietest: float
) -> Figures:
    aired = sum(entry.outcome is Outcome.AIRED for entry in entries)
    figures = {
        "lines_missing_or_not_aired": Figure(value=expected - aired, unit="lines", hold="<= 0"),
        "lines": Figure(value=len(entries), unit="lines"),
        "quietest_programme": Figure(value=quietest, unit="dBFS", hold=">= -35"),
    }
    for name, seen in looks.items():
        first, last = _stretches(seen)
        growth = median(look.memory for look in last) / median(look.memory for look in first) - 1
        threads = median(look.threads for look in last) - median(look.threads for look in first)
        files = median(look.files for look in last) - median(look.files for look in first)
        figures |= {
            f"{name}_memory": Figure(value=median(look.memory for look in last) / 1024, unit="MB"),
            f"{name}_memory_growth": Figure(value=100 * growth, unit="%", hold="<= 3"),
            f"{name}_threads_growth": Figure(value=threads, unit="", hold="<= 0"),
            f"{name}_files_growth": Figure(value=files, unit="", hold="<= 0"),
        }
    return figures


def _stretches(seen: list[_Look]) -> tuple[list[_Look], list[_Look]]:
    end = seen[-1].passed
    first = [look for look in seen if _SETTLED <= look.passed < _SETTLED + _STRETCH]
    return first, [look for look in seen if look.passed > end - _STRETCH]
