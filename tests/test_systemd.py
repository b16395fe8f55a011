"""The services a commune installs: always started again, watched where they loop, and shut in.

The files are read as systemd reads them: a name written twice is a list.
"""

import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from broadcaster.cli import main

FOLDER = Path(__file__).parent.parent / "systemd"
SERVICES = ("hub", "panel", "unit")
Sections = dict[str, dict[str, list[str]]]


def service(name: str) -> Sections:
    """Section -> name -> every value written for it."""
    sections: Sections = defaultdict(lambda: defaultdict(list))
    section = ""
    for line in (FOLDER / f"broadcaster-{name}.service").read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            sections[section][key].append(value)
    return sections


def only(name: str, key: str, section: str = "Service") -> str | None:
    """The one value of a name that is written once at most."""
    values = service(name)[section][key]
    assert len(values) <= 1, f"{key} is written {len(values)} times in broadcaster-{name}.service"
    return values[0] if values else None


def seconds(name: str, key: str) -> float:
    value = only(name, key)
    assert value is not None, f"broadcaster-{name}.service has no {key}"
    return float(value)


def command(name: str) -> list[str]:
    line = only(name, "ExecStart")
    assert line is not None
    return line.split()


def test_there_are_three_services_and_their_users() -> None:
    wanted = {"broadcaster.sysusers.conf", *(f"broadcaster-{name}.service" for name in SERVICES)}
    assert {path.name for path in FOLDER.iterdir()} == wanted


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_says_when_it_is_ready(name: str) -> None:
    assert only(name, "Type") == "notify"
    assert only(name, "NotifyAccess") == "main"  # no child is believed


@pytest.mark.parametrize("name", ["hub", "unit"])
def test_hub_and_unit_are_watched(name: str) -> None:
    assert 10 <= seconds(name, "WatchdogSec") <= 60
    assert "PYTHONFAULTHANDLER=1" in service(name)["Service"]["Environment"]  # says where it hung


def test_the_panel_is_not_watched_because_gunicorn_feeds_no_watchdog() -> None:
    assert only("panel", "WatchdogSec") is None


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_started_again_for_ever(name: str) -> None:
    assert only(name, "Restart") == "always"
    assert 0 < seconds(name, "RestartSec") <= 5
    assert only(name, "StartLimitIntervalSec", "Unit") == "0"
    assert service(name)["Unit"].keys().isdisjoint({"Requires", "BindsTo", "PartOf", "Requisite"})
    assert only(name, "WantedBy", "Install") == "multi-user.target"


def test_a_box_starts_without_a_network() -> None:
    wanted = service("unit")["Unit"]
    assert "network-online.target" not in " ".join(wanted["After"] + wanted["Wants"])


LOCKED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "ProtectProc": "invisible",
    "ProtectHostname": "yes",
    "ProtectControlGroups": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelTunables": "yes",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "SystemCallArchitectures": "native",
    "SystemCallErrorNumber": "EPERM",
    "UMask": "0077",
    "StateDirectoryMode": "0700",
}


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("key", LOCKED)
def test_each_service_is_shut_in(name: str, key: str) -> None:
    assert only(name, key) == LOCKED[key]


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_runs_as_root_or_makes_other_calls_than_services_make(name: str) -> None:
    assert (only(name, "User") or "root") != "root"
    extra = ["adjtimex"] if name == "unit" else []
    assert service(name)["Service"]["SystemCallFilter"] == ["@system-service", "~@privileged", *extra]
    families = set((only(name, "RestrictAddressFamilies") or "").split())
    assert {"AF_UNIX", "AF_INET", "AF_INET6"} <= families <= {"AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"}


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_can_eat_the_machine(name: str) -> None:
    assert only(name, "MemoryMax") is not None
    assert only(name, "TasksMax") is not None


@pytest.mark.parametrize("name", ["hub", "panel"])
def test_hub_and_panel_reach_no_device_and_write_no_code(name: str) -> None:
    assert only(name, "PrivateDevices") == "yes"
    assert only(name, "RestrictRealtime") == "yes"
    assert only(name, "MemoryDenyWriteExecute") == "yes"


def test_the_box_reaches_its_sound_card_the_relay_of_its_amplifier_and_no_other_device() -> None:
    assert only("unit", "PrivateDevices") == "no"  # it would hide /dev/snd
    assert only("unit", "DevicePolicy") == "closed"
    assert service("unit")["Service"]["DeviceAllow"] == ["char-alsa rw", "char-gpiochip rw"]
    assert only("unit", "SupplementaryGroups") == "audio"
    assert only("unit", "PrivateUsers") in (None, "no")  # it would take the group away


def test_a_box_may_ask_whether_its_clock_is_held_so_that_it_plays_without_its_hub() -> None:
    assert only("unit", "ProtectClock") == "no"
    assert only("unit", "CapabilityBoundingSet") == ""  # so it cannot set it
    assert {only(name, "ProtectClock") for name in ("hub", "panel")} == {"yes"}


def test_the_sound_callback_of_the_box_is_not_forbidden() -> None:
    assert only("unit", "MemoryDenyWriteExecute") == "no"  # cffi refuses to make one otherwise
    assert only("unit", "RestrictRealtime") == "no"
    assert int(only("unit", "LimitRTPRIO") or 0) > 0
    assert int(only("unit", "Nice") or 0) < int(only("hub", "Nice") or 0) < 0


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_runs_a_command_that_exists(name: str) -> None:
    program, *words = command(name)
    assert program == "/opt/broadcaster/.venv/bin/broadcaster"
    position = words.index(name)  # options before it are of broadcaster itself, those after it are its own
    known = {option for parameter in main.params for option in parameter.opts}
    assert {word for word in words[:position] if word.startswith("-")} <= known
    own = {option for parameter in main.commands[name].params for option in parameter.opts}
    assert {word for word in words[position:] if word.startswith("-")} <= own


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_keeps_its_things_where_systemd_lets_it_write(name: str) -> None:
    home = f"/var/lib/{only(name, 'StateDirectory')}"
    places = [word for word in command(name)[1:] if word.startswith("/")]
    assert len(places) == 1
    assert Path(places[0]).is_relative_to(home)
    assert only(name, "WorkingDirectory") == home


def test_hub_and_panel_are_the_same_user_and_the_box_is_another() -> None:
    assert only("hub", "User") == only("panel", "User") == "broadcaster"
    assert only("unit", "User") == "broadcaster-unit"
    users = (FOLDER / "broadcaster.sysusers.conf").read_text().splitlines()
    made = {line.split()[1] for line in users if line.startswith("u ")}
    assert made == {"broadcaster", "broadcaster-unit"}
    assert "m     broadcaster-unit audio" in users
    assert "m     broadcaster-unit gpio" in users  # made where there is none: a missing group stops a service


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
@pytest.mark.parametrize("name", SERVICES)
def test_systemd_itself_finds_no_fault(name: str, tmp_path: Path) -> None:
    text = (FOLDER / f"broadcaster-{name}.service").read_text()
    copy = tmp_path / f"broadcaster-{name}.service"
    copy.write_text(text.replace("/opt/broadcaster/.venv/bin/broadcaster", "/bin/true"))
    asked = ["systemd-analyze", "verify", "--man=no", str(copy)]
    answer = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False)
    faults = [line for line in answer.stderr.splitlines() if copy.name in line]
    assert not faults
