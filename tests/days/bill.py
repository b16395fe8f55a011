"""What a month of a unit's talk costs its SIM card: every message as it lies in IP packets.

The model, held against the kernel's count of a real connection in `test_megabytes`:
- a packet costs 52 bytes beside what it carries (IPv4 20, TCP 20, time stamps 12) and carries 1,448 at most;
- what is published is one packet there and one acknowledgement back; an answer acknowledges its question, and
  is acknowledged by a packet of its own; two full packets are acknowledged by one;
- NATS puts its line before each message (`PUB subject [reply] size`, `MSG subject sid size`) and a line's end
  after it.
"""

import math
from collections import Counter

from broadcaster.domain.names import StationId, UnitId
from broadcaster.link.messages import Subjects
from broadcaster.link.rights import inbox

__all__ = ["Bill"]

PACKET = 52
FULL = 1448
_TOKENS = 1 + 22 + 1 + 26
"""What nats-py adds to an inbox: one name for the connection, one for the question."""

_HANDSHAKE = 2 * 60 + 52
_GOODBYE = 4 * 52
_REQUEST = 190
"""Bytes of the head of a GET for a clip or plan, its name is 64 of them."""
_RESPONSE = 330
"""Bytes of the head of the hub's answer."""


class Bill:
    """Of one unit; bytes by what they were for."""

    def __init__(self, station: StationId, unit: UnitId) -> None:
        self._subjects = Subjects(station)
        self._unit = unit
        self._inbox = len(inbox(unit)) + _TOKENS
        self.items: Counter[str] = Counter()

    @property
    def total(self) -> int:
        return self.items.total()

    def beat(self, payload: bytes = b"", *, times: float = 1) -> None:
        self._add("heartbeats", times, _packets(self._pub(self._subjects.beat(self._unit), payload)))

    def ask(self, what: str, question: bytes, answer: bytes, *, times: float = 1) -> None:
        self._add(what, times, self._asked(self._subjects.ask(self._unit), question, answer))

    def tell(self, report: bytes, receipt: bytes, *, times: float = 1) -> None:
        self._add("tells", times, self._asked(self._subjects.tell(self._unit), report, receipt))

    def order(self, envelope: bytes, *, times: float = 1) -> None:
        self._add("orders", times, _packets(_msg(len(self._subjects.order), len(envelope))))

    def fetch(self, size: int, *, times: float = 1) -> None:
        """A file, over a connection of its own."""
        once = _HANDSHAKE + _packets(_REQUEST) + _packets(_RESPONSE + size) + _GOODBYE
        self._add("plans", times, once)

    def _add(self, what: str, times: float, once: int) -> None:
        self.items[what] += round(times * once)

    def _pub(self, subject: str, payload: bytes, reply: int = 0) -> int:
        size = len(payload)
        return len(f"PUB {subject} {size}\r\n\r\n") + (reply + 1 if reply else 0) + size

    def _asked(self, subject: str, question: bytes, answer: bytes) -> int:
        there = _packets(self._pub(subject, question, self._inbox)) - PACKET  # the answer acknowledges it
        return there + _packets(_msg(self._inbox, len(answer)))


def _msg(subject: int, size: int) -> int:
    return len(f"MSG  1 {size}\r\n\r\n") + subject + size


def _packets(carried: int) -> int:
    """So many bytes one way, with the packets they need and the acknowledgements that come back."""
    packets = math.ceil(carried / FULL)
    return carried + PACKET * (packets + math.ceil(packets / 2))
