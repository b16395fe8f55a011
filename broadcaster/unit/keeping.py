"""The orders about alerts on a unit's disk, for the time after a restart.

    alerts/<alert>.json          the newest order about an alert, as the hub signed it, and our receipt
    alerts/<alert>.json.spare    the same once more: a rotten file is no silence

Laws
1. What is to be written is said in no time (`put`), and written by whoever has the time to (`write`).
2. A disk that takes nothing loses nothing while this process lives: it is tried again.
"""

import logging
import threading
from collections.abc import Mapping
from pathlib import Path

import msgspec

from broadcaster.domain.names import AlertId, BadName
from broadcaster.files import make_folder, write_whole
from broadcaster.link.messages import BadMessage, Receipt, read, write

__all__ = ["Keeping", "Kept"]

_SUFFIXES = (".json", ".json.spare")

_logger = logging.getLogger(__name__)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An order about an alert: its envelope, and what the hub was told of it."""

    envelope: bytes
    receipt: Receipt


class Keeping:
    """The files in `folder`. Raises nothing: a unit whose disk is dead sounds its alerts all the same."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._behind: dict[str, Kept | None] = {}
        self._turn = threading.Lock()
        self._complaint = ""

    @property
    def behind(self) -> bool:
        """Whether something is not on the disk yet."""
        return bool(self._behind)

    def found(self) -> Mapping[str, Kept]:
        """What lies there, by alert. A rotten file counts as none if its twin can be read."""
        found: dict[str, Kept] = {}
        for suffix in _SUFFIXES:
            for path in sorted(self._folder.glob(f"*{suffix}")):
                alert = path.name.removesuffix(suffix)
                try:
                    found.setdefault(AlertId(alert), read(Kept, path.read_bytes()))
                except (OSError, BadMessage, BadName) as fault:
                    _logger.error("%s cannot be read, its twin counts: %s", path, fault)
        return found

    def put(self, alert: str, kept: Kept | None) -> None:
        """Have this written, or deleted when it is None, as soon as somebody has the time to."""
        with self._turn:
            self._behind[alert] = kept

    def write(self) -> None:
        """Write and delete what was `put`. From one thread at a time."""
        with self._turn:
            behind = dict(self._behind)
        for alert, kept in behind.items():
            try:
                self._write(alert, kept)
            except OSError as fault:
                self._complain(str(fault.strerror or fault))
                continue
            self._complain("")
            with self._turn:
                if self._behind.get(alert) is kept:
                    del self._behind[alert]

    def _write(self, alert: str, kept: Kept | None) -> None:
        for path in (self._folder / f"{alert}{suffix}" for suffix in _SUFFIXES):
            if kept is None:
                path.unlink(missing_ok=True)
            else:
                make_folder(self._folder)
                write_whole(path, write(kept))

    def _complain(self, said: str) -> None:
        """Say once that the disk takes nothing, and once that it does again."""
        if said != self._complaint:
            self._complaint = said
            word = (
                f"alerts in force are kept in memory only: {said}" if said else "the disk takes alerts again"
            )
            _logger.error(word) if said else _logger.warning(word)
