"""A unit joins: six digits from the horn to the panel, and nobody in between."""

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.names import StationId, UnitId, ZoneId
from broadcaster.link.envelope import HubKey, Refusal, Refused, seal
from broadcaster.link.identity import Identity
from broadcaster.link.messages import BadMessage, read, write
from broadcaster.link.pairing import (
    Accepted,
    JoinAnswer,
    Joining,
    JoinOffer,
    JoinRequest,
    JoinReveal,
    Pending,
    TurnedAway,
    code,
    commitment,
    keeps_its_word,
    new_nonce,
    open_answer,
    seal_answer,
    spoken,
)

HUB, BETWEEN = HubKey(bytes(32)), HubKey(b"\2" * 32)
STATION = StationId("dong-tien")
UNIT, SPY = Identity.create(), Identity.create()
BODY = Accepted(
    station=STATION,
    unit=UnitId("loa-ben"),
    name="Loa Bến",
    zone=ZoneId("thon-ben"),
    broker="nats://192.168.1.10:4222",
    clips="http://192.168.1.10:8081/clips/",
)


def an_offer(key: HubKey = HUB, nonce: str | None = None) -> JoinOffer:
    return JoinOffer(station=STATION, verify_key=str(key.verify), nonce=nonce or new_nonce())


def test_the_horn_speaks_the_digits_the_hub_waits_for() -> None:
    joining = Joining.begin(UNIT.public, name="Loa cổng chùa")
    request = read(JoinRequest, write(joining.request))
    offer = read(JoinOffer, write(an_offer()))
    reveal = read(JoinReveal, write(joining.reveal))
    assert keeps_its_word(request, reveal)
    assert joining.code(offer) == code(reveal.nkey, offer, reveal.nonce)
    assert "".join(spoken(joining.code(offer))) == joining.code(offer)


@given(st.integers(0, 2**256 - 1), st.integers(0, 2**256 - 1))
def test_the_digits_are_always_six(mine: int, theirs: int) -> None:
    digits = code(UNIT.public, an_offer(nonce=f"{theirs:064x}"), f"{mine:064x}")
    assert len(digits) == 6
    assert digits.isdecimal()
    assert [len(group) for group in spoken(digits)] == [3, 3]


def test_everything_that_was_shown_is_in_the_digits() -> None:
    nonce, offer = new_nonce(), an_offer()
    others = [
        code(SPY.public, offer, nonce),
        code(UNIT.public, an_offer(BETWEEN, offer.nonce), nonce),
        code(UNIT.public, an_offer(HUB), nonce),
        code(UNIT.public, offer, new_nonce()),
        code(
            UNIT.public,
            JoinOffer(station=StationId("thai-binh"), verify_key=offer.verify_key, nonce=offer.nonce),
            nonce,
        ),
    ]
    # One of five may agree by chance once in 200,000 runs; two of them, never.
    assert others.count(code(UNIT.public, offer, nonce)) <= 1


def test_the_digits_are_spread_evenly() -> None:
    offer = an_offer(nonce="0" * 64)
    first = Counter(code("U", offer, f"{number:064x}")[0] for number in range(5000))
    assert len(first) == 10
    assert max(first.values()) < 2 * min(first.values())


def test_who_is_in_between_has_one_guess_and_cannot_try_until_it_fits() -> None:
    """He must show each side his own key and nonce before he learns what that side adds; the other way
    round he would find a nonce that fits, as the first loop shows."""
    joining = Joining.begin(UNIT.public, name="")
    true = an_offer()
    spoken_by_horn = joining.code(an_offer(BETWEEN))
    fits = next(
        nonce
        for nonce in (f"{number:064x}" for number in range(20_000_000))
        if code(SPY.public, true, nonce)[:3] == spoken_by_horn[:3]  # three digits, to be quick
    )
    bound = JoinRequest(nkey=SPY.public, name="", commitment=commitment(SPY.public, new_nonce()))
    assert not keeps_its_word(bound, JoinReveal(nkey=SPY.public, nonce=fits))


def test_a_commitment_of_one_unit_does_not_serve_another() -> None:
    nonce = new_nonce()
    request = JoinRequest(nkey=UNIT.public, name="", commitment=commitment(UNIT.public, nonce))
    assert keeps_its_word(request, JoinReveal(nkey=UNIT.public, nonce=nonce))
    assert not keeps_its_word(request, JoinReveal(nkey=SPY.public, nonce=nonce))
    borrowed = JoinRequest(nkey=UNIT.public, name="", commitment=commitment(SPY.public, nonce))
    assert not keeps_its_word(borrowed, JoinReveal(nkey=SPY.public, nonce=nonce))


@pytest.mark.parametrize("body", [Pending(), TurnedAway(reason="mã sai"), BODY])
def test_the_answer_reaches_the_unit_of_this_meeting(body: Pending | TurnedAway | Accepted) -> None:
    offer = an_offer()
    raw = seal_answer(HUB, JoinAnswer(nkey=UNIT.public, nonce=offer.nonce, body=body))
    assert open_answer(raw, offer, UNIT.public) == body


def test_an_answer_of_another_hub_meeting_or_unit_is_refused() -> None:
    offer = an_offer()
    answer = JoinAnswer(nkey=UNIT.public, nonce=offer.nonce, body=BODY)
    wrong = {
        Refusal.UNKNOWN_KEY: seal_answer(BETWEEN, answer),
        Refusal.NOT_FOR_US: seal_answer(HUB, JoinAnswer(nkey=SPY.public, nonce=offer.nonce, body=BODY)),
        Refusal.REPEATED: seal_answer(HUB, JoinAnswer(nkey=UNIT.public, nonce=new_nonce(), body=BODY)),
        Refusal.BAD_SIGNATURE: seal_answer(HUB, answer)[:-1] + b" ",
        Refusal.MALFORMED: seal(HUB, b"{}"),
    }
    for refusal, raw in wrong.items():
        with pytest.raises(Refused) as caught:
            open_answer(raw, offer, UNIT.public)
        assert caught.value.refusal is refusal


@pytest.mark.parametrize(
    "change",
    [
        {"nkey": "U"},
        {"nkey": UNIT.seed},
        {"commitment": "00"},
        {"commitment": "G" * 64},
        {"name": "x" * 81},
        {"commitment": None},
    ],
)
def test_a_knock_that_makes_no_sense_is_refused(change: dict[str, object]) -> None:
    request = json.loads(write(Joining.begin(UNIT.public, name="Loa").request)) | change
    with pytest.raises(BadMessage):
        read(JoinRequest, json.dumps(request).encode())
