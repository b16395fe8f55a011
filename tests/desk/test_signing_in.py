"""Signing in, guessing, and who has an account."""

import threading
import unicodedata
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.desk import BadEntry, Desk, NotAllowed, NotFound, WaitToSignIn
from broadcaster.desk.passwords import Passwords
from broadcaster.desk.throttle import FROM_ANYWHERE, FROM_ONE_PLACE, WINDOW, wait
from broadcaster.domain.people import Role
from tests.desk.village import NOON, Village


def fails(
    village: Village, login: str = "lan", source: str = "phone", password: str = "wrong-password"
) -> str:
    with pytest.raises(NotAllowed) as told:
        village.desk.sign_in(login, password, source=source)
    return told.value.code


def test_people_sign_in_with_what_they_were_given(village: Village) -> None:
    assert village.desk.sign_in("lan", "lan12345678") == village.lan
    assert village.desk.sign_in("  LAN ", "lan12345678") == village.lan
    assert village.desk.person("lan") == village.lan


def test_a_phone_number_may_be_typed_with_spaces(village: Village) -> None:
    village.desk.add_person(
        village.an, login="0912 345.678", name="Mai", password="trời hôm nay đẹp", roles=[Role.EDITOR]
    )
    assert village.desk.sign_in("0912345678", "trời hôm nay đẹp").name == "Mai"


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(village: Village) -> None:
    told = []
    for login in ("lan", "nobody", "", "bad name!", "x" * 500, "'; DROP TABLE people"):
        with pytest.raises(NotAllowed) as fault:
            village.desk.sign_in(login, "wrong-password")
        told.append((str(fault.value), fault.value.code))
    assert set(told) == {("the name or the password is wrong: try again", "wrong-password")}


def test_the_same_password_typed_on_another_phone_fits(village: Village) -> None:
    password = "Trời hôm nay đẹp"
    village.desk.set_password(village.lan, "lan", unicodedata.normalize("NFC", password))
    assert village.desk.sign_in("lan", unicodedata.normalize("NFD", password)) == village.lan


def test_who_keeps_failing_has_to_wait_longer_and_longer(village: Village) -> None:
    assert [fails(village) for _ in range(FROM_ONE_PLACE)] == ["wrong-password"] * FROM_ONE_PLACE
    for expected in (30, 60, 120, 240, 480, 900, 900):
        with pytest.raises(WaitToSignIn) as told:
            village.desk.sign_in("lan", "lan12345678", source="phone")
        assert told.value.seconds == expected
        village.later(seconds=expected - 1)
        assert fails(village) == "wait-to-sign-in"
        village.later(seconds=1)
        assert fails(village) == "wrong-password"


def test_success_is_forgiveness(village: Village) -> None:
    for _ in range(3):
        for _ in range(FROM_ONE_PLACE - 1):
            fails(village)
        village.desk.sign_in("lan", "lan12345678", source="phone")


def test_a_stranger_who_fails_on_purpose_does_not_shut_out_the_owner(village: Village) -> None:
    for _ in range(FROM_ONE_PLACE):
        fails(village, source="stranger")
    assert fails(village, source="stranger") == "wait-to-sign-in"
    village.desk.sign_in("lan", "lan12345678", source="phone")


def test_many_strangers_who_guess_at_one_account_have_to_wait_together(village: Village) -> None:
    for number in range(FROM_ANYWHERE):
        assert fails(village, source=f"stranger {number}") == "wrong-password"
    assert fails(village, source="one more") == "wait-to-sign-in"
    village.desk.sign_in("hoa", "hoa12345678", source="one more")


def test_a_hundred_guesses_at_the_same_moment_are_a_hundred_guesses(village: Village) -> None:
    codes: list[str] = []
    guesses = [threading.Thread(target=lambda: codes.append(fails(village))) for _ in range(20)]
    for guess in guesses:
        guess.start()
    for guess in guesses:
        guess.join()
    assert codes.count("wrong-password") == FROM_ONE_PLACE
    assert codes.count("wait-to-sign-in") == 20 - FROM_ONE_PLACE


def test_failures_of_long_ago_count_no_more(village: Village) -> None:
    for _ in range(FROM_ONE_PLACE):
        fails(village)
    village.later(seconds=WINDOW.total_seconds())
    assert [fails(village) for _ in range(FROM_ONE_PLACE)] == ["wrong-password"] * FROM_ONE_PLACE


moments = st.lists(st.integers(-7200, 0).map(lambda s: NOON + timedelta(seconds=s)), max_size=40).map(sorted)


@given(moments, st.integers(1, 30))
def test_nobody_waits_for_ever_and_more_failures_never_wait_less(failures: list[datetime], free: int) -> None:
    pause = wait(failures, free, NOON)
    assert timedelta(0) <= pause <= timedelta(minutes=15)
    assert wait([*failures, NOON], free, NOON) >= pause
    assert wait(failures, free, NOON + timedelta(minutes=15)) == timedelta(0)
    if len(failures) < free:
        assert pause == timedelta(0)


def test_the_hashes_we_store_are_argon2id_as_strong_as_rfc_9106_asks() -> None:
    real = Passwords()
    hash = real.hash("trời hôm nay đẹp")
    parameters = extract_parameters(hash)
    assert parameters.type is Type.ID
    assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (65_536, 3, 4)
    assert (parameters.salt_len, parameters.hash_len) == (16, 32)
    assert real.fits(hash, "trời hôm nay đẹp")
    assert not real.fits(hash, "trời hôm nay xấu")
    assert not real.fits(None, "nobody has this password")
    assert not real.fits("not a hash", "anything")


def test_an_old_hash_is_renewed_when_its_owner_signs_in(village: Village) -> None:
    old = village.store.people.hash_of("lan")
    stronger = Passwords(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    desk = Desk(village.store, village.folder, lambda: village.present, stronger)
    desk.sign_in("lan", "lan12345678")
    new = village.store.people.hash_of("lan")
    assert new is not None
    assert new != old
    assert not stronger.ages(new)
    desk.sign_in("lan", "lan12345678")
    assert village.store.people.hash_of("lan") == new


def test_a_closed_account_keeps_out_and_can_be_opened_again(village: Village) -> None:
    village.desk.disable_person(village.an, "lan")
    assert fails(village, password="lan12345678") == "disabled"
    assert village.desk.person("lan") is None
    village.desk.enable_person(village.an, "lan")
    assert village.desk.sign_in("lan", "lan12345678") == village.lan


def test_the_last_administrator_cannot_be_shut_out(village: Village) -> None:
    with pytest.raises(BadEntry) as told:
        village.desk.disable_person(village.an, "an")
    assert told.value.code == "last-admin"
    village.person("bao", Role.ADMIN)
    village.desk.disable_person(village.an, "an")


def test_a_password_is_one_s_own_business_but_an_administrator_can_give_a_new_one(village: Village) -> None:
    village.desk.set_password(village.lan, "lan", "trời hôm nay đẹp")
    village.desk.sign_in("lan", "trời hôm nay đẹp")
    with pytest.raises(NotAllowed) as told:
        village.desk.set_password(village.lan, "hoa", "trời hôm nay đẹp")
    assert told.value.code == "not-own"
    village.desk.set_password(village.an, "hoa", "trời hôm nay đẹp")
    village.desk.sign_in("hoa", "trời hôm nay đẹp")
    with pytest.raises(NotFound, match="there is no person 'nobody'"):
        village.desk.set_password(village.an, "nobody", "trời hôm nay đẹp")


def test_no_password_and_no_hash_is_in_the_audit_trail(village: Village) -> None:
    village.desk.set_password(village.lan, "lan", "trời hôm nay đẹp")
    village.desk.add_person(
        village.an, login="mai", name="Mai", password="gió mùa đông bắc", roles=[Role.EDITOR]
    )
    trail = repr(village.trail())
    assert "trời hôm nay" not in trail
    assert "gió mùa" not in trail
    assert "argon2" not in trail


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"login": "m"}, "login", "bad-login"),
        ({"login": "console:root"}, "login", "bad-login"),
        ({"login": "lan"}, "login", "login-taken"),
        ({"login": " LAN"}, "login", "login-taken"),
        ({"name": " "}, "name", "empty"),
        ({"name": "Mai\x1b[31m"}, "name", "control-characters"),
        ({"roles": []}, "roles", "no-roles"),
        ({"roles": [Role.VILLAGE]}, "zone", "zone-needed"),
        ({"roles": [Role.VILLAGE], "zone": "thon-la"}, "zone", "unknown-zone"),
        ({"zone": "thon-ben"}, "zone", "zone-unasked"),
        ({"password": "ngắn"}, "password", "password-short"),
        ({"password": "x" * 201}, "password", "password-long"),
        ({"login": "nguyenvanan", "password": "NguyenVanAn"}, "password", "password-is-login"),
    ],
)
def test_what_is_wrong_with_a_new_account_is_told_by_field(
    village: Village, changes: dict[str, object], field: str, code: str
) -> None:
    entry: dict[str, object] = {
        "login": "mai",
        "name": "Mai",
        "password": "trời hôm nay đẹp",
        "roles": [Role.EDITOR],
    }
    before = village.store.people.all()
    with pytest.raises(BadEntry) as told:
        village.desk.add_person(village.an, **{**entry, **changes})  # type: ignore[arg-type]
    assert (told.value.field, told.value.code) == (field, code)
    assert told.value.what
    assert told.value.expected
    assert village.store.people.all() == before
