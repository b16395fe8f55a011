"""A commune of real processes that is warned: alert templates lie on its units, and a person raises them.

Its hub, broker and units are those of `tests.sound.commune`. A unit whose horn is `WAV` speaks into a WAV
file, which gets all that a card would have got, to the frame.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import wave
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np

from broadcaster import clock
from broadcaster.domain.alert import Alert
from broadcaster.domain.asrun import AsRunEntry
from broadcaster.domain.names import AlertId, UnitId
from broadcaster.domain.plan import Clip, Plan
from broadcaster.domain.programme import Chime
from broadcaster.hub.preparation import Preparation
from broadcaster.link.envelope import VerifyKeys, opened
from broadcaster.sound.codec import ClipReader, Samples
from broadcaster.sound.wav import write_wav
from broadcaster.unit.home import UnitHome
from tests.days.sirens import Finder
from tests.sound.commune import Commune
from tests.sound.hearing import murmur

__all__ = ["FLOOD", "SIREN", "WAV", "Warned", "fill", "second_of", "small_disk"]

WAV = "wav"
FLOOD = "lu"
SIREN = murmur(0.5, seed=4)
"""The signal of the flood alert: loud from its first frame on, and found again to the frame."""

_TEMPLATE = """
title = "Lũ về"
hazard = "flood"
severity = "extreme"
signal = "coi"
zones = ["all"]
repeats = 3
gap = "{gap}"
volume = 0
lasts = "2h"
[[text]]
language = "vi"
alert = "Lũ về."
correction = "Thông báo vừa rồi là phát nhầm. Không có lũ."
all-clear = "Lũ đã rút. Bà con có thể về nhà."
"""


_SOUNDS = 12
"""The test chime; three signals, and what ends an alert that was typed; of the template its signal, what it
says for alert, correction and all clear, and how a drill begins and ends."""


_VOICE = """#!/bin/sh
[ -e "{flag}" ] && exec sleep 60
exec "{voice}" "$@"
"""


def second_of(instant: datetime) -> float:
    """The monotonic second of an instant."""
    return clock.monotonic() + (instant - clock.now()).total_seconds()


class Warned(Commune):
    """See above. `gap`: seconds between two rounds of the flood alert."""

    def __init__(
        self,
        folder: Path,
        horns: Mapping[str, str],
        *,
        gap: int = 2,
        python: str = sys.executable,
    ) -> None:
        super().__init__(folder, horns, python=python)
        alerts = self.station.folder / "schedules" / "alerts"
        alerts.mkdir(exist_ok=True)
        (alerts / f"{FLOOD}.toml").write_text(_TEMPLATE.format(gap=f"{gap}s"))
        self._finders: dict[str, Finder] = {}
        self._voices = folder / "voices"
        self._voices.mkdir()
        voice = self._voices / "espeak-ng"
        voice.write_text(_VOICE.format(flag=self._voices / "hangs", voice=shutil.which("espeak-ng")))
        voice.chmod(0o755)
        write_wav([SIREN], self.station.folder / "audio" / "chimes" / "coi.wav")

    def start_hub(self) -> None:
        """The offline voice hangs as long as `hang` says so."""
        path = os.environ["PATH"]
        os.environ["PATH"] = f"{self._voices}:{path}"
        try:
            super().start_hub()
        finally:
            os.environ["PATH"] = path

    def hang(self, hangs: bool = True) -> None:
        """From now on the voice of the hub never comes to an end, or does again."""
        flag = self._voices / "hangs"
        flag.touch() if hangs else flag.unlink()

    def start(self) -> None:
        super().start()
        self.until(
            "what alerts sound lies on every unit", lambda: all(map(self.is_ready, self._horns)), patience=90
        )

    def start_unit(self, unit: str) -> None:
        if self._horns[unit] != WAV:
            super().start_unit(unit)
            return
        speaker = ("--speaker", WAV, str(self.copy(unit)))
        join = ("--hub", self.station.join_url, "--name", unit)
        self._start(unit, "unit", "--home", str(self.home(unit)), *join, *speaker)

    def copy(self, unit: str) -> Path:
        """Where a unit without a card speaks into."""
        return self._folder / f"{unit}.wav"

    def is_ready(self, unit: str) -> bool:
        """Whether every sound of the alerts lies on that unit."""
        try:
            signed = (self.home(unit) / "plan.signed").read_bytes()
        except FileNotFoundError:
            return False
        plan = opened(signed, VerifyKeys.of([self.station.hub_key.verify]), Plan)
        kept = [self.home(unit) / "clips" / clip.id for clip in plan.keep]
        return len(kept) >= _SOUNDS and all(path.exists() for path in kept)

    # -- what people do ------------------------------------------------------------------------------

    def warn(self, id: str, **more: object) -> Alert:
        """Raise the flood alert; five seconds later it is on air."""
        said = {"template": FLOOD} if "words" not in more else {"zones": ["all"]}
        desk = self.station.desk
        act = desk.raise_alert(desk.local_admin(), id=id, anyway=True, **{**said, **more})  # type: ignore[arg-type]
        self.station.wake()
        return act.alert

    def silence(self, id: str) -> Alert:
        """Stop it at once."""
        desk = self.station.desk
        act = desk.stop_alert(desk.local_admin(), id, based_on=desk.known(id)[-1].version)
        self.station.wake()
        return act.alert

    def alert(self, id: str, version: int | None = None) -> Alert:
        found = self.station.store.alerts.find(AlertId(id), version)
        assert found is not None, f"{id} is not in the store"
        return found

    # -- looking -------------------------------------------------------------------------------------

    def started(self, id: str, version: int | None = None) -> dict[UnitId, datetime]:
        """When the first sample sounded on each unit that has told."""
        told = self.station.store.alerts.receipts(AlertId(id), version)
        return {receipt.unit: receipt.started for receipt in told if receipt.started is not None}

    def siren_clip(self) -> Clip:
        """The signal as the hub made it."""
        made = Preparation(self.station.maker, self.station.state / "prepared.json")
        item = Chime(name="coi")
        made.want([(item, clock.now())])
        clip = made.clip(item)
        assert clip is not None, "the siren is not made"
        return clip

    def siren(self) -> Samples:
        """What is heard of it."""
        with ClipReader(self.station.library.path_of(self.siren_clip().id)) as reader:
            return reader.read(reader.frames)

    def rounds(self, id: str) -> tuple[AsRunEntry, ...]:
        """The lines of its rounds, as the hub has them, by instant and unit."""
        entries = self.station.store.asrun.page(limit=1000).entries
        found = (entry for entry in entries if entry.cue.programme == id)
        return tuple(sorted(found, key=lambda entry: (entry.cue, entry.unit)))

    def heard(self, unit: str) -> Samples:
        """All that a unit without a card has spoken since it was started last."""
        with wave.open(str(self.copy(unit))) as copy:
            raw = copy.readframes(copy.getnframes())
        return (np.frombuffer(raw, "<i2") / 32767).astype(np.float32)

    def sirens(self, unit: str) -> int:
        """How many rounds that unit has begun since the first time this was asked, by what it spoke."""
        finder = self._finders.setdefault(unit, Finder(self.siren()))
        finder.search(self.heard(unit))
        return len(finder.found)

    def refusals(self, unit: str) -> Counter[str]:
        """What that unit has refused, and why, by its own words."""
        return Counter(re.findall(r"refused reason=(\S+)", self.words(unit)))

    # -- what befalls them ---------------------------------------------------------------------------

    def move_behind(self, unit: str, road: str) -> None:
        """From now on that unit finds the broker at the end of `road`."""
        self.kill(unit)
        home = UnitHome(self.home(unit))
        member, settings = home.member(), home.settings()
        assert member is not None
        assert settings is not None
        home.become(msgspec.structs.replace(member, broker=road), settings)
        self.start_unit(unit)

    def kill_broker(self) -> None:
        os.kill(int((self.station.state / "broker" / "nats-server.pid").read_text()), signal.SIGKILL)


def fill(folder: Path) -> Path:
    """Take the last byte of the disk that `folder` is on; the file that did."""
    path = folder / "a great many recordings"
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return path


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A disk of its own, so small, at `folder`. Raises PermissionError where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        raise PermissionError("only root may mount a disk")
    words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "village", str(folder)]
    if subprocess.run(words, check=False, capture_output=True).returncode:
        raise PermissionError("this machine lets nobody mount a disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
