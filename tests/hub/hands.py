"""The hub's hands upon alerts at fake speed: what `AlertService` does with threads, step by step."""

from collections.abc import Iterable
from datetime import timedelta

from broadcaster.domain.alert import Alert
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import AlertId, ClipId
from broadcaster.domain.plan import Clip
from broadcaster.domain.programme import Spoken
from broadcaster.hub.alerts.atonce import Said
from broadcaster.hub.alerts.books import AlertBooks
from broadcaster.hub.alerts.clips import AlertClips
from broadcaster.hub.alerts.ownsounds import OwnSounds
from broadcaster.hub.alerts.raising import Raising
from broadcaster.hub.preparation import CannotMake
from broadcaster.link.envelope import opened
from broadcaster.link.messages import Order
from broadcaster.station import StationFolder
from broadcaster.store.rundown import CueLine
from tests.days.studio import Studio
from tests.hub.alarms import FLOOD
from tests.hub.test_hub import NOON, Room

__all__ = ["Desk", "Mouth"]

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


class Mouth:
    """Says nothing until it is let."""

    def __init__(self) -> None:
        self.ready = False

    def say(self, item: Spoken) -> Said:
        if not self.ready:
            raise CannotMake("the voice is not there")
        return Said(
            clip=Clip(id=ClipId("f" * 64), frames=48_000, joins=False, title=item.words),
            sound=b"sound",
            voice="mouth",
        )

    def lay(self, said: Said) -> bool:
        return True


class Desk:
    """The hub's hands and books; the store is where the desk writes."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.mouth = Mouth()
        self.boot()

    def boot(self) -> None:
        hub, opened_folder = self.room.hub, StationFolder(self.room.folder)
        self.store = opened_folder.store
        self.books = AlertBooks(self.store, opened_folder.state)
        studio = Studio(opened_folder.library, {}, {})
        own = OwnSounds(self.mouth, studio, hub.find_file)
        lookup = hub.preparation.lookup
        self.raising = Raising(
            reading=hub.reading,
            airing=hub.airing,
            clips=AlertClips(reading=hub.reading, airing=hub.airing, lookup=lookup, own=own),
            own=own,
            numbers=hub.numbers,
            vitals=hub.collecting.vitals,
        )
        now = self.room.time.now()
        kept, laid = self.books.open_journal(), self.books.laid(self.room.keys, now)
        self.raising.begin(now, self.books.look(now), kept, laid)

    def restart(self) -> None:
        """Killed and started again, on what is on the disk."""
        self.room.restart()
        self.room.look()
        self.boot()

    def put(self, alert: Alert) -> Alert:
        self.store.alerts.put(alert)
        return alert

    def fire(self) -> tuple[Order, ...]:
        """What goes on air now."""
        now = self.room.time.now()
        self.raising.learn(self.books.look(now))
        self.raising.tend(now)
        fired = [
            alert
            for alert in self.raising.due(now)
            if self.raising.fire(alert, now, self.books.fire(alert, now, SECOND))
        ]
        return self.read(self.raising.sign(alert, now) for alert in fired)

    def read(self, signed: Iterable[tuple[bytes, ...]]) -> tuple[Order, ...]:
        return tuple(opened(raw, self.room.keys, Order) for envelopes in signed for raw in envelopes)

    def settle(self) -> None:
        owed = self.raising.owed()
        if owed is not None:
            self.raising.settled(owed, self.books.settle(owed, self.room.time.now()))

    def find(self, version: int = 1, id: str = FLOOD) -> Alert:
        self.settle()
        found = self.store.alerts.find(AlertId(id), version)
        assert found is not None
        return found

    def lines(self, *, withdrawn: bool = False) -> list[CueLine]:
        self.settle()
        lines = self.store.rundown.planned(Spell(begin=NOON, end=NOON + HOUR))
        return [line for line in lines if (line.withdrawn is not None) is withdrawn]

    def told(self, unit: str) -> list[str]:
        """The alerts a unit that asks is told of."""
        present = self.room.present(unit)
        assert present is not None
        return [opened(raw, self.room.keys, Order).id for raw in present.orders]
