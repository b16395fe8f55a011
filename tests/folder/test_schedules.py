"""Programmes read from schedules/, and everything that can be wrong in one told by line and key."""

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from broadcaster.domain.instants import WEEKDAYS
from broadcaster.domain.programme import (
    Bulletins,
    Chime,
    LatePolicy,
    Pause,
    Programme,
    Rank,
    Recorded,
    Relay,
    Spoken,
    StartMode,
)
from broadcaster.folder import Fault, read_programme, read_station
from tests.folder.folders import PROGRAMME, Folder

WHOLE = """\
title  = "Bản tin sáng"
rank   = "priority"
zones  = ["thon-ben", "xa"]
days   = ["mon", "fri"]
at     = ["05:00", "17:00:30"]
from   = 2026-01-01
until  = 2026-12-31
except = [2026-02-17, "2026-02-18"]
also   = [2027-01-01]
start  = "hard"
grace  = "90s"
late   = "join"
max    = "1h30m"

[[item]]
chime = "opening"
[[item]]
say      = "Good morning."
language = "en"
voice    = "espeak-ng"
[[item]]
bulletins = "booked"
closes    = "10m"
[[item]]
relay = "https://relay.example:8000/vov1?x=1"
for   = "30m"
else  = "fallback/cho.opus"
[[item]]
play = "recordings/nhac.mp3"
[[item]]
pause = "2s"
"""


def test_everything_a_programme_can_say_is_read(folder: Folder) -> None:
    folder.programme(WHOLE, "ban-tin-sang")
    found = folder.only()
    assert found == Programme(
        id=found.id,
        title="Bản tin sáng",
        rank=Rank.PRIORITY,
        zones=("thon-ben", "xa"),
        days=frozenset({"mon", "fri"}),
        at=(time(5), time(17, 0, 30)),
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
        excepted=frozenset({date(2026, 2, 17), date(2026, 2, 18)}),
        also=frozenset({date(2027, 1, 1)}),
        start=StartMode.HARD,
        grace=timedelta(seconds=90),
        late=LatePolicy.JOIN,
        max=timedelta(minutes=90),
        items=(
            Chime(name="opening"),
            Spoken(words="Good morning.", language="en", voice="espeak-ng"),
            Bulletins(closes=timedelta(minutes=10)),
            Relay(
                url="https://relay.example:8000/vov1?x=1",
                length=timedelta(minutes=30),
                otherwise="fallback/cho.opus",
            ),
            Recorded(path="recordings/nhac.mp3"),
            Pause(length=timedelta(seconds=2)),
        ),
    )
    assert found.id == "ban-tin-sang"


def test_what_a_programme_does_not_say_is_as_the_readme_says(folder: Folder) -> None:
    folder.programme(PROGRAMME)
    found = folder.only()
    assert found.rank is Rank.ORDINARY
    assert found.days == set(WEEKDAYS)
    assert (found.start, found.late) == (StartMode.SOFT, LatePolicy.WHOLE)
    assert (found.grace, found.max) == (timedelta(minutes=10), None)
    assert (found.first, found.last, found.excepted, found.also) == (None, None, frozenset(), frozenset())


def test_times_and_dates_may_stand_with_or_without_quotes(folder: Folder) -> None:
    folder.programme(PROGRAMME.replace('["05:00"]', '[05:00:00, "17:30"]\nfrom = "2026-01-01"'))
    assert folder.only().at == (time(5), time(17, 30))
    assert folder.only().first == date(2026, 1, 1)


def test_a_bulletin_list_closes_five_minutes_before_if_nothing_else_is_said(folder: Folder) -> None:
    folder.programme(PROGRAMME + '[[item]]\nbulletins = "booked"\n')
    assert folder.only().items[1] == Bulletins(closes=timedelta(minutes=5))


TOP = [
    ('title = ""', "title: there is nothing between the quotes"),
    ("title = 5", 'title: 5 is not a text; expected a text in quotes, like "…"'),
    ('title = "a\\nb"', 'title: "a\\nb" has line ends or control characters in it; expected one plain line'),
    (f'title = "{"a" * 201}"', "title: it has 201 letters; expected at most 200"),
    ('rank = "emergency"', "rank: a programme cannot be an emergency; raise an alert instead"),
    ('rank = "urgent"', 'rank: there is no rank "urgent"; expected one of: fill, ordinary, priority'),
    ('rank = "Priority"', 'rank: there is no rank "Priority"; did you mean priority?'),
    ("rank = 1", "rank: 1 is not a text"),
    ("zones = []", 'zones: names no zone; expected zone ids of station.toml, or ["all"]'),
    ('zones = "all"', 'zones: "all" is not a list; expected a list in square brackets'),
    ('zones = ["thon-bn"]', 'zones: there is no zone "thon-bn"; did you mean thon-ben?'),
    ('zones = ["xa", "xa"]', 'zones: "xa" is written twice; once is enough'),
    ("zones = [1]", "zones: 1 is not a text"),
    ("at = []", 'at: names no time; expected times of day, like ["05:00"]'),
    ('at = "05:00"', 'at: "05:00" is not a list'),
    ('at = ["5:00"]', 'at: "5:00" is not a time of day; expected a time of day, like "05:00" or "17:30:15"'),
    ('at = ["24:00"]', 'at: "24:00" is not a time of day'),
    ('at = ["05:60"]', 'at: "05:60" is not a time of day'),
    ('at = ["05:00 "]', 'at: "05:00 " is not a time of day'),
    ('at = ["٠٥:٠٠"]', "is not a time of day"),
    ("at = [5]", "at: 5 is not a time of day"),
    ("at = [05:00:00.5]", "at: 05:00:00.500000 is not a time of day"),
    ("at = [2026-01-01T05:00:00]", "at: 2026-01-01 05:00:00 is not a time of day"),
    ('at = ["05:00", 05:00:00]', "at: 05:00:00 is written twice; once is enough"),
    ('days = ["monday"]', 'days: there is no "monday"; did you mean mon?'),
    ("days = []", "days: names no day; name days, or dates in also"),
    ('days = ["mon", "mon"]', 'days: "mon" is written twice'),
    ("days = true", "days: True is not a list"),
    ('from = "2026-02-30"', 'from: "2026-02-30" is not a date; expected a date, like 2026-12-31'),
    ('from = "20260228"', 'from: "20260228" is not a date'),
    ('from = "1/2/2026"', 'from: "1/2/2026" is not a date'),
    ("from = 2026-01-01T00:00:00", "from: 2026-01-01 00:00:00 is not a date"),
    ("from = 0001-01-01", "from: there is no planning for the year 1"),
    ("until = 9999-12-31", "until: there is no planning for the year 9999"),
    ("from = 2026-02-01\nuntil = 2026-01-31", "until: 2026-01-31 lies before from, which is 2026-02-01"),
    ("except = 2026-01-01", "except: 2026-01-01 is not a list"),
    ("except = [2026-01-01]\nalso = [2026-01-01]", "also: 2026-01-01 stands in except too; leave it in one"),
    ('start = "now"', 'start: there is no "now"; expected one of: hard, soft'),
    ('late = "whle"', 'late: there is no "whle"; did you mean whole?'),
    ('grace = "10"', 'grace: "10" is not a length of time; expected a length with its unit, like "10m"'),
    ("grace = 10", "grace: 10 is not a length of time"),
    ('grace = "-1m"', 'grace: "-1m" is not a length of time'),
    ('grace = "10 m"', 'grace: "10 m" is not a length of time'),
    ('grace = "1m1h"', 'grace: "1m1h" is not a length of time'),
    ('grace = ""', 'grace: "" is not a length of time'),
    ('grace = "25h"', 'grace: "25h" is longer than a day; expected at most 24h'),
    (f'grace = "{"9" * 400}s"', "is not a length of time"),
    ('max = "0m"', 'max: allows no time at all; expected a length, like "45m"'),
    ('titel = "x"', "titel: there is no such key here; did you mean title?"),
    ('station = "x"', "station: there is no such key here; did you mean start?"),
    ('"a\\u001bb" = 1', "a\\x1bb: there is no such key here"),
]


@pytest.mark.parametrize(("wrong", "told"), TOP)
def test_what_is_wrong_at_the_top_is_told_with_key_and_line(folder: Folder, wrong: str, told: str) -> None:
    key = wrong.splitlines()[-1].partition(" =")[0]
    written = {line.partition(" ")[0] for line in wrong.splitlines()}
    rest = [line for line in PROGRAMME.splitlines() if line.partition(" ")[0] not in written]
    text = "\n".join(["# Ghi chú", *wrong.splitlines(), *rest])
    folder.programme(text)
    (fault,) = folder.schedules().problems
    assert (fault.file, fault.line) == (
        "schedules/sang.toml",
        text[: text.index(f"\n{key}") + 1].count("\n") + 1,
    )
    assert told in str(fault)
    assert str(fault).isprintable()


def test_every_fault_of_every_file_is_told_at_once_and_the_good_file_is_read(folder: Folder) -> None:
    folder.programme(PROGRAMME, "tot")
    folder.programme("= broken", "hong")
    folder.programme(
        'zones = ["thon-bn", "xa",\n"thon-cu"]\nat = ["05:00", "25:00"]\nfoo = 1\n[[item]]\nplay = "a"\n',
        "sai",
    )
    found = folder.schedules()
    assert [programme.id for programme in found.programmes] == ["tot"]
    assert found.broken == {"hong", "sai"}
    assert [(Path(fault.file).stem, fault.line, fault.key) for fault in found.problems] == [
        ("hong", 1, ""),
        ("sai", 1, "title"),
        ("sai", 1, "zones"),
        ("sai", 2, "zones"),
        ("sai", 3, "at"),
        ("sai", 4, "foo"),
        ("sai", 6, "item 1: play"),
    ]


def test_the_line_of_a_list_is_that_of_its_wrong_element(folder: Folder) -> None:
    folder.programme(PROGRAMME.replace('["all"]', '[\n"xa",\n"thon-bn",\n]'))
    (fault,) = folder.schedules().problems
    assert str(fault) == 'schedules/sang.toml:4: zones: there is no zone "thon-bn"; did you mean thon-ben?'


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Bản tin chiều.toml", "cannot name a programme; call it ban-tin-chieu.toml"),
        ("Đồng_Tiến.toml", "cannot name a programme; call it dong-tien.toml"),
        ("-.toml", "cannot name a programme; call it ban-tin.toml"),
        (f"{'a' * 60}.toml", f"cannot name a programme; call it {'a' * 48}.toml"),
        ("sang.toml.txt", "is not read; let the name end in .toml"),
        ("sang.TOML", "is not read; let the name end in .toml"),
        ("a\x1b[31m.toml", "schedules/a\\x1b[31m.toml:1: the name of the file"),
        ("a\udcff.toml", "schedules/a\\udcff.toml:1: the name of the file"),
    ],
)
def test_a_file_whose_name_cannot_be_a_programmes_is_told_with_a_better_one(
    folder: Folder, name: str, told: str
) -> None:
    folder.write(f"schedules/{name}", PROGRAMME)
    found = folder.schedules()
    assert (found.programmes, found.broken) == ((), frozenset())
    (fault,) = found.problems
    assert told in str(fault)
    assert fault.line == 1
    str(fault).encode()  # it can be printed


@pytest.mark.parametrize(
    "name", [".sang.toml", ".sang.toml.swp", "sang.toml~", "sang.toml.bak", "README.md", "#a#"]
)
def test_what_editors_leave_lying_about_is_no_programme_and_no_fault(folder: Folder, name: str) -> None:
    folder.write(f"schedules/{name}", "= broken")
    assert (folder.schedules().programmes, folder.schedules().problems) == ((), ())


def test_a_folder_named_like_a_programme_is_told(folder: Folder) -> None:
    (folder.path / "schedules/sang.toml").mkdir()
    assert folder.schedules().broken == {"sang"}
    assert "sang.toml:1: is a folder" in str(folder.schedules().problems[0])


def test_a_station_folder_without_schedules_is_told_and_the_last_good_programmes_stay(folder: Folder) -> None:
    folder.programme(PROGRAMME)
    last_good = folder.schedules().programmes
    (folder.path / "schedules").rename(folder.path / "elsewhere")
    found = folder.schedules()
    assert [str(fault) for fault in found.problems] == [
        "schedules:1: cannot be listed: No such file or directory; expected a folder of programmes"
    ]
    assert found.over(last_good) == last_good


def test_the_last_good_programme_stays_while_its_file_is_broken_or_away(folder: Folder) -> None:
    for name in ("mot", "hai", "ba", "bon"):
        folder.programme(PROGRAMME, name)
    last_good = folder.schedules().programmes
    folder.programme("= broken", "mot")
    folder.programme(PROGRAMME.replace("Bản tin sáng", "Mới"), "hai")
    (folder.path / "schedules/ba.toml").unlink()
    (folder.path / "schedules/bon.toml").unlink()
    found = folder.schedules()
    away = [programme.id for programme in last_good if programme.id == "bon"]
    in_force = found.over(last_good, away)
    assert [(programme.id, programme.title) for programme in in_force] == [
        ("bon", "Bản tin sáng"),
        ("hai", "Mới"),
        ("mot", "Bản tin sáng"),
    ]
    assert [programme.id for programme in found.over(in_force)] == ["hai", "mot"]


def test_a_text_not_in_its_file_is_judged_in_the_same_way(folder: Folder) -> None:
    station = read_station(folder.path)

    def judged(text: str, file: str = "schedules/moi.toml") -> Programme | tuple[Fault, ...]:
        return read_programme(folder.path, station, file, text)

    good = judged(PROGRAMME.replace("\n", "\r\n"))
    assert isinstance(good, Programme)
    assert good.id == "moi"
    for text, file, told in (
        ("= broken", "schedules/moi.toml", "schedules/moi.toml:1: this is not TOML"),
        (PROGRAMME.replace("all", "al"), "schedules/moi.toml", 'moi.toml:2: zones: there is no zone "al"'),
        (PROGRAMME, "schedules/Mới.toml", "call it moi.toml"),
    ):
        faults = judged(text, file)
        assert not isinstance(faults, Programme)
        assert told in str(faults[0])
