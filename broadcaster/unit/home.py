"""The unit's own folder: who it is, and what it must not forget. Every file is written whole.

unit.nkey       its identity at the broker; never leaves this machine
member.json     the station it belongs to, once it was let in
memory.json     orders acted on, versions held (see link.judging)
settings.json   what the hub set last: zone, name, loudness
time.json       station time, for the time after a crash
usage.json      what it has used of its SIM card
plan.signed  clips/  records/
"""

from pathlib import Path
from typing import TypeVar

import msgspec

from broadcaster.domain.names import StationId, UnitId, ZoneId
from broadcaster.files import clear_unfinished, make_folder, write_whole
from broadcaster.link.envelope import VerifyKey, VerifyKeys
from broadcaster.link.identity import Identity
from broadcaster.link.judging import Memory
from broadcaster.link.messages import BadMessage, read, write

__all__ = ["Member", "Settings", "UnitHome"]

T = TypeVar("T")


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
        return Identity.load_or_create(self.folder / "unit.nkey")

    @property
    def time_file(self) -> Path:
        return self.folder / "time.json"

    @property
    def usage_file(self) -> Path:
        return self.folder / "usage.json"

    def member(self) -> Member | None:
        """The station it belongs to; None before it was let in."""
        return self._read(Member, "member.json")

    def become(self, member: Member, settings: Settings) -> None:
        """It was let in. Raises OSError."""
        self.keep_settings(settings)
        write_whole(self.folder / "member.json", write(member), mode=0o600)

    def settings(self) -> Settings | None:
        return self._read(Settings, "settings.json")

    def keep_settings(self, settings: Settings) -> None:
        write_whole(self.folder / "settings.json", write(settings))

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

    def _read(self, kind: type[T], name: str) -> T | None:
        """The content of a file of ours; None when there is none. A rotten one counts as none."""
        try:
            return read(kind, (self.folder / name).read_bytes())
        except (FileNotFoundError, BadMessage):
            return None
