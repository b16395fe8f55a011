"""An alert on real machines that die, hang and fill up: hub, broker and units are processes of their own.

Two units in the villages, and one whose link stalls. Each speaks into a file, which is all that its horn
gets: what is asserted of sound was found in it.
"""

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster import clock
from broadcaster.domain.asrun import Outcome
from broadcaster.domain.names import UnitId
from tests.days.forgeries import forgeries, signed, smuggle
from tests.days.stalling import StallingRoad
from tests.days.troubles import locked_store
from tests.days.warned import WAV, Warned, fill, second_of, small_disk

pytestmark = [pytest.mark.wire, pytest.mark.alone]

BEN, DINH, FAR = "loa-ben", "loa-dinh", "loa-xa"
NEAR = {UnitId(BEN), UnitId(DINH)}
ROUNDS = 3
SOON = 1.0
"""Seconds: on time, on a machine that has other things to do."""


@pytest.fixture(scope="module")
def road() -> Iterator[StallingRoad]:
    with StallingRoad() as road:
        yield road


@pytest.fixture(scope="module")
def commune(road: StallingRoad, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warned]:
    commune = Warned(tmp_path_factory.mktemp("warned"), {BEN: WAV, DINH: WAV, FAR: WAV}, gap=1)
    try:
        commune.start()
        road.lead_to(commune.station.broker_url)
        commune.move_behind(FAR, road.url)
        yield commune
    finally:
        commune.stop()


def sounds(commune: Warned, id: str, *units: str) -> None:
    """Wait until these have told that it sounds there."""
    commune.until(f"{id} sounds", lambda: {UnitId(unit) for unit in units} <= commune.started(id).keys())


def is_told(commune: Warned, id: str, *units: str, rounds: int = ROUNDS) -> None:
    """Wait until these have told of every round; then there is one line for each."""
    wanted = {UnitId(unit) for unit in units}

    def lines() -> list[UnitId]:
        return [line.unit for line in commune.rounds(id) if line.unit in wanted]

    commune.until(f"every round of {id} is told", lambda: len(lines()) >= rounds * len(units))
    told = [(line.cue, line.unit) for line in commune.rounds(id) if line.unit in wanted]
    assert len(told) == len(set(told)) == rounds * len(units)


def test_with_the_broker_killed_while_it_repeats_every_round_is_heard_and_its_lines_come_later(
    commune: Warned,
) -> None:
    before = {unit: commune.sirens(unit) for unit in (BEN, DINH)}
    commune.warn("kc-moi-gioi")
    sounds(commune, "kc-moi-gioi", BEN, DINH)
    commune.kill_broker()
    is_told(commune, "kc-moi-gioi", BEN, DINH)
    lines = [line for line in commune.rounds("kc-moi-gioi") if line.unit in NEAR]
    assert {line.outcome for line in lines} <= {Outcome.AIRED, Outcome.PARTLY_AIRED}
    for unit in (BEN, DINH):
        commune.until(f"{unit} has sounded", lambda unit=unit: commune.sirens(unit) >= before[unit] + ROUNDS)  # type: ignore[misc]
        assert commune.sirens(unit) == before[unit] + ROUNDS


def test_a_hub_killed_between_the_raise_and_the_publish_sends_it_once_when_it_is_back(
    commune: Warned,
) -> None:
    before = commune.sirens(BEN)
    alert = commune.warn("kc-hub-chet")
    assert alert.fires_at is not None
    time.sleep(1)
    commune.kill("hub")
    time.sleep(max((alert.fires_at - clock.now()).total_seconds(), 0))
    commune.start_hub()
    sounds(commune, "kc-hub-chet", BEN, DINH)
    found = commune.alert("kc-hub-chet")
    assert found.sent is not None
    assert found.sent > alert.fires_at
    is_told(commune, "kc-hub-chet", BEN, DINH)
    lines = [line for line in commune.rounds("kc-hub-chet") if line.unit == BEN]
    whole = [line for line in lines if line.outcome is Outcome.AIRED]
    assert len(whole) >= ROUNDS - 1  # a unit may find its way back while the first one sounds elsewhere
    assert before + len(whole) <= commune.sirens(BEN) <= before + ROUNDS


def test_a_writer_that_holds_the_database_and_a_link_that_stalls_delay_it_nowhere_else(
    commune: Warned, road: StallingRoad
) -> None:
    alert = commune.warn("kc-khoa-so")
    assert alert.fires_at is not None
    fires = second_of(alert.fires_at)
    time.sleep(fires - 2.5 - clock.monotonic())
    with locked_store(commune.station.folder):
        road.stall_every(10, first=fires - 1, for_=3)
        time.sleep(5)
    sounds(commune, "kc-khoa-so", BEN, DINH, FAR)
    started = {unit: second_of(moment) - fires for unit, moment in commune.started("kc-khoa-so").items()}
    print({unit: round(late, 3) for unit, late in started.items()})
    assert all(0 < started[unit] < SOON for unit in NEAR)
    is_told(commune, "kc-khoa-so", BEN, DINH)
    lines = commune.rounds("kc-khoa-so")
    far = {line.cue: line for line in lines if line.unit == FAR and line.stretches}
    near = {line.cue: line for line in lines if line.unit == BEN}
    assert far, "the unit behind the stalling link sounded nothing"
    cue = max(far.keys() & near.keys())  # the last round: all are in step again
    assert abs(far[cue].stretches[-1].end - near[cue].stretches[-1].end) < timedelta(milliseconds=50)
    commune.until("the store knows that it was sent", lambda: commune.alert("kc-khoa-so").sent is not None)


def test_what_was_not_signed_by_our_hub_for_us_and_now_sounds_nowhere_and_is_counted(commune: Warned) -> None:
    before, clip, now = commune.sirens(BEN), commune.siren_clip(), clock.now()
    forged = forgeries(commune.station, clip, "kc-gia-mao", now)
    again = signed(commune.station, clip, "kc-gia-mao", "kc-khoa-so-1", now)
    smuggle(commune.station, *forged.values(), again)
    commune.until("they are refused", lambda: all(commune.refusals(BEN)[why] for why in forged))
    time.sleep(1.5)
    assert commune.started("kc-gia-mao") == {}
    assert commune.rounds("kc-gia-mao") == ()
    assert commune.sirens(BEN) == before
    smuggle(
        commune.station, signed(commune.station, clip, "kc-that", "kc-that-1", now)
    )  # a true one is heard
    commune.until("the true one sounds", lambda: commune.sirens(BEN) == before + 1)


def test_while_every_voice_hangs_people_are_warned_by_what_lies_ready(commune: Warned) -> None:
    commune.hang()
    try:
        alert = commune.warn("kc-giong-treo", template="lu", words="Đê thôn Bến vỡ rồi, chạy lên đồi ngay.")
        assert alert.fires_at is not None
        sounds(commune, "kc-giong-treo", BEN, DINH)
        late = second_of(commune.started("kc-giong-treo")[UnitId(BEN)]) - second_of(alert.fires_at)
        assert 0 < late < SOON + 3
    finally:
        commune.hang(False)
    commune.silence("kc-giong-treo")


def test_on_a_full_disk_it_sounds_is_stopped_and_is_in_the_store_when_there_is_room_again(
    tmp_path: Path,
) -> None:
    commune = Warned(tmp_path, {BEN: WAV}, gap=1)
    with suppress(PermissionError), small_disk(commune.station.state, "64m"):
        try:
            commune.start()
            full = fill(commune.station.state)
            alert = commune.warn("kc-het-cho")
            assert alert.fires_at is not None
            commune.until("it sounds", lambda: commune.sirens(BEN) > 0)
            assert clock.monotonic() < second_of(alert.fires_at) + SOON + 1.5
            commune.silence("kc-het-cho")
            full.unlink()
            commune.until("the store knows", lambda: bool(commune.station.store.alerts.versions(alert.id)))
            commune.until("the unit has told", lambda: bool(commune.rounds(alert.id)))
            assert commune.sirens(BEN) < ROUNDS
            first = commune.alert(alert.id, 1)
            assert first.fired is not None
            assert replace(first, fired=None, sent=None, start=None) == replace(alert, trouble=first.trouble)
            return
        finally:
            commune.stop()
    pytest.skip("no disk can be mounted here")
