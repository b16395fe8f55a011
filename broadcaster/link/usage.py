"""What a TCP connection has cost on the wire, as the kernel counts it: a SIM card is paid by the megabyte.

Counted are whole IP packets both ways, with their headers, what was sent again, and bare acknowledgements.
Not counted: the four packets with which a connection ends, and options that come now and then (SACK).

Source of the offsets: struct tcp_info in Linux's include/uapi/linux/tcp.h (4.19 or newer for what was sent
again); of the headers: RFC 791 (20 bytes), RFC 8200 (40), RFC 9293 (20), RFC 7323 (12 for timestamps).
"""

import socket
import struct
from typing import NamedTuple
from weakref import WeakKeyDictionary

__all__ = ["Meter", "got_through", "on_the_wire"]

_LENGTH = 208
_OPTIONS = struct.Struct("=5xB")
_TIMESTAMPS = 1
_COUNTS = struct.Struct("=120x Q Q I I 56x Q")
"""Bytes acknowledged by the other side, bytes received, segments out, segments in, bytes sent."""

_IPV4, _IPV6, _TCP, _STAMPED = 20, 40, 20, 12


class _Counts(NamedTuple):
    acknowledged: int
    received: int
    segments: int
    sent: int
    stamped: bool


def _counts(sock: socket.socket) -> _Counts:
    kernel = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _LENGTH).ljust(_LENGTH, b"\0")
    (options,) = _OPTIONS.unpack_from(kernel)
    acknowledged, received, out, came, sent = _COUNTS.unpack_from(kernel)
    return _Counts(acknowledged, received, out + came, sent, bool(options & _TIMESTAMPS))


def on_the_wire(sock: socket.socket) -> int:
    """Bytes of IP packets this TCP connection has sent and received so far. Raises OSError when closed."""
    counts = _counts(sock)
    header = _IPV6 if sock.family == socket.AF_INET6 else _IPV4
    header += _TCP + (_STAMPED if counts.stamped else 0)
    return max(counts.acknowledged, counts.sent) + counts.received + counts.segments * header


def got_through(sock: socket.socket) -> int:
    """Bytes said here that the other side's kernel has, and bytes that came. Raises OSError when closed."""
    counts = _counts(sock)
    return counts.acknowledged + counts.received


class Meter:
    """A running total over connections that come and go. Each is read now and then, and before its end."""

    def __init__(self) -> None:
        self._last: WeakKeyDictionary[socket.socket, int] = WeakKeyDictionary()
        self.total = 0
        """Bytes of all connections as they were last read."""

    def read(self, sock: socket.socket) -> None:
        """Add what this connection has cost since it was last read; nothing if it is closed by now."""
        try:
            now = on_the_wire(sock)
        except OSError:
            return
        self.total += max(now - self._last.get(sock, 0), 0)  # a refusal may set the kernel's counts to 0
        self._last[sock] = now
