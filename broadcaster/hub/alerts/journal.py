"""A small file that takes what the store does not, and gives it back when the store answers.

It lies on the disk in its whole length from the beginning, so that a full disk cannot refuse it, and is
written in place: nothing is allocated, renamed or made longer.

    half · half            each of entries, one after the other, each beginning at a multiple of 512 bytes:
    magic (4) · crc32 (4) · generation (8) · length (4) · content

Laws
1. An entry is there whole or not at all: its checksum is over all of it, and it shares no sector with
   another. What a generation wrote is never taken for what another one wrote.
2. Entries are values by a key; the last one of a key counts. When a half is full what counts goes to the
   other half under the next generation, its first entry last, so that a power cut leaves one of both.
3. What cannot be read is no fault: then nothing is kept here.
"""

import os
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

__all__ = ["SIZE", "Journal", "JournalFull"]

SIZE = 256 << 10
"""Bytes; some two hundred acts upon alerts."""

_HEAD = struct.Struct("<4sIQI")
_MAGIC = b"VBJ1"
_SECTOR = 512
_MOST = 1 << 62


class JournalFull(Exception):
    """What is kept already leaves no room. The text says what to do."""


class Journal:
    """Entries by key. Used by one thread at a time."""

    def __init__(self, path: Path, size: int = SIZE) -> None:
        """Open the file, or lay it down in its length. Raises OSError: a disk that is full before there is a
        journal."""
        self._path = path
        self._half = size // 2 // _SECTOR * _SECTOR
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(self._file, 0, 2 * self._half)
            os.fsync(self._file)
        except OSError:
            os.close(self._file)
            raise
        self._begin = 0
        self._generation = 0
        self._end = 0
        self._kept: dict[str, bytes] = {}
        self._find()

    @property
    def kept(self) -> Mapping[str, bytes]:
        """What is kept, by key."""
        return dict(self._kept)

    def keep(self, key: str, content: bytes) -> None:
        """Keep it, for good, in the place of what was kept under that key. Raises OSError, JournalFull."""
        if self._kept.get(key) == content:
            return
        entry = _entry(self._generation, key, content)
        if self._end + len(entry) > self._half:
            self._move({**self._kept, key: content})
            return
        os.pwrite(self._file, entry, self._begin + self._end)
        os.fdatasync(self._file)
        self._end += len(entry)
        self._kept[key] = content

    def clear(self) -> None:
        """It is in the store now. Raises OSError."""
        if self._kept:
            for begin in (self._half - self._begin, self._begin):
                os.pwrite(self._file, bytes(_HEAD.size), begin)
                os.fdatasync(self._file)
        self._kept.clear()
        self._end = 0
        self._generation += 1

    def close(self) -> None:
        os.close(self._file)

    def _move(self, kept: Mapping[str, bytes]) -> None:
        """Law 2."""
        generation = self._generation + 1
        entries = [_entry(generation, key, content) for key, content in kept.items()]
        if sum(map(len, entries)) > self._half:
            raise JournalFull(f"{self._path} is full: make the store of this station work again")
        begin = self._half - self._begin
        first, rest = entries[0], b"".join(entries[1:])
        os.pwrite(self._file, bytes(_HEAD.size), begin)
        os.pwrite(self._file, rest, begin + len(first))
        os.fdatasync(self._file)
        os.pwrite(self._file, first, begin)
        os.fdatasync(self._file)
        self._begin, self._end, self._kept = begin, len(first) + len(rest), dict(kept)
        self._generation = generation

    def _find(self) -> None:
        """What was kept before: the half of the higher generation."""
        self._generation = self._newest() + 1
        halves = []
        for begin in (0, self._half):
            read = list(self._read(begin))
            if read:
                halves.append((read[0][0], begin, read))
        if not halves:
            return
        self._generation, self._begin, read = max(halves)
        for _, end, key, content in read:
            self._kept[key] = content
            self._end = end

    def _newest(self) -> int:
        """The highest generation of which anything is left anywhere."""
        raw = b""
        with suppress(OSError):
            raw = os.pread(self._file, 2 * self._half, 0)
        heads = (_HEAD.unpack_from(raw, at) for at in range(0, len(raw) - _HEAD.size, _SECTOR))
        return max((generation for magic, _, generation, _ in heads if magic == _MAGIC), default=0) % _MOST

    def _read(self, begin: int) -> Iterator[tuple[int, int, str, bytes]]:
        """The entries of a half, as far as they are whole and of one generation: that, where each ends in the
        half, key and content."""
        raw = b""
        with suppress(OSError):
            raw = os.pread(self._file, self._half, begin)
        at, first = 0, None
        while at + _HEAD.size <= len(raw):
            magic, crc, generation, length = _HEAD.unpack_from(raw, at)
            end = at + _HEAD.size + length
            whole = magic == _MAGIC and end <= len(raw) and zlib.crc32(raw[at + 8 : end]) == crc
            if not whole or (first is not None and generation != first):
                return
            first = generation
            try:
                key, content = msgspec.json.decode(raw[at + _HEAD.size : end], type=tuple[str, bytes])
            except msgspec.MsgspecError:
                return
            at += -(-(end - at) // _SECTOR) * _SECTOR
            yield generation, at, key, content


def _entry(generation: int, key: str, content: bytes) -> bytes:
    said = msgspec.json.encode((key, content))
    checked = struct.pack("<QI", generation, len(said)) + said
    entry = _MAGIC + struct.pack("<I", zlib.crc32(checked)) + checked
    return entry.ljust(-(-len(entry) // _SECTOR) * _SECTOR, b"\0")
