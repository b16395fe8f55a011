"""Debian's Snapcast on the same horns: a server fed through a pipe, and a client for each horn.

It hears and is heard on the loopback only; what it could tell the neighbourhood of (Avahi, over the system
bus) it cannot reach. Its own protocol steers its clients to the buffer of one second that is its default.
"""

import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import numpy as np

from broadcaster.link.tied import tied
from tests.link.villages import free_port
from tests.sound.hearing import Samples

__all__ = ["Snapcast"]


class Snapcast:
    """Plays `sound` (mono, at 48 kHz) on `horns`, for as long as it lasts. `folder` is its own."""

    def __init__(self, folder: Path, horns: tuple[str, ...], sound: Samples) -> None:
        self._folder = folder
        self._horns = horns
        both = np.repeat((sound * 32767).astype("<i2"), 2)
        self._feeder = threading.Thread(target=self._feed, args=(both.tobytes(),), daemon=True)
        self._running: list[subprocess.Popen[bytes]] = []

    @staticmethod
    def missing() -> str | None:
        """Which of its programs is not installed."""
        return next((name for name in ("snapserver", "snapclient") if shutil.which(name) is None), None)

    def start(self) -> None:
        """Raises AssertionError when it does not come up."""
        port = free_port()
        pipe = self._folder / "pipe"
        os.mkfifo(pipe)
        (self._folder / "empty.conf").touch()
        options = {
            "server.datadir": self._folder,
            "http.enabled": "false",
            "tcp.enabled": "false",
            "tcp.bind_to_address": "127.0.0.1",
            "stream.bind_to_address": "127.0.0.1",
            "stream.port": port,
            "stream.source": f"pipe://{pipe}?name=default&mode=read&sampleformat=48000:16:2",
            "stream.buffer": 1000,
            "logging.sink": "null",
        }
        self._run(
            "snapserver", "-c", str(self._folder / "empty.conf"), *(f"--{k}={v}" for k, v in options.items())
        )
        self._feeder.start()
        _until_open(port)
        for number, horn in enumerate(self._horns):
            where = ["-h", "127.0.0.1", "-p", str(port), "--instance", str(number + 1), "--hostID", horn]
            self._run("snapclient", *where, "--player", "pulse", "--logsink", "null", horn=horn)

    def stop(self) -> None:
        for child in reversed(self._running):
            child.terminate()
        for child in reversed(self._running):
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait(5)
        self._feeder.join(5)

    @property
    def alive(self) -> bool:
        return all(child.poll() is None for child in self._running)

    def _run(self, program: str, *arguments: str, horn: str = "") -> None:
        path = shutil.which(program)
        assert path is not None
        no_bus = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self._folder / 'no-bus'}"}
        self._running.append(
            subprocess.Popen(
                tied([path, *arguments]),
                env={**os.environ, **no_bus, "HOME": str(self._folder), "PULSE_SINK": horn},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )

    def _feed(self, sound: bytes) -> None:
        """The server takes what it needs when it needs it; a pipe holds a third of a second."""
        try:
            with (self._folder / "pipe").open("wb", buffering=0) as pipe:
                for first in range(0, len(sound), 7680):
                    pipe.write(sound[first : first + 7680])
        except BrokenPipeError:
            return  # it was told to stop


def _until_open(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("snapserver does not come up")
