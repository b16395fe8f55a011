"""[[volume]] of station.toml: softer at night, written by an officer, and every fault in it told at once."""

from datetime import time

import pytest

from broadcaster.domain.instants import WEEKDAYS
from broadcaster.domain.names import ZoneId
from broadcaster.domain.programme import Rank
from broadcaster.domain.volume import CAPPED, SofterHours
from broadcaster.folder import BadFolder, read_station
from tests.folder.folders import STATION, Folder


def test_softer_hours_are_read_as_they_are_written(folder: Folder) -> None:
    folder.write(
        "station.toml",
        STATION
        + '[[volume]]\nfrom = "21:00"\nto = "06:00"\nat_most = -12\n'
        + '[[volume]]\ndays = ["sun"]\nfrom = "05:00"\nto = "24:00"\nat_most = -6.5\n'
        + 'zones = ["thon-ben"]\nranks = ["ordinary", "fill"]\n',
    )
    xa, ben = ZoneId("xa"), ZoneId("thon-ben")
    assert read_station(folder.path).softer == (
        SofterHours(
            days=frozenset(WEEKDAYS), begin=time(21), end=time(6), zones=(xa, ben), at_most=-12, ranks=CAPPED
        ),
        SofterHours(
            days=frozenset({"sun"}),
            begin=time(5),
            end=time(0),
            zones=(ben,),
            at_most=-6.5,
            ranks=(Rank.FILL, Rank.ORDINARY),
        ),
    )


def written(**keys: str) -> str:
    whole = {"from": '"21:00"', "to": '"06:00"', "at_most": "-12"} | keys
    return "[[volume]]\n" + "".join(f"{key} = {value}\n" for key, value in whole.items() if value)


WRONG = [
    (
        written(ranks='["fill", "emergency"]'),
        "18: volume 1: ranks: an emergency is never turned down: lives may hang on it; expected some of",
    ),
    (written(ranks='["fil"]'), '18: volume 1: ranks: there is no "fil"; did you mean fill?'),
    (written(ranks="[]"), "18: volume 1: ranks: names no rank"),
    (written(at_most=""), "14: volume 1: at_most: is missing; expected dB below full, like at_most = -12"),
    (written(at_most="12"), "17: volume 1: at_most: 12 is no loudness; expected dB below full from -60 to 0"),
    (written(at_most="-61"), "17: volume 1: at_most: -61 is no loudness"),
    (written(at_most="nan"), "17: volume 1: at_most: nan is no loudness"),
    (written(at_most='"-12 dB"'), '17: volume 1: at_most: "-12 dB" is no loudness'),
    (written(at_most="true"), "17: volume 1: at_most: True is no loudness"),
    (
        written(to='"21:00"'),
        '16: volume 1: to: 21:00 is from as well; a whole day is from "00:00" to "24:00"',
    ),
    (written(to=""), "14: volume 1: to: is missing"),
    (written(zones='["thon-bn"]'), '18: volume 1: zones: there is no zone "thon-bn"; did you mean thon-ben?'),
    (written(zones="[]"), "18: volume 1: zones: names no zone"),
    (written(days='["mo"]'), '18: volume 1: days: there is no "mo"; did you mean mon?'),
    (written(days="[]"), "18: volume 1: days: names no day"),
    (written(atmost="-3"), "18: volume 1: atmost: there is no such key here; did you mean at_most?"),
    ("[volume]\nat_most = -12\n", "14: volume: is not a list; write [[volume]] in double brackets"),
]


@pytest.mark.parametrize(("added", "told"), WRONG)
def test_what_is_wrong_in_softer_hours_is_told_with_line_and_key(
    folder: Folder, added: str, told: str
) -> None:
    folder.write("station.toml", STATION + added)
    with pytest.raises(BadFolder) as bad:
        read_station(folder.path)
    assert any(str(fault).startswith(f"station.toml:{told}") for fault in bad.value.faults), str(bad.value)


def test_all_that_is_wrong_in_two_tables_is_told_at_once(folder: Folder) -> None:
    folder.write(
        "station.toml", STATION + written(to='"25:00"', zones='["x"]') + written(ranks='["emergency"]')
    )
    assert [line.split(": ")[:3] for line in folder.told()] == [
        ["station.toml:16", "volume 1", "to"],
        ["station.toml:18", "volume 1", "zones"],
        ["station.toml:23", "volume 2", "ranks"],
    ]
