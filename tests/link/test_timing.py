"""What time is it: asked a thousand times a day, so it must be short; it sets clocks, so it must be true."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.names import UnitId
from broadcaster.link.envelope import HubKey, Refused, VerifyKeys, opened, seal
from broadcaster.link.messages import Ask, BadMessage, Order, Present, Tell, read, write
from broadcaster.link.timing import AskTime, TimeTold, asks_time, microseconds

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
QUESTION = AskTime(v=1, nonce="hX2mJ8sQ1pA", state="0123456789ab")
ANSWER = TimeTold(v=1, nonce="hX2mJ8sQ1pA", heard=microseconds(NOON), took=87, same=True)


def test_question_and_answer_come_back_as_they_were() -> None:
    assert read(AskTime, write(QUESTION)) == QUESTION
    assert read(TimeTold, write(ANSWER)) == ANSWER
    assert ANSWER.received == NOON
    assert ANSWER.answered == NOON + timedelta(microseconds=87)


@given(st.timedeltas(timedelta(days=-365 * 50), timedelta(days=365 * 200)))
def test_no_microsecond_is_lost(since: timedelta) -> None:
    at = NOON + since
    assert TimeTold(v=1, nonce="", heard=microseconds(at), took=0, same=True).received == at


def test_they_are_short() -> None:
    assert len(write(QUESTION)) < 50
    assert len(seal(HubKey.create(), write(ANSWER))) < 140


def test_the_hub_knows_a_question_for_the_time_from_any_other() -> None:
    assert asks_time(write(QUESTION))
    assert not asks_time(write(Ask(v=1, unit=UnitId("loa-ben"), nonce="n")))
    assert not asks_time(b"")


@pytest.mark.parametrize("kind", [AskTime, TimeTold, Ask, Present, Order, Tell])
def test_nothing_else_passes_for_them_nor_they_for_anything_else(kind: type) -> None:
    for word in (QUESTION, ANSWER):
        if not isinstance(word, kind):
            with pytest.raises(BadMessage):
                read(kind, write(word))


def test_who_has_not_the_hubs_key_sets_no_clock() -> None:
    ours, theirs = HubKey.create(), HubKey.create()
    keys = VerifyKeys.of([ours.verify])
    assert opened(seal(ours, write(ANSWER)), keys, TimeTold) == ANSWER
    with pytest.raises(Refused):
        opened(seal(theirs, write(ANSWER)), keys, TimeTold)
    spoilt = bytearray(seal(ours, write(ANSWER)))
    spoilt[-5] ^= 1
    with pytest.raises(Refused):
        opened(bytes(spoilt), keys, TimeTold)


@pytest.mark.parametrize("raw", [b'["told",1,"n",-1,0,true]', b'["told",1,"n",9e99,0,true]', b'["told",1]'])
def test_an_instant_that_cannot_be_is_no_answer(raw: bytes) -> None:
    with pytest.raises(BadMessage):
        read(TimeTold, raw)
