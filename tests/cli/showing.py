"""A demo as it runs in a terminal: what it told and when, what it left in its folder, what runs for it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from threading import Thread

import numpy as np

from broadcaster import clock
from broadcaster.domain.names import ProgrammeId
from broadcaster.domain.programme import Bulletins
from broadcaster.hub.preparation import Preparation
from broadcaster.link.tied import tied
from broadcaster.sound.codec import ClipReader, Samples
from broadcaster.station import StationFolder
from tests.sources import ROOT

__all__ = ["Shown", "drip", "pid_of", "programme_of", "status_of", "surroundings"]


class Shown:
    """A demo that runs in a process of its own: its lines, each with the second at which it came."""

    def __init__(self, folder: Path, *options: str, station: Path, **environ: str) -> None:
        self.into = folder / "demo"
        self.lines: list[tuple[float, str]] = []
        self.ended = float("inf")
        self._complaints = folder / "complaints.txt"
        command = [sys.executable, "-m", "broadcaster", "--station", str(station), "demo"]
        command += ["--into", str(self.into), *options]
        self.began = clock.monotonic()
        with self._complaints.open("wb") as complaints:
            self.process = subprocess.Popen(
                tied(command),
                cwd=ROOT,
                env=surroundings(folder) | environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            )
        self._reader = Thread(target=self._read, name="terminal", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.lines.append((clock.monotonic() - self.began, line.rstrip("\n")))
        self.ended = clock.monotonic() - self.began

    @property
    def text(self) -> str:
        return "\n".join(line for _, line in self.lines)

    @property
    def complaints(self) -> str:
        return self._complaints.read_text()

    def wait_for(self, beginning: str, patience: float = 60) -> tuple[float, str]:
        """The first line that begins so, and when it came."""
        until = clock.monotonic() + patience
        while True:
            over = not self._reader.is_alive()
            for second, line in list(self.lines):
                if line.startswith(beginning):
                    return second, line
            assert not over, f"it ended without a line {beginning!r}:\n{self.text}\n{self.complaints}"
            assert clock.monotonic() < until, f"no line {beginning!r} came:\n{self.text}"
            time.sleep(0.02)

    def end(self, patience: float = 60) -> int:
        """Wait for its end; the exit code."""
        code = self.process.wait(patience)
        self._reader.join(5)
        return code

    def stop_with(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.end(15)

    def living(self) -> list[str]:
        """The processes that run for this demo: its folder is in their command line or surroundings."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                said = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            except OSError:
                continue
            if os.fsencode(self.into) in said:
                found.append(f"{process.name}: {said[:200]!r}")
        return found

    def is_gone(self, patience: float = 15) -> bool:
        """Whether nothing of it runs, now or after a moment."""
        until = clock.monotonic() + patience
        while self.living() and clock.monotonic() < until:
            time.sleep(0.05)
        assert self.living() == []
        return True


def surroundings(folder: Path) -> dict[str, str]:
    """An empty home, a sound system without a card, a network that refuses."""
    (folder / "home").mkdir(exist_ok=True)
    alsa = folder / "alsa.conf"
    alsa.write_text('pcm.!default { type pulse server "unix:/nowhere/pulse.sock" }\n')
    return os.environ | {
        "HOME": str(folder / "home"),
        "ALSA_CONFIG_PATH": str(alsa),
        **dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9"),
        **dict.fromkeys(("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"), ""),
    }


def status_of(address: str, patience: float = 20) -> int:
    """What a web page answers, as soon as it answers."""
    until = clock.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return int(answer.status)
        except OSError:
            assert clock.monotonic() < until, f"{address} does not answer"
            time.sleep(0.1)


def programme_of(station: StationFolder) -> Samples:
    """Chime, words and music as the hub made them, one after another."""
    items = station.current.programmes[ProgrammeId("chuong-trinh-mau")].items
    playable = [item for item in items if not isinstance(item, Bulletins)]
    preparation = Preparation(station.maker, station.state / "prepared.json")
    preparation.want((item, clock.now()) for item in playable)
    made = [clip for item in playable if (clip := preparation.clip(item)) is not None]
    assert len(made) == 3
    sounds = []
    for clip in made:
        with ClipReader(station.library.path_of(clip.id)) as reader:
            sounds.append(reader.read(reader.frames))
    return np.concatenate(sounds)


def drip(quicksand: socket.socket) -> None:
    """Answer whoever comes with a byte now and then, so that no time-out strikes, and never with a word."""
    connection, _ = quicksand.accept()
    with connection, suppress(OSError):
        while True:
            connection.send(b"x")
            time.sleep(0.5)


def pid_of(*words: object) -> int:
    """The one process whose command line holds these."""
    wanted = {os.fsencode(str(word)) for word in words}
    (pid,) = (
        int(process.name) for process in Path("/proc").glob("[0-9]*") if wanted <= set(_command_line(process))
    )
    return pid


def _command_line(process: Path) -> list[bytes]:
    try:
        return (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return []
