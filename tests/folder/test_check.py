"""`check`: a whole folder judged, its programmes laid side by side, and nothing that brings it down."""

from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from broadcaster.domain.programme import Bulletins, Playable, Recorded, Relay
from broadcaster.domain.rundown import estimated, work_out
from broadcaster.folder import check, read_schedules, read_settings, read_station
from tests.domain.villages import bulletin, day
from tests.folder.folders import PROGRAMME, SATURDAY, STATION, Folder

ROOT = Path(__file__).parents[2]
HOURS = '[[allowed]]\nfrom = "05:00"\nto = "06:30"\n[[allowed]]\nfrom = "17:00"\nto = "19:00"\n'


def programme(*at: str, minutes: int = 10, more: str = "") -> str:
    """One of so many minutes at 150 words a minute."""
    times = ", ".join(f'"{each}"' for each in at)
    words = "lời " * (150 * minutes)
    return f'title = "{at[0]}"\nzones = ["all"]\n{more}\nat = [{times}]\n[[item]]\nsay = "{words}"\n'


def test_a_folder_with_nothing_wrong_has_no_faults(folder: Folder) -> None:
    folder.programme(PROGRAMME)
    assert folder.told() == []


def test_two_programmes_at_once_are_told_once_for_all_the_days_to_come(folder: Folder) -> None:
    folder.programme(programme("05:00"), "mot")
    folder.programme(programme("17:00", "05:05"), "hai")
    assert folder.told() == [
        'schedules/hai.toml:4: at: "17:00" of 2026-11-21 05:05 starts while "05:00" of 2026-11-21 05:00 '
        'lasts until 05:10: "17:00" gives way and waits 5 min (everywhere), and on 7 more of these days; '
        "move or shorten one of them"
    ]


def test_the_line_told_is_that_of_the_time_that_clashes(folder: Folder) -> None:
    folder.programme(programme("05:00"), "mot")
    folder.programme(programme("17:00").replace('["17:00"]', '[\n"17:00",\n05:05:00,\n]'), "hai")
    assert folder.told()[0].startswith("schedules/hai.toml:6: at: ")


def test_programmes_that_follow_each_other_or_are_for_other_villages_are_right(folder: Folder) -> None:
    folder.write("station.toml", STATION + '[[zone]]\nid = "thon-dinh"\nname = "Thôn Đình"\n')
    folder.programme(programme("05:00", "05:10"), "mot")
    folder.programme(programme("17:00").replace('["all"]', '["thon-ben"]'), "hai")
    folder.programme(programme("17:05").replace('["all"]', '["thon-dinh"]'), "ba")
    assert folder.told() == []


def test_music_that_gives_way_is_no_fault_and_music_that_must_wait_is(folder: Folder) -> None:
    folder.programme(programme("05:00", minutes=60, more='rank = "fill"'), "nhac")
    folder.programme(programme("05:30"), "tin")
    assert folder.told() == []
    folder.programme(programme("05:35", more='rank = "fill"'), "nhac")
    assert ['"05:35" gives way' in fault for fault in folder.told()] == [True]


def test_a_programme_outside_the_hours_is_told_where_to_allow_it(folder: Folder) -> None:
    folder.write("station.toml", STATION + HOURS)
    folder.programme(programme("05:00", "03:15"))
    assert folder.told() == [
        'schedules/sang.toml:4: at: "05:00" of 2026-11-21 03:15 starts outside the allowed hours and will '
        "not be heard (everywhere), and on 7 more of these days; "
        "move it, or add the time to [[allowed]] in station.toml"
    ]


def test_a_programme_that_runs_over_its_max_or_the_hours_is_told(folder: Folder) -> None:
    folder.write("station.toml", STATION + HOURS)
    folder.programme(programme("06:25"), "mot")
    folder.programme(programme("17:00", more='max = "5m"'), "hai")
    first, second = folder.told()
    assert first.startswith("schedules/hai.toml:4: at: ")
    assert "lasts 10 min and is faded out at its max of 5 min" in first
    assert first.endswith("; start it earlier, shorten it, or allow more time")
    assert "would last until 06:35 and is faded out at 06:30, when the allowed hours end" in second


def test_a_quiet_spell_is_no_fault_of_the_programmes_it_silences(folder: Folder) -> None:
    folder.write(
        "station.toml",
        STATION + '[[quiet]]\nzones = ["all"]\nfrom = 2026-11-22T05:05:00\nto = 2026-12-31T00:00:00\n',
    )
    folder.programme(programme("05:00", "17:00"))
    assert folder.told() == []


def test_a_programme_of_silence_is_told_and_one_that_waits_for_bulletins_is_not(folder: Folder) -> None:
    base = 'title = "Im"\nzones = ["all"]\nat = ["05:00"]\n[[item]]\npause = "5s"\n'
    folder.programme(base)
    assert "has nothing to play" in folder.told()[0]
    folder.programme(base + '[[item]]\nbulletins = "booked"\n')
    assert folder.told() == []


def test_a_clash_in_the_coming_week_is_found_and_one_after_it_is_not_yet(folder: Folder) -> None:
    folder.programme(programme("05:00"), "mot")
    folder.programme(programme("05:05", more="days = []\nalso = [2026-11-28]"), "hai")
    assert len(folder.told()) == 1
    folder.programme(programme("05:05", more="days = []\nalso = [2026-11-29]"), "hai")
    assert folder.told() == []


def test_lengths_that_are_known_go_before_the_guess(folder: Folder) -> None:
    folder.programme(programme("05:00") + '[[item]]\nplay = "recordings/nhac.mp3"\n', "mot")
    folder.programme(programme("05:10"), "hai")
    assert folder.told() == []

    def lengths(item: Playable) -> timedelta | None:
        return timedelta(minutes=5) if isinstance(item, Recorded) else None

    (fault,) = check(folder.path, today=SATURDAY, lengths=lengths)
    assert fault.file == "schedules/hai.toml"


def test_sounds_are_judged_if_a_judge_is_at_hand(folder: Folder) -> None:
    folder.programme(PROGRAMME + '[[item]]\nchime = "opening"\n')
    (fault,) = check(folder.path, today=SATURDAY, judge_audio=lambda path: "no sound")
    assert str(fault) == (
        "schedules/sang.toml:7: item 2: chime: the chime opening cannot be used: no sound; "
        "save it again as MP3, WAV or Opus"
    )


def test_a_broken_station_does_not_hide_what_is_wrong_in_the_schedules(folder: Folder) -> None:
    folder.write("station.toml", "= broken")
    folder.programme('title = 1\nzones = ["thon-ben"]\nat = ["05:00"]\n[[item]]\npause = "1s"\n')
    assert [fault.rpartition(";")[0] for fault in folder.told()] == [
        "schedules/sang.toml:1: title: 1 is not a text",
        "station.toml:1: this is not TOML: Empty key",
    ]
    folder.write("station.toml", STATION.replace("Asia/Ho_Chi_Minh", "Mars"))
    folder.programme(PROGRAMME.replace('["all"]', '["thon-bn"]'))
    assert 'there is no zone "thon-bn"; did you mean thon-ben?' in folder.told()[0]
    assert len(folder.told()) == 2


def test_a_folder_that_is_none_is_told_not_raised(tmp_path: Path) -> None:
    assert len(check(tmp_path, today=SATURDAY)) == 2
    assert len(check(tmp_path / "none", today=SATURDAY)) == 2
    (tmp_path / "schedules").write_text("a file")
    assert "schedules:1: cannot be listed: Not a directory" in str(check(tmp_path, today=SATURDAY)[0])


PIECES = """
" ' \"\"\" [[item]] [item] [ ] { } = . , # \\u0000 \\uD800
title zones at days from until except also rank say play pause relay for else chime id voices é
"05:00" ["all"] 2026-02-30 0001-01-01 9999-12-31T23:59:59 05:00 nan 1e999 true [[zone]] [[quiet]]
"../../x" "http://[::1" "fill" "9h"
"""
words = st.sampled_from([*PIECES.split(), "\n", "\r\n"])
almost_toml = st.lists(words, max_size=40).map(" ".join)


@st.composite
def damaged(draw: st.DrawFn, text: str) -> bytes:
    """A good file with a few bytes put in, taken out or doubled."""
    content = bytearray(text.encode())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        size = draw(st.integers(0, 30))
        content[at : at + size] = draw(
            st.binary(max_size=6) | almost_toml.map(str.encode) | st.just(bytes(content[at : at + size]) * 2)
        )
    return bytes(content)


GOOD = (ROOT / "schedules/ban-tin-sang.toml").read_text(encoding="utf-8")
anything = st.binary(max_size=300) | almost_toml.map(str.encode) | damaged(GOOD) | damaged(STATION)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(content=anything)
@example(content=b"\xef\xbb\xbf")
@example(content=b"[[item]]\nat = [[[")
@example(content=b'at = ["05:00"]\ntitle = "\\uD800"\nzones = ["\\uDFFF"]\n')
def test_no_content_of_a_schedules_file_brings_the_check_down_or_harms_the_others(
    folder: Folder, content: bytes
) -> None:
    folder.programme(PROGRAMME, "tot")
    folder.programme(content, "hong")
    for fault in check(folder.path, today=SATURDAY):
        assert fault.line >= 1
        assert str(fault).isprintable()
    found = read_schedules(folder.path, read_station(folder.path))
    assert "tot" in {programme.id for programme in found.programmes}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(content=anything)
def test_no_content_of_the_stations_file_brings_the_check_down(folder: Folder, content: bytes) -> None:
    folder.programme(PROGRAMME)
    folder.write("station.toml", content)
    assert all(str(fault).isprintable() for fault in check(folder.path, today=SATURDAY))


@given(today=st.dates(date(2026, 1, 1), date(2030, 12, 31)))
@settings(max_examples=20, deadline=None)
def test_the_sample_commune_is_right_on_any_day(today: date) -> None:
    assert [str(fault) for fault in check(ROOT, today=today)] == []


def test_the_sample_commune_has_room_for_bulletins_up_to_the_max_of_their_programmes() -> None:
    station = read_station(ROOT)
    programmes = read_schedules(ROOT, station).programmes
    week = day(str(SATURDAY), days=7)
    empty = work_out(station, programmes, (), {}, week, estimated)
    booked = {cue.id: [bulletin("dai", words="lời " * 29 * 150)] for cue in empty.cues if cue.closes}
    full = work_out(station, programmes, (), booked, week, estimated)
    longest = max(cue.asked(estimated) for cue in full.cues if cue.closes)
    assert timedelta(minutes=29) < longest <= timedelta(minutes=30)
    assert [problem.sentence for problem in full.problems] == []


def test_the_sample_commune_shows_an_editor_what_there_is() -> None:
    station = read_station(ROOT)
    assert [zone.name for zone in station.zones] == ["Xã Đồng Tiến", "Thôn Bến", "Thôn Đình"]
    assert len(station.allowed) == 2
    assert read_settings(ROOT).panel_port == 8080
    programmes = {programme.id: programme for programme in read_schedules(ROOT, station).programmes}
    assert {"ban-tin-sang", "ban-tin-chieu"} < programmes.keys()
    items = [item for programme in programmes.values() for item in programme.items]
    assert sum(isinstance(item, Bulletins) for item in items) == 2
    assert any(isinstance(item, Relay) for item in items)
    assert any(isinstance(item, Recorded) for item in items)
