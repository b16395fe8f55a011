"""The sound of a bulletin before it airs, made in the background while a person waits."""

import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from broadcaster.domain.programme import Playable
from broadcaster.hub.preparation import CannotMake, Maker, Product

__all__ = ["Previews"]

_KEPT = 200


class Previews:
    """Makes one preview at a time. What was made once is found again at once, also by the hub."""

    def __init__(self, maker: Maker) -> None:
        self._maker = maker
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="preview")
        self._lock = threading.Lock()
        self._asked: dict[str, Future[Product]] = {}

    def ask(self, item: Playable) -> Product | None:
        """The item's sound; None while it is being made: ask again. Raises CannotMake, and forgets it then."""
        source = self._maker.source(item)
        with self._lock:
            future = self._asked.get(source)
            if future is None:
                future = self._asked[source] = self._pool.submit(self._maker.make, item)
                self._asked = _youngest(self._asked)
            if not future.done():
                return None
            try:
                return future.result()
            except CannotMake:
                del self._asked[source]
                raise


def _youngest(asked: Mapping[str, Future[Product]]) -> dict[str, Future[Product]]:
    return dict(list(asked.items())[-_KEPT:])
