"""How a unit joins: two public keys, and six digits that a person carries from the horn to the panel.

The unit is given a station's address, the hub is shown a stranger's key. Each must learn that the key it was
shown is the other's and not that of somebody in between. The unit speaks six digits made of both keys; a
person who hears them types them in the panel; the hub, which has made the same digits of the keys it knows,
lets the unit in.

Why six digits are enough. Somebody in between shows each side a key of its own, so the two sides make their
digits of different keys. Were they made of the keys alone, he could try keys until the digits agree: a
thousand keys for either side give a million pairs, a matter of seconds. So each side adds a random nonce,
and they are shown in an order that leaves nothing to try: the unit first binds itself to its nonce by a
commitment (a hash), then the hub shows its own, and only then the unit shows the nonce it is bound to. When
he must choose what to show to one side, he does not yet know what the other will add. What is left is one
guess in a million for each meeting he holds while a person types digits; so the hub bounds how many units may
wait, and how often wrong digits may be typed.

    unit                                              hub
    JoinRequest   key, name, commitment        →
                                               ←      JoinOffer   station, verify key, nonce
    JoinReveal    key, nonce                   →      (checks the commitment: `keeps_its_word`)
    speaks `code`                                     waits until a person types the same `code`
                                               ←      Pending, or JoinAnswer sealed with the verify key

The unit repeats JoinReveal until it is answered Accepted or Turned away. HTTP is the hub's and unit's.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Annotated, Self

import msgspec

from broadcaster.domain.names import StationId, UnitId, ZoneId
from broadcaster.link.envelope import HubKey, Refusal, Refused, VerifyKey, VerifyKeys, opened, seal
from broadcaster.link.identity import is_public_nkey
from broadcaster.link.messages import WIRE_VERSION, write

__all__ = [
    "Accepted",
    "JoinAnswer",
    "JoinOffer",
    "JoinRequest",
    "JoinReveal",
    "Joining",
    "Pending",
    "TurnedAway",
    "code",
    "commitment",
    "keeps_its_word",
    "new_nonce",
    "open_answer",
    "seal_answer",
    "spoken",
]

_Hex32 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class _Word(msgspec.Struct, frozen=True, kw_only=True):
    v: int = WIRE_VERSION


class JoinRequest(_Word, frozen=True, kw_only=True):
    """A unit wants to join. `nkey` is its public nkey, `name` what its installer calls it."""

    nkey: str
    name: Annotated[str, msgspec.Meta(max_length=80)]
    commitment: _Hex32
    software: Annotated[str, msgspec.Meta(max_length=40)] = ""

    def __post_init__(self) -> None:
        if not is_public_nkey(self.nkey):
            raise ValueError("this is not the public half of a unit's nkey")


class JoinOffer(_Word, frozen=True, kw_only=True):
    """The hub's side of the bargain: who it is, its verify key, and its nonce."""

    station: StationId
    verify_key: _Hex32
    nonce: _Hex32


class JoinReveal(_Word, frozen=True, kw_only=True):
    """The nonce to which the unit's commitment bound it."""

    nkey: str
    nonce: _Hex32


class Pending(_Word, frozen=True, kw_only=True, tag="pending"):
    """Nobody has typed the digits yet: ask again in a few seconds."""


class TurnedAway(_Word, frozen=True, kw_only=True, tag="turned-away"):
    """A person, or the hub, said no, or the time is up: begin again with a new nonce, not at once."""

    reason: str


class Accepted(_Word, frozen=True, kw_only=True, tag="accepted"):
    """The unit belongs to the station. `broker` is a URL; `clips` the base URL of clips and plans."""

    station: StationId
    unit: UnitId
    name: str
    zone: ZoneId
    broker: str
    clips: str


class JoinAnswer(_Word, frozen=True, kw_only=True):
    """What the hub says to one unit (`nkey`) in one meeting (`nonce`, the offer's): worthless in another."""

    nkey: str
    nonce: str
    body: Pending | TurnedAway | Accepted


def new_nonce() -> str:
    """32 random bytes as hexadecimal digits."""
    return os.urandom(32).hex()


def commitment(nkey: str, nonce: str) -> str:
    """What binds the unit to its nonce without showing it."""
    return _hash("commitment", nkey, nonce).hex()


def keeps_its_word(request: JoinRequest, reveal: JoinReveal) -> bool:
    """Whether the nonce shown is the one the request was bound to."""
    shown = commitment(reveal.nkey, reveal.nonce)
    return reveal.nkey == request.nkey and hmac.compare_digest(shown, request.commitment)


def code(nkey: str, offer: JoinOffer, unit_nonce: str) -> str:
    """The six digits of this meeting, as text: both keys, the station, and both nonces are in them."""
    digest = _hash("code", nkey, offer.station, offer.verify_key, unit_nonce, offer.nonce)
    return f"{int.from_bytes(digest, 'big') % 1_000_000:06d}"


def spoken(digits: str) -> tuple[str, str]:
    """The digits in the two groups in which they are said and typed."""
    return digits[:3], digits[3:]


def seal_answer(key: HubKey, answer: JoinAnswer) -> bytes:
    """The answer as it travels: signed, so that nobody in between can change where the unit belongs."""
    return seal(key, write(answer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """A unit's side of one meeting."""

    request: JoinRequest
    nonce: str

    @classmethod
    def begin(cls, nkey: str, *, name: str, software: str = "") -> Self:
        nonce = new_nonce()
        request = JoinRequest(nkey=nkey, name=name, commitment=commitment(nkey, nonce), software=software)
        return cls(request=request, nonce=nonce)

    @property
    def reveal(self) -> JoinReveal:
        """To be sent only when the hub's offer has come."""
        return JoinReveal(nkey=self.request.nkey, nonce=self.nonce)

    def code(self, offer: JoinOffer) -> str:
        """The digits to speak."""
        return code(self.request.nkey, offer, self.nonce)


def open_answer(raw: bytes, offer: JoinOffer, nkey: str) -> Pending | TurnedAway | Accepted:
    """What the hub says to the unit `nkey`, signed with the key of its offer. Raises Refused."""
    answer = opened(raw, VerifyKeys.of([VerifyKey.parse(offer.verify_key)]), JoinAnswer)
    if answer.nkey != nkey:
        raise Refused(Refusal.NOT_FOR_US, "this answer was given to another unit")
    if answer.nonce != offer.nonce:
        raise Refused(Refusal.REPEATED, "this answer was given in another meeting")
    return answer.body


def _hash(*parts: str) -> bytes:
    """SHA-256 of the parts; a zero byte, which none of them has, keeps them apart."""
    return hashlib.sha256(b"\0".join(part.encode() for part in ("village pairing 1", *parts))).digest()
