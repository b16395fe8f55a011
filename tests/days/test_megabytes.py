"""SIM cards are paid by the megabyte: what does not change is not sent again."""

import asyncio
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from broadcaster.domain.health import BEAT, Supply
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId, CueId, StationId, UnitId, ZoneId
from broadcaster.link.connection import Pace
from broadcaster.link.envelope import HubKey, seal
from broadcaster.link.messages import (
    WIRE_VERSION,
    Ask,
    NowPlaying,
    PlanRef,
    Present,
    Tell,
    Told,
    Vitals,
    read,
    write,
)
from broadcaster.link.timing import AskTime, TimeTold
from broadcaster.link.vitals import AGAIN, SIGN
from tests.days.bill import Bill
from tests.days.hours import local
from tests.days.village import Village, sample_commune
from tests.link.letters import NOON, AskingUnit, World, evenly
from tests.link.villages import BEN, STATION, RealVillage, alive

DAY = Spell(begin=local("01:00"), end=local("01:00") + timedelta(days=1))
QUARTERS = 4


@pytest.fixture
def village(disks: Path) -> Village:
    """The sample commune when everything is made and laid."""
    living = Village(sample_commune(disks / "station"), disks, DAY.begin - timedelta(minutes=59))
    living.run_until(DAY.begin)
    for pole in living.poles.values():
        pole.plans.clear()
    living.office.published.clear()
    living.wire.carried.clear()
    return living


def test_in_a_day_on_which_nothing_changes_plans_change_only_as_their_horizon_moves(village: Village) -> None:
    village.run_until(DAY.end)
    for pole in village.poles.values():
        assert len(pole.plans) == QUARTERS
        assert len(set(pole.plans)) == QUARTERS
    assert len(village.office.published) == QUARTERS + 1, "and every morning the test nobody hears"


def test_a_hub_restarted_every_hour_sends_no_plan_for_that(village: Village) -> None:
    for hour in range(24):
        village.at(DAY.begin + timedelta(hours=hour, minutes=30), village.restart_hub)
    village.run_until(DAY.end)
    assert {len(pole.plans) for pole in village.poles.values()} == {QUARTERS}


def test_a_unit_restarted_every_hour_fetches_no_clip_a_second_time(village: Village) -> None:
    for hour in range(24):
        village.at(DAY.begin + timedelta(hours=hour, minutes=30), lambda: village.poles["loa-ben"].restart())
    village.run_until(DAY.end)
    assert village.wire.carried["clips"] == 0


def test_the_orders_and_plans_of_a_quiet_day_are_an_eighth_of_a_megabyte_a_unit(village: Village) -> None:
    village.run_until(DAY.end)
    brought = village.wire.carried
    assert (brought["plans"] + brought["orders"]) / len(village.poles) < 125_000
    assert brought["clips"] == 0


MONTH = timedelta(days=31)
MOST = 60_000_000
CUE = CueId("ban-tin-sang@2026-11-21T05:00:00")
KEY = HubKey.create()
TIME = (
    write(AskTime(v=WIRE_VERSION, nonce="x" * 11, state="y" * 12)),
    seal(
        KEY, write(TimeTold(v=WIRE_VERSION, nonce="x" * 11, heard=1_800_000_000_000_000, took=900, same=True))
    ),
)
"""The question for the time, and its answer."""

VITALS = Vitals(
    v=WIRE_VERSION,
    at=NOON,
    software="0.1.0",
    plan=1_800_000_000_000_000,
    clips=240,
    cache=312_000_000,
    playing=NowPlaying(cue=CUE, title="Bản tin sáng của xã Đồng Tiến", since=NOON, played=MONTH),
    clock_error=0.00213,
    round_trip=0.0812,
    disk_free=12_400_000_000,
    temperature=61.5,
    supply=Supply.WAS_LOW,
    underruns=31,
    underruns_lately=2,
    level=-15.3,
    speaker="USB Audio Device: - (hw:1,0)",
    waiting=3,
    refusals={"expired": 2, "other-station": 1},
    used=43_000_000,
)
"""All that can be said, though most of it mostly is not."""

RECONNECTED = 8
"""Times a day: a mobile network gives a box another address now and then."""

GREETING = 3000
"""Bytes of a new connection to the broker, until both know each other."""


def asks_a_day() -> float:
    """Questions for the time on a line of 40 ± 30 ms, the hardest one, when the clock has settled."""
    unit = AskingUnit(World(fast=20e-6, swing=1e-6), evenly(), evenly(), seed=1, seconds=6 * 3600)
    settled = [at for at, _ in unit if at > 3 * 3600]
    assert max(later - earlier for earlier, later in pairwise(settled)) < Pace().quiet, (
        "or pings are paid too"
    )
    return len(settled) * 8


def whole_state(unit: UnitId) -> tuple[bytes, bytes]:
    """The question for the whole state, and its answer."""
    ask = Ask(v=WIRE_VERSION, unit=unit, nonce="x" * 11)
    present = Present(
        v=WIRE_VERSION,
        station=StationId("dong-tien"),
        unit=unit,
        nonce=ask.nonce,
        zone=ZoneId("thon-ben"),
        name="Cột điện nhà văn hoá thôn Bến",
        volume=-3.0,
        clips_url="http://truyenthanh.dong-tien.example:8088/clips/",
        plan=PlanRef(revision=1_800_000_000_000_000, sha256=ClipId("ab" * 32), size=3000),
        orders=(),
        received=NOON,
        answered=NOON,
        state="y" * 12,
    )
    return write(ask), seal(KEY, write(present))


def test_all_a_unit_says_and_hears_in_a_month_but_clips_is_below_sixty_megabytes(village: Village) -> None:
    village.wire.letters.clear()
    village.run_until(DAY.end)
    days, unit = MONTH / timedelta(days=1), UnitId("loa-ben")
    bill = Bill(StationId("dong-tien"), unit)
    said = [(kind, there, back) for kind, of, there, back in village.wire.letters if of == unit]
    asks, tells = asks_a_day(), sum(kind == "tells" for kind, *_ in said)
    assert tells > 10
    for kind, there, back in said:
        if kind == "tells":
            bill.tell(write(replace(read(Tell, there), vitals=VITALS)), back, times=days)
        elif kind == "orders":
            bill.order(back, times=days)
        else:
            bill.fetch(len(back), times=days)
    bill.tell(
        write(Tell(v=WIRE_VERSION, unit=unit, vitals=VITALS)), write(Told(cues=())), times=MONTH / AGAIN
    )
    bill.ask("time", *TIME, times=asks * days)
    bill.ask("state", *whole_state(unit), times=(RECONNECTED + QUARTERS) * days)
    bill.items["connections"] += round(RECONNECTED * days * GREETING)
    bill.beat(SIGN, times=MONTH / BEAT - MONTH / AGAIN - (asks + tells) * days)
    assert bill.total < MOST, {what: f"{size / 1e6:.1f} MB" for what, size in bill.items.items()}


@pytest.mark.wire
def test_the_bill_is_what_the_kernel_counts(tmp_path: Path) -> None:
    asked, answered = TIME
    report, receipt = b"x" * 700, write(Told(cues=()))

    async def talk() -> None:
        real = RealVillage(tmp_path)
        await real.open()
        try:
            real.hub.on_ask(lambda *_: _same(answered))
            real.hub.on_tell(lambda *_: _same(receipt))
            real.hub.on_beat(lambda *_: _nothing())
            async with alive(real.hub.run, real.ben.run):
                await real.hub.ready()
                await real.ben.ready()
                await asyncio.sleep(0.5)
                before, bill = real.ben.used, Bill(STATION, BEN)
                assert before < GREETING
                for _ in range(10):
                    await real.ben.beat(SIGN)
                    bill.beat(SIGN)
                    await asyncio.sleep(0.05)
                    await real.ben.ask(asked)
                    bill.ask("time", asked, answered)
                    await real.ben.tell(report)
                    bill.tell(report, receipt)
                    await asyncio.sleep(0.05)
                assert real.ben.used - before == pytest.approx(bill.total, rel=0.06)
        finally:
            await real.close()

    asyncio.run(talk())


async def _same(answer: bytes) -> bytes:
    return answer


async def _nothing() -> None:
    return
