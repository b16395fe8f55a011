"""The offline voice, real: espeak-ng."""

import shutil
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.speech import Request, Voice, VoiceFailed
from broadcaster.speech.ear import listen
from broadcaster.speech.espeak import EspeakVoice
from broadcaster.speech.reading import reading
from tests.speech.contract import BULLETIN, VoiceContract

pytestmark = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


def spoken(words: str, folder: Path) -> bytes:
    EspeakVoice().speak(Request(words=words, language="vi"), folder / "spoken")
    return (folder / "spoken").read_bytes()


def program(folder: Path, does: str) -> str:
    """An espeak-ng of the village's own making, which knows its voices and then does something else."""
    path = folder / "espeak-ng"
    path.write_text(
        "#!/bin/sh\n"
        'case "$1" in --voices) echo "Pty Language Age"; echo " 5  vi  --/M  Vietnamese";; '
        f"*) {does};; esac\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


class TestEspeak(VoiceContract):
    @pytest.fixture
    def voice(self) -> Voice:
        return EspeakVoice()


def test_its_version_names_the_release_and_the_pace() -> None:
    assert EspeakVoice().version.endswith("-150wpm")
    assert EspeakVoice().version[0].isdigit()


def test_languages_it_knows_by_a_second_name_are_known_too() -> None:
    assert {"vi", "en", "zh", "yue"} <= EspeakVoice().languages()


@pytest.mark.parametrize(
    ("mischief", "harmless"),
    [
        ("mời [[h@'loU]] bà con", "mời   h@'loU   bà con"),
        ("<speak>mời bà con</speak>", " speak mời bà con /speak "),
        ("<break time='9s'/>mời bà con", " break time='9s'/ mời bà con"),
    ],
)
def test_what_espeak_could_obey_sounds_like_the_same_words_without_the_signs(
    tmp_path: Path, mischief: str, harmless: str
) -> None:
    assert spoken(mischief, tmp_path) == spoken(harmless, tmp_path)


@pytest.mark.parametrize(
    "typed",
    [
        "mời bà con\x00 đến họp đúng giờ.",
        "\x01450Smời bà con đến họp đúng giờ.",
        "mời\x01 bà con\u200b đến họp\ue001 đúng giờ.",
        "mời bà con\r\nđến họp\vđúng giờ.",
        "<speak><prosody rate='900%'>mời bà con đến họp đúng giờ.</prosody></speak>",
        "&lt;speak&gt;mời bà con đến họp đúng giờ.",
        "[[]] mời bà con đến họp đúng giờ.",
    ],
)
def test_nothing_that_is_typed_makes_the_voice_faster_or_shorter(tmp_path: Path, typed: str) -> None:
    plain = len(spoken("mời bà con đến họp đúng giờ.", tmp_path))
    assert len(spoken(reading(typed), tmp_path)) >= plain


def test_the_file_tells_its_true_length(tmp_path: Path) -> None:
    whole = spoken(BULLETIN, tmp_path)
    assert int.from_bytes(whole[4:8], "little") == len(whole) - 8
    assert 3 < listen(tmp_path / "spoken").total_seconds() < 12


def test_where_espeak_is_missing_the_installer_is_told_what_to_do(tmp_path: Path) -> None:
    missing = EspeakVoice(str(tmp_path / "espeak-ng"))
    with pytest.raises(VoiceFailed, match="apt install espeak-ng") as failed:
        missing.speak(Request(words=BULLETIN, language="vi"), tmp_path / "spoken")
    assert not failed.value.later
    with pytest.raises(VoiceFailed, match="apt install espeak-ng"):
        _ = missing.version
    with pytest.raises(VoiceFailed, match="apt install espeak-ng"):
        missing.languages()


def test_an_espeak_that_may_not_be_run_is_told(tmp_path: Path) -> None:
    (tmp_path / "espeak-ng").write_text("")
    (tmp_path / "espeak-ng").chmod(0o600)
    with pytest.raises(VoiceFailed, match=r"cannot be started: Permission denied"):
        EspeakVoice(str(tmp_path / "espeak-ng")).languages()


@pytest.mark.parametrize(
    ("does", "why"),
    [
        ("echo 'Error: no such voice' >&2; exit 1", "it failed: Error: no such voice"),
        ("exit 3", "exit code 3"),
        ("exit 0", "no sound came out"),
        ("printf 'not a sound at all, though it is long enough to be taken for one'", "no sound came out"),
        ("kill -SEGV $$", "exit code -11"),
    ],
)
def test_an_espeak_that_says_done_and_has_not_spoken_is_not_believed(
    tmp_path: Path, does: str, why: str
) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    with pytest.raises(VoiceFailed, match=why):
        EspeakVoice(program(tmp_path, does)).speak(Request(words=BULLETIN, language="vi"), folder / "spoken")
    assert list(folder.iterdir()) == []


def test_silence_is_no_speech(tmp_path: Path) -> None:
    header = r"RIFF....WAVEfmt ....\001\000\001\000\042\126\000\000................"
    silence = f"(printf '{header}'; head -c 300000 /dev/zero)"
    with pytest.raises(VoiceFailed, match="nothing can be heard"):
        EspeakVoice(program(tmp_path, silence)).speak(
            Request(words=BULLETIN, language="vi"), tmp_path / "spoken"
        )


def test_something_else_under_the_name_of_espeak_has_no_version(tmp_path: Path) -> None:
    with pytest.raises(VoiceFailed, match="is it espeak-ng"):
        _ = EspeakVoice(program(tmp_path, "echo hello")).version


def test_an_espeak_that_hangs_is_ended_in_time(tmp_path: Path) -> None:
    hanging = EspeakVoice(program(tmp_path, "exec sleep 60"), limit=timedelta(seconds=0.3))
    with pytest.raises(VoiceFailed, match=r"not done after 0.3 s") as failed:
        hanging.speak(Request(words=BULLETIN, language="vi"), tmp_path / "spoken")
    assert failed.value.later
