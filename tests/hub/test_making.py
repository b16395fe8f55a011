"""The maker of a station: what it keeps, and what it can do without."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from broadcaster.domain.programme import Chime, Spoken
from broadcaster.hub.making import StationMaker
from broadcaster.hub.preparation import CannotMake
from broadcaster.sound.codec import read_blocks
from broadcaster.sound.library import Library
from broadcaster.sound.loudness import measure
from broadcaster.speech.chain import Voices
from broadcaster.speech.engines import by_name
from tests.hub.villages import MORNING
from tests.sources import ROOT

WORDS = Spoken(words="Kính chào bà con.")


def station_maker(folder: Path, *, room: int = 1 << 20) -> StationMaker:
    voices = Voices([by_name("espeak-ng")], folder / "voices")
    return StationMaker(
        folder=ROOT, library=Library(folder / "library"), voices=voices, language="vi", room=room
    )


def test_words_and_a_chime_become_clips_that_are_there_and_have_a_voice(tmp_path: Path) -> None:
    maker = station_maker(tmp_path)
    spoken, chime = maker.make(WORDS), maker.make(Chime(name="opening"))
    assert (spoken.voice, chime.voice) == ("espeak-ng", "")
    assert maker.holds(spoken.clip.id)
    assert maker.holds(chime.clip.id)
    assert maker.make(WORDS) == spoken


def test_a_call_and_the_words_after_it_are_one_clip_at_one_level(tmp_path: Path) -> None:
    maker = station_maker(tmp_path)
    words, called = maker.make(WORDS), maker.make(replace(WORDS, chime="notice"))
    alone = maker.make(Chime(name="notice"))
    assert called.clip.length > words.clip.length + alone.clip.length * 0.5
    assert called.voice == "espeak-ng"
    heard = measure(read_blocks(tmp_path / "library" / "clips" / called.clip.id))
    assert heard.integrated is not None
    assert -17 < heard.integrated < -15


def test_a_chime_that_is_gone_does_not_mute_the_words(tmp_path: Path) -> None:
    maker = station_maker(tmp_path)
    assert maker.make(replace(WORDS, chime="khong-co")).clip.id == maker.make(WORDS).clip.id


def test_what_cannot_be_made_says_why_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotMake, match="khong-co"):
        station_maker(tmp_path).make(Chime(name="khong-co"))


def test_old_clips_nobody_needs_go_and_spoken_words_keep_to_their_room(tmp_path: Path) -> None:
    maker = station_maker(tmp_path, room=0)
    spoken, chime = maker.make(WORDS), maker.make(Chime(name="opening"))
    (kept_words,) = (tmp_path / "voices").iterdir()
    os.utime(kept_words, (0, 0))
    for product in (spoken, chime):
        os.utime(tmp_path / "library" / "clips" / product.clip.id, (0, 0))
    assert maker.tidy([chime.clip.id], MORNING) > 0
    assert not maker.holds(spoken.clip.id)
    assert maker.holds(chime.clip.id)
    assert not kept_words.exists()
    again = maker.make(WORDS)
    assert again.clip.id == spoken.clip.id
    assert maker.holds(again.clip.id)


def test_what_must_be_heard_at_once_is_spoken_by_the_surest_voice_and_says_so(tmp_path: Path) -> None:
    voices = Voices([by_name("gtts"), by_name("espeak-ng")], tmp_path / "voices")
    maker = StationMaker(folder=ROOT, library=Library(tmp_path / "library"), voices=voices, language="vi")
    assert maker.hurries(WORDS)
    assert not maker.hurries(Spoken(words="Kính chào.", voice="espeak-ng"))
    assert not maker.hurries(Chime(name="opening"))
    product = maker.make(WORDS, quickly=True)
    assert (product.voice, bool(product.poor)) == ("espeak-ng", True)


def test_a_clip_with_one_bit_turned_over_is_dropped_and_comes_out_the_same_again(tmp_path: Path) -> None:
    maker = station_maker(tmp_path)
    product = maker.make(WORDS)
    assert maker.is_whole(product.clip.id)
    file = tmp_path / "library" / "clips" / product.clip.id
    spoiled = bytearray(file.read_bytes())
    spoiled[len(spoiled) // 2] ^= 1
    file.write_bytes(spoiled)
    assert not maker.is_whole(product.clip.id)
    assert not maker.holds(product.clip.id)
    assert maker.make(WORDS) == product
    assert maker.is_whole(product.clip.id)
