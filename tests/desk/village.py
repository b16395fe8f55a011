"""A commune with a desk: a real store in a real folder, people of every role, and a clock set by hand."""

import wave
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher

from broadcaster.desk import Desk
from broadcaster.desk.passwords import Passwords
from broadcaster.domain.alert import Alert, AlertTemplate, Hazard, Severity, Wording
from broadcaster.domain.bulletin import Bulletin, State
from broadcaster.domain.instants import WEEKDAYS
from broadcaster.domain.names import AlertId, BulletinId, ProgrammeId, StationId, UnitId, ZoneId
from broadcaster.domain.people import Person, Role
from broadcaster.domain.places import Station, Unit, Zone
from broadcaster.domain.programme import Bulletins, Pause, Programme, Rank, Spoken
from broadcaster.domain.quiet import AllowedHours
from broadcaster.folder import ChangedUnderneath
from broadcaster.store import Store, open_store
from broadcaster.store.audit import AuditLine
from broadcaster.store.bulletins import BulletinSheet
from broadcaster.store.joining import JoinRequest
from broadcaster.store.units import JoinedUnit

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)  # 12:00 in Vietnam, a Saturday
TONIGHT = "ban-tin@2026-11-21T17:00:00"
NO_LIST = "the-duc@2026-11-22T05:30:00"
BEN_ONLY = "tin-ben@2026-11-21T18:00:00"

STATION = Station(
    id=StationId("dong-tien"),
    name="Đài truyền thanh xã Đồng Tiến",
    timezone=ZoneInfo("Asia/Ho_Chi_Minh"),
    language="vi",
    voices=("espeak-ng",),
    zones=(
        Zone(id=ZoneId("xa"), name="Xã Đồng Tiến"),
        Zone(id=ZoneId("thon-ben"), name="Thôn Bến", parent=ZoneId("xa")),
        Zone(id=ZoneId("xom-tren"), name="Xóm Trên", parent=ZoneId("thon-ben")),
        Zone(id=ZoneId("thon-cho"), name="Thôn Chợ", parent=ZoneId("xa")),
    ),
)

HOURS = (
    AllowedHours(days=frozenset(WEEKDAYS), begin=time(5), end=time(6, 30)),
    AllowedHours(days=frozenset(WEEKDAYS), begin=time(17), end=time(19)),
)


def programme(id: str, at: time, zones: tuple[str, ...] = ("all",), *, takes: bool = True) -> Programme:
    return Programme(
        id=ProgrammeId(id),
        title=id,
        rank=Rank.ORDINARY,
        zones=zones,
        days=frozenset(WEEKDAYS),
        at=(at,),
        items=(Bulletins(closes=timedelta(minutes=5)),) if takes else (Pause(length=timedelta(seconds=1)),),
    )


def flood(
    *,
    id: str = "lu-lut",
    title: str = "Lũ, ngập lụt",
    hazard: Hazard = Hazard.FLOOD,
    second_person: bool = False,
    repeats: int = 3,
) -> AlertTemplate:
    """An alert made ready for the two villages by the river."""
    return AlertTemplate(
        id=AlertId(id),
        title=title,
        hazard=hazard,
        severity=Severity.EXTREME,
        signal="flood",
        zones=("thon-ben", "thon-cho"),
        wordings=(
            Wording(
                language="vi",
                alert=Spoken(words="Nước lũ đang lên. Bà con lên chỗ cao ngay."),
                correction=Spoken(words="Xin đính chính: không có lũ."),
                all_clear=Spoken(words="Nước đã rút. Bà con về nhà được rồi."),
            ),
        ),
        repeats=repeats,
        second_person=second_person,
    )


@dataclass
class PlainFolder:
    """What the desk asks of a station folder, held in the hand."""

    audio: Path
    station: Station = STATION
    programmes: dict[ProgrammeId, Programme] = field(default_factory=dict)
    alerts: dict[AlertId, AlertTemplate] = field(default_factory=dict)

    def alert_mark(self, id: AlertId) -> str | None:
        return repr(self.alerts[id]) if id in self.alerts else None

    def save_alert(self, template: AlertTemplate, seen: str | None) -> str:
        if self.alert_mark(template.id) != seen:
            raise ChangedUnderneath(f"schedules/alerts/{template.id}.toml")
        self.alerts[template.id] = template
        return repr(template)


class Village:
    """A desk, and everybody who may sit at it."""

    def __init__(self, folder: Path) -> None:
        self.present = NOON
        self.store: Store = open_store(folder / "state")
        programmes = (
            programme("ban-tin", time(17)),
            programme("the-duc", time(5, 30), takes=False),
            programme("tin-ben", time(18), ("thon-ben",)),
        )
        templates = (flood(), flood(id="vo-dap", title="Vỡ đập", hazard=Hazard.DAM, second_person=True))
        self.folder = PlainFolder(
            folder / "audio",
            programmes={each.id: each for each in programmes},
            alerts={each.id: each for each in templates},
        )
        self.desk = Desk(self.store, self.folder, lambda: self.present, cheap_passwords())
        self.ben = self.person("ben", Role.VILLAGE, zone="thon-ben")
        self.cho = self.person("cho", Role.VILLAGE, zone="thon-cho")
        self.lan = self.person("lan", Role.EDITOR)
        self.hoa = self.person("hoa", Role.EDITOR)
        self.minh = self.person("minh", Role.APPROVER)
        self.tuan = self.person("tuan", Role.TECHNICIAN)
        self.an = self.person("an", Role.ADMIN)

    def person(self, login: str, *roles: Role, zone: str | None = None) -> Person:
        """Somebody whose password is their login followed by 12345678."""
        found = Person(
            login=login,
            name=login.title(),
            roles=frozenset(roles),
            zone=None if zone is None else ZoneId(zone),
        )
        if self.store.people.find(login) is None:  # the state folder may be a copy of one that has them
            self.store.people.add(found, self.desk.passwords.hash(f"{login}12345678"), NOON)
        return found

    def of_role(self, role: Role) -> Person:
        by_role = {
            Role.VILLAGE: self.ben,
            Role.EDITOR: self.lan,
            Role.APPROVER: self.minh,
            Role.TECHNICIAN: self.tuan,
            Role.ADMIN: self.an,
        }
        return by_role[role]

    def asks_for_approval(self) -> None:
        self.folder.station = replace(STATION, approval=True)

    def has_hours(self) -> None:
        self.folder.station = replace(STATION, allowed=HOURS)

    def later(self, **length: float) -> None:
        self.present += timedelta(**length)

    def bulletin(self, by: Person, id: str = "mat-dien") -> Bulletin:
        return self.desk.write_bulletin(by, title="Mất điện", words="Mai mất điện.", id=id)

    def kept(self, author: Person, state: State, id: str = "mat-dien") -> str:
        """A bulletin that is in that state, however it came there."""
        bulletin = Bulletin(
            id=BulletinId(id),
            title="Mất điện",
            words="Mai mất điện.",
            recording=None,
            author=author.login,
            written=self.present,
            state=state,
        )
        self.store.bulletins.put(
            BulletinSheet(bulletin=bulletin, words_by=author.login, words_at=self.present)
        )
        return id

    def raised(self, by: Person | None = None, id: str = "kc-lu-1", template: str = "lu-lut") -> Alert:
        """An alert that counts down."""
        return self.desk.raise_alert(by or self.minh, id=id, template=template).alert

    def on_air(self, by: Person | None = None, id: str = "kc-lu-1") -> Alert:
        """An alert that a hub has sent."""
        alert = self.raised(by, id)
        self.later(seconds=5)
        self.hub_sends(alert)
        return self.stored(id)

    def hub_sends(self, alert: Alert) -> None:
        """What the hub does when the time of a version has come."""
        assert self.store.alerts.fire(alert.id, alert.version, self.present)
        start = self.present + timedelta(milliseconds=200)
        self.store.alerts.mark_sent(alert.id, alert.version, start=start, at=self.present)

    def stored(self, id: str, version: int | None = None) -> Alert:
        found = self.store.alerts.find(AlertId(id), version)
        assert found is not None
        return found

    def may_alert(self, login: str, *zones: str) -> Person:
        return self.desk.grant_alerts(self.an, login, zones)

    def unit(self, id: str = "thon-ben-1", zone: str = "thon-ben") -> JoinedUnit:
        joined = JoinedUnit(
            unit=Unit(id=UnitId(id), name="Cột 3", zone=ZoneId(zone)), nkey=f"U-{id}", joined=NOON
        )
        self.store.units.put(joined)
        return joined

    def waits(self, code: str = "123456", nkey: str = "U-new") -> JoinRequest:
        request = JoinRequest(
            nkey=nkey,
            wish="box",
            code=code,
            first_seen=self.present,
            expires=self.present + timedelta(minutes=10),
        )
        self.store.joining.ask(request)
        return request

    def chime(self, name: str = "flood") -> None:
        chimes = self.folder.audio / "chimes"
        chimes.mkdir(parents=True, exist_ok=True)
        (chimes / f"{name}.opus").write_bytes(b"a chime")

    def wav(self, name: str = "họp dân.wav", *, seconds: int = 1) -> Path:
        """A recording of a hum, as a phone hands it in."""
        path = self.folder.audio.parent / name
        period = b"".join(
            round(8000 * (step / 50 - 1)).to_bytes(2, "little", signed=True) for step in range(100)
        )
        with wave.open(str(path), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(48_000)
            sound.writeframes(period * 480 * seconds)
        return path

    def trail(self) -> tuple[AuditLine, ...]:
        return self.store.audit.list(limit=1_000)

    def last_lines(self, count: int) -> list[tuple[str, str, str]]:
        return [(line.who, line.verb, line.on) for line in self.trail()[:count]]


def cheap_passwords() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
