"""Who speaks at the broker: one nkey for each unit, one for the hub, one for the panel.

The secret half (the seed) is made where it is used and never leaves that machine. The public half is what
the broker is told. This is the one file that knows nkeys.
"""

import base64
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import nkeys

from broadcaster.files import write_whole

__all__ = ["Identity", "KeyTrouble", "is_public_nkey", "read_secret"]

_USER = bytes([nkeys.PREFIX_BYTE_USER])
_PUBLIC_LENGTH = 56


class KeyTrouble(Exception):
    """A key file that cannot be used. The text says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An nkey. `public` begins with U; `seed` begins with SU and is a secret."""

    public: str
    seed: str = field(repr=False)

    @classmethod
    def create(cls) -> Self:
        return cls._of(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER).decode())

    @classmethod
    def load(cls, path: Path) -> Self:
        """The identity kept in `path`. Raises KeyTrouble, also when there is none."""
        text = read_secret(path)
        try:
            return cls._of(text)
        except (nkeys.NkeysError, ValueError) as fault:
            raise KeyTrouble(f"{path} holds no nkey seed: put the right file back from a backup") from fault

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        """The identity kept in `path`, made now (readable by its owner only) if there is no such file."""
        if path.exists():
            return cls.load(path)
        fresh = cls.create()
        write_whole(path, f"{fresh.seed}\n".encode(), mode=0o600)
        return fresh

    @classmethod
    def _of(cls, seed: str) -> Self:
        raw = seed.encode()
        prefix, secret = nkeys.decode_seed(raw)
        if prefix != nkeys.PREFIX_BYTE_USER or nkeys.encode_seed(secret, prefix) != raw:
            raise ValueError("not the seed of a user")
        return cls(public=nkeys.from_seed(raw).public_key.decode(), seed=seed)


def is_public_nkey(text: str) -> bool:
    """Whether `text` is the public half of a unit's, hub's or panel's nkey, its checksum included."""
    if len(text) != _PUBLIC_LENGTH:
        return False
    try:
        raw = base64.b32decode(text)
    except ValueError:
        return False
    return raw[:1] == _USER and nkeys.crc16_checksum(bytearray(raw[:-2])) == raw[-2:]


def read_secret(path: Path) -> str:
    """The one line in a secret file. Raises KeyTrouble when it is missing or others can read it."""
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            text = file.read(4096)
    except OSError as fault:
        raise KeyTrouble(f"{path} cannot be read: {fault.strerror}") from fault
    if mode & 0o077:
        raise KeyTrouble(f"{path} is a secret that others can read: make a new one, or chmod 600 {path}")
    try:
        return text.decode("ascii").strip()
    except UnicodeDecodeError as fault:
        raise KeyTrouble(f"{path} is not a key file") from fault
