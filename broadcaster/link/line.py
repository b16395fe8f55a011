"""One connection to the broker, from its greeting to its end. This is the only file that knows nats-py.

Laws
1. nats-py is never asked to come back by itself: it would keep what could not be sent and send it, stale,
   on the new connection, and after some refusals it stays closed for good. A lost line is thrown away.
2. A cut link is found by the kernel (`reaching`). One whose other end has gone deaf is found by asking the
   broker itself, and only then: when somebody waited for an answer in vain, and when nothing at all came for
   a while. As long as bytes get through, however slowly, its answer is waited for.
3. nats-py tells of refusals only on the side (`error_cb`), never where the call was made: all are noted.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from nats.aio.client import DEFAULT_BUFFER_SIZE, Client
from nats.aio.msg import Msg
from nats.aio.transport import TcpTransport
from nats.errors import AuthorizationError, Error, SlowConsumerError

from broadcaster.clock import monotonic
from broadcaster.link.identity import Identity
from broadcaster.link.reaching import Address
from broadcaster.link.rights import MAX_PAYLOAD
from broadcaster.link.usage import Meter, got_through
from broadcaster.link.wire import Fault

__all__ = ["Heard", "Hears", "Line", "Said"]

T = TypeVar("T")

_CANCELS = 5
"""A task of nats-py can swallow a cancellation that meets a message: ask again, but not for ever."""

_PENDING_BYTES = 8 * MAX_PAYLOAD
"""How much may wait for a slow listener; what comes then is lost and counted."""

_GLANCE = 0.25
_LOOK = 1.0
"""Seconds between two looks at a line, in doubt and otherwise."""

_COMPANY = 9.0
"""Seconds a ping waits for a message of ours, of which a unit has one every ten: in one packet with that
one's acknowledgement its answer is a third cheaper (measured: 147 bytes for 220)."""

_TO_SEND = 10.0
"""Seconds nats-py may take to put a message into its buffer: it waits while that is full."""

_NEVER = 86_400
"""Seconds between nats-py's own pings: on a paid link they cost more than they tell."""


class Heard(NamedTuple):
    """A message: its subject, where its answer is wanted (empty: nowhere), its bytes."""

    subject: str
    reply: str
    payload: bytes


class Said(NamedTuple):
    """An answer."""

    payload: bytes
    headers: Mapping[str, str]


Hears = Callable[[Heard], Awaitable[None]]


class _ListenerFailed(Exception):
    """A listener of ours met an error which could be taken for one of the connection."""


class _Reached(TcpTransport):
    """A transport over a connection that is there already."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._bare_io_reader = self._io_reader = reader
        self._bare_io_writer = self._io_writer = writer
        self.abort = writer.transport.abort

    async def connect(self, *_: object, **__: object) -> None:
        pass


class Line:
    """A connection that is opened once. `note` is told of what goes wrong on the side, `listener_failed` of
    what a listener raised, `meter` of what it costs. `close` it, whatever became of it."""

    def __init__(
        self,
        note: Callable[[Fault, str], None],
        listener_failed: Callable[[BaseException], None],
        meter: Meter,
    ) -> None:
        self._note = note
        self._listener_failed = listener_failed
        self._meter = meter
        self._client = Client()
        self._socket: socket.socket | None = None
        self._stir = asyncio.Event()
        self._over = asyncio.Event()
        self._doubted = False
        self._quiet = self._spoke = False

    @property
    def alive(self) -> bool:
        return bool(self._client.is_connected)

    @property
    def longest(self) -> int:
        """Bytes that one message may have."""
        return int(self._client.max_payload)

    async def open(
        self,
        address: Address,
        identity: Identity,
        *,
        name: str,
        inbox: str,
        hears: Mapping[str, Hears],
        reach: float,
        greeting: float,
        unheard: float,
    ) -> None:
        """Connect within `reach` seconds and be greeted within `greeting` more; from then on the broker knows
        what is listened to. The line is lost when what was sent is not acknowledged for `unheard` seconds.
        Raises PermissionError when it does not know our key, otherwise OSError."""
        self._socket = await address.reach(self._meter, within=reach, unheard=unheard)
        streams = await asyncio.open_connection(sock=self._socket, limit=DEFAULT_BUFFER_SIZE)
        self._client._transport = _Reached(*streams)
        await _bounded(self._greeted(address.url, identity, name, inbox, hears), greeting)

    async def _greeted(
        self, url: str, identity: Identity, name: str, inbox: str, hears: Mapping[str, Hears]
    ) -> None:
        await self._client.connect(
            servers=[url],  # the transport is there already, but its name may have to be proved (TLS)
            name=name,
            nkeys_seed_str=identity.seed,
            inbox_prefix=inbox,
            allow_reconnect=False,
            connect_timeout=_NEVER,  # the greeting as a whole is bounded
            ping_interval=_NEVER,
            error_cb=self._on_error,
            closed_cb=self._on_closed,
        )
        for subject, listener in hears.items():
            await self._client.subscribe(subject, cb=_guarded(listener), pending_bytes_limit=_PENDING_BYTES)
        await self._flush_all()

    async def publish(self, subject: str, payload: bytes, headers: dict[str, str] | None = None) -> None:
        """Send it. Raises OSError."""
        if self._quiet:
            self._spoke = True
            self._stir.set()
        sending = self._client.publish(subject, payload, headers=headers)
        # Only a full buffer is waited for: a hub answers a thousand units, and guarding each answer costs.
        await (sending if self._client.pending_data_size < MAX_PAYLOAD else _bounded(sending, _TO_SEND))

    async def request(self, subject: str, payload: bytes, *, answer: float, most: float) -> Said:
        """What is answered to it within `most` seconds; after `answer` the line is doubted. Raises OSError:
        nobody is there to answer, silence, or the line is lost meanwhile."""
        asking = asyncio.ensure_future(self._client.request(subject, payload, timeout=most))
        ending = asyncio.ensure_future(self._over.wait())
        try:
            done, _ = await asyncio.wait(
                {asking, ending}, timeout=answer, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                self._doubted = True
                self._stir.set()
                await asyncio.wait({asking, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise OSError("the connection was lost")
            said = asking.result()
        except Error as fault:
            raise OSError(str(fault) or type(fault).__name__) from fault
        finally:
            await _ended(asking, ending)
        return Said(payload=said.data, headers=said.headers or {})

    async def settled(self, within: float) -> None:
        """Wait until the broker has all that was sent. Raises OSError, and then the line is of no use: a pong
        that comes after its ping was given up stops nats-py's reader."""
        await _bounded(self._flush_all(), within)

    async def _flush_all(self) -> None:
        """The first ping overtakes what waits in nats-py's own buffer, but when it is answered the buffer has
        been emptied, and the second one comes last."""
        await self._client.flush()
        await self._client.flush()

    def read_meter(self) -> None:
        if self._socket is not None:
            self._meter.read(self._socket)

    async def until_lost(self, *, quiet: float, answer: float) -> tuple[Fault, str]:
        """Wait until the line is lost; why it was. After `quiet` seconds in which nothing came, and when it
        is doubted, the broker has `answer` seconds to say that it is there."""
        heard, since = -1, monotonic()
        while self.alive:  # closed_cb does not come if closing fails: look, too
            self._stir.clear()
            self.read_meter()
            if self._client.stats["in_msgs"] != heard:
                heard, since = self._client.stats["in_msgs"], monotonic()
            lasts = monotonic() - since
            self._quiet = lasts >= quiet
            self._spoke = self._spoke and self._quiet
            if self._doubted or (self._quiet and self._spoke) or lasts >= quiet + min(_COMPANY, quiet / 4):
                self._doubted = self._quiet = self._spoke = False
                if not await self._answers(answer):
                    return Fault.LOST, "the connection was lost: the broker answers nothing any more"
                since = monotonic()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(_LOOK, quiet)):
                    await self._stir.wait()
        fault = self._client.last_error
        if isinstance(fault, AuthorizationError):
            return Fault.NOT_ADMITTED, "the broker does not know our key any more"
        return Fault.LOST, f"the connection was lost: {fault or 'closed by the broker'}"

    async def _answers(self, within: float) -> bool:
        """Whether the broker answers a ping. If it does not, the line is of no use (see `settled`)."""
        pong = asyncio.ensure_future(self._client.flush(_NEVER))
        through, since = self._got_through(), monotonic()
        try:
            while self.alive and monotonic() - since < within:
                await asyncio.wait({pong}, timeout=_GLANCE)
                if pong.done():
                    return pong.exception() is None
                if self._got_through() != through:
                    through, since = self._got_through(), monotonic()
            return False
        finally:
            await _ended(pong)

    def _got_through(self) -> int:
        try:
            return -1 if self._socket is None else got_through(self._socket)
        except OSError:
            return -1

    async def close(self) -> None:
        """Close it for good, in any state, within two seconds, and leave nothing of it behind.

        On a line gone silent nats-py waits in closing until the kernel has sent what is left over, and its
        own tasks wait with it: then they are ended from outside.
        """
        self._over.set()
        self.read_meter()
        client = self._client
        closing = asyncio.ensure_future(client.close())
        await asyncio.wait({closing}, timeout=1.0)  # it can swallow a time-out, too
        left = [closing, client._reading_task, client._ping_interval_task, client._flusher_task]
        left += [listening._wait_for_msgs_task for listening in client._subs.values()]
        await _ended(*(task for task in left if task is not None))
        if isinstance(client._transport, _Reached):
            client._transport.abort()
        elif self._socket is not None:
            self._socket.close()

    async def _on_closed(self) -> None:
        self._over.set()
        self._stir.set()

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
                self._listener_failed(fault)


async def _bounded(work: Coroutine[Any, Any, T], within: float) -> T:
    """What comes of `work` of nats-py, which can swallow both a time-out and our own cancellation. Raises
    OSError, as a PermissionError when the broker does not know our key."""
    doing = asyncio.ensure_future(work)
    try:
        await asyncio.wait({doing}, timeout=within)
        if not doing.done():
            raise TimeoutError
        return doing.result()
    except Error as fault:
        words = str(fault) or type(fault).__name__
        raise (PermissionError if "authorization" in words.lower() else OSError)(words) from fault
    finally:
        await _ended(doing)


async def _ended(*tasks: "asyncio.Future[Any]") -> None:
    """End them from outside, within a second, and let nobody hear what became of them."""
    waiting = set(tasks)
    for _ in range(_CANCELS):
        for task in waiting:
            task.cancel()
        if waiting:
            ended, waiting = await asyncio.wait(waiting, timeout=0.2)
            await asyncio.gather(*ended, return_exceptions=True)


def _guarded(listener: Hears) -> Callable[[Msg], Awaitable[None]]:
    async def hears(message: Msg) -> None:
        try:
            await listener(Heard(message.subject, message.reply, message.data))
        except (OSError, Error) as fault:  # else it would pass for one of the connection
            raise _ListenerFailed(repr(fault)) from fault

    return hears
