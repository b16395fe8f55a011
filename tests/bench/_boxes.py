"""A real hub and two real units, each a process of its own, over one broker on the loopback.

The crystals of the units are made to run apart: their monotonic clocks are stretched, and their time is
found by the real agent. The system clock is the hub's, so each unit can look how far off it is.
"""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from multiprocessing.queues import Queue
from pathlib import Path

from broadcaster import clock
from broadcaster.domain.names import UnitId, ZoneId
from broadcaster.domain.places import Unit
from broadcaster.horn.speaker import WavSpeaker
from broadcaster.link.connection import UnitLink
from broadcaster.link.identity import Identity
from broadcaster.station import StationFolder
from broadcaster.store.units import JoinedUnit
from broadcaster.unit.agent import Agent
from broadcaster.unit.clock import UnitClock
from broadcaster.unit.home import Member, Settings, UnitHome
from tests.days.communes import commune
from tests.link.villages import free_port

__all__ = ["CRYSTALS", "Looks", "looks_of_boxes"]

CRYSTALS = {"loa-ben": 70e-6, "loa-cho": -20e-6}
"""Seconds a second by which each unit's monotonic clock is fast."""
_EVERY = 0.25
_ZONE = ZoneId("thon-ben")

Looks = dict[str, list[tuple[float, float]]]
"""Of each unit: at which true monotonic second, and by how many seconds it was ahead of the hub."""


def looks_of_boxes(folder: Path, seconds: float) -> Looks:
    """Run hub and units for so long."""
    context = multiprocessing.get_context("spawn")
    results: Queue[tuple[str, list[tuple[float, float]]]] = context.Queue()
    station = StationFolder(_station(folder))
    members = {name: _join(station, folder / name, name) for name in CRYSTALS}
    working = [partial(_hub, station.folder)]
    working += [
        partial(_box, folder / name, member, station.clips_url, seconds, results)
        for name, member in members.items()
    ]
    processes = [context.Process(target=work, daemon=True) for work in working]
    with _running(processes):
        return dict(results.get(timeout=seconds + 60) for _ in CRYSTALS)


@contextmanager
def _running(processes: list[multiprocessing.context.SpawnProcess]) -> Iterator[None]:
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
            process.join()


def _station(folder: Path) -> Path:
    ports = f"\n[broker]\nport = {free_port()}\n[hub]\nport = {free_port()}\n"
    return commune(folder / "station", ports)


def _join(station: StationFolder, folder: Path, name: str) -> Member:
    place = Unit(id=UnitId(name), name=name, zone=_ZONE)
    joined = clock.now() - timedelta(hours=1)
    station.store.units.put(JoinedUnit(unit=place, nkey=UnitHome(folder).identity.public, joined=joined))
    return Member(
        station=station.station.id,
        unit=place.id,
        verify_key=str(station.hub_key.verify),
        broker=station.broker_url,
    )


def _hub(folder: Path) -> None:
    asyncio.run(StationFolder(folder).make_service().run(asyncio.Event()))


def _box(
    folder: Path,
    member: Member,
    clips_url: str,
    seconds: float,
    results: "Queue[tuple[str, list[tuple[float, float]]]]",
) -> None:
    home = UnitHome(folder)
    settings = Settings(zone=_ZONE, name=member.unit, clips_url=clips_url)
    home.become(member, settings)
    looks = asyncio.run(_lived(home, member, settings, home.identity, seconds))
    results.put((str(member.unit), looks))


async def _lived(
    home: UnitHome, member: Member, settings: Settings, identity: Identity, seconds: float
) -> list[tuple[float, float]]:
    begun, fast = clock.monotonic(), CRYSTALS[member.unit]
    ours = UnitClock(monotonic=lambda: begun + (clock.monotonic() - begun) * (1 + fast), held=lambda: None)
    link = UnitLink(member.broker, identity, member.station, member.unit)
    speaker = WavSpeaker(home.folder / "horn.wav")
    stop = asyncio.Event()
    living = asyncio.create_task(Agent(home, member, settings, speaker, link=link, clock=ours).run(stop))
    looks = []
    while clock.monotonic() - begun < seconds:
        await asyncio.sleep(_EVERY)
        if ours.trusted:
            looks.append((clock.monotonic(), _ahead(ours)))
    stop.set()
    await living
    return looks


def _ahead(ours: UnitClock) -> float:
    """How far the unit is ahead of the hub, in seconds: of five looks the one least disturbed."""
    spans = []
    for _ in range(5):
        before, shown, after = clock.now(), ours.now(), clock.now()
        spans.append((after - before, (shown - before - (after - before) / 2).total_seconds()))
    return min(spans)[1]
