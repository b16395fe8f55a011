"""People and what they sign in with."""

import pytest

from broadcaster.domain.names import BadName, ZoneId
from broadcaster.domain.people import Login, Person, Role


@pytest.mark.parametrize(
    ("typed", "login"),
    [
        ("lan", "lan"),
        (" Nguyen.Van-An_2 ", "nguyen.van-an_2"),
        ("0912 345 678", "0912345678"),
        ("+84 912.345-678", "84912345678"),
    ],
)
def test_a_login_is_taken_however_people_type_it(typed: str, login: str) -> None:
    assert Login(typed) == login


@pytest.mark.parametrize("typed", ["", "a", "lân", "a b", "console:root", "-an", "x" * 33, "+", "an\n.."])
def test_what_cannot_be_a_login_is_told(typed: str) -> None:
    with pytest.raises(BadName, match="cannot be used to sign in: use a phone number, or"):
        Login(typed)


def test_a_person_has_a_name_and_a_role() -> None:
    with pytest.raises(ValueError, match="has a name"):
        Person(login="lan", name=" ", roles=frozenset({Role.EDITOR}))
    with pytest.raises(ValueError, match="at least one role"):
        Person(login="lan", name="Lan", roles=frozenset())


def test_the_village_role_and_no_other_has_a_zone_of_its_own() -> None:
    with pytest.raises(ValueError, match="zone of its own"):
        Person(login="lan", name="Lan", roles=frozenset({Role.VILLAGE}))
    with pytest.raises(ValueError, match="zone of its own"):
        Person(login="lan", name="Lan", roles=frozenset({Role.EDITOR}), zone=ZoneId("thon-ben"))
    Person(login="lan", name="Lan", roles=frozenset({Role.VILLAGE, Role.EDITOR}), zone=ZoneId("thon-ben"))


def test_who_sits_at_the_console_is_known_by_the_name() -> None:
    roles = frozenset({Role.ADMIN})
    assert Person(login="console:root", name="root", roles=roles).at_console
    assert not Person(login="console", name="An", roles=roles).at_console
