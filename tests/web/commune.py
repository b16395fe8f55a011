"""The sample commune with a panel: a real folder, a real store, people of every role, a clock set by hand."""

import atexit
import re
import shutil
import wave
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import ParamSpec, Self, TypeVar, cast

from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache
from werkzeug.test import TestResponse

from broadcaster.domain.asrun import AsRunEntry, Outcome, Stretch
from broadcaster.domain.bulletin import Bulletin
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import CueId, UnitId, ZoneId
from broadcaster.domain.people import Person, Role
from broadcaster.domain.places import Unit
from broadcaster.domain.programme import Rank
from broadcaster.hub.preparation import CannotMake
from broadcaster.link.messages import NowPlaying, Vitals, write
from broadcaster.station import StationFolder
from broadcaster.store.joining import JoinRequest
from broadcaster.store.rundown import CueLine
from broadcaster.store.units import JoinedUnit, StoredBeat
from tests.desk.village import cheap_passwords
from tests.sources import ROOT
from web import create_app
from web.previews import Previews

EVENING = datetime(2026, 11, 21, 10, 20, tzinfo=UTC)
"""17:20 on Saturday 21 November at the commune: an allowed hour."""

TONIGHT = CueId("ban-tin-chieu@2026-11-21T17:00:00")
TOMORROW = CueId("ban-tin-sang@2026-11-22T05:00:00")
EVERY_ZONE = frozenset({ZoneId("xa"), ZoneId("thon-ben"), ZoneId("thon-dinh")})

P = ParamSpec("P")
T = TypeVar("T")

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_NOBODY_LISTENS = "\n[broker]\nport = 9\n"

FLOOD = """\
title = "Lũ, ngập lụt"
hazard = "flood"
severity = "severe"
signal = "notice"
zones = ["all"]
repeats = 3
gap = "10s"
lasts = "2h"
[[text]]
language = "vi"
alert = "Bà con chú ý! Nước sông đang lên nhanh. Các hộ ven sông đưa người già, trẻ em lên nhà văn hoá ngay."
correction = "Xin đính chính. Tin lũ vừa rồi là phát nhầm."
all-clear = "Nước đã rút. Bà con có thể về nhà."
"""
"""A template of schedules/alerts/, for the whole commune."""

DAM = (
    FLOOD.replace("Lũ, ngập lụt", "Xả lũ hồ đập")
    .replace('"flood"', '"dam-release"')
    .replace('["all"]', '["thon-ben", "thon-dinh"]')
    + "\n"
)
"""One for two villages; `second-person` is put before its [[text]] where a test needs it."""

_COMPILED = FileSystemBytecodeCache(mkdtemp(prefix="templates-"))
"""A template is compiled once for all tests."""
atexit.register(shutil.rmtree, _COMPILED.directory, ignore_errors=True)


class HeldBack(Executor):
    """Does what it was given only when it is told to."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def submit(self, act: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> Future[T]:
        future: Future[T] = Future()

        def carry_out() -> None:
            try:
                future.set_result(act(*arguments, **named))
            except CannotMake as fault:
                future.set_exception(fault)

        self._waiting.append(carry_out)
        return future

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def go(self) -> int:
        """Do all that waits; how much that was."""
        done = 0
        while self._waiting:
            self._waiting.pop(0)()
            done += 1
        return done


@dataclass
class Visitor:
    """Somebody at a browser that keeps cookies."""

    browser: FlaskClient
    token: str = ""

    def get(self, path: str, **named: object) -> TestResponse:
        answer = self.browser.get(path, buffered=True, **named)
        found = _TOKEN.search(answer.text) if answer.mimetype == "text/html" else None
        self.token = found[1] if found else self.token
        return answer

    def post(self, path: str, **form: object) -> TestResponse:
        """Send a form, as the page that holds it would: with its token."""
        if not self.token:
            self.get("/dang-nhap")
        answer = self.browser.post(
            path,
            data={"csrf_token": self.token} | form,
            content_type="multipart/form-data",
            buffered=True,
            environ_overrides={"REMOTE_ADDR": "192.168.1.20"},
        )
        answer.request.environ["wsgi.input"].close()
        return answer

    def sign_in(self, login: str, password: str | None = None, next: str = "") -> TestResponse:
        self.get("/dang-nhap")
        answer = self.post(
            "/dang-nhap",
            login=login,
            password=f"{login}12345678" if password is None else password,
            next=next,
        )
        if answer.status_code == 302:
            self.get("/thong-bao")
        return answer


@dataclass
class Commune:
    """A station folder and the panel of it."""

    folder: Path
    present: datetime = EVENING
    people: dict[Role, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.app = create_app(self.folder)
        self.app.jinja_env.bytecode_cache = _COMPILED
        self.station = cast(StationFolder, self.app.extensions["station"])
        self.making = HeldBack()
        self.app.extensions["previews"] = Previews(lambda: self.station.maker, self.making)
        self.desk = self.station.desk
        self.desk.passwords = cheap_passwords()
        self.desk.now = lambda: self.present
        self.people = {role: found for role in Role if (found := self.desk.person(role.value)) is not None}

    @classmethod
    def founded(cls, folder: Path) -> Self:
        """A copy of the sample commune in `folder`, with one person of every role."""
        for part in ("schedules", "audio"):
            shutil.copytree(ROOT / part, folder / part)
        text = (ROOT / "station.toml").read_text(encoding="utf-8")
        text = re.sub(r"^voices .*$", 'voices = ["espeak-ng"]', text, flags=re.MULTILINE)
        (folder / "station.toml").write_text(text + _NOBODY_LISTENS, encoding="utf-8")
        shutil.rmtree(folder / "schedules/alerts", ignore_errors=True)
        here = cls(folder)
        here.template("lu", FLOOD)
        here.template("xa-lu", DAM)
        for role in Role:
            here.people[role] = here.person(role.value, role)
        return here

    def says(self, text: str) -> None:
        """Make this the station.toml."""
        (self.folder / "station.toml").write_text(text, encoding="utf-8")

    def template(self, id: str, text: str) -> None:
        """Make this schedules/alerts/ID.toml."""
        alerts = self.folder / "schedules/alerts"
        alerts.mkdir(exist_ok=True)
        (alerts / f"{id}.toml").write_text(text, encoding="utf-8")

    def asks_for_approval(self) -> None:
        text = (self.folder / "station.toml").read_text(encoding="utf-8")
        self.says(text.replace("approval = false", "approval = true"))

    def person(self, login: str, role: Role) -> Person:
        """Somebody whose password is their login followed by 12345678."""
        zone = "thon-ben" if role is Role.VILLAGE else None
        return self.desk.add_person(
            self.desk.local_admin(),
            login=login,
            name=f"Người {login}",
            password=f"{login}12345678",
            roles=[role],
            zone=zone,
        )

    def stranger(self) -> Visitor:
        return Visitor(self.app.test_client())

    def at_desk(self, role: Role | str = Role.EDITOR) -> Visitor:
        """Somebody of that role (or of that login), signed in."""
        visitor = self.stranger()
        assert visitor.sign_in(str(role)).status_code == 302
        return visitor

    def bulletin(
        self, by: Role = Role.EDITOR, id: str = "mat-dien", words: str = "Mai mất điện."
    ) -> Bulletin:
        return self.desk.write_bulletin(self.people[by], title="Lịch cắt điện", words=words, id=id)

    def unit(self, id: str, zone: str, name: str = "") -> JoinedUnit:
        joined = JoinedUnit(
            unit=Unit(id=UnitId(id), name=name or f"Loa {id}", zone=ZoneId(zone)),
            nkey=f"U{id}",
            joined=self.present - timedelta(days=30),
        )
        self.station.store.units.put(joined)
        return joined

    def three_units(self) -> None:
        for zone in ("xa", "thon-ben", "thon-dinh"):
            self.unit(f"{zone}-1", zone)

    def beats(self, *units: str, ago: float = 5, playing: CueId | None = None, **said: object) -> None:
        """The hub has heard these units so many seconds ago."""
        at = self.present - timedelta(seconds=ago)
        now_playing = None
        if playing is not None:
            since = self.present - timedelta(minutes=2)
            now_playing = NowPlaying(cue=playing, title="Tên trên loa", since=since, played=timedelta(0))
        for unit in units:
            plain: dict[str, object] = {
                "v": 1,
                "at": at,
                "software": "1",
                "plan": 3,
                "playing": now_playing,
                "clock_error": 0.001,
                "disk_free": 10**10,
                "speaker": "loa",
            }
            vitals = Vitals(**plain | said)  # type: ignore[arg-type]
            self.station.store.units.keep_beats((StoredBeat(unit=UnitId(unit), at=at, beat=write(vitals)),))

    def planned(
        self,
        cue: CueId,
        title: str = "Bản tin chiều",
        *,
        minutes: float = 10,
        zones: frozenset[ZoneId] = EVERY_ZONE,
    ) -> CueLine:
        """The hub has put the cue on record as meant."""
        local = datetime.fromisoformat(cue.partition("@")[2]).replace(tzinfo=self.station.station.timezone)
        line = CueLine(
            cue=cue,
            zones=zones,
            start=local.astimezone(UTC),
            title=title,
            rank=Rank.ORDINARY,
            asked=timedelta(minutes=minutes),
        )
        before = line.start - timedelta(seconds=1)
        self.station.store.rundown.publish([line], Spell(begin=before, end=line.start + timedelta(1)), before)
        return line

    def told(
        self, line: CueLine, unit: str, outcome: Outcome = Outcome.AIRED, reason: str = ""
    ) -> AsRunEntry:
        """The unit has told what became of the cue."""
        whole = (Stretch(begin=line.start, length=line.asked),)
        entry = AsRunEntry(
            unit=UnitId(unit),
            cue=line.cue,
            title=line.title,
            revision=3,
            outcome=outcome,
            planned=line.start,
            ended=line.start + line.asked,
            asked=line.asked,
            stretches=whole if outcome in (Outcome.AIRED, Outcome.PARTLY_AIRED) else (),
            reason=reason,
        )
        self.station.store.asrun.record((entry,), self.present)
        return entry

    def waits(self, code: str = "123456") -> None:
        """A new box speaks its digits."""
        self.station.store.joining.ask(
            JoinRequest(
                nkey="UNEW",
                wish="loa-moi",
                code=code,
                first_seen=self.present,
                expires=self.present + timedelta(minutes=10),
            )
        )

    def trail(self) -> int:
        """How many audit lines there are."""
        return len(self.station.store.audit.list(limit=10_000))


def wav(path: Path, *, seconds: float = 1, loud: int = 8000) -> Path:
    """A recording of a hum."""
    period = b"".join(round(loud * (step / 50 - 1)).to_bytes(2, "little", signed=True) for step in range(100))
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(48_000)
        sound.writeframes(period * round(480 * seconds))
    return path
