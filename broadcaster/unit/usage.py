"""What the unit has used of its SIM card, in bytes: one sum that outlives a restart.

It is written now and then and at the end: a power cut forgets ten minutes of it, and a memory card wears out
by what is written. Months are the hub's matter; it counts by what the sum grows.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import msgspec

from broadcaster.files import write_whole

__all__ = ["Usage"]

_KEPT_EVERY = 600.0
"""Seconds."""

_logger = logging.getLogger(__name__)


class _Kept(msgspec.Struct, frozen=True):
    used: Annotated[
        int, msgspec.Meta(ge=0, le=1 << 52)
    ]  # what the hub takes, and more than any SIM card gives


class Usage:
    """The sum kept in the file `path`, and what the `counters` (bytes since this process began) add to it."""

    def __init__(
        self, path: Path, counters: Sequence[Callable[[], int]], *, monotonic: Callable[[], float]
    ) -> None:
        self._path = path
        self._counters = counters
        self._monotonic = monotonic
        self._before = self._kept = _read(path)
        self._looked = monotonic()

    @property
    def total(self) -> int:
        return self._before + sum(counter() for counter in self._counters)

    def keep_now_and_then(self) -> None:
        """Write the sum down if that is due."""
        if self._monotonic() - self._looked >= _KEPT_EVERY:
            self.keep()

    def keep(self) -> None:
        """Write the sum down. A disk that takes nothing costs the count and nothing else."""
        self._looked = self._monotonic()
        total = self.total
        if total == self._kept:
            return
        try:
            write_whole(self._path, msgspec.json.encode(_Kept(used=total)))
        except OSError as fault:
            _logger.warning("what was used of the SIM card is not kept: %s", fault)
        else:
            self._kept = total


def _read(path: Path) -> int:
    """What was kept; nothing if that is lost: it costs the count and nothing else."""
    try:
        return max(msgspec.json.decode(path.read_bytes(), type=_Kept).used, 0)
    except (OSError, msgspec.MsgspecError):
        return 0
