"""What is fetched is small, and what was signed is what is read."""

import zlib
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.link.envelope import HubKey, Refusal, Refused, VerifyKeys, opened, seal
from broadcaster.link.messages import BadMessage, PlanRef, read, write
from broadcaster.link.packing import packed, unpacked
from tests.link.test_messages import PLAN, REF

KEY = HubKey.create()
KEYS = VerifyKeys.of([KEY.verify])


@given(st.binary())
def test_whatever_is_packed_comes_out_as_it_was(payload: bytes) -> None:
    assert unpacked(packed(payload)) == payload


def test_a_plan_packed_or_not_is_read_as_the_same_plan() -> None:
    for payload in (write(PLAN), packed(write(PLAN))):
        assert opened(seal(KEY, payload), KEYS, type(PLAN)) == PLAN


def test_a_signed_file_that_fills_the_memory_is_refused() -> None:
    bomb = zlib.compress(bytes(64 << 20))
    with pytest.raises(Refused) as refused:
        opened(seal(KEY, bomb), KEYS, PlanRef)
    assert refused.value.refusal is Refusal.MALFORMED


@pytest.mark.parametrize(
    "payload", [b"\x78", b"\x78\x9cnoise", packed(b"{}")[:-1], packed(b"{}") + b"more"], ids=str
)
def test_what_is_not_packed_whole_is_refused(payload: bytes) -> None:
    with pytest.raises(BadMessage):
        unpacked(payload)


def test_strangers_bytes_are_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("unpacked before the signature was looked at")

    monkeypatch.setattr(zlib, "decompressobj", never)
    with pytest.raises(Refused) as refused:
        opened(seal(HubKey.create(), packed(write(REF))), KEYS, PlanRef)
    assert refused.value.refusal is Refusal.UNKNOWN_KEY


def test_the_same_hashes_again_and_again_cost_next_to_nothing() -> None:
    week = b"".join(sha256(bytes([clip % 9])).hexdigest().encode() for clip in range(400))
    assert len(packed(week)) < len(week) / 20
    assert read(PlanRef, unpacked(packed(write(REF)))) == REF
