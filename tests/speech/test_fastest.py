"""Words that are wanted at once: all voices speak, the best that is ready is heard, and none holds up."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from broadcaster import clock
from broadcaster.speech import NoVoice, Request, VoiceFailed
from broadcaster.speech.chain import Voices
from broadcaster.speech.ear import listen
from broadcaster.speech.race import MOST
from tests.speech.contract import BULLETIN, long_words
from tests.speech.tone import ToneVoice

LONG = timedelta(seconds=20)
SHORT = timedelta(milliseconds=150)


class SlowVoice(ToneVoice):
    """Speaks when it is let go, and not before."""

    def __init__(self, name: str = "slow") -> None:
        super().__init__(name)
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)

    def speak(self, request: Request, into: Path) -> None:
        self.begun.release()
        self.go.wait(30)
        super().speak(request, into)


@pytest.fixture
def slow() -> Iterator[SlowVoice]:
    voice = SlowVoice()
    yield voice
    voice.go.set()


def settled(cache: Path, files: int) -> bool:
    """Whether the cache holds so many files, soon."""
    for _ in range(200):
        if len(list(cache.glob("*.sound"))) == files:
            return True
        threading.Event().wait(0.02)
    return False


def dead(later: bool = True) -> ToneVoice:
    return ToneVoice("dead", failures=[VoiceFailed("it cannot be reached", later=later)] * 50)


def test_the_best_voice_is_heard_when_it_is_done_in_time(tmp_path: Path) -> None:
    voices = Voices([ToneVoice("good"), ToneVoice("poor")], tmp_path)
    spoken = voices.fastest(BULLETIN, "vi", LONG)
    assert (spoken.voice, spoken.passed_over, spoken.later) == ("good", (), False)
    assert [listen(part) for part in spoken.parts]


def test_a_poorer_voice_that_is_done_first_waits_for_the_better_one(tmp_path: Path, slow: SlowVoice) -> None:
    voices = Voices([slow, ToneVoice("poor")], tmp_path)
    slow.go.set()
    assert voices.fastest(BULLETIN, "vi", LONG).voice == "slow"


def test_a_better_voice_that_hangs_is_waited_for_no_longer_than_was_said(
    tmp_path: Path, slow: SlowVoice
) -> None:
    voices = Voices([slow, ToneVoice("poor")], tmp_path)
    began = clock.monotonic()
    spoken = voices.fastest(BULLETIN, "vi", LONG, best_within=SHORT)
    assert spoken.voice == "poor"
    assert spoken.passed_over == ("slow: it was not done in time",)
    assert spoken.later
    assert clock.monotonic() - began < 10


def test_a_better_voice_that_is_dead_is_not_waited_for_at_all(tmp_path: Path) -> None:
    spoken = Voices([dead(), ToneVoice("poor")], tmp_path).fastest(BULLETIN, "vi", LONG * 10)
    assert spoken.voice == "poor"
    assert spoken.passed_over == ("dead: it cannot be reached",)


def test_when_the_time_for_the_best_is_over_whoever_is_done_first_is_heard(
    tmp_path: Path, slow: SlowVoice
) -> None:
    other = SlowVoice("other")
    voices = Voices([slow, other], tmp_path)
    threading.Timer(0.3, other.go.set).start()
    assert voices.fastest(BULLETIN, "vi", LONG, best_within=SHORT).voice == "other"


def test_when_nobody_is_ready_in_time_that_is_told_in_time(tmp_path: Path, slow: SlowVoice) -> None:
    with pytest.raises(NoVoice, match="slow: it was not done in time") as nobody:
        Voices([slow, dead()], tmp_path).fastest(BULLETIN, "vi", SHORT)
    assert nobody.value.later
    with pytest.raises(NoVoice) as never:
        Voices([dead(later=False)], tmp_path).fastest(BULLETIN, "vi", LONG)
    assert not never.value.later


def test_who_asks_again_waits_for_what_was_begun_and_begins_nothing_twice(
    tmp_path: Path, slow: SlowVoice
) -> None:
    voices = Voices([slow], tmp_path)
    for _ in range(3):
        with pytest.raises(NoVoice):
            voices.fastest(BULLETIN, "vi", SHORT / 3)
    slow.go.set()
    assert voices.fastest(BULLETIN, "vi", LONG).voice == "slow"
    assert slow.asked == [BULLETIN]


def test_an_engine_that_hangs_again_and_again_costs_no_more_than_a_few_threads(
    tmp_path: Path, slow: SlowVoice
) -> None:
    voices = Voices([slow, ToneVoice("poor")], tmp_path)
    for number in range(MOST + 4):
        spoken = voices.fastest(f"{BULLETIN} {number}", "vi", LONG, best_within=timedelta(0))
        assert spoken.voice == "poor"
    assert all(slow.begun.acquire(timeout=10) for _ in range(MOST))
    assert not slow.begun.acquire(timeout=0.1)
    assert sum(thread.name == "race slow" for thread in threading.enumerate()) <= MOST
    assert "slow: it was not done in time" in spoken.passed_over


def test_what_was_spoken_in_a_hurry_is_in_the_cache_the_next_time(tmp_path: Path) -> None:
    good = ToneVoice("good")
    voices = Voices([good], tmp_path / "cache")
    assert not voices.fastest(BULLETIN, "vi", LONG).from_cache
    assert settled(tmp_path / "cache", 1)
    assert voices.speak(BULLETIN, "vi").from_cache
    assert voices.fastest(BULLETIN, "vi", LONG).from_cache
    assert good.asked == [BULLETIN]


def test_what_is_in_the_cache_is_heard_though_its_engine_hangs_now(tmp_path: Path, slow: SlowVoice) -> None:
    slow.go.set()
    Voices([slow], tmp_path).speak(BULLETIN, "vi")
    slow.go.clear()
    assert Voices([slow], tmp_path).fastest(BULLETIN, "vi", LONG).from_cache


def test_a_disk_that_takes_nothing_delays_no_words(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("no folder can be made here")
    voices = Voices([ToneVoice("good")], tmp_path / "cache")
    spoken = voices.fastest(BULLETIN, "vi", LONG)
    assert listen(spoken.parts[0]).total_seconds() > 0.5


def test_long_words_are_spoken_whole_by_one_voice(tmp_path: Path) -> None:
    spoken = Voices([ToneVoice("good"), ToneVoice("poor")], tmp_path).fastest(long_words(3_000), "vi", LONG)
    assert len(spoken.parts) >= 3
    assert spoken.voice == "good"


def test_two_who_speak_at_once_each_hear_their_own_words(tmp_path: Path) -> None:
    voices = Voices([ToneVoice("good")], tmp_path)
    lengths: dict[int, timedelta] = {}

    def speak(times: int) -> None:
        parts = voices.fastest(BULLETIN * times, "vi", LONG).parts
        lengths[times] = sum(map(listen, parts), timedelta(0))

    threads = [threading.Thread(target=speak, args=(times,)) for times in (1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lengths[1] < lengths[2] < lengths[3]


def test_an_engine_with_a_fault_of_ours_is_told_and_leaves_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    monkeypatch.setattr(threading, "excepthook", told.append)

    class Broken(ToneVoice):
        def speak(self, request: Request, into: Path) -> None:
            raise ZeroDivisionError("a fault of ours")

    with pytest.raises(ZeroDivisionError):
        Voices([Broken()], tmp_path).fastest(BULLETIN, "vi", LONG)
    assert settled(tmp_path, 0)


def test_words_that_say_nothing_are_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing to say"):
        Voices([ToneVoice()], tmp_path).fastest("…", "vi", LONG)


def test_a_station_knows_which_languages_it_has_a_voice_for(tmp_path: Path) -> None:
    class Gone(ToneVoice):
        def languages(self) -> frozenset[str]:
            raise VoiceFailed("it is not installed", later=False)

    voices = Voices([Gone("gone"), ToneVoice()], tmp_path)
    assert voices.speaks("vi")
    assert voices.speaks("vi-VN")
    assert not voices.speaks("hmn")
