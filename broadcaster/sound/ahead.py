"""A stream made a little ahead of its reader by a thread of its own.

FFmpeg works without Python's lock, so decoding and encoding a long recording share two cores.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from broadcaster.sound.codec import Samples

__all__ = ["ahead"]

_DEPTH = 8  # blocks in hand: about 4 s of sound


def ahead(blocks: Iterable[Samples]) -> Iterator[Samples]:
    """The same blocks; what making them raises is raised here. Stops making them when closed."""
    source = iter(blocks)
    worker = ThreadPoolExecutor(1, thread_name_prefix="ahead")
    try:
        coming = deque(worker.submit(next, source, None) for _ in range(_DEPTH))
        while (block := coming.popleft().result()) is not None:
            yield block
            coming.append(worker.submit(next, source, None))
    finally:
        worker.shutdown(cancel_futures=True)
