"""Alert templates read from schedules/alerts/, and everything that can be wrong in one told by its line."""

from datetime import timedelta

import pytest

from broadcaster.domain.alert import AlertTemplate, Hazard, Severity, Wording
from broadcaster.domain.programme import Recorded, Spoken
from broadcaster.folder import Alerts, check, fingerprint, read_alert, read_alerts, read_station
from broadcaster.folder.templates import SIGNALS
from tests.folder.folders import PROGRAMME, SATURDAY, STATION, Folder
from tests.sources import ROOT

WORDS = """\
[[text]]
language   = "vi"
alert      = "Nước lũ đang lên."
correction = "Thông báo vừa rồi là phát nhầm."
all-clear  = "Nước đã rút."
"""
PLAIN = f"""\
title    = "Lũ"
hazard   = "flood"
severity = "extreme"
signal   = "opening"
zones    = ["thon-ben"]
{WORDS}"""
WHOLE = """\
title    = "Lũ, ngập lụt"
hazard   = "flood"
severity = "severe"
signal   = "closing"
zones    = ["thon-ben", "xa"]
repeats  = 5
gap      = "90s"
volume   = -3.5
lasts    = "6h"
second-person = true

[[text]]
language = "vi"
alert = \"\"\"
Nước lũ đang lên.
Bà con lên chỗ cao.
\"\"\"
correction = "Phát nhầm."
all-clear  = "Nước đã rút."
drill      = "Giả định nước lên."

[[text]]
language = "tyz"
alert-recording      = "recordings/nhac.mp3"
correction-recording = "recordings/nhac.mp3"
all-clear-recording  = "recordings/nhac.mp3"
"""
FILE = "schedules/alerts/lu.toml"


def template(folder: Folder, content: str | bytes, name: str = "lu") -> None:
    (folder.path / "schedules/alerts").mkdir(exist_ok=True)
    folder.write(f"schedules/alerts/{name}.toml", content)


def alerts(folder: Folder) -> Alerts:
    return read_alerts(folder.path, read_station(folder.path))


def only(folder: Folder) -> AlertTemplate:
    """The one template of the folder, which has no faults."""
    found = alerts(folder)
    assert found.problems == ()
    (one,) = found.templates
    return one


def told(folder: Folder, *voices: str) -> list[str]:
    """What `check` says of templates; `voices` are the languages the station has a voice for."""
    for signal in ("alert", "notice", "all-clear"):
        folder.sound(f"chimes/{signal}.opus")
    faults = check(folder.path, today=SATURDAY, speaks=voices.__contains__ if voices else None)
    return [str(fault) for fault in faults]


def test_everything_a_template_can_say_is_read(folder: Folder) -> None:
    template(folder, WHOLE)
    found = only(folder)
    recorded = Recorded(path="recordings/nhac.mp3")
    assert found == AlertTemplate(
        id=found.id,
        title="Lũ, ngập lụt",
        hazard=Hazard.FLOOD,
        severity=Severity.SEVERE,
        signal="closing",
        zones=("thon-ben", "xa"),
        repeats=5,
        gap=timedelta(seconds=90),
        volume=-3.5,
        lasts=timedelta(hours=6),
        second_person=True,
        wordings=(
            Wording(
                language="vi",
                alert=Spoken(words="Nước lũ đang lên.\nBà con lên chỗ cao.", language="vi"),
                correction=Spoken(words="Phát nhầm.", language="vi"),
                all_clear=Spoken(words="Nước đã rút.", language="vi"),
                drill=Spoken(words="Giả định nước lên.", language="vi"),
            ),
            Wording(language="tyz", alert=recorded, correction=recorded, all_clear=recorded),
        ),
    )
    assert found.id == "lu"


def test_what_a_template_does_not_say_is_what_a_village_would_expect(folder: Folder) -> None:
    template(folder, PLAIN)
    found = only(folder)
    assert (found.repeats, found.gap, found.volume) == (3, timedelta(seconds=10), 0)
    assert (found.lasts, found.second_person) == (timedelta(hours=2), False)
    assert found.wordings[0].drill is None


@pytest.mark.parametrize("hazard", list(Hazard))
def test_each_hazard_has_a_signal_of_its_own_that_comes_with_the_project(
    folder: Folder, hazard: Hazard
) -> None:
    folder.sound(f"chimes/{SIGNALS[hazard]}.opus")
    template(folder, PLAIN.replace('signal   = "opening"\n', "").replace("flood", hazard.value))
    assert only(folder).signal == SIGNALS[hazard]
    assert (ROOT / "audio/chimes" / f"{SIGNALS[hazard]}.opus").is_file()


def test_a_station_without_templates_has_no_fault(folder: Folder) -> None:
    assert alerts(folder) == Alerts(templates=())
    (folder.path / "schedules/alerts").mkdir()
    assert alerts(folder) == Alerts(templates=())


def test_a_template_is_no_programme_and_a_programme_no_template(folder: Folder) -> None:
    folder.programme(PROGRAMME)
    template(folder, PLAIN)
    assert [programme.id for programme in folder.schedules().programmes] == ["sang"]
    assert folder.schedules().problems == ()
    assert only(folder).id == "lu"
    assert told(folder) == []


@pytest.mark.parametrize(
    ("wrong", "where", "words"),
    [
        (('title    = "Lũ"\n', ""), "1: title", "is missing"),
        (('"flood"', '"flod"'), "2: hazard", "did you mean flood?"),
        (('"extreme"', '"minor"'), "3: severity", "minor is kept for drills"),
        (('"extreme"', '"sever"'), "3: severity", "did you mean severe?"),
        (('severity = "extreme"\n', ""), "1: severity", "expected one of moderate, severe, extreme"),
        (('"opening"', '"nuoc"'), "4: signal", "there is no chime"),
        (('["thon-ben"]', '["thon-bem"]'), "5: zones", "did you mean thon-ben?"),
        (('["thon-ben"]', "[]"), "5: zones", "names no zone"),
        (("zones ", "repeats = 0\nzones "), "5: repeats", "expected a number from 1 to 20"),
        (("zones ", 'repeats = "3"\nzones '), "5: repeats", "without quotes"),
        (("zones ", 'gap = "2h"\nzones '), "5: gap", "longer than an hour"),
        (("zones ", "gap = 10\nzones "), "5: gap", 'like "10m"'),
        (("zones ", "volume = 3\nzones "), "5: volume", "dB below full"),
        (("zones ", 'lasts = "0s"\nzones '), "5: lasts", "no time at all"),
        (("zones ", 'second-person = "yes"\nzones '), "5: second-person", "true or false"),
        (("zones ", "second_person = true\nzones "), "5: second_person", "did you mean second-person?"),
        ((WORDS, ""), "1: text", "at least one [[text]]"),
        (('"vi"', '"tiếng Việt"'), "7: text 1: language", "is not a language"),
        (('language   = "vi"\n', ""), "6: text 1: language", "is missing"),
        (('correction = "Thông báo vừa rồi là phát nhầm."\n', ""), "6: text 1: correction", "is missing"),
        (('"Nước đã rút."', '"…"'), "10: text 1: all-clear", "nothing to say"),
        (("alert      =", "alert-recording ="), "8: text 1: alert-recording", "there is no file audio/"),
        (
            ("all-clear ", 'drill = "a"\ndrill-recording = "recordings/nhac.mp3"\nall-clear '),
            "11: text 1: drill-recording",
            "stands beside drill",
        ),
        (("all-clear ", "repeats = 3\nall-clear "), "10: text 1: repeats", "there is no such key here"),
        ((WORDS, WORDS * 2), "12: text 2: language", "vi has its words above"),
    ],
)
def test_each_fault_is_told_by_line_and_key_with_what_was_expected(
    folder: Folder, wrong: tuple[str, str], where: str, words: str
) -> None:
    content = PLAIN.replace(*wrong, 1)
    assert content != PLAIN
    template(folder, content)
    (fault,) = told(folder)
    assert fault.startswith(f"{FILE}:{where}: ")
    assert words in fault
    assert alerts(folder).templates == ()


def test_all_faults_of_a_template_are_told_at_once(folder: Folder) -> None:
    template(folder, 'hazard = "nuoc"\nzones = ["x"]\nvolume = "to"\n[[text]]\nalert = "a"\n')
    keys = [fault.key for fault in alerts(folder).problems]
    top = {"title", "hazard", "severity", "signal", "zones", "volume"}
    assert sorted(keys) == sorted(top | {"text 1: language", "text 1: correction", "text 1: all-clear"})


def test_a_bad_file_never_stops_the_good_ones(folder: Folder) -> None:
    template(folder, PLAIN, "tot")
    template(folder, "title = ", "hong")
    template(folder, b"\xff\xfe", "la")
    folder.write("schedules/alerts/quen.toml.txt", PLAIN)
    template(folder, PLAIN, "Tên Lạ")
    found = alerts(folder)
    assert [one.id for one in found.templates] == ["tot"]
    assert found.broken == {"hong", "la"}
    assert len(found.problems) == 4


def test_a_file_that_is_broken_now_leaves_the_last_good_template_in_force(folder: Folder) -> None:
    template(folder, PLAIN)
    good = alerts(folder).templates
    template(folder, PLAIN + "x")
    assert alerts(folder).templates == ()
    assert alerts(folder).over(good) == good
    (folder.path / FILE).unlink()
    assert alerts(folder).over(good) == ()
    assert alerts(folder).over(good, away=[good[0].id]) == good


def test_a_folder_that_cannot_be_listed_takes_no_template_away(folder: Folder) -> None:
    template(folder, PLAIN)
    good = alerts(folder).templates
    (folder.path / FILE).unlink()
    (folder.path / "schedules/alerts").rmdir()
    folder.write("schedules/alerts", "a file where the folder was")
    found = alerts(folder)
    assert not found.listed
    assert found.over(good) == good
    assert any(fault.startswith("schedules/alerts:1: cannot be listed") for fault in told(folder))


def test_templates_are_watched_like_programmes(folder: Folder) -> None:
    folder.programme(PROGRAMME)
    before = fingerprint(folder.path)
    assert before is not None
    template(folder, PLAIN)
    (folder.path / "schedules/alerts/.lu.toml.swp").write_text("x")
    after = fingerprint(folder.path)
    assert after is not None
    assert after.keys() - before.keys() == {FILE}


def test_a_language_without_a_voice_and_without_a_recording_is_told(folder: Folder) -> None:
    template(folder, PLAIN + WORDS.replace('"vi"', '"tyz"'))
    faults = told(folder, "vi")
    assert [fault.partition(": no voice")[0] for fault in faults] == [
        f"{FILE}:13: text 2: alert",
        f"{FILE}:14: text 2: correction",
        f"{FILE}:15: text 2: all-clear",
    ]
    assert 'alert-recording = "recordings/lu.opus"' in faults[0]
    assert told(folder, "vi", "tyz") == []
    assert told(folder) == []
    assert only(folder).wording("tyz") is not None


def test_a_recording_needs_no_voice(folder: Folder) -> None:
    template(folder, WHOLE)
    assert told(folder, "vi") == []


def test_a_zone_whose_language_has_no_words_is_told_what_it_hears(folder: Folder) -> None:
    folder.write("station.toml", STATION + 'languages = ["tyz", "vi"]\n')
    template(folder, PLAIN)
    (fault,) = told(folder)
    assert fault.startswith(f"{FILE}:6: text: there are no words in tyz, spoken in thon-ben: they hear vi")


def test_the_signals_every_alert_needs_are_missed_before_they_are_needed(folder: Folder) -> None:
    template(folder, PLAIN)
    faults = [str(fault) for fault in check(folder.path, today=SATURDAY)]
    assert [fault.partition("audio/chimes")[0] for fault in faults] == [
        f'schedules/alerts:1: there is no chime "{name}" in ' for name in ("alert", "all-clear", "notice")
    ]


def test_text_kept_from_earlier_is_read_without_its_file(folder: Folder) -> None:
    station = read_station(folder.path)
    found = read_alert(folder.path, station, FILE, PLAIN.replace("\n", "\r\n"))
    assert isinstance(found, AlertTemplate)
    assert found.id == "lu"
    assert not isinstance(read_alert(folder.path, station, FILE, ""), AlertTemplate)


def test_the_sample_commune_is_ready_for_every_hazard() -> None:
    found = read_alerts(ROOT, read_station(ROOT))
    assert found.problems == ()
    assert {one.hazard for one in found.templates} == set(Hazard)
    for one in found.templates:
        (wording,) = one.wordings
        for sound in (wording.alert, wording.correction, wording.all_clear):
            assert isinstance(sound, Spoken)
            assert not any(letter.isdigit() for letter in sound.words), "figures are written as they are said"
            assert len(sound.words.split()) <= 120, "what is repeated three times is short"
        assert "phát nhầm" in getattr(wording.correction, "words", "")
