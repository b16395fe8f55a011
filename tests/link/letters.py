"""A hub, a unit and the letters between them, made up: clocks that run apart, delays of every kind."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from broadcaster.link.timesync import Exchange, StationTime

__all__ = [
    "DAY",
    "NOON",
    "Delay",
    "World",
    "evenly",
    "heavy_tailed",
    "lan",
    "long_tailed",
    "stalling",
]

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = 86_400.0

Delay = Callable[[random.Random], float]
"""Seconds that a letter is on its way."""


def evenly(low: float = 0.010, high: float = 0.070) -> Delay:
    """40 ± 30 ms, each delay as likely as any other: the hardest for whoever looks for the quickest."""
    return lambda chance: chance.uniform(low, high)


def long_tailed(quickest: float = 0.010, mean: float = 0.030) -> Delay:
    return lambda chance: quickest + chance.expovariate(1 / mean)


def heavy_tailed(quickest: float = 0.010, typical: float = 0.018) -> Delay:
    return lambda chance: quickest + min(typical * math.exp(chance.gauss(0, 1)), 3.0)


def lan() -> Delay:
    return long_tailed(0.0001, 0.00008)


def stalling(delay: Delay, share: float = 0.01, seconds: float = 1.0) -> Delay:
    """Each way stalls with that share: 2 % of the exchanges do."""
    return lambda chance: delay(chance) + (seconds if chance.random() < share else 0.0)


@dataclass
class World:
    """The hub's clock shows NOON when the unit's monotonic clock shows `start`, and then the unit's runs
    `fast` seconds a second faster, give or take a daily `swing`."""

    start: float = 1000.0
    fast: float = 0.0
    swing: float = 0.0
    phase: float = 0.0
    set_by: float = 0.0

    def hub(self, true: float) -> datetime:
        return NOON + timedelta(seconds=true + self.set_by)

    def unit(self, true: float) -> float:
        turn = 2 * math.pi / DAY
        swung = self.swing / turn * (math.sin(turn * true + self.phase) - math.sin(self.phase))
        return self.start + true * (1 + self.fast) + swung

    def exchange(self, true: float, *, up: float, down: float, thinking: float = 0.001) -> Exchange:
        return Exchange(
            sent=self.unit(true),
            received=self.hub(true + up),
            answered=self.hub(true + up + thinking),
            arrived=self.unit(true + up + thinking + down),
        )

    def off(self, time: StationTime, true: float) -> float:
        """Seconds by which the unit is ahead of the hub."""
        return (time.at(self.unit(true)) - self.hub(true)).total_seconds()


@dataclass
class AskingUnit:
    """A unit that asks when it thinks it has to: iterates over (true second, what it knows), each as late as
    it gets before the next answer."""

    world: World
    up: Delay
    down: Delay
    seed: int
    seconds: float
    time: StationTime = field(default_factory=StationTime)
    count: int = 0

    def __iter__(self) -> Iterator[tuple[float, StationTime]]:
        chance, true = random.Random(self.seed), 0.0
        while true < self.seconds:
            up, down = self.up(chance), self.down(chance)
            arrives = true + up + down + 0.001
            if true and arrives < self.seconds:
                yield arrives, self.time
            self.time = self.time.heard(self.world.exchange(true, up=up, down=down))
            self.count += 1
            true = arrives + self.time.pause * chance.uniform(2 / 3, 4 / 3)
        yield self.seconds, self.time
