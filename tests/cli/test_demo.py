"""`broadcaster demo` as a newcomer runs it: what it tells and when, what it leaves to listen to, and that it
leaves nothing else."""

import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from broadcaster import clock
from broadcaster.cli.demonstration import Demonstration
from broadcaster.cli.sample import DemoFailed
from broadcaster.domain.plan import FRAME_RATE
from broadcaster.sound.codec import read_blocks
from broadcaster.station import StationFolder
from tests.cli.showing import Shown, drip, pid_of, programme_of, status_of, surroundings
from tests.sound.hearing import Capture, SoundServer, whereabouts
from tests.sound.pieces import followed
from tests.sources import ROOT

pytestmark = pytest.mark.wire

STAGES = ["panel", "started", "joined", "spoken", "mixed", "laid", "starts", "playing", "aired"]
Note = Callable[[str, object], None]
Show = Callable[..., Shown]


@pytest.fixture
def show(tmp_path: Path, checkout: Path) -> Iterator[Show]:
    """Run demos; none outlives its test."""
    running: list[Shown] = []

    def run(*options: str, station: Path = checkout, **environ: str) -> Shown:
        running.append(Shown(tmp_path, *options, station=station, **environ))
        return running[-1]

    yield run
    for shown in running:
        shown.process.kill()
        shown.process.wait(10)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample commune as it lies in the checkout."""
    folder = tmp_path_factory.mktemp("checkout") / "station"
    folder.mkdir()
    for part in ("schedules", "audio"):
        shutil.copytree(ROOT / part, folder / part)
    shutil.copy(ROOT / "station.toml", folder)
    return folder


@pytest.fixture(scope="module")
def panel_answers() -> list[int]:
    """What the panel answered while the demo of `shown` ran: HTTP status codes."""
    return []


@pytest.fixture(scope="module")
def shown(
    checkout: Path, tmp_path_factory: pytest.TempPathFactory, panel_answers: list[int]
) -> Iterator[Shown]:
    """A demo that was run to its end."""
    shown = Shown(tmp_path_factory.mktemp("shown"), "--once", station=checkout)
    try:
        shown.wait_for("mixed")
        panel_answers.append(status_of(shown.wait_for("panel")[1].split()[1]))
        shown.end()
        yield shown
    finally:
        shown.process.kill()


def test_it_tells_each_stage_when_it_comes_and_ends_by_itself(shown: Shown) -> None:
    assert shown.process.returncode == 0, shown.complaints
    assert shown.complaints == ""
    when = [shown.wait_for(stage)[0] for stage in STAGES]
    assert when == sorted(when)
    counted = [second for second, line in shown.lines if line.startswith("starts     in ")]
    assert len(counted) >= 2
    assert counted[-1] - counted[0] > 0.5 * (len(counted) - 1), "lines are told as they come, also to a pipe"
    assert "joined     3/3 units" in shown.text
    assert "laid       on 3/3 units" in shown.text
    assert "aired      3/3" in shown.text
    assert "not heard" not in shown.text


def test_it_is_on_air_within_20_seconds(shown: Shown, record_property: Note) -> None:
    on_air, _ = shown.wait_for("playing")
    record_property("on_air_s", round(on_air, 1))
    print(f"on air {on_air:.1f} s after the command")
    assert on_air < 60, "20 s on a machine that does nothing else"


def test_it_ends_promptly_and_leaves_no_process(shown: Shown) -> None:
    aired, _ = shown.wait_for("aired")
    assert shown.ended - aired < 5
    assert shown.is_gone()


def test_the_panel_answers_at_the_address_it_told(shown: Shown, panel_answers: list[int]) -> None:
    assert panel_answers == [200]


def test_it_prints_the_as_run_log_and_where_to_listen(shown: Shown) -> None:
    for zone in ("xa", "thon-ben", "thon-dinh"):
        (line,) = [line for _, line in shown.lines if f"  {zone}-1  " in line]
        assert "  aired  " in line
        assert f"Listen: {shown.into / zone}.wav" in shown.text


def test_each_wav_file_holds_the_programme_joined_to_the_frame(shown: Shown, record_property: Note) -> None:
    programme = programme_of(StationFolder(shown.into / "station"))
    for zone in ("xa", "thon-ben", "thon-dinh"):
        sound = np.concatenate(list(read_blocks(shown.into / f"{zone}.wav")))
        begin, _ = whereabouts(programme[: FRAME_RATE // 2], sound)
        pieces = followed(programme, sound, begin)
        good = np.mean([piece.off < 1.25 for piece in pieces])
        lags = np.array([piece.lag for piece in pieces])
        record_property(
            f"{zone}_exact", float(np.mean([piece.off <= 0 and piece.lag == 0 for piece in pieces]))
        )
        print(f"{zone}: {good:.1%} of it heard as it should be, late by {lags.min()} to {lags.max()} frames")
        assert good > 0.9, "a machine that is busy may swallow a piece, and says so"
        assert np.abs(lags).max() < 48
        assert not np.round(sound[: begin - 48] * 32768).any()
        assert not np.round(sound[begin + len(programme) + 48 :] * 32768).any()


def test_it_leaves_the_station_it_copied_as_it_was(shown: Shown, checkout: Path) -> None:
    assert sorted(path.name for path in checkout.iterdir()) == ["audio", "schedules", "station.toml"]


def test_told_to_stop_in_the_middle_it_leaves_no_process(show: Show) -> None:
    shown = show()
    shown.wait_for("started")
    assert shown.stop_with(signal.SIGINT) == 1
    assert shown.living() == []
    assert "Stopped before the programme was over." in shown.text


def test_killed_it_takes_all_its_processes_with_it(show: Show) -> None:
    shown = show()
    shown.wait_for("joined")
    assert len(shown.living()) >= 7  # it, hub, broker, panel and its worker, three units
    shown.stop_with(signal.SIGKILL)
    assert shown.is_gone()


def test_without_any_voice_it_fails_at_once_and_says_what_to_install(show: Show, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    shown = show("--once", PATH=str(tmp_path / "bin"))
    assert shown.end(20) == 1
    assert "no voice can speak. gtts: it cannot be reached" in shown.complaints
    assert "espeak-ng: it is not installed: apt install espeak-ng" in shown.complaints
    assert "Traceback" not in shown.complaints
    assert shown.is_gone()


def test_where_the_network_leads_nowhere_it_speaks_with_the_other_voice_in_time(
    show: Show, record_property: Note
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as quicksand:
        Thread(target=drip, args=(quicksand,), name="quicksand", daemon=True).start()
        proxy = f"http://127.0.0.1:{quicksand.getsockname()[1]}"
        shown = show(https_proxy=proxy, HTTPS_PROXY=proxy)
        second, line = shown.wait_for("spoken")
        assert shown.stop_with(signal.SIGTERM) == 1
    record_property("spoken_s", round(second, 1))
    print(f"spoken {second:.1f} s after the command, though the network leads nowhere")
    assert "voice      gtts: it does not answer within 4 s" in shown.text
    assert line == "spoken     by espeak-ng"


@pytest.mark.parametrize("there", ["thu.txt", "station/station.toml"])
def test_a_folder_that_holds_something_else_is_refused_and_left_alone(
    show: Show, tmp_path: Path, there: str
) -> None:
    theirs = tmp_path / "demo" / there
    theirs.parent.mkdir(parents=True)
    theirs.write_text("của người ta")
    shown = show("--once")
    assert shown.end(20) == 1
    assert "holds something else: name another folder with --into" in shown.complaints
    assert [path for path in (tmp_path / "demo").rglob("*") if path.is_file()] == [theirs]
    assert theirs.read_text() == "của người ta"


def test_a_second_demo_in_the_same_folder_is_refused_and_the_first_goes_on(show: Show) -> None:
    first = show()
    first.wait_for("started")
    second = show()
    assert second.end(20) == 1
    assert "is already running as process" in second.complaints
    assert len(first.living()) >= 6  # the broker may not be there yet
    assert first.stop_with(signal.SIGTERM) == 1


def test_what_would_sound_just_now_is_left_out(show: Show, checkout: Path, tmp_path: Path) -> None:
    local = clock.now().astimezone(StationFolder(checkout).station.timezone)
    busy = tmp_path / "busy"
    shutil.copytree(checkout, busy)
    at = f"{local - timedelta(minutes=2):%H:%M}"
    (busy / "schedules" / "dang-phat.toml").write_text(
        f'title = "Đang phát"\nrank = "ordinary"\nzones = ["all"]\nlate = "join"\nat = ["{at}"]\n'
        '[[item]]\nplay = "recordings/khuc-nhac-dong-tien.opus"\n'
    )
    shown = show(station=busy)
    shown.wait_for("started")
    assert shown.stop_with(signal.SIGTERM) == 1
    assert "left out   Đang phát: it might sound just now" in shown.text
    assert not (shown.into / "station" / "schedules" / "dang-phat.toml").exists()


@pytest.fixture
def demonstration(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Demonstration]:
    """One in this process, so that things can go wrong at the right moment."""
    for name, value in surroundings(tmp_path).items():
        monkeypatch.setenv(name, value)
    demonstration = Demonstration(checkout, tmp_path / "demo", lambda _: None)
    yield demonstration
    demonstration.stop()


def test_a_port_that_is_taken_meanwhile_is_told(demonstration: Demonstration) -> None:
    port = int(demonstration.panel_url.rstrip("/").rpartition(":")[2])
    with (
        socket.create_server(("127.0.0.1", port)),
        pytest.raises(DemoFailed, match=r"panel ended by itself during .*It said: .*in use"),
    ):
        shown_to_its_end(demonstration)


def shown_to_its_end(demonstration: Demonstration) -> None:
    demonstration.start()
    demonstration.air()


def test_a_part_that_ends_by_itself_is_told_with_its_last_words(
    demonstration: Demonstration, tmp_path: Path
) -> None:
    demonstration.start()
    os.kill(pid_of("unit", tmp_path / "demo" / "units" / "thon-ben"), signal.SIGTERM)
    with pytest.raises(DemoFailed, match=r"thon-ben ended by itself after .*It said: .*this unit's digits"):
        demonstration.wait()


def test_a_station_without_the_sample_villages_is_told_which_zone_it_lacks(
    show: Show, checkout: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(checkout, other)
    (other / "station.toml").write_text(
        'id = "khac"\nname = "Đài khác"\ntimezone = "Asia/Ho_Chi_Minh"\n[[zone]]\nid = "xa"\nname = "Xã"\n'
    )
    shown = show("--once", station=other)
    assert shown.end(30) == 1
    assert "there is no zone 'thon-ben' in station.toml" in shown.complaints
    assert "sample commune" in shown.complaints
    assert "Traceback" not in shown.complaints
    assert shown.is_gone()


@pytest.fixture(scope="module")
def sound_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    server = SoundServer(tmp_path_factory.mktemp("sound"))
    server.start()
    yield server
    server.stop()


def test_with_a_sound_card_one_unit_speaks_through_it_and_the_panel_stays_until_ctrl_c(
    show: Show, sound_server: SoundServer
) -> None:
    capture = Capture(sound_server)
    capture.start()
    try:
        shown = show(**sound_server.environ)
        playing, _ = shown.wait_for("playing")
        shown.wait_for("The panel stays open")
        heard = capture.heard(shown.began + playing, clock.monotonic() - 0.2)
    finally:
        capture.stop()
    assert status_of(shown.wait_for("panel")[1].split()[1]) == 200
    assert shown.stop_with(signal.SIGINT) == 0
    assert shown.text.endswith("Stopped.")
    assert shown.is_gone()
    loudest = np.max(np.abs(heard), axis=0)
    assert 0.1 < loudest[0] < 0.9, "one programme, not three on top of each other"
    assert loudest[1] == 0


def test_a_sound_card_that_does_not_open_is_told_and_not_needed_and_sigterm_ends_all(
    show: Show, tmp_path: Path, sound_server: SoundServer
) -> None:
    broken = tmp_path / "broken.conf"
    server = sound_server.environ["PULSE_SERVER"]
    hint = 'hint { show on description "broken" }'
    broken.write_text(f'pcm.!default {{ type pulse server "{server}" device "no-such-sink" {hint} }}')
    card = sound_server.environ | {"ALSA_CONFIG_PATH": str(broken)}
    shown = show(**card)
    shown.wait_for("sound")
    shown.wait_for("joined")
    assert shown.stop_with(signal.SIGTERM) == 1
    assert shown.living() == []
    assert "Stopped before the programme was over." in shown.text
    assert "sound      into WAV files only" in shown.text
    assert "cannot be opened" in shown.text
