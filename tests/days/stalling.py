"""A road to the broker on which nothing passes for some seconds, again and again, and nothing is closed."""

import asyncio
import threading
from types import TracebackType
from typing import Self

from broadcaster.clock import monotonic
from tests.link.proxy import Proxy

__all__ = ["StallingRoad"]


class StallingRoad:
    """Works in a thread of its own from `lead_to` on."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        self._up = threading.Event()
        self._thread: threading.Thread | None = None
        self._proxy: Proxy | None = None
        self._stalls: list[tuple[float, float]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._over.set)
            self._thread.join()
        self._loop.close()

    def lead_to(self, url: str) -> None:
        """From now on the road leads to the broker there."""
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._work(url),))
        self._thread.start()
        assert self._up.wait(10)

    @property
    def url(self) -> str:
        """Where it begins."""
        assert self._proxy is not None
        return self._proxy.url

    def stall_every(self, seconds: float, *, first: float, for_: float, times: int = 3) -> None:
        """Let nothing pass from the monotonic second `first` on, for so long, and again."""
        stalls = [(first + number * seconds, first + number * seconds + for_) for number in range(times)]
        self._loop.call_soon_threadsafe(self._stalls.extend, stalls)

    async def _work(self, url: str) -> None:
        async with Proxy(url) as self._proxy:
            self._up.set()
            while not self._over.is_set():
                now = monotonic()
                if any(begin <= now < end for begin, end in self._stalls):
                    self._proxy.stall()
                else:
                    self._proxy.resume()
                await asyncio.sleep(0.02)
