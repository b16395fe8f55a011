"""The voices of a station: which speaks, and what is kept."""

import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster.domain.words import MOST_LETTERS
from broadcaster.speech import NoVoice, Voice, VoiceFailed
from broadcaster.speech.chain import Voices
from broadcaster.speech.ear import listen
from broadcaster.speech.espeak import EspeakVoice
from tests.speech.contract import BULLETIN, VoiceContract, long_words
from tests.speech.tone import ToneVoice, hum


class Clockwork:
    """A monotonic clock that is wound by hand."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


class TestTone(VoiceContract):
    @pytest.fixture
    def voice(self) -> Voice:
        return ToneVoice()


def dead(times: int = 1, *, later: bool = True, rest: timedelta | None = None) -> list[VoiceFailed]:
    return [VoiceFailed("it cannot be reached", later=later, rest=rest) for _ in range(times)]


def test_the_best_voice_speaks(tmp_path: Path) -> None:
    good, poor = ToneVoice("good"), ToneVoice("poor")
    spoken = Voices([good, poor], tmp_path).speak(BULLETIN, "vi")
    assert (spoken.voice, spoken.version, spoken.from_cache) == ("good", "1", False)
    assert (spoken.passed_over, spoken.later) == ((), False)
    assert poor.asked == []


def test_the_same_words_are_spoken_once(tmp_path: Path) -> None:
    good = ToneVoice("good")
    first = Voices([good], tmp_path).speak(BULLETIN, "vi")
    again = Voices([good], tmp_path).speak(BULLETIN, "vi")
    assert again.from_cache
    assert again.parts == first.parts
    assert good.asked == [BULLETIN]


@pytest.mark.parametrize("change", ["words", "language", "voice", "version"])
def test_whatever_changes_the_sound_is_spoken_anew(tmp_path: Path, change: str) -> None:
    Voices([ToneVoice("good")], tmp_path).speak(BULLETIN, "vi")
    other = {
        "words": (ToneVoice("good"), BULLETIN + " Xin cảm ơn.", "vi"),
        "language": (ToneVoice("good"), BULLETIN, "en"),
        "voice": (ToneVoice("other"), BULLETIN, "vi"),
        "version": (ToneVoice("good", version="2"), BULLETIN, "vi"),
    }
    voice, words, language = other[change]
    assert not Voices([voice], tmp_path).speak(words, language).from_cache


def test_when_the_best_voice_fails_the_next_one_speaks_and_the_reason_is_told(tmp_path: Path) -> None:
    voices = Voices([ToneVoice("good", failures=dead()), ToneVoice("poor")], tmp_path)
    spoken = voices.speak(BULLETIN, "vi")
    assert spoken.voice == "poor"
    assert spoken.passed_over == ("good: it cannot be reached",)
    assert spoken.later


def test_a_voice_that_will_never_speak_these_words_is_not_worth_coming_back_for(tmp_path: Path) -> None:
    voices = Voices([ToneVoice("good", failures=dead(later=False)), ToneVoice("poor")], tmp_path)
    assert not voices.speak(BULLETIN, "vi").later


def test_what_the_poor_voice_spoke_is_not_final(tmp_path: Path) -> None:
    good, poor = ToneVoice("good", failures=dead()), ToneVoice("poor")
    voices = Voices([good, poor], tmp_path)
    assert voices.speak(BULLETIN, "vi").voice == "poor"
    assert voices.speak(BULLETIN, "vi").voice == "good"
    assert voices.speak(BULLETIN, "vi").from_cache


def test_while_the_network_is_dead_the_poor_voice_speaks_the_same_words_only_once(tmp_path: Path) -> None:
    good, poor = ToneVoice("good", failures=dead(9)), ToneVoice("poor")
    voices = Voices([good, poor], tmp_path)
    for _ in range(3):
        assert voices.speak(BULLETIN, "vi").voice == "poor"
    assert poor.asked == [BULLETIN]


def test_a_dead_network_costs_two_bulletins_their_time_and_then_none(tmp_path: Path) -> None:
    time = Clockwork()
    good = ToneVoice("good", failures=dead(3))
    voices = Voices([good, ToneVoice("poor")], tmp_path, time)
    spoken = [voices.speak(f"{BULLETIN} {n}", "vi") for n in range(6)]
    assert len(good.asked) == 2
    assert spoken[-1].passed_over == ("good: it failed 2 times in a row and rests for 60 s more",)
    assert spoken[-1].later
    time.seconds += 60
    assert voices.speak(f"{BULLETIN} 6", "vi").passed_over == ("good: it cannot be reached",)
    time.seconds += 119
    voices.speak(f"{BULLETIN} 7", "vi")
    assert len(good.asked) == 3
    time.seconds += 1
    assert voices.speak(f"{BULLETIN} 8", "vi").voice == "good"


def test_one_success_and_all_failures_are_forgotten(tmp_path: Path) -> None:
    good = ToneVoice("good", failures=dead())
    voices = Voices([good, ToneVoice("poor")], tmp_path, Clockwork())
    assert [voices.speak(f"{BULLETIN} {n}", "vi").voice for n in range(2)] == ["poor", "good"]
    good.failures = dead()
    assert [voices.speak(f"{BULLETIN} {n}", "vi").voice for n in range(2, 4)] == ["poor", "good"]


def test_a_voice_that_cannot_speak_one_text_is_not_put_to_rest(tmp_path: Path) -> None:
    good = ToneVoice("good", failures=dead(5, later=False))
    voices = Voices([good, ToneVoice("poor")], tmp_path, Clockwork())
    assert [voices.speak(f"{BULLETIN} {n}", "vi").voice for n in range(6)] == ["poor"] * 5 + ["good"]


def test_a_service_that_asks_for_rest_is_left_alone_so_long(tmp_path: Path) -> None:
    time = Clockwork()
    good = ToneVoice("good", failures=dead(rest=timedelta(minutes=4)))
    voices = Voices([good, ToneVoice("poor")], tmp_path, time)
    voices.speak(BULLETIN, "vi")
    time.seconds += 239
    assert voices.speak(BULLETIN, "vi").voice == "poor"
    time.seconds += 1
    assert voices.speak(BULLETIN, "vi").voice == "good"


def test_what_a_resting_voice_spoke_before_is_still_used(tmp_path: Path) -> None:
    good = ToneVoice("good")
    voices = Voices([good, ToneVoice("poor")], tmp_path, Clockwork())
    voices.speak(BULLETIN, "vi")
    good.failures = dead(2)
    for n in range(3):
        assert voices.speak(f"{BULLETIN} {n}", "vi").voice == "poor"
    assert voices.speak(BULLETIN, "vi").voice == "good"


def test_a_voice_asked_for_by_name_speaks_alone_and_even_while_it_rests(tmp_path: Path) -> None:
    good, poor = ToneVoice("good", failures=dead(2)), ToneVoice("poor")
    voices = Voices([good, poor], tmp_path, Clockwork())
    for n in range(2):
        voices.speak(f"{BULLETIN} {n}", "vi")
    assert voices.speak(BULLETIN, "vi", "good").voice == "good"
    assert voices.speak(BULLETIN, "vi", "poor").voice == "poor"
    good.failures = dead()
    with pytest.raises(NoVoice, match=r"^no voice could speak this: good: it cannot be reached$"):
        voices.speak(f"{BULLETIN} 9", "vi", "good")


def test_a_voice_the_station_does_not_have_is_told(tmp_path: Path) -> None:
    voices = Voices([ToneVoice("good"), ToneVoice("poor")], tmp_path)
    with pytest.raises(NoVoice, match="no voice named 'piper'; it has good, poor"):
        voices.speak(BULLETIN, "vi", "piper")
    with pytest.raises(NoVoice, match="it has none"):
        Voices([], tmp_path).speak(BULLETIN, "vi")


def test_when_no_voice_speaks_every_one_is_named_with_its_reason(tmp_path: Path) -> None:
    missing = EspeakVoice(str(tmp_path / "espeak-ng"))
    voices = Voices([ToneVoice("good", failures=dead()), missing], tmp_path / "cache")
    with pytest.raises(NoVoice) as silent:
        voices.speak(BULLETIN, "vi")
    assert silent.value.reasons == (
        "good: it cannot be reached",
        "espeak-ng: it is not installed: apt install espeak-ng",
    )
    assert silent.value.later


def test_a_language_nobody_speaks_will_not_be_spoken_later(tmp_path: Path) -> None:
    with pytest.raises(NoVoice, match="does not speak 'tyz'") as silent:
        Voices([ToneVoice("good"), ToneVoice("poor")], tmp_path).speak(BULLETIN, "tyz")
    assert not silent.value.later


def test_long_words_never_change_their_voice_in_the_middle(tmp_path: Path) -> None:
    class Tires(ToneVoice):
        """Speaks three parts and has enough."""

        def speak(self, request: object, into: Path) -> None:
            if len(self.asked) == 3:
                self.asked.append("")
                raise VoiceFailed("too many requests", later=True)
            super().speak(request, into)  # type: ignore[arg-type]

    good, poor = Tires("good"), ToneVoice("poor")
    voices = Voices([good, poor], tmp_path)
    spoken = voices.speak(long_words(5_000), "vi")
    assert spoken.voice == "poor"
    assert len(spoken.parts) == len(poor.asked)
    again = voices.speak(long_words(5_000), "vi")  # the three parts it spoke are not asked for again
    assert again.voice == "good"
    assert len(good.asked) == len(again.parts) + 1


def test_the_longest_text_is_spoken_whole(tmp_path: Path) -> None:
    voice = ToneVoice()
    spoken = Voices([voice], tmp_path).speak(long_words(MOST_LETTERS), "vi")
    assert " ".join(voice.asked) == long_words(MOST_LETTERS)
    assert len(set(spoken.parts)) == len(voice.asked)


@pytest.mark.parametrize("rot", [b"", b"not a sound", hum(40)[:44] + bytes(9_000)])
def test_a_file_of_the_cache_that_has_rotted_is_spoken_again(tmp_path: Path, rot: bytes) -> None:
    voices = Voices([ToneVoice()], tmp_path)
    [part] = voices.speak(BULLETIN, "vi").parts
    part.write_bytes(rot)
    assert not voices.speak(BULLETIN, "vi").from_cache
    assert listen(part).total_seconds() > 1


def test_words_that_did_not_go_through_the_reading_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="invisible characters"):
        Voices([ToneVoice()], tmp_path).speak("\x01450Smời bà con", "vi")
    with pytest.raises(ValueError, match="nothing to say"):
        Voices([ToneVoice()], tmp_path).speak(" ... ", "vi")


def test_a_cache_that_cannot_be_written_is_told_as_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(FileExistsError):
        Voices([ToneVoice()], tmp_path / "cache").speak(BULLETIN, "vi")


def test_several_threads_share_one_chain(tmp_path: Path) -> None:
    voices = Voices([ToneVoice("good", failures=dead(3)), ToneVoice("poor")], tmp_path / "cache")
    spoken: dict[int, bytes] = {}

    def speak(n: int) -> None:
        [part] = voices.speak(BULLETIN * (1 + n % 3), "vi").parts
        spoken[n] = part.read_bytes()

    threads = [threading.Thread(target=speak, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {n: spoken[n] == hum(len(BULLETIN * (1 + n % 3))) for n in range(12)} == dict.fromkeys(
        range(12), True
    )


def test_the_cache_forgets_what_was_not_used_for_longest(tmp_path: Path) -> None:
    voices = Voices([ToneVoice()], tmp_path)
    parts = [voices.speak(f"{BULLETIN} {n}", "vi").parts[0] for n in range(4)]
    size = parts[0].stat().st_size
    for age, part in enumerate(parts):
        os.utime(part, (1_000_000 - age, 1_000_000 - age))
    voices.speak(f"{BULLETIN} 3", "vi")  # used just now, so no longer the oldest
    voices.tidy(room=2 * size)
    assert [part.exists() for part in parts] == [True, False, False, True]


def test_what_was_used_within_the_hour_stays_however_little_room_there_is(tmp_path: Path) -> None:
    voices = Voices([ToneVoice()], tmp_path)
    [part] = voices.speak(BULLETIN, "vi").parts
    voices.tidy(room=0)
    assert part.exists()


def test_a_cache_that_does_not_exist_yet_is_tidy(tmp_path: Path) -> None:
    Voices([ToneVoice()], tmp_path / "cache").tidy(room=0)
