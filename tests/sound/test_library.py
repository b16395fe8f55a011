"""Clips by content: what can be found is whole, whatever happens while it is made."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broadcaster.domain.names import ClipId
from broadcaster.sound.codec import FRAME_RATE, BadSound, ClipReader, Samples, read_blocks, write_opus
from broadcaster.sound.faults import Fault
from broadcaster.sound.library import Library, Made, NoRoom
from broadcaster.sound.loudness import CEILING, TARGET, measure
from broadcaster.sound.making import make_chime, make_pause, make_recording, make_speech
from broadcaster.sound.wav import write_wav
from tests.sound.material import bell, decibels, hiss, pitch, silence, speech, tone, whole, write_sound

Maker = Callable[[Path], Made]


def maker_of(sound: Samples, title: str = "Bản tin sáng") -> Maker:
    def maker(into: Path) -> Made:
        return Made(
            frames=write_opus([sound], into, bitrate=32_000), title=title, joins=False, voice="espeak-ng"
        )

    return maker


def never(into: Path) -> Made:
    raise AssertionError("it was made before")


def files_in(library: Path) -> set[str]:
    return {path.name for path in library.rglob("*") if path.is_file()}


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


def test_a_clip_once_made_is_found_by_its_recipe_and_by_its_name(library: Library, tmp_path: Path) -> None:
    assert library.find("words 1") is None
    made = library.make("words 1", maker_of(tone(1)))
    assert library.make("words 1", never) == made
    assert Library(tmp_path / "library").find("words 1") == made
    path = library.path_of(made.id)
    assert library.verify(made.id)
    assert path.stat().st_size == made.size
    assert path.stat().st_mode & 0o777 == 0o644
    with ClipReader(path) as reader:
        assert reader.frames == made.frames == made.clip.frames == FRAME_RATE


def test_the_same_sound_by_two_recipes_is_one_clip(library: Library) -> None:
    one = library.make("words 1", maker_of(tone(1)))
    other = library.make("words 2", maker_of(tone(1), title="Bản tin chiều"))
    assert one.id == other.id
    assert (one.title, other.title) == ("Bản tin sáng", "Bản tin chiều")


def test_a_maker_that_fails_leaves_nothing_behind(library: Library, tmp_path: Path) -> None:
    def broken(into: Path) -> Made:
        into.write_bytes(b"half a clip")
        raise BadSound("x.mp3", Fault.EMPTY)

    with pytest.raises(BadSound):
        library.make("words", broken)
    assert files_in(tmp_path) == set()
    assert library.find("words") is None


def test_while_it_is_made_a_clip_cannot_be_found(library: Library, tmp_path: Path) -> None:
    def watched(into: Path) -> Made:
        into.write_bytes(b"half a clip")
        assert list((tmp_path / "library" / "clips").iterdir()) == []
        assert Library(tmp_path / "library").find("words") is None
        assert into.exists(), "opening the library elsewhere takes nothing from us"
        return maker_of(tone(1))(into)

    library.make("words", watched)


def test_what_a_dead_process_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from broadcaster.sound.library import Library;"
        "Library(Path(sys.argv[1])).make('words', lambda into: (into.write_bytes(b'half'), os._exit(9)))"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=False)
    assert len(files_in(tmp_path)) == 1
    library = Library(tmp_path)
    assert files_in(tmp_path) == set()
    assert library.find("words") is None


def test_two_who_want_the_same_clip_make_it_once(library: Library) -> None:
    made: list[Path] = []
    begun, go_on = threading.Event(), threading.Event()

    def slow(into: Path) -> Made:
        made.append(into)
        begun.set()
        go_on.wait(10)
        return maker_of(tone(1))(into)

    first = threading.Thread(target=library.make, args=("words", slow))
    second = threading.Thread(target=library.make, args=("words", slow))
    first.start()
    begun.wait(10)
    second.start()
    library.make("other words", maker_of(tone(2)))  # who wants another one does not wait
    go_on.set()
    first.join()
    second.join()
    assert len(made) == 1


@pytest.mark.parametrize("content", [b"", b"{", b'{"recipe":"x","record":{"id":"../../etc"}}', b"\xff\xfe"])
def test_a_damaged_index_only_means_making_it_again(content: bytes, library: Library, tmp_path: Path) -> None:
    made = library.make("words", maker_of(tone(1)))
    (entry,) = (tmp_path / "library" / "index").iterdir()
    entry.write_bytes(content)
    assert library.find("words") is None
    assert library.make("words", maker_of(tone(1))) == made


def test_a_clip_that_is_gone_or_cut_off_is_made_again(library: Library) -> None:
    made = library.make("words", maker_of(tone(1)))
    path = library.path_of(made.id)
    path.unlink()
    assert library.find("words") is None
    assert not library.verify(made.id)
    library.make("words", maker_of(tone(1)))
    path.write_bytes(path.read_bytes()[:-10])
    assert library.find("words") is None
    assert library.make("words", maker_of(tone(1))) == made
    assert library.verify(made.id)


def test_a_clip_whose_bytes_have_rotted_is_noticed(library: Library) -> None:
    made = library.make("words", maker_of(tone(1)))
    path = library.path_of(made.id)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert not library.verify(made.id)


def test_what_no_plan_needs_is_dropped_with_its_recipes(library: Library, tmp_path: Path) -> None:
    kept, dropped = library.make("a", maker_of(tone(1))), library.make("b", maker_of(tone(2)))
    assert library.drop_unused({kept.id}) == dropped.size
    assert library.find("a") == kept
    assert library.find("b") is None
    assert len(files_in(tmp_path)) == 2


def test_a_clip_made_just_now_is_not_dropped_by_a_plan_that_did_not_know_it(library: Library) -> None:
    made = library.make("a", maker_of(tone(1)))
    laid = datetime.fromtimestamp(library.path_of(made.id).stat().st_mtime, UTC)
    assert library.drop_unused((), laid_before=laid - timedelta(seconds=1)) == 0
    assert library.find("a") == made
    assert library.drop_unused((), laid_before=laid + timedelta(seconds=1)) == made.size


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 400 kB, where one may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip(
            "mounting a small disk needs root; test_a_limit_on_files_shows_as_no_room covers the rest"
        )
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_says_how_much_is_needed_and_harms_nothing(small_disk: Path, tmp_path: Path) -> None:
    library = Library(small_disk / "library")
    kept = library.make("words", maker_of(tone(1)))
    recording = tmp_path / "a.wav"
    write_wav([hiss(60)], recording)

    too_much: list[Callable[[], object]] = [
        lambda: library.make("long", maker_of(hiss(150)), needs=600_000),  # known before it is begun
        lambda: library.make("long", maker_of(hiss(150)), needs=100_000),  # found out on the way
        lambda: make_recording(library, recording, title="Lễ hội"),  # found out by the child
    ]
    for make in too_much:
        with pytest.raises(
            NoRoom, match=r"no room .* about \d+(\.\d)? MB are needed and \d+\.\d MB are free"
        ):
            make()
    assert library.find("words") == kept
    assert library.verify(kept.id)
    assert files_in(small_disk) == {kept.id, next((small_disk / "library" / "index").iterdir()).name}
    assert library.make("short", maker_of(tone(2))).frames == 2 * FRAME_RATE


def test_a_limit_on_files_shows_as_no_room(tmp_path: Path) -> None:
    """The same in a process that may write no more than 20 kB a file, which needs no rights."""
    code = (
        "import resource, sys; from pathlib import Path;"
        "from broadcaster.sound.library import Library, NoRoom;"
        "from tests.sound.test_library import maker_of; from tests.sound.material import hiss;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "library = Library(Path(sys.argv[1]))\n"
        "try: library.make('words', maker_of(hiss(20)))\n"
        "except NoRoom as fault: print(fault)"
    )
    told = subprocess.check_output([sys.executable, "-c", code, tmp_path / "library"], text=True)
    assert "no room" in told
    assert files_in(tmp_path) == set()


@pytest.fixture
def spoken(tmp_path: Path) -> list[Path]:
    parts = [tmp_path / "1.wav", tmp_path / "2.mp3"]
    write_wav([speech(3)], parts[0])
    write_sound(parts[1], speech(2, -25), codec="libmp3lame", container="mp3", rate=24_000, layout="mono")
    return parts


def test_spoken_parts_become_one_clip_at_the_level(library: Library, spoken: list[Path]) -> None:
    made = make_speech(library, spoken, title="Thông báo", voice="gtts")
    heard = measure(read_blocks(library.path_of(made.id)))
    assert heard.integrated == pytest.approx(TARGET, abs=1)
    assert heard.peak <= CEILING
    assert heard.frames == made.frames
    assert made.frames / FRAME_RATE == pytest.approx(5, abs=0.4)
    assert (made.title, made.voice, made.joins) == ("Thông báo", "gtts", False)
    again = make_speech(library, spoken, title="Thông báo số 2", voice="gtts")
    assert (again.id, again.title) == (made.id, "Thông báo số 2")
    assert make_speech(library, spoken[::-1], title="Thông báo", voice="gtts").id != made.id


@pytest.mark.parametrize("under", [False, True])
def test_words_with_a_chime_are_one_clip_at_the_level(
    under: bool, library: Library, spoken: list[Path], tmp_path: Path
) -> None:
    write_wav([bell(2)], tmp_path / "chime.wav")
    plain = make_speech(library, spoken, title="x", voice="gtts")
    made = make_speech(library, spoken, title="x", voice="gtts", chime=tmp_path / "chime.wav", under=under)
    assert made.frames > plain.frames + FRAME_RATE
    sound = whole(library.path_of(made.id))
    assert pitch(sound[:FRAME_RATE]) == pytest.approx(1046.5, abs=2)
    heard = measure([sound])
    assert heard.integrated == pytest.approx(TARGET, abs=1)
    assert heard.peak <= CEILING


def test_words_that_came_out_silent_are_no_clip(library: Library, tmp_path: Path) -> None:
    write_wav([silence(2)], tmp_path / "a.wav")
    with pytest.raises(BadSound) as caught:
        make_speech(library, [tmp_path / "a.wav"], title="Thông báo", voice="gtts")
    assert caught.value.fault is Fault.SILENT


def test_a_pause_lasts_to_the_frame_and_is_silent(library: Library) -> None:
    made = make_pause(library, timedelta(seconds=2.5))
    sound = whole(library.path_of(made.id))
    assert len(sound) == made.frames == 2.5 * FRAME_RATE
    assert not sound.any()
    assert make_pause(library, timedelta(microseconds=1)).frames == 1
    with pytest.raises(BadSound, match="limit"):
        make_pause(library, timedelta(hours=5))


def test_a_recording_is_found_again_until_its_file_changes(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "khuc.mp3"
    write_sound(path, tone(2), codec="libmp3lame", container="mp3")
    made = make_recording(library, path, title="Khúc nhạc")
    assert made.joins
    assert make_recording(library, path, title="Khúc nhạc") == made
    write_sound(path, tone(3), codec="libmp3lame", container="mp3")
    changed = make_recording(library, path, title="Khúc nhạc")
    assert changed.id != made.id
    assert changed.frames / FRAME_RATE == pytest.approx(3, abs=0.05)


def test_a_chime_of_the_project_becomes_a_clip(library: Library) -> None:
    made = make_chime(library, Path(__file__).parents[2] / "audio" / "chimes" / "opening.opus")
    assert (made.title, made.joins) == ("opening", False)
    assert decibels(whole(library.path_of(made.id))) > -25


def test_a_clip_is_not_where_there_is_none(library: Library) -> None:
    nowhere = ClipId("0" * 64)
    assert not library.verify(nowhere)
    assert not library.path_of(nowhere).exists()
