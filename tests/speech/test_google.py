"""The online voice: the real class, and a service on this machine that behaves like the one it speaks to."""

import re
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import trustme
from gtts.tts import _translate_url

from broadcaster.domain.words import MOST_LETTERS
from broadcaster.speech import Request, Voice, VoiceFailed
from broadcaster.speech.chain import Voices
from broadcaster.speech.ear import listen
from broadcaster.speech.google import GttsVoice
from tests.speech.contract import BULLETIN, VoiceContract, long_words
from tests.speech.endpoint import MOODS, Endpoint


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)


@pytest.fixture
def service(authority: trustme.CA) -> Iterator[Endpoint]:
    with Endpoint(authority) as endpoint:
        yield endpoint


@pytest.fixture
def voice(service: Endpoint, ca: Path) -> GttsVoice:
    return GttsVoice(address=service.address, ca=ca)


@pytest.fixture
def hasty(service: Endpoint, ca: Path) -> GttsVoice:
    return GttsVoice(address=service.address, ca=ca, timeouts=(3, 10), limit=timedelta(seconds=0.8))


@pytest.fixture
def impatient(service: Endpoint, ca: Path) -> GttsVoice:
    return GttsVoice(address=service.address, ca=ca, timeouts=(3, 0.3))


def refused(voice: Voice, folder: Path, words: str = BULLETIN) -> VoiceFailed:
    """What it says when it fails; and it leaves nothing."""
    with pytest.raises(VoiceFailed) as failed:
        voice.speak(Request(words=words, language="vi"), folder / "spoken")
    assert list(folder.iterdir()) == []
    return failed.value


class TestGtts(VoiceContract):
    @pytest.fixture
    def voice(self, service: Endpoint, ca: Path) -> Voice:
        return GttsVoice(address=service.address, ca=ca)


def test_every_word_is_sent_once_in_order_a_hundred_characters_at_a_time(
    voice: GttsVoice, service: Endpoint, tmp_path: Path
) -> None:
    words = " ".join(f"điều {n}, mời bà con thôn số {n} ra nhà văn hóa." for n in range(20))
    voice.speak(Request(words=words, language="vi"), tmp_path / "spoken")
    assert " ".join(text for text, _ in service.heard) == words
    assert all(len(text) <= 100 for text, _ in service.heard)
    assert len(service.heard) <= len(words) / 70  # gTTS alone would send one at each comma
    assert {language for _, language in service.heard} == {"vi"}


def test_the_longest_text_is_spoken_whole(voice: GttsVoice, service: Endpoint, tmp_path: Path) -> None:
    words = long_words(MOST_LETTERS)
    spoken = Voices([voice], tmp_path / "cache").speak(words, "vi")
    assert len(set(spoken.parts)) >= 50
    assert " ".join(text for text, _ in service.heard) == words


def test_one_connection_carries_all_pieces(voice: GttsVoice, service: Endpoint, tmp_path: Path) -> None:
    voice.speak(Request(words=BULLETIN * 10, language="vi"), tmp_path / "spoken")
    assert len(service.heard) > 5
    assert service.connections == 1


def test_words_gtts_alone_would_choke_on_are_spoken(voice: GttsVoice, tmp_path: Path) -> None:
    words = ("... , ! ? ; : " * 20 + "bà con " + "a " + "b" * 150 + " ") * 2
    voice.speak(Request(words=words[:1000], language="vi"), tmp_path / "spoken")
    assert listen(tmp_path / "spoken").total_seconds() > 0.5


def test_an_answer_sent_in_chunks_is_an_answer(voice: GttsVoice, service: Endpoint, tmp_path: Path) -> None:
    voice.speak(Request(words=BULLETIN, language="vi"), tmp_path / "whole")
    service.mood = "speaks in chunks"
    voice.speak(Request(words=BULLETIN, language="vi"), tmp_path / "chunks")
    assert (tmp_path / "chunks").read_bytes() == (tmp_path / "whole").read_bytes()


FAULTS = {
    "is busy": ("too many requests", True),
    "refuses": ("refuses us", True),
    "has moved": ("404.*too old", False),
    "is broken": ("out of order.*500", True),
    "is overloaded": ("out of order.*503", True),
    "says nothing": ("nothing at all", True),
    "shows a page": ("web page", True),
    "babbles": ("unknown form", True),
    "has no sound": ("no sound for these words", False),
    "has an empty list": ("no sound for these words", False),
    "sends rubbish": ("unknown form", True),
    "sends no MP3": ("not MP3", True),
    "sends broken MP3": ("it answered, but", True),
    "sends us away": ("another address.*sign-in", True),
    "sends us away at length": ("another address.*sign-in", True),
    "hangs up in the middle": ("hung up", True),
    "floods": ("larger than", True),
    "fades": ("too many requests", True),
    "sends a blip": ("too short for", True),
}

STALLS = ("hangs", "drips", "drips headers")


def test_every_mood_of_the_service_is_tried() -> None:
    assert {*FAULTS, *STALLS} == set(MOODS) - {"speaks", "speaks in chunks"}


@pytest.mark.parametrize("mood", FAULTS)
def test_a_service_that_fails_is_told_in_plain_words(
    voice: GttsVoice, service: Endpoint, tmp_path: Path, mood: str
) -> None:
    service.mood = mood
    failed = refused(voice, tmp_path, BULLETIN * 2)
    why, later = FAULTS[mood]
    assert re.search(why, str(failed)), failed
    assert failed.later is later
    assert len(set(service.heard)) == len(service.heard) > 0, "something was asked twice"


@pytest.mark.parametrize("mood", STALLS)
def test_nobody_waits_longer_than_the_limit(
    hasty: GttsVoice, service: Endpoint, tmp_path: Path, mood: str
) -> None:
    service.mood = mood
    started = time.monotonic()
    failed = refused(hasty, tmp_path)
    assert time.monotonic() - started < 5
    assert str(failed) == "it was not done after 0.8 s"
    assert failed.later


def test_a_service_that_says_nothing_more_is_left(
    impatient: GttsVoice, service: Endpoint, tmp_path: Path
) -> None:
    service.mood = "hangs"
    started = time.monotonic()
    failed = refused(impatient, tmp_path)
    assert time.monotonic() - started < 5
    assert str(failed) == "it does not answer in time"
    assert failed.later


def test_a_busy_service_is_given_the_rest_it_asks_for(
    voice: GttsVoice, service: Endpoint, tmp_path: Path
) -> None:
    service.mood = "is busy"
    assert refused(voice, tmp_path).rest == timedelta(seconds=240)
    service.mood = "is overloaded"  # it says "soon"
    assert refused(voice, tmp_path).rest is None


def test_nobody_is_followed_to_another_host(
    voice: GttsVoice, service: Endpoint, authority: trustme.CA, tmp_path: Path
) -> None:
    with Endpoint(authority) as elsewhere:
        service.mood = "sends us away"
        service.elsewhere = elsewhere.address + "/_/TranslateWebserverUi/data/batchexecute"
        refused(voice, tmp_path)
        assert (elsewhere.connections, elsewhere.heard) == (0, [])


def test_a_certificate_nobody_vouches_for_is_refused_before_a_word_is_sent(ca: Path, tmp_path: Path) -> None:
    with Endpoint(trustme.CA()) as stranger:
        failed = refused(GttsVoice(address=stranger.address, ca=ca), tmp_path)
        assert "certificate cannot be trusted" in str(failed)
        assert failed.later
        assert (stranger.connections, stranger.heard) == (1, [])


def test_a_certificate_for_another_name_is_refused(authority: trustme.CA, ca: Path, tmp_path: Path) -> None:
    with Endpoint(authority, name="loa.example") as impostor:
        failed = refused(GttsVoice(address=impostor.address, ca=ca), tmp_path)
        assert "certificate cannot be trusted" in str(failed)
        assert impostor.heard == []


def test_the_usual_certificates_do_not_vouch_for_a_village_authority(
    service: Endpoint, tmp_path: Path
) -> None:
    failed = refused(GttsVoice(address=service.address), tmp_path)
    assert "certificate cannot be trusted" in str(failed)
    assert service.heard == []


def test_without_a_network_it_says_so(tmp_path: Path, authority: trustme.CA) -> None:
    with Endpoint(authority) as gone:
        address = gone.address
    failed = refused(GttsVoice(address=address), tmp_path)
    assert "cannot be reached" in str(failed)
    assert failed.later


def test_a_proxy_of_the_surroundings_is_used(
    voice: GttsVoice, service: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://localhost:1")
    assert "cannot be reached" in str(refused(voice, tmp_path))
    assert service.connections == 0


def test_what_was_given_up_ends_by_itself(hasty: GttsVoice, service: Endpoint, tmp_path: Path) -> None:
    service.mood = "drips"
    before = set(threading.enumerate())
    refused(hasty, tmp_path)
    for thread in set(threading.enumerate()) - before:
        if thread.name == "gtts":
            thread.join(timeout=5)
            assert not thread.is_alive()


def test_a_station_can_only_ask_the_real_service() -> None:
    prepared = GttsVoice()._prepared("xin chào", "vi")
    assert [one.url for one in prepared] == [_translate_url(path="_/TranslateWebserverUi/data/batchexecute")]
    assert str(prepared[0].url).startswith("https://translate.google.com/")


def test_it_knows_its_languages_without_a_network() -> None:
    languages = GttsVoice(address="https://localhost:1").languages()
    assert {"vi", "en", "km", "zh-CN", "yue"} <= languages
    assert not {"lo", "hmn", "tyz"} & languages
