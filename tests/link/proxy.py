"""A network path that can fall silent without a word, as mobile ones do."""

import asyncio
from typing import Self
from urllib.parse import urlsplit

__all__ = ["Proxy"]


class Proxy:
    """Passes bytes on to a broker. After `freeze` the connections there are take nothing and give nothing,
    and stay open; new ones work."""

    def __init__(self, broker_url: str) -> None:
        self._port = urlsplit(broker_url).port
        self._tasks: list[asyncio.Task[None]] = []
        self._writers: list[asyncio.StreamWriter] = []
        self.accepted = 0

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.freeze()
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    def freeze(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        there, thence = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers += [writer, thence]
        for source, sink in ((reader, thence), (there, writer)):
            self._tasks.append(asyncio.ensure_future(self._pass_on(source, sink)))

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while passed := await source.read(65536):
            sink.write(passed)
            await sink.drain()
        sink.close()
