"""A sound server whose horns can be pulled out, put back under another name, and made to hang.

Its horns are places in one captured sink, so whatever is done to a horn, the capture goes on.
"""

import os
import signal
import subprocess
from pathlib import Path

from tests.sound.hearing import SoundServer

__all__ = ["Plugs"]


class Plugs(SoundServer):
    """A sound server in `folder` with the horns `loa` (left) and `loa-2` (right).

    `rescues`: it moves the streams of a horn that is pulled out to another one, as sound servers do; a bare
    card ends them. A unit sees the device `loa` and the default, which is `loa-2` if it has `two` horns.
    """

    def __init__(self, folder: Path, *, rescues: bool, two: bool) -> None:
        super().__init__(folder, ("loa", "loa-2"))
        self._rescues = rescues
        self._two = two

    def start(self) -> None:
        config = self._folder / "daemon.conf"
        config.write_text(f"rescue-streams = {'yes' if self._rescues else 'no'}\n")
        self.environ["PULSE_CONFIG"] = str(config)
        super().start()

    def unplug(self, horn: str) -> None:
        """Pull it out, in the middle of a word."""
        listed = self._pactl("list", "short", "modules").splitlines()
        (number,) = (line.split("\t")[0] for line in listed if f"sink_name={horn} " in line)
        self._pactl("unload-module", number)

    def plug(self, horn: str, *, at: str) -> None:
        """Put in a horn that is called `horn`, where `at` was."""
        place = f"aux{self.horns.index(at)}"
        one = "channels=1 channel_map=mono remix=no"
        self._pactl(
            "load-module",
            "module-remap-sink",
            f"sink_name={horn} master=cap master_channel_map={place} {one}",
        )

    def hang(self) -> None:
        assert self._server is not None
        self._server.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._server is not None
        self._server.send_signal(signal.SIGCONT)

    def _names(self) -> list[tuple[str, str]]:
        return [("loa", "loa"), ("!default", "loa-2" if self._two else "loa")]

    def _pactl(self, *words: str) -> str:
        asked = subprocess.run(
            ["pactl", *words],
            env={**os.environ, **self.environ},
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
        return asked.stdout
