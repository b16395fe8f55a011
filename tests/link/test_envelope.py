"""Nobody but the hub can make the horns speak."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.link.envelope import HubKey, Refusal, Refused, VerifyKey, VerifyKeys, opened, seal, unseal
from broadcaster.link.identity import KeyTrouble
from broadcaster.link.messages import Order, Present

HUB = HubKey(bytes(32))
STRANGER = HubKey(b"\1" * 32)
KEYS = VerifyKeys.of([HUB.verify])


@given(st.binary(max_size=500))
def test_what_the_hub_signed_is_what_the_unit_reads(payload: bytes) -> None:
    assert unseal(seal(HUB, payload), KEYS) == payload


@given(st.binary(max_size=200), st.data())
def test_any_changed_byte_is_noticed(payload: bytes, draw: st.DataObject) -> None:
    envelope = bytearray(seal(HUB, payload))
    place = draw.draw(st.integers(0, len(envelope) - 1))
    envelope[place] ^= draw.draw(st.integers(1, 255))
    with pytest.raises(Refused) as caught:
        unseal(bytes(envelope), KEYS)
    assert caught.value.refusal is (Refusal.UNKNOWN_KEY if place < 8 else Refusal.BAD_SIGNATURE)


@given(st.binary(max_size=300))
def test_whatever_comes_over_the_wire_is_refused_and_harms_nothing(raw: bytes) -> None:
    with pytest.raises(Refused):
        unseal(raw, KEYS)
    with pytest.raises(Refused):
        unseal(HUB.verify.id + raw, KEYS)


@given(st.binary(max_size=300))
def test_what_was_signed_but_is_no_message_is_malformed(payload: bytes) -> None:
    with pytest.raises(Refused) as caught:
        opened(seal(HUB, payload), KEYS, Order)
    assert caught.value.refusal is Refusal.MALFORMED


@given(st.binary(max_size=100), st.integers(0, 71))
def test_an_envelope_cut_off_in_its_head_is_malformed(payload: bytes, length: int) -> None:
    with pytest.raises(Refused) as caught:
        unseal(seal(HUB, payload)[:length], KEYS)
    assert caught.value.refusal is Refusal.MALFORMED


def test_a_strangers_or_revoked_key_opens_nothing() -> None:
    for keys in (KEYS, VerifyKeys.of([])):
        with pytest.raises(Refused) as caught:
            unseal(seal(STRANGER, b"alert"), keys)
        assert caught.value.refusal is Refusal.UNKNOWN_KEY


def test_a_stranger_under_the_hubs_key_id_is_found_out() -> None:
    with pytest.raises(Refused) as caught:
        unseal(HUB.verify.id + STRANGER.sign(b"alert") + b"alert", KEYS)
    assert caught.value.refusal is Refusal.BAD_SIGNATURE


def test_while_a_key_is_replaced_both_are_obeyed() -> None:
    keys = VerifyKeys.of([HUB.verify, STRANGER.verify])
    assert unseal(seal(HUB, b"old"), keys) == b"old"
    assert unseal(seal(STRANGER, b"new"), keys) == b"new"


def test_a_verify_key_goes_through_text_and_back() -> None:
    assert VerifyKey.parse(str(HUB.verify)) == HUB.verify
    for wrong in ("", "zz", "00" * 31, "00" * 33):
        with pytest.raises(ValueError):
            VerifyKey.parse(wrong)


def test_a_present_is_never_taken_for_an_order() -> None:
    envelope = seal(HUB, b'{"v":1,"station":"a","unit":"b","nonce":"","zone":"c"}')
    with pytest.raises(Refused):
        opened(envelope, KEYS, Order)
    with pytest.raises(Refused):
        opened(envelope, KEYS, Present)


def test_the_hubs_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "hub.key"
    first = HubKey.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert HubKey.load_or_create(path).verify == first.verify == HubKey.load(path).verify
    assert unseal(seal(HubKey.load(path), b"x"), VerifyKeys.of([first.verify])) == b"x"


@pytest.mark.parametrize("content", [b"", b"zz", b"00" * 31, b"\xff\xfe", b"00" * 33])
def test_a_damaged_key_file_is_never_replaced_by_a_new_key(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "hub.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyTrouble, match=str(path)):
        HubKey.load_or_create(path)
    assert path.read_bytes() == content


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "hub.key"
    HubKey.load_or_create(path)
    path.chmod(0o640)
    with pytest.raises(KeyTrouble, match="others can read"):
        HubKey.load(path)
    with pytest.raises(KeyTrouble, match="No such file"):
        HubKey.load(tmp_path / "none.key")


def test_the_signing_key_does_not_show_itself() -> None:
    assert bytes(32).hex() not in repr(HUB) + str(HUB) + repr(vars(HUB))
