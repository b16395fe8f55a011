"""What panel and command line say to the hub: one thing, on a line of its own.

They are no processes of the wire: a request of a person opens a line, says what it has to say and closes it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from broadcaster.domain.names import StationId
from broadcaster.link.connection import PORT, REFUSED
from broadcaster.link.identity import Identity
from broadcaster.link.line import Line
from broadcaster.link.messages import Subjects
from broadcaster.link.reaching import Address
from broadcaster.link.rights import PANELS_INBOX
from broadcaster.link.usage import Meter
from broadcaster.link.wire import AskRefused, NoAnswer

__all__ = ["hand_over", "wake"]


def wake(url: str, station: StationId, identity: Identity, *, within: float = 1.0) -> None:
    """Tell the hub, from panel or command line, to look at the store; takes at most `within` seconds and what
    closing takes.

    Should it fail nothing is lost but time: the hub looks by itself every so often.
    """
    with suppress(OSError):
        asyncio.run(_wake(url, station, identity, within))


def hand_over(url: str, station: StationId, identity: Identity, raw: bytes, *, within: float = 2.0) -> None:
    """Hand the hub, from panel or command line, what the store could not take (`messages.HandedOver`); done
    when it is safe there, within `within` seconds and what closing takes.

    Raises AskRefused (the hub says no, and why) and NoAnswer: then nobody knows whether the hub has it, and
    it may be handed over again, for the same thing is taken once.
    """
    try:
        asyncio.run(_hand_over(url, station, identity, raw, within))
    except OSError as fault:
        raise NoAnswer(f"the hub does not answer: {str(fault) or 'silence'}") from fault


async def _wake(url: str, station: StationId, identity: Identity, within: float) -> None:
    async with asyncio.timeout(within), _panels_line(url, identity, within) as line:
        await line.publish(Subjects(station).wake, b"")
        await line.settled(within)


async def _hand_over(url: str, station: StationId, identity: Identity, raw: bytes, within: float) -> None:
    async with asyncio.timeout(within), _panels_line(url, identity, within) as line:
        subject = Subjects(station).desk_alert
        said = await line.request(subject, raw, answer=within, most=within)
    refusal = said.headers.get(REFUSED)
    if refusal is not None:
        raise AskRefused(refusal)


@asynccontextmanager
async def _panels_line(url: str, identity: Identity, within: float) -> AsyncIterator[Line]:
    """A line for one thing to say. Raises OSError."""
    line = Line(lambda *_: None, lambda _: None, Meter())  # what goes wrong is raised by `open` as well
    try:
        await line.open(
            Address(url, port=PORT),
            identity,
            name="panel",
            inbox=PANELS_INBOX,
            hears={},
            reach=within,
            greeting=within,
            unheard=within,
        )
        yield line
    finally:
        await line.close()
