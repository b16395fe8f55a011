"""The broker dies, and everybody is back at once: the hub stands it, and nothing that was told is lost."""

import time
from pathlib import Path

import pytest

from broadcaster import clock
from tests.link.crowd import RECORDS, Office

pytestmark = pytest.mark.wire

SIZE = 60


def test_sixty_units_that_return_at_once_are_answered_hear_an_order_and_lose_no_record(
    tmp_path: Path,
) -> None:
    office = Office(tmp_path / "office", SIZE, crowds=1)
    try:
        office.start()
        office.back(0.0, 40)
        office.commune.until("all is told", lambda: office.recorded() == SIZE * RECORDS)
        office.play()
        time.sleep(0.6)
        killed = office.kill_broker()
        desk = office.commune.station.desk
        desk.set_volume(desk.local_admin(), "loa-0", -7.0)
        assert office.back(killed, 20) - killed < 5 + 2  # the broker's own start, and a busy machine
        office.commune.until("all is told", lambda: office.recorded() == 2 * SIZE * RECORDS)
        office.commune.until("the receipts are there", lambda: office.told() == 2 * SIZE * RECORDS)
        heard = {order for state in office.states() for order in state.orders}
        desk.set_volume(desk.local_admin(), "loa-0", -8.0)
        given = clock.monotonic()
        office.commune.until(
            "an order is heard", lambda: any(set(state.orders) - heard for state in office.states())
        )
        assert clock.monotonic() - given < 3
    finally:
        office.stop()
