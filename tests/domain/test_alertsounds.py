"""What an alert sounds, item by item, in each language."""

from dataclasses import replace
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.alert import AlertTemplate, Message, Status, Wording
from broadcaster.domain.alertsounds import (
    ALERT_SIGNAL,
    ALL_CLEAR_SIGNAL,
    CORRECTION_SIGNAL,
    drill_sentences,
    every_sound,
    general_sounds,
    languages_of,
    plain_words,
    signal_of,
    sounds_of,
)
from broadcaster.domain.names import StationId, ZoneId
from broadcaster.domain.places import Station, Zone
from broadcaster.domain.programme import Chime, Playable, Recorded, Spoken
from tests.domain.readymade import RECORDED, said, template, wording

WATER = Chime(name="water")
ENDS = (Message.CORRECTION, Message.ALL_CLEAR)


def heard(
    wanted: AlertTemplate, message: Message, *languages: str, status: Status = Status.ACTUAL
) -> tuple[Playable, ...]:
    return sounds_of(wanted, message, status, languages, "vi")


def test_the_signal_goes_before_the_words_of_each_language_of_the_zone() -> None:
    lu = template()
    assert heard(lu, Message.ALERT, "vi") == (WATER, said("lũ vi"))
    assert heard(lu, Message.ALERT, "en", "vi") == (WATER, said("lũ en", "en"), said("lũ vi"))


def test_a_correction_calls_like_a_notice_and_an_all_clear_like_itself() -> None:
    lu = template()
    assert heard(lu, Message.CORRECTION, "vi") == (CORRECTION_SIGNAL, said("nhầm vi"))
    assert heard(lu, Message.ALL_CLEAR, "vi") == (ALL_CLEAR_SIGNAL, said("hết vi"))


@pytest.mark.parametrize("message", [Message.ALERT, *ENDS])
def test_a_zone_whose_language_the_template_lacks_hears_the_station_s(message: Message) -> None:
    lu = template()
    assert heard(lu, message, "hmn") == heard(lu, message, "vi")
    only_english = template(wording("en"))
    assert heard(only_english, message, "hmn") == heard(only_english, message, "en")


def test_nothing_is_heard_of_a_stop_nor_of_a_test() -> None:
    assert heard(template(), Message.STOP, "vi") == ()
    assert heard(template(), Message.ALERT, "vi", status=Status.TEST) == ()


def test_a_drill_says_that_it_is_one_before_the_signal_and_after_the_words() -> None:
    first, signal, words, last = heard(template(), Message.ALERT, "vi", status=Status.EXERCISE)
    assert isinstance(first, Spoken)
    assert isinstance(last, Spoken)
    assert first.words.startswith("Diễn tập.")
    assert "diễn tập" in last.words
    assert (signal, words) == (WATER, said("lũ vi"))


def test_words_made_for_the_drill_are_said_in_it_and_nowhere_else() -> None:
    lu = template(wording("vi", said("giả định lũ")))
    assert said("giả định lũ") in heard(lu, Message.ALERT, "vi", status=Status.EXERCISE)
    assert said("lũ vi") not in heard(lu, Message.ALERT, "vi", status=Status.EXERCISE)
    assert said("giả định lũ") not in heard(lu, Message.ALERT, "vi")


def test_a_language_without_a_voice_is_drilled_only_by_a_recording_made_for_it() -> None:
    without = template(wording("vi"), RECORDED)
    assert RECORDED.alert not in heard(without, Message.ALERT, "hmn", "vi", status=Status.EXERCISE)
    drill = Recorded(path="recordings/dien-tap-hmn.opus")
    having = template(wording("vi"), replace(RECORDED, drill=drill))
    assert drill in heard(having, Message.ALERT, "hmn", "vi", status=Status.EXERCISE)
    assert drill in heard(having, Message.ALERT, "hmn", status=Status.EXERCISE)


@given(
    languages=st.lists(st.sampled_from(["vi", "en", "hmn", "km"]), max_size=3, unique=True),
    wordings=st.lists(
        st.sampled_from([wording("vi"), wording("en"), RECORDED, wording("km"), wording("tyz", said("a"))]),
        min_size=1,
        max_size=4,
        unique=True,
    ),
    station=st.sampled_from(["vi", "en", "km"]),
)
def test_whatever_a_template_says_a_drill_begins_and_ends_as_one_and_nothing_real_does(
    languages: list[str], wordings: list[Wording], station: str
) -> None:
    lu = template(*wordings)
    sentences = set(drill_sentences())
    for message in (Message.ALERT, *ENDS):
        practised = sounds_of(lu, message, Status.EXERCISE, languages, station)
        meant = sounds_of(lu, message, Status.ACTUAL, languages, station)
        assert practised[0] in sentences
        assert practised[-1] in sentences
        assert not sentences & set(meant)
        assert meant[0] == signal_of(lu, message)
        assert len(meant) > 1


@pytest.mark.parametrize("languages", [("vi",), ("en", "vi"), ("hmn",), ("hmn", "vi")])
def test_every_sound_that_may_be_heard_is_among_those_made_ahead(languages: tuple[str, ...]) -> None:
    lu = template(wording("vi", said("giả định")), wording("en"), RECORDED)
    ahead = every_sound(lu, languages, "vi")
    assert len(set(ahead)) == len(ahead)
    for message, status in product(Message, Status):
        assert set(sounds_of(lu, message, status, languages, "vi")) <= set(ahead)


def test_an_alert_without_a_template_has_a_signal_and_words_that_end_it() -> None:
    assert signal_of(None, Message.ALERT) == ALERT_SIGNAL
    ready = general_sounds("vi")
    assert {ALERT_SIGNAL, CORRECTION_SIGNAL, ALL_CLEAR_SIGNAL} <= set(ready)
    for message in ENDS:
        assert said(plain_words(message, "vi")) in ready
    assert "phát nhầm" in plain_words(Message.CORRECTION, "vi-VN")
    assert plain_words(Message.ALL_CLEAR, "km") == plain_words(Message.ALL_CLEAR, "en")
    with pytest.raises(ValueError, match="no ready-made words"):
        plain_words(Message.ALERT, "vi")


def test_a_zone_speaks_its_own_languages_or_those_above_it_or_the_station_s() -> None:
    station = Station(
        id=StationId("dong-tien"),
        name="Đồng Tiến",
        timezone=ZoneInfo("Asia/Ho_Chi_Minh"),
        language="vi",
        voices=("espeak-ng",),
        zones=(
            Zone(id=ZoneId("xa"), name="Xã"),
            Zone(id=ZoneId("ban-tren"), name="Bản Trên", parent=ZoneId("xa"), languages=("hmn", "vi")),
            Zone(id=ZoneId("xom-1"), name="Xóm 1", parent=ZoneId("ban-tren")),
        ),
    )
    assert languages_of(station, "xa") == ("vi",)
    assert languages_of(station, "ban-tren") == ("hmn", "vi")
    assert languages_of(station, "xom-1") == ("hmn", "vi")
