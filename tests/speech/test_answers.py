"""What the online service's answers mean."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.speech import VoiceFailed
from broadcaster.speech.answers import judge, sound_in

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MP3 = b"\xff\xf3\x44\xc4" + bytes(range(256))


def answer(payload: object) -> str:
    return f')]}}\'\n\n[{json.dumps(["wrb.fr", "jQ1olc", payload, None])}\n,["di",52]]'.replace(", ", ",")


def test_the_sound_is_found_whatever_stands_round_it() -> None:
    sound = b64encode(MP3).decode()
    assert sound_in(answer(json.dumps([sound]))) == MP3
    assert (
        sound_in('107\n[["wrb.fr","jQ1olc","[\\"' + sound + '\\"]",null,null,null,"generic"]]\n25\n') == MP3
    )
    escaped = answer(json.dumps([sound]).replace("=", "\\u003d").replace("/", "\\/"))
    assert sound_in(escaped) == MP3


def test_sound_with_anything_foreign_in_it_is_refused() -> None:
    with pytest.raises(VoiceFailed, match="unknown form"):
        sound_in(answer(json.dumps(["%%%%" + b64encode(MP3).decode()])))


@given(st.text() | st.text().map(lambda text: '"jQ1olc",' + text) | st.text().map(answer))
def test_no_answer_brings_the_voice_down(text: str) -> None:
    with pytest.raises(VoiceFailed, match=r"^it "):
        sound_in(text)


@pytest.mark.parametrize("payload", ["[" * 100_000, '{"0":"QUJD"}', "[[]]", "[5]", '["é"]', "5", '"QUJD"'])
def test_a_payload_of_another_form_is_told(payload: str) -> None:
    with pytest.raises(VoiceFailed, match="unknown form"):
        sound_in(answer(payload))


def test_only_200_is_good() -> None:
    judge(200, "", NOON)
    for status in (*range(201, 600, 7), 302, 403, 404, 429, 500, 503):
        with pytest.raises(VoiceFailed, match=str(status)):
            judge(status, "", NOON)


@pytest.mark.parametrize(
    ("said", "rest"),
    [
        ("", None),
        ("240", timedelta(seconds=240)),
        ("0", timedelta(0)),
        ("9" * 5000, timedelta(seconds=999_999_999)),
        ("-5", None),
        ("soon", None),
        ("²", None),
        ("Sat, 21 Nov 2026 12:04:00 GMT", timedelta(minutes=4)),
        ("Sat, 21 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("Sat, 21 Nov 2026 12:04:00", None),
    ],
)
def test_the_rest_a_service_asks_for_is_understood(said: str, rest: timedelta | None) -> None:
    with pytest.raises(VoiceFailed) as failed:
        judge(429, said, NOON)
    assert failed.value.rest == rest
