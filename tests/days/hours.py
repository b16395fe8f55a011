"""Time that is set by hand: a whole day lasts as long as its steps take."""

from collections.abc import Callable
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
        self._listeners: list[Callable[[], None]] = []
        self._step: timedelta | None = None

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self.monotonic_at(self._now)

    def pass_by(self, length: timedelta) -> None:
        """Let so much time pass: at once, or in small steps if somebody listens to them."""
        end = self._now + length
        while self._now < end:
            self._now = end if self._step is None else min(self._now + self._step, end)
            for listener in self._listeners:
                listener()

    def every(self, step: timedelta, listener: Callable[[], None]) -> None:
        """From now on time goes in steps of that length, and `listener` is called after each."""
        self._step = step
        self._listeners.append(listener)

    def instant_at(self, monotonic: float) -> datetime:
        return _EPOCH + timedelta(seconds=monotonic)

    def monotonic_at(self, instant: datetime) -> float:
        return (instant - _EPOCH).total_seconds()
