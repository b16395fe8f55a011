"""Alerts as a process runs them: a real broker, a real store, a unit that listens."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster import clock
from broadcaster.domain.instants import Spell
from broadcaster.link.messages import (
    ClearAlert,
    RaiseAlert,
)
from broadcaster.station import StationFolder
from tests.hub.alarms import FLOOD, a_stop_of
from tests.hub.ears import PROMPT, Ear, live, raised, warned_station

pytestmark = pytest.mark.wire


@pytest.fixture
def station(tmp_path: Path) -> StationFolder:
    return warned_station(tmp_path / "station")


def test_an_alert_is_heard_when_its_countdown_is_over_and_not_before(station: StationFolder) -> None:
    async def day(ear: Ear) -> None:
        alert = raised(station)
        (order,) = await ear.hears()
        at = ear.heard[0][0]
        assert alert.fires_at is not None
        assert timedelta(0) <= at - alert.fires_at <= PROMPT
        assert isinstance(order.body, RaiseAlert)
        assert order.id == "kc-lu-1"
        assert order.to == ("all",)
        assert order.expires == alert.expires
        call = order.body.call
        assert timedelta(milliseconds=60) <= call.start - order.issued <= timedelta(seconds=1)
        assert [clip.title for clip in call.clips] == ["alert", "Lũ đang về"]
        assert order.body.sounds == ()
        known = await ear.is_written()
        assert known.fired is not None
        assert known.start == call.start
        assert known.trouble == ""
        assert len(await ear.kept()) == 1
        span = Spell(begin=call.start, end=alert.expires)
        lines = station.store.rundown.planned(span)
        assert [line.start for line in lines] == [call.start + n * call.step for n in range(3)]
        assert [line.cue.programme for line in lines] == [str(FLOOD)] * 3

    live(station, day)


def test_a_stop_silences_at_once_and_is_told_to_who_comes_back(station: StationFolder) -> None:
    async def day(ear: Ear) -> None:
        alert = raised(station, after=timedelta(0))
        await ear.hears()
        stop = a_stop_of(alert, clock.now())
        station.store.alerts.put(stop)
        await asyncio.to_thread(station.wake)
        orders = await ear.hears(2)
        assert orders[1].body == ClearAlert(alert=FLOOD, version=2, by="chu-tich")
        assert ear.heard[1][0] - stop.asked < PROMPT + timedelta(seconds=0.25)
        assert [order.body for order in await ear.kept()] == [orders[1].body]
        await ear.is_written(2)

    live(station, day)


def test_what_was_taken_back_in_time_is_never_heard(station: StationFolder) -> None:
    async def day(ear: Ear) -> None:
        alert = raised(station)
        await asyncio.to_thread(station.wake)
        await asyncio.sleep(0.2)
        assert station.store.alerts.cancel(FLOOD, 1, "chu-tich", clock.now())
        await asyncio.sleep(0.6)  # nobody wakes the hub: it asks the store itself when the time is over
        assert alert.fires_at is not None
        assert clock.now() > alert.fires_at
        assert ear.heard == []
        assert ear.find().fired is None

    live(station, day)
