"""The unit's own folder: who it is, and what it must not forget. Every file is written whole.

unit.nkey       its identity at the broker; never leaves this machine
member.json     the station it belongs to, once it was let in
memory.json     orders acted on, versions held (see link.judging)
settings.json   what the hub set last: zone, name, loudness
time.json       station time, for the time after a crash
usage.json      what it has used of its SIM card
plan.signed  plan.signed.spare  clips/  records/  alerts/

Without its key, its station and its settings a unit cannot sound at all, and a person would have to climb up
to it: so each of these three lies there twice. The second is called `.spare`, and counts when the first
cannot be read; then the first is written anew.
"""

import logging
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from broadcaster.domain.names import StationId, UnitId, ZoneId
from broadcaster.files import clear_unfinished, make_folder, write_whole
from broadcaster.link.envelope import VerifyKey, VerifyKeys
from broadcaster.link.identity import Identity, KeyTrouble
from broadcaster.link.judging import Memory
from broadcaster.link.messages import BadMessage, read, write

__all__ = ["Member", "Settings", "UnitHome"]

T = TypeVar("T")

_SECRET = 0o600

_logger = logging.getLogger(__name__)


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Where the unit belongs: as it was told, signed, when it was let in."""

    station: StationId
    unit: UnitId
    verify_key: str
    broker: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub set last. `volume` in dB, 0 to -60; `clips_url` ends in /clips/."""

    zone: ZoneId
    name: str
    clips_url: str
    volume: float = 0.0


class UnitHome:
    """The folder and what is in it. `cache`: bytes of clips at most, None for what the disk allows."""

    def __init__(self, folder: Path, *, cache: int | None = None) -> None:
        self.folder = folder
        self.cache = cache
        make_folder(folder, mode=0o700)

    @property
    def identity(self) -> Identity:
        """Made at the first start. Raises KeyTrouble, OSError."""
        path = self.folder / "unit.nkey"
        spare = _spare(path)
        if not _is_key(path) and _is_key(spare):
            _put_back(path, spare.read_bytes(), mode=_SECRET)
            return Identity.load(spare)
        known = Identity.load_or_create(path)
        if not _is_key(spare):
            _keep_spare(path, f"{known.seed}\n".encode(), mode=_SECRET)
        return known

    @property
    def time_file(self) -> Path:
        return self.folder / "time.json"

    @property
    def usage_file(self) -> Path:
        return self.folder / "usage.json"

    @property
    def alerts_folder(self) -> Path:
        return self.folder / "alerts"

    def member(self) -> Member | None:
        """The station it belongs to; None before it was let in."""
        return self._read_twice(Member, "member.json", mode=_SECRET)

    def become(self, member: Member, settings: Settings) -> None:
        """It was let in. Raises OSError."""
        self.keep_settings(settings)
        self._keep_twice("member.json", write(member), mode=_SECRET)

    def settings(self) -> Settings | None:
        return self._read_twice(Settings, "settings.json")

    def keep_settings(self, settings: Settings) -> None:
        self._keep_twice("settings.json", write(settings))

    def memory(self) -> Memory:
        return self._read(Memory, "memory.json") or Memory()

    def keep_memory(self, memory: Memory) -> None:
        write_whole(self.folder / "memory.json", write(memory))

    def clear_unfinished(self) -> None:
        """Delete what was being written when the power went. Only where no other process is this unit."""
        for folder in (self.folder, *(path for path in self.folder.rglob("*") if path.is_dir())):
            clear_unfinished(folder)

    @staticmethod
    def keys(member: Member) -> VerifyKeys:
        """Whose orders it obeys."""
        return VerifyKeys.of([VerifyKey.parse(member.verify_key)])

    def _keep_twice(self, name: str, content: bytes, *, mode: int = 0o644) -> None:
        """Raises OSError; the second is written in any case."""
        path = self.folder / name
        try:
            write_whole(path, content, mode=mode)
        finally:
            write_whole(_spare(path), content, mode=mode)

    def _read_twice(self, kind: type[T], name: str, *, mode: int = 0o644) -> T | None:
        """The content of a file of which there are two; what is missing of them is written again."""
        path = self.folder / name
        first, second = self._read(kind, name), self._read(kind, _spare(path).name)
        found = second if first is None else first
        if found is not None and first is None:
            _put_back(path, write(found), mode=mode)
        elif found is not None and second is None:
            _keep_spare(path, write(found), mode=mode)
        return found

    def _read(self, kind: type[T], name: str) -> T | None:
        """The content of a file of ours; None when there is none. A rotten one counts as none."""
        try:
            return read(kind, (self.folder / name).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, BadMessage) as fault:
            _logger.error("%s cannot be read, it counts as lost: %s", self.folder / name, fault)
            return None


def _spare(path: Path) -> Path:
    return path.with_name(f"{path.name}.spare")


def _is_key(path: Path) -> bool:
    try:
        Identity.load(path)
    except KeyTrouble:
        return False
    return True


def _keep_spare(path: Path, content: bytes, *, mode: int) -> None:
    with suppress(OSError):  # a full disk; at the next start, then
        write_whole(_spare(path), content, mode=mode)


def _put_back(path: Path, content: bytes, *, mode: int) -> None:
    """Write the first of two anew. A disk that does not take it is no reason to be silent."""
    _logger.error("%s was lost, and is written anew from its spare: mind the card", path)
    try:
        write_whole(path, content, mode=mode)
    except OSError as fault:
        _logger.error("%s cannot be written: %s", path, fault)
