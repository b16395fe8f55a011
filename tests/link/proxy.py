"""A network path with the vices of mobile ones: silence, delay, jitter, a trickle of bytes, a broken end."""

import asyncio
import random
import socket
from collections.abc import Callable
from typing import Self
from urllib.parse import urlsplit

__all__ = ["Proxy"]

_PIECE = 1400
"""Bytes: what a packet carries."""

_NARROW = 4096
"""Bytes the path holds: else the kernel would acknowledge here what has not gone anywhere yet."""


class _Direction:
    """One way of the path, which all connections share."""

    def __init__(self) -> None:
        self.free_at = 0.0


class Proxy:
    """Passes bytes on to a broker, or to whatever `connect` connects to, from `listener`.

    `delay` and `jitter` in seconds one way, `rate` in bytes a second each way for all connections together;
    None: as fast as it goes. All may be changed at any time. Order is kept, as TCP keeps it.
    """

    def __init__(
        self,
        broker_url: str = "",
        *,
        listener: socket.socket | None = None,
        connect: Callable[[], socket.socket] | None = None,
        seed: int = 1,
    ) -> None:
        port = urlsplit(broker_url).port
        self._listener = listener or socket.create_server(("127.0.0.1", 0))
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _NARROW)
        self._connect = connect or (lambda: socket.create_connection(("127.0.0.1", port or 0)))
        self._chance = random.Random(seed)
        self._there, self._back = _Direction(), _Direction()
        self._flowing = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._writers: list[asyncio.StreamWriter] = []
        self.delay = self.jitter = 0.0
        self.rate: float | None = None
        self.accepted = 0

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self._listener.getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self.resume()
        self._server = await asyncio.start_server(self._accept, sock=self._listener, limit=_PIECE)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.freeze()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    def freeze(self) -> None:
        """The connections there are take nothing and give nothing, for ever, and stay open; new ones work."""
        for task in self._tasks:
            task.cancel()

    def stall(self) -> None:
        """Nothing passes, of new connections neither, until `resume`; nothing is closed."""
        self._flowing.clear()

    def resume(self) -> None:
        self._flowing.set()

    def cut(self) -> None:
        """Break every connection off; new ones work."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        try:
            reached = await asyncio.to_thread(self._connect)
        except OSError:
            writer.transport.abort()
            return
        there, thence = await asyncio.open_connection(sock=reached)
        self._writers += [writer, thence]
        for source, sink, way in ((reader, thence, self._there), (there, writer, self._back)):
            self._tasks.append(asyncio.ensure_future(self._pass_on(source, sink, way)))

    async def _pass_on(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: _Direction
    ) -> None:
        underway: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.ensure_future(self._arrive(underway, sink))
        loop = asyncio.get_running_loop()
        due = 0.0
        try:
            while passed := await source.read(_PIECE if self.rate else 65536):
                await self._flowing.wait()
                if self.rate:
                    way.free_at = max(way.free_at, loop.time()) + len(passed) / self.rate
                    await asyncio.sleep(way.free_at - loop.time())
                due = max(due, loop.time() + self.delay + self._chance.uniform(0, self.jitter))
                underway.put_nowait((due, passed))
            underway.put_nowait((due, b""))
            await arriving
        except OSError:
            sink.transport.abort()
        finally:
            arriving.cancel()

    async def _arrive(self, underway: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter) -> None:
        while True:
            due, passed = await underway.get()
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            await self._flowing.wait()
            if not passed:
                sink.close()
                return
            sink.write(passed)
            await sink.drain()
