"""station.toml: the station itself, and how its hub, panel and broker are reached."""

import re
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from broadcaster.domain.names import BadName, StationId, ZoneId
from broadcaster.domain.places import Station, Zone
from broadcaster.folder.contacts import Contact, contacts_of
from broadcaster.folder.documents import Unreadable, read_document
from broadcaster.folder.faults import BadFolder, Fault, did_you_mean, quoted
from broadcaster.folder.hours import read_allowed, read_quiet, read_softer
from broadcaster.folder.items import LANGUAGE
from broadcaster.folder.sections import Section

__all__ = [
    "STATION_FILE",
    "Settings",
    "StationFile",
    "read_contacts",
    "read_settings",
    "read_station",
    "read_station_file",
]

STATION_FILE = "station.toml"
_ADDRESS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_VOICES = ("gtts", "espeak-ng")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the hub and panel of this folder are reached. `address` is the hub's name or number as units
    reach it. `broker_url` None: the station runs a broker of its own at `broker_port`. `clips_port` is the
    hub's clip server, `panel_port` the control panel."""

    address: str = "127.0.0.1"
    broker_url: str | None = None
    broker_port: int = 4222
    clips_port: int = 8008
    panel_port: int = 8080

    @property
    def is_local(self) -> bool:
        """Whether all units are on the hub's own machine: then nothing listens to the network."""
        return self.address in ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class StationFile:
    """All that station.toml says. With faults, `station` and `settings` are None, and `zones` and `voices`
    are what could be read, None when nothing could."""

    faults: tuple[Fault, ...]
    station: Station | None = None
    settings: Settings | None = None
    zones: tuple[str, ...] | None = None
    voices: tuple[str, ...] | None = None
    contacts: tuple[Contact, ...] = ()


def read_station(folder: Path) -> Station:
    """The station that station.toml describes. Raises BadFolder with every fault of the file."""
    read = read_station_file(folder)
    if read.station is None:
        raise BadFolder(read.faults)
    return read.station


def read_settings(folder: Path) -> Settings:
    """The settings of station.toml. Raises BadFolder with every fault of the file."""
    read = read_station_file(folder)
    if read.settings is None:
        raise BadFolder(read.faults)
    return read.settings


def read_contacts(folder: Path) -> tuple[Contact, ...]:
    """Whom station.toml says to call, as far as it can be read; never raises."""
    return read_station_file(folder).contacts


def read_station_file(folder: Path) -> StationFile:
    """Read station.toml as far as it goes; never raises."""
    try:
        document = read_document(folder, STATION_FILE)
    except Unreadable as unreadable:
        return StationFile(faults=(unreadable.fault,))
    faults: list[Fault] = []
    top = Section(document, faults)
    zones = _zones(top)
    voices = _voices(top)
    settings = _settings(top)
    contacts = contacts_of(top, [zone.id for zone in zones])
    station = _station(top, zones, voices)
    top.leftovers()
    ids = tuple(zone.id for zone in zones) or None
    if faults:
        faulty = tuple(sorted(faults))
        return StationFile(faults=faulty, zones=ids, voices=voices, contacts=contacts)
    return StationFile(
        faults=(), station=station, settings=settings, zones=ids, voices=voices, contacts=contacts
    )


def _voices(top: Section) -> tuple[str, ...]:
    voices = top.names("voices")
    if voices == ():
        top.wrong("voices", "names no voice", f"expected some, like {list(_VOICES)}")
    return voices or _VOICES


def _station(top: Section, zones: tuple[Zone, ...], voices: tuple[str, ...]) -> Station | None:
    station_id = _id(top)
    name = top.line("name", required='a name, like name = "Đài truyền thanh xã Đồng Tiến"')
    timezone = _timezone(top)
    language = top.line("language") or "vi"
    if LANGUAGE.fullmatch(language) is None:
        top.wrong("language", f"{quoted(language)} is not a language", "expected a tag like vi or en")
    approval = top.yes_or_no("approval") or False
    allowed = read_allowed(top)
    known = tuple(zone.id for zone in zones)
    quiet = read_quiet(top, known)
    softer = read_softer(top, known)
    if top.faulty or station_id is None or name is None or timezone is None:
        return None
    try:
        return Station(
            id=station_id,
            name=name,
            timezone=timezone,
            language=language,
            voices=voices,
            zones=zones,
            allowed=allowed,
            quiet=quiet,
            softer=softer,
            approval=approval,
        )
    except (ValueError, LookupError) as error:  # zones that make no forest
        top.wrong("zone", str(error), "")
        return None


def _id(top: Section) -> StationId | None:
    text = top.line("id", required='an id, like id = "dong-tien"')
    try:
        return None if text is None else StationId(text)
    except BadName as bad:
        top.wrong("id", str(bad), "")
        return None


def _timezone(top: Section) -> ZoneInfo | None:
    key = top.line("timezone", required='an IANA time zone, like timezone = "Asia/Ho_Chi_Minh"')
    if key is None:
        return None
    try:
        return ZoneInfo(key)
    except (LookupError, ValueError, OSError):
        wrong = f"there is no time zone {quoted(key)}"
        near = did_you_mean(key, available_timezones())
        top.wrong(
            "timezone", wrong, near if near.startswith("did you") else "expected one like Asia/Ho_Chi_Minh"
        )
        return None


def _zones(top: Section) -> tuple[Zone, ...]:
    """The zones that are well written; faults in the others, and in their family, are noted."""
    zones: list[Zone] = []
    sections: dict[str, Section] = {}
    for section in top.tables("zone", required="at least one [[zone]] with id and name"):
        zone = _zone(section)
        if zone is not None and zone.id in sections:
            section.wrong("id", f"the zone {zone.id} is written twice", "give each zone an id of its own")
        elif zone is not None:
            zones.append(zone)
            sections[zone.id] = section
    _judge_parents(zones, sections)
    return tuple(zones)


def _zone(section: Section) -> Zone | None:
    text = section.line("id", required='an id, like id = "thon-ben"')
    name = section.line("name", required='a name, like name = "Thôn Bến"')
    parent = section.line("parent")
    languages = section.names("languages") or ()
    for position, language in enumerate(languages):
        if LANGUAGE.fullmatch(language) is None:
            wrong = f"{quoted(language)} is not a language"
            section.wrong("languages", wrong, "expected a tag like vi or hmn", position)
    section.leftovers()
    if text is None:
        return None
    try:
        zone = ZoneId(text)
    except BadName as bad:
        section.wrong("id", str(bad), "")
        return None
    return Zone(id=zone, name=name or text, parent=_parent(section, parent), languages=languages)


def _parent(section: Section, text: str | None) -> ZoneId | None:
    try:
        return None if text is None else ZoneId(text)
    except BadName as bad:
        section.wrong("parent", str(bad), "")
        return None


def _judge_parents(zones: list[Zone], sections: dict[str, Section]) -> None:
    parents = {zone.id: zone.parent for zone in zones}
    for zone, parent in parents.items():
        if parent is None:
            continue
        if parent not in parents:
            wrong = f"there is no zone {quoted(parent)}"
            sections[zone].wrong("parent", wrong, did_you_mean(parent, set(parents) - {zone}))
            continue
        above, climbed = parents.get(parent), {parent}
        while above is not None and above not in climbed:
            climbed.add(above)
            above = parents.get(above)
        if zone in climbed:
            sections[zone].wrong("parent", f"{zone} lies above itself by way of {parent}", "break the circle")


def _settings(top: Section) -> Settings:
    broker, hub, panel = top.table("broker"), top.table("hub"), top.table("panel")
    default = Settings()
    url = broker.line("url") if broker else None
    if broker and url is not None and not url.startswith(("nats://", "tls://")):
        broker.wrong("url", f"{quoted(url)} is no broker's address", "expected nats://… or tls://…")
    address = hub.line("address") if hub else None
    if hub and address is not None and _ADDRESS.fullmatch(address) is None:
        hub.wrong("address", f"{quoted(address)} is no address", "expected one like 192.168.1.10")
    settings = Settings(
        address=address or default.address,
        broker_url=url,
        broker_port=(broker and broker.port("port")) or default.broker_port,
        clips_port=(hub and hub.port("port")) or default.clips_port,
        panel_port=(panel and panel.port("port")) or default.panel_port,
    )
    ports = (settings.broker_port, settings.clips_port, settings.panel_port)
    for section, port in zip((broker, hub, panel), ports, strict=True):
        if section and ports.count(port) > 1:
            section.wrong("port", f"{port} is used twice", "broker, hub and panel need a port each")
        if section:
            section.leftovers()
    return settings
