"""The hub's side of pairing: strangers knock, a person types the digits, the unit is let in.

Meetings are in memory: a hub that restarts forgets them, and the unit begins again. Their number and life
are bounded, because the network that knocks is not trusted.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from broadcaster.domain.names import StationId
from broadcaster.link.envelope import HubKey
from broadcaster.link.messages import BadMessage, read, write
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
from broadcaster.store import Store
from broadcaster.store.joining import JoinRequest as Waiting

__all__ = ["Meetings"]

_LIFE = timedelta(minutes=30)
_MOST = 200
_MOST_FROM_ONE = 20
"""Open meetings from one address: one neighbour alone cannot keep the door shut for everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meeting:
    request: JoinRequest
    offer: JoinOffer
    ends: datetime
    source: str


class Meetings:
    """Every unit that knocks, until it is let in or its time is up."""

    def __init__(
        self, *, station: StationId, key: HubKey, store: Store, broker_url: str, clips_url: str
    ) -> None:
        """The URLs are what units are told to use."""
        self._station = station
        self._key = key
        self._store = store
        self._broker_url = broker_url
        self._clips_url = clips_url
        self._open: dict[str, _Meeting] = {}

    def request(self, raw: bytes, now: datetime, source: str = "") -> tuple[int, bytes]:
        """First knock: the unit is bound to its nonce, and is shown ours. `source` is the address it comes
        from; "" where it does not tell one box from another."""
        try:
            request = read(JoinRequest, raw)
        except BadMessage as fault:
            return 400, write({"error": str(fault)})
        self._open = {nkey: meeting for nkey, meeting in self._open.items() if now < meeting.ends}
        if request.nkey not in self._open and self._is_full(source):
            return 503, write({"error": "too many units knock at once; try again later"})
        offer = JoinOffer(station=self._station, verify_key=str(self._key.verify), nonce=new_nonce())
        self._open[request.nkey] = _Meeting(request=request, offer=offer, ends=now + _LIFE, source=source)
        return 200, write(offer)

    def _is_full(self, source: str) -> bool:
        same = sum(meeting.source == source for meeting in self._open.values()) if source else 0
        return len(self._open) >= _MOST or same >= _MOST_FROM_ONE

    def reveal(self, raw: bytes, now: datetime) -> tuple[int, bytes]:
        """Second knock, repeated until answered: is it let in? Raises StoreFault."""
        try:
            reveal = read(JoinReveal, raw)
        except BadMessage as fault:
            return 400, write({"error": str(fault)})
        meeting = self._open.get(reveal.nkey)
        if meeting is None or now >= meeting.ends:
            return 410, write({"error": "this meeting is over; begin again"})
        body = self._judged(meeting, reveal, now)
        answer = JoinAnswer(nkey=reveal.nkey, nonce=meeting.offer.nonce, body=body)
        return 200, seal_answer(self._key, answer)

    def _judged(
        self, meeting: _Meeting, reveal: JoinReveal, now: datetime
    ) -> Pending | TurnedAway | Accepted:
        if not keeps_its_word(meeting.request, reveal):
            del self._open[reveal.nkey]
            return TurnedAway(reason="the nonce is not the one you were bound to")
        joined = self._store.units.by_nkey(reveal.nkey)
        if joined is not None and joined.forbidden:
            return TurnedAway(reason="this unit was shut out by a person")
        if joined is not None:
            return Accepted(
                station=self._station,
                unit=joined.unit.id,
                name=joined.unit.name,
                zone=joined.unit.zone,
                broker=self._broker_url,
                clips=self._clips_url,
            )
        digits = code(reveal.nkey, meeting.offer, reveal.nonce)
        waiting = Waiting(
            nkey=reveal.nkey,
            wish=meeting.request.name,
            code=digits,
            first_seen=now,
            expires=meeting.ends,
        )
        self._store.joining.ask(waiting)
        return Pending()
