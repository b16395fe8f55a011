"""A demo being shown: started as a newcomer starts it, its lines as they come, what runs for it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

from broadcaster import clock
from tests.sources import ROOT

__all__ = ["Shown", "surroundings"]


class Shown:
    """A demo that runs in a process of its own: its lines, each with the second at which it came."""

    def __init__(self, folder: Path, *options: str, station: Path, **environ: str) -> None:
        self.into = folder / "demo"
        self.lines: list[tuple[float, str]] = []
        self._complaints = folder / "complaints.txt"
        command = [sys.executable, "-m", "broadcaster", "--station", str(station), "demo"]
        self.began = clock.monotonic()
        with self._complaints.open("wb") as complaints:
            self.process = subprocess.Popen(
                [*command, "--into", str(self.into), *options],
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
            for second, line in list(self.lines):
                if line.startswith(beginning):
                    return second, line
            running = self.process.poll() is None
            assert running, f"it ended without a line {beginning!r}:\n{self.text}\n{self.complaints}"
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

    def is_gone(self, patience: float = 5) -> bool:
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
