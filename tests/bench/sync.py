"""How exactly units begin together: ours and Snapcast's clients on the same horns, in turns, in the same run.

The horns are ten places of one captured sink, so what is compared is compared to the sample; it is one card
clock for all, so nothing is said of cards that run apart (see `drift`). Ours begin each click at its instant
by a station time that all share, through the card's own timing. Snapcast (Debian's, with its defaults) plays
the same clicks as one stream. Both have run for WARM seconds, without a break, before anything is counted.
`agents` are whole units with a hub and a broker over the loopback, each with station time of its own finding,
playing a programme again and again.

`against_instant` is only known to some 10 ms, for a monitor gives a block when it is rendered.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from broadcaster import clock
from broadcaster.clock import monotonic
from broadcaster.domain.plan import FRAME_RATE
from broadcaster.link.tied import tied
from broadcaster.sound.wav import WavWriter
from tests.bench._apart import apart, begins, spread
from tests.bench._figure import Figure, Figures
from tests.bench._horn import click
from tests.bench._snapcast import Snapcast
from tests.sound.commune import Commune
from tests.sound.hearing import Capture, Samples, SoundServer, murmur

ROUNDS = 2
WARM = 40.0
STEP = 1.0
HORNS = tuple(f"spk{number}" for number in range(1, 11))
STARTS = {2: 50, 10: 20}
"""Of each round, for so many horns."""
_MIDDLE = {2: "<= 0.05", 10: ""}
_P95 = {2: "<= 0.3", 10: "<= 1"}
_LATENCIES = (0.03, 0.2)
_AGENTS_STEP = timedelta(seconds=2)
_AGENTS_STARTS = 40

Later = NDArray[np.float64]


def measure() -> Figures:
    figures: Figures = {}
    with TemporaryDirectory() as folder, _server(Path(folder), HORNS) as server:
        for horns in STARTS:
            figures |= _side_by_side(server, Path(folder), HORNS[:horns])
        figures |= _latencies(server)
    with TemporaryDirectory() as folder, _server(Path(folder), HORNS[:2]) as server:
        figures |= _agents(server, Path(folder))
    return figures | {
        "load": Figure(value=os.getloadavg()[2], unit="", note="average of the last 15 minutes")
    }


@contextmanager
def _server(folder: Path, horns: tuple[str, ...]) -> Iterator[SoundServer]:
    server = SoundServer(folder, horns)
    before = dict(os.environ)
    server.start()
    os.environ.update(server.environ)
    try:
        yield server
    finally:
        os.environ.clear()
        os.environ.update(before)
        server.stop()


def _heard(server: SoundServer, play: Callable[[], tuple[float, float]]) -> Samples:
    """What was heard between the two monotonic seconds that `play` gives when it is over."""
    capture = Capture(server)
    capture.start()
    try:
        return capture.heard(*play())
    finally:
        capture.stop()


def _side_by_side(server: SoundServer, folder: Path, horns: tuple[str, ...]) -> Figures:
    """Ours and Snapcast in turns on these horns."""
    many, starts = len(horns), STARTS[len(horns)]
    ours: list[Later] = []
    theirs: list[Later] = []
    against: list[float] = []
    missing = Snapcast.missing()
    for turn in range(ROUNDS):
        sound = _heard(server, lambda: _ours(horns, starts, {}))[:, :many]
        ours.append(apart(sound))
        against += [1000 * (at / FRAME_RATE - 0.5 - number) for number, at in enumerate(begins(sound[:, 0]))]
        if missing is None:
            place = folder / f"snapcast-{many}-{turn}"
            place.mkdir()
            theirs.append(apart(_heard(server, lambda at=place: _theirs(at, horns, starts))[:, :many]))  # type: ignore[misc]
    name = {2: "two_units", 10: "ten_units"}[many]
    figures = _told(name, np.concatenate(ours), ROUNDS * starts, middle=_MIDDLE[many], p95=_P95[many])
    if many == 2:
        figures["two_units_against_instant_ms"] = Figure(value=median(against), unit="ms", note="median")
    if missing is not None:
        why = f"{missing} is not installed"
        return figures | {f"snapcast_{name}_p95_ms": Figure(value=None, unit="ms", note=why)}
    peer = _told(f"snapcast_{name}", np.concatenate(theirs), ROUNDS * starts)
    end = f"{'spread_' if many > 2 else ''}p95_ms"
    a, b = figures[f"{name}_{end}"].value, peer[f"snapcast_{name}_{end}"].value
    ratio = None if a is None or not b else a / b
    return (
        figures
        | peer
        | {
            f"{name}_p95_to_snapcast": Figure(
                value=ratio, unit="ratio", note="below 1: ours begin closer together"
            )
        }
    )


def _ours(horns: tuple[str, ...], starts: int, latencies: dict[str, float]) -> tuple[float, float]:
    first = monotonic() + WARM
    running = []
    for horn in horns:
        words = [sys.executable, "-m", "tests.bench._horn", horn, f"{first}", f"{STEP}", f"{starts}"]
        words += [f"{latencies[horn]}"] if horn in latencies else []
        running.append(subprocess.Popen(tied(words), stdin=subprocess.DEVNULL))
    ends = [child.wait() for child in running]
    if any(ends):
        raise RuntimeError(f"a unit ended with {max(ends)}")
    return first - 0.5, first + starts * STEP - 0.5


def _theirs(folder: Path, horns: tuple[str, ...], starts: int) -> tuple[float, float]:
    second = np.zeros(round(STEP * FRAME_RATE), np.float32)
    second[: len(click())] = click()
    snapcast = Snapcast(folder, horns, np.tile(second, round(WARM / STEP) + starts + 10))
    try:
        snapcast.start()
        first = monotonic() + WARM
        time.sleep(WARM + starts * STEP + 0.2)
        if not snapcast.alive:
            raise RuntimeError("a program of Snapcast ended by itself")
    finally:
        snapcast.stop()
    return first, first + starts * STEP


def _latencies(server: SoundServer) -> Figures:
    """Two units whose cards were opened with very different buffers."""
    opened = dict(zip(HORNS, _LATENCIES, strict=False))
    later = apart(_heard(server, lambda: _ours(HORNS[:2], STARTS[2], opened))[:, :2])
    return _told("unlike_latencies", later, STARTS[2], middle=_MIDDLE[2], p95=_P95[2])


def _agents(server: SoundServer, folder: Path) -> Figures:
    """Two whole units with a hub."""
    commune = Commune(folder, {"loa-ben": HORNS[0], "loa-dinh": HORNS[1]})
    recording = WavWriter(commune.station.folder / "audio" / "recordings" / "tieng.wav")
    recording.write(murmur(0.5))
    recording.close()

    def play() -> tuple[float, float]:
        commune.start()
        first = (clock.now() + timedelta(seconds=WARM + 10)).replace(microsecond=0)
        _write_programme(commune, first)
        begin = monotonic() + (first - clock.now()).total_seconds()
        over = begin + _AGENTS_STARTS * _AGENTS_STEP.total_seconds()
        time.sleep(over - monotonic())
        return begin - 0.5, over - 0.5

    try:
        later = apart(_heard(server, play))
    finally:
        commune.stop()
    return _told("agents", later, _AGENTS_STARTS, p95="<= 1")


def _write_programme(commune: Commune, first: datetime) -> None:
    times = [
        (first + number * _AGENTS_STEP).astimezone(commune.station.station.timezone)
        for number in range(_AGENTS_STARTS)
    ]
    days = ", ".join(sorted({f"{moment.date()}" for moment in times}))
    at = ", ".join(f'"{moment:%H:%M:%S}"' for moment in times)
    (commune.station.folder / "schedules" / "tieng.toml").write_text(
        f'title = "Tiếng"\nrank = "ordinary"\nzones = ["all"]\ndays = []\nalso = [{days}]\nat = [{at}]\n'
        '[[item]]\nplay = "recordings/tieng.wav"\n'
    )


def _told(name: str, later: Later, wanted: int, *, middle: str = "", p95: str = "") -> Figures:
    """The figures of these starts. Raises RuntimeError when many were not heard on every horn."""
    if len(later) < 0.9 * wanted:
        raise RuntimeError(f"{name}: {len(later)} of {wanted} starts were heard on every horn")
    apart, many = spread(later), later.shape[1] > 2
    word = f"{name}_spread" if many else name
    holds = {50: middle, 95: p95}
    note = f"{len(later)} starts"
    return {
        f"{word}_{'median' if share == 50 else f'p{share}'}_ms": Figure(
            value=float(np.percentile(apart, share)),
            unit="ms",
            hold=holds[share],
            note=note,
        )
        for share in (50, 95)
    } | {f"{word}_most_ms": Figure(value=float(np.max(apart)), unit="ms", note=note)}
