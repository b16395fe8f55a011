"""station.toml: what it can say, and what can be wrong in it."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from broadcaster.domain.instants import WEEKDAYS
from broadcaster.domain.names import ZoneId
from broadcaster.domain.places import Station, Zone
from broadcaster.domain.quiet import AllowedHours, QuietSpell
from broadcaster.folder import BadFolder, Settings, read_settings, read_station
from tests.folder.folders import STATION, Folder

WHOLE = """\
id       = "dong-tien"
name     = "Đài truyền thanh xã Đồng Tiến"
timezone = "Asia/Ho_Chi_Minh"
language = "vi"
voices   = ["espeak-ng"]
approval = true
[[zone]]
id   = "xa"
name = "Xã Đồng Tiến"
[[zone]]
id        = "thon-ben"
name      = "Thôn Bến"
parent    = "xa"
languages = ["tyz", "vi"]
[[allowed]]
days = ["mon", "sun"]
from = "05:00"
to   = "24:00"
[[allowed]]
from = 00:00:00
to   = "00:30"
[[quiet]]
zones = ["thon-ben"]
from  = 2026-12-01T00:00:00
to    = "2026-12-03 12:00"
[[quiet]]
zones = ["all"]
from  = 2026-12-05T00:00:00
to    = 2026-12-06T00:00:00
[broker]
port = 4333
[hub]
port = 8009
[panel]
port = 80
"""


def test_everything_a_station_can_say_is_read(folder: Folder) -> None:
    folder.write("station.toml", WHOLE)
    xa, ben = ZoneId("xa"), ZoneId("thon-ben")
    station = read_station(folder.path)
    assert station == Station(
        id=station.id,
        name="Đài truyền thanh xã Đồng Tiến",
        timezone=ZoneInfo("Asia/Ho_Chi_Minh"),
        language="vi",
        voices=("espeak-ng",),
        zones=(
            Zone(id=xa, name="Xã Đồng Tiến"),
            Zone(id=ben, name="Thôn Bến", parent=xa, languages=("tyz", "vi")),
        ),
        allowed=(
            AllowedHours(days=frozenset({"mon", "sun"}), begin=time(5), end=time(0)),
            AllowedHours(days=frozenset(WEEKDAYS), begin=time(0), end=time(0, 30)),
        ),
        quiet=(
            QuietSpell(zones=(ben,), begin=datetime(2026, 12, 1), end=datetime(2026, 12, 3, 12)),  # noqa: DTZ001
            QuietSpell(zones=(xa, ben), begin=datetime(2026, 12, 5), end=datetime(2026, 12, 6)),  # noqa: DTZ001
        ),
        approval=True,
    )
    assert station.id == "dong-tien"
    assert read_settings(folder.path) == Settings(broker_port=4333, clips_port=8009, panel_port=80)


def test_a_short_station_has_what_most_have(folder: Folder) -> None:
    folder.write(
        "station.toml", 'id = "a"\nname = "A"\ntimezone = "Asia/Bangkok"\n[[zone]]\nid = "b"\nname = "B"\n'
    )
    station = read_station(folder.path)
    assert (station.language, station.voices, station.approval) == ("vi", ("gtts", "espeak-ng"), False)
    assert (station.allowed, station.quiet) == ((), ())
    assert read_settings(folder.path) == Settings(
        broker_url=None, broker_port=4222, clips_port=8008, panel_port=8080
    )


def test_a_broker_elsewhere_is_named_by_its_address(folder: Folder) -> None:
    folder.write("station.toml", STATION + '[broker]\nurl = "nats://broker.example:4222"\n')
    assert read_settings(folder.path).broker_url == "nats://broker.example:4222"


CHANGED = [
    ('id       = "dong-tien"', 'id = "Đồng Tiến"', "1: id: 'Đồng Tiến' cannot be the id of a station"),
    ('id       = "dong-tien"', "", '1: id: is missing; expected an id, like id = "dong-tien"'),
    (
        '"Asia/Ho_Chi_Minh"',
        '"Asia/Ho_Chi_Min"',
        '3: timezone: there is no time zone "Asia/Ho_Chi_Min"; did you mean Asia/Ho_Chi',
    ),
    (
        '"Asia/Ho_Chi_Minh"',
        '"+07:00"',
        '3: timezone: there is no time zone "+07:00"; expected one like Asia/Ho_Chi',
    ),
    ('"Asia/Ho_Chi_Minh"', '"../../etc/passwd"', "3: timezone: there is no time zone"),
    ('"Asia/Ho_Chi_Minh"', '"Asia"', "3: timezone: there is no time zone"),
    ('"Asia/Ho_Chi_Minh"', '"/etc/localtime"', "3: timezone: there is no time zone"),
    ('"Asia/Ho_Chi_Minh"', f'"{"x" * 150}"', "3: timezone: there is no time zone"),
    ('"vi"', '"Vietnamese!"', '4: language: "Vietnamese!" is not a language'),
    ('["gtts", "espeak-ng"]', "[]", "5: voices: names no voice; expected some, like"),
    ('["gtts", "espeak-ng"]', '"gtts"', '5: voices: "gtts" is not a list'),
    ('["gtts", "espeak-ng"]', '["gtts"]\napproval = "yes"', '6: approval: "yes" is neither true nor false'),
    (
        '["gtts", "espeak-ng"]',
        '["gtts"]\naproval = true',
        "6: aproval: there is no such key here; did you mean approval?",
    ),
    ('"thon-ben"', '"all"', "11: zone 2: id: 'all' always means every zone"),
    ('"thon-ben"', '"Thôn Bến"', "11: zone 2: id: 'Thôn Bến' cannot be the id of a zone"),
    ('"thon-ben"', '"xa"', "11: zone 2: id: the zone xa is written twice; give each zone an id of its own"),
    ('"Thôn Bến"', '""', "12: zone 2: name: there is nothing between the quotes"),
    ('parent = "xa"', 'parent = "xe"', '13: zone 2: parent: there is no zone "xe"; expected one of: xa'),
    ('parent = "xa"', 'parent = "Xã"', "13: zone 2: parent: 'Xã' cannot be the id of a zone"),
    ('parent = "xa"', 'languages = ["Kinh"]', '13: zone 2: languages: "Kinh" is not a language'),
    ('parent = "xa"', 'color = "red"', "13: zone 2: color: there is no such key here"),
]


@pytest.mark.parametrize(("right", "wrong", "told"), CHANGED)
def test_what_is_wrong_in_the_station_is_told_with_line_and_key(
    folder: Folder, right: str, wrong: str, told: str
) -> None:
    assert right in STATION
    folder.write("station.toml", STATION.replace(right, wrong))
    with pytest.raises(BadFolder) as bad:
        read_station(folder.path)
    assert any(str(fault).startswith(f"station.toml:{told}") for fault in bad.value.faults), str(bad.value)
    assert all(str(fault).isprintable() for fault in bad.value.faults)


def quiet(zones: str, begin: str, end: str) -> str:
    return f"[[quiet]]\nzones = {zones}\nfrom = {begin}\nto = {end}"


ADDED = [
    (
        '[[allowed]]\nfrom = "06:00"\nto = "05:00"',
        "16: allowed 1: to: 05:00 is not after from, which is 06:00; a wi",
    ),
    ('[[allowed]]\nfrom = "06:00"\nto = "06:00"', "16: allowed 1: to: 06:00 is not after from"),
    ('[[allowed]]\nfrom = "24:00"\nto = "06:00"', '15: allowed 1: from: "24:00" is not a time of day'),
    ('[[allowed]]\nfrom = "06:00"', "14: allowed 1: to: is missing; expected a time of day"),
    ('[[allowed]]\ndays = []\nfrom = "05:00"\nto = "06:00"', "15: allowed 1: days: names no day"),
    (
        '[[allowed]]\ndays = ["mo"]\nfrom = "05:00"\nto = "06:00"',
        '15: allowed 1: days: there is no "mo"; did you mean mon?',
    ),
    (
        '[[allowed]]\nfrm = "05:00"\nto = "06:00"',
        "15: allowed 1: frm: there is no such key here; did you mean from?",
    ),
    ('[allowed]\nfrom = "05:00"', "14: allowed: is not a list; write [[allowed]] in double"),
    (
        quiet('["thon-bn"]', "2026-12-01T00:00:00", "2026-12-02T00:00:00"),
        '15: quiet 1: zones: there is no zone "thon-bn"; did you mean thon-ben?',
    ),
    (quiet("[]", "2026-12-01T00:00:00", "2026-12-02T00:00:00"), "15: quiet 1: zones: names no zone"),
    ("[[quiet]]\nfrom = 2026-12-01T00:00:00\nto = 2026-12-02T00:00:00", "14: quiet 1: zones: is missing"),
    (
        quiet('["all"]', "2026-12-01", "2026-12-02T00:00:00"),
        "16: quiet 1: from: 2026-12-01 is not a date with a time",
    ),
    (
        quiet('["all"]', "2026-12-01T00:00:00Z", "2026-12-02T00:00:00"),
        "16: quiet 1: from: 2026-12-01 00:00:00+00:00 has a time zone",
    ),
    (
        quiet('["all"]', "2026-12-03T00:00:00", "2026-12-02T00:00:00"),
        "17: quiet 1: to: 2026-12-02 00:00:00 is not after from",
    ),
    (
        quiet('["all"]', "0001-01-01T00:00:00", "9999-12-31T00:00:00"),
        "16: quiet 1: from: there is no planning for the year 1",
    ),
    (
        quiet('["all"]', '"tomorrow"', "2026-12-02T00:00:00"),
        '16: quiet 1: from: "tomorrow" is not a date with',
    ),
    ("[broker]\nport = 0", "15: broker: port: 0 is not a port; expected a number from 1 to 65535"),
    ('[broker]\nport = "4222"', '15: broker: port: "4222" is not a port'),
    ("[broker]\nport = true", "15: broker: port: True is not a port"),
    ("[broker]\nport = 65536", "15: broker: port: 65536 is not a port"),
    ('[broker]\nurl = "mqtt://x"', '15: broker: url: "mqtt://x" is no broker\'s address; expected nats://'),
    ("[panel]\nport = 8008", "15: panel: port: 8008 is used twice; broker, hub and panel need a port each"),
    ("[hub]\nprot = 8008", "15: hub: prot: there is no such key here; did you mean port?"),
    ("[[hub]]\nport = 8008", "14: hub: [{'port': 8008}] is not a table; write [hub] and its keys below it"),
    ("[zones]\nx = 1", "14: zones: there is no such key here; did you mean zone?"),
]


@pytest.mark.parametrize(("added", "told"), ADDED)
def test_what_is_wrong_in_hours_and_settings_is_told(folder: Folder, added: str, told: str) -> None:
    folder.write("station.toml", f"{STATION}{added}\n")
    with pytest.raises(BadFolder) as bad:
        read_settings(folder.path)
    assert any(str(fault).startswith(f"station.toml:{told}") for fault in bad.value.faults), str(bad.value)


def test_zones_above_one_another_in_a_circle_are_told_each(folder: Folder) -> None:
    def zone(name: str, parent: str) -> str:
        return f'[[zone]]\nid = "{name}"\nname = "{name}"\nparent = "{parent}"\n'

    head = 'id = "a"\nname = "A"\ntimezone = "UTC"\n'
    folder.write("station.toml", head + zone("a", "b") + zone("b", "c") + zone("c", "b") + zone("d", "d"))
    with pytest.raises(BadFolder) as bad:
        read_station(folder.path)
    assert [str(fault) for fault in bad.value.faults] == [
        "station.toml:11: zone 2: parent: b lies above itself by way of c; break the circle",
        "station.toml:15: zone 3: parent: c lies above itself by way of b; break the circle",
        "station.toml:19: zone 4: parent: d lies above itself by way of d; break the circle",
    ]


def test_all_that_is_wrong_with_a_station_is_told_at_once(folder: Folder) -> None:
    folder.write("station.toml", 'id = ""\nzone = 1\nallowed = [1]\nquiet = "x"\nhub = 1\nlanguage = 3\n')
    with pytest.raises(BadFolder) as bad:
        read_station(folder.path)
    assert [fault.key for fault in bad.value.faults] == [
        "id", "name", "timezone", "zone", "allowed", "quiet", "hub", "language",
    ]  # fmt: skip


def test_a_folder_without_a_station_says_so(folder: Folder) -> None:
    (folder.path / "station.toml").unlink()
    with pytest.raises(BadFolder, match="is not there"):
        read_station(folder.path)
