"""What is in force here of alerts: acted on at once, kept on the disk, and taken up again after a restart.

The files are in `keeping`.

Laws
1. The horn first. Nothing here waits for the disk before the player has it; the disk is written beside the
   loop, and what it would not take is written when it does.
2. What lies on the disk is believed as little as what comes over the wire: it is opened and its signature
   checked anew. It is not acted on before the time is known, for nobody knows how long this unit was off.
3. What has expired is deleted. What has sounded of it, the records know.
4. Of every alert order that is for this unit the hub gets a receipt, also when it will not sound.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Never, Protocol, TypedDict

import msgspec

from broadcaster.domain.alert import AlertCall, missed, rounds
from broadcaster.domain.changes import in_hours
from broadcaster.domain.moves import knows_schedule
from broadcaster.domain.names import AlertId, ClipId, ProgrammeId
from broadcaster.domain.plan import Clip, PlannedCue
from broadcaster.domain.playout import Cleared, Raised
from broadcaster.link.envelope import Refusal
from broadcaster.link.messages import ClearAlert, Order, RaiseAlert, RaiseDrill, Receipt
from broadcaster.unit.box import Box
from broadcaster.unit.cache import Cache
from broadcaster.unit.keeping import Keeping, Kept
from broadcaster.unit.obeying import Judged, Obeying

__all__ = ["INLINE", "Alerts"]

INLINE = 200_000
"""Bytes of sound that may come with an order."""

_WHY = {
    Refusal.EXPIRED: "it had expired when it came here",
    Refusal.OLDER_VERSION: "a newer version of it was here before it",
    Refusal.MALFORMED: "it is a drill that is called an alert, or an alert that is called a drill",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """The newest order about one alert, and the sounds that are lent for it."""

    order: Order
    kept: Kept
    lent: tuple[ClipId, ...] = ()


class Fetches(Protocol):
    """What alerts need of `holding.Holding`."""

    def want_first(self, alert: str, clips: tuple[Clip, ...]) -> None: ...


class KnowsTime(Protocol):
    """What alerts need of `clock.UnitClock`."""

    @property
    def trusted(self) -> bool: ...

    def now(self) -> datetime: ...


class Alerts:
    """The alerts of one unit. `front`: from when on it can be decided what sounds; `tell` takes receipts."""

    def __init__(
        self,
        folder: Path,
        *,
        obeying: Obeying,
        box: Box,
        cache: Cache,
        holding: Fetches,
        clock: KnowsTime,
        front: Callable[[], datetime],
        tell: Callable[[Receipt], None],
    ) -> None:
        self._keeping = Keeping(folder)
        self._obeying = obeying
        self._box = box
        self._cache = cache
        self._holding = holding
        self._clock = clock
        self._front = front
        self._tell = tell
        self._standing: dict[str, _Standing] = {}
        self._found = self._keeping.found()
        self._write_now = asyncio.Event()

    def take(self, judged: Judged, raw: bytes, now: datetime) -> None:
        """Act on this order about an alert, judged at `now`, or say why not."""
        order, refusal = judged
        names = _names(order)
        if refusal is None:
            receipt = Receipt(received=self._clock.now(), **names)
            lent, lacks, why = self._act(order, now)
            self._obeying.remember(order, now)
            receipt = msgspec.structs.replace(receipt, lacks=lacks, why=why)
            self._keep(order, Kept(envelope=raw, receipt=receipt), lent)
        elif refusal is Refusal.REPEATED:
            known = self._standing.get(names["alert"])
            if known is not None and known.order.id == order.id:
                self._tell(known.kept.receipt)
        elif refusal in _WHY and not self._obeying.has_heard(names["alert"], names["version"]):
            self._tell(Receipt(received=self._clock.now(), why=_WHY[refusal], **names))

    def look(self) -> None:
        """Take up what was found on the disk, and drop what has expired, once the time is known."""
        if not self._clock.trusted:
            return
        now = self._clock.now()
        found, self._found = self._found, {}
        for alert, kept in found.items():
            if alert not in self._standing:
                self._take_up(alert, kept, now)
        for alert, standing in list(self._standing.items()):
            if _expiry(standing.order) <= now:
                self._drop(alert)

    def heard(self, cue: PlannedCue, begin: datetime) -> None:
        """A cue is heard from `begin` on. That an alert is, is told."""
        standing = self._standing.get(cue.id.programme)
        if standing is None or isinstance(standing.order.body, ClearAlert):
            return
        kept = standing.kept
        if kept.receipt.started is not None or kept.receipt.version != cue.version:
            return
        lacks = self._lacks(_clips(standing.order))
        receipt = msgspec.structs.replace(kept.receipt, started=begin, lacks=lacks, why="")
        self._keep(standing.order, msgspec.structs.replace(kept, receipt=receipt), standing.lent)

    def mend(self) -> None:
        """Write again what the disk would not take."""
        if self._keeping.behind:
            self._write_now.set()

    async def write(self) -> Never:
        """Put on the disk what is in force, for ever, beside the loop: a disk may hang."""
        while True:
            await self._write_now.wait()
            self._write_now.clear()
            await asyncio.to_thread(self.write_down)

    def write_down(self) -> None:
        """Put on the disk what is not there yet. From one thread at a time."""
        # In this order: what is remembered and is not there would not be taken up.
        self._keeping.write()
        self._obeying.keep()

    def _act(self, order: Order, now: datetime) -> tuple[tuple[ClipId, ...], int, str]:
        """Carry it out: the horn first. What was lent for it, how many of its clips are not here, and why it
        will not sound."""
        self._box.trust(self._clock.trusted, self._front())
        match order.body:
            case RaiseAlert(call=call, sounds=sounds) | RaiseDrill(call=call, sounds=sounds):
                lent = self._lend(call, sounds)
                self._holding.want_first(call.cue.programme, call.clips)
                return lent, self._lacks(_clips(order)), self._raise(call, now)
            case ClearAlert(alert=alert, version=version, by=by):
                cleared = Cleared(cue=None, by=by, alert=ProgrammeId(alert), version=version)
                self._box.happen(cleared, self._front())
                self._holding.want_first(alert, ())
        return (), 0, ""

    def _raise(self, call: AlertCall, now: datetime) -> str:
        """Have it sounded from `now` on; why it will not, if that is known already."""
        front = self._front()
        heard = max(now, front) if self._clock.trusted else now
        cues = rounds(call, heard)
        if not cues:
            return _WHY[Refusal.EXPIRED]
        over = missed(call, heard) if self._clock.trusted else ()
        self._box.happen(Raised(cue=cues[0], later=cues[1:], missed=over), front)
        state = self._box.state
        if not in_hours(state, cues[0], max(cues[0].start, state.now)):
            known = knows_schedule(state)
            return f"it is a drill, and {'these are no' if known else 'nobody knows here the'} allowed hours"
        clips = {clip.id for clip in call.clips}
        return "none of its sound is here yet" if self._lacks(clips) == len(clips) else ""

    def _lend(self, call: AlertCall, sounds: tuple[bytes, ...]) -> tuple[ClipId, ...]:
        """Hold what came with the order, under the names it has by its own content."""
        if sum(map(len, sounds)) > INLINE:
            return ()
        wanted = _ids(call)
        named = ((ClipId(hashlib.sha256(sound).hexdigest()), sound) for sound in sounds)
        return tuple(clip for clip, sound in named if clip in wanted and self._cache.lend(clip, sound))

    def _lacks(self, clips: set[ClipId]) -> int:
        return len(clips - self._cache.held)

    def _take_up(self, alert: str, kept: Kept, now: datetime) -> None:
        """What was in force when this unit was switched off, if it still is."""
        order = self._obeying.kept(kept.envelope)
        names = None if order is None else _names(order)
        if (
            order is None
            or names is None
            or names["alert"] != alert
            or _expiry(order) <= now
            or self._obeying.has_heard(alert, names["version"] + 1)
        ):
            self._keeping.put(alert, None)
            self._write_now.set()
            return
        for clip in _clips(order):
            self._cache.check(clip)
        lent, _, _ = self._act(order, now)
        self._obeying.remember(order, now)
        self._standing[alert] = _Standing(order=order, kept=kept, lent=lent)
        self._tell(kept.receipt)

    def _keep(self, order: Order, kept: Kept, lent: tuple[ClipId, ...]) -> None:
        alert = _names(order)["alert"]
        before = self._standing.get(alert)
        others = () if before is None else before.lent
        self._standing[alert] = _Standing(order=order, kept=kept, lent=tuple({*others, *lent}))
        self._keeping.put(alert, kept)
        self._write_now.set()
        self._tell(kept.receipt)

    def _drop(self, alert: str) -> None:
        """It is over, and nothing of it will sound any more."""
        self._cache.give_back(self._standing.pop(alert).lent)
        self._holding.want_first(alert, ())
        self._keeping.put(alert, None)
        self._write_now.set()


class _Names(TypedDict):
    order: str
    alert: AlertId
    version: int


def _names(order: Order) -> _Names:
    """What it is about, as a receipt says it."""
    match order.body:
        case RaiseAlert(call=call) | RaiseDrill(call=call):
            return _Names(order=order.id, alert=AlertId(call.cue.programme), version=call.version)
        case ClearAlert(alert=alert, version=version):
            return _Names(order=order.id, alert=alert, version=version)
        case _:
            raise ValueError(f"the order {order.id} is about no alert")


def _clips(order: Order) -> set[ClipId]:
    match order.body:
        case RaiseAlert(call=call) | RaiseDrill(call=call):
            return _ids(call)
        case _:
            return set()


def _ids(call: AlertCall) -> set[ClipId]:
    return {clip.id for clip in call.clips}


def _expiry(order: Order) -> datetime:
    """Until when it is in force."""
    match order.body:
        case RaiseAlert(call=call) | RaiseDrill(call=call):
            return call.expires
        case _:
            return order.expires
