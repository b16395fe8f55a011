"""Station time on a unit: from the hub, from a system clock that is in step with the world, or from before.

A box on a pole has no battery: after a power cut its system clock is anywhere. So its time is trusted when
- the hub has been heard since the machine started, or
- the system clock is held by NTP (the kernel says so, and how far off it can be), or
- this machine has not been restarted since station time was last known: the monotonic clock goes on over a
  crash of the process, so what was known is kept in a file and only grows less exact.
A machine that was suspended knows nothing: its monotonic clock stood still.

While nothing is known the system clock is shown all the same, untrusted, so that an alert can play.
"""

import ctypes
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from broadcaster import clock
from broadcaster.files import write_whole
from broadcaster.link.timesync import DRIFT, Exchange, StationTime

__all__ = ["Kept", "UnitClock", "boot", "system_clock_error"]

_SUSPENDED = 0.05
_KEEP_EVERY = 600.0
"""Seconds between two writings of what is known, unless it is known twice as well: memory cards wear."""
_UNSYNCHRONISED = 0x40
_EARLIEST, _LATEST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Station time is between them; what was kept and is not was changed by a worn card."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What was known of station time, good for as long as the machine runs on (`boot`, not suspended)."""

    boot: str
    slept: float
    monotonic: Annotated[float, msgspec.Meta(ge=0)]
    instant: datetime
    error: Annotated[float, msgspec.Meta(ge=0)]
    rate: float = 0.0


def boot() -> str:
    """What tells this start of the machine from any other; empty where that cannot be told."""
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""


class _Adjustment(ctypes.Structure):
    """`struct timex` of the kernel, as far as it is looked at."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


def system_clock_error() -> float | None:
    """How far the system clock can be off, in seconds, as NTP tells the kernel; None when nobody holds it."""
    try:
        adjust = ctypes.CDLL(None).adjtimex
    except (OSError, AttributeError):
        return None
    asked = _Adjustment()
    if adjust(ctypes.byref(asked)) < 0 or asked.status & _UNSYNCHRONISED:
        return None
    return float(asked.maxerror) / 1e6


class UnitClock:
    """Station time as far as this unit knows it. `keep` is the file in which it outlives a crash."""

    def __init__(
        self,
        keep: Path | None = None,
        *,
        monotonic: Callable[[], float] = clock.monotonic,
        now: Callable[[], datetime] = clock.now,
        slept: Callable[[], float] = clock.slept,
        held: Callable[[], float | None] = system_clock_error,
        boot: Callable[[], str] = boot,
    ) -> None:
        self.monotonic = monotonic
        self._now = now
        self._slept = slept
        self._held = held
        self._boot = boot()
        self._keep = keep
        self._kept: Kept | None = None
        self._asleep = slept()
        self._own = now() - timedelta(seconds=monotonic())
        self.adopt(self._told(self._remembered()))

    @property
    def known(self) -> StationTime:
        return self._time

    @property
    def trusted(self) -> bool:
        """Whether scheduled cues may play by it."""
        return self._time.trusted(self.monotonic())

    @property
    def error(self) -> float:
        """The most, in seconds, by which it is off; infinite when nothing is known."""
        return self._time.error(self.monotonic())

    def now(self) -> datetime:
        return self.instant_at(self.monotonic())

    def instant_at(self, monotonic: float) -> datetime:
        if not self._known:
            return self._own + timedelta(seconds=monotonic)
        return self._time.at(monotonic)

    def monotonic_at(self, instant: datetime) -> float:
        if not self._known:
            return (instant - self._own).total_seconds()
        return self._time.monotonic_of(instant)

    def shift_to(self, time: StationTime) -> timedelta:
        """By how much the clock would be set by going by `time`."""
        monotonic = self.monotonic()
        later = time.at(monotonic) if time != StationTime() else self._own + timedelta(seconds=monotonic)
        return later - self.instant_at(monotonic)

    def after(self, exchange: Exchange) -> StationTime:
        """What is known once this exchange with the hub counts; `adopt` it to go by it."""
        return self._time.heard(exchange)

    @property
    def was_asleep(self) -> bool:
        """Whether the machine was suspended since it was last `looked` at."""
        return abs(self._slept() - self._asleep) > _SUSPENDED

    def looked(self) -> StationTime:
        """What is known after a look at the machine itself: has it slept, does NTP hold its clock?"""
        if self.was_asleep:
            self._asleep = self._slept()
            self._own = self._now() - timedelta(seconds=self.monotonic())
            return self._told(StationTime())
        return self._told(self._time)

    def adopt(self, time: StationTime) -> None:
        """Go by `time` from now on."""
        self._time = time
        self._known = time != StationTime()

    def keep(self) -> None:
        """Write down what is known, for the time after a crash, if it is worth it. Raises OSError."""
        monotonic, error = self.monotonic(), self.error
        if self._keep is None or not self._boot or not self.trusted:
            return
        if self._kept is not None:
            old = monotonic - self._kept.monotonic
            if old < _KEEP_EVERY and 2 * error > self._kept.error and self._kept.slept == self._asleep:
                return
        kept = Kept(
            boot=self._boot,
            slept=self._asleep,
            monotonic=monotonic,
            instant=self.instant_at(monotonic),
            error=error,
            rate=self._time.rate,
        )
        write_whole(self._keep, msgspec.json.encode(kept))
        self._kept = kept

    def _told(self, time: StationTime) -> StationTime:
        """Station time with what the system clock adds; that counts for nothing once the hub was heard."""
        error = self._held()
        monotonic = self.monotonic()
        if error is None or error >= time.error(monotonic):
            return time
        return time.told(monotonic=monotonic, instant=self._now(), error=error)

    def _remembered(self) -> StationTime:
        try:
            raw = self._keep.read_bytes() if self._keep is not None else b""
            kept = msgspec.json.decode(raw, type=Kept)
        except (OSError, msgspec.MsgspecError):
            return StationTime()
        if kept.instant.tzinfo is None or not _EARLIEST <= kept.instant <= _LATEST:
            return StationTime()
        age = self.monotonic() - kept.monotonic
        asleep = abs(kept.slept - self._asleep) > _SUSPENDED
        if kept.boot != self._boot or not self._boot or age < 0 or asleep or abs(kept.rate) > DRIFT:
            return StationTime()
        instant = kept.instant.astimezone(UTC) + timedelta(seconds=age * (1 + kept.rate))
        error = kept.error + 2 * age * DRIFT
        return StationTime().told(monotonic=self.monotonic(), instant=instant, error=error, rate=kept.rate)
