"""A witness of the machine: did it keep time, or did its host take the processor away?

On a rented machine a processor may stand still for tenths of a second, and no sound is on time through that.
So for each processor a process of its own sleeps 5 ms again and again, and notes when it was woken too late.
It is not this process, whose threads wait for each other; it comes before all others where that is allowed
(`nice`), so that a processor that is only busy with our own work is no excuse. Measured on two processors:

- idle: late by 6 ms at most in a minute;
- with four processes of four busy threads each, the witness with no precedence at all: by 5 ms once in a
  hundred times, by 16 ms at most in half a minute;
- in twenty minutes of these tests: by more than 15 ms three to seven times, by more than 21 ms once, and that
  was 103 ms of one processor;
- on a day on which the host took the processors away: by 18 ms once in a hundred times, now and then by 300.

As a script it is that process: `python witness.py CPU PARENT` writes `begin length`, in seconds as
`broadcaster.clock.monotonic` counts them, for each time it was late.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

__all__ = ["Standstill", "Witness", "crowded"]

STEP = 0.005
NOTED = 0.015
"""Seconds late from which on it is noted: more than our own work does."""
LONG = 0.03
"""Seconds at a stretch from which on the machine stood still: twice that."""
SHARE = 0.02
"""Of a stretch of time: so much lost in small pieces is a standstill as well; our own work takes 0.05 %."""


def monotonic() -> float:
    """As `broadcaster.clock.monotonic`; the process that watches imports nothing but the standard library."""
    return time.clock_gettime(time.CLOCK_MONOTONIC_RAW)


class Standstill(NamedTuple):
    """A processor did nothing from `begin`, a second of `monotonic`, for `length` seconds."""

    begin: float
    length: float


class Witness:
    """What the witnesses noted since `start`."""

    def __init__(self) -> None:
        self._notes = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the witness
        self._witnesses: list[subprocess.Popen[bytes]] = []

    @property
    def processes(self) -> list[int]:
        """Their numbers: stop one (SIGSTOP), and for it the machine stands still."""
        return [witness.pid for witness in self._witnesses]

    def start(self) -> None:
        """Begin to watch; done when each of them does. Safe to call again."""
        if self._witnesses:
            return
        for cpu in sorted(os.sched_getaffinity(0)):
            words = [sys.executable, "-I", "-S", __file__, str(cpu), str(os.getpid())]
            self._witnesses.append(subprocess.Popen(words, stdout=self._notes))
        while self._read().count("\n") < len(self._witnesses):
            assert all(witness.poll() is None for witness in self._witnesses), "a witness ended by itself"
            time.sleep(STEP)

    def stop(self) -> None:
        for witness in self._witnesses:
            witness.kill()
            witness.wait()
        self._notes.close()

    def lost(self, begin: float, end: float) -> float:
        """Seconds for which the machine stood still between two seconds of `monotonic` that are over.

        0 where it kept time well enough for sound: see `LONG` and `SHARE`.
        """
        time.sleep(4 * STEP)  # until what has just ended is noted
        found = [max(min(at + length, end) - max(at, begin), 0) for at, length in self.standstills]
        longest, on_average = max(found, default=0.0), sum(found) / len(self._witnesses)
        return max(longest, on_average) if longest >= LONG or on_average >= SHARE * (end - begin) else 0.0

    @property
    def standstills(self) -> list[Standstill]:
        lines = self._read().rpartition("\n")[0].splitlines()
        return [Standstill(*map(float, line.split())) for line in lines]

    def _read(self) -> str:
        notes = self._notes.fileno()
        return os.pread(notes, os.fstat(notes).st_size, 0).decode()


def crowded() -> bool:
    """Whether there is more to do than processors, just now: then a process takes twice as long to start.

    By the last ten seconds, as the kernel tells them: the load of a minute is still that of the tests before.
    """
    try:
        said = Path("/proc/pressure/cpu").read_text()
    except OSError:
        return os.getloadavg()[0] > (os.cpu_count() or 1)
    return float(said.partition("avg10=")[2].split()[0]) > 50


def watch(cpu: int, parent: int) -> None:
    """Note each standstill of this processor while the parent lives; the first note says that it watches."""
    with suppress(PermissionError):
        os.nice(-20)
    with suppress(OSError):
        os.sched_setaffinity(0, {cpu})
    woken = monotonic()
    os.write(1, f"{woken:.6f} 0\n".encode())
    while os.getppid() == parent:
        time.sleep(STEP)
        slept, woken = woken, monotonic()
        if woken - slept > STEP + NOTED:
            os.write(1, f"{slept + STEP:.6f} {woken - slept - STEP:.6f}\n".encode())


if __name__ == "__main__":
    watch(int(sys.argv[1]), int(sys.argv[2]))
