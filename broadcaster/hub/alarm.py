"""The hub's alarm clock: the one file that knows APScheduler.

One alarm is armed for the next instant at which the hub has something to do, and one rings every so
often whatever happens, so that nothing depends on the first being right. Whether an instant that has
passed still matters is the hub's own policy, never the scheduler's: its misfire grace (one second by
default, after which it silently skips) is off, and missed rings come as one.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler

__all__ = ["Alarm"]

_NEXT = "next"
_STEADY = "steady"

logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it tells of every ring


class Alarm:
    """Calls `ring` from a thread of its own: at the armed instant, and every `steadily`."""

    def __init__(self, ring: Callable[[], None], steadily: timedelta) -> None:
        self._ring = ring
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._scheduler.add_job(ring, "interval", seconds=steadily.total_seconds(), id=_STEADY)

    def start(self) -> None:
        self._scheduler.start()

    def set(self, due: datetime) -> None:
        """Arm the one alarm for `due` (UTC), in place of the one armed before; past instants ring at once."""
        self._scheduler.add_job(self._ring, "date", run_date=due, id=_NEXT, replace_existing=True)

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
