"""The sample commune brought to life: a hub, a panel and three units as processes of their own.

Nothing here is played by other means than in a village: units join by their six digits, words are spoken and
clips made by the hub, clips are fetched over HTTP, orders are signed, and what is told at the end is the
as-run log. The programme gets its time when its clips are made, so that a slow machine is late, not silent.
"""

import secrets
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from time import sleep

from broadcaster import clock
from broadcaster.cli.children import Children
from broadcaster.cli.sample import DemoFailed, SampleCopy
from broadcaster.domain.asrun import AsRunEntry, Outcome
from broadcaster.domain.names import ProgrammeId
from broadcaster.domain.people import Role
from broadcaster.domain.places import UnknownZone
from broadcaster.domain.programme import Chime, Playable, Recorded, Spoken
from broadcaster.domain.timetable import named_at
from broadcaster.files import write_whole
from broadcaster.hub.airing import PlanShelf
from broadcaster.hub.preparation import Preparation
from broadcaster.link.messages import Vitals, read
from broadcaster.station import StationFolder

__all__ = ["Demonstration"]

Tell = Callable[[str], None]

_UNITS = (("xa", "Trụ sở Uỷ ban xã"), ("thon-ben", "Nhà văn hoá thôn Bến"), ("thon-dinh", "Đình làng"))
_PROGRAMME = ProgrammeId("chuong-trinh-mau")
_WORDS = "Đài truyền thanh xã Đồng Tiến xin kính chào bà con. Đây là chương trình phát thử."
_MUSIC = "recordings/khuc-nhac-dong-tien.opus"
_ITEMS: tuple[Playable, ...] = (Chime(name="opening"), Spoken(words=_WORDS), Recorded(path=_MUSIC))

_MEANWHILE = timedelta(minutes=3)
"""How far ahead the programme stands while its clips are made."""
_AHEAD = timedelta(seconds=7)
"""From clips that are made to their time: what laying them takes, and a count down from five."""
_PATIENCE = timedelta(seconds=60)
"""How long each stage may take."""


class Demonstration:
    """One run of the demo in `folder`, which is empty. Use start, air, wait; stop in any case."""

    def __init__(self, sample: Path, folder: Path, tell: Tell) -> None:
        self._sample = sample
        self._folder = folder
        self._tell = tell
        self._children = Children(folder / "log")
        self._ports = _free_ports()
        self._by_card = True
        self._due = clock.now()

    @property
    def panel_url(self) -> str:
        return f"http://127.0.0.1:{self._ports[2]}/"

    def start(self) -> None:
        """Copy the commune, start everything, let the units in. Raises DemoFailed, OSError."""
        self._copy()
        self._station = StationFolder(self._folder / "station")
        self._accounts()
        self._children.start("hub", "--station", str(self._station.folder), "hub")
        self._children.start("panel", "--station", str(self._station.folder), "panel")
        for number in range(len(_UNITS)):
            self._start_unit(number)
        self._tell("started    broker, hub, panel and 3 units")
        self._until("joining", self._let_in)

    def air(self) -> tuple[AsRunEntry, ...]:
        """Follow the programme to its end and give its as-run entries. Raises DemoFailed."""
        self._plan_programme(clock.now() + _MEANWHILE)
        self._until("speech", self._spoken)
        self._until("mixing", self._mixed)
        self._plan_programme(clock.now() + _AHEAD)
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
        return tuple(self._wav(zone) for zone, _ in _UNITS)

    def wait(self) -> None:
        """For ever, or until Ctrl-C. Raises DemoFailed when one of the processes ends by itself."""
        while True:
            self._look_after_children("after the programme")
            sleep(0.5)

    def stop(self) -> None:
        self._children.stop()

    # -- getting ready -------------------------------------------------------------------------------

    def _copy(self) -> None:
        copy = SampleCopy.of(self._sample, self._folder / "station", self._ports)
        try:
            copy.station.reach(zone for zone, _ in _UNITS)
        except UnknownZone as fault:
            raise DemoFailed(f"{fault}. The demo plays with the sample commune of the checkout") from fault
        for programme in copy.clear_the_air(clock.now()):
            self._tell(f"left out   {programme.title}: it might sound just now")
        voice, silent = copy.try_voices(_WORDS)
        for why in silent:
            self._tell(f"voice      {why}")
        if silent:
            self._tell(f"voice      {voice} speaks instead")

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

    def _plan_programme(self, due: datetime) -> None:
        timezone = self._station.station.timezone
        self._due = due.replace(microsecond=0)
        self._cue = named_at(_PROGRAMME, self._due, timezone)
        local = self._due.astimezone(timezone)
        text = f"""\
title = "Chương trình mẫu"
rank  = "priority"
zones = ["all"]
days  = []
also  = [{local:%Y-%m-%d}]
at    = ["{local:%H:%M:%S}"]
[[item]]
chime = "opening"
[[item]]
say   = "{_WORDS}"
[[item]]
play  = "{_MUSIC}"
"""
        write_whole(self._station.folder / "schedules" / f"{_PROGRAMME}.toml", text.encode())

    def _start_unit(self, number: int) -> None:
        """The first one speaks through the sound card: three at once would only be too loud for it."""
        zone, name = _UNITS[number]
        wav = str(self._wav(zone))
        by_card = self._by_card and number == 0
        through = ("--speaker", "auto", "--copy", wav) if by_card else ("--speaker", "wav", wav)
        home = str(self._folder / "units" / zone)
        self._children.start(
            zone, "unit", "--home", home, "--hub", self._station.join_url, "--name", name, *through
        )

    def _wav(self, zone: str) -> Path:
        return self._folder / f"{zone}.wav"

    def _let_in(self) -> str | None:
        """Do what a person does who hears the digits: type them in, with the name of the box."""
        zone_of = {name: zone for zone, name in _UNITS}
        desk = self._station.desk
        for waiting in self._station.store.joining.waiting(clock.now()):
            zone = zone_of[waiting.wish]
            desk.pair_unit(desk.local_admin(), waiting.code, name=waiting.wish, zone=zone, unit=f"{zone}-1")
        joined = len(self._station.store.units.all())
        return "joined     3/3 units, each by its six digits" if joined == len(_UNITS) else None

    # -- following -----------------------------------------------------------------------------------

    def _until(self, what: str, step: Callable[[], str | None]) -> None:
        """Look until `step` has words to tell; a child that ends, or no end in sight, is a failure."""
        ends = max(clock.now(), self._due) + _PATIENCE
        while True:
            words = step()
            if words is not None:
                self._tell(words)
                return
            self._look_after_children(f"during {what}")
            if clock.now() > ends:
                raise DemoFailed(
                    f"{what} took too long; the words of each part are in {self._folder / 'log'}"
                )
            sleep(0.1)

    def _look_after_children(self, when: str) -> None:
        ended = self._children.ended()
        if ended is None:
            return
        words = self._children.last_words(ended)
        if ended == _UNITS[0][0] and self._by_card:
            self._by_card = False
            self._tell(f"sound      into WAV files only. {words}")
            self._start_unit(0)
        else:
            raise DemoFailed(f"{ended} ended by itself {when}. It said: {words or 'nothing'}")

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

    def _vitals(self) -> list[Vitals]:
        stored = self._station.store.units.beats().values()
        return [read(Vitals, beat.beat) for beat in stored if beat.beat]

    def _laid(self) -> str | None:
        """Told when all have it, or when its time has come all the same."""
        shelf = PlanShelf(self._station.state / "plans", self._station.hub_key)
        plans = [plan for zone in shelf.refs if (plan := shelf.plan(zone)) is not None]
        with_it = {plan.revision for plan in plans if any(cue.id == self._cue for cue in plan.cues)}
        first = min(with_it, default=None)
        laid = sum(first is not None and one.plan >= first and one.missing == 0 for one in self._vitals())
        complete = laid == len(_UNITS) or clock.now() >= self._due
        return f"laid       on {laid}/{len(_UNITS)} units" if complete else None

    def _count_down(self) -> None:
        while (left := (self._due - clock.now()).total_seconds()) > 0:
            if left <= 5:
                self._tell(f"starts     in {left:.0f} s")
            sleep(min(left, 1.0) if left <= 5 else left - 5)

    def _playing(self) -> str | None:
        playing = sum(one.playing is not None and one.playing.cue == self._cue for one in self._vitals())
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


def _free_ports() -> tuple[int, int, int]:
    """Ports nobody uses now. Another program may take one before we do; then a part ends and says so."""
    probes = [socket.socket() for _ in range(3)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        broker, clips, panel = (int(probe.getsockname()[1]) for probe in probes)
        return broker, clips, panel
    finally:
        for probe in probes:
            probe.close()
