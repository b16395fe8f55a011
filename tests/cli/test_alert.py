"""Alerts from a terminal at the hub's machine, where no hub runs."""

import json
import os
import re
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster import clock
from broadcaster.cli.alertshow import unready_in_words
from broadcaster.domain.alert import Alert
from broadcaster.domain.names import AlertId, UnitId, ZoneId
from broadcaster.domain.places import Unit
from broadcaster.domain.readiness import Lack, Unready
from broadcaster.folder import read_station
from broadcaster.link.tied import tied
from broadcaster.store import open_store
from broadcaster.store.units import JoinedUnit
from tests.cli.conftest import Terminal


def raised(terminal: Terminal, *words: str) -> str:
    """The id of an alert that was raised, and is not waited for."""
    result = terminal("alert", "raise", *words, "--no-wait")
    assert result.exit_code == 0, result.output
    return result.output.partition(":")[0]


def on_air(commune: Path, id: str, *units: str) -> Alert:
    """A hub has sent it, and there are these units."""
    store = open_store(commune / "state")
    alert = store.alerts.find(AlertId(id))
    assert alert is not None
    for unit in units:
        box = Unit(id=UnitId(unit), name=f"Cụm {unit}", zone=ZoneId("thon-ben"))
        store.units.put(JoinedUnit(unit=box, nkey=unit, joined=clock.now()))
    now = clock.now()
    assert store.alerts.fire(alert.id, alert.version, now)
    store.alerts.mark_sent(alert.id, alert.version, start=now, at=now)
    store.close()
    return alert


def test_templates_are_listed_with_who_is_ready_for_them(terminal: Terminal) -> None:
    listed = terminal("alert", "templates")
    assert listed.exit_code == 0, listed.output
    (line,) = [line for line in listed.output.splitlines() if line.startswith("lu-lut ")]
    assert "flood" in line
    assert "0 of 0" in line


def test_why_units_are_not_ready_is_said_once_and_in_words(terminal: Terminal, commune: Path) -> None:
    id = raised(terminal, "lu-lut", "--zones", "all")
    on_air(commune, id, "thon-ben-1", "thon-ben-2")
    (line,) = [line for line in terminal("alert", "templates").output.splitlines() if "lu-lut " in line]
    assert "0 of 2" in line
    assert line.rstrip().endswith("not heard of: thon-ben-1, thon-ben-2")


def test_every_reason_why_a_unit_is_not_ready_has_words() -> None:
    told = [unready_in_words([Unready(unit=UnitId("loa-1"), lack=lack, words="3")]) for lack in Lack]
    assert len(set(told)) == len(Lack)
    assert all(words.endswith(" (3): loa-1") for words in told)


def test_an_alert_is_raised_shown_and_taken_back_without_its_id_while_it_is_the_only_one(
    terminal: Terminal,
) -> None:
    id = raised(terminal, "lu-lut", "--zones", "all")
    assert re.fullmatch(r"kc-lu-lut-[0-9a-f]{6}", id)
    shown = terminal("alert", "show").output
    assert id in shown
    assert re.search(r"on air in \d s", shown)
    back = terminal("alert", "cancel")
    assert "Taken back: " in back.output
    assert "cancelled" in terminal("alert", "show", id).output
    nothing = terminal("alert", "cancel")
    assert nothing.exit_code == 2
    assert "say which alert: none is going on" in nothing.output


def test_typed_words_are_raised_and_repeated_until_a_time_of_the_station(
    terminal: Terminal, commune: Path
) -> None:
    id = raised(
        terminal,
        "--words",
        "Đập sắp vỡ, chạy lên cao.",
        "--zones",
        "all",
        *("--every", "10m", "--until", _there(commune, hours=3), "--title", "Vỡ đập", "--repeats", "2"),
    )
    told = json.loads(terminal("alert", "show", id, "--json").output)
    assert (told["title"], told["state"], told["zones"]) == ("Vỡ đập", "counting-down", ["all"])
    assert told["status"] == "actual"


def _there(commune: Path, *, hours: int) -> str:
    zone = read_station(commune).timezone
    return (clock.now() + timedelta(hours=hours)).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def test_what_was_on_air_is_updated_cleared_said_again_and_stopped(terminal: Terminal, commune: Path) -> None:
    id = raised(terminal, "lu-lut")
    on_air(commune, id, "ben-1", "ben-2")
    late = terminal("alert", "cancel", id)
    assert late.exit_code == 1
    assert "on air already: stop it" in late.output
    assert terminal("alert", "update", "--words", "Nước lên nhanh.", "--no-wait").exit_code == 0
    on_air(commune, id)
    assert terminal("alert", "again", id, "--units", "ben-2", "--no-wait").exit_code == 0
    on_air(commune, id)
    assert "Said to be over" in terminal("alert", "clear", id).output
    on_air(commune, id)
    assert "Told to be silent" in terminal("alert", "stop").output
    shown = terminal("alert", "show", id).output
    for version, message in enumerate(("alert", "alert", "alert", "all-clear", "stop"), 1):
        assert f"version {version}: {message} by console:" in shown
    assert "Missing: Cụm ben-1 (ben-1), Cụm ben-2 (ben-2)" in shown


def test_one_sees_on_how_many_horns_it_will_sound(terminal: Terminal, commune: Path) -> None:
    first = terminal("alert", "raise", "chay", "--no-wait")
    assert "in all (no unit is there: nobody will hear it), on air at" in first.output
    on_air(commune, first.output.partition(":")[0], "ben-1", "ben-2")
    assert "(2 units)" in terminal("alert", "drill", "chay", "--zones", "all", "--no-wait").output


def test_a_mistake_is_said_to_be_one(terminal: Terminal, commune: Path) -> None:
    on_air(commune, raised(terminal, "lu-lut"))
    assert "Said to be a mistake" in terminal("alert", "correct").output
    assert "correct-alert" in terminal("audit").output


def test_a_drill_is_a_drill(terminal: Terminal) -> None:
    result = terminal("alert", "drill", "lu-lut", "--no-wait")
    assert result.output.startswith("dt-lu-lut-")
    told = json.loads(terminal("alert", "show", "--json").output)
    assert [each["status"] for each in told] == ["exercise"]


def test_a_readiness_test_is_asked_for_and_nothing_sounds(terminal: Terminal, commune: Path) -> None:
    assert "0 units are asked whether they are ready (kt-" in terminal("alert", "test").output
    store = open_store(commune / "state")
    assert [test.sent for test in store.readiness.tests()] == [None]
    assert store.alerts.waiting(clock.now()) == ()
    store.close()


def test_what_needs_a_second_person_says_how_another_says_yes(terminal: Terminal, commune: Path) -> None:
    file = commune / "schedules" / "alerts" / "lu-lut.toml"
    text = file.read_text(encoding="utf-8")
    careful = text.replace("second-person = false", "second-person = true")
    assert careful != text
    file.write_text(careful, encoding="utf-8")
    result = terminal("alert", "raise", "lu-lut")
    id = result.output.partition(":")[0]
    assert f"broadcaster alert second {id}" in result.output
    same = terminal("alert", "second", "--no-wait")
    assert same.exit_code == 1
    assert "somebody else has to say yes" in same.output


def test_the_right_to_alert_is_given_at_the_terminal(terminal: Terminal) -> None:
    words = "lua-chin-vang-dong\n" * 2
    added = terminal(
        "person", "add", "hoa", "--name", "Hoa", "--role", "editor", "--alerts", "all", keys=words
    )
    assert added.exit_code == 0, added.output
    (line,) = [line for line in terminal("person", "list").output.splitlines() if line.startswith("hoa")]
    assert line.split() == ["hoa", "Hoa", "editor", "all", "yes"]
    assert "Hoa may not raise alerts" in terminal("person", "grant", "hoa", "--alerts", "none").output
    assert "there is no zone" in terminal("person", "grant", "hoa", "--alerts", "nowhere").output


REFUSED = [
    (("raise",), "there is nothing to say"),
    (("raise", "dong-dat"), "there is no 'dong-dat'"),
    (("raise", "--words", "Lũ về."), "no zone is chosen"),
    (("raise", "lu-lut", "--zones", "thon-nao"), "choose one of"),
    (("raise", "lu-lut", "--every", "10m"), "say how often and until when"),
    (("raise", "lu-lut", "--every", "10"), "not a length of time"),
    (("raise", "lu-lut", "--until", "tối nay"), "is no time"),
    (("raise", "lu-lut", "--recording", "recordings/x.mp3"), "there is no file audio/recordings/x.mp3"),
    (("raise", "lu-lut", "--repeats", "50"), "choose 1 to 20"),
    (("drill", "dong-dat"), "there is no 'dong-dat'"),
    (("show", "kc-nao"), "there is no alert 'kc-nao'"),
    (("stop", "kc-nao"), "there is no alert 'kc-nao'"),
    (("stop",), "none is going on"),
    (("show", "--follow"), "none is going on"),
]


@pytest.mark.parametrize(("typed", "told"), REFUSED, ids=[" ".join(typed)[:40] for typed, _ in REFUSED])
def test_what_cannot_be_done_is_said_in_a_sentence(
    terminal: Terminal, typed: tuple[str, ...], told: str
) -> None:
    result = terminal("alert", *typed)
    assert result.exit_code in (1, 2)
    assert told in result.output


def test_two_that_are_going_on_are_named(terminal: Terminal) -> None:
    ids = sorted((raised(terminal, "lu-lut"), raised(terminal, "chay")))
    assert f"these are going on: {', '.join(ids)}" in terminal("alert", "stop").output


def test_ctrl_c_in_the_countdown_takes_it_back(commune: Path) -> None:
    command = tied([sys.executable, "-m", "broadcaster", "--station", str(commune), "alert", "raise", "chay"])
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert child.stdout is not None
    lines = [child.stdout.readline(), child.stdout.readline()]
    assert "on air at" in lines[0]
    assert "Ctrl-C takes it back" in lines[1]
    child.send_signal(signal.SIGINT)
    rest, _ = child.communicate(timeout=30)
    assert child.returncode == 0
    assert "Taken back: " in rest
    store = open_store(commune / "state")
    (alert,) = store.alerts.recent(clock.now() - timedelta(hours=1))
    assert alert.cancelled
    store.close()


def test_a_countdown_that_no_hub_hears_ends_with_what_to_do(terminal: Terminal) -> None:
    result = terminal("alert", "raise", "chay")
    assert result.exit_code == 1
    assert "On air in 5 s" in result.output
    assert "no hub has sent it; does one run?" in result.output
    assert "broadcaster alert cancel kc-chay-" in result.output
