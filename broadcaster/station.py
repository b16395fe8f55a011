"""Opens a station folder and puts the parts together by hand: the one place that knows all of them.

station.toml  schedules/  audio/      people's, read here, edited by hand or in the panel
state/        station.db  library/ plans/ voices/ broker/  *.key *.nkey      ours, owned by one system user
"""

import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date
from functools import cached_property
from pathlib import Path

from broadcaster import clock
from broadcaster.desk import Desk
from broadcaster.domain.alert import AlertTemplate
from broadcaster.domain.names import AlertId, ProgrammeId
from broadcaster.domain.places import Station
from broadcaster.domain.programme import Programme
from broadcaster.domain.rundown import Lengths, Rundown, estimated
from broadcaster.domain.timetable import local_days
from broadcaster.files import AlreadyRunning, one_only
from broadcaster.folder import (
    BadFolder,
    Fault,
    Fingerprint,
    Settings,
    alert_mark,
    fingerprint,
    read_alerts,
    read_schedules,
    read_settings,
    read_station,
    write_alert,
)
from broadcaster.hub.airing import Airing, PlanShelf
from broadcaster.hub.alerts.atonce import AtOnce
from broadcaster.hub.alerts.books import AlertBooks
from broadcaster.hub.alerts.clips import AlertClips
from broadcaster.hub.alerts.ownsounds import OwnSounds
from broadcaster.hub.alerts.raising import Raising
from broadcaster.hub.alerts.service import AlertService
from broadcaster.hub.collecting import Collecting
from broadcaster.hub.folders import Reading, kept_alerts, kept_programmes
from broadcaster.hub.hub import Hub
from broadcaster.hub.joining import Meetings
from broadcaster.hub.making import StationMaker
from broadcaster.hub.preparation import Preparation
from broadcaster.hub.rundowns import best_guess, rundown_within
from broadcaster.hub.service import Ports, Service
from broadcaster.link.broker import Broker
from broadcaster.link.connection import HubLink
from broadcaster.link.envelope import HubKey, VerifyKeys
from broadcaster.link.fromdesk import hand_over, wake
from broadcaster.link.identity import Identity
from broadcaster.link.messages import HandedOver, write
from broadcaster.sound.library import Library
from broadcaster.speech.chain import Voices
from broadcaster.speech.engines import by_name
from broadcaster.store import Store, open_store

__all__ = ["CurrentFolder", "NoStation", "StationFolder"]


class NoStation(Exception):
    """There is no station folder there. The text says where was looked and what to do."""


class CurrentFolder:
    """What the desk sees of the folder: read anew only when a file changed. What is broken leaves the last
    good one in force, as in the hub, also what was good when this process did not look (`store` has the
    texts). Raises BadFolder only while no good station.toml has been seen, and StoreFault when it needs
    those texts. `speaks`: whether the station has a voice for a language; a template is saved without asking
    if it is left out."""

    def __init__(self, folder: Path, store: Store, *, speaks: Callable[[str], bool] | None = None) -> None:
        self._folder = folder
        self._store = store
        self._speaks = speaks
        self._seen: Fingerprint | None = None
        self._station: Station | None = None
        self._programmes: Mapping[ProgrammeId, Programme] = {}
        self._alerts: Mapping[AlertId, AlertTemplate] = {}
        self._faults: tuple[Fault, ...] = ()

    @property
    def station(self) -> Station:
        self._refresh()
        assert self._station is not None
        return self._station

    @property
    def programmes(self) -> Mapping[ProgrammeId, Programme]:
        self._refresh()
        return self._programmes

    @property
    def alerts(self) -> Mapping[AlertId, AlertTemplate]:
        """The alert templates by id."""
        self._refresh()
        return self._alerts

    @property
    def audio(self) -> Path:
        return self._folder / "audio"

    def alert_mark(self, id: AlertId) -> str | None:
        return alert_mark(self._folder, id)

    def save_alert(self, template: AlertTemplate, seen: str | None) -> str:
        return write_alert(self._folder, self.station, template, seen=seen, speaks=self._speaks)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong with the files now, whatever is in force."""
        self._refresh()
        return self._faults

    def _refresh(self) -> None:
        seen = fingerprint(self._folder)
        if seen == self._seen:
            return
        faults: tuple[Fault, ...] = ()
        try:
            station = read_station(self._folder)
        except BadFolder as fault:
            if self._station is None:
                raise
            station, faults = self._station, fault.faults
        schedules, before = read_schedules(self._folder, station), dict(self._programmes)
        if schedules.problems:  # the hub may have read something good since this process looked last
            kept = kept_programmes(self._folder, station, self._store)
            before |= {programme.id: programme for programme in kept}
        alerts, templates = read_alerts(self._folder, station), dict(self._alerts)
        if alerts.problems:
            templates |= kept_alerts(self._folder, station, self._store)
        in_force = schedules.over(before.values())
        self._station, self._programmes = station, {programme.id: programme for programme in in_force}
        self._alerts = {template.id: template for template in alerts.over(templates.values())}
        self._faults = (*faults, *schedules.problems, *alerts.problems)
        self._seen = seen


class StationFolder:
    """A station folder, opened. Raises NoStation, BadFolder, WrongOwner and NewerStore as it is used."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        if not (self.folder / "station.toml").is_file():
            raise NoStation(
                f"there is no station.toml in {self.folder}: "
                "go to a station folder, or name one: broadcaster --station DIR …"
            )
        self.state = self.folder / "state"

    @cached_property
    def station(self) -> Station:
        return read_station(self.folder)

    @cached_property
    def settings(self) -> Settings:
        return read_settings(self.folder)

    @cached_property
    def store(self) -> Store:
        return open_store(self.state)

    @cached_property
    def desk(self) -> Desk:
        return Desk(self.store, self.current, clock.now, hand_over=self._hand_over)

    @cached_property
    def current(self) -> CurrentFolder:
        return CurrentFolder(self.folder, self.store, speaks=self._speaks)

    @cached_property
    def library(self) -> Library:
        return Library(self._own("library"))

    @cached_property
    def voices(self) -> Voices:
        return Voices([by_name(name) for name in self.station.voices], self._own("voices"))

    @cached_property
    def hub_key(self) -> HubKey:
        return HubKey.load_or_create(self._own() / "hub.key")

    @cached_property
    def panel_identity(self) -> Identity:
        return Identity.load_or_create(self._own() / "panel.nkey")

    @cached_property
    def maker(self) -> StationMaker:
        return StationMaker(
            folder=self.folder, library=self.library, voices=self.voices, language=self.station.language
        )

    @property
    def clips_url(self) -> str:
        """What units fetch from, ending in /clips/."""
        return f"http://{self.settings.address}:{self.settings.clips_port}/clips/"

    @property
    def join_url(self) -> str:
        """What a new unit is given: where it knocks."""
        return f"http://{self.settings.address}:{self.settings.clips_port}"

    @property
    def broker_url(self) -> str:
        """Where units find the broker."""
        return self.settings.broker_url or f"nats://{self.settings.address}:{self.settings.broker_port}"

    @property
    def _broker_url_here(self) -> str:
        """The broker as programs on the hub's own machine find it."""
        return self.settings.broker_url or f"nats://127.0.0.1:{self.settings.broker_port}"

    def alone(self) -> AbstractContextManager[None]:
        """Hold the station for one hub. Raises AlreadyRunning."""
        return one_only(self._own() / "hub.lock", f"a hub of station {self.station.id}")

    def is_running(self) -> bool:
        """Whether a hub of this station runs on this machine."""
        try:
            with self.alone():
                return False
        except AlreadyRunning:
            return True

    def make_hub(self) -> Hub:
        """The hub without wire and threads."""
        shelf = PlanShelf(self._own("plans"), self.hub_key)
        airing = Airing(station=self.station.id, key=self.hub_key, shelf=shelf, clips_url=self.clips_url)
        return Hub(
            reading=Reading(self.folder, self.store, clock.now),
            store=self.store,
            library=self.library,
            preparation=Preparation(self.maker, self._own() / "prepared.json"),
            shelf=shelf,
            airing=airing,
            collecting=Collecting(self.store, self.station.timezone),
        )

    def make_service(self) -> Service:
        """The hub as a process would run it."""
        hub_identity = Identity.load_or_create(self._own() / "hub.nkey")
        listen = "127.0.0.1" if self.settings.is_local else "0.0.0.0"  # noqa: S104 - units are elsewhere
        broker = Broker(
            self._own("broker"),
            self.station.id,
            hub=hub_identity.public,
            panel=self.panel_identity.public,
            units={u.unit.id: u.nkey for u in self.store.units.all() if not u.forbidden},
            host=listen,
            port=self.settings.broker_port,
            outside=self.settings.broker_url,
        )
        hub, wire = self.make_hub(), HubLink(broker.url, hub_identity, self.station.id)
        return Service(
            hub=hub,
            alerts=AlertService(
                raising=self._make_raising(hub),
                books=AlertBooks(self.store, self._own()),
                store=self.store,
                wire=wire,
                keys=VerifyKeys.of([self.hub_key.verify]),
            ),
            store=self.store,
            broker=broker,
            wire=wire,
            meetings=Meetings(
                station=self.station.id,
                key=self.hub_key,
                store=self.store,
                broker_url=self.broker_url,
                clips_url=self.clips_url,
            ),
            ports=Ports(host=listen, clips=self.settings.clips_port),
        )

    def _make_raising(self, hub: Hub) -> Raising:
        """The part of the hub that raises alerts."""
        at_once = AtOnce(self.voices, self.library, self.station.language)
        own = OwnSounds(at_once, self.maker, hub.find_file)
        clips = AlertClips(reading=hub.reading, airing=hub.airing, lookup=hub.preparation.lookup, own=own)
        return Raising(
            reading=hub.reading,
            airing=hub.airing,
            clips=clips,
            own=own,
            numbers=hub.numbers,
            vitals=hub.collecting.vitals,
        )

    def dry_run(self, first: date, days: int) -> tuple[Rundown, Lengths]:
        """What would play on `days` local days from `first`, and how long each item sounds or may sound."""
        station, programmes = self.current.station, tuple(self.current.programmes.values())
        span = local_days(first, days, station.timezone)
        preparation = Preparation(self.maker, self._own() / "prepared.json")
        meant = rundown_within(station, programmes, self.store, span, estimated)
        preparation.want((item, cue.start) for cue in meant.cues for item in cue.items)
        lengths = best_guess(preparation)
        return rundown_within(station, programmes, self.store, span, lengths), lengths

    def wake(self) -> None:
        """Tell a running hub that there is something to do; it looks by itself as well."""
        wake(self._broker_url_here, self.station.id, self.panel_identity)

    def _speaks(self, language: str) -> bool:
        return self.voices.speaks(language)

    def _hand_over(self, handed: HandedOver) -> None:
        hand_over(self._broker_url_here, self.station.id, self.panel_identity, write(handed))

    def room(self) -> int:
        """Bytes free where state/ is."""
        return shutil.disk_usage(self._own()).free

    def _own(self, name: str = "") -> Path:
        """state/ or a folder in it; made if it is not there, by its owner only."""
        own = self.state / name if name else self.state
        own.mkdir(parents=True, exist_ok=True, mode=0o700)
        return own
