"""Time that is set by hand: a whole day lasts as long as its steps take."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from broadcaster.domain.instants import to_utc

__all__ = ["MONDAY", "SAIGON", "TICK", "Time", "local"]

SAIGON = ZoneInfo("Asia/Ho_Chi_Minh")
MONDAY = date(2026, 11, 23)
TICK = timedelta(milliseconds=250)
"""One step of the village around anything that is due."""

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def local(clock: str, day: date = MONDAY) -> datetime:
    """The instant at which the clocks of the commune show this: `05:00`, `05:00:30`."""
    return to_utc(datetime.combine(day, time.fromisoformat(clock)), SAIGON)


class Time:
    """The one clock of the village."""

    def __init__(self, begin: datetime) -> None:
        self._now = begin

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - _EPOCH).total_seconds()

    def pass_by(self, length: timedelta) -> None:
        """Let so much time pass at once."""
        self._now += length
