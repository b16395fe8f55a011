"""How well a unit knows station time: over 4G as it is made up here, and over the loopback as it is.

`settle`: how far off a unit is a minute after it first heard the hub, over many villages. Each way takes
40 ± 30 ms, evenly distributed (the hardest) or with long tails, and 2 % of the exchanges stall for a second;
the crystals run up to 100 ppm apart. `day`: how far off it is in the rest of a day, just before each answer,
when the crystals swing by 2 ppm with the heat. `unseen`: what a way up that is 20 ms longer on average adds;
nobody can see that from the unit.
`lan_two_units`: a real hub and two real units over the loopback, their crystals 90 ppm apart: how far apart
their station times are, from 15 s after the start on.
`bytes_per_month`: what the exchanges of such a day cost as IP packets both ways, as the kernel counts them.
"""

import asyncio
from bisect import bisect
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory

from broadcaster import clock
from broadcaster.domain.names import UnitId
from broadcaster.link.envelope import HubKey, seal
from broadcaster.link.messages import write
from broadcaster.link.timing import AskTime, TimeTold, microseconds
from tests.bench._boxes import Looks, looks_of_boxes
from tests.bench._figure import Figure, Figures
from tests.link.letters import DAY, AskingUnit, Delay, World, evenly, heavy_tailed, long_tailed, stalling
from tests.link.villages import RealVillage, alive

VILLAGES = {"evenly": 400, "long_tailed": 200, "heavy_tailed": 200, "unseen": 80}
DAYS = 4
LIVE = 90.0
ASKS = 40
_SETTLED = 15.0
_PPM = (-100e-6, -30e-6, 30e-6, 100e-6)
_SWING = 2e-6

_WAYS: dict[str, tuple[Callable[[], Delay], Callable[[], Delay]]] = {
    "evenly": (evenly, evenly),
    "long_tailed": (long_tailed, long_tailed),
    "heavy_tailed": (heavy_tailed, heavy_tailed),
    "unseen": (lambda: evenly(0.030, 0.090), evenly),
}


def settled(ways: str, seed: int) -> float:
    """Seconds by which one village is off after a minute."""
    world, unit = _village(ways, seed, 60)
    *_, (_, time) = unit
    return abs(world.off(time, 60))


def day(ways: str, seed: int) -> tuple[list[float], int]:
    """By how many seconds one village is off before each answer of a day, and how often it asked."""
    world, unit = _village(ways, seed, DAY)
    return [abs(world.off(time, true)) for true, time in unit if true > 60], unit.count


def _village(ways: str, seed: int, seconds: float) -> tuple[World, AskingUnit]:
    up, down = _WAYS[ways]
    world = World(fast=_PPM[seed % len(_PPM)], swing=_SWING, phase=seed)
    return world, AskingUnit(world, stalling(up()), stalling(down()), seed, seconds)


def _made_up() -> Figures:
    with ProcessPoolExecutor() as pool:
        minutes = {
            ways: sorted(pool.map(settled, [ways] * count, range(count), chunksize=20))
            for ways, count in VILLAGES.items()
        }
        days = list(pool.map(day, ["evenly"] * DAYS, range(DAYS)))
        tails = list(pool.map(day, ["long_tailed"] * DAYS, range(DAYS)))
    hold = "<= 5"
    figures = {
        "settle_60s_p99_ms": Figure(value=_p99(minutes["evenly"]), unit="ms", hold=hold),
        "settle_60s_median_ms": Figure(value=1e3 * median(minutes["evenly"]), unit="ms"),
        "settle_max_ms": Figure(value=1e3 * minutes["evenly"][-1], unit="ms"),
        "settle_60s_p99_long_tailed_ms": Figure(value=_p99(minutes["long_tailed"]), unit="ms", hold=hold),
        "settle_60s_p99_heavy_tailed_ms": Figure(value=_p99(minutes["heavy_tailed"]), unit="ms", hold=hold),
        "settle_60s_median_unseen_ms": Figure(
            value=1e3 * median(minutes["unseen"]), unit="ms", note="20 ms longer up than down: half of it"
        ),
    }
    for name, lived in (("day", days), ("day_long_tailed", tails)):
        off = sorted(chain.from_iterable(one for one, _ in lived))
        figures |= {
            f"{name}_p95_ms": Figure(value=1e3 * off[int(0.95 * len(off))], unit="ms", hold=hold),
            f"{name}_p99_ms": Figure(value=_p99(off), unit="ms"),
            f"{name}_median_ms": Figure(value=1e3 * median(off), unit="ms"),
            f"{name}_max_ms": Figure(value=1e3 * off[-1], unit="ms"),
            f"{name}_exchanges": Figure(value=mean(count for _, count in lived), unit="a day"),
        }
    return figures


def _p99(in_order: list[float]) -> float:
    return 1e3 * in_order[int(0.99 * len(in_order))]


def measure() -> Figures:
    figures = _made_up()
    with TemporaryDirectory() as folder:
        figures |= _side_by_side(looks_of_boxes(Path(folder), LIVE))
    with TemporaryDirectory() as folder:
        each = asyncio.run(_bytes_of_an_exchange(Path(folder)))
    exchanges = figures["day_exchanges"].value or 0.0
    return figures | {
        "bytes_of_an_exchange": Figure(value=each, unit="B"),
        "bytes_per_month": Figure(value=each * exchanges * 30 / 1e6, unit="MB", hold="<= 15"),
    }


def _side_by_side(looks: Looks) -> Figures:
    """How far apart two units are, each look of one with the look of the other that is nearest to it."""
    ben, cho = looks.values()
    begun = max(ben[0][0], cho[0][0]) + _SETTLED
    whens = [when for when, _ in cho]
    apart = sorted(
        1e3 * abs(ahead - cho[min(bisect(whens, when), len(cho) - 1)][1])
        for when, ahead in ben
        if when > begun
    )
    off = sorted(1e3 * abs(ahead) for one in (ben, cho) for when, ahead in one if when > begun)
    return {
        "lan_two_units_ms": Figure(value=apart[-1], unit="ms", hold="<= 1"),
        "lan_two_units_median_ms": Figure(value=median(apart), unit="ms"),
        "lan_off_the_hub_median_ms": Figure(value=median(off), unit="ms"),
    }


async def _bytes_of_an_exchange(folder: Path) -> float:
    """What the kernel counts for one, over the real broker; the second half of the answers counts."""
    key, village = HubKey.create(), RealVillage(folder)

    async def answer(_: UnitId, __: bytes) -> bytes:
        heard = microseconds(clock.now())
        return seal(key, write(TimeTold(v=1, nonce="hX2mJ8sQ1pA", heard=heard, took=87, same=True)))

    village.hub.on_ask(answer)
    await village.open()
    try:
        async with alive(village.hub.run, village.ben.run):
            await village.hub.ready()
            await village.ben.ready()
            question = write(AskTime(v=1, nonce="hX2mJ8sQ1pA", state="0123456789ab"))
            await village.ben.ask(question)
            before = village.ben.used
            for _ in range(ASKS):
                await asyncio.sleep(0.1)
                await village.ben.ask(question)
            await asyncio.sleep(0.1)
            return (village.ben.used - before) / ASKS
    finally:
        await village.close()
