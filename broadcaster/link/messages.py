"""The words hub and unit say to each other, and their one encoding: strict JSON by msgspec.

Domain values (plans, as-run entries) travel as themselves, so what arrives has passed the same checks as
what was made here. `read` raises `BadMessage` and nothing else, whatever the bytes are.

Subjects (prefix = station id): see `Subjects`. Orders and plans travel signed, inside `envelope`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec

from broadcaster.domain.alert import Alert, AlertCall
from broadcaster.domain.asrun import AsRunEntry
from broadcaster.domain.instants import instant
from broadcaster.domain.names import AlertId, ClipId, CueId, StationId, UnitId, ZoneId
from broadcaster.domain.places import EVERYWHERE
from broadcaster.link.vitals import NowPlaying, Vitals

__all__ = [
    "WIRE_VERSION",
    "Ask",
    "BadMessage",
    "Body",
    "ClearAlert",
    "HandedOver",
    "HandedStop",
    "NowPlaying",
    "Order",
    "PlanChanged",
    "PlanRef",
    "Present",
    "RaiseAlert",
    "RaiseDrill",
    "Receipt",
    "SetVolume",
    "Stop",
    "Subjects",
    "Tell",
    "TestChime",
    "TestReadiness",
    "Told",
    "Vitals",
    "are_for",
    "read",
    "write",
]

WIRE_VERSION = 1

T = TypeVar("T")


Count = Annotated[int, msgspec.Meta(ge=0)]


class BadMessage(ValueError):
    """Bytes that are not the message they were taken for."""


class _Word(msgspec.Struct, frozen=True, kw_only=True):
    """Unknown fields are passed over, so that a newer hub can talk to an older unit."""


class PlanRef(_Word, frozen=True, kw_only=True):
    """Where the plan of a zone is: the SHA-256 of its signed file (fetched like a clip) and its revision."""

    revision: Count
    sha256: ClipId
    size: Count


class PlanChanged(_Word, frozen=True, kw_only=True, tag="plan-changed"):
    """There is a new plan for these zones."""

    plans: dict[str, PlanRef]


class Stop(_Word, frozen=True, kw_only=True, tag="stop"):
    """Take `cue` off the air, or whatever is on air when it is None. `by` is the person's name."""

    cue: CueId | None
    by: str


class SetVolume(_Word, frozen=True, kw_only=True, tag="volume"):
    """Loudness of the unit in dB below its full level, 0 to -60."""

    decibels: Annotated[float, msgspec.Meta(ge=-60, le=0)]


class TestChime(_Word, frozen=True, kw_only=True, tag="test-chime"):
    """Sound this clip once, now, at ordinary rank."""

    clip: ClipId
    frames: Annotated[int, msgspec.Meta(gt=0)]


class _AlertWord(_Word, frozen=True, kw_only=True):
    """`call` is what sounds. `sounds`: the bytes of clips that are not laid on the units (typed words),
    200 kB at most; each is taken only for the clip whose SHA-256 it has."""

    call: AlertCall
    sounds: tuple[bytes, ...] = ()


class RaiseAlert(_AlertWord, frozen=True, kw_only=True, tag="alert"):
    """Sound this alert. Refused when its severity is a drill's."""


class RaiseDrill(_AlertWord, frozen=True, kw_only=True, tag="drill"):
    """Sound this drill, within the allowed hours. Refused when its severity is not a drill's."""


class ClearAlert(_Word, frozen=True, kw_only=True, tag="clear-alert"):
    """Be silent of this alert at once: of every version up to this one. `by` is the person's name."""

    alert: AlertId
    version: Annotated[int, msgspec.Meta(ge=1)]
    by: str


class TestReadiness(_Word, frozen=True, kw_only=True, tag="test-readiness"):
    """Sound nothing: look whether these clips lie here whole and everything else an alert needs is well, and
    answer with a `Receipt`. `test` is this test's id."""

    test: AlertId
    clips: tuple[ClipId, ...]


Body = PlanChanged | Stop | SetVolume | TestChime | RaiseAlert | RaiseDrill | ClearAlert | TestReadiness


class Order(_Word, frozen=True, kw_only=True):
    """What the hub tells units to do. Refused when not signed, expired, for others, or seen before.

    `to` names targets as `all`, `zone:ID` (that very zone, already spread out) or `unit:ID`.
    `seq` grows for ever, across restores: max(last + 1, Unix time in µs).
    """

    v: int
    station: StationId
    to: tuple[str, ...]
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    seq: Count
    issued: datetime
    expires: datetime
    body: Body

    def __post_init__(self) -> None:
        if instant(self.expires) <= instant(self.issued):
            raise ValueError("an order cannot expire before it is issued")


def are_for(to: Iterable[str], *, unit: UnitId, zone: ZoneId) -> bool:
    """Whether these targets, as an `Order` names them, mean that unit of that zone."""
    return not {EVERYWHERE, f"zone:{zone}", f"unit:{unit}"}.isdisjoint(to)


class Ask(_Word, frozen=True, kw_only=True):
    """A unit asks for the whole present state. What it asks between whiles is in `timing`."""

    v: int
    unit: UnitId
    nonce: str


class Present(_Word, frozen=True, kw_only=True):
    """The whole present state of one unit, sent signed in answer to its `Ask`.

    `plan` is None only before the first plan was made. `received` and `answered` are the hub's clock
    (timestamps 2 and 3 of the four that `timesync` needs). `orders` are the envelopes of orders still in
    force. `state` stands for everything here that does not pass with time.
    """

    v: int
    station: StationId
    unit: UnitId
    nonce: str
    zone: ZoneId
    name: str
    volume: float
    clips_url: str
    plan: PlanRef | None
    orders: tuple[bytes, ...]
    received: datetime
    answered: datetime
    state: str = ""

    def __post_init__(self) -> None:
        if instant(self.answered) < instant(self.received):
            raise ValueError("an answer cannot be given before the question is heard")


class Receipt(_Word, frozen=True, kw_only=True):
    """What a unit did with an order about an alert, or a test. Told at once, told again when `started` is
    known, and kept until `Told` names the order.

    received: by the unit's clock. started: the first sample of it that sounded here. lacks: clips of it that
    do not lie here. why: why it will not sound, or why the unit is not ready; empty when all is well.
    """

    order: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    alert: AlertId
    version: Count
    received: datetime
    started: datetime | None = None
    lacks: Count = 0
    why: Annotated[str, msgspec.Meta(max_length=300)] = ""

    def __post_init__(self) -> None:
        instant(self.received)


class Tell(_Word, frozen=True, kw_only=True):
    """As-run entries a unit hands over; it keeps them until `Told` names their cues. With them, or alone, how
    it is (`vitals`), which any answer acknowledges."""

    v: int
    unit: UnitId
    entries: tuple[AsRunEntry, ...] = ()
    vitals: Vitals | None = None
    receipts: tuple[Receipt, ...] = ()


class Told(_Word, frozen=True, kw_only=True):
    """The hub has committed the entries of these cues. `refused`: it cannot take these, with the reason."""

    cues: tuple[CueId, ...]
    refused: dict[str, str] = {}
    receipts: tuple[str, ...] = ()
    """Ids of the orders whose receipts need not be told again."""


class HandedStop(_Word, frozen=True, kw_only=True):
    """A stop of `cue`, or of whatever is on air when it is None, as the desk would have put it into the
    store: see `store.orders.DeskOrder`."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    to: tuple[str, ...]
    cue: CueId | None
    by: str
    asked: datetime
    expires: datetime


class HandedOver(_Word, frozen=True, kw_only=True):
    """What the panel hands to the hub when the store does not take it: one of the two.

    `alert`: a version as it now is, so a new one, or one that somebody has cancelled or seconded.
    """

    alert: Alert | None = None
    stop: HandedStop | None = None

    def __post_init__(self) -> None:
        if (self.alert is None) == (self.stop is None):
            raise ValueError("one thing is handed over at a time")


@dataclass(frozen=True, slots=True)
class Subjects:
    """The subjects of one station's broker."""

    station: StationId

    @property
    def order(self) -> str:
        return f"{self.station}.order"

    @property
    def live(self) -> str:
        return f"{self.station}.live.>"

    @property
    def wake(self) -> str:
        """Panel to hub: look at the store."""
        return f"{self.station}.desk.wake"

    @property
    def desk_alert(self) -> str:
        """Panel to hub, as a request: an act upon an alert that the store could not take (`domain.alert`)."""
        return f"{self.station}.desk.alert"

    def ask(self, unit: str) -> str:
        return f"{self.station}.ask.{unit}"

    def tell(self, unit: str) -> str:
        return f"{self.station}.tell.{unit}"

    def beat(self, unit: str) -> str:
        return f"{self.station}.beat.{unit}"


def _to_plain(value: Any) -> Any:
    if isinstance(value, str):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} does not travel")


def _from_plain(kind: type, value: Any) -> Any:
    if issubclass(kind, str):
        return kind(value)
    raise NotImplementedError(f"{kind.__name__} does not travel")


_encoder = msgspec.json.Encoder(enc_hook=_to_plain)


def write(message: object) -> bytes:
    """The message as JSON bytes."""
    return _encoder.encode(message)


def read(kind: type[T], raw: bytes) -> T:
    """The message of that kind in `raw`. Raises BadMessage."""
    try:
        return msgspec.json.decode(raw, type=kind, dec_hook=_from_plain)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, RecursionError) as fault:
        raise BadMessage(f"not a {kind.__name__}: {fault}") from fault
