"""What somebody says to all units who has the hub's place at the broker, but neither its key nor its time."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from broadcaster.domain.alert import DRILL, AlertCall, Severity
from broadcaster.domain.names import CueId, ProgrammeId, StationId
from broadcaster.domain.plan import Clip
from broadcaster.link.connection import HubLink
from broadcaster.link.envelope import HubKey, Refusal, seal
from broadcaster.link.identity import Identity
from broadcaster.link.messages import WIRE_VERSION, Order, RaiseAlert, write
from broadcaster.station import StationFolder

__all__ = ["forgeries", "signed", "smuggle"]

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_TITLE = "Lũ về"


def forgeries(station: StationFolder, clip: Clip, alert: str, now: datetime) -> dict[Refusal, bytes]:
    """Orders to sound `clip` as an alert of that id, which no unit may obey, by the reason why not."""
    call = _call(station, clip, alert, now)
    order, ours = _order(station, call, f"{alert}-1", now), station.hub_key
    old = replace(call, start=now - _DAY, expires=now - _DAY + _HOUR)
    yesterday = msgspec.structs.replace(
        _order(station, old, f"{alert}-2", now), issued=now - _DAY, expires=now - _DAY + _HOUR
    )
    drill = _order(station, replace(call, severity=DRILL), f"{alert}-3", now)
    elsewhere = msgspec.structs.replace(order, id=f"{alert}-4", station=StationId("xa-khac"))
    changed = bytearray(seal(ours, write(order)))
    changed[changed.index(_TITLE.encode())] ^= 1
    return {
        Refusal.EXPIRED: seal(ours, write(yesterday)),
        Refusal.UNKNOWN_KEY: seal(HubKey.create(), write(order)),
        Refusal.OTHER_STATION: seal(ours, write(elsewhere)),
        Refusal.BAD_SIGNATURE: bytes(changed),
        Refusal.MALFORMED: seal(ours, write(drill)),
    }


def signed(station: StationFolder, clip: Clip, alert: str, order: str, now: datetime) -> bytes:
    """A true order, with that id."""
    return seal(station.hub_key, write(_order(station, _call(station, clip, alert, now), order, now)))


def smuggle(station: StationFolder, *envelopes: bytes) -> None:
    """Say these to all units, under the hub's own nkey."""
    asyncio.run(_say(station, envelopes))


async def _say(station: StationFolder, envelopes: tuple[bytes, ...]) -> None:
    identity = Identity.load_or_create(station.state / "hub.nkey")
    link = HubLink(station.broker_url, identity, station.station.id)
    running = asyncio.ensure_future(link.run())
    try:
        await link.ready()
        for envelope in envelopes:
            await link.order(envelope)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def _call(station: StationFolder, clip: Clip, alert: str, now: datetime) -> AlertCall:
    local = now.astimezone(station.station.timezone).replace(microsecond=0, tzinfo=None)
    return AlertCall(
        cue=CueId.of(ProgrammeId(alert), local.date(), local.time()),
        version=1,
        title=_TITLE,
        severity=Severity.EXTREME,
        start=now,
        expires=now + _HOUR,
        clips=(clip,),
    )


def _order(station: StationFolder, call: AlertCall, id: str, now: datetime) -> Order:
    return Order(
        v=WIRE_VERSION,
        station=station.station.id,
        to=("all",),
        id=id,
        seq=round(now.timestamp() * 1_000_000),
        issued=now,
        expires=now + _HOUR,
        body=RaiseAlert(call=call),
    )
