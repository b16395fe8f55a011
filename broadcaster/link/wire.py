"""The two ends of the wire as the unit and the hub see them, whatever carries it.

Laws
1. Core delivery only: what is not received now is lost, and nothing is kept to be sent later. A unit that
   comes back asks for the whole present state, so `on_connected` is where everything starts.
2. Orders arrive in the order in which they were given.
3. A unit speaks only under its own id: the `unit` a hub's listener is given comes from the subject, which
   the broker has checked, not from what the message claims.
4. The hub answers a unit in that unit's own inbox and nowhere else, and the panel in the panel's.
5. Listeners are set before `run`. One that raises is logged with its traceback and counted; the wire goes on.

`run()` keeps the connection for ever, with a new one after every loss, and ends only by being cancelled.
"""

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Never, Protocol

from broadcaster.domain.names import UnitId

__all__ = [
    "AskRefused",
    "End",
    "Fault",
    "HubEnd",
    "NoAnswer",
    "NotConnected",
    "OnBeat",
    "OnConnected",
    "OnOrder",
    "OnWake",
    "Serve",
    "Take",
    "TooLarge",
    "UnitEnd",
]

OnConnected = Callable[[], Awaitable[None]]
OnOrder = Callable[[bytes], Awaitable[None]]
OnBeat = Callable[[UnitId, bytes], Awaitable[None]]
OnWake = Callable[[], Awaitable[None]]
Serve = Callable[[UnitId, bytes], Awaitable[bytes]]
"""A unit's question to its answer. Raises AskRefused to say no."""


Take = Callable[[bytes], Awaitable[None]]
"""What the panel hands over; done when it is safe here. Raises AskRefused to say no."""


class Fault(StrEnum):
    """What goes wrong on a wire; each is counted."""

    UNREACHABLE = "unreachable"  # no connection could be made
    NOT_ADMITTED = "not-admitted"  # the broker does not know our key
    LOST = "lost"  # a connection broke
    NOT_PERMITTED = "not-permitted"  # we spoke or listened where we may not
    TOO_SLOW = "too-slow"  # we did not take what came fast enough, and some of it is gone
    MISDIRECTED = "misdirected"  # a request wanted its answer somewhere else than in the asker's inbox
    LISTENER = "listener"  # our own code failed on what it was given


class NoAnswer(Exception):
    """Nobody answered in time, or nobody could be asked: ask again later."""


class NotConnected(NoAnswer):
    """There is no connection to the broker now."""


class AskRefused(Exception):
    """The hub answered no; the text says why. Asking the same again will not help."""


class TooLarge(ValueError):
    """More bytes than one message may have."""


class End(Protocol):
    """What both ends have."""

    @property
    def connected(self) -> bool: ...

    @property
    def faults(self) -> Mapping[Fault, int]:
        """How often each fault was met since the start."""
        ...

    @property
    def last_fault(self) -> str:
        """The latest fault in words; empty for none."""
        ...

    async def run(self) -> Never:
        """Keep the connection for ever. Ends only by being cancelled, and then closes it."""
        ...

    async def ready(self) -> None:
        """Wait until connected and listening."""
        ...

    def on_connected(self, listener: OnConnected) -> None:
        """Call `listener` after every new connection, in a task of its own, cancelled when it is lost.

        After an outage a unit may be back before the hub: nobody answers yet, and it has to ask again.
        """
        ...


class UnitEnd(End, Protocol):
    """The wire in a loudspeaker box."""

    @property
    def used(self) -> int:
        """Bytes this end has sent and received since it was made, packet headers and all: what a SIM card
        pays for. Grows only; lags by a second at most while connected."""
        ...

    def on_order(self, listener: OnOrder) -> None:
        """Hear every order's envelope, one after the other: the next one waits until `listener` is done."""
        ...

    async def ask(self, question: bytes) -> bytes:
        """The hub's answer. Raises NoAnswer (after a few seconds), AskRefused (the hub says no), TooLarge."""
        ...

    async def tell(self, report: bytes) -> bytes:
        """The hub's receipt for it. Raises like `ask`, but waits longer: a hub may have much to write."""
        ...

    async def beat(self, beat: bytes) -> None:
        """Say that we live. Dropped when not connected: an old heartbeat is a lie."""
        ...


class HubEnd(End, Protocol):
    """The wire in the hub."""

    def on_ask(self, serve: Serve) -> None:
        """Answer what units ask, one after the other: a slow `serve` keeps the next unit waiting."""
        ...

    def on_tell(self, serve: Serve) -> None:
        """Take reports, many at once: a receipt is given when all is committed, and nobody's receipt waits
        for another one's."""
        ...

    def on_beat(self, listener: OnBeat) -> None:
        """Hear every heartbeat."""
        ...

    def on_wake(self, listener: OnWake) -> None:
        """Hear that the desk wrote something. May come without need, and may fail to come: look anyway."""
        ...

    def on_handed_over(self, take: Take) -> None:
        """Take what the panel could not put into the store: alerts and stops. One after the other."""
        ...

    async def order(self, envelope: bytes) -> None:
        """Give an order to all units; done when the broker has it.

        Raises NotConnected when that is not sure; the same order may then be given again, for a unit acts
        on it once. Raises TooLarge.
        """
        ...
