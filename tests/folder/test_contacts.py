"""[[contact]]: whom to call when the horns cannot be reached."""

import pytest

from broadcaster.folder import BadFolder, Contact, read_contacts, read_station
from tests.folder.folders import STATION, Folder

HEAD = '\n[[contact]]\nname = "Bác Tư, trưởng thôn Bến"\nphone = "0912 345.678"\nzone = "thon-ben"\n'
DUTY = '[[contact]]\nname = "Trực đài"\nphone = "+84 24 1234 567"\n'


def test_village_heads_are_called_by_the_number_as_people_write_it(folder: Folder) -> None:
    folder.write("station.toml", STATION + HEAD + DUTY)
    assert read_contacts(folder.path) == (
        Contact(name="Bác Tư, trưởng thôn Bến", phone="0912345678", zone="thon-ben"),
        Contact(name="Trực đài", phone="+84241234567", zone="all"),
    )


def test_a_station_need_not_name_anybody(folder: Folder) -> None:
    folder.write("station.toml", STATION)
    assert read_contacts(folder.path) == ()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("0912 345.678", "gọi bác Tư", "is no telephone number"),
        ('zone = "thon-ben"', 'zone = "thon-bem"', "thon-ben"),
        ('name = "Bác Tư, trưởng thôn Bến"', "", "is missing"),
        ("phone", "fone", "is missing"),
    ],
)
def test_a_contact_nobody_could_call_is_told_and_the_others_can_still_be_called(
    folder: Folder, before: str, after: str, told: str
) -> None:
    folder.write("station.toml", STATION + HEAD.replace(before, after) + DUTY)
    with pytest.raises(BadFolder) as bad:
        read_station(folder.path)
    assert any(told in str(fault) for fault in bad.value.faults)
    assert [contact.name for contact in read_contacts(folder.path)] == ["Trực đài"]
