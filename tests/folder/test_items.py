"""What can be wrong in one item of a programme, told with its number, key and line."""

import pytest

from tests.folder.folders import PROGRAMME, Folder

ITEMS = [
    (
        'chime = "openning"',
        'item 2: chime: there is no chime "openning" in audio/chimes; did you mean opening?',
    ),
    ('chime = "../x"', 'item 2: chime: "../x" cannot be the name of a chime'),
    ("chime = 1", "item 2: chime: 1 is not a text"),
    ('say = ""', "item 2: say: there is nothing between the quotes"),
    ('say = " …! "', "item 2: say: there is nothing to say: the words are empty"),
    (
        f'say = "{"a" * 50_001}"',
        "item 2: say: the text has 50,001 letters; at most 50,000 are spoken: divide it",
    ),
    ('say = "a\\u0007b"', "item 2: say: the text holds the control character U+0007"),
    ('say = "\\u0085a"', "item 2: say: the text holds the control character U+0085"),
    (
        'say = "a"\nlanguage = "Việt"',
        'item 2: language: "Việt" is not a language; expected a tag like vi or en',
    ),
    (
        'say = "a"\nvoice = "espeak"',
        'item 2: voice: station.toml has no voice "espeak"; did you mean espeak-ng?',
    ),
    ('say = "a"\nvoices = "gtts"', "item 2: voices: there is no such key here; did you mean voice?"),
    ('bulletins = "all"', 'item 2: bulletins: there is no "all"; expected one of: booked'),
    ('bulletins = "booked"\ncloses = "5"', 'item 2: closes: "5" is not a length of time'),
    ('relay = "http://a/b"\nelse = "fallback/cho.opus"', "item 2: for: is missing; expected for how long"),
    (
        'relay = "http://a/b"\nfor = "3m"',
        "item 2: else: is missing; expected a file below audio/ that sounds",
    ),
    (
        'relay = "ftp://a/b"\nfor = "3m"\nelse = "fallback/cho.opus"',
        'item 2: relay: "ftp://a/b" is not the address of a stream; expected http:// or https://',
    ),
    ('relay = "http://"\nfor = "3m"\nelse = "fallback/cho.opus"', "is not the address of a stream"),
    ('relay = "http://[a"\nfor = "3m"\nelse = "fallback/cho.opus"', "is not the address of a stream"),
    ('relay = "http://a:x/"\nfor = "3m"\nelse = "fallback/cho.opus"', "is not the address of a stream"),
    ('relay = "http://a b/"\nfor = "3m"\nelse = "fallback/cho.opus"', "is not the address of a stream"),
    ('relay = "http://a/"\nfor = "0s"\nelse = "fallback/cho.opus"', "item 2: for: lasts no time at all"),
    (
        'relay = "http://a/"\nfor = "3m"\nelse = "cho.opus"',
        "item 2: else: there is no file audio/cho.opus; did",
    ),
    ('play = "../station.toml"', 'item 2: play: "../station.toml" leaves audio/'),
    ('play = "recordings/rong.mp3"', "item 2: play: audio/recordings/rong.mp3 is empty (0 bytes)"),
    ('play = "recordings"', "item 2: play: audio/recordings is not a file"),
    ('pause = "0s"', 'item 2: pause: lasts no time at all; expected at least "1s"'),
    ("pause = 2", "item 2: pause: 2 is not a length of time"),
    ("", "item 2: has nothing to play; expected one of chime, say, bulletins, relay, play, pause"),
    ('pause = "1s"\nchime = "opening"', "item 2: pause: stands beside chime; give each its own [[item]]"),
]


@pytest.mark.parametrize(("wrong", "told"), ITEMS)
def test_what_is_wrong_in_an_item_is_told_with_its_number(folder: Folder, wrong: str, told: str) -> None:
    folder.sound("recordings/rong.mp3", b"")
    folder.programme(f"{PROGRAMME}[[item]]\n{wrong}\n")
    (fault,) = folder.schedules().problems
    assert told in str(fault)
    assert 6 <= fault.line <= 9
    assert str(fault).isprintable()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("", ["sang.toml:1: item: is missing; expected at least one [[item]]"]),
        ('[item]\nsay = "a"', ["sang.toml:4: item: is not a list; write [[item]] in double brackets"]),
        ("item = 5", ["sang.toml:4: item: is not a list; write [[item]]"]),
        ('item = ["a"]', ['sang.toml:4: item: "a" is not a table; write [[item]] for each']),
        (
            '[[item]]\nbulletins = "booked"\n[[item]]\nbulletins = "booked"',
            ["sang.toml:7: item 2: bulletins: stands in two items; once"],
        ),
        (
            '[[item]]\nsya = "a"',
            ["sang.toml:4: item 1: has nothing", "sang.toml:5: item 1: sya: there is no such"],
        ),
    ],
)
def test_items_that_are_none_are_told(folder: Folder, wrong: str, told: list[str]) -> None:
    folder.programme('title = "a"\nzones = ["all"]\nat = ["05:00"]\n' + wrong)
    problems = [str(problem) for problem in folder.schedules().problems]
    assert len(problems) == len(told)
    for problem, start in zip(problems, told, strict=True):
        assert problem.startswith(f"schedules/{start}")


def test_items_may_be_written_as_one_list(folder: Folder) -> None:
    folder.programme(
        'title = "a"\nzones = ["all"]\nat = ["05:00"]\nitem = [\n{pause = "1s"},\n{pause = "2s"}]\n'
    )
    assert len(folder.only().items) == 2
    folder.programme(
        'title = "a"\nzones = ["all"]\nat = ["05:00"]\nitem = [\n{pause = "1s"},\n{pause = "0s"}]\n'
    )
    assert folder.schedules().problems[0].line == 6
