"""A unit as a process of its own on a real sound server, with hub and broker dead, killed in the middle."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest

from broadcaster import clock
from broadcaster.domain.asrun import Outcome
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId, CueId, StationId, UnitId, ZoneId
from broadcaster.domain.plan import FRAME_RATE, Clip, Plan, PlannedCue
from broadcaster.domain.programme import LatePolicy, Rank, StartMode
from broadcaster.link.envelope import HubKey, seal
from broadcaster.link.messages import write
from broadcaster.sound.codec import ClipReader, Samples, write_opus
from broadcaster.unit.cache import Cache
from broadcaster.unit.clock import Kept, boot
from broadcaster.unit.home import Member, Settings, UnitHome
from broadcaster.unit.records import Records
from tests.sound.hearing import Capture, follows, murmur, whereabouts

pytestmark = pytest.mark.sound


class Box:
    """A unit's home with a plan that is kept there, and the process that lives in it."""

    def __init__(self, folder: Path, horn: str) -> None:
        self.home = UnitHome(folder)
        self._horn = horn
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
            Settings(zone=zone, name="Loa xã", clips_url=f"http://{nobody}/clips/"),
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
        words = [sys.executable, "-m", "broadcaster", "unit", "--home", str(self.home.folder)]
        heard = self.home.folder / "notify"
        heard.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            ear.bind(str(heard))
            ear.settimeout(20)
            with (self.home.folder / "words.txt").open("ab") as out:
                self._process = subprocess.Popen(
                    [*words, "--speaker", "device", self._horn],
                    stdout=out,
                    stderr=out,
                    env={**os.environ, "NOTIFY_SOCKET": str(heard)},
                )
            assert b"READY=1" in ear.recv(200)
            return clock.monotonic()

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        if self._process is None or self._process.poll() is not None:
            return -1
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(10)

    def used(self) -> tuple[float, float]:
        """Seconds of processor so far, and megabytes held."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
        return ticks / os.sysconf("SC_CLK_TCK"), int(kilobytes) / 1024


@pytest.fixture
def box(capture: Capture, tmp_path: Path) -> Iterator[Box]:
    box = Box(tmp_path / "unit", "spk1")
    yield box
    box.stop()


def test_killed_in_the_middle_it_joins_at_the_right_word_with_hub_and_broker_dead(
    box: Box, capture: Capture, record_property: Callable[[str, object], None]
) -> None:
    due = clock.monotonic() + 9
    sound = box.lay(murmur(14), at=due, late=LatePolicy.JOIN)
    assert box.start() < due - 0.5
    time.sleep(due + 5.5 - clock.monotonic())
    box.kill()
    again = box.start() - due + 1.0
    (before, _), since = box.used(), clock.monotonic()
    time.sleep(due + 13.5 - clock.monotonic())
    used, megabytes = box.used()
    percent = 100 * (used - before) / (clock.monotonic() - since)
    time.sleep(due + 15 - clock.monotonic())
    assert box.stop() == 0
    record_property("rss_mb", round(megabytes, 1))
    record_property("cpu_percent", round(percent, 1))
    print(f"a unit that plays: {megabytes:.0f} MB, {percent:.1f} % of a core, its start included")

    heard = capture.heard(due - 0.5, due + 14.5)[:, 0]
    at, fit = whereabouts(sound[: FRAME_RATE // 10], heard[:FRAME_RATE])
    assert fit > 0.9
    assert abs(at / FRAME_RATE - 0.5) < 0.02
    first, last = round(again * FRAME_RATE), 13 * FRAME_RATE
    joined = follows(sound[first:last], heard, at + first, wander=480)
    assert len(joined) > 20
    assert np.median([fit for _, fit in joined]) > 0.9
    assert np.median([abs(lag) for lag, _ in joined]) < 0.01 * FRAME_RATE
    (entry,) = Records(box.home.folder / "records").unsent()
    assert entry.outcome is Outcome.PARTLY_AIRED
    assert len(entry.stretches) >= 2
    assert timedelta(seconds=5) < entry.played < timedelta(seconds=14)
