"""The keys by which hub, panel and units are known at the broker."""

import stat
from pathlib import Path

import nkeys
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.link.identity import Identity, KeyTrouble, is_public_nkey


def test_a_units_key_is_made_at_its_first_start_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "unit.nk"
    first = Identity.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert first == Identity.load_or_create(path) == Identity.load(path)
    assert first.seed.startswith("SU")
    assert is_public_nkey(first.public)
    assert first != Identity.create()


def test_the_secret_half_is_not_printed() -> None:
    one = Identity.create()
    assert one.seed not in repr(one)
    assert one.public in repr(one)


@pytest.mark.parametrize("spoil", ["", "SU", "x" * 58, "short", "public", "lower", "account"])
def test_a_file_that_holds_no_units_seed_is_told_by_name(tmp_path: Path, spoil: str) -> None:
    one = Identity.create()
    texts = {
        "short": one.seed[:-3],
        "public": one.public,
        "lower": one.seed.lower(),
        "account": nkeys.encode_seed(bytes(32), nkeys.PREFIX_BYTE_ACCOUNT).decode(),
    }
    path = tmp_path / "unit.nk"
    path.write_text(texts.get(spoil, spoil))
    path.chmod(0o600)
    with pytest.raises(KeyTrouble, match=str(path)):
        Identity.load_or_create(path)


@given(st.text(max_size=80))
def test_no_text_passes_for_a_public_key_by_chance(text: str) -> None:
    assert not is_public_nkey(text)


@given(st.integers(0, 55), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_a_mistyped_public_key_is_noticed(place: int, letter: str) -> None:
    public = Identity.create().public
    mistyped = public[:place] + letter + public[place + 1 :]
    assert is_public_nkey(mistyped) == (mistyped == public)
