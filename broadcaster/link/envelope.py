"""Signing: nobody but the hub can make the horns speak.

Envelope: `key id (8) · Ed25519 signature (64) · payload`. The key id is the beginning of the SHA-256 of the
public key; the signature is over the payload bytes as sent. The payload is one of `messages`, made small
(`packing`) or not, and no bytes can be read as two kinds of them, so what was signed as one thing is never
obeyed as another.

A unit takes an envelope in three steps, and each refusal has a name that is counted and reported:
`unseal` (who signed it), `messages.read` (what it is), `judging` (is it for us, now, and for the first time).
`opened` does the first two at once. This is the one file that knows PyNaCl.
"""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self, TypeVar

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey
from nacl.signing import VerifyKey as _PublicHalf

from broadcaster.files import write_whole
from broadcaster.link.identity import KeyTrouble, read_secret
from broadcaster.link.messages import BadMessage, read
from broadcaster.link.packing import unpacked

__all__ = ["HubKey", "Refusal", "Refused", "VerifyKey", "VerifyKeys", "opened", "seal", "unseal"]

T = TypeVar("T")

_ID = 8
_SIGNATURE = 64
_HEAD = _ID + _SIGNATURE


class Refusal(StrEnum):
    """Why a unit does not obey."""

    UNKNOWN_KEY = "unknown-key"  # unknown or revoked
    BAD_SIGNATURE = "bad-signature"
    MALFORMED = "malformed"
    OTHER_STATION = "other-station"
    NOT_FOR_US = "not-for-us"
    EXPIRED = "expired"
    FUTURE = "future"  # issued later than it is
    REPEATED = "repeated"  # acted on before, or too old to tell
    OLDER_VERSION = "older-version"  # older than what is held of the same thing
    CLOCK_NOT_TRUSTED = "clock-not-trusted"  # ask the hub, with a nonce, before obeying


class Refused(Exception):
    """An envelope that is not taken. `refusal` is the reason; the text adds to it for people."""

    def __init__(self, refusal: Refusal, detail: str = "") -> None:
        super().__init__(f"{refusal}: {detail}" if detail else str(refusal))
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """The public half of a hub's key: 32 bytes, written as 64 hexadecimal digits."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != 32:
            raise ValueError("a verify key has 32 bytes")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that `str()` wrote. Raises ValueError."""
        return cls(bytes.fromhex(text))

    def __str__(self) -> str:
        return self.raw.hex()

    @property
    def id(self) -> bytes:
        return hashlib.sha256(self.raw).digest()[:_ID]


@dataclass(frozen=True, slots=True)
class VerifyKeys:
    """The keys whose orders a unit obeys. A revoked key is one that is not in here."""

    keys: tuple[VerifyKey, ...]

    @classmethod
    def of(cls, keys: Iterable[VerifyKey]) -> Self:
        return cls(tuple(keys))

    def by_id(self, key_id: bytes) -> VerifyKey | None:
        return next((key for key in self.keys if key.id == key_id), None)


class HubKey:
    """The hub's signing key: the one secret that makes horns speak. Never on the panel, never on a unit."""

    def __init__(self, secret: bytes) -> None:
        self._key = SigningKey(secret)
        self.verify = VerifyKey(bytes(self._key.verify_key))

    @classmethod
    def create(cls) -> Self:
        return cls(os.urandom(32))

    @classmethod
    def load(cls, path: Path) -> Self:
        """The key kept in `path`. Raises KeyTrouble, also when there is none."""
        try:
            return cls(_thirty_two(read_secret(path)))
        except ValueError as fault:
            raise KeyTrouble(
                f"{path} does not hold the hub's signing key: put the right file back from a backup. "
                "With a new key every unit has to be paired again"
            ) from fault

    @classmethod
    def load_or_create(cls, path: Path) -> Self:
        """The key kept in `path`, made now (readable by its owner only) if there is no such file."""
        if path.exists():
            return cls.load(path)
        secret = os.urandom(32)
        write_whole(path, f"{secret.hex()}\n".encode(), mode=0o600)
        return cls(secret)

    def sign(self, payload: bytes) -> bytes:
        """The 64 bytes of the signature."""
        return self._key.sign(payload).signature


def _thirty_two(text: str) -> bytes:
    raw = bytes.fromhex(text)
    if len(raw) != 32:
        raise ValueError("not 32 bytes")
    return raw


def seal(key: HubKey, payload: bytes) -> bytes:
    """The envelope of `payload`."""
    return key.verify.id + key.sign(payload) + payload


def unseal(raw: bytes, keys: VerifyKeys) -> bytes:
    """The payload of an envelope signed by one of `keys`. Raises Refused and nothing else."""
    if len(raw) < _HEAD:
        raise Refused(Refusal.MALFORMED, f"{len(raw)} bytes are no envelope")
    key_id, signature, payload = raw[:_ID], raw[_ID:_HEAD], raw[_HEAD:]
    key = keys.by_id(key_id)
    if key is None:
        raise Refused(Refusal.UNKNOWN_KEY, key_id.hex())
    try:
        return _PublicHalf(key.raw).verify(payload, signature)
    except BadSignatureError:
        raise Refused(Refusal.BAD_SIGNATURE) from None


def opened(raw: bytes, keys: VerifyKeys, kind: type[T]) -> T:
    """The message of that kind in an envelope signed by one of `keys`. Raises Refused and nothing else."""
    payload = unseal(raw, keys)
    try:
        return read(kind, unpacked(payload))
    except BadMessage as fault:
        raise Refused(Refusal.MALFORMED, str(fault)[:200]) from None
