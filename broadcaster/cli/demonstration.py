"""The sample commune brought to life: a hub, a panel and three units as processes of their own.

Nothing here is played by other means than in a village: units join by their six digits, clips are fetched
over HTTP, orders are signed, and what is told at the end is the as-run log. Only the allowed hours are
taken out of the copy, so that it sounds at any time of day.
"""

import re
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from time import sleep

from broadcaster import clock
from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.domain.names import CueId, ProgrammeId
from broadcaster.domain.people import Role
from broadcaster.domain.programme import Chime, Playable, Recorded, Spoken
from broadcaster.hub.preparation import Preparation
from broadcaster.link.messages import Beat, read
from broadcaster.station import StationFolder

__all__ = ["DemoFailed", "Demonstration"]

Tell = Callable[[str], None]

_UNITS = (("xa", "Trụ sở Uỷ ban xã"), ("thon-ben", "Nhà văn hoá thôn Bến"), ("thon-dinh", "Đình làng"))
_PROGRAMME = ProgrammeId("chuong-trinh-mau")
_WORDS = "Đài truyền thanh xã Đồng Tiến xin kính chào bà con. Đây là chương trình phát thử."
_MUSIC = "recordings/khuc-nhac-dong-tien.opus"
_ITEMS: tuple[Playable, ...] = (Chime(name="opening"), Spoken(words=_WORDS), Recorded(path=_MUSIC))
_AHEAD = timedelta(seconds=13)
"""From the start of the demo to the programme: what joining, speaking and laying take here, and some."""

_PATIENCE = timedelta(seconds=90)
_DROPPED = re.compile(r"\[\[?(allowed|quiet|broker|hub|panel)\]\]?")


class DemoFailed(Exception):
    """Something did not come about. The text says what, and where its words are."""


class Demonstration:
    """One run of the demo in `folder`, which is emptied first. Use start, air, stop."""

    def __init__(self, sample: Path, folder: Path, tell: Tell) -> None:
        self._sample = sample
        self._folder = folder
        self._tell = tell
        self._children: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._ports = _free_ports(3)
        self._due = clock.now()
        self._ends = clock.now()

    @property
    def panel_url(self) -> str:
        return f"http://127.0.0.1:{self._ports[2]}/"

    def start(self) -> None:
        """Copy the commune, start everything, let the units in. Raises DemoFailed."""
        self._copy()
        self._station = StationFolder(self._folder / "station")
        self._accounts()
        self._plan_programme()
        self._spawn("hub", "--station", str(self._station.folder), "hub")
        self._spawn("panel", "--station", str(self._station.folder), "panel")
        for zone, name in _UNITS:
            self._spawn(zone, "unit", *self._unit_options(zone, name))
        self._tell("started    broker, hub, panel and 3 units")
        self._let_in()

    def air(self) -> tuple[AsRunEntry, ...]:
        """Follow the programme to its end and give its as-run entries. Raises DemoFailed."""
        self._until("speech", self._spoken)
        self._until("mixing", self._mixed)
        self._until("laying", self._laid)
        self._count_down()
        self._until("playing", self._playing)
        self._until("airing", self._aired)
        entries = self._entries()
        lost = [entry for entry in entries if entry.outcome is not Outcome.AIRED]
        if lost:
            reasons = "; ".join(f"{entry.unit}: {entry.outcome} ({entry.reason})" for entry in lost)
            raise DemoFailed(f"the programme was not heard as planned. {reasons}")
        return entries

    def recordings(self) -> tuple[Path, ...]:
        return tuple(self._folder / f"{zone}.wav" for zone, _ in _UNITS)

    def wait(self) -> None:
        """Until one of the processes ends, or Ctrl-C."""
        while all(child.poll() is None for _, child in self._children):
            sleep(0.5)

    def stop(self) -> None:
        for _, child in self._children:
            child.terminate()
        for _, child in self._children:
            try:
                child.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    # -- getting ready -------------------------------------------------------------------------------

    def _copy(self) -> None:
        ours = (self._folder / "station" / "station.toml").exists()
        if self._folder.exists() and not ours and any(self._folder.iterdir()):
            raise DemoFailed(f"{self._folder} holds something else: name another folder with --into")
        shutil.rmtree(self._folder, ignore_errors=True)
        copy = self._folder / "station"
        copy.mkdir(parents=True)
        for part in ("schedules", "audio"):
            shutil.copytree(self._sample / part, copy / part)
        broker, clips, panel = self._ports
        ports = f"\n[broker]\nport = {broker}\n[hub]\nport = {clips}\n[panel]\nport = {panel}\n"
        text = _without_hours((self._sample / "station.toml").read_text(encoding="utf-8"))
        (copy / "station.toml").write_text(text + ports, encoding="utf-8")

    def _accounts(self) -> None:
        desk = self._station.desk
        self._tell(f"panel      {self.panel_url}")
        for login, name, role in (
            ("vanhoa", "Cán bộ văn hoá", Role.EDITOR),
            ("quantri", "Quản trị", Role.ADMIN),
        ):
            password = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}-{secrets.token_hex(2)}"
            desk.add_person(desk.local_admin(), login=login, name=name, password=password, roles={role})
            self._tell(f"account    {login} / {password}   ({role.value})")

    def _plan_programme(self) -> None:
        timezone = self._station.station.timezone
        due = (clock.now() + _AHEAD).replace(microsecond=0)
        local = due.astimezone(timezone)
        self._due, self._ends = due, due + _PATIENCE
        self._cue = CueId.of(_PROGRAMME, local.date(), local.time())
        text = f"""\
title = "Chương trình mẫu"
rank  = "priority"
zones = ["all"]
days  = []
also  = [{local.date().isoformat()}]
at    = ["{local:%H:%M:%S}"]
[[item]]
chime = "opening"
[[item]]
say   = "{_WORDS}"
[[item]]
play  = "{_MUSIC}"
"""
        path = self._station.folder / "schedules" / f"{_PROGRAMME}.toml"
        path.write_text(text, encoding="utf-8")

    def _unit_options(self, zone: str, name: str) -> list[str]:
        wav = str(self._folder / f"{zone}.wav")
        through = ["--speaker", "auto", "--copy", wav] if _has_sound_card() else ["--speaker", "wav", wav]
        home = str(self._folder / "units" / zone)
        return ["--home", home, "--hub", self._station.join_url, "--name", name, *through]

    def _spawn(self, name: str, *arguments: str) -> None:
        (self._folder / "log").mkdir(exist_ok=True)
        with (self._folder / "log" / f"{name}.txt").open("wb") as words:
            command = [sys.executable, "-m", "broadcaster", *arguments]
            child = subprocess.Popen(command, stdout=words, stderr=words, stdin=subprocess.DEVNULL)
        self._children.append((name, child))

    def _let_in(self) -> None:
        """Do what a person does who hears the digits: type them in, with the name of the box."""
        zone_of = {name: zone for zone, name in _UNITS}
        desk = self._station.desk

        def step() -> str | None:
            for waiting in self._station.store.joining.waiting(clock.now()):
                zone = zone_of[waiting.wish]
                desk.pair_unit(
                    desk.local_admin(), waiting.code, name=waiting.wish, zone=zone, unit=f"{zone}-1"
                )
            joined = len(self._station.store.units.all())
            return "joined     3/3 units, each by its six digits" if joined == len(_UNITS) else None

        self._until("joining", step)

    # -- following -----------------------------------------------------------------------------------

    def _until(self, what: str, step: Callable[[], str | None]) -> None:
        """Look until `step` has words to tell; a child that ends, or no end in sight, is a failure."""
        while True:
            words = step()
            if words is not None:
                self._tell(words)
                return
            for name, child in self._children:
                if child.poll() is not None:
                    raise DemoFailed(f"{name} ended by itself during {what}.{self._last_words(name)}")
            if clock.now() > self._ends:
                raise DemoFailed(
                    f"{what} took too long; the words of each part are in {self._folder / 'log'}"
                )
            sleep(0.1)

    def _last_words(self, name: str) -> str:
        with suppress(OSError):
            lines = (self._folder / "log" / f"{name}.txt").read_text(errors="replace").splitlines()
            return " It said: " + " / ".join(lines[-3:]) if lines else ""
        return ""

    def _preparation(self) -> Preparation:
        preparation = Preparation(self._station.maker, self._station.state / "prepared.json")
        preparation.want((item, self._due) for item in _ITEMS)
        return preparation

    def _spoken(self) -> str | None:
        voice = self._preparation().voice(_ITEMS[1])
        return f"spoken     by {voice}" if voice else None

    def _mixed(self) -> str | None:
        made = [clip for item in _ITEMS if (clip := self._preparation().clip(item)) is not None]
        if len(made) < len(_ITEMS):
            return None
        length = sum((clip.length for clip in made), timedelta(0)).total_seconds()
        return f"mixed      {len(made)}/{len(_ITEMS)} clips, {length:.1f} s at −16 LUFS"

    def _beats(self) -> list[Beat]:
        return [read(Beat, stored.beat) for stored in self._station.store.units.beats().values()]

    def _laid(self) -> str | None:
        beats = [beat for beat in self._beats() if beat.plan > 0 and beat.missing == 0]
        started = any(beat.playing is not None for beat in beats)
        return (
            f"laid       on {len(beats)}/{len(_UNITS)} units"
            if len(beats) == len(_UNITS) or started
            else None
        )

    def _count_down(self) -> None:
        while (left := (self._due - clock.now()).total_seconds()) > 0:
            if left <= 5:
                self._tell(f"starts     in {left:.0f} s")
            sleep(min(left, 1.0) if left <= 5 else left - 5)

    def _playing(self) -> str | None:
        playing = sum(beat.playing is not None and beat.playing.cue == self._cue for beat in self._beats())
        if self._entries() and not playing:
            return "playing    over already"
        return f"playing    on {playing}/{len(_UNITS)} units" if playing == len(_UNITS) else None

    def _entries(self) -> tuple[AsRunEntry, ...]:
        return self._station.store.asrun.of_cue(self._cue)

    def _aired(self) -> str | None:
        entries = self._entries()
        if len(entries) < len(_UNITS):
            return None
        aired = sum(entry.outcome is Outcome.AIRED for entry in entries)
        return f"aired      {aired}/{len(_UNITS)}"


def _without_hours(text: str) -> str:
    """station.toml less the tables that the copy replaces: hours, quiet days, ports."""
    kept: list[str] = []
    dropping = False
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            dropping = _DROPPED.match(line.strip()) is not None
        if not dropping:
            kept.append(line)
    return "\n".join(kept) + "\n"


def _free_ports(number: int) -> list[int]:
    """Ports nobody uses now. Another program may take one before we do; then a part ends and says so."""
    probes = [socket.socket() for _ in range(number)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _has_sound_card() -> bool:
    try:
        from broadcaster.unit.soundcard import default_output
    except (ImportError, OSError):
        return False
    return default_output() is not None
