"""The one NATS connection of a hub or a unit. This is the only file that knows nats-py.

Laws
1. nats-py is never asked to come back by itself: it would keep what could not be sent and send it, stale,
   on the new connection, and after some refusals it stays closed for good. A lost connection is thrown away
   whole, and `run` makes a new one, with a wait that grows to a few seconds and a random part, so that a
   thousand units do not knock at the same moment.
2. A silent line is found by our own pings, three times `Pace.ping`.
3. nats-py tells of refusals only on the side (`error_cb`), never where the call was made: all are counted.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Never

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import AuthorizationError, Error, SlowConsumerError

from broadcaster.domain.names import BadName, StationId, UnitId
from broadcaster.link.identity import Identity
from broadcaster.link.messages import Subjects
from broadcaster.link.rights import MAX_PAYLOAD, inbox
from broadcaster.link.usage import Meter
from broadcaster.link.wire import (
    AskRefused,
    Fault,
    NoAnswer,
    NotConnected,
    OnBeat,
    OnConnected,
    OnOrder,
    OnWake,
    Serve,
    TooLarge,
)

__all__ = ["HubLink", "Pace", "UnitLink", "wake"]

_REFUSED = "Refused"
"""The header of an answer that says no; its value is the reason."""

_CANCELS = 5
"""A task of nats-py can swallow a cancellation that meets a message: ask again, but not for ever."""

_PENDING_BYTES = 8 * MAX_PAYLOAD
"""How much may wait for a slow listener; what comes then is lost and counted."""

_logger = logging.getLogger(__name__)

_Hears = Callable[[Msg], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patient a connection is, in seconds."""

    ping: int = 10
    greeting: float = 15.0
    answer: float = 5.0
    first_wait: float = 0.25
    longest_wait: float = 8.0


class _ListenerFailed(Exception):
    """Our own listener met an error which could be taken for one of the connection."""


class _Link:
    """What both ends have: one connection after the other, and the book of faults."""

    def __init__(self, url: str, identity: Identity, *, name: str, inbox_prefix: str, pace: Pace) -> None:
        self._url = url
        self._identity = identity
        self._name = name
        self._inbox = inbox_prefix
        self._pace = pace
        self._client: Client | None = None
        self._up = asyncio.Event()
        self._faults: Counter[Fault] = Counter()
        self._last_fault = ""
        self._greet: OnConnected | None = None
        self._hears: dict[str, _Hears] = {}
        self._meter = Meter()

    @property
    def used(self) -> int:
        """See `wire.UnitEnd.used`."""
        if self._client is not None:
            self._read_meter(self._client)
        return self._meter.total

    @property
    def connected(self) -> bool:
        return self._client is not None and self._client.is_connected

    @property
    def faults(self) -> Mapping[Fault, int]:
        return self._faults

    @property
    def last_fault(self) -> str:
        return self._last_fault

    def on_connected(self, listener: OnConnected) -> None:
        self._greet = listener

    async def ready(self) -> None:
        await self._up.wait()
        while not self.connected:  # it broke, and `_keep` has not seen it yet
            await asyncio.sleep(0.05)
            await self._up.wait()

    async def run(self) -> Never:
        wait = self._pace.first_wait
        while True:
            if await self._one_connection():
                wait = self._pace.first_wait
            await asyncio.sleep(wait * random.uniform(0.5, 1.5))  # noqa: S311 - not a secret
            wait = min(2 * wait, self._pace.longest_wait)

    async def _one_connection(self) -> bool:
        """Make one connection and keep it until it is lost. Whether there was one."""
        client, lost = Client(), asyncio.Event()
        try:
            if not await self._greeted(client, lost):
                return False
            await self._keep(client, lost)
            self._note(*_why_lost(client))
            return True
        finally:
            self._read_meter(client)
            await _discard(client)

    def _read_meter(self, client: Client) -> None:
        writer = getattr(client._transport, "_io_writer", None)
        if writer is not None:
            self._meter.read(writer.get_extra_info("socket")._sock)

    async def _greeted(self, client: Client, lost: asyncio.Event) -> bool:
        async def closed() -> None:
            lost.set()

        try:
            async with asyncio.timeout(self._pace.greeting):
                await client.connect(
                    servers=[self._url],
                    name=self._name,
                    nkeys_seed_str=self._identity.seed,
                    inbox_prefix=self._inbox,
                    allow_reconnect=False,
                    max_reconnect_attempts=1,  # even so it tries a dead address for two minutes by default
                    reconnect_time_wait=0,
                    connect_timeout=10,
                    ping_interval=self._pace.ping,
                    max_outstanding_pings=2,
                    error_cb=self._on_error,
                    closed_cb=closed,
                )
                for subject, hears in self._hears.items():
                    await client.subscribe(subject, cb=hears, pending_bytes_limit=_PENDING_BYTES)
                await _settled(client)  # from here on the broker knows what we listen to
        except (OSError, Error) as fault:
            text = str(fault) or type(fault).__name__
            refused = "authorization" in text.lower()
            self._note(Fault.NOT_ADMITTED if refused else Fault.UNREACHABLE, f"{self._url}: {text}")
            return False
        return client.is_connected

    async def _keep(self, client: Client, lost: asyncio.Event) -> None:
        self._client = client
        self._up.set()
        greeting = asyncio.ensure_future(self._greet()) if self._greet is not None else None
        if greeting is not None:
            greeting.add_done_callback(self._on_greeted)
        try:
            while client.is_connected and not lost.is_set():
                self._read_meter(client)
                with suppress(TimeoutError):  # closed_cb does not come if closing fails: look, too
                    async with asyncio.timeout(1.0):
                        await lost.wait()
        finally:
            self._up.clear()
            self._client = None
            if greeting is not None:
                greeting.cancel()

    def _on_greeted(self, greeting: "asyncio.Future[None]") -> None:
        fault = None if greeting.cancelled() else greeting.exception()
        if fault is not None:
            self._note_listener(fault)

    async def _on_error(self, fault: Exception) -> None:
        """nats-py's side entrance: refusals by the broker, losses, and whatever a listener raised."""
        match fault:
            case SlowConsumerError():
                self._note(Fault.TOO_SLOW, f"{fault.subject}: messages came faster than we took them")
            case Error() if "permissions violation" in str(fault).lower():
                self._note(Fault.NOT_PERMITTED, str(fault))
            case Error() | OSError():
                pass  # the loss itself is counted where it is noticed
            case _:
                self._note_listener(fault)

    def _note(self, fault: Fault, words: str) -> None:
        self._faults[fault] += 1
        self._last_fault = f"{fault}: {words}"
        _logger.warning("wire name=%s fault=%s count=%d: %s", self._name, fault, self._faults[fault], words)

    def _note_listener(self, fault: BaseException) -> None:
        self._note(Fault.LISTENER, repr(fault))
        _logger.error("a listener failed", exc_info=fault)

    def _hear(self, subject: str, listener: _Hears) -> None:
        async def hears(message: Msg) -> None:
            try:
                await listener(message)
            except (OSError, Error) as fault:  # else it would pass for one of the connection
                raise _ListenerFailed(repr(fault)) from fault

        self._hears[subject] = hears

    def _line(self, payload: bytes) -> Client:
        """The connection, for sending so much over it. Raises NotConnected, TooLarge."""
        client = self._client
        if client is None or not client.is_connected:
            raise NotConnected(f"there is no connection to {self._url}: {self._last_fault or 'not yet'}")
        if len(payload) > client.max_payload:
            raise TooLarge(f"{len(payload)} bytes are more than the {client.max_payload} that may travel")
        return client


class UnitLink(_Link):
    """A unit's end of the wire: see `wire.UnitEnd`."""

    def __init__(
        self, url: str, identity: Identity, station: StationId, unit: UnitId, *, pace: Pace | None = None
    ) -> None:
        super().__init__(url, identity, name=unit, inbox_prefix=inbox(unit), pace=pace or Pace())
        self._subjects = Subjects(station)
        self._unit = unit

    def on_order(self, listener: OnOrder) -> None:
        async def hears(message: Msg) -> None:
            await listener(message.data)

        self._hear(self._subjects.order, hears)

    async def ask(self, question: bytes) -> bytes:
        return await self._request(self._subjects.ask(self._unit), question)

    async def tell(self, report: bytes) -> bytes:
        return await self._request(self._subjects.tell(self._unit), report)

    async def beat(self, beat: bytes) -> None:
        with suppress(NotConnected, OSError, Error):
            await self._line(beat).publish(self._subjects.beat(self._unit), beat)

    async def _request(self, subject: str, payload: bytes) -> bytes:
        client = self._line(payload)
        try:
            async with asyncio.timeout(self._pace.answer):
                answer = await client.request(subject, payload, timeout=2 * self._pace.answer)
        except (OSError, Error) as fault:
            raise NoAnswer(f"the hub does not answer: {str(fault) or 'silence'}") from fault
        refusal = (answer.headers or {}).get(_REFUSED)
        if refusal is not None:
            raise AskRefused(refusal)
        return answer.data


class HubLink(_Link):
    """The hub's end of the wire: see `wire.HubEnd`."""

    def __init__(self, url: str, identity: Identity, station: StationId, *, pace: Pace | None = None) -> None:
        super().__init__(url, identity, name="hub", inbox_prefix="_INBOX.hub", pace=pace or Pace())
        self._subjects = Subjects(station)

    def on_ask(self, serve: Serve) -> None:
        self._serve(self._subjects.ask("*"), serve)

    def on_tell(self, serve: Serve) -> None:
        self._serve(self._subjects.tell("*"), serve)

    def on_beat(self, listener: OnBeat) -> None:
        async def hears(message: Msg) -> None:
            unit = self._speaker(message)
            if unit is not None:
                await listener(unit, message.data)

        self._hear(self._subjects.beat("*"), hears)

    def on_wake(self, listener: OnWake) -> None:
        async def hears(_: Msg) -> None:
            await listener()

        self._hear(self._subjects.wake, hears)

    async def order(self, envelope: bytes) -> None:
        client = self._line(envelope)
        try:
            async with asyncio.timeout(self._pace.answer):
                await client.publish(self._subjects.order, envelope)
                await _settled(client)
        except (OSError, Error) as fault:
            # A pong that comes after its ping was given up stops nats-py's reader: begin afresh.
            await _discard(client)
            raise NotConnected(f"the broker did not take the order: {str(fault) or 'silence'}") from fault

    def _serve(self, subject: str, serve: Serve) -> None:
        async def hears(message: Msg) -> None:
            unit = self._speaker(message)
            if unit is None or not self._in_its_inbox(unit, message.reply):
                return
            headers: dict[str, str] | None = None
            try:
                answer = await serve(unit, message.data)
            except AskRefused as refusal:
                answer, headers = b"", {_REFUSED: str(refusal)}
            with suppress(NotConnected):  # nobody is there any more to be answered
                await self._line(answer).publish(message.reply, answer, headers=headers)

        self._hear(subject, hears)

    def _speaker(self, message: Msg) -> UnitId | None:
        """Which unit speaks, by the subject, which the broker has checked; None, and counted, for none."""
        token = message.subject.rpartition(".")[2]
        try:
            unit = UnitId(token)
        except BadName:
            self._note(Fault.MISDIRECTED, f"{token[:80]!r} is not the id of a unit")
            return None
        return unit

    def _in_its_inbox(self, unit: UnitId, reply: str) -> bool:
        """Whether the answer is wanted in the asker's own inbox; if not it is counted, and given nowhere."""
        if reply.startswith(f"{inbox(unit)}.") and not {"*", ">"} & set(reply):
            return True
        self._note(Fault.MISDIRECTED, f"{unit} wants its answer at {reply[:80]!r}")
        return False


def wake(url: str, station: StationId, identity: Identity, *, within: float = 1.0) -> None:
    """Tell the hub, from panel or command line, to look at the store; takes at most `within` seconds.

    Should it fail nothing is lost but time: the hub looks by itself every so often.
    """
    with suppress(OSError, Error):
        asyncio.run(_wake(url, station, identity, within))


async def _wake(url: str, station: StationId, identity: Identity, within: float) -> None:
    async def silent(_: Exception) -> None:
        """What goes wrong comes back from `connect` as well."""

    client = Client()
    try:
        async with asyncio.timeout(within):
            await client.connect(
                servers=[url],
                name="panel",
                nkeys_seed_str=identity.seed,
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=0,
                error_cb=silent,
            )
            await client.publish(Subjects(station).wake)
            await _settled(client)
    finally:
        await _discard(client)


async def _settled(client: Client) -> None:
    """Wait until the broker has all that was sent. The first ping overtakes it in nats-py's own buffer, but
    when that is answered the buffer has been emptied, and the second one comes last. Raises nats.Error."""
    await client.flush()
    await client.flush()


async def _discard(client: Client) -> None:
    """Close a connection for good, in any state, within a second, and leave nothing of it behind.

    On a line gone silent nats-py waits in closing until the kernel has sent what is left over, a quarter of
    an hour, and its own tasks wait with it: then they are ended from outside.
    """
    closing = asyncio.ensure_future(client.close())
    await asyncio.wait({closing}, timeout=1.0)  # it can swallow a time-out, too
    left = [closing, client._reading_task, client._ping_interval_task, client._flusher_task]
    left += [listening._wait_for_msgs_task for listening in client._subs.values()]
    waiting = {task for task in left if task is not None}
    for _ in range(_CANCELS):
        for task in waiting:
            task.cancel()
        if waiting:
            ended, waiting = await asyncio.wait(waiting, timeout=0.2)
            await asyncio.gather(*ended, return_exceptions=True)
    writer = getattr(client._transport, "_io_writer", None)
    if writer is not None:
        writer.transport.abort()


def _why_lost(client: Client) -> tuple[Fault, str]:
    fault = client.last_error
    if isinstance(fault, AuthorizationError):
        return Fault.NOT_ADMITTED, "the broker does not know our key any more"
    return Fault.LOST, f"the connection was lost: {fault or 'closed by the broker'}"
