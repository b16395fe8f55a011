"""A box becomes a unit: it knocks, says six digits, and waits for a person."""

import asyncio
import stat
from pathlib import Path

import pytest

from broadcaster.domain.names import StationId, UnitId, ZoneId
from broadcaster.link.envelope import HubKey
from broadcaster.link.messages import read, write
from broadcaster.link.pairing import (
    Accepted,
    JoinAnswer,
    JoinOffer,
    JoinRequest,
    JoinReveal,
    Pending,
    TurnedAway,
    code,
    keeps_its_word,
    new_nonce,
    seal_answer,
)
from broadcaster.unit import joining
from broadcaster.unit.home import Member, UnitHome
from tests.unit.hubdoor import DoorOnLoopback

YES = Accepted(
    station=StationId("dong-tien"),
    unit=UnitId("loa-ben"),
    name="Nhà văn hoá thôn Bến",
    zone=ZoneId("thon-ben"),
    broker="nats://127.0.0.1:4222",
    clips="http://127.0.0.1:8008/clips/",
)


class Hub:
    """The hub's side of the door; `answers` are given one after the other, the last one for ever."""

    def __init__(self, *answers: Pending | TurnedAway | Accepted) -> None:
        self.key = HubKey.create()
        self.signs = self.key
        self.answers = list(answers)
        self.digits: list[str] = []
        self.names: list[str] = []
        self._met: tuple[JoinRequest, JoinOffer] | None = None

    def request(self, raw: bytes) -> tuple[int, bytes]:
        request = read(JoinRequest, raw)
        offer = JoinOffer(station=StationId("dong-tien"), verify_key=str(self.key.verify), nonce=new_nonce())
        self._met = request, offer
        self.names.append(request.name)
        return 200, write(offer)

    def reveal(self, raw: bytes) -> tuple[int, bytes]:
        reveal = read(JoinReveal, raw)
        assert self._met is not None
        request, offer = self._met
        assert keeps_its_word(request, reveal)
        self.digits.append(code(reveal.nkey, offer, reveal.nonce))
        body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return 200, seal_answer(self.signs, JoinAnswer(nkey=reveal.nkey, nonce=offer.nonce, body=body))


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to wait for a person here."""
    monkeypatch.setattr(joining, "_ASK_EVERY", 0.0)
    monkeypatch.setattr(joining, "_KNOCK_AGAIN", 0.0)


def joined(home: UnitHome, hub: Hub, told: list[str]) -> Member:
    async def knock() -> Member:
        async with DoorOnLoopback() as door:
            door.doors = {"request": hub.request, "reveal": hub.reveal}
            async with asyncio.timeout(10):
                return await joining.join(
                    home, door.url + "/", name="Loa Bến", software="1", tell=told.append
                )

    return asyncio.run(knock())


def test_it_says_its_digits_and_belongs_to_the_station_once_a_person_typed_them(tmp_path: Path) -> None:
    told: list[str] = []
    hub, home = Hub(Pending(), Pending(), YES), UnitHome(tmp_path)
    member = joined(home, hub, told)
    assert member.unit == "loa-ben"
    assert len(set(hub.digits)) == 1
    assert f"{hub.digits[0][:3]} {hub.digits[0][3:]}" in told[0]
    assert hub.names == ["Loa Bến"]
    again = UnitHome(tmp_path)
    assert again.member() == member
    settings = again.settings()
    assert settings is not None
    assert (settings.zone, settings.clips_url) == (YES.zone, YES.clips)
    assert again.keys(member).by_id(hub.key.verify.id) == hub.key.verify
    assert again.identity.public == home.identity.public


def test_its_secret_is_for_its_own_eyes(tmp_path: Path) -> None:
    home = UnitHome(tmp_path / "home")
    assert home.identity.seed
    assert stat.S_IMODE((tmp_path / "home" / "unit.nkey").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


def test_turned_away_it_knocks_again_with_new_digits(tmp_path: Path) -> None:
    told: list[str] = []
    hub = Hub(TurnedAway(reason="nobody knows this box"), YES)
    joined(UnitHome(tmp_path), hub, told)
    assert len(set(hub.digits)) == 2
    assert any("nobody knows this box" in words for words in told)


def test_an_answer_that_another_key_signed_lets_it_in_nowhere(tmp_path: Path) -> None:
    told: list[str] = []
    hub, home = Hub(YES), UnitHome(tmp_path)
    hub.signs = HubKey.create()
    honest = hub.key

    def repent(words: str) -> None:
        told.append(words)
        if "not joined yet" in words:
            assert home.member() is None
            hub.signs = honest

    async def knock() -> None:
        async with DoorOnLoopback() as door:
            door.doors = {"request": hub.request, "reveal": hub.reveal}
            await joining.join(home, door.url, name="Loa", software="1", tell=repent)

    asyncio.run(knock())
    assert any("unknown-key" in words for words in told)


def test_a_home_that_cannot_be_read_is_a_home_that_has_joined_nothing(tmp_path: Path) -> None:
    (tmp_path / "member.json").write_bytes(b"{")
    (tmp_path / "memory.json").write_bytes(b"\x00\xff")
    home = UnitHome(tmp_path)
    assert home.member() is None
    assert home.memory().acted == ()
