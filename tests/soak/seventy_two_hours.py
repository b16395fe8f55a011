"""Seventy-two hours of a commune at fake speed, again and again with other chance: power, link, hub and
clocks fail at random, and every law of tests/days/three_days.py holds. What a unit remembers must not grow.

`VILLAGES=100 make soak-seventy_two_hours` for more of them; `SEED=7` begins with that one.
"""

import gc
import os
import tempfile
import tracemalloc
from datetime import datetime
from pathlib import Path

from tests.bench._figure import Figure, Figures
from tests.days.three_days import ThreeDays

__all__ = ["measure", "run"]

_VILLAGES = int(os.environ.get("VILLAGES", "12"))
_SEED = int(os.environ.get("SEED", "1"))
_MEMORY = Path("/dev/shm")
_OF_THE_UNIT = ("broadcaster/unit/", "broadcaster/horn/", "broadcaster/domain/")


def run(seed: int, *, traced: bool = False) -> tuple[ThreeDays, list[int]]:
    """Three days lived, and judged; bytes held by the units at each midnight when `traced`.

    Raises AssertionError for the first law that does not hold.
    """
    held: list[int] = []

    def look(_: datetime) -> None:
        gc.collect()
        held.append(_bytes_of_units())

    quick = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="village-", dir=quick) as folder:
        if not traced:
            days = ThreeDays(Path(folder), seed)
            days.run()
            return days, held
        tracemalloc.start()
        try:
            days = ThreeDays(Path(folder), seed, faults=0)
            days.run(look)
        finally:
            tracemalloc.stop()
        return days, held


def measure() -> Figures:
    """All the villages, one after another; a law that does not hold is told with its seed."""
    broken: list[str] = []
    lines = 0
    for seed in range(_SEED, _SEED + _VILLAGES):
        try:
            days, _ = run(seed)
            lines += days.outcomes.total()
        except AssertionError as fault:
            broken.append(f"seed {seed}: {str(fault).partition(chr(10))[0] or 'a law does not hold'}")
    _, held = run(_SEED, traced=True)
    return {
        "villages": Figure(value=_VILLAGES, unit="three days each"),
        "as_run_lines": Figure(value=lines, unit="lines"),
        "laws_broken": Figure(value=len(broken), unit="villages", hold="<= 0", note="; ".join(broken)),
        "unit_growth": Figure(
            value=(held[-1] - held[0]) / 1024 / (len(held) - 1) / 3,
            unit="KiB a day and unit",
            hold="<= 32",
            note="what the agent's own code holds, first midnight to third, on quiet days",
        ),
    }


def _bytes_of_units() -> int:
    """What was allocated by the agent's own code and is still held."""
    taken = tracemalloc.take_snapshot().statistics("filename")
    return sum(one.size for one in taken if any(part in one.traceback[0].filename for part in _OF_THE_UNIT))
