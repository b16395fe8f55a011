"""Strangers knock at the hub's door; a person lets in the one whose digits he heard."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from broadcaster.domain.names import UnitId, ZoneId
from broadcaster.domain.places import Unit
from broadcaster.hub.joining import Meetings
from broadcaster.link.envelope import HubKey, Refused
from broadcaster.link.identity import Identity
from broadcaster.link.messages import read, write
from broadcaster.link.pairing import (
    Accepted,
    Joining,
    JoinOffer,
    JoinReveal,
    Pending,
    TurnedAway,
    new_nonce,
    open_answer,
)
from broadcaster.store import Store, open_store
from broadcaster.store.units import JoinedUnit
from tests.hub.villages import MORNING, commune

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def meetings(store: Store) -> Meetings:
    return Meetings(
        station=commune().id,
        key=HubKey.create(),
        store=store,
        broker_url="nats://127.0.0.1:4222",
        clips_url="http://127.0.0.1:8008/clips/",
    )


class Stranger:
    """A box that nobody knows yet."""

    def __init__(self, meetings: Meetings, nkey: str | None = None) -> None:
        self._meetings = meetings
        self.nkey = Identity.create().public if nkey is None else nkey
        self.side = Joining.begin(self.nkey, name="loa mới")

    def knock(self, *, minutes: float = 0, source: str = "") -> int:
        now = MORNING + minutes * MINUTE
        status, raw = self._meetings.request(write(self.side.request), now, source)
        if status == 200:
            self.offer = read(JoinOffer, raw)
        return status

    def reveal(
        self, *, minutes: float = 0, reveal: JoinReveal | None = None
    ) -> Pending | TurnedAway | Accepted | int:
        """What the hub says to it, or the HTTP status when it says nothing."""
        shown = self.side.reveal if reveal is None else reveal
        status, raw = self._meetings.reveal(write(shown), MORNING + minutes * MINUTE)
        return open_answer(raw, self.offer, self.nkey) if status == 200 else status

    @property
    def digits(self) -> str:
        return self.side.code(self.offer)


def let_in(store: Store, nkey: str, *, forbidden: bool = False) -> None:
    """What the desk does when somebody has typed the digits."""
    unit = Unit(id=UnitId("thon-ben-1"), name="Cột số 3", zone=ZoneId("thon-ben"))
    store.units.put(JoinedUnit(unit=unit, nkey=nkey, joined=MORNING, forbidden=forbidden))


def test_a_box_that_knocks_waits_under_the_very_digits_it_speaks(store: Store, meetings: Meetings) -> None:
    box = Stranger(meetings)
    assert box.knock() == 200
    assert box.offer.station == commune().id
    assert store.joining.waiting(MORNING) == (), "nobody waits before it has shown its nonce"
    assert box.reveal() == Pending()
    (waiting,) = store.joining.waiting(MORNING)
    assert (waiting.nkey, waiting.code, waiting.wish) == (box.nkey, box.digits, "loa mới")


def test_a_box_whose_digits_were_typed_is_told_where_it_belongs(store: Store, meetings: Meetings) -> None:
    box = Stranger(meetings)
    box.knock()
    box.reveal()
    let_in(store, box.nkey)
    assert box.reveal(minutes=1) == Accepted(
        station=commune().id,
        unit=UnitId("thon-ben-1"),
        name="Cột số 3",
        zone=ZoneId("thon-ben"),
        broker="nats://127.0.0.1:4222",
        clips="http://127.0.0.1:8008/clips/",
    )


def test_a_box_that_shows_another_nonce_than_it_was_bound_to_is_turned_away(
    store: Store, meetings: Meetings
) -> None:
    box = Stranger(meetings)
    box.knock()
    answer = box.reveal(reveal=JoinReveal(nkey=box.nkey, nonce=new_nonce()))
    assert isinstance(answer, TurnedAway)
    assert store.joining.waiting(MORNING) == ()
    assert box.reveal() == 410, "and its meeting is over: it cannot try another one"


def test_a_box_that_was_shut_out_is_turned_away_for_good(store: Store, meetings: Meetings) -> None:
    box = Stranger(meetings)
    let_in(store, box.nkey, forbidden=True)
    box.knock()
    answer = box.reveal()
    assert isinstance(answer, TurnedAway)
    assert "shut out" in answer.reason
    assert store.joining.waiting(MORNING) == ()


def test_a_box_that_lost_its_memory_and_knocks_again_is_told_again(store: Store, meetings: Meetings) -> None:
    box = Stranger(meetings)
    let_in(store, box.nkey)
    box.knock()
    assert isinstance(box.reveal(), Accepted)


def test_who_never_knocked_shows_nothing(meetings: Meetings) -> None:
    box = Stranger(meetings)
    assert box.reveal() == 410


def test_a_meeting_lasts_half_an_hour(store: Store, meetings: Meetings) -> None:
    box = Stranger(meetings)
    box.knock()
    assert box.reveal(minutes=29.9) == Pending()
    assert store.joining.waiting(MORNING + 29.9 * MINUTE)
    assert box.reveal(minutes=30) == 410
    assert store.joining.waiting(MORNING + 30 * MINUTE) == ()


def test_a_box_that_knocks_again_gets_another_offer_and_speaks_other_digits(meetings: Meetings) -> None:
    box = Stranger(meetings)
    box.knock()
    first = box.offer
    assert box.knock(minutes=1) == 200
    assert box.offer.nonce != first.nonce
    assert box.reveal(minutes=1) == Pending()
    with pytest.raises(Refused):
        open_answer(meetings.reveal(write(box.side.reveal), MORNING + MINUTE)[1], first, box.nkey)


def test_at_most_two_hundred_boxes_are_met_at_once_and_room_comes_back(meetings: Meetings) -> None:
    boxes = [Stranger(meetings) for _ in range(200)]
    assert {box.knock() for box in boxes} == {200}
    late = Stranger(meetings)
    assert late.knock(minutes=1) == 503
    assert boxes[0].knock(minutes=1) == 200, "who is there already may begin anew"
    assert late.knock(minutes=30) == 200


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"\xff" * 40, b'{"nkey": "U", "name": "x", "commitment": "0"}', b"[" * 100_000]
)
def test_rubbish_at_the_door_gets_a_sentence_and_changes_nothing(
    store: Store, meetings: Meetings, raw: bytes
) -> None:
    for door in (meetings.request, meetings.reveal):
        status, answer = door(raw, MORNING)
        assert status == 400
        assert msgspec.json.decode(answer)["error"]
    assert store.joining.waiting(MORNING) == ()


def test_a_hub_that_restarts_has_forgotten_the_meeting_and_the_box_begins_again(
    store: Store, meetings: Meetings
) -> None:
    box = Stranger(meetings)
    box.knock()
    again = Meetings(
        station=commune().id, key=HubKey(os.urandom(32)), store=store, broker_url="nats://x", clips_url="x"
    )
    status, _ = again.reveal(write(box.side.reveal), MORNING)
    assert status == 410


def test_one_neighbour_who_knocks_for_hundreds_does_not_keep_the_door_shut_for_others(
    meetings: Meetings,
) -> None:
    boxes = [Stranger(meetings) for _ in range(300)]
    assert [box.knock(source="192.168.1.66") for box in boxes] == [200] * 20 + [503] * 280
    assert boxes[0].knock(source="192.168.1.66") == 200, "who is there already may begin anew"
    assert Stranger(meetings).knock(source="192.168.1.7") == 200
    assert boxes[20].knock(minutes=30, source="192.168.1.66") == 200
