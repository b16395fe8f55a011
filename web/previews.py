"""The sound of a bulletin before it airs, made in the background while a person waits."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait

from broadcaster.domain.programme import Playable
from broadcaster.hub.preparation import CannotMake, Maker, Product

__all__ = ["Previews"]

_KEPT = 200
_AT_ONCE = 2
"""So that a long recording does not keep somebody waiting who wants to hear one sentence."""


class Previews:
    """Makes previews. What was made once is found again at once, also by the hub."""

    def __init__(
        self, maker: Callable[[], Maker], pool: Executor | None = None, patience: float = 0.0
    ) -> None:
        """`maker` is asked for when it is needed: there is none while station.toml is broken. `pool` is
        where they are made. `patience`: seconds to wait for what was just begun, for what was made before is
        found that fast."""
        self._patience = patience
        self._maker = maker
        self._pool = pool or ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="preview")
        self._lock = threading.Lock()
        self._asked: dict[str, Future[Product]] = {}

    def ask(self, item: Playable) -> Product | None:
        """The item's sound; None while it is being made: ask again. Raises CannotMake, and forgets it then:
        the next question is another attempt."""
        maker = self._maker()
        source = maker.source(item)
        with self._lock:
            future = self._asked.get(source)
            if future is None:
                future = self._start(maker, source, item)
        wait((future,), self._patience)
        with self._lock:
            if not future.done():
                return None
            try:
                product = future.result()
            except CannotMake:
                self._asked.pop(source, None)
                raise
            if maker.holds(product.clip.id):
                return product
            self._start(maker, source, item)  # the hub has dropped it since
            return None

    def _start(self, maker: Maker, source: str, item: Playable) -> Future[Product]:
        future = self._asked[source] = self._pool.submit(maker.make, item)
        while len(self._asked) > _KEPT:
            del self._asked[next(iter(self._asked))]
        return future
