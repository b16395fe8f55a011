"""The last word on a clip's level: the output gain in the head of an Ogg/Opus file.

Every decoder must apply it (RFC 7845, section 5.1), so a finished clip is put right by a fraction of a dB
without encoding it again.
"""

import struct
from pathlib import Path

__all__ = ["set_output_gain"]

_PAGE_HEAD = 27  # bytes of an Ogg page before its segment table (RFC 3533, section 6)
_CHECKSUM = slice(22, 26)
_GAIN_AT = 16  # in the OpusHead packet: dB x 256, little-endian
_POLYNOMIAL = 0x04C11DB7


def set_output_gain(path: Path, decibels: float) -> None:
    """Have the clip at `path` played that much louder or softer. Raises OSError, ValueError for no clip."""
    with path.open("r+b") as file:
        page = bytearray(file.read(_PAGE_HEAD + 1))
        if page[:4] != b"OggS" or len(page) <= _PAGE_HEAD or page[26] != 1:
            raise ValueError(f"{path.name} does not begin like a clip")
        page += file.read(page[_PAGE_HEAD])
        packet = _PAGE_HEAD + 1
        if page[packet : packet + 8] != b"OpusHead":
            raise ValueError(f"{path.name} does not begin like a clip")
        struct.pack_into("<h", page, packet + _GAIN_AT, round(decibels * 256))
        page[_CHECKSUM] = bytes(4)
        page[_CHECKSUM] = _checksum(page).to_bytes(4, "little")
        file.seek(0)
        file.write(page)


def _checksum(page: bytes | bytearray) -> int:
    """The CRC of Ogg pages: not reflected, starting from 0."""
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ _POLYNOMIAL if crc & 0x8000_0000 else crc << 1) & 0xFFFF_FFFF
    return crc
