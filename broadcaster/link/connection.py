"""Both ends of the wire over NATS: one connection after the other, kept for ever.

Laws
1. Whoever lost the connection waits a little, by chance, before each try: a thousand units must not knock at
   the same moment, and none is away longer than five seconds after the network is back.
2. A unit whose key the broker does not know asks ever less often: each refusal costs a kilobyte and a half.
3. What an answer is given to come grows with what was said: a day's records take a while over a thin line.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Never

from broadcaster.domain.names import BadName, StationId, UnitId
from broadcaster.link.identity import Identity
from broadcaster.link.line import Heard, Hears, Line
from broadcaster.link.messages import Subjects
from broadcaster.link.reaching import Address
from broadcaster.link.rights import PANELS_INBOX, inbox
from broadcaster.link.usage import Meter
from broadcaster.link.wire import (
    AskRefused,
    Fault,
    NoAnswer,
    NotConnected,
    OnBeat,
    OnConnected,
    OnOrder,
    OnWake,
    Serve,
    Take,
    TooLarge,
)

__all__ = ["PORT", "REFUSED", "HubLink", "Pace", "UnitLink"]

PORT = 4222
"""Where brokers listen when nobody says otherwise."""

REFUSED = "Refused"
"""The header of an answer that says no; its value is the reason."""

_SLOWEST = 1000
"""Bytes a second over the thinnest line on which an answer is still waited for."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patient a connection is, in seconds.

    `unheard`: what was sent was not acknowledged for so long: the link is cut; a change of cell takes less.
    `quiet`: nothing came for so long, so the broker is asked whether it is there; a unit asks the hub oftener
    than that for the time, and a question without an answer makes it look too. `reach` and `greeting`: to
    be connected, and then greeted. `receipt`: for what is told, and may have to wait until what a thousand
    others told is written down; to tell it again would make it no faster. The waits between tries double from
    `first_wait` to `longest_wait`, or to `refused_wait` while the broker knows no such key; chance takes off
    up to three quarters.
    """

    unheard: float = 12.0
    quiet: float = 170.0
    reach: float = 10.0
    greeting: float = 15.0
    answer: float = 5.0
    receipt: float = 30.0
    first_wait: float = 1.0
    longest_wait: float = 4.0
    refused_wait: float = 60.0


_IN_THE_OFFICE = Pace(quiet=10.0, first_wait=0.25, longest_wait=1.0)
"""The hub's: it sits beside its broker, and a thousand units wait for it."""


class _Link:
    """What both ends have: one connection after the other, and the book of faults."""

    def __init__(self, url: str, identity: Identity, *, name: str, inbox_prefix: str, pace: Pace) -> None:
        self._url = url
        self._address = Address(url, port=PORT)
        self._identity = identity
        self._name = name
        self._inbox = inbox_prefix
        self._pace = pace
        self._current: Line | None = None
        self._up = asyncio.Event()
        self._faults: Counter[Fault] = Counter()
        self._last_fault = ""
        self._greet: OnConnected | None = None
        self._hears: dict[str, Hears] = {}
        self._beside: set[asyncio.Task[None]] = set()
        self._meter = Meter()

    @property
    def used(self) -> int:
        """See `wire.UnitEnd.used`."""
        if self._current is not None:
            self._current.read_meter()
        return self._meter.total

    @property
    def connected(self) -> bool:
        return self._current is not None and self._current.alive

    @property
    def faults(self) -> Mapping[Fault, int]:
        return self._faults

    @property
    def last_fault(self) -> str:
        return self._last_fault

    def on_connected(self, listener: OnConnected) -> None:
        self._greet = listener

    async def ready(self) -> None:
        await self._up.wait()
        while not self.connected:  # it broke, and `_keep` has not seen it yet
            await asyncio.sleep(0.05)
            await self._up.wait()

    async def run(self) -> Never:
        wait = self._pace.first_wait
        while True:
            fault = await self._one_connection()
            if fault is Fault.LOST:
                wait = self._pace.first_wait
            await asyncio.sleep(wait * random.uniform(0.25, 1.0))  # noqa: S311 - not a secret
            refused = fault is Fault.NOT_ADMITTED
            wait = min(2 * wait, self._pace.refused_wait if refused else self._pace.longest_wait)

    async def _one_connection(self) -> Fault:
        """Make one connection and keep it until it is lost. What ended it, which is counted."""
        line = Line(self._note, self._note_listener, self._meter)
        try:
            fault, words = await self._opened(line) or await self._keep(line)
        finally:
            await line.close()
        self._note(fault, words)
        return fault

    async def _opened(self, line: Line) -> tuple[Fault, str] | None:
        """What kept the line from being opened, if anything did."""
        try:
            await line.open(
                self._address,
                self._identity,
                name=self._name,
                inbox=self._inbox,
                hears=self._hears,
                reach=self._pace.reach,
                greeting=self._pace.greeting,
                unheard=self._pace.unheard,
            )
        except PermissionError as fault:
            return Fault.NOT_ADMITTED, f"{self._url}: {fault}"
        except OSError as fault:
            return Fault.UNREACHABLE, f"{self._url}: {str(fault) or 'silence'}"
        return None

    async def _keep(self, line: Line) -> tuple[Fault, str]:
        self._current = line
        self._up.set()
        greeting = asyncio.ensure_future(self._greet()) if self._greet is not None else None
        if greeting is not None:
            greeting.add_done_callback(self._on_greeted)
        try:
            return await line.until_lost(quiet=self._pace.quiet, answer=self._pace.answer)
        finally:
            self._up.clear()
            self._current = None
            if greeting is not None:
                greeting.cancel()
            for serving in self._beside:  # whom they would answer is not there any more
                serving.cancel()

    def _on_greeted(self, greeting: "asyncio.Future[None]") -> None:
        fault = None if greeting.cancelled() else greeting.exception()
        if fault is not None:
            self._note_listener(fault)

    def _on_served(self, serving: "asyncio.Task[None]") -> None:
        self._beside.discard(serving)
        self._on_greeted(serving)

    def _note(self, fault: Fault, words: str) -> None:
        self._faults[fault] += 1
        self._last_fault = f"{fault}: {words}"
        _logger.warning("wire name=%s fault=%s count=%d: %s", self._name, fault, self._faults[fault], words)

    def _note_listener(self, fault: BaseException) -> None:
        self._note(Fault.LISTENER, repr(fault))
        _logger.error("a listener failed", exc_info=fault)

    def _line(self, payload: bytes) -> Line:
        """The connection, for sending so much over it. Raises NotConnected, TooLarge."""
        line = self._current
        if line is None or not line.alive:
            raise NotConnected(f"there is no connection to {self._url}: {self._last_fault or 'not yet'}")
        if len(payload) > line.longest:
            raise TooLarge(f"{len(payload)} bytes are more than the {line.longest} that may travel")
        return line


class UnitLink(_Link):
    """A unit's end of the wire: see `wire.UnitEnd`."""

    def __init__(
        self, url: str, identity: Identity, station: StationId, unit: UnitId, *, pace: Pace | None = None
    ) -> None:
        super().__init__(url, identity, name=unit, inbox_prefix=inbox(unit), pace=pace or Pace())
        self._subjects = Subjects(station)
        self._unit = unit

    def on_order(self, listener: OnOrder) -> None:
        async def hears(heard: Heard) -> None:
            await listener(heard.payload)

        self._hears[self._subjects.order] = hears

    async def ask(self, question: bytes) -> bytes:
        return await self._request(self._subjects.ask(self._unit), question, self._pace.answer)

    async def tell(self, report: bytes) -> bytes:
        return await self._request(self._subjects.tell(self._unit), report, self._pace.receipt)

    async def beat(self, beat: bytes) -> None:
        with suppress(NotConnected, OSError):
            await self._line(beat).publish(self._subjects.beat(self._unit), beat)

    async def _request(self, subject: str, payload: bytes, within: float) -> bytes:
        line = self._line(payload)
        try:
            most = within + len(payload) / _SLOWEST
            said = await line.request(subject, payload, answer=self._pace.answer, most=most)
        except OSError as fault:
            raise NoAnswer(f"the hub does not answer: {str(fault) or 'silence'}") from fault
        refusal = said.headers.get(REFUSED)
        if refusal is not None:
            raise AskRefused(refusal)
        return said.payload


class HubLink(_Link):
    """The hub's end of the wire: see `wire.HubEnd`."""

    def __init__(self, url: str, identity: Identity, station: StationId, *, pace: Pace | None = None) -> None:
        super().__init__(url, identity, name="hub", inbox_prefix="_INBOX.hub", pace=pace or _IN_THE_OFFICE)
        self._subjects = Subjects(station)

    def on_ask(self, serve: Serve) -> None:
        self._serve(self._subjects.ask("*"), serve)

    def on_tell(self, serve: Serve) -> None:
        self._serve(self._subjects.tell("*"), serve, beside=True)

    def on_beat(self, listener: OnBeat) -> None:
        async def hears(heard: Heard) -> None:
            unit = self._speaker(heard)
            if unit is not None:
                await listener(unit, heard.payload)

        self._hears[self._subjects.beat("*")] = hears

    def on_wake(self, listener: OnWake) -> None:
        async def hears(_: Heard) -> None:
            await listener()

        self._hears[self._subjects.wake] = hears

    def on_handed_over(self, take: Take) -> None:
        async def hears(heard: Heard) -> None:
            if not _is_in(PANELS_INBOX, heard.reply):
                self._note(Fault.MISDIRECTED, f"the panel wants its answer at {heard.reply[:80]!r}")
                return
            headers: dict[str, str] | None = None
            try:
                await take(heard.payload)
            except AskRefused as refusal:
                headers = {REFUSED: str(refusal)}
            with suppress(NotConnected):  # nobody is there any more to be answered
                await self._line(b"").publish(heard.reply, b"", headers)

        self._hears[self._subjects.desk_alert] = hears

    async def order(self, envelope: bytes) -> None:
        line = self._line(envelope)
        try:
            await line.publish(self._subjects.order, envelope)
            await line.settled(self._pace.answer)
        except OSError as fault:
            await line.close()  # begin afresh
            raise NotConnected(f"the broker did not take the order: {str(fault) or 'silence'}") from fault

    def _serve(self, subject: str, serve: Serve, *, beside: bool = False) -> None:
        async def hears(heard: Heard) -> None:
            unit = self._speaker(heard)
            if unit is None or not self._in_its_inbox(unit, heard.reply):
                return
            serving = self._answer(serve, unit, heard)
            if not beside:
                await serving
                return
            task = asyncio.create_task(serving)
            self._beside.add(task)
            task.add_done_callback(self._on_served)

        self._hears[subject] = hears

    async def _answer(self, serve: Serve, unit: UnitId, heard: Heard) -> None:
        headers: dict[str, str] | None = None
        try:
            answer = await serve(unit, heard.payload)
        except AskRefused as refusal:
            answer, headers = b"", {REFUSED: str(refusal)}
        with suppress(NotConnected):  # nobody is there any more to be answered
            await self._line(answer).publish(heard.reply, answer, headers)

    def _speaker(self, heard: Heard) -> UnitId | None:
        """Which unit speaks, by the subject, which the broker has checked; None, and counted, for none."""
        token = heard.subject.rpartition(".")[2]
        try:
            unit = UnitId(token)
        except BadName:
            self._note(Fault.MISDIRECTED, f"{token[:80]!r} is not the id of a unit")
            return None
        return unit

    def _in_its_inbox(self, unit: UnitId, reply: str) -> bool:
        """Whether the answer is wanted in the asker's own inbox; if not it is counted, and given nowhere."""
        if _is_in(inbox(unit), reply):
            return True
        self._note(Fault.MISDIRECTED, f"{unit} wants its answer at {reply[:80]!r}")
        return False


def _is_in(prefix: str, reply: str) -> bool:
    """Whether that is one subject below the prefix."""
    return reply.startswith(f"{prefix}.") and not {"*", ">"} & set(reply)
