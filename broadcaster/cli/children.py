"""Processes that belong to one command: started by it, listened to, gone when it is gone, however it goes."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from broadcaster.link.tied import tied

__all__ = ["Children"]

_ENDING = 10.0
"""Seconds a child may take to end when it is told to."""


class Children:
    """The `broadcaster` commands a command runs beside itself. What each says goes to a file in `words`.

    The kernel kills them when the thread that started them ends: start them from the main thread.
    """

    def __init__(self, words: Path) -> None:
        self._words = words
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *arguments: str) -> None:
        """Run `broadcaster ARGUMENTS` under that name. Raises OSError."""
        self._words.mkdir(exist_ok=True)
        command = tied([sys.executable, "-m", "broadcaster", *arguments])
        with self._file(name).open("wb") as words:
            self._running[name] = subprocess.Popen(
                command, stdout=words, stderr=words, stdin=subprocess.DEVNULL
            )

    def ended(self) -> str | None:
        """The name of one that ended by itself; None while all run."""
        return next((name for name, child in self._running.items() if child.poll() is not None), None)

    def last_words(self, name: str) -> str:
        """The last lines it said, in one; empty when it said nothing."""
        with suppress(OSError):
            lines = self._file(name).read_text(errors="replace").splitlines()
            return " / ".join(line for line in lines[-3:] if line)
        return ""

    def stop(self) -> None:
        """End them all at once, and wait until they are gone."""
        for child in self._running.values():
            child.terminate()
        for child in self._running.values():
            try:
                child.wait(_ENDING)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def _file(self, name: str) -> Path:
        return self._words / f"{name}.txt"
