"""The broker: one nats-server, run and watched as a child of the hub, or somebody else's by its URL.

Laws
1. Each identity may do what `rights` says and nothing else. There is no other user.
2. Its configuration is written whole and read again on SIGHUP: nobody who may stay is disconnected.
3. It keeps nothing, so it may be killed at any moment; the kernel kills it when the hub dies.
4. Should a stray one of ours be met at the start all the same, it is ended first. A program that is not
   ours is never touched.

Whoever starts it holds the lock of the station (`files.one_only`) and calls `start` from a thread that lives
as long as the broker, the main one: for the kernel that thread is the parent.
"""

import asyncio
import json
import logging
import os
import select
import shutil
import signal
import socket
import sysconfig
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Never
from urllib.parse import urlsplit

from broadcaster.clock import monotonic
from broadcaster.domain.names import StationId, UnitId
from broadcaster.files import write_whole
from broadcaster.link.identity import is_public_nkey
from broadcaster.link.rights import Listening, configuration
from broadcaster.link.tied import tied

__all__ = ["DEFAULT_PORT", "Broker", "BrokerTrouble", "find_program"]

DEFAULT_PORT = 4222

_GREETING = 5.0
"""Seconds within which a broker must greet."""

_BACK_OFF = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds between a death and the next start; the last one for ever after."""

_STEADY = 60.0
"""Seconds of life after which an earlier death is forgotten."""

_logger = logging.getLogger(__name__)


class BrokerTrouble(Exception):
    """The broker cannot run or does not answer. The text says why and what to do."""


def find_program() -> Path:
    """nats-server of this Python environment, else the one on PATH. Raises BrokerTrouble."""
    ours = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = ours if os.access(ours, os.X_OK) else shutil.which("nats-server")
    if found is None:
        raise BrokerTrouble(
            "there is no nats-server: run make setup in the program's folder, which installs one, put a "
            "nats-server on PATH, or name a running one by its URL in station.toml: [broker] url = …"
        )
    return Path(found)


class Broker:
    """The station's broker. `hub`, `panel` and `units` are public nkeys; `folder` is its own and exists.

    With `outside`, the URL of a broker that somebody else runs, no child is started; the configuration is
    still written, so that its keeper can take the users from there.
    """

    def __init__(
        self,
        folder: Path,
        station: StationId,
        *,
        hub: str,
        panel: str,
        units: Mapping[UnitId, str],
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        outside: str | None = None,
    ) -> None:
        self._at = Listening(folder=folder.resolve(), host=host, port=port)
        self._station = station
        self._hub = hub
        self._panel = panel
        self._units = dict(units)
        self._outside = outside
        self._child: asyncio.subprocess.Process | None = None
        self._content = ""
        self._greeted = False

    @property
    def url(self) -> str:
        """Where the hub and the panel on this machine connect."""
        if self._outside is not None:
            return self._outside
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._at.host, self._at.host)  # noqa: S104 - read, not bound
        return f"nats://[{host}]:{self._at.port}" if ":" in host else f"nats://{host}:{self._at.port}"

    @property
    def pid(self) -> int | None:
        """The process id of the child while it lives."""
        return self._child.pid if self._child is not None and self._child.returncode is None else None

    async def start(self) -> None:
        """Run it and wait until it greets. Raises BrokerTrouble, and then nothing is left running."""
        read = self._write(self._units)
        if self._outside is not None:
            await self.check()
            return
        await self._end_stray()
        self._refuse_taken_port()
        self._child = await self._spawned()
        try:
            await self._greeting()
        except BaseException:
            await self.stop()
            raise
        self._greeted = True
        if read != self._content:  # somebody was let in meanwhile
            self._child.send_signal(signal.SIGHUP)

    async def stop(self) -> None:
        """End the child, if there is one."""
        self._greeted = False
        if self._child is not None and self._child.returncode is None:
            with suppress(ProcessLookupError):
                self._child.kill()
            await self._child.wait()

    async def watch(self) -> Never:
        """Start the child again whenever it dies. Ends only by being cancelled: do that before `stop`."""
        deaths = 0
        while self._child is not None:
            began = monotonic()
            code = await self._child.wait()
            self._greeted = False
            deaths = deaths if monotonic() - began < _STEADY else 0
            wait = _BACK_OFF[min(deaths, len(_BACK_OFF) - 1)]
            deaths += 1
            _logger.warning("broker died code=%s restart_in_s=%s", code, wait)
            await asyncio.sleep(wait)
            try:
                await self.start()
            except (BrokerTrouble, OSError) as trouble:
                _logger.error("broker cannot start: %s", trouble)
        await asyncio.Event().wait()  # somebody else's broker: somebody else's watch
        raise AssertionError("nobody sets that")

    async def check(self) -> None:
        """Raises BrokerTrouble unless a broker greets at the URL, and, if it is to be ours, is ours."""
        place = urlsplit(self.url)
        try:
            async with asyncio.timeout(_GREETING):
                greeting = await _greeting_at(place.hostname or "", place.port or DEFAULT_PORT)
        except (OSError, TimeoutError) as fault:
            raise BrokerTrouble(f"no broker answers at {self.url}: {fault or 'silence'}") from fault
        if self._outside is None and greeting.get("server_name") != self._station:
            raise BrokerTrouble(f"what answers at {self.url} is not the broker of {self._station}")

    def permit(self, unit: UnitId, nkey: str) -> None:
        """Let the unit in with this key and no other. Raises ValueError for a key that is none or taken."""
        if not is_public_nkey(nkey):
            raise ValueError(f"{nkey[:80]!r} is not the public half of a unit's nkey")
        holders = {self._hub: "the hub", self._panel: "the panel"}
        holders |= {key: other for other, key in self._units.items() if other != unit}
        if nkey in holders:
            raise ValueError(f"this key is already that of {holders[nkey]}")
        self._admit(self._units | {unit: nkey})

    def forbid(self, unit: UnitId) -> None:
        """Cut the unit off and let it in no more. No fault if it was never let in."""
        self._admit({other: key for other, key in self._units.items() if other != unit})

    def _admit(self, units: dict[UnitId, str]) -> None:
        self._write(units)
        self._units = units
        # Before it greets, a broker would die of the signal; `start` makes up for it.
        if self._greeted and self._child is not None and self._child.returncode is None:
            self._child.send_signal(signal.SIGHUP)

    def _write(self, units: Mapping[UnitId, str]) -> str:
        content = configuration(self._at, self._station, hub=self._hub, panel=self._panel, units=units)
        if content != self._content:
            if not self._holds(content):  # else a full disk would keep the broker from starting
                write_whole(self._at.conf, content.encode(), mode=0o600)
            self._content = content
        return content

    def _holds(self, content: str) -> bool:
        """Whether the file says that already."""
        try:
            return self._at.conf.read_bytes() == content.encode()
        except OSError:
            return False

    async def _spawned(self) -> asyncio.subprocess.Process:
        program = find_program()
        with self._at.complaints.open("wb") as complaints:
            return await asyncio.create_subprocess_exec(
                *tied([str(program), "-c", str(self._at.conf)]),
                stdin=asyncio.subprocess.DEVNULL,
                process_group=0,  # Ctrl-C is for the hub, which ends it last
                stdout=complaints,
                stderr=complaints,
            )

    async def _greeting(self) -> None:
        """Wait until the child greets. Raises BrokerTrouble with its own words when it does not."""
        assert self._child is not None
        until = monotonic() + _GREETING
        while self._child.returncode is None and monotonic() < until:
            with suppress(BrokerTrouble):
                await self.check()
                return
            await asyncio.sleep(0.02)
        words = self._at.complaints.read_text(errors="replace")[-500:].strip()
        raise BrokerTrouble(f"nats-server does not start: {words or f'see {self._at.log_file}'}")

    def _refuse_taken_port(self) -> None:
        family = socket.AF_INET6 if ":" in self._at.host else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((self._at.host, self._at.port))
                probe.listen()
        except OSError as fault:
            raise BrokerTrouble(
                f"the broker cannot listen on {self._at.host} port {self._at.port}: {fault.strerror}. "
                "End the program that uses it, or give the broker another port in station.toml"
            ) from fault

    async def _end_stray(self) -> None:
        """Kill a broker that a killed hub left behind: the process in our pid file, if it runs our file."""
        with suppress(OSError, ValueError):  # no file, no such process: no stray
            pid = int(self._at.pid_file.read_text())
            stray = os.pidfd_open(pid)  # from here on the number cannot come to mean another process
            try:
                arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                if os.fsencode(self._at.conf) not in arguments:
                    return
                _logger.warning("ending a stray broker pid=%s", pid)
                signal.pidfd_send_signal(stray, signal.SIGKILL)
                until = monotonic() + _GREETING
                while not select.select([stray], [], [], 0)[0] and monotonic() < until:
                    await asyncio.sleep(0.01)
            finally:
                os.close(stray)


async def _greeting_at(host: str, port: int) -> dict[str, object]:
    """What a broker says of itself to whoever connects. Raises OSError when it is not one."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        word, _, rest = (await reader.readline()).partition(b" ")
        told = json.loads(rest) if word == b"INFO" else None
    except ValueError as fault:
        raise OSError("it is no broker") from fault
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
    if not isinstance(told, dict):
        raise OSError("it is no broker")
    return told
