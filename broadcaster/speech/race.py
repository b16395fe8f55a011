"""Several at once, and nobody waits for one that hangs.

Laws
1. What is begun is not begun twice: who asks for the same meanwhile waits for the same.
2. What hangs is left to itself, in a thread that ends with the process. Of one name no more than `MOST` run
   at a time, so that they do not add up.
3. What is done afterwards is waited for by nobody.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import timedelta
from threading import Lock, Thread
from typing import Generic, TypeVar

from broadcaster import clock

__all__ = ["MOST", "Race", "first"]

T = TypeVar("T")

MOST = 3
"""An engine that hangs this often at once is not asked again before one of them is done."""


class Race(Generic[T]):
    """Runs what blocks, each in a thread of its own. What cannot be done is an outcome, and not raised."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: dict[tuple[str, str], Future[T]] = {}

    def enter(
        self, name: str, key: str, work: Callable[[], T], afterwards: Callable[[T], None]
    ) -> Future[T] | None:
        """Have `name` do `work`, which `key` stands for, and `afterwards` what nobody waits for. None when
        too many of that name run already."""
        with self._lock:
            known = self._running.get((name, key))
            if known is not None:
                return known
            if sum(running == name for running, _ in self._running) >= MOST:
                return None
            future: Future[T] = Future()
            self._running[name, key] = future

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as fault:  # of ours: whoever waits hears of it, and so does standard error
                future.set_exception(fault)
                raise
            finally:
                with self._lock:
                    del self._running[name, key]
            afterwards(future.result())

        Thread(target=run, name=f"race {name}", daemon=True).start()
        return future


def first(
    ranked: Sequence[Future[T]], best_within: timedelta, limit: timedelta, is_good: Callable[[T], bool]
) -> T | None:
    """The good outcome of the best of `ranked` that has one within `best_within`; after that of whoever has
    one first, up to `limit`. None when there is none then, or can be none any more."""
    began = clock.monotonic()
    while True:
        waited = timedelta(seconds=clock.monotonic() - began)
        done = [one for one in ranked if one.done() and is_good(one.result())]
        pending = [one for one in ranked if not one.done()]
        if done and (waited >= best_within or not _any_before(done[0], ranked, pending)):
            return done[0].result()
        if not pending or waited >= limit:
            return None
        until = limit if not done else best_within
        wait(pending, timeout=max(0.0, (until - waited).total_seconds()), return_when=FIRST_COMPLETED)


def _any_before(one: Future[T], ranked: Sequence[Future[T]], pending: Sequence[Future[T]]) -> bool:
    """Whether somebody better may still have something."""
    return any(better in pending for better in ranked[: ranked.index(one)])
