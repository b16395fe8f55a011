"""What is fetched made small: a week's plan is mostly the same hashes again and again.

zlib (RFC 1950), whose first byte here is 0x78; no JSON begins with that, so what is not packed is read too.
It is packed before it is signed and unpacked after the signature was found good, so strangers' bytes are
never unpacked; and the file that is fetched keeps its name, its hash and its ranges.
"""

import zlib

from broadcaster.link.messages import BadMessage

__all__ = ["packed", "unpacked"]

_FIRST = b"\x78"
_LARGEST = 32 << 20
"""Bytes: a hundred times the plan of a large commune."""


def packed(payload: bytes) -> bytes:
    """The payload in fewer bytes."""
    return zlib.compress(payload, 9)


def unpacked(payload: bytes) -> bytes:
    """The payload as it was before `packed`, or as it is if it was not. Raises BadMessage."""
    if not payload.startswith(_FIRST):
        return payload
    unpacking = zlib.decompressobj()
    try:
        whole = unpacking.decompress(payload, _LARGEST)
    except zlib.error as fault:
        raise BadMessage(f"not packed as it should be: {fault}") from fault
    if not unpacking.eof or unpacking.unused_data:
        raise BadMessage("packed, and cut off or too large")
    return whole
