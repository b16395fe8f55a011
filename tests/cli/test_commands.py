"""What a technician types, and what comes back: tables and JSON that are right, and sentences."""

import json
import subprocess
import sys
import wave
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from broadcaster import clock
from broadcaster.cli import main
from broadcaster.domain.health import Supply
from broadcaster.domain.names import UnitId, ZoneId
from broadcaster.domain.places import Unit
from broadcaster.link.identity import Identity
from broadcaster.link.messages import Vitals, write
from broadcaster.station import StationFolder
from broadcaster.store.units import JoinedUnit, StoredBeat
from tests.cli.conftest import Terminal

HEAD = 'title = "Thử"\nrank = "ordinary"\n'
FROM_NOWHERE = HEAD + 'zones = ["thon-bn"]\nat = ["25:00"]\n[[item]]\nplay = "a.mp3"\n'
NO_SOUND = HEAD + 'zones = ["all"]\nat = ["18:00"]\n[[item]]\nplay = "recordings/gia.mp3"\n'
IN_BETWEEN = HEAD + 'zones = ["thon-ben"]\nat = ["05:00:05"]\n[[item]]\nsay = "Một lời nhắn."\n'


def schedule(commune: Path, name: str, text: str) -> None:
    (commune / "schedules" / f"{name}.toml").write_text(text, encoding="utf-8")


def test_the_sample_commune_is_right(terminal: Terminal) -> None:
    result = terminal("check")
    assert result.output == "Everything is right.\n"
    assert result.exit_code == 0


def test_check_tells_all_that_is_wrong_at_once_with_file_and_line(terminal: Terminal, commune: Path) -> None:
    schedule(commune, "hong", "title = \n")
    schedule(commune, "lac", FROM_NOWHERE)
    result = terminal("check")
    assert result.exit_code == 1
    for told in (
        "schedules/hong.toml:1: ",
        "schedules/lac.toml:3: zones: ",
        "did you mean thon-ben?",
        "schedules/lac.toml:4: at: ",
        "schedules/lac.toml:6: ",
    ):
        assert told in result.output


def test_a_renamed_text_is_no_recording(terminal: Terminal, commune: Path) -> None:
    (commune / "audio" / "recordings" / "gia.mp3").write_text("Không phải âm thanh.\n" * 50, encoding="utf-8")
    schedule(commune, "gia", NO_SOUND)
    result = terminal("check")
    assert result.exit_code == 1
    assert "schedules/gia.toml:6: " in result.output


def test_two_recordings_that_run_into_each_other_are_told_once_the_hub_has_made_them(
    terminal: Terminal, commune: Path
) -> None:
    play = '[[item]]\nplay = "recordings/khuc-nhac-dong-tien.opus"\n'
    schedule(commune, "nhac-mot", HEAD + 'zones = ["xa"]\nat = ["18:00:00"]\n' + play)
    schedule(commune, "nhac-hai", HEAD + 'zones = ["xa"]\nat = ["18:00:05"]\n' + play)
    assert terminal("check").exit_code == 0, "nobody knows yet how long they are"
    hub = StationFolder(commune).make_hub()
    hub.step(clock.now(), clock.monotonic())
    while hub.preparation.make_next(clock.now()):
        pass
    told = terminal("check")
    assert told.exit_code == 1
    assert "nhac-hai.toml" in told.output


def test_the_dry_run_tells_programs_what_would_play_when_and_where(terminal: Terminal) -> None:
    lines = json.loads(terminal("rundown", "--date", "2026-11-23", "--json").output)
    morning = next(line for line in lines if line["programme"] == "ban-tin-sang")
    assert morning["start"] == "2026-11-22T22:00:00+00:00"
    assert morning["zones"] == ["thon-ben", "thon-dinh", "xa"]
    assert morning["rank"] == "ordinary"
    assert morning["duration_s"] > 5
    assert morning["problems"] == []
    assert [line["start"] for line in lines] == sorted(line["start"] for line in lines)


def test_the_dry_run_of_a_week_has_every_day(terminal: Terminal) -> None:
    lines = json.loads(terminal("rundown", "--date", "2026-11-23", "--days", "7", "--json").output)
    starts = [datetime.fromisoformat(line["start"]) for line in lines if line["programme"] == "ban-tin-sang"]
    assert [start - starts[0] for start in starts] == [timedelta(days=day) for day in range(7)]


def test_a_clash_is_told_under_the_dry_run_and_in_its_json(terminal: Terminal, commune: Path) -> None:
    schedule(commune, "chen", IN_BETWEEN)
    assert "! " in terminal("rundown", "--date", "2026-11-23").output
    lines = json.loads(terminal("rundown", "--date", "2026-11-23", "--json").output)
    assert next(line for line in lines if line["programme"] == "chen")["problems"]


def test_words_are_spoken_into_a_file_by_the_offline_voice(terminal: Terminal, tmp_path: Path) -> None:
    into = tmp_path / "chao.wav"
    result = terminal("speak", "Đài truyền thanh xã Đồng Tiến xin kính chào bà con.", "-o", str(into))
    assert result.exit_code == 0, result.output
    assert "spoken by espeak-ng" in result.output
    with wave.open(str(into)) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (48_000, 1)
        assert 1.5 < sound.getnframes() / 48_000 < 10


def test_what_is_announced_for_a_time_stands_in_the_dry_run_of_that_day(terminal: Terminal) -> None:
    said = terminal("say", "Mời bà con ra nhà văn hoá.", "--zones", "thon-ben", "--at", "2030-05-19 18:00")
    far = terminal("say", "Mời bà con ra nhà văn hoá.", "--zones", "thon-ben", "--at", "18:00")
    assert said.exit_code == 1, "four years ahead is a mistyped year"
    assert far.exit_code == 0, far.output
    assert "Will be said in thon-ben at " in far.output
    assert "18:00:00" in far.output
    lines = json.loads(terminal("rundown", "--days", "2", "--json").output)
    announced = [line for line in lines if line["title"] == "Mời bà con ra nhà văn hoá."]
    assert [line["zones"] for line in announced] == [["thon-ben"]]


REFUSED = [
    (("say", "", "--zones", "all"), "there is nothing to say"),
    (("say", "x", "--zones", "thon-bn"), "there is no zone 'thon-bn'"),
    (("say", "x", "--zones", ","), "zones"),
    (("say", "a " * 30_000, "--zones", "all"), "too long"),
    (("say", "a\x01450Sb", "--zones", "all"), "characters that are no text"),
    (("say", "x", "--zones", "all", "--at", "25:00"), "'25:00' is no time"),
    (("say", "x", "--zones", "all", "--at", "2020-01-01 05:10"), "is over"),
    (("say", "x", "--zones", "all", "--at", "03:15"), "hours"),
    (("speak", " ", "-o", "x.wav"), "nothing to say"),
    (("speak", "😀😀", "-o", "x.wav"), "nothing"),
    (("speak", "chào", "-o", "/khong/co/x.wav"), "there is no folder /khong/co"),
    (("speak", "chào", "-o", "x.wav", "--voice", "gtts"), "gtts"),
    (("speak", "chào", "-o", "x.wav", "--language", "xx"), "it does not speak 'xx'"),
    (("rundown", "--date", "hôm qua"), "--date"),
    (("rundown", "--unit", "cum-la"), "there is no unit 'cum-la'"),
    (("asrun", "--date", "hôm qua"), "--date"),
    (("units", "admit", "12", "--name", "x", "--zone", "xa"), "six digits"),
    (("units", "admit", "123456", "--name", "x", "--zone", "xa"), "code"),
    (("units", "forbid", "cum-la"), "there is no unit 'cum-la'"),
    (("unit", "--speaker", "wav"), "--speaker wav FILE"),
    (("person", "add", "hoa", "--name", "Hoa", "--role", "admin", "--password", "ngan"), "password"),
]


@pytest.mark.parametrize(("typed", "told"), REFUSED, ids=[" ".join(typed)[:40] for typed, _ in REFUSED])
def test_what_cannot_be_done_is_said_in_a_sentence(
    terminal: Terminal, typed: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    result = terminal(*typed)
    assert result.exit_code in (1, 2)
    assert told in result.output
    assert not (tmp_path / "x.wav").exists()


def test_a_folder_without_a_station_is_named_with_what_to_do(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--station", str(tmp_path), "rundown"])
    assert result.exit_code == 1
    assert f"there is no station.toml in {tmp_path}" in result.output


def test_a_broken_station_toml_is_told_with_its_line_by_every_command(
    terminal: Terminal, commune: Path
) -> None:
    with (commune / "station.toml").open("a", encoding="utf-8") as file:
        file.write("\nhong = [\n")
    for typed in ("check", "rundown", "hub"):
        result = terminal(typed)
        assert result.exit_code == 1, typed
        assert "station.toml:" in result.output, typed


def test_a_person_is_added_and_listed_and_gets_a_new_password(terminal: Terminal) -> None:
    words = "lua-chin-vang-dong\n" * 2
    added = terminal(
        "person", "add", "0912 345 678", "--name", "Trần Thị Hoa", "--role", "editor", keys=words
    )
    assert added.exit_code == 0, added.output
    assert "Trần Thị Hoa" in terminal("person", "list").output
    changed = terminal("person", "password", "0912345678", keys="mot-mat-khau-moi\n" * 2)
    assert changed.exit_code == 0, changed.output


def test_an_account_is_closed_and_opened_again_and_the_trail_tells_who_did_it(terminal: Terminal) -> None:
    words = "lua-chin-vang-dong\n" * 2
    for login in ("quantri", "hoa"):
        terminal("person", "add", login, "--name", login.title(), "--role", "admin", keys=words)
    assert "cannot sign in any more" in terminal("person", "disable", "hoa").output
    assert "can sign in again" in terminal("person", "enable", "hoa").output
    trail = terminal("audit", "--last", "3").output
    assert "disable-person" in trail
    assert "enable-person" in trail
    assert "console:" in trail


def test_a_unit_is_renamed_moved_shut_out_and_let_in_again(terminal: Terminal, commune: Path) -> None:
    place = Unit(id=UnitId("ben-1"), name="Cột số 1", zone=ZoneId("thon-ben"))
    key = Identity.create().public
    StationFolder(commune).store.units.put(JoinedUnit(unit=place, nkey=key, joined=clock.now()))
    told = terminal("units", "change", "ben-1", "--name", "Đình làng", "--zone", "thon-dinh").output
    assert told == "ben-1 (Đình làng) belongs to thon-dinh.\n"
    assert terminal("units", "change", "ben-1").exit_code == 2
    terminal("units", "forbid", "ben-1")
    assert json.loads(terminal("units", "--json").output) == []
    terminal("units", "readmit", "ben-1")
    (unit,) = json.loads(terminal("units", "--json").output)
    assert (unit["unit"], unit["name"], unit["zone"], unit["state"]) == (
        "ben-1",
        "Đình làng",
        "thon-dinh",
        "lost",
    )


def test_all_that_a_unit_says_of_itself_is_shown(terminal: Terminal, commune: Path) -> None:
    place = Unit(id=UnitId("ben-1"), name="Cột số 1", zone=ZoneId("thon-ben"))
    station = StationFolder(commune)
    units = station.store.units
    units.put(JoinedUnit(unit=place, nkey=Identity.create().public, joined=clock.now()))
    assert "never" in terminal("units", "show", "ben-1").output
    vitals = Vitals(
        v=1,
        at=clock.now(),
        software="0.1.0",
        plan=7,
        missing=2,
        clips=120,
        cache=83_000_000,
        clock_error=0.0042,
        round_trip=0.081,
        disk_free=12_400_000_000,
        temperature=84.5,
        supply=Supply.LOW,
        underruns=31,
        underruns_lately=4,
        level=-17.5,
        speaker="hw:0",
        stand_in=True,
        waiting=3,
        refusals={"expired": 2},
    )
    units.keep_beats((StoredBeat(unit=place.id, at=clock.now(), beat=write(vitals)),))
    month = clock.now().astimezone(station.station.timezone).date().replace(day=1)
    units.count_used(place.id, month, 43_000_000)
    shown = terminal("units", "show", "ben-1").output
    for words in (
        *("well", "stand-in; missing-clips; under-voltage; too-hot; underruns", "43.0 MB", "revision 7"),
        *("120 (83.0 MB), 2 missing", "trusted, off by 4.2 ms at most", "there and back in 81 ms"),
        *("12.4 GB free", "84.5 °C", "hw:0 (a stand-in)", "-17.5 dBFS", "31, 4 of them", "3 not handed over"),
        *("expired 2", "0.1.0"),
    ):
        assert words in shown, words
    (plain,) = json.loads(terminal("units", "--json").output)
    assert (plain["used_this_month"], plain["supply"], plain["refusals"]) == (
        43_000_000,
        "low",
        {"expired": 2},
    )
    assert "43.0 MB" in terminal("units").output
    assert terminal("units", "show", "ben-9").exit_code != 0


def test_a_day_without_broadcasts_has_an_empty_log_in_both_forms(terminal: Terminal) -> None:
    assert terminal("asrun", "--date", "2020-01-01").exit_code == 0
    assert json.loads(terminal("asrun", "--date", "2020-01-01", "--json").output) == []
    assert json.loads(terminal("units", "--json").output) == []


def on_a_box(*words: str) -> subprocess.CompletedProcess[str]:
    """A command where only what a unit needs is installed."""
    blind = "import sys; sys.modules.update(dict.fromkeys(['tomlkit', 'argon2', 'sqlite_utils']))"
    return subprocess.run(
        [sys.executable, "-c", f"{blind}; from broadcaster.cli import main; main()", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", ["check", "rundown", "units"])
def test_a_command_of_the_hub_says_on_a_box_what_is_missing(commune: Path, command: str) -> None:
    told = on_a_box("--station", str(commune), command)
    assert told.returncode == 1
    assert told.stderr.startswith("Error: this is for the hub's machine")
    assert "make setup" in told.stderr
    assert "Traceback" not in told.stderr


def test_on_a_box_the_doctor_still_tells_of_its_sound_and_its_clock(commune: Path) -> None:
    told = on_a_box("--station", str(commune), "doctor")
    assert "PortAudio" in told.stdout
    assert "clock: " in told.stdout
    assert "Traceback" not in told.stderr


def doctor(commune: Path) -> tuple[int, str]:
    """In a process of its own: looking at sound devices cannot be undone in this one."""
    asked = subprocess.run(
        [sys.executable, "-m", "broadcaster", "--station", str(commune), "doctor"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in asked.stderr
    return asked.returncode, asked.stdout


def test_the_doctor_names_what_is_wrong_and_what_to_do(commune: Path) -> None:
    code, told = doctor(commune)
    assert "PortAudio" in told
    assert "BAD  accounts: 0" in told
    assert "broadcaster person add" in told
    assert "ok   fallback audio" in told
    assert code == 1


def test_the_doctor_sees_a_fallback_folder_that_is_empty(commune: Path) -> None:
    for path in (commune / "audio" / "fallback").iterdir():
        path.unlink()
    assert "BAD  fallback audio" in doctor(commune)[1]
