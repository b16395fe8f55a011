"""The words of the wire: they arrive as they were sent, or are refused in one way only."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.domain.asrun import AsRunEntry, Outcome, Stretch
from broadcaster.domain.health import Supply
from broadcaster.domain.instants import Spell
from broadcaster.domain.names import ClipId, CueId, StationId, UnitId, ZoneId
from broadcaster.domain.plan import Clip, Plan, PlannedCue
from broadcaster.domain.programme import LatePolicy, Rank, StartMode
from broadcaster.link import messages
from broadcaster.link.judging import Acted, Memory
from broadcaster.link.messages import (
    Ask,
    BadMessage,
    NowPlaying,
    Order,
    PlanChanged,
    PlanRef,
    Present,
    SetVolume,
    Stop,
    Tell,
    Told,
    Vitals,
    read,
    write,
)
from broadcaster.link.pairing import Accepted, JoinAnswer

NOON = datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CUE = CueId("ban-tin-sang@2026-11-21T05:00:00")
CLIP = ClipId("ab" * 32)
STATION, UNIT, ZONE = StationId("dong-tien"), UnitId("loa-ben"), ZoneId("thon-ben")
REF = PlanRef(revision=1_800_000_000_000_000, sha256=CLIP, size=4096)

PLAN = Plan(
    station=STATION,
    zone=ZONE,
    revision=1_800_000_000_000_000,
    span=Spell(begin=NOON, end=NOON + timedelta(days=7)),
    open=(Spell(begin=NOON, end=NOON + timedelta(hours=1)),),
    cues=(
        PlannedCue(
            id=CUE,
            title="Bản tin sáng",
            rank=Rank.ORDINARY,
            start=NOON,
            mode=StartMode.SOFT,
            grace=timedelta(minutes=10),
            late=LatePolicy.JOIN,
            clips=(Clip(id=CLIP, frames=48_001, joins=False, title="Lời chào"),),
            max=timedelta(minutes=45),
        ),
    ),
)
TELL = Tell(
    v=1,
    unit=UNIT,
    entries=(
        AsRunEntry(
            unit=UNIT,
            cue=CUE,
            title="Bản tin sáng",
            revision=3,
            outcome=Outcome.CUT_SHORT,
            planned=NOON,
            ended=NOON + MINUTE,
            asked=2 * MINUTE,
            stretches=(Stretch(begin=NOON, length=MINUTE),),
            reason="stopped by chị Hoa",
            level=-18.5,
        ),
    ),
)


def an_order(body: messages.Body) -> Order:
    return Order(
        v=1, station=STATION, to=("all",), id="1", seq=1, issued=NOON, expires=NOON + MINUTE, body=body
    )


PRESENT = Present(
    v=1,
    station=STATION,
    unit=UNIT,
    nonce="n",
    zone=ZONE,
    name="Loa Bến",
    volume=-3.0,
    clips_url="http://127.0.0.1:8080/clips/",
    plan=REF,
    orders=(b"\x00\xffenvelope",),
    received=NOON,
    answered=NOON + timedelta(microseconds=1),
)
VITALS = Vitals(
    v=1,
    at=NOON,
    software="0.1.0",
    plan=3,
    missing=2,
    clips=120,
    cache=10**8,
    playing=NowPlaying(cue=CUE, title="Bản tin sáng", since=NOON, played=MINUTE),
    clock_trusted=False,
    clock_error=0.004,
    round_trip=0.08,
    disk_free=10**10,
    temperature=61.5,
    supply=Supply.WAS_LOW,
    underruns=9,
    underruns_lately=3,
    level=-17.5,
    speaker="hw:0",
    stand_in=True,
    waiting=4,
    refusals={"expired": 2},
    used=43 * 10**6,
)
ANSWER = JoinAnswer(
    nkey="U",
    nonce="11" * 32,
    body=Accepted(
        station=STATION,
        unit=UNIT,
        name="Loa Bến",
        zone=ZONE,
        broker="nats://127.0.0.1:4222",
        clips="http://127.0.0.1:8080/clips/",
    ),
)
WORDS = [
    an_order(PlanChanged(plans={ZONE: REF})),
    an_order(Stop(cue=CUE, by="chị Hoa")),
    an_order(Stop(cue=None, by="chị Hoa")),
    an_order(SetVolume(decibels=-12.5)),
    an_order(messages.TestChime(clip=CLIP, frames=48_000)),
    Ask(v=1, unit=UNIT, nonce="n"),
    PRESENT,
    TELL,
    Told(cues=(CUE,), refused={CUE: "the disk is full"}),
    Tell(v=1, unit=UNIT, vitals=VITALS),
    VITALS,
    PLAN,
    ANSWER,
    Memory(acted=(Acted(id="1", seq=1, expires=NOON),), floor=3, versions={"volume": 9}),
]
KINDS = (Order, Ask, Present, Tell, Told, Vitals, Plan, JoinAnswer, Memory)
SIGNED = [word for word in WORDS if isinstance(word, Order | Present | Plan | JoinAnswer)]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: type(word).__name__)
def test_every_word_arrives_as_it_was_sent(word: object) -> None:
    assert read(type(word), write(word)) == word


@pytest.mark.parametrize("word", WORDS, ids=lambda word: type(word).__name__)
def test_names_are_names_again_when_they_arrive(word: object) -> None:
    again = read(type(word), write(word))
    for field in ("unit", "station", "zone"):
        if hasattr(word, field):
            assert type(getattr(again, field)) is type(getattr(word, field))


@pytest.mark.parametrize("word", SIGNED, ids=lambda word: type(word).__name__)
def test_what_was_signed_as_one_thing_is_never_read_as_another(word: object) -> None:
    for kind in (Order, Present, Plan, JoinAnswer):
        if not isinstance(word, kind):
            with pytest.raises(BadMessage):
                read(kind, write(word))


def test_a_newer_hub_may_say_more_than_an_older_unit_understands() -> None:
    more = json.loads(write(PRESENT)) | {"mood": "sunny"}
    assert read(Present, json.dumps(more).encode()) == PRESENT


@pytest.mark.parametrize(
    "change",
    [
        {"issued": "2026-11-21T12:00:00"},
        {"issued": "2026-11-21T12:00:00+07:00"},
        {"expires": "2026-11-21T11:00:00Z"},
        {"seq": -1},
        {"id": ""},
        {"id": "x" * 65},
        {"station": "Đồng Tiến"},
        {"body": {"type": "volume", "decibels": 6}},
        {"body": {"type": "volume", "decibels": -61}},
        {"body": {"type": "volume", "decibels": "nan"}},
        {"body": {"type": "test-chime", "clip": "x", "frames": 1}},
        {"body": {"type": "test-chime", "clip": CLIP, "frames": 0}},
        {"body": {"type": "self-destruct"}},
    ],
)
def test_an_order_with_an_impossible_value_is_refused(change: dict[str, object]) -> None:
    raw = json.dumps(json.loads(write(WORDS[3])) | change).encode()
    with pytest.raises(BadMessage):
        read(Order, raw)


@given(st.binary(max_size=300), st.sampled_from(KINDS))
def test_bytes_that_are_no_message_are_refused_in_one_way_only(raw: bytes, kind: type) -> None:
    with pytest.raises(BadMessage):
        read(kind, raw)


STRANGE: tuple[object, ...] = (
    *(None, True, 0, -1, 3.5, 2**70, -(2**70), 1e308, float("nan"), float("inf"), 10**400),
    *("", "x", "\x00", "\ud800", "ban@9999-99-99T00:00:00", "P99999999D", "P999999999999D", "-PT1S"),
    *("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00"),
    *([], {}, [[[]]]),
)


def places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside a JSON document."""
    for key, inner in list(enumerate(value) if isinstance(value, list) else value.items()):
        yield (*before, key)
        if isinstance(inner, dict | list):
            yield from places(inner, (*before, key))


@pytest.mark.parametrize("word", WORDS, ids=lambda word: type(word).__name__)
def test_a_message_with_one_strange_value_is_read_or_refused_in_one_way_only(word: object) -> None:
    sent, refusals = write(word), 0
    for way, strange in product(places(json.loads(sent)), STRANGE):
        whole = inner = json.loads(sent)
        for key in way[:-1]:
            inner = inner[key]
        inner[way[-1]] = strange
        try:
            read(type(word), json.dumps(whole).encode())
        except BadMessage:
            refusals += 1
    assert refusals > len(STRANGE)


def test_a_message_nested_without_end_is_refused() -> None:
    with pytest.raises(BadMessage):
        read(Order, b'{"x":' + b"[" * 100_000)
