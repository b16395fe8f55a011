"""A unit behind a bad link, all of it real: what is planned plays, and is told once; and it is soon back.

One station for all of these, hub and unit at their true paces; each leaves the link whole behind it.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from broadcaster import clock
from broadcaster.domain.asrun import Outcome
from broadcaster.domain.names import CueId
from tests.link.countryside import Countryside, why_not
from tests.link.farvillage import UNIT, FarCommune

_reason = why_not()
pytestmark = [pytest.mark.wire, pytest.mark.skipif(bool(_reason), reason=_reason)]

SHORT = '[[item]]\nsay = "Kính chào bà con."\n'
LONG = '[[item]]\nsay = "Kính chào bà con. Chiều nay họp dân ở nhà văn hóa, mời bà con đến dự đông đủ."\n'

Note = Callable[[str, object], None]


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarCommune]:
    with Countryside() as land:
        commune = FarCommune(tmp_path_factory.mktemp("far"), land)
        try:
            commune.start()
            yield commune
        finally:
            commune.stop()


def planned(far: FarCommune, name: str, seconds: float, items: str = SHORT) -> tuple[CueId, float]:
    """A programme that lies on the unit and is due in about so many seconds; its cue, and when it is due."""
    due = (clock.now() + timedelta(seconds=seconds + 1)).replace(microsecond=0)
    cue = far.plan(name, due, items)
    return cue, clock.monotonic() + (due - clock.now()).total_seconds()


def aired_once(far: FarCommune, cue: CueId) -> bool:
    """Whether the hub has its one line of the cue, and the unit nothing to tell any more."""
    entries = far.entries(cue)
    return [entry.outcome for entry in entries] == [Outcome.AIRED] and far.untold(UNIT) == 0


def wait(seconds: float, far: FarCommune) -> None:
    until = clock.monotonic() + seconds
    far.until(f"{seconds:.1f} s have passed", lambda: clock.monotonic() >= until)


def test_with_the_cable_out_the_programme_plays_the_cut_is_found_and_the_unit_is_back_within_five_seconds(
    far: FarCommune, record_property: Note
) -> None:
    cue, due = planned(far, "dut-cap", 5)
    wait(due - 2 - clock.monotonic(), far)
    connections, faults = far.relays.accepted, len(far.faults())
    far.land.unplug()
    cut = clock.monotonic()
    far.until("the cut is noticed", lambda: "lost" in far.faults()[faults:])
    found = clock.monotonic() - cut
    far.until("it has been heard out", lambda: far.untold(UNIT) == 1)
    wait(3, far)
    assert far.entries(cue) == ()
    far.land.plug_in()
    mended = clock.monotonic()
    far.until("the unit is back", lambda: far.connected_since(connections))
    back = clock.monotonic() - mended
    far.until("the record is told", lambda: aired_once(far, cue))
    record_property("found_s", round(found, 1))
    record_property("back_s", round(back, 1))
    print(f"cut found after {found:.1f} s, back {back:.1f} s after the cable")
    assert found < 24  # a beat every 10 s, acknowledged within 12
    assert back < 5


def test_a_stall_is_not_even_noticed_and_with_the_broker_killed_the_programme_plays_and_is_told_once(
    far: FarCommune, record_property: Note
) -> None:
    cue, due = planned(far, "mat-tram", 4, LONG)
    connections = far.relays.accepted
    far.until("it is nearly due", lambda: clock.monotonic() > due - 0.5)
    far.relays.stall()
    wait(2.5, far)
    far.relays.resume()
    wait(0.5, far)
    assert not far.connected_since(connections)
    far.kill_broker()
    killed = clock.monotonic()
    far.until("the unit is back", lambda: far.connected_since(connections))
    record_property("back_s", round(clock.monotonic() - killed, 1))
    assert clock.monotonic() - killed < 5
    far.until("the record is told", lambda: aired_once(far, cue))


def test_with_the_hub_killed_and_back_the_programme_plays_and_is_told_once(far: FarCommune) -> None:
    cue, due = planned(far, "mat-dai", 4)
    far.until("it is nearly due", lambda: clock.monotonic() > due - 1)
    far.kill("hub")
    wait(6, far)
    assert far.untold(UNIT) == 1
    far.start_hub()
    far.until("the broker answers", lambda: far.land.at(far.land.office, far.broker_answers))
    up, connections = clock.monotonic(), far.relays.accepted
    far.until("the unit is back", lambda: far.connected_since(connections))
    assert clock.monotonic() - up < 5
    far.until("the record is told", lambda: aired_once(far, cue))


def test_over_a_link_that_crawls_plan_and_clip_come_an_order_is_heard_and_the_record_is_told(
    far: FarCommune,
) -> None:
    """5 kB/s and half a second round trip: the clip takes most of it, and the chime is tried meanwhile."""
    far.relays.crawl(5000, 0.25)
    try:
        desk, connections = far.station.desk, far.relays.accepted
        desk.set_volume(desk.local_admin(), UNIT, -7.0)
        cue, _ = planned(far, "mang-cham", 11, LONG)
        settings = far.home(UNIT) / "settings.json"
        far.until("the order is heard", lambda: b"-7" in settings.read_bytes())
        far.until("the record is told", lambda: aired_once(far, cue))
        assert not far.connected_since(connections)
    finally:
        far.relays.crawl(None)
