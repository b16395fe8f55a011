"""Connections to the hub's HTTP server: opened, kept for the next request, and hung up from outside.

The one place of a unit that knows `http.client`. All of it may wait (for a name that is not resolved, for a
hub that falls silent) and is meant for a thread. No proxy is asked and no redirection followed, whatever the
environment or the hub says: a unit speaks with the hub it joined.
"""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from broadcaster.clock import monotonic
from broadcaster.link.usage import Meter

__all__ = ["Call", "Lines", "NotFetched"]

_CONNECTING = 10.0
_IDLE = 15.0
"""Seconds for which a connection is kept unused: less than servers and mobile networks keep one."""
_PIECE = 1 << 16

_Place = tuple[str, str, int | None]
_Kept = tuple[_Place, HTTPConnection, float]


class NotFetched(Exception):
    """It did not come, or not all of it: try again later. The text says why."""


class Lines:
    """Opens connections, on which `silence` seconds without a byte are a fault, and keeps the last one used.

    To open another costs a SIM card more than many a clip; requests come one after another, so one is enough.
    """

    def __init__(self, silence: float) -> None:
        self._silence = silence
        self._turn = threading.Lock()
        self._kept: _Kept | None = None
        self._closed = False
        self._meter = Meter()

    @property
    def used(self) -> int:
        """Bytes on the wire of all that was asked over these so far, packet headers and all."""
        return self._meter.total

    def count(self, line: HTTPConnection) -> None:
        """Add what was used of it since it was counted last; before it is closed, or it is lost."""
        if line.sock is not None:
            with self._turn:
                self._meter.read(line.sock)

    def open(self, place: _Place) -> HTTPConnection:
        """A fresh one. Raises OSError."""
        scheme, host, port = place
        line: HTTPConnection
        if scheme == "https":
            context = ssl.create_default_context()
            line = HTTPSConnection(host, port, timeout=_CONNECTING, context=context)
        else:
            line = HTTPConnection(host, port, timeout=_CONNECTING)
        try:
            line.connect()
        except OSError:
            line.close()
            raise
        line.sock.settimeout(self._silence)
        return line

    def kept(self, place: _Place) -> HTTPConnection | None:
        """The one that was kept, if it leads there; it is kept no more."""
        kept = self._exchanged(None)
        if kept is None:
            return None
        if kept[0] == place and monotonic() - kept[2] < _IDLE:
            return kept[1]
        kept[1].close()
        return None

    def keep(self, place: _Place, line: HTTPConnection) -> None:
        _close(self._exchanged((place, line, monotonic())))

    def close(self) -> None:
        """Keep none from now on."""
        self._closed = True
        _close(self._exchanged(None))

    def _exchanged(self, kept: _Kept | None) -> _Kept | None:
        """What was kept before; when closed, what comes is handed straight back."""
        with self._turn:
            if self._closed and kept is not None:
                return kept
            before, self._kept = self._kept, kept
            return before


def _close(kept: _Kept | None) -> None:
    if kept is not None:
        kept[1].close()


class Call:
    """One request to `url`, in one thread; another one may hang up."""

    def __init__(self, lines: Lines, url: str) -> None:
        self._lines = lines
        self.url = url
        self._line: HTTPConnection | None = None
        self._turn = threading.Lock()
        self._hung_up = False

    @contextmanager
    def asked(
        self, method: str, headers: dict[str, str], body: bytes | None = None
    ) -> Iterator[HTTPResponse]:
        """The answer, whatever its status; its connection is kept if it was read whole. Raises NotFetched."""
        with self._told():
            place, target = _taken_apart(self.url)
            line, answer = self._answer(place, method, target, body, headers)
        whole = False
        try:
            yield answer
            whole = (answer.length == 0 or answer.isclosed()) and not answer.will_close
        finally:
            self._lines.count(line)
            answer.close()
            with self._turn:
                self._line = None
            if whole:
                self._lines.keep(place, line)
            else:
                line.close()

    def pieces(self, answer: HTTPResponse) -> Iterator[bytes]:
        """The body as it comes. Raises NotFetched when it breaks off."""
        with self._told():
            while piece := answer.read1(_PIECE):
                yield piece
            if answer.length:
                raise ConnectionError(f"broken off, {answer.length} bytes are missing")

    def hang_up(self) -> bool:
        """End it from outside. Whether it was under way, and so ends at once; if not, it comes to nothing."""
        with self._turn:
            self._hung_up = True
            line = self._line
            if line is not None and line.sock is not None:
                with suppress(OSError):  # it is gone already
                    socket.socket.shutdown(line.sock, socket.SHUT_RDWR)  # TLS has its own, which says goodbye
            return line is not None

    def _answer(self, place: _Place, method: str, *rest: Any) -> tuple[HTTPConnection, HTTPResponse]:
        """The head of the answer, and on which connection it came.

        One that died while it was kept is replaced, once, where that is safe (RFC 9110, 9.2.2).
        """
        kept = self._lines.kept(place)
        if kept is not None:
            with suppress(*((ConnectionError,) if method == "GET" else ())):
                return kept, self._sent(kept, method, *rest)
        if self._hung_up:
            raise ConnectionError("hung up")
        line = self._lines.open(place)
        return line, self._sent(line, method, *rest)

    def _sent(self, line: HTTPConnection, *request: Any) -> HTTPResponse:
        try:
            with self._turn:
                if self._hung_up:
                    raise ConnectionError("hung up")
                self._line = line
            line.request(*request)
            return line.getresponse()
        except BaseException:
            with self._turn:
                self._line = None
            self._lines.count(line)
            line.close()
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Faults of the network are told as NotFetched."""
        try:
            yield
        except (OSError, HTTPException, ValueError) as fault:
            why = "the hub does not answer" if isinstance(fault, TimeoutError) else str(fault)
            raise NotFetched(f"{self.url}: {why or type(fault).__name__}") from fault


def _taken_apart(url: str) -> tuple[_Place, str]:
    """Where to connect, and what to ask for there. Raises ValueError."""
    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValueError("not an address that begins with http:// or https://")
    target = address._replace(scheme="", netloc="", fragment="").geturl() or "/"
    return (address.scheme, address.hostname, address.port), target
