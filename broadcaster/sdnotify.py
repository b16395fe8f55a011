"""Tells systemd how this process is: started, alive, stopping.

Laws
1. Nothing is said unless systemd asked for it (NOTIFY_SOCKET): in a shell the same code is mute.
2. Saying it never stops the work: a horn that sounds is worth more than a listener that is gone.
3. `WATCHDOG=1` is said after a completed step of the work, by the loop that did it: never by a thread or
   timer of its own, which would call a hung process alive. Both loops step many times a second, so nobody
   has to know how often it is wanted (WatchdogSec).

The protocol is one datagram of `NAME=value` lines to a Unix socket: see sd_notify(3).
"""

import os
import socket
from contextlib import suppress

__all__ = ["notify"]


def notify(state: str) -> None:
    """Say `state`: `READY=1`, `WATCHDOG=1`, `STOPPING=1`, `STATUS=words for people`, one a line."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):  # unset, or a kind of address that is not a Unix socket
        return
    if address.startswith("@"):  # an abstract socket has no file; its name begins with a zero byte
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
        out.setblocking(False)  # a systemd that does not read must not hold the loop
        out.sendto(state.encode(), address)
