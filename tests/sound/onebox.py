"""One unit on a real sound server, hub and broker dead: its disk, its process, and who starts it again."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from broadcaster import clock
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId, CueId, StationId, UnitId, ZoneId
from broadcaster.domain.plan import Clip, Plan, PlannedCue
from broadcaster.domain.programme import LatePolicy, Rank, StartMode
from broadcaster.link.envelope import HubKey, seal
from broadcaster.link.messages import write
from broadcaster.sound.codec import ClipReader, Samples, write_opus
from broadcaster.unit.cache import Cache
from broadcaster.unit.clock import Kept, boot
from broadcaster.unit.home import Member, Settings, UnitHome

__all__ = ["Box", "KeptBox", "Life"]

_AGAIN = 0.5
"""Seconds until a unit that ended is started again, as its service says."""


class Box:
    """A unit's home with a plan that is kept there, and the process that lives in it.

    `horn` is its sound device; `environ` is all that it finds in its environment.
    """

    def __init__(
        self, folder: Path, horn: str, *, environ: Mapping[str, str] = os.environ, volume: float = 0.0
    ) -> None:
        self.home = UnitHome(folder)
        self._horn = horn
        self._environ = environ
        self.more: tuple[str, ...] = ()
        """What else its process is told."""
        self._key = HubKey.create()
        self._process: subprocess.Popen[bytes] | None = None
        zone = ZoneId("xa")
        nobody = "127.0.0.1:1"
        self.home.become(
            Member(
                station=StationId("dong-tien"),
                unit=UnitId("loa-xa"),
                verify_key=str(self._key.verify),
                broker=f"nats://{nobody}",
            ),
            Settings(zone=zone, name="Loa xã", clips_url=f"http://{nobody}/clips/", volume=volume),
        )
        kept = Kept(
            boot=boot(), slept=clock.slept(), monotonic=clock.monotonic(), instant=clock.now(), error=0.01
        )
        self.home.time_file.write_bytes(msgspec.json.encode(kept))
        self.zero = kept.instant - timedelta(seconds=kept.monotonic)

    def lay(self, sound: Samples, *, at: float, late: LatePolicy) -> Samples:
        """Put a plan with one cue, due at that monotonic second, on the disk; what decoding it gives."""
        path = self.home.folder / "fresh.opus"
        frames = write_opus([sound], path, bitrate=64_000)
        cache = Cache(self.home.folder)
        name = ClipId(hashlib.sha256(path.read_bytes()).hexdigest())
        path.rename(cache.path(name))
        start = self.zero + timedelta(seconds=at)
        span = Spell(begin=start - timedelta(days=1), end=start + timedelta(days=1))
        cue = PlannedCue(
            id=CueId("ban-tin@2026-11-21T05:00:00"),
            title="Bản tin",
            rank=Rank.ORDINARY,
            start=start,
            mode=StartMode.SOFT,
            grace=timedelta(minutes=10),
            late=late,
            clips=(Clip(id=name, frames=frames, joins=True),),
        )
        plan = Plan(
            station=StationId("dong-tien"),
            zone=ZoneId("xa"),
            revision=1,
            span=span,
            open=(span,),
            cues=(cue,),
        )
        cache.keep_plan(seal(self._key, write(plan)))
        with ClipReader(cache.path(name)) as reader:
            return reader.read(frames)

    def start(self) -> float:
        """Start the process and wait until it says READY; the monotonic second at which it did."""
        heard = self.home.folder / "notify"
        heard.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            ear.bind(str(heard))
            ear.settimeout(20)
            self._process = self._run(NOTIFY_SOCKET=str(heard))
            assert b"READY=1" in ear.recv(200)
            return clock.monotonic()

    def _run(self, **environ: str) -> "subprocess.Popen[bytes]":
        words = [sys.executable, "-m", "broadcaster", "unit", "--home", str(self.home.folder)]
        with (self.home.folder / "words.txt").open("ab") as out:
            return subprocess.Popen(
                [*words, "--speaker", "device", self._horn, *self.more],
                stdout=out,
                stderr=out,
                env={"PYTHONFAULTHANDLER": "1", **self._environ, **environ},
            )

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """Tell it to end; its exit code. One that does not is made to say where it hangs."""
        if self._process is None or self._process.poll() is not None:
            return -1
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGABRT)
            self._process.wait()
            pytest.fail(f"it does not end:\n{self.words[-4000:]}")

    @property
    def words(self) -> str:
        """What its processes have written."""
        return (self.home.folder / "words.txt").read_text(errors="replace")

    def used(self) -> tuple[float, float]:
        """Seconds of processor so far, and megabytes held."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        return ticks / os.sysconf("SC_CLK_TCK"), int(kilobytes) / 1024


@dataclass(frozen=True, kw_only=True)
class Life:
    """One process: from when to when it was there (monotonic seconds), and its exit code."""

    began: float
    ended: float
    code: int


class KeptBox(Box):
    """A unit that is started again whenever it ends, as systemd does it; `lives` ended by themselves."""

    def __init__(self, folder: Path, horn: str, *, environ: Mapping[str, str], volume: float = 0.0) -> None:
        super().__init__(folder, horn, environ=environ, volume=volume)
        self.lives: list[Life] = []
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def keep(self) -> None:
        """Start it, wait until it is ready, and start it again from then on."""
        self._began = clock.monotonic()
        self.start()
        self._keeper.start()

    def let_go(self) -> int:
        """End it for good; its exit code."""
        self._over.set()
        code = self.stop()
        if self._keeper.is_alive():
            self._keeper.join(10)
        return code

    def _keep(self) -> None:
        while self._process is not None:
            code = self._process.wait()
            if self._over.is_set():
                return
            self.lives.append(Life(began=self._began, ended=clock.monotonic(), code=code))
            if self._over.wait(_AGAIN):
                return
            self._began = clock.monotonic()
            self._process = self._run()
