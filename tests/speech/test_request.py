"""Words that an engine could take for a command cannot even be asked for."""

import pytest

from broadcaster.speech import LONGEST, NoVoice, Request


@pytest.mark.parametrize(
    "words",
    [
        "\x01450Smời bà con",  # espeak-ng would speak faster
        "mời bà con\x00 đến họp",  # espeak-ng would drop the rest
        "mời bà con\nđến họp",
        "mời bà con\rđến họp",
        "mời bà con\u2028đến họp",
        "mời\u202e bà con",
        "mời\ue001450S bà con",
        "mời bà con \ud800",
    ],
)
def test_hidden_characters_are_no_words(words: str) -> None:
    with pytest.raises(ValueError, match="no invisible characters"):
        Request(words=words, language="vi")


@pytest.mark.parametrize("words", ["", " ", "...", "?!", "🔔"])
def test_nothing_is_no_request(words: str) -> None:
    with pytest.raises(ValueError, match=r"nothing to say|1 to 1000"):
        Request(words=words, language="vi")


def test_a_request_is_one_breath() -> None:
    Request(words="x" * LONGEST, language="vi")
    with pytest.raises(ValueError, match="1001"):
        Request(words="x" * (LONGEST + 1), language="vi")


def test_words_of_other_scripts_may_be_asked_for() -> None:
    Request(words="ស្ថានីយ៍ចាក់ផ្សាយ", language="km")
    Request(words="क्\u200dष", language="hi")


def test_when_no_voice_could_speak_each_reason_is_told() -> None:
    silent = NoVoice(["gtts: it cannot be reached", "espeak-ng: it is not installed"], later=True)
    assert str(silent) == (
        "no voice could speak this: gtts: it cannot be reached; espeak-ng: it is not installed"
    )
    assert silent.reasons == ("gtts: it cannot be reached", "espeak-ng: it is not installed")
