"""A day in a second: an event loop whose time goes on when there is nothing left to do.

Timers ring in their order at their exact moments, whatever the machine is busy with, and what would run in a
thread runs at once. For stories without a network.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar, TypeVarTuple, Unpack

__all__ = ["FakeSpeedLoop", "at_fake_speed"]

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class _NoWaiting(selectors.DefaultSelector):
    """Looks, and says how long it would have waited."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: Callable[[float], None] = lambda _: None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            assert timeout is not None, "everything waits for something that will never come"
            self.waited(timeout)
        return ready


class FakeSpeedLoop(asyncio.SelectorEventLoop):
    """Begins at `began` seconds."""

    def __init__(self, began: float) -> None:
        selector = _NoWaiting()
        super().__init__(selector)
        self._now = began
        selector.waited = self._wait

    def _wait(self, seconds: float) -> None:
        self._now += max(seconds, 0.0)

    def time(self) -> float:
        return self._now

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        done: Future[T] = Future()
        try:
            done.set_result(func(*args))
        except OSError as fault:
            done.set_exception(fault)
        return asyncio.wrap_future(done, loop=self)


def at_fake_speed(story: Callable[[FakeSpeedLoop], Any], *, began: float = 1000.0) -> None:
    """Run the coroutine that `story` gives to its end."""
    loop = FakeSpeedLoop(began)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(story(loop))
