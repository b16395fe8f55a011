"""The one place that reads a clock.

Everything that decides is handed its time. Instants are aware UTC; lengths are measured with the
monotonic clock, which no one can set.
"""

import time
from datetime import UTC, datetime

__all__ = ["monotonic", "now", "slept"]


def now() -> datetime:
    """The present instant by this machine's clock."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that never step and are never slewed (CLOCK_MONOTONIC_RAW)."""
    return time.clock_gettime(time.CLOCK_MONOTONIC_RAW)


def slept() -> float:
    """Seconds this machine was suspended since it started; `monotonic` stood still meanwhile."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
