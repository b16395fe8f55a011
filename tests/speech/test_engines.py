"""The voices a station may name."""

import pytest

from broadcaster.speech.engines import ENGINES, UnknownVoice, by_name


def test_every_voice_answers_to_its_name_in_the_station_file() -> None:
    assert [by_name(name).name for name in ENGINES] == ["gtts", "espeak-ng"]


@pytest.mark.parametrize("name", ["espeak", "gTTS", "", "__class__"])
def test_a_voice_nobody_has_is_told_with_the_ones_there_are(name: str) -> None:
    with pytest.raises(UnknownVoice, match="the ones there are: gtts, espeak-ng"):
        by_name(name)
