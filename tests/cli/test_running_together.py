"""`broadcaster run` and `panel` as processes: what ends with what, and what is said."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from threading import Thread

import pytest

from broadcaster import clock
from tests.cli.conftest import Terminal

_PATIENCE = 30.0

Start = Callable[[], "subprocess.Popen[str]"]


def until(come: Callable[[], bool]) -> None:
    ends = clock.monotonic() + _PATIENCE
    while not come():
        assert clock.monotonic() < ends, f"waited {_PATIENCE:g} s in vain"
        time.sleep(0.05)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def ports(commune: Path) -> tuple[int, ...]:
    """Ports of the commune's broker, hub and panel that nobody uses."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    chosen = tuple(int(probe.getsockname()[1]) for probe in probes)
    for probe in probes:
        probe.close()
    with (commune / "station.toml").open("a", encoding="utf-8") as text:
        for section, port in zip(("broker", "hub", "panel"), chosen, strict=True):
            text.write(f"[{section}]\nport = {port}\n")
    return chosen


@pytest.fixture
def start(commune: Path, ports: tuple[int, ...]) -> Iterator[Start]:
    """Run everything together, and wait until all three ports answer."""
    started: list[subprocess.Popen[str]] = []

    def start() -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "broadcaster", "--station", str(commune), "run"]
        running = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(running)
        until(lambda: all(map(answers, ports)))
        return running

    yield start
    for running in started:
        if running.poll() is None:
            running.terminate()
        assert running.stderr is not None
        running.stderr.close()
        running.wait()


def part(running: "subprocess.Popen[str]", word: str) -> int:
    """The process id of the child with that word in its command."""
    listed = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    return next(int(pid) for pid in listed if word in Path(f"/proc/{pid}/cmdline").read_text().split("\0"))


@pytest.mark.wire
def test_hub_broker_and_panel_end_when_what_runs_them_is_killed(start: Start, ports: tuple[int, ...]) -> None:
    start().kill()
    until(lambda: not any(map(answers, ports)))


@pytest.mark.wire
def test_a_hub_that_was_killed_takes_the_panel_with_it_and_that_is_a_failure(
    start: Start, ports: tuple[int, ...]
) -> None:
    running = start()
    os.kill(part(running, "hub"), signal.SIGKILL)
    _, words = running.communicate(timeout=_PATIENCE)
    assert "The hub ended by itself (exit code 137), so everything ends." in words
    assert running.returncode == 137
    assert not any(map(answers, ports))


@pytest.mark.wire
def test_ctrl_c_ends_all_without_a_word_of_complaint(start: Start, ports: tuple[int, ...]) -> None:
    running = start()
    os.killpg(running.pid, signal.SIGINT)
    _, words = running.communicate(timeout=_PATIENCE)
    assert (running.returncode, words) == (0, "")
    assert not any(map(answers, ports))


def test_a_panel_whose_port_is_taken_says_so_once(terminal: Terminal, ports: tuple[int, ...]) -> None:
    with closing(socket.create_server(("127.0.0.1", ports[2]))):
        result = terminal("panel")
    assert result.exit_code == 1
    assert f"the panel cannot listen on 127.0.0.1 port {ports[2]}: Address already in use." in result.output
    assert "[panel] port = …" in result.output


def answer_without_end(asking: socket.socket) -> None:
    """One line of the head after the other, so that no time-out between two bytes is met."""
    with closing(asking), suppress(OSError):
        asking.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            asking.sendall(b"X-Wait: a little\r\n")
            time.sleep(0.5)


@pytest.mark.wire
def test_a_hub_that_is_told_to_end_does_not_wait_for_a_voice_that_hangs(
    commune: Path, ports: tuple[int, ...]
) -> None:
    text = (commune / "station.toml").read_text(encoding="utf-8")
    (commune / "station.toml").write_text(
        text.replace('["espeak-ng"]', '["gtts", "espeak-ng"]'), encoding="utf-8"
    )
    command = [sys.executable, "-m", "broadcaster", "--station", str(commune), "hub"]
    with closing(socket.create_server(("127.0.0.1", 0))) as proxy:
        proxy.settimeout(_PATIENCE)
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        hub = subprocess.Popen(
            command, stderr=subprocess.DEVNULL, env={**os.environ, "https_proxy": address, "no_proxy": ""}
        )
        try:
            asking, _ = proxy.accept()
            Thread(target=answer_without_end, args=(asking,), daemon=True).start()
            time.sleep(1)
            hub.terminate()
            assert hub.wait(timeout=8) == 0
        finally:
            hub.kill()
            hub.wait()
    assert not any(map(answers, ports))
