"""What every voice promises. Each engine, real or small, is put through the same tests."""

import threading
from pathlib import Path

import pytest

from broadcaster.speech import LONGEST, Request, Voice, VoiceFailed
from broadcaster.speech.chain import Voices
from broadcaster.speech.ear import listen
from broadcaster.speech.parts import parts

__all__ = ["BULLETIN", "VoiceContract", "long_words"]

BULLETIN = "Kính thưa bà con, chiều nay trời mưa to, mời bà con thu lúa về sớm."

MISCHIEF = (
    "-w /tmp/taken.wav mời bà con",
    "--version",
    "-f /etc/passwd",
    "$(touch taken) `touch taken` ; touch taken",
    "../../taken",
    "https://localhost/taken",
    '"],null,"generic"]]] mời bà con',
    "mời&f.req=%5B%5D bà con",
    "[[h@'loU]] mời bà con",
    "<speak><break time='9s'/>mời bà con</speak>",
    "<audio src='file:///etc/passwd'/> mời bà con",
)


def long_words(characters: int) -> str:
    """So many characters, no sentence twice."""
    words = " ".join(f"Điều {n}, {BULLETIN}" for n in range(characters // len(BULLETIN)))
    return words[: characters - 1].rstrip() + "."


class VoiceContract:
    """Subclass it and give it the fixture `voice`."""

    @pytest.fixture
    def voice(self) -> Voice:
        raise NotImplementedError

    def test_it_has_a_name_a_version_and_a_limit(self, voice: Voice) -> None:
        assert voice.name
        assert voice.version
        assert voice.version == voice.version
        assert 0 < voice.limit.total_seconds() <= 60

    def test_it_speaks_vietnamese(self, voice: Voice) -> None:
        assert "vi" in voice.languages()

    def test_a_bulletin_is_spoken_into_one_whole_file(self, voice: Voice, tmp_path: Path) -> None:
        into = tmp_path / "bulletin"
        voice.speak(Request(words=BULLETIN, language="vi"), into)
        assert listen(into).total_seconds() > 0.5
        assert list(tmp_path.iterdir()) == [into]

    def test_more_words_take_longer(self, voice: Voice, tmp_path: Path) -> None:
        voice.speak(Request(words=BULLETIN, language="vi"), tmp_path / "once")
        voice.speak(Request(words=f"{BULLETIN} {BULLETIN}", language="vi"), tmp_path / "twice")
        assert listen(tmp_path / "twice") > 1.7 * listen(tmp_path / "once")

    def test_the_country_of_a_language_may_be_named(self, voice: Voice, tmp_path: Path) -> None:
        voice.speak(Request(words=BULLETIN, language="vi"), tmp_path / "vi")
        voice.speak(Request(words=BULLETIN, language="vi-VN"), tmp_path / "vi-VN")
        assert listen(tmp_path / "vi-VN") == listen(tmp_path / "vi")

    @pytest.mark.parametrize("language", ["hmn", "tyz", "v", "-x", "../vi", "vi;touch taken", "x" * 5000, ""])
    def test_a_language_it_does_not_speak_is_told_and_leaves_nothing(
        self, voice: Voice, tmp_path: Path, language: str
    ) -> None:
        with pytest.raises(VoiceFailed, match="does not speak") as failed:
            voice.speak(Request(words=BULLETIN, language=language), tmp_path / "bulletin")
        assert not failed.value.later
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("words", ["a", "7", "x" * LONGEST, "1 " * 500, "a,b." * 250, "ấ" * LONGEST, "đ"])
    def test_the_shortest_and_the_longest_words_are_spoken(
        self, voice: Voice, tmp_path: Path, words: str
    ) -> None:
        voice.speak(Request(words=words, language="vi"), tmp_path / "bulletin")
        assert listen(tmp_path / "bulletin").total_seconds() > 0

    @pytest.mark.parametrize("words", MISCHIEF)
    def test_mischief_in_the_words_is_only_words(
        self, voice: Voice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        folder = tmp_path / "cache"
        folder.mkdir()
        voice.speak(Request(words=words, language="vi"), folder / "bulletin")
        assert list(folder.iterdir()) == [folder / "bulletin"]
        assert list(tmp_path.iterdir()) == [folder]
        assert not Path("/tmp/taken.wav").exists()

    def test_what_was_there_before_is_replaced(self, voice: Voice, tmp_path: Path) -> None:
        into = tmp_path / "bulletin"
        into.write_bytes(b"old")
        voice.speak(Request(words=BULLETIN, language="vi"), into)
        assert listen(into).total_seconds() > 0.5

    def test_a_place_that_cannot_be_written_is_not_the_fault_of_the_voice(
        self, voice: Voice, tmp_path: Path
    ) -> None:
        with pytest.raises(OSError, match="missing"):
            voice.speak(Request(words=BULLETIN, language="vi"), tmp_path / "missing" / "bulletin")

    def test_several_threads_speak_at_once_and_each_gets_its_own_words(
        self, voice: Voice, tmp_path: Path
    ) -> None:
        def speak(count: int, name: str) -> None:
            voice.speak(Request(words=BULLETIN * count, language="vi"), tmp_path / name)

        threads = [threading.Thread(target=speak, args=(1 + n % 3, f"together-{n}")) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for count in (1, 2, 3):
            speak(count, f"alone-{count}")
        for n in range(8):
            alone = tmp_path / f"alone-{1 + n % 3}"
            assert (tmp_path / f"together-{n}").read_bytes() == alone.read_bytes()

    def test_long_words_are_spoken_whole_in_parts(self, voice: Voice, tmp_path: Path) -> None:
        words = long_words(5_000)
        spoken = Voices([voice], tmp_path / "cache").speak(words, "vi")
        assert len(set(spoken.parts)) == len(parts(words)) >= 5
        assert all(path.is_file() for path in spoken.parts)
