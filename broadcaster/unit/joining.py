"""How a box becomes a unit of the station: it knocks, tells six digits, and waits for a person.

The digits are told once for each meeting; see `link.pairing` for why they are enough.
"""

import asyncio
from collections.abc import Callable

from broadcaster.link.envelope import Refused
from broadcaster.link.messages import BadMessage, read, write
from broadcaster.link.pairing import Accepted, Joining, JoinOffer, Pending, TurnedAway, open_answer, spoken
from broadcaster.sdnotify import notify
from broadcaster.unit.home import Member, Settings, UnitHome
from broadcaster.unit.http import HubHttp, NotFetched

__all__ = ["join"]

_ASK_EVERY = 1.0
_KNOCK_AGAIN = 5.0

Tell = Callable[[str], None]


async def join(home: UnitHome, hub_url: str, *, name: str, software: str, tell: Tell) -> Member:
    """Knock at the hub until somebody lets this unit in, then be its member for good.

    `tell` is told what a person has to know: above all the digits. Raises OSError, KeyTrouble.
    """
    base = hub_url.rstrip("/")
    async with HubHttp() as http:
        while True:
            try:
                return await _meet(http, base, home, name=name, software=software, tell=tell)
            except NotFetched as fault:
                tell(f"not joined yet: {fault}; knocking again")
                await _wait(_ASK_EVERY)
            except (BadMessage, Refused, _Over) as fault:
                tell(f"not joined yet: {fault}; knocking again at {base}")
                await _wait(_KNOCK_AGAIN)


class _Over(Exception):
    """This meeting came to nothing."""


async def _meet(http: HubHttp, base: str, home: UnitHome, *, name: str, software: str, tell: Tell) -> Member:
    identity = home.identity
    joining = Joining.begin(identity.public, name=name, software=software)
    offer = read(JoinOffer, await _answer(http, f"{base}/join/request", write(joining.request)))
    first, second = spoken(joining.code(offer))
    tell(f"this unit's digits: {first} {second} (type them in the panel to let it in)")
    while True:
        match await _asked(http, f"{base}/join/reveal", joining, offer):
            case Accepted() as accepted:
                member = Member(
                    station=accepted.station,
                    unit=accepted.unit,
                    verify_key=offer.verify_key,
                    broker=accepted.broker,
                )
                settings = Settings(zone=accepted.zone, name=accepted.name, clips_url=accepted.clips)
                home.become(member, settings)
                tell(f"joined {accepted.station} as {accepted.unit} in {accepted.zone}")
                return member
            case TurnedAway(reason=reason):
                raise _Over(reason)
            case Pending() | None:
                await _wait(_ASK_EVERY)


async def _wait(seconds: float) -> None:
    """Wait for a person, for days if need be, without systemd taking it for a start that hangs."""
    notify("EXTEND_TIMEOUT_USEC=60000000\nSTATUS=waits to be let in")
    await asyncio.sleep(seconds)


async def _asked(
    http: HubHttp, url: str, joining: Joining, offer: JoinOffer
) -> Pending | TurnedAway | Accepted | None:
    """What the hub says; None while it cannot be reached: the digits stay as they are."""
    try:
        raw = await _answer(http, url, write(joining.reveal))
    except NotFetched:
        return None
    return open_answer(raw, offer, joining.request.nkey)


async def _answer(http: HubHttp, url: str, body: bytes) -> bytes:
    status, raw = await http.post(url, body)
    if status >= 400:
        raise _Over(raw.decode(errors="replace")[:200])
    return raw
