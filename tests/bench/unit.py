"""What a unit costs its box: memory, processor, and what it takes to start. With only what a unit installs.

The agent runs in a virtual environment of its own (build/bench/unit-venv, made by `pip install .[unit]` with
the project as it stands here, and again when pyproject.toml has changed), for in the tests' environment its
libraries find others that they then load as well. It plays a recording through the sound server of the tests,
with a hub and a broker over the loopback. A box without a sound server loads a little less.

Memory is what is resident (RSS), shared libraries and all, and its share of what others use too (PSS).
Processor time is the agent's and that of what it starts, in percent of one core.
"""

import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from broadcaster import clock
from broadcaster.clock import monotonic
from broadcaster.sound.wav import WavWriter
from tests.bench._figure import BUILD, Figure, Figures
from tests.sound.commune import Commune
from tests.sound.hearing import Capture, SoundServer, murmur
from tests.sources import ROOT

UNIT = "loa-ben"
PLAYING = 35.0
IDLE = 20.0
IMPORTS = 9
_AGENT = "import broadcaster.unit.agent, broadcaster.horn.soundcard"


def measure() -> Figures:
    try:
        python = environment()
    except subprocess.CalledProcessError as fault:
        why = f"the unit's environment could not be made: {fault.stderr.decode()[-200:].strip()}"
        return {"memory_playing_mb": Figure(value=None, unit="MB", hold="<= 80", note=why)}
    with TemporaryDirectory() as folder, _horn(Path(folder)):
        imports = [_import_seconds(python) for _ in range(IMPORTS)]
        idle, playing = _lived(Commune(Path(folder), {UNIT: "spk1"}, python=str(python)))
    return {
        "memory_playing_mb": Figure(
            value=playing.resident, unit="MB", hold="<= 80", note="RSS, the most seen"
        ),
        "memory_playing_pss_mb": Figure(value=playing.proportional, unit="MB"),
        "memory_idle_mb": Figure(value=idle.resident, unit="MB", note="RSS, connected"),
        "cpu_playing_percent": Figure(value=playing.processor, unit="%", hold="<= 5", note=f"{PLAYING:g} s"),
        "cpu_idle_percent": Figure(value=idle.processor, unit="%", note=f"{IDLE:g} s, connected"),
        "threads_playing": Figure(value=playing.threads, unit=""),
        "import_cpu_s": Figure(value=median(imports), unit="s", hold="<= 0.6", note=f"median of {IMPORTS}"),
        "import_least_cpu_s": Figure(value=min(imports), unit="s"),
        "load": Figure(value=os.getloadavg()[0], unit="", note="all else on the machine makes these larger"),
    }


def environment() -> Path:
    """The Python of a virtual environment with what a unit installs, made if need be."""
    place = BUILD.absolute() / "unit-venv"
    made, wanted = place / "made-from", sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if not made.exists() or made.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True, capture_output=True)
        pip = [
            str(place / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--editable",
            f"{ROOT}[unit]",
        ]
        subprocess.run(pip, check=True, capture_output=True)
        made.write_text(wanted)
    return place / "bin" / "python"


@contextmanager
def _horn(folder: Path) -> Iterator[None]:
    """A sound server that is listened to; this process and its children speak through it."""
    server = SoundServer(folder)
    before = dict(os.environ)
    server.start()
    os.environ.update(server.environ)
    capture = Capture(server)
    capture.start()
    try:
        yield
    finally:
        capture.stop()
        os.environ.clear()
        os.environ.update(before)
        server.stop()


def _import_seconds(python: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([str(python), "-c", _AGENT], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@dataclass(frozen=True, slots=True)
class _Lived:
    """What it took for a while: MB, MB, percent of a core, threads; the most of each but the processor."""

    resident: float
    proportional: float
    processor: float
    threads: int


def _lived(commune: Commune) -> tuple[_Lived, _Lived]:
    """Connected and idle, then playing."""
    recording = WavWriter(commune.station.folder / "audio" / "recordings" / "dai.wav")
    recording.write(murmur(PLAYING + 10))
    recording.close()
    try:
        commune.start()
        process = commune.processes[UNIT]
        time.sleep(10)
        idle = _watched(process, IDLE)
        due = (clock.now() + timedelta(seconds=10)).replace(microsecond=0)
        commune.plan("dai", due, '[[item]]\nplay = "recordings/dai.wav"\n')
        time.sleep((due - clock.now()).total_seconds() + 3)
        return idle, _watched(process, PLAYING)
    finally:
        commune.stop()


def _watched(process: int, seconds: float) -> _Lived:
    began, used = monotonic(), _processor_seconds(process)
    looks = []
    while monotonic() < began + seconds:
        looks.append((*_megabytes(process), _threads(process)))
        time.sleep(1)
    percent = 100 * (_processor_seconds(process) - used) / (monotonic() - began)
    resident, proportional, threads = (max(column) for column in zip(*looks, strict=True))
    return _Lived(resident, proportional, percent, int(threads))


def _megabytes(process: int) -> tuple[float, float]:
    told = Path(f"/proc/{process}/smaps_rollup").read_text()
    kilobytes = {
        name: int(found) for name, found in re.findall(r"^(Rss|Pss):\s+(\d+) kB$", told, re.MULTILINE)
    }
    return kilobytes["Rss"] / 1024, kilobytes["Pss"] / 1024


def _threads(process: int) -> int:
    return len(list(Path(f"/proc/{process}/task").iterdir()))


def _processor_seconds(process: int) -> float:
    """Its own and that of its children that have ended."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")
