"""A village and an office with a router between them, as network namespaces: a link that can be cut without
a word, as a mobile one is. What is sent then is dropped on its way; nobody is told. Needs root and `ip`."""

import ctypes
import itertools
import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

__all__ = ["OFFICE", "ROAD", "Countryside", "why_not"]

T = TypeVar("T")

VILLAGE, ROAD, OFFICE = "10.77.1.2", "10.77.1.1", "10.77.2.2"
_CLONE_NEWNET = 0x40000000
_number = itertools.count(1)


def why_not() -> str:
    """Why there can be no countryside here; empty if there can."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return "network namespaces need root and the program ip"
    with_one = subprocess.run(["unshare", "--net", "true"], capture_output=True, check=False)
    return "" if with_one.returncode == 0 else "this kernel or container gives no network namespaces"


class Countryside:
    """Three namespaces of this process alone; gone when it is left."""

    def __init__(self) -> None:
        stem = f"vb{os.getpid()}-{next(_number)}"
        self.village, self.road, self.office = f"{stem}v", f"{stem}r", f"{stem}o"

    def __enter__(self) -> Self:
        for place in (self.village, self.road, self.office):
            _ip("netns", "add", place)
            for key in ("all", "default"):
                self._write(place, f"ipv6/conf/{key}/disable_ipv6", "1")
            _ip("-n", place, "link", "set", "lo", "up")
        for place, address, gate in (
            (self.village, VILLAGE, "10.77.1.1"),
            (self.office, OFFICE, "10.77.2.1"),
        ):
            port = place[-1]
            _ip("-n", place, "link", "add", "wan", "type", "veth", "peer", "name", port, "netns", self.road)
            _ip("-n", place, "address", "add", f"{address}/24", "dev", "wan")
            _ip("-n", self.road, "address", "add", f"{gate}/24", "dev", port)
            _ip("-n", place, "link", "set", "wan", "up")
            _ip("-n", self.road, "link", "set", port, "up")
            _ip("-n", place, "route", "add", "default", "via", gate)
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        for place in (self.village, self.road, self.office):
            _ip("netns", "del", place)

    def cut(self) -> None:
        """From now on the router passes nothing on, and says nothing; it still hears its own."""
        self._write(self.road, "ipv4/ip_forward", "0")

    def mend(self) -> None:
        self._write(self.road, "ipv4/ip_forward", "1")

    def unplug(self) -> None:
        """Pull the village's cable out at the router's end."""
        _ip("-n", self.road, "link", "set", self.village[-1], "down")

    def plug_in(self) -> None:
        _ip("-n", self.road, "link", "set", self.village[-1], "up")

    def carried(self) -> int:
        """Bytes of IP packets that left and reached the village so far, Ethernet's headers not counted."""

        def count() -> int:
            lines = Path("/proc/thread-self/net/dev").read_text().splitlines()
            (wan,) = (line.partition(":")[2].split() for line in lines if line.strip().startswith("wan:"))
            return int(wan[0]) + int(wan[8]) - 14 * (int(wan[1]) + int(wan[9]))

        return self.at(self.village, count)

    def at(self, place: str, act: Callable[[], T]) -> T:
        """Do it there: sockets it opens, and children it starts, belong to that place."""

        def there() -> T:
            with Path(f"/run/netns/{place}").open("rb") as gate:
                if ctypes.CDLL(None, use_errno=True).setns(gate.fileno(), _CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            return act()

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(there).result()

    def _write(self, place: str, key: str, value: str) -> None:
        self.at(place, lambda: Path(f"/proc/sys/net/{key}").write_text(value))


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
