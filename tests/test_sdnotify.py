"""What systemd hears from hub and unit, on a real datagram socket."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcaster.sdnotify import notify
from broadcaster.unit import joining


@pytest.fixture
def systemd() -> Iterator[socket.socket]:
    """The end that systemd holds, not yet bound."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.settimeout(5)
        yield listening


@pytest.fixture(autouse=True)
def _started_from_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)


def test_systemd_hears_that_the_hub_is_ready(
    systemd: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systemd.bind(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    notify("READY=1\nSTATUS=Đài đang chạy")
    assert systemd.recv(4096).decode() == "READY=1\nSTATUS=Đài đang chạy"


def test_an_abstract_socket_is_reached_as_well(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"broadcaster-test-{os.getpid()}"
    systemd.bind("\0" + name)
    monkeypatch.setenv("NOTIFY_SOCKET", "@" + name)
    notify("WATCHDOG=1")
    assert systemd.recv(4096) == b"WATCHDOG=1"


def test_one_word_is_one_datagram(
    systemd: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systemd.bind(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    notify("WATCHDOG=1")
    notify("STOPPING=1")
    assert [systemd.recv(4096), systemd.recv(4096)] == [b"WATCHDOG=1", b"STOPPING=1"]


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "nowhere"])
def test_without_a_socket_of_systemd_nothing_is_said(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setenv("NOTIFY_SOCKET", address)
    monkeypatch.setattr(socket, "socket", opened)
    notify("READY=1")


def test_a_listener_that_is_gone_does_not_stop_the_work(
    systemd: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systemd.bind(str(tmp_path / "notify"))
    systemd.close()
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "never-was"))
    notify("READY=1")


def test_a_listener_that_does_not_read_does_not_hold_the_loop(
    systemd: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systemd.bind(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    for _ in range(2000):  # more than any queue of datagrams holds
        notify("WATCHDOG=1")
    assert systemd.recv(4096) == b"WATCHDOG=1"


def test_a_box_that_waits_to_be_let_in_is_not_taken_for_one_that_hangs(
    systemd: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    systemd.bind(str(tmp_path / "notify"))
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    asyncio.run(joining._wait(0.0))
    assert systemd.recv(4096).startswith(b"EXTEND_TIMEOUT_USEC=60000000\n")
