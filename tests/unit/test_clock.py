"""What a box without a battery knows of the time."""

import math
import time as clocks
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from broadcaster.clock import monotonic
from broadcaster.link.timesync import Exchange
from broadcaster.unit.clock import Kept, UnitClock
from tests.unit.box import NOON

HOUR = timedelta(hours=1)


class Machine:
    """The clocks of one box: switched on at monotonic 0, its system clock an hour slow."""

    def __init__(self, keep: Path | None = None) -> None:
        self.monotonic = 100.0
        self.system = NOON - HOUR
        self.asleep = 0.0
        self.ntp: float | None = None
        self.started = "first start"
        self._keep = keep

    def clock(self) -> UnitClock:
        return UnitClock(
            self._keep,
            monotonic=lambda: self.monotonic,
            now=lambda: self.system,
            slept=lambda: self.asleep,
            held=lambda: self.ntp,
            boot=lambda: self.started,
        )

    def passes(self, seconds: float) -> None:
        self.monotonic += seconds
        self.system += timedelta(seconds=seconds)

    def hears(self, clock: UnitClock) -> None:
        """The hub, for which it is noon and as many seconds as the machine has run since 100."""
        hub = NOON + timedelta(seconds=self.monotonic - 100)
        early = timedelta(milliseconds=-5)
        exchange = Exchange(
            sent=self.monotonic - 0.01, received=hub + early, answered=hub + early, arrived=self.monotonic
        )
        clock.adopt(clock.after(exchange))


def test_a_box_that_has_heard_nobody_shows_its_own_time_and_does_not_trust_it() -> None:
    machine = Machine()
    clock = machine.clock()
    assert not clock.trusted
    assert clock.error == math.inf
    assert clock.now() == NOON - HOUR
    assert clock.monotonic_at(clock.instant_at(123.0)) == pytest.approx(123.0, abs=1e-6)


def test_the_hub_is_believed_and_how_far_the_clock_is_set_is_known_before() -> None:
    machine = Machine()
    clock = machine.clock()
    exchange = Exchange(sent=100.0, received=NOON, answered=NOON, arrived=100.02)
    machine.passes(0.02)
    shift = clock.shift_to(clock.after(exchange))
    assert shift == pytest.approx(HOUR, abs=timedelta(milliseconds=20))
    clock.adopt(clock.after(exchange))
    assert clock.trusted
    assert clock.now() == pytest.approx(NOON, abs=timedelta(milliseconds=20))
    assert clock.error < 0.011


def test_a_system_clock_held_by_ntp_is_trusted_until_the_hub_is_heard() -> None:
    machine = Machine()
    machine.ntp = 0.03
    clock = machine.clock()
    assert clock.trusted
    assert clock.now() == NOON - HOUR
    machine.hears(clock)
    assert clock.now() == pytest.approx(NOON, abs=timedelta(milliseconds=20))
    clock.adopt(clock.looked())
    assert clock.now() == pytest.approx(NOON, abs=timedelta(milliseconds=20))


def test_ntp_that_comes_later_is_noticed() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.ntp = 0.05
    clock.adopt(clock.looked())
    assert clock.trusted


def test_station_time_outlives_a_crash_and_no_restart_of_the_machine(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "time.json")
    clock = machine.clock()
    machine.hears(clock)
    clock.keep()
    machine.passes(3600)
    again = machine.clock()
    assert again.trusted
    assert again.now() == pytest.approx(NOON + HOUR, abs=timedelta(milliseconds=20))
    assert again.error > clock.error - 0.001
    machine.started = "second start"
    machine.monotonic = 20.0
    assert not machine.clock().trusted


def test_a_machine_that_slept_knows_nothing(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "time.json")
    clock = machine.clock()
    machine.hears(clock)
    clock.keep()
    machine.asleep = 5.0
    machine.system += timedelta(seconds=5)
    assert not machine.clock().trusted
    clock.adopt(clock.looked())
    assert not clock.trusted
    assert clock.now() == machine.system


def test_what_was_kept_and_cannot_be_read_is_forgotten(tmp_path: Path) -> None:
    (tmp_path / "time.json").write_bytes(b"{")
    assert not Machine(tmp_path / "time.json").clock().trusted


@pytest.mark.parametrize(
    ("name", "worn"),
    [
        ("instant", "9999-12-31T23:59:59Z"),
        ("instant", "6026-11-21T12:00:00Z"),
        ("instant", "0001-01-01T00:00:00Z"),
        ("instant", "2026-11-21T12:00:00"),
        ("monotonic", -1e300),
        ("error", -0.5),
    ],
)
def test_what_was_kept_and_cannot_be_is_forgotten_and_stops_nobody(
    tmp_path: Path, name: str, worn: str | float
) -> None:
    machine = Machine(tmp_path / "time.json")
    clock = machine.clock()
    machine.hears(clock)
    clock.keep()
    kept = msgspec.json.decode((tmp_path / "time.json").read_bytes(), type=dict[str, object])
    assert machine.clock().trusted
    (tmp_path / "time.json").write_bytes(msgspec.json.encode({**kept, name: worn}))
    assert not machine.clock().trusted


def test_an_untrusted_time_is_not_kept(tmp_path: Path) -> None:
    Machine(tmp_path / "time.json").clock().keep()
    assert not (tmp_path / "time.json").exists()


def test_a_memory_card_is_spared(tmp_path: Path) -> None:
    """An hour of exchanges every two minutes: one writing when something is known, and one every ten."""
    machine = Machine(tmp_path / "time.json")
    clock = machine.clock()
    written: set[bytes] = set()
    for _ in range(30):
        machine.hears(clock)
        clock.keep()
        written.add((tmp_path / "time.json").read_bytes())
        machine.passes(120)
    assert 6 <= len(written) <= 8


def test_what_is_known_twice_as_well_is_kept_at_once(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "time.json")
    clock = machine.clock()
    for spread in (1.0, 0.9, 0.3):
        machine.passes(1)
        middle = NOON + timedelta(seconds=machine.monotonic - spread / 2)
        exchange = Exchange(
            sent=machine.monotonic - spread, received=middle, answered=middle, arrived=machine.monotonic
        )
        clock.adopt(clock.after(exchange))
        clock.keep()
        (kept,) = (msgspec.json.decode(path.read_bytes(), type=Kept) for path in tmp_path.iterdir())
        assert kept.error == pytest.approx(0.5 if spread > 0.5 else 0.15, abs=0.01)


def test_how_differently_the_crystals_run_outlives_a_crash_too(tmp_path: Path) -> None:
    """The unit's crystal is 80 ppm slow; it comes back an hour later, and the hub is not there."""
    machine = Machine(tmp_path / "time.json")
    clock = machine.clock()
    for minute in range(0, 60, 2):
        true = machine.monotonic * 80e-6
        hub = NOON + timedelta(seconds=machine.monotonic + true - 0.005)
        clock.adopt(
            clock.after(
                Exchange(sent=machine.monotonic - 0.01, received=hub, answered=hub, arrived=machine.monotonic)
            )
        )
        clock.keep()
        machine.passes(120 if minute < 58 else 3600)
    again = machine.clock()
    truly = NOON + timedelta(seconds=machine.monotonic * (1 + 80e-6))
    assert again.now() == pytest.approx(truly, abs=timedelta(milliseconds=10))


def test_a_suspended_machine_is_noticed_and_judges_its_clock_again() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.hears(clock)
    assert not clock.was_asleep
    machine.asleep = 300.0
    assert clock.was_asleep
    clock.adopt(clock.looked())
    assert not clock.was_asleep
    assert not clock.trusted
    machine.hears(clock)
    assert clock.trusted


def test_nobody_can_set_or_slew_the_clock_that_is_gone_by() -> None:
    """CLOCK_MONOTONIC is slewed with the system clock; the raw one is the crystal itself."""
    before = clocks.clock_gettime(clocks.CLOCK_MONOTONIC_RAW)
    ours = monotonic()
    assert before <= ours <= clocks.clock_gettime(clocks.CLOCK_MONOTONIC_RAW)
