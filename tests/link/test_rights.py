"""The table of who may say and hear what, and that nats-server understands it."""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.names import StationId, UnitId
from broadcaster.link.broker import find_program
from broadcaster.link.identity import Identity
from broadcaster.link.rights import Listening, Rights, configuration, of_hub, of_panel, of_unit

STATION = StationId("dong-tien")
UNITS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True).map(UnitId)


def covers(pattern: str, subject: str) -> bool:
    """NATS's own rule: * is one word, > one or more at the end."""
    wanted, said = pattern.split("."), subject.split(".")
    for place, word in enumerate(wanted):
        if word == ">":
            return len(said) > place
        if place >= len(said) or word not in ("*", said[place]):
            return False
    return len(wanted) == len(said)


def may(allowed: tuple[str, ...], subject: str) -> bool:
    return any(covers(pattern, subject) for pattern in allowed)


def test_the_table_of_rights() -> None:
    assert of_unit(STATION, UnitId("loa-ben")) == Rights(
        publish=("dong-tien.ask.loa-ben", "dong-tien.tell.loa-ben", "dong-tien.beat.loa-ben"),
        subscribe=("dong-tien.order", "dong-tien.live.>", "_INBOX.loa-ben.>"),
    )
    assert of_hub(STATION) == Rights(
        publish=("dong-tien.order", "dong-tien.live.>", "_INBOX.*.>"),
        subscribe=("dong-tien.ask.*", "dong-tien.tell.*", "dong-tien.beat.*", "dong-tien.desk.>"),
    )
    assert of_panel(STATION) == Rights(
        publish=("dong-tien.desk.wake", "dong-tien.desk.alert", "dong-tien.desk.live.>"),
        subscribe=("_INBOX._panel.>",),
    )


@given(UNITS, UNITS)
def test_no_unit_can_speak_or_listen_for_another(one: UnitId, other: UnitId) -> None:
    rights, others = of_unit(STATION, one), of_unit(STATION, other)
    for subject in others.publish:
        assert may(rights.publish, subject) == (one == other)
    assert may(rights.subscribe, f"_INBOX.{other}.x.y") == (one == other)


@given(UNITS)
def test_only_the_hub_gives_orders_and_only_the_hub_hears_the_units(unit: UnitId) -> None:
    unit_rights, panel, hub = of_unit(STATION, unit), of_panel(STATION), of_hub(STATION)
    for subject in ("dong-tien.order", "dong-tien.live.1"):
        assert may(hub.publish, subject)
        assert not may(unit_rights.publish, subject)
        assert not may(panel.publish, subject)
    for subject in ("dong-tien.desk.alert", "dong-tien.desk.wake"):
        assert may(panel.publish, subject)
        assert may(hub.subscribe, subject)
        assert not may(unit_rights.publish, subject)
        assert not may(unit_rights.subscribe, subject)
    assert not may(unit_rights.subscribe, "_INBOX._panel.x")
    assert not may(panel.subscribe, f"_INBOX.{unit}.x")
    for subject in unit_rights.publish:
        assert may(hub.subscribe, subject)
        assert not may(panel.publish, subject)
        assert not may(hub.publish, subject)
        assert not may(unit_rights.subscribe, subject)


@pytest.mark.wire
@pytest.mark.parametrize("folder", ["plain", 'đài "số 1" $HOME {x} #y'])
def test_nats_server_understands_the_configuration_of_a_big_commune(tmp_path: Path, folder: str) -> None:
    place = Listening(folder=tmp_path / folder, host="127.0.0.1", port=4222)
    place.folder.mkdir()
    units = {UnitId(f"loa-{number}"): Identity.create().public for number in range(300)}
    hub, panel = Identity.create().public, Identity.create().public
    text = configuration(place, STATION, hub=hub, panel=panel, units=units)
    place.conf.write_text(text)
    told = subprocess.run(
        [str(find_program()), "-t", "-c", str(place.conf)], capture_output=True, text=True, timeout=20
    )
    assert told.returncode == 0, told.stderr
    users = json.loads(text)["authorization"]["users"]
    assert [user["nkey"] for user in users[:2]] == [hub, panel]
    assert {user["nkey"] for user in users[2:]} == set(units.values())
