"""The hub's machine in the commune office: a station folder, the real hub on it, and a person at the desk.

What the service does with asyncio is done here step by step: make what is wanted, look, publish, mark sent.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

import msgspec

from broadcaster.desk import Desk
from broadcaster.domain.names import ClipId, UnitId
from broadcaster.domain.places import Unit
from broadcaster.hub.airing import Airing, PlanShelf
from broadcaster.hub.collecting import Collecting
from broadcaster.hub.folders import Reading
from broadcaster.hub.hub import Hub
from broadcaster.hub.preparation import Preparation
from broadcaster.link.messages import Ask, HandedOver, Tell, Told, read, write
from broadcaster.link.vitals import SIGN
from broadcaster.link.wire import NoAnswer
from broadcaster.station import CurrentFolder, StationFolder
from broadcaster.store import Store, StoreFault, open_store
from broadcaster.store.units import JoinedUnit
from tests.days.hours import Time
from tests.days.raisings import Raisings
from tests.days.studio import Studio
from tests.days.wire import Wire

__all__ = ["Death", "Office", "composed"]

_NOW_AND_THEN = timedelta(minutes=1)

Compose = Callable[[StationFolder, Time, Mapping[str, float], Mapping[str, str]], Hub]


class Death(Enum):
    """When in its pass a hub that is killed dies."""

    BEFORE_THE_PASS = "before"
    BEFORE_IT_IS_SAID = "planned, not published"
    BEFORE_IT_IS_MARKED = "published, not marked as sent"
    AFTER_THE_PASS = "after"


def composed(
    opened: StationFolder, time: Time, lengths: Mapping[str, float], fails: Mapping[str, str]
) -> Hub:
    """A hub as `StationFolder.make_hub` puts it together, but with a studio for a voice and time by hand."""
    shelf = PlanShelf(opened.state / "plans", opened.hub_key)
    return Hub(
        reading=Reading(opened.folder, opened.store, time.now),
        store=opened.store,
        library=opened.library,
        preparation=Preparation(Studio(opened.library, lengths, fails), opened.state / "prepared.json"),
        shelf=shelf,
        airing=Airing(station=opened.station.id, key=opened.hub_key, shelf=shelf, clips_url=opened.clips_url),
        collecting=Collecting(opened.store, opened.station.timezone),
    )


class Office:
    """The hub may be killed at any moment; the desk is another process, and so is its store."""

    def __init__(
        self,
        folder: Path,
        time: Time,
        wire: Wire,
        *,
        lengths: Mapping[str, float],
        fails: Mapping[str, str],
        compose: Compose = composed,
    ) -> None:
        self.folder = folder
        self._time = time
        self._wire = wire
        self._lengths = lengths
        self._fails = fails
        self._compose = compose
        self.store: Store = open_store(folder / "state")
        self.seen = CurrentFolder(folder, self.store)
        """The folder as the desk sees it."""
        self.desk = Desk(self.store, self.seen, time.now, hand_over=self._hand_over)
        self.boss = self.desk.local_admin()
        self.hub: Hub | None = None
        self.resting_until: datetime | None = None
        """The voice makes nothing before that."""
        self.faults: list[StoreFault] = []
        self.trouble: Callable[[], AbstractContextManager[object]] = nullcontext
        """What the machine suffers from while the hub works."""
        self.published: list[datetime] = []
        """When something was said to units."""
        self.boot()

    def boot(self) -> None:
        """Start the hub on what is on the disk."""
        self._opened = StationFolder(self.folder)
        self.hub = self._compose(self._opened, self._time, self._lengths, self._fails)
        maker = Studio(self._opened.library, self._lengths, self._fails)
        self._alerts = Raisings(self._opened, self.hub, maker, self._publish)
        self._made = 0
        self._minute = self._time.now()
        self._wire.plug_in(self)

    def kill(self) -> None:
        """The hub's process is gone."""
        self._wire.unplug()
        self.hub = None
        self._alerts.close()
        self._opened.store.close()

    @property
    def verify_key(self) -> str:
        return str(self._opened.hub_key.verify)

    @property
    def clips_url(self) -> str:
        return self._opened.clips_url

    def let_in(self, unit: str, zone: str) -> JoinedUnit:
        """A unit of that name is in the store, as if somebody had typed its digits."""
        joined = JoinedUnit(
            unit=Unit(id=UnitId(unit), name=unit, zone=self.desk.folder.station.zone(zone).id),
            nkey=f"U-{unit}",
            joined=self._time.now(),
        )
        self.store.units.put(joined)
        return joined

    def due_next(self) -> datetime | None:
        if self.hub is None:
            return None
        due = (self.hub.due_next(self._time.now()), self._alerts.next_instant(self._time.now()))
        return min((moment for moment in due if moment is not None), default=None)

    def step(self, death: Death | None = None) -> None:
        """One pass of the service; what the store cannot do is noted, and left to the next pass."""
        try:
            with self.trouble():
                self._raise(death)
        except StoreFault as fault:
            self.faults.append(fault)
        try:
            with self.trouble():
                self._pass(death)
        except StoreFault as fault:
            self.faults.append(fault)

    def _raise(self, death: Death | None) -> None:
        """Alerts, which wait for nothing of all else."""
        if self.hub is not None and death is not Death.BEFORE_THE_PASS:
            says = death is not Death.BEFORE_IT_IS_SAID
            marks = says and death is not Death.BEFORE_IT_IS_MARKED
            self._alerts.turn(self._time.now(), says=says, marks=marks)

    def _hand_over(self, handed: HandedOver) -> None:
        if self.hub is None:
            raise NoAnswer("the hub is off")
        self._alerts.hand_over(handed)

    def _publish(self, envelope: bytes) -> None:
        self._wire.order(envelope)
        self.published.append(self._time.now())

    def _pass(self, death: Death | None) -> None:
        hub, now = self.hub, self._time.now()
        if hub is None or death is Death.BEFORE_THE_PASS:
            return
        self._make(hub, now)
        out = hub.step(now, self._time.monotonic(), made=self._made)
        if death is Death.BEFORE_IT_IS_SAID:
            return
        for outgoing in out:
            self._publish(outgoing.envelope)
            if death is Death.BEFORE_IT_IS_MARKED:
                return
            hub.sent(outgoing, now)
        if now - self._minute >= _NOW_AND_THEN:
            self._minute = now
            hub.minute(now)

    def _make(self, hub: Hub, now: datetime) -> None:
        if self.resting_until is None or now >= self.resting_until:
            while hub.preparation.make_next(now):
                self._made += 1

    # -- the hub's end of the wire, as the service has it ---------------------------------------------

    def asked(self, unit: UnitId, raw: bytes) -> bytes | None:
        assert self.hub is not None
        return self.hub.airing.answer(read(Ask, raw), self._time.now(), self._time.now)

    def told(self, unit: UnitId, raw: bytes) -> bytes | None:
        assert self.hub is not None
        try:
            tell = read(Tell, raw)
            self.hub.collecting.heard(unit, self._time.now(), tell.vitals)
            if not tell.entries and not tell.receipts:
                return write(Told(cues=()))
            with self.trouble():
                told = self.hub.collecting.tell(tell, self._time.now())
                receipts = self._alerts.receive(unit, tell.receipts, self._time.now())
                return write(msgspec.structs.replace(told, receipts=receipts))
        except StoreFault as fault:
            self.faults.append(fault)
            return None

    def heard(self, unit: UnitId, raw: bytes) -> None:
        assert self.hub is not None
        assert raw == SIGN
        self.hub.collecting.heard(unit, self._time.now())

    def fetched(self, name: ClipId) -> bytes | None:
        assert self.hub is not None
        path = self.hub.find_file(name)
        return None if path is None else path.read_bytes()
